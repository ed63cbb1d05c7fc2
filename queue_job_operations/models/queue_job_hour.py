# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..histograms import BOUNDS, Tally

#: in the place of the hour: all closed hours of a channel together
EVER = datetime(1970, 1, 1)
#: in the place of the channel: all of them together, which is what is mostly asked for
ALL = "*"
HOUR = timedelta(hours=1)


def of_companies(companies):
    """A condition: of these companies, or of none."""
    return SQL("(company_id IS NULL OR company_id = ANY(%s))", list(companies.ids))


class QueueJobHour(models.Model):
    """How many jobs of a channel ended in an hour, and how long they took.

    For all jobs of the database. No job writes here: closed hours are counted once, all
    at a time (see ``queue_job_hour_close.py``), and stay when queue_job deletes its old
    jobs; the hours that are still open are counted straight from the queue. What is
    queued again or deleted after it had ended is noted (``queue.job.hour.left``). So
    both can be told: how often jobs ended, and how many of them are there to be listed.
    """

    _name = "queue.job.hour"
    _description = "Jobs That Ended in an Hour"
    _order = "hour desc, channel, id"
    _rec_name = "hour"
    _log_access = False

    hour = fields.Datetime(required=True, readonly=True, help="Its beginning.")
    channel = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    done = fields.Integer(readonly=True)
    failed = fields.Integer(readonly=True)
    done_left = fields.Integer(
        string="Done, Gone", readonly=True, help="Requeued or deleted since."
    )
    failed_left = fields.Integer(
        string="Failed, Gone", readonly=True, help="Requeued or deleted since."
    )
    # {number of the bucket: jobs that were done}, see histograms.py
    runs = fields.Json(readonly=True)
    waits = fields.Json(readonly=True)
    run_sum = fields.Float(string="Run Time (s)", readonly=True)
    wait_sum = fields.Float(string="Waiting Time (s)", readonly=True)

    _hour_uniq = models.UniqueIndex("(hour, channel, coalesce(company_id, 0))")

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    def _count(self, start, end, companies, seconds=3600):
        """How many jobs ended in each stretch of time and are still to be listed.

        :param datetime start: where the first stretch begins; at a full hour if they
            are hours
        :param datetime end: excluded
        :param companies: jobs of these, and those without one
        :param int seconds: the length of a stretch: hours, or less
        :return: {beginning: (done, failed)}, of those in which a job ended
        """
        mine = of_companies(companies)
        split = self._get_split(start, end, seconds)
        rows = self._query(
            SQL(
                """
                SELECT floor(extract(epoch FROM ended - %(start)s) / %(seconds)s)::int,
                       sum(done)::bigint, sum(failed)::bigint
                  FROM (SELECT hour AS ended, done - done_left AS done,
                               failed - failed_left AS failed
                          FROM queue_job_hour
                         WHERE hour >= %(start)s AND hour < %(split)s
                           AND channel = %(all)s AND %(mine)s
                         UNION ALL
                        SELECT ended, -(state = 'done')::int, -(state = 'failed')::int
                          FROM queue_job_hour_left
                         WHERE ended >= %(start)s AND ended < %(split)s AND %(mine)s
                         UNION ALL
                        SELECT ended, (state = 'done')::int, (state = 'failed')::int
                          FROM (%(live)s) AS job) AS counted
                 GROUP BY 1
                """,
                start=SQL("%s::timestamp", start),
                split=split,
                all=ALL,
                seconds=seconds,
                mine=mine,
                live=self.env["queue.job.hour.left"]._select_ended(split, end, mine),
            )
        )
        return {
            start + timedelta(seconds=seconds * number): (done, failed)
            for number, done, failed in rows
        }

    @api.model
    def _measure(self, start, end, companies):
        """How long jobs ran that were done in a time, and had waited before.

        Those that are gone since are among them. Nothing is known of the waits of jobs
        that were done before the addon was there.

        :param datetime start: if not at a full hour, only the queue itself is looked at
        :param datetime end: excluded
        :return: a ``Tally`` with ``run_times`` and ``wait_times``
        """
        mine = of_companies(companies)
        split = self._get_split(start, end)
        tally = Tally()
        for of_channel in self._tally_open(split, end, mine).values():
            tally.merge(of_channel)
        closed = SQL(
            "hour >= %s AND hour < %s AND channel = %s AND %s", start, split, ALL, mine
        )
        tally.merge(self._tally_closed(closed))
        return tally

    @api.model
    def _totals(self):
        """What ended since the first job, for counters that never go back.

        Of all companies. Jobs that were queued again or deleted stay counted, and one
        that ended twice counts twice.

        :return: {channel: ``Tally``} with ``done``, ``failed``, ``run_times`` and
            ``wait_times``; the last two are of jobs that were done, and their
            ``cumulative()`` is what a Prometheus histogram wants
        """
        totals = defaultdict(Tally)
        for row in self.sudo().search([("hour", "=", EVER)]):
            totals[row.channel].merge(row._to_tally())
        start = self._get_watermark()
        for key, tally in self._tally_open(start, datetime.max, SQL("TRUE")).items():
            _hour, channel, _company = key
            totals[channel].merge(tally)
        return dict(totals)

    # ------------------------------------------------------------
    # PARTS OF FIGURES
    # ------------------------------------------------------------

    def _query(self, query):
        # Written by SQL, and read together with what is in the cache still.
        self.env["queue.job"].flush_model()
        self.flush_model()
        self.env.cr.execute(query)
        return self.env.cr.fetchall()

    @api.model
    def _get_watermark(self):
        """The end of the last closed hour; without one, a time before all jobs."""
        [(last,)] = self._query(SQL("SELECT max(hour) FROM queue_job_hour"))
        return (last or EVER) + HOUR

    def _get_split(self, start, end, seconds=3600):
        """Where in this time the closed hours end that tell enough of it."""
        if seconds < 3600 or start.minute or start.second:
            return start
        return min(max(start, self._get_watermark()), end)

    def _tally_open(self, start, end, condition, by_hour=False):
        """What ended in hours that are not closed: from the queue, and from the notes.

        :return: {(hour or None, channel, id of the company or None): ``Tally``}
        """
        rows = self._query(
            SQL(
                """
                SELECT %(hour)s AS hour, channel, company_id, state, is_left,
                       %(run)s AS run, %(wait)s AS wait,
                       count(*), sum(run_time), sum(wait_time)
                  FROM (SELECT *, false AS is_left FROM (%(live)s) AS job
                         UNION ALL
                        SELECT ended, state, channel, company_id, run_time, wait_time,
                               true
                          FROM queue_job_hour_left
                         WHERE ended >= %(start)s AND ended < %(end)s
                           AND %(condition)s) AS job
                 GROUP BY 1, 2, 3, 4, 5, 6, 7
                """,
                hour=SQL("date_trunc('hour', ended)" if by_hour else "NULL::timestamp"),
                run=bucket(SQL("run_time")),
                wait=bucket(SQL("wait_time")),
                live=self.env["queue.job.hour.left"]._select_ended(
                    start, end, condition
                ),
                start=start,
                end=end,
                condition=condition,
            )
        )
        found = defaultdict(Tally)
        for hour, channel, company, state, is_left, run, wait, count, *sums in rows:
            found[hour, channel, company].add(
                count, state, is_left, (run, sums[0]), (wait, sums[1])
            )
        return found

    def _tally_closed(self, condition):
        """Run and waiting times of closed hours."""
        cells = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, cell.key::int, sum(cell.value::bigint)::bigint "
                "FROM queue_job_hour, jsonb_each_text(%s) AS cell "
                "WHERE %s GROUP BY 2",
                name,
                SQL.identifier(name),
                condition,
            )
            for name in ("runs", "waits")
        )
        tally = Tally()
        for name, number, count in self._query(cells):
            getattr(tally, name)[number] += count
        [sums] = self._query(
            SQL(
                "SELECT coalesce(sum(run_sum), 0), coalesce(sum(wait_sum), 0) "
                "FROM queue_job_hour WHERE %s",
                condition,
            )
        )
        tally.run_sum, tally.wait_sum = sums
        return tally

    def _to_tally(self):
        """What one row holds."""
        return Tally(
            self.done,
            self.failed,
            self.done_left,
            self.failed_left,
            _counter(self.runs),
            _counter(self.waits),
            self.run_sum,
            self.wait_sum,
        )


def bucket(duration):
    """The number of the bucket of a duration, in SQL: how many bounds it exceeds."""
    return SQL(
        "%s - width_bucket(-(%s), %s::float8[])",
        len(BOUNDS),
        duration,
        [-bound for bound in reversed(BOUNDS)],
    )


def _counter(cells):
    return Counter({int(number): count for number, count in (cells or {}).items()})
