# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# The channel of a job, as the job runner understands it.
CHANNEL = SQL(
    "CASE WHEN channel = 'root' OR starts_with(channel, 'root.') THEN channel "
    "ELSE coalesce('root.' || channel, 'root') END"
)

# How long a job ran. PostgreSQL has 0 as well where nobody knows: the job was never
# started, or a person set it to done.
RUN_TIME = SQL("CASE WHEN exec_time > 0 THEN exec_time END")

# Older ones leave no note: nothing that is shown counts them.
NOTED_DAYS = 8


class QueueJobHourLeft(models.Model):
    """Jobs that had ended and are not among the ended ones any more.

    Queued again, or deleted. A note is only ever added here, within the transaction
    that takes the job away: so nothing waits, nothing conflicts, and who reads notes
    and jobs together finds each job exactly once. ``queue.job.hour`` takes them up.
    """

    _name = "queue.job.hour.left"
    _description = "Job No Longer among Those That Ended"
    _log_access = False

    ended = fields.Datetime(required=True, readonly=True)
    state = fields.Char(required=True, readonly=True)
    channel = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    run_time = fields.Float(readonly=True)
    wait_time = fields.Float(readonly=True)

    _ended_idx = models.Index("(ended)")

    @api.model
    def _select_ended(self, start, end, condition):
        """Jobs that ended, as they are in the queue now.

        The time of a failed job is when it failed; how long it took is not counted, nor
        of one that is done without having run.

        :param start: from here on
        :param end: up to here, excluded
        :param SQL condition: on the columns of the table
        :return: SQL with the columns of this model
        """
        return SQL(
            """
            SELECT date_done AS ended, 'done' AS state, %(channel)s AS channel,
                   company_id, %(run_time)s AS run_time,
                   wait_time AS wait_time
              FROM queue_job
             WHERE state = 'done' AND date_done >= %(start)s AND date_done < %(end)s
               AND %(condition)s
             UNION ALL
            SELECT date_state, 'failed', %(channel)s, company_id,
                   NULL::float8, NULL::float8
              FROM queue_job
             WHERE state = 'failed'
               AND date_state >= %(start)s AND date_state < %(end)s
               AND %(condition)s
            """,
            channel=CHANNEL,
            run_time=RUN_TIME,
            start=start,
            end=end,
            condition=condition,
        )

    @api.model
    def _add(self, jobs):
        """Note that these jobs, which have ended, are about to change or to go."""
        jobs.flush_recordset()
        since = fields.Datetime.now() - timedelta(days=NOTED_DAYS)
        since = min(since, self.env["queue.job.hour"]._get_watermark())
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO queue_job_hour_left
                       (ended, state, channel, company_id, run_time, wait_time)
                SELECT * FROM (%s) AS job
                """,
                self._select_ended(since, "infinity", SQL("id IN %s", tuple(jobs.ids))),
            )
        )
