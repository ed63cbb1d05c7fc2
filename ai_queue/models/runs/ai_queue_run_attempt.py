# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.queue_job.job import CANCELLED, DONE, FAILED, PENDING, STARTED
from odoo.addons.queue_job_operations.models.queue_job import to_text

from .run_log import log_after_commit

# The attempts with these ids, as the log speaks of them.
_LOGGED = """
    SELECT attempt.run_id AS run, placed.number AS job, placed.count AS of,
           attempt.number AS attempt, placed.total AS records,
           placed.queue_job_uuid AS queue_job, attempt.duration AS seconds
      FROM ai_queue_run_attempt AS attempt
      JOIN (SELECT id, total, queue_job_uuid,
                   row_number() OVER (PARTITION BY run_id ORDER BY id) AS number,
                   count(*) OVER (PARTITION BY run_id) AS count
              FROM ai_queue_run_job
             WHERE run_id IN (SELECT run_id FROM ai_queue_run_attempt
                               WHERE id = ANY(%s))) AS placed
           ON placed.id = attempt.run_job_id
     WHERE attempt.id = ANY(%s)
     ORDER BY attempt.id
"""


class AiQueueRunAttempt(models.Model):
    """One try of one job of a run.

    queue_job forgets them. They are written with the state of the queue job, in the
    same transaction, so that neither is there without the other.
    """

    _name = "ai.queue.run.attempt"
    _description = "Attempt of a Job of an AI Run"
    _order = "id desc"
    _rec_name = "number"
    _log_access = False

    run_id = fields.Many2one(
        "ai.queue.run", required=True, readonly=True, index=True, ondelete="cascade"
    )
    run_job_id = fields.Many2one(
        "ai.queue.run.job",
        string="Job",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="run_id.company_id")
    number = fields.Integer(string="Attempt", readonly=True, aggregator=None)
    date_started = fields.Datetime(string="Started", required=True, readonly=True)
    date_ended = fields.Datetime(string="Ended", readonly=True)
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator="avg")
    outcome = fields.Selection(
        [
            ("started", "Running"),
            ("done", "Done"),
            ("waited", "Postponed"),
            ("retried", "Failed, tried again"),
            ("failed", "Failed"),
            ("killed", "Killed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        help="Postponed: the job waits for something, which does not count as a try. "
        "Killed: the process died; the job was found and ran again.",
    )
    message = fields.Text(readonly=True)

    _killed_idx = models.Index("(date_ended) WHERE outcome = 'killed'")

    @api.model
    def _note_states(self, queue_jobs, vals, retry_before):
        """Note what a write on queue jobs says of their attempts.

        :param dict vals: what was written
        :param int retry_before: tries counted before, of a job that writes itself
        """
        state, uuids = vals["state"], queue_jobs.mapped("uuid")
        if not uuids:
            return
        if state == STARTED:
            self._begin(uuids)
        elif state == DONE:
            self._end(uuids, "done", vals.get("result"))
        elif state == FAILED:
            exc_name = (vals.get("exc_name") or "").rpartition(".")[2]
            self._end(uuids, "failed", vals.get("exc_message"), why=exc_name)
        elif state == CANCELLED:
            self._end(uuids, "cancelled", vals.get("result"))
        elif state == PENDING:
            counted = vals.get("retry", retry_before) > retry_before
            self._end(
                uuids,
                "retried" if counted else "waited",
                vals.get("result"),
                until=fields.Datetime.to_datetime(vals.get("eta")),
                **queue_jobs._get_put_off(),
            )

    def _begin(self, uuids):
        # What is open still was killed: the lock of the job admits one at a time.
        self._end(uuids, "killed", None)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_queue_run_attempt (
                    run_id, run_job_id, number, date_started, outcome)
                SELECT job.run_id, job.id,
                       1 + (SELECT count(*) FROM ai_queue_run_attempt
                             WHERE run_job_id = job.id),
                       clock_timestamp() AT TIME ZONE 'UTC', 'started'
                  FROM ai_queue_run_job job
                 WHERE job.queue_job_uuid = ANY(%s)
             RETURNING id
                """,
                uuids,
            )
        )
        self._log("job_started", [row[0] for row in self.env.cr.fetchall()])
        self.invalidate_model()

    def _end(self, uuids, outcome, message, **logged):
        """Note that the attempts of these jobs are over.

        :param logged: what else the log says of them
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_run_attempt attempt
                   SET outcome = %s,
                       message = %s,
                       date_ended = clock_timestamp() AT TIME ZONE 'UTC',
                       duration = extract(epoch FROM (
                           clock_timestamp() AT TIME ZONE 'UTC') - attempt.date_started)
                  FROM ai_queue_run_job job
                 WHERE job.queue_job_uuid = ANY(%s)
                   AND attempt.run_job_id = job.id
                   AND attempt.outcome = 'started'
             RETURNING attempt.id
                """,
                outcome,
                to_text(message) or None,
                uuids,
            )
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        self._log("job_ended", ids, outcome=outcome, **logged)
        self.invalidate_model()

    def _log(self, event, ids, **values):
        if ids:
            rows = self.env.execute_query_dict(SQL(_LOGGED, ids, ids))
            log_after_commit(self.env, [(event, {**row, **values}) for row in rows])
