# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..histograms import Tally
from .queue_job_hour import ALL, EVER, HOUR
from .queue_job_hour_left import NOTED_DAYS

# A job notes when it ended and commits a little later; clocks differ a little, too.
MARGIN = timedelta(minutes=10)
STEP = timedelta(days=1)


class QueueJobHour(models.Model):
    """Closing hours: their jobs are counted once, and never looked at again.

    What is read here, the jobs and the notes of those that left, is one picture (the
    transaction reads repeatably). A job that leaves while its hour is being closed is
    in the picture as a job, and its note is found later: so it counts once, as one that
    ended and has left. Two that close the same hour get in each other's way, and one of
    them fails: nothing is counted twice.
    """

    _inherit = "queue.job.hour"

    @api.model
    def _cron_close(self):
        """Close the hours that are over, a day at a time."""
        rules = self.env["queue.job.alert.rule"]
        if not rules.search_count([("code", "=", "dead")]):
            # Else that rule does it: without a date such a failure counts nowhere.
            rules._note_dead(fields.Datetime.now())
        closed = _floor(fields.Datetime.now() - MARGIN)
        start = self._get_start(closed)
        while start < closed:
            end = min(start + STEP, closed)
            self._close(start, end)
            start = end
            left = (closed - start).days
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break

    def _get_start(self, closed):
        """Where the hours begin that are not closed yet."""
        start = self._get_watermark()
        if start > EVER + HOUR:
            return start
        [(first,)] = self._query(
            SQL(
                """
                SELECT least(
                    (SELECT min(date_done) FROM queue_job WHERE state = 'done'),
                    (SELECT min(date_state) FROM queue_job WHERE state = 'failed'),
                    (SELECT min(ended) FROM queue_job_hour_left))
                """
            )
        )
        return _floor(min(first or closed, closed - HOUR))

    def _close(self, start, end):
        """Count what ended between two full hours, the first of them the watermark."""
        found = self._tally_open(start, end, SQL("TRUE"), by_hour=True)
        self._take_up_left(start, end)
        totals = defaultdict(Tally)
        for (_hour, channel, _company), tally in found.items():
            totals[channel].merge(tally)
        found = _with_all(found)
        # So that the last closed hour is known, also when nothing ended in it.
        found.setdefault((end - HOUR, ALL, None), Tally())
        self._create_hours(found)
        hours = self.sudo()
        known = hours.search([("hour", "=", EVER)])
        row_of = {row.channel: row for row in known}
        for channel, tally in totals.items():
            row = row_of.get(channel)
            if row:
                tally.merge(row._to_tally())
                row.write(_to_vals(tally))
            else:
                hours.create({"hour": EVER, "channel": channel, **_to_vals(tally)})

    def _create_hours(self, tallies):
        """Rows of these hours: {(hour, channel, id of the company or None): ``Tally``}.

        Who reads hours must not write them.
        """
        self.sudo().create(
            [
                {
                    "hour": hour,
                    "channel": channel,
                    "company_id": company,
                    **_to_vals(tally),
                }
                for (hour, channel, company), tally in tallies.items()
            ]
        )

    def _take_up_left(self, start, end):
        """Enter jobs that left closed hours, and forget all notes of closed hours.

        :param start: hours before are closed already
        :param end: hours before will be closed now, with their notes
        """
        self._query(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM queue_job_hour_left WHERE ended < %s
                    RETURNING ended, state, channel, company_id
                )
                UPDATE queue_job_hour AS row
                   SET done_left = row.done_left + gone.done,
                       failed_left = row.failed_left + gone.failed
                  FROM (SELECT date_trunc('hour', ended) AS hour, entered.channel,
                               coalesce(company_id, 0) AS company,
                               count(*) FILTER (WHERE state = 'done') AS done,
                               count(*) FILTER (WHERE state = 'failed') AS failed
                          FROM gone
                         CROSS JOIN LATERAL
                               (VALUES (gone.channel), (%s)) AS entered(channel)
                         WHERE ended < %s
                         GROUP BY 1, 2, 3) AS gone
                 WHERE row.hour = gone.hour AND row.channel = gone.channel
                   AND coalesce(row.company_id, 0) = gone.company
             RETURNING row.id
                """,
                end,
                ALL,
                start,
            )
        )
        self.invalidate_model(["done_left", "failed_left"], flush=False)

    # ------------------------------------------------------------
    # ONCE A DAY
    # ------------------------------------------------------------

    @api.autovacuum
    def _check_hours(self):
        """Bring closed hours in line with the queue, where SQL of others changed it.

        Jobs that somebody deleted by hand left no note, and one that committed very
        late is in no hour.
        """
        end = self._get_watermark()
        start = _floor(fields.Datetime.now() - timedelta(days=NOTED_DAYS))
        if start >= end:
            return
        self._take_up_left(end, end)
        listed = _with_all(self._tally_open(start, end, SQL("TRUE"), by_hour=True))
        domain = [("hour", ">=", start), ("hour", "<", end)]
        for row in self.sudo().search(domain):
            key = row.hour, row.channel, row.company_id.id or None
            tally = listed.pop(key, Tally())
            row._set_listed(tally.done, tally.failed)
        self._create_hours(listed)

    def _set_listed(self, done, failed):
        """So many of the jobs that ended in this hour are still there."""
        vals = {}
        for name, listed in (("done", done), ("failed", failed)):
            ended, left = self[name], self[f"{name}_left"]
            if ended - left != listed:
                vals[name] = max(ended, listed)
                vals[f"{name}_left"] = max(ended, listed) - listed
        if vals:
            self.write(vals)


def _floor(moment):
    return moment.replace(minute=0, second=0, microsecond=0)


def _with_all(tallies):
    """The same, and all channels of an hour together."""
    together = defaultdict(Tally)
    for (hour, _channel, company), tally in tallies.items():
        together[hour, ALL, company].merge(tally)
    return {**tallies, **together}


def _to_vals(tally):
    return {
        "done": tally.done,
        "failed": tally.failed,
        "done_left": tally.done_left,
        "failed_left": tally.failed_left,
        "runs": {str(number): count for number, count in tally.runs.items()} or False,
        "waits": {str(number): count for number, count in tally.waits.items()} or False,
        "run_sum": tally.run_sum,
        "wait_sum": tally.wait_sum,
    }
