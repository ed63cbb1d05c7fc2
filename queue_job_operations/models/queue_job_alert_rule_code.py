# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import math
from datetime import timedelta

from odoo import models
from odoo.fields import Datetime
from odoo.tools import SQL

from odoo.addons.queue_job.job import ENQUEUED, PENDING

from ..checkup.facts import DANGER
from .queue_job_alert_rule import Finding
from .queue_job_hour_left import CHANNEL

# A job waits since it was made, put off until, or queued again; one that was found dead
# while it ran still has the date of its start.
WAITS_SINCE = SQL("greatest(date_created, eta, date_started, date_state)")
FAILED_ON = SQL("date_state")
# Keys of the check-up that other rules look at, with thresholds.
WITH_RULES = ("runner",)

# The short window reaches back as far as it takes to see enough jobs: where few end,
# the last minutes alone would say nothing.
_FAILURES = """
    WITH job AS MATERIALIZED (
        SELECT %(channel)s AS channel, date_done AS ended, 0 AS failed
          FROM queue_job
         WHERE state = 'done' AND date_done >= %(since)s
         UNION ALL
        SELECT %(channel)s, %(failed_on)s, 1
          FROM queue_job
         WHERE state = 'failed' AND %(failed_on)s >= %(since)s
    ), placed AS (
        SELECT channel, ended, failed,
               %(has_short)s AND (
                   ended >= %(recent)s
                   OR rank() OVER (PARTITION BY channel ORDER BY ended DESC)
                      <= %(least)s) AS is_short
          FROM job
         WHERE channel IN (SELECT channel FROM job WHERE failed = 1)
    ), counted AS (
        SELECT channel,
               count(*) AS ended,
               sum(failed) AS failed,
               count(*) FILTER (WHERE is_short) AS short_ended,
               sum(failed) FILTER (WHERE is_short) AS short_failed,
               min(ended) FILTER (WHERE is_short) AS short_since
          FROM placed
         GROUP BY 1
        HAVING count(*) >= %(least)s
    ), judged AS (
        SELECT *,
               100.0 * failed / ended >= %(threshold)s AS is_long,
               short_failed > 0
               AND 100.0 * short_failed / short_ended >= %(short_threshold)s AS is_short
          FROM counted
    )
    SELECT * FROM judged WHERE is_long OR is_short
"""

_BACKLOG = """
    SELECT channel,
           count(*) FILTER (WHERE waits) AS waiting,
           count(*) FILTER (WHERE date_created >= %(since)s) AS came,
           count(ended) AS ended
      FROM (SELECT %(channel)s AS channel, date_created,
                   NULL::timestamp AS ended, true AS waits
              FROM queue_job
             WHERE state = 'pending' AND (eta IS NULL OR eta <= %(now)s)
             UNION ALL
            SELECT %(channel)s, date_created, NULL, state = 'enqueued'
              FROM queue_job
             WHERE state IN ('enqueued', 'started')
               AND (eta IS NULL OR eta <= %(now)s)
             UNION ALL
            SELECT %(channel)s, date_created, date_done, false
              FROM queue_job
             WHERE state = 'done' AND date_done >= %(since)s
             UNION ALL
            SELECT %(channel)s, date_created, %(failed_on)s, false
              FROM queue_job
             WHERE state = 'failed' AND %(failed_on)s >= %(since)s) AS job
     GROUP BY 1
    HAVING count(*) FILTER (WHERE waits) >= greatest(%(least)s, 1)
       AND count(*) FILTER (WHERE date_created >= %(since)s)
           > count(ended) * (1 + %(threshold)s / 100.0)
       AND count(*) FILTER (WHERE date_created >= %(since)s
                              AND date_created < %(middle)s)
           > count(*) FILTER (WHERE ended < %(middle)s)
       AND count(*) FILTER (WHERE date_created >= %(middle)s)
           > count(*) FILTER (WHERE ended >= %(middle)s)
"""


