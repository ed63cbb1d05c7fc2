# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter
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

from .ai_queue_alert_rule_code import WAITS_SINCE
from .ai_queue_hour_left import CHANNEL
from .ai_queue_run import STATES

BREAKER_STATES = {"closed": 0, "probing": 1, "open": 2}
# Label of tokens -> column of their total
TOKENS = {
    "sent": "tokens_in",
    "answered": "tokens_out",
    "estimated": "tokens_estimated",
}


class AiQueueMetrics(models.AbstractModel):
    """What Prometheus scrapes: the figures of the whole database, as families.

    Labels are names of what an administrator has set up (channels, providers,
    companies, rules) and words from selections: there are as many series, however many
    jobs there are. Each group takes a statement or two, whatever the tables hold.
    """

    _name = "ai.queue.metrics"
    _description = "Metrics of AI Queue"

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
        yield from self._collect_runs()
        yield from self._collect_calls()
        yield from self._collect_providers()
        yield from self._collect_budgets()
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
            "ai_queue_build_info",
            "Versions; always 1.",
            labels=["version", "queue_job", "odoo"],
        )
        versions = dict(
            self._query(
                "ir.module.module",
                "SELECT name, latest_version FROM ir_module_module WHERE name IN %s",
                ("ai_queue", "queue_job"),
            )
        )
        installed = [versions.get(name) or "" for name in ("ai_queue", "queue_job")]
        family.add_metric([*installed, release.version], 1)
        yield family

    def _collect_runner(self):
        up = GaugeMetricFamily(
            "ai_queue_runner_up",
            "Whether a job runner works; also 1 for one that was started without AI "
            "Queue, and gives it no sign of life.",
        )
        up.add_metric([], int(self.env["ai.queue.runner"]._is_processing()))
        yield up
        age = GaugeMetricFamily(
            "ai_queue_runner_heartbeat_age_seconds",
            "Since the last sign of life of the job runner; none before there was any.",
        )
        latest = self.env["ai.queue.runner"]._get_latest()
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
            "ai_queue_channel_capacity",
            "How many jobs of the channel, and of those below it, run at a time; none "
            "without a limit.",
            labels=["channel"],
        )
        paused = GaugeMetricFamily(
            "ai_queue_channel_paused",
            "Whether the channel starts no jobs, as it or one above it is paused.",
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
            "ai_queue_jobs",
            "Jobs by channel and state, without those that are done or cancelled.",
            labels=["channel", "state"],
        )
        depth = GaugeMetricFamily(
            "ai_queue_depth",
            "Jobs that could run now and wait.",
            labels=["channel"],
        )
        oldest = GaugeMetricFamily(
            "ai_queue_oldest_waiting_seconds",
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
        return self._query(
            "queue.job",
            """
            SELECT %(channel)s, state, sum(jobs), sum(ready), min(since)
              FROM (SELECT channel, state, count(*) AS jobs,
                           count(*) FILTER (WHERE eta IS NULL OR eta <= %(now)s)
                           AS ready,
                           min(%(since)s)
                           FILTER (WHERE eta IS NULL OR eta <= %(now)s) AS since
                      FROM queue_job
                     WHERE state IN ('pending', 'enqueued', 'started')
                     GROUP BY 1, 2
                     UNION ALL
                    SELECT channel, state, count(*), 0, NULL
                      FROM queue_job WHERE state = 'failed'
                     GROUP BY 1, 2
                     UNION ALL
                    SELECT channel, state, count(*), 0, NULL
                      FROM queue_job WHERE state = 'wait_dependencies'
                     GROUP BY 1, 2) AS job
             GROUP BY 1, 2
             ORDER BY 1, 2
            """,
            channel=CHANNEL,
            since=WAITS_SINCE,
            now=now,
        )

    def _collect_ended(self):
        ended = CounterMetricFamily(
            "ai_queue_jobs_ended",
            "Jobs that ended; one that ended twice counts twice.",
            labels=["channel", "state"],
        )
        run = HistogramMetricFamily(
            "ai_queue_job_run_seconds",
            "How long jobs ran that were done.",
            labels=["channel"],
        )
        wait = HistogramMetricFamily(
            "ai_queue_job_wait_seconds",
            "How long jobs had waited that were done, from when they could run.",
            labels=["channel"],
        )
        totals = self.env["ai.queue.hour"]._totals()
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

    def _collect_runs(self):
        family = GaugeMetricFamily(
            "ai_queue_runs", "Runs that are kept, by state.", labels=["state"]
        )
        query = "SELECT state, count(*) FROM ai_queue_run GROUP BY 1"
        counts = dict(self._query("ai.queue.run", query))
        for state, _label in STATES:
            family.add_metric([state], counts.get(state, 0))
        yield family

    # ------------------------------------------------------------
    # MODELS AND MONEY
    # ------------------------------------------------------------

    def _collect_calls(self):
        labels = ["provider", "kind"]
        calls = CounterMetricFamily(
            "ai_queue_calls",
            "Questions to providers that are over, by what became of them.",
            labels=[*labels, "outcome"],
        )
        requests = CounterMetricFamily(
            "ai_queue_call_requests",
            "Requests sent for these questions, repeated ones among them.",
            labels=labels,
        )
        seconds = CounterMetricFamily(
            "ai_queue_call_seconds",
            "How long these questions took together.",
            labels=labels,
        )
        tokens = CounterMetricFamily(
            "ai_queue_tokens",
            "Tokens sent and answered; estimated where the provider did not say.",
            labels=[*labels, "direction"],
        )
        cost = CounterMetricFamily(
            "ai_queue_cost",
            "What these questions cost, in the currency of the company.",
            labels=[*labels, "currency"],
        )
        rows = self.env["ai.queue.call.total"]._get_totals()
        _add_sums(calls, rows, "calls", "outcome")
        _add_sums(requests, rows, "requests")
        _add_sums(seconds, rows, "seconds")
        for direction, column in TOKENS.items():
            _add_sums(tokens, rows, column, direction=direction)
        _add_sums(cost, rows, "cost", "currency")
        yield from (calls, requests, seconds, tokens, cost)

    def _collect_providers(self):
        breaker = GaugeMetricFamily(
            "ai_queue_breaker_state",
            "0: the provider works, 1: it is being tried again, 2: it is paused.",
            labels=["provider"],
        )
        asking = GaugeMetricFamily(
            "ai_queue_calls_in_flight",
            "Questions that are being asked.",
            labels=["provider"],
        )
        rows = self._query(
            "ai.queue.provider.state",
            """
            SELECT provider.name, state.breaker_state,
                   (SELECT count(*) FROM ai_queue_call AS call
                     WHERE call.provider_id = provider.id AND call.state = 'asking')
              FROM ai_queue_provider AS provider
              JOIN ai_queue_provider_state AS state
                ON state.provider_id = provider.id
             WHERE provider.active
             ORDER BY 1
            """,
        )
        for name, state, count in rows:
            breaker.add_metric([name], BREAKER_STATES[state])
            asking.add_metric([name], count)
        yield breaker
        yield asking

    def _collect_budgets(self):
        spent = GaugeMetricFamily(
            "ai_queue_budget_spent",
            "Spent and reserved today by companies with a budget; unit: the currency "
            "of the company, or tokens.",
            labels=["company", "unit"],
        )
        limit = GaugeMetricFamily(
            "ai_queue_budget_limit",
            "The budget of the day.",
            labels=["company", "unit"],
        )
        for company, cost, tokens in self.env["ai.queue.budget"]._get_spent_today():
            amounts = (
                (company.currency_id.name, cost, company.ai_queue_budget_cost),
                ("tokens", tokens, company.ai_queue_budget_tokens),
            )
            for unit, used, most in amounts:
                if most:
                    spent.add_metric([company.name, unit], used)
                    limit.add_metric([company.name, unit], most)
        yield spent
        yield limit

    def _collect_alerts(self):
        family = GaugeMetricFamily(
            "ai_queue_alerts",
            "Alerts that are not over, by rule, severity and state.",
            labels=["rule", "severity", "state"],
        )
        rows = self._query(
            "ai.queue.alert",
            "SELECT code, severity, state, count(*) FROM ai_queue_alert "
            "WHERE state <> 'resolved' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        )
        for *labels, count in rows:
            family.add_metric(labels, count)
        yield family


def _add_sums(family, rows, column, label=None, **fixed):
    """Add a sum for each provider and kind, and for each value of one label more.

    :param rows: as ``ai.queue.call.total`` gives them
    :param column: what to sum up
    :param label: the column of the further label
    :param fixed: the further label, where it is the same for all
    """
    sums = Counter()
    for row in rows:
        labels = [row["provider"], row["kind"], *fixed.values()]
        if label:
            labels.append(row[label])
        sums[tuple(labels)] += float(row[column])
    for labels, value in sums.items():
        family.add_metric(labels, value)
