# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from odoo import api, models

from ..runs.ai_queue_run import STATES

BREAKER_STATES = {"closed": 0, "probing": 1, "open": 2}
# Label of tokens -> column of their total
TOKENS = {
    "sent": "tokens_in",
    "answered": "tokens_out",
    "estimated": "tokens_estimated",
}


class QueueJobMetrics(models.AbstractModel):
    """Runs, model calls and money."""

    _inherit = "queue.job.metrics"

    # EXTENDS queue_job_operations
    @api.private
    def collect(self):
        yield from super().collect()
        yield from self._collect_runs()
        yield from self._collect_calls()
        yield from self._collect_providers()
        yield from self._collect_budgets()

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
