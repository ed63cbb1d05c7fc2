# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo.tests import freeze_time, tagged

from odoo.addons.queue_job_operations.tests.common_alert import START
from odoo.addons.queue_job_operations.tests.common_metrics import (
    MetricsMixin,
    MonitoringMixin,
)

from .common import AiQueueCommon
from .common_operations import AiQueueAlertMixin

KEY = "sk-very-secret-4711"


class AiQueueMetricsCommon(AiQueueAlertMixin, MetricsMixin, AiQueueCommon):
    """An empty queue, and calls of nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ai.queue.call.total"].search([]).unlink()
        cls.env["ai.queue.request"].search([]).unlink()
        cls.env.cr.execute("DELETE FROM ai_queue_call")
        cls.provider = cls.env["ai.queue.provider"].create(
            {
                "name": 'Tower "A"',
                "base_url": "http://127.0.0.1:9",
                "currency_id": cls.company.currency_id.id,
            }
        )

    def add_call(self, minute=0, **vals):
        """A call that was asked, and is over, in a minute."""
        date = START + timedelta(minutes=minute)
        return self.env["ai.queue.call"].create(
            {
                "key": f"key {minute} {len(vals)}",
                "kind": "forecast",
                "state": "answered",
                "outcome": "ok",
                "provider_id": self.provider.id,
                "company_id": self.company.id,
                "user_id": self.user.id,
                "model": "large",
                "date": date,
                "date_done": date,
                "budget_date": date.date(),
                "requests": 1,
                "tokens_in": 100,
                "tokens_out": 10,
                "tokens": 110,
                "cost": 0.5,
                "latency": 2.0,
                **vals,
            }
        )

    def count_calls(self, outcome="ok", minute=0):
        return self.value(
            "ai_queue_calls_total",
            minute,
            provider=self.provider.name,
            kind="forecast",
            outcome=outcome,
        )


@tagged("post_install", "-at_install")
class TestMetricsOfCalls(AiQueueMetricsCommon):
    def test_calls_tokens_and_cost(self):
        self.add_call(-90)
        self.add_call(-1, requests=3)
        self.add_call(-1, state="failed", outcome="key", tokens_out=0, cost=0.25)
        self.add_call(-2, is_estimated=True, tokens=40, tokens_in=0, tokens_out=0)
        self.add_call(-1, state="asking", outcome=False)
        currency = self.company.currency_id.name
        expected = {
            ("ai_queue_calls_total", "outcome", "ok"): 3,
            ("ai_queue_calls_total", "outcome", "key"): 1,
            ("ai_queue_call_requests_total", None, None): 6,
            ("ai_queue_call_seconds_total", None, None): 8.0,
            ("ai_queue_tokens_total", "direction", "sent"): 300,
            ("ai_queue_tokens_total", "direction", "answered"): 20,
            ("ai_queue_tokens_total", "direction", "estimated"): 40,
            ("ai_queue_cost_total", "currency", currency): 1.75,
        }
        for _round in ("from the calls", "from their totals and the last calls"):
            samples = self.scrape()
            for (name, label, text), value in expected.items():
                labels = {("provider", self.provider.name), ("kind", "forecast")}
                if label:
                    labels.add((label, text))
                self.assertAlmostEqual(samples[name, frozenset(labels)], value, 6, name)
            self.env["ai.queue.call.total"]._add_up()
        in_flight = self.value("ai_queue_calls_in_flight", provider=self.provider.name)
        self.assertEqual(in_flight, 1)

    def add_up(self, minute):
        with freeze_time(START + timedelta(minutes=minute)):
            self.env.flush_all()
            self.env["ai.queue.call.total"]._add_up()
        self.env.invalidate_all()

    def test_calls_are_added_up_once(self):
        self.add_call(-90)
        self.add_call(-61)
        self.add_call(-59)
        for minute in (0, 0, 1, 30, 30):
            self.add_up(minute)
            self.assertEqual(self.count_calls(minute=minute), 3)
        totals = self.env["ai.queue.call.total"].search([])
        self.assertEqual(totals.calls, 3)

    def test_calls_wait_for_one_that_is_still_asked(self):
        asked = self.add_call(-95, state="asking", outcome=False)
        self.add_call(-90)
        self.add_up(0)
        self.assertEqual(self.count_calls(), 1)
        asked.write({"state": "answered", "outcome": "ok"})
        self.assertEqual(self.count_calls(), 2)
        self.add_up(0)
        self.assertEqual(self.count_calls(), 2)

    def test_a_lost_call_counts_once_it_is_not_found_again(self):
        call = self.add_call(-30, state="lost", outcome="lost", is_estimated=True)
        self.add_up(0)
        self.assertIsNone(self.count_calls("lost"))
        self.add_up(31)
        self.assertEqual(self.count_calls("lost", 31), 1)
        # Found again later still: what was counted stays as it was.
        call.write({"state": "answered", "outcome": "ok"})
        self.assertEqual(self.count_calls("lost", 32), 1)

    def test_counters_of_calls_never_go_back(self):
        self.env["ir.config_parameter"].set_param("ai_queue.call_days", "1")
        old = self.add_call(-2 * 1440)
        older = self.add_call(-3 * 1440, outcome="key", state="failed")
        recent = self.add_call(-30)
        before = {
            key: value
            for key, value in self.scrape().items()
            if key[0].endswith("_total")
        }
        self.assertEqual(self.count_calls(), 2)
        self.tidy_up()
        self.assertFalse((old | older).exists())
        self.assertTrue(recent.exists())
        after = self.scrape()
        self.assertEqual({key: after[key] for key in before}, before)

    def test_what_was_not_added_up_is_not_deleted(self):
        call = self.add_call(-800 * 1440)
        asked = self.add_call(-801 * 1440, state="asking", outcome=False)
        self.tidy_up()
        self.assertTrue(call.exists())
        asked.write({"state": "lost", "outcome": "lost"})
        self.tidy_up()
        self.assertFalse(call.exists())
        self.assertEqual((self.count_calls(), self.count_calls("lost")), (1, 1))

    def test_the_cron_of_each_minute_adds_up(self):
        self.add_call(-90)
        self.env.ref("ai_queue.ir_cron_sync_runs").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.env["ai.queue.call.total"].search([]).calls, 1)

    def test_budgets_of_today(self):
        self.company.partner_id.tz = "UTC"
        self.company.ai_queue_budget_cost = 10.0
        self.add_call(-60)
        self.add_call(-1, state="asking", outcome=False, cost=1.5)
        self.add_call(-24 * 60)
        labels = {
            "company": self.company.name,
            "unit": self.company.currency_id.name,
        }
        self.assertEqual(self.value("ai_queue_budget_spent", **labels), 2.0)
        self.assertEqual(self.value("ai_queue_budget_limit", **labels), 10.0)
        labels["unit"] = "tokens"
        self.assertIsNone(self.value("ai_queue_budget_spent", **labels))
        self.company.ai_queue_budget_tokens = 1000
        self.assertEqual(self.value("ai_queue_budget_spent", **labels), 220)
        self.assertEqual(self.value("ai_queue_budget_limit", **labels), 1000)

    def test_breaker(self):
        state = self.provider.state_ids
        labels = {"provider": self.provider.name}
        for breaker, value in ("closed", 0), ("probing", 1), ("open", 2):
            state.breaker_state = breaker
            self.assertEqual(self.value("ai_queue_breaker_state", **labels), value)
        self.provider.active = False
        self.assertIsNone(self.value("ai_queue_breaker_state", **labels))


@tagged("post_install", "-at_install")
class TestMetricsOfAi(MonitoringMixin, AiQueueMetricsCommon):
    addon, prefix = "ai_queue", "ai_queue_"

    def test_runs_by_state(self):
        name = "ai_queue_runs"
        before = self.value(name, state="failed")
        self.env["ai.queue.run"].create(
            {"name": "Run", "kind": "forecast", "state": "failed"}
        )
        self.assertEqual(self.value(name, state="failed"), before + 1)
        states = dict(self.env["ai.queue.run"]._fields["state"].selection)
        for state in states:
            self.assertIsNotNone(self.value(name, state=state))

    # EXTENDS queue_job_operations
    def fill(self):
        result = super().fill()
        self.add_call(-1)
        self.company.ai_queue_budget_tokens = 1000
        return result

    def test_it_takes_no_more_statements_for_more_calls(self):
        self.fill()
        metrics = self.env["queue.job.metrics"].sudo()
        few = self.count_queries(metrics._render)
        for number in range(5):
            self.add_call(-number, kind="invoice")
        self.assertEqual(self.count_queries(metrics._render), few)
        self.assertLess(few, 30)

    def test_what_runs_are_about_makes_no_series(self):
        self.fill()
        exported = self.exported()
        labels = {
            label
            for name in exported
            if name.startswith(self.prefix)
            for label in exported[name]
        }
        self.assertEqual(
            labels,
            {
                *("provider", "kind", "outcome", "direction", "currency"),
                *("company", "unit", "state"),
            },
        )

    def test_neither_key_nor_address_of_a_provider_is_exported(self):
        self.provider.base_url = "http://user.example.com/v1"
        self.provider._store_key(KEY)
        self.fill()
        text = self.env["queue.job.metrics"].sudo()._render().decode()
        self.assertIn("Tower", text)
        for secret in (KEY, "user.example.com"):
            self.assertNotIn(secret, text)