class QueueJobAlertRule(models.Model):
    """What the rules look at: all jobs of the database.

    Every method takes the present moment and returns findings; it reads as many rows
    as wait, run, or ended within the window, whatever else is in the table.
    """

    _inherit = "queue.job.alert.rule"

    def _query(self, query):
        self.env["queue.job"].flush_model()
        return self.env.execute_query_dict(query)

    def _select_waiting(self, now):
        """The jobs that could run now: FROM and WHERE."""
        return SQL(
            "FROM (%s) AS job WHERE eta IS NULL OR eta <= %s",
            # One state at a time: the index of what waits holds all of this.
            SQL(" UNION ALL ").join(
                SQL(
                    "SELECT channel, date_created, eta, date_started, date_state "
                    "FROM queue_job WHERE state = %s",
                    state,
                )
                for state in (PENDING, ENQUEUED)
            ),
            now,
        )

    def _evaluate_waiting(self, now):
        """Channels whose oldest job that could run has waited so many minutes."""
        limit = now - timedelta(minutes=self.threshold)
        rows = self._query(
            SQL(
                """
                SELECT %(channel)s AS channel,
                       min(%(since)s) AS oldest,
                       count(*) FILTER (WHERE %(since)s <= %(limit)s) AS jobs
                  %(waiting)s
                 GROUP BY 1
                HAVING min(%(since)s) <= %(limit)s
                """,
                channel=CHANNEL,
                since=WAITS_SINCE,
                limit=limit,
                waiting=self._select_waiting(now),
            )
        )
        channels = self.env["queue.job.channel"].search(
            [("complete_name", "in", [row["channel"] for row in rows])]
        )
        paused = set(channels.filtered("effective_paused").mapped("complete_name"))
        return [
            Finding(
                row["channel"],
                _minutes(now - row["oldest"]),
                {
                    "channel": row["channel"],
                    "jobs": row["jobs"],
                    "until": Datetime.to_string(limit),
                    "paused": row["channel"] in paused,
                },
            )
            for row in rows
        ]

    def _evaluate_failures(self, now):
        """Channels in which too many of the jobs failed that ended in the window, or in
        the short one: a channel where everything has begun to fail is noticed at once.
        """
        since = now - timedelta(minutes=self.window)
        rows = self._query(
            SQL(
                _FAILURES,
                channel=CHANNEL,
                failed_on=FAILED_ON,
                since=since,
                # Without a short window nothing is recent.
                recent=now - timedelta(minutes=self.short_window),
                has_short=bool(self.short_window),
                least=max(self.min_count, 1),
                threshold=self.threshold,
                short_threshold=self.short_threshold,
            )
        )
        return [self._find_failures(row, now, since) for row in rows]

    def _find_failures(self, row, now, since):
        # What goes on now says more than what was.
        failed, ended = row["failed"], row["ended"]
        if row["is_short"]:
            failed, ended = row["short_failed"], row["short_ended"]
            since = min(row["short_since"], now - timedelta(minutes=self.short_window))
        return Finding(
            row["channel"],
            100.0 * failed / ended,
            {
                "channel": row["channel"],
                "failed": int(failed),
                "ended": ended,
                "minutes": math.ceil(_minutes(now - since)),
                "since": Datetime.to_string(since),
            },
        )

    def _evaluate_dead(self, now):
        """Jobs whose process was gone: given up, or started again."""
        since = now - timedelta(minutes=self.window)
        self._note_dead(now)
        (row,) = self._query(
            SQL(
                """
                SELECT count(*) AS jobs,
                       count(*) FILTER (WHERE state = 'failed') AS failed
                  FROM (%s) AS job
                """,
                self._select_dead(since),
            )
        )
        if not row["jobs"] or row["jobs"] < self.threshold:
            return []
        since = Datetime.to_string(since)
        return [Finding("", row["jobs"], {**row, "since": since})]

    def _note_dead(self, now):
        """Since when a job is found dead: the SQL of the job runner does not say."""
        self.env["queue.job"].flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE queue_job SET date_state = %s WHERE state = 'failed' "
                "AND exc_name = 'JobFoundDead' AND date_state IS NULL",
                now,
            )
        )
        self.env["queue.job"].invalidate_model(["date_state"], flush=False)

    def _select_dead(self, since):
        """Jobs found dead since then: hook for addons that keep the tries of jobs which
        run again.

        :return: ``SQL`` with the columns ``id`` and ``state`` of ``queue_job``
        """
        return SQL(
            """
            SELECT id, state FROM queue_job
             WHERE state = 'failed' AND exc_name = 'JobFoundDead'
               AND date_state >= %s
            """,
            since,
        )

    def _evaluate_runner(self, now):
        """No job runner for so many minutes.

        Where there never was one, and where it does not hear of jobs, this matters as
        soon as a job waits for it.
        """
        runner = self.env["queue.job.runner"]
        problem = runner._get_problem()
        if not problem or problem == "foreign":
            return []
        (row,) = self._query(
            SQL(
                "SELECT count(*) AS jobs, min(%s) AS oldest %s",
                WAITS_SINCE,
                self._select_waiting(now),
            )
        )
        seen = problem != "deaf" and runner._get_latest().date_seen
        since = seen or row["oldest"]
        if not since or _minutes(now - since) < self.threshold:
            return []
        details = {"jobs": row["jobs"], "problem": problem}
        return [Finding("", _minutes(now - since), details)]

    def _evaluate_setup(self, _now):
        """What the check-up calls a danger, but for what has a rule of its own."""
        return [
            Finding(
                f"{verdict.key}:{verdict.subject}".rstrip(":"),
                0.0,
                {"key": verdict.key, "case": verdict.case, "values": verdict.values},
            )
            for verdict in self.env["queue.job.checkup"]._get_verdicts(quick=True)
            if verdict.severity == DANGER and verdict.key not in WITH_RULES
        ]

    def _evaluate_backlog(self, now):
        """Channels in which more came in than ended, in both halves of the window.

        One large batch falls into one of the halves. What was cancelled counts on
        neither side.
        """
        since = now - timedelta(minutes=self.window)
        rows = self._query(
            SQL(
                _BACKLOG,
                channel=CHANNEL,
                failed_on=FAILED_ON,
                now=now,
                since=since,
                middle=since + timedelta(minutes=self.window / 2),
                least=self.min_count,
                threshold=self.threshold,
            )
        )
        return [
            Finding(
                row["channel"],
                100.0 * (row["came"] - row["ended"]) / max(row["ended"], 1),
                {**row, "minutes": self.window},
            )
            for row in rows
        ]


def _minutes(duration):
    return duration.total_seconds() / 60
