# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.utils import floatToGoString

from odoo import api, models, release
from odoo.tools import SQL

from odoo.addons.queue_job.job import ENQUEUED, PENDING

from .queue_job_alert_rule_code import WAITS_SINCE
from .queue_job_hour_left import CHANNEL


class QueueJobMetrics(models.AbstractModel):
    """What Prometheus scrapes: the figures of the whole database, as families.

    Labels are names of what an administrator has set up (channels, providers,
    companies, rules) and words from selections: there are as many series, however many
    jobs there are. Each group takes a statement or two, whatever the tables hold.
    """

    _name = "queue.job.metrics"
    _description = "Metrics of the Job Queue"

    @api.model
    def _render(self):
        """All metrics in the text format of Prometheus, as bytes."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    # What the registry calls.
    @api.private
    def collect(self):
        """Yield all metric families: hook for addons that have more."""
        yield from self._collect_build()
        yield from self._collect_runner()
        yield from self._collect_channels()
        yield from self._collect_waiting()
        yield from self._collect_ended()
        yield from self._collect_alerts()

    def _query(self, model, query, *args, **kwargs):
        self.env[model].flush_model()
        self.env.cr.execute(SQL(query, *args, **kwargs))
        return self.env.cr.fetchall()

    # ------------------------------------------------------------
    # THE QUEUE
    # ------------------------------------------------------------

    def _collect_build(self):
        family = GaugeMetricFamily(
            "queue_job_build_info",
            "Versions; always 1.",
            labels=["version", "queue_job", "odoo"],
        )
        versions = dict(
            self._query(
                "ir.module.module",
                "SELECT name, latest_version FROM ir_module_module WHERE name IN %s",
                ("queue_job_operations", "queue_job"),
            )
        )
        installed = [
            versions.get(name) or "" for name in ("queue_job_operations", "queue_job")
        ]
        family.add_metric([*installed, release.version], 1)
        yield family

    def _collect_runner(self):
        up = GaugeMetricFamily(
            "queue_job_runner_up",
            "Whether a job runner is running; also 1 for one that was started without "
            "this addon and does not report.",
        )
        up.add_metric([], int(self.env["queue.job.runner"]._is_processing()))
        yield up
        age = GaugeMetricFamily(
            "queue_job_runner_heartbeat_age_seconds",
            "Since the last sign of life of the job runner; none before there was any.",
        )
        latest = self.env["queue.job.runner"]._get_latest()
        if latest.date_seen:
            silence = datetime.now() - latest.date_seen
            age.add_metric([], max(0.0, silence.total_seconds()))
        yield age

    def _get_channels(self):
        # As many as somebody has made by hand.
        # pylint: disable=no-search-all
        return self.env["queue.job.channel"].search([], order="complete_name")

    def _collect_channels(self):
        capacity = GaugeMetricFamily(
            "queue_job_channel_capacity",
            "How many jobs of the channel, and of those below it, run at a time; none "
            "without a limit.",
            labels=["channel"],
        )
        paused = GaugeMetricFamily(
            "queue_job_channel_paused",
            "Whether the channel starts no jobs because it or one above it is paused.",
            labels=["channel"],
        )
        for channel in self._get_channels():
            name = channel.complete_name
            if channel.effective_capacity:
                capacity.add_metric([name], channel.effective_capacity)
            paused.add_metric([name], int(channel.effective_paused))
        yield capacity
        yield paused

    def _collect_waiting(self):
        """Jobs that are not over, of each channel without those below it."""
        jobs = GaugeMetricFamily(
            "queue_job_jobs",
            "Jobs by channel and state, without those that are done or cancelled.",
            labels=["channel", "state"],
        )
        depth = GaugeMetricFamily(
            "queue_job_depth",
            "Jobs that could run now and wait.",
            labels=["channel"],
        )
        oldest = GaugeMetricFamily(
            "queue_job_oldest_waiting_seconds",
            "How long the oldest job has waited that could run now.",
            labels=["channel"],
        )
        now = datetime.now()
        # Those that somebody has set up are always there, else nothing could be summed.
        names = self._get_channels().mapped("complete_name")
        waiting = dict.fromkeys(names, (0, now))
        for channel, state, count, ready, since in self._query_jobs(now):
            jobs.add_metric([channel, state], count)
            if state in (PENDING, ENQUEUED):
                before, oldest_since = waiting.get(channel, (0, now))
                waiting[channel] = before + ready, min(oldest_since, since or now)
        for channel, (ready, since) in sorted(waiting.items()):
            depth.add_metric([channel], ready)
            oldest.add_metric([channel], (now - since).total_seconds())
        yield jobs
        yield depth
        yield oldest

    def _query_jobs(self, now):
        # Each state by itself: so the indexes of those of which there may be millions
        # hold all that is asked for.
        return self._query(
            "queue.job",
            """
            SELECT %(channel)s, state, sum(jobs), sum(ready), min(since)
              FROM (SELECT channel, 'pending' AS state, count(*) AS jobs,
                           count(*) FILTER (WHERE eta IS NULL OR eta <= %(now)s)
                           AS ready,
                           min(%(since)s)
                           FILTER (WHERE eta IS NULL OR eta <= %(now)s) AS since
                      FROM queue_job WHERE state = 'pending'
                     GROUP BY 1
                     UNION ALL
                    SELECT channel, state, count(*),
                           count(*) FILTER (WHERE eta IS NULL OR eta <= %(now)s),
                           min(%(since)s)
                           FILTER (WHERE eta IS NULL OR eta <= %(now)s)
                      FROM queue_job WHERE state IN ('enqueued', 'started')
                     GROUP BY 1, 2
                     UNION ALL
                    SELECT channel, 'failed', count(*), 0, NULL
                      FROM queue_job WHERE state = 'failed'
                     GROUP BY 1
                     UNION ALL
                    SELECT channel, 'wait_dependencies', count(*), 0, NULL
                      FROM queue_job WHERE state = 'wait_dependencies'
                     GROUP BY 1) AS job
             GROUP BY 1, 2
             ORDER BY 1, 2
            """,
            channel=CHANNEL,
            since=WAITS_SINCE,
            now=now,
        )

    def _collect_ended(self):
        ended = CounterMetricFamily(
            "queue_job_jobs_ended",
            "Jobs that ended; one that ended twice counts twice.",
            labels=["channel", "state"],
        )
        run = HistogramMetricFamily(
            "queue_job_job_run_seconds",
            "How long jobs ran that were done.",
            labels=["channel"],
        )
        wait = HistogramMetricFamily(
            "queue_job_job_wait_seconds",
            "How long jobs had waited that were done, from when they could run.",
            labels=["channel"],
        )
        totals = self.env["queue.job.hour"]._totals()
        for channel, tally in sorted(totals.items()):
            ended.add_metric([channel, "done"], tally.done)
            ended.add_metric([channel, "failed"], tally.failed)
            for family, times in ((run, tally.run_times), (wait, tally.wait_times)):
                buckets = [
                    (floatToGoString(bound), count)
                    for bound, count in times.cumulative()
                ]
                family.add_metric([channel], buckets, times.sum)
        yield ended
        yield run
        yield wait

    def _collect_alerts(self):
        family = GaugeMetricFamily(
            "queue_job_alerts",
            "Alerts that are not over, by rule, severity and state.",
            labels=["rule", "severity", "state"],
        )
        rows = self._query(
            "queue.job.alert",
            "SELECT code, severity, state, count(*) FROM queue_job_alert "
            "WHERE state <> 'resolved' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        )
        for *labels, count in rows:
            family.add_metric(labels, count)
        yield family
