# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import os
import re
from datetime import timedelta
from unittest.mock import patch

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from odoo.tests import JsonRpcException, freeze_time, tagged
from odoo.tools import file_open, mute_logger

from odoo.addons.ai_queue.tests.common import AiQueueHttpCommon

from ..controllers import token
from ..histograms import BOUNDS
from ..models import queue_job_metrics as queue_job_metrics
from .common_alert import CHANNEL, START
from .test_hour import OTHER, AiQueueHourCommon

TOKEN = "metrics-4711-ä"
NAME = re.compile(r"\bai_queue_[a-z_]+")
SELECTOR = re.compile(r"\b(ai_queue_[a-z_]+)\{([^}]*)\}")
GROUPING = re.compile(r"\b(?:by|on|without) \(([^)]*)\)")
#: labels that Prometheus or its functions know
GIVEN_LABELS = {"instance", "le"}


def parse(text):
    """Samples as the client library of Prometheus reads them: {(name, labels): value}.

    :param str text: in the text format
    """
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class MetricsCommon(AiQueueHourCommon):
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

    def scrape(self, minute=0):
        """What is exported at a minute, parsed."""
        with freeze_time(START + timedelta(minutes=minute)):
            self.env.invalidate_all(flush=True)
            text = self.env["queue.job.metrics"].sudo()._render().decode()
        return parse(text)

    def value(self, name, minute=0, **labels):
        """One value; None where there is none."""
        return self.scrape(minute).get((name, frozenset(labels.items())))

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
class TestMetricsOfJobs(MetricsCommon):
    def test_waiting_and_running_jobs(self):
        self.add_jobs(3, made=-5)
        self.add_jobs(1, made=-20, eta=-10)
        self.add_jobs(1, made=-60, eta=30)  # put off: it could not run now
        self.add_jobs(1, "enqueued", made=-7)
        self.add_jobs(2, "started", made=-9, date_started=-8)
        self.add_jobs(1, "wait_dependencies", made=-90)
        self.add_jobs(4, "failed", made=-90, date_state=-80)
        self.add_jobs(5, "done", made=-90, date_done=-80)
        self.add_jobs(2, channel="of_others", made=-1)
        samples = self.scrape()

        def jobs(channel, state):
            labels = {("channel", channel), ("state", state)}
            return samples.get(("queue_job_jobs", frozenset(labels)))

        self.assertEqual(jobs(CHANNEL, "pending"), 5)
        self.assertEqual(jobs(CHANNEL, "enqueued"), 1)
        self.assertEqual(jobs(CHANNEL, "started"), 2)
        self.assertEqual(jobs(CHANNEL, "wait_dependencies"), 1)
        self.assertEqual(jobs(CHANNEL, "failed"), 4)
        self.assertIsNone(jobs(CHANNEL, "done"))
        # As the job runner understands a channel without its root.
        self.assertEqual(jobs(OTHER, "pending"), 2)
        for channel, depth, oldest in (
            (CHANNEL, 5, 10 * 60),
            (OTHER, 2, 60),
            ("root", 0, 0),
        ):
            labels = frozenset({("channel", channel)})
            self.assertEqual(samples["queue_job_depth", labels], depth, channel)
            self.assertEqual(
                samples["queue_job_oldest_waiting_seconds", labels], oldest, channel
            )

    def test_capacity_and_pause(self):
        root = self.env.ref("queue_job.channel_root")
        root.capacity = 4
        channel = self.env["queue.job.channel"].create(
            {"name": "of_alerts", "parent_id": root.id, "capacity": 3}
        )
        names = ("queue_job_channel_capacity", "queue_job_channel_paused")
        for name, value in zip(names, (3, 0), strict=True):
            self.assertEqual(self.value(name, channel=CHANNEL), value)
        channel.action_pause()
        self.assertEqual(self.value(names[1], channel=CHANNEL), 1)
        root.capacity = 2
        self.assertEqual(self.value(names[0], channel=CHANNEL), 2)

    def test_job_runner(self):
        self.assertEqual(self.value("queue_job_runner_up", 0), 1)
        self.assertEqual(self.value("queue_job_runner_heartbeat_age_seconds", 0), 0)
        self.assertEqual(self.value("queue_job_runner_up", 2), 0)
        runner = self.registry["queue.job.runner"]
        for problem, up in (("foreign", 1), ("stalled", 0), (False, 1)):
            with patch.object(runner, "_get_problem", lambda self, p=problem: p):
                self.assertEqual(self.value("queue_job_runner_up", 2), up, problem)
        self.assertEqual(self.value("queue_job_runner_heartbeat_age_seconds", 2), 120)
        self.env["queue.job.runner"].search([]).unlink()
        self.assertEqual(self.value("queue_job_runner_up"), 0)
        self.assertIsNone(self.value("queue_job_runner_heartbeat_age_seconds"))

    def ended(self, state, minute=0):
        name = "queue_job_jobs_ended_total"
        return self.value(name, minute, channel=CHANNEL, state=state)

    def test_ended_jobs_and_how_long_they_took(self):
        self.add_done(-130, 2, run=0.5, wait=30.0)
        self.add_done(-5, 3, run=3.0, wait=600.0)
        self.add_failed(-5, 4)
        for close in (False, True):
            if close:
                self.close(0)
            samples = self.scrape()
            self.assertEqual((self.ended("done"), self.ended("failed")), (5, 4))
            for name, total, bound, below in (
                ("queue_job_job_run_seconds", 10.0, "1.0", 2),
                ("queue_job_job_wait_seconds", 1860.0, "100.0", 2),
            ):
                labels = frozenset({("channel", CHANNEL)})
                self.assertEqual(samples[f"{name}_sum", labels], total)
                self.assertEqual(samples[f"{name}_count", labels], 5)
                bucket = f"{name}_bucket"
                self.assertEqual(samples[bucket, labels | {("le", bound)}], below)
                self.assertEqual(samples[bucket, labels | {("le", "+Inf")}], 5)
                buckets = [key for key in samples if key[0] == bucket]
                self.assertEqual(len(buckets), len(BOUNDS) + 1)

    def test_counters_of_jobs_never_go_back(self):
        jobs = self.add_done(-130, 2) | self.add_done(-5, 3)
        self.close(0)
        jobs.unlink()
        self.assertEqual(self.ended("done"), 5)
        with freeze_time(START + timedelta(days=900)):
            self.tidy_up()
        self.assertEqual(self.ended("done"), 5)

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

    def test_alerts_that_are_not_over(self):
        self.stuff()
        self.watch(0)
        labels = {"rule": "waiting", "severity": "warning"}
        self.assertEqual(self.value("queue_job_alerts", **labels, state="open"), 1)
        alerts = self.env["queue.job.alert"].search([("code", "=", "waiting")])
        alerts.with_user(self.manager).action_acknowledge()
        self.assertIsNone(self.value("queue_job_alerts", **labels, state="open"))
        self.assertEqual(
            self.value("queue_job_alerts", **labels, state="acknowledged"), 1
        )
        alerts._resolve()
        names = {name for name, _labels in self.scrape()}
        self.assertNotIn("queue_job_alerts", names)

    def test_versions(self):
        [labels] = [
            dict(labels)
            for name, labels in self.scrape()
            if name == "queue_job_build_info"
        ]
        self.assertEqual(labels["odoo"], "19.0")
        self.assertTrue(labels["version"].startswith("19.0."))
        self.assertTrue(labels["queue_job"].startswith("19.0."))


@tagged("post_install", "-at_install")
class TestMetricsOfCalls(MetricsCommon):
    def test_calls_tokens_and_cost(self):
        self.add_call(-90)
        self.add_call(-1, requests=3)
        self.add_call(-1, state="failed", outcome="refused", tokens_out=0, cost=0.25)
        self.add_call(-2, is_estimated=True, tokens=40, tokens_in=0, tokens_out=0)
        self.add_call(-1, state="asking", outcome=False)
        currency = self.company.currency_id.name
        expected = {
            ("ai_queue_calls_total", "outcome", "ok"): 3,
            ("ai_queue_calls_total", "outcome", "refused"): 1,
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
        older = self.add_call(-3 * 1440, outcome="refused", state="failed")
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
class TestMetricsAsAWhole(MetricsCommon):
    def fill(self):
        """Something of everything."""
        self.add_jobs(1)
        self.add_jobs(1, "started", date_started=0)
        self.add_done(-5)
        self.add_failed(-5)
        self.add_call(-1)
        self.company.ai_queue_budget_tokens = 1000
        self.env.ref("queue_job.channel_root").capacity = 4
        self.stuff()
        self.watch(0)

    def exported(self):
        """{name of a sample: its labels}."""
        names = {}
        for name, labels in self.scrape():
            names.setdefault(name, set()).update(dict(labels))
        return names

    def test_it_takes_few_statements_however_many_jobs_there_are(self):
        self.fill()
        metrics = self.env["queue.job.metrics"].sudo()
        few = self.count_queries(metrics._render)
        for number in range(5):
            self.add_jobs(4, made=-number, channel=f"root.more_{number}")
            self.add_done(-5 - number, 4, channel=f"root.more_{number}")
            self.add_call(-number, kind="invoice")
        self.assertEqual(self.count_queries(metrics._render), few)
        self.assertLess(few, 30)

    def test_what_jobs_are_about_makes_no_series(self):
        self.fill()
        labels = {label for names in self.exported().values() for label in names}
        self.assertEqual(
            labels,
            {
                *("channel", "state", "le", "provider", "kind", "outcome"),
                *("direction", "currency", "company", "unit", "rule", "severity"),
                *("version", "queue_job", "odoo"),
            },
        )

    def test_an_addon_adds_its_own(self):
        collect = queue_job_metrics.QueueJobMetrics.collect

        def more(metrics):
            yield from collect(metrics)
            yield GaugeMetricFamily("ai_queue_more", "More.", value=7)

        with patch.object(self.registry["queue.job.metrics"], "collect", more):
            self.assertEqual(self.value("ai_queue_more"), 7)

    def test_every_family_says_what_it_is(self):
        self.fill()
        text = self.env["queue.job.metrics"].sudo()._render().decode()
        for family in text_string_to_metric_families(text):
            self.assertTrue(family.documentation, family.name)
            self.assertIn(family.type, ("gauge", "counter", "histogram"), family.name)

    # ------------------------------------------------------------
    # DASHBOARD AND RULES
    # ------------------------------------------------------------

    def read_expressions(self):
        """What the dashboard and the rules ask for: [(where, expression)]."""
        with file_open("ai_queue/monitoring/grafana_dashboard.json") as file:
            dashboard = json.load(file)
        found = [
            (panel["title"], target["expr"])
            for panel in dashboard["panels"]
            for target in panel.get("targets", ())
        ]
        found += [
            (variable["name"], variable["definition"])
            for variable in dashboard["templating"]["list"]
            if variable["type"] == "query"
        ]
        with file_open("ai_queue/monitoring/alert_rules.yml") as file:
            # An expression is one line, or the lines that are indented further.
            rules = re.findall(
                r"- alert: (\w+)\n +expr: (?:>-\n((?: {10}.*\n)+)|(.*)\n)", file.read()
            )
        found += [(name, folded or plain) for name, folded, plain in rules]
        self.assertGreater(len(rules), 5)
        return found

    def test_dashboard_and_rules_name_what_is_exported(self):
        self.fill()
        exported = self.exported()
        asked = set()
        for where, expression in self.read_expressions():
            names = set(NAME.findall(expression))
            self.assertTrue(names, where)
            self.assertLessEqual(names, exported.keys(), where)
            asked |= names
            for name, selectors in SELECTOR.findall(expression):
                labels = set(re.findall(r"(\w+) *(?:=~|!=|=)", selectors))
                self.assertLessEqual(labels - GIVEN_LABELS, exported[name], where)
            known = GIVEN_LABELS.union(*(exported[name] for name in names))
            for labels in GROUPING.findall(expression):
                self.assertLessEqual(set(re.split(r",\s*", labels)), known, where)
        # Nothing is exported that nobody looks at.
        bases = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}
        families = {
            re.sub(r"_(bucket|count|sum)$", "", name)
            for name in exported
            if not name.endswith("_created")
        }
        self.assertEqual(families, bases)

    def test_values_that_are_compared_exist(self):
        """States and severities in selectors are words that may come."""
        alerts = self.env["queue.job.alert"]._fields
        words = {
            *("done", "failed", "enqueued", "started"),
            *(word for word, _label in alerts["state"].selection),
            *(word for word, _label in alerts["severity"].selection),
        }
        for where, expression in self.read_expressions():
            for values in re.findall(r'(?:state|severity)=~?"([^"]*)"', expression):
                self.assertLessEqual(set(values.split("|")), words, where)

    def test_panels_lie_beside_each_other(self):
        with file_open("ai_queue/monitoring/grafana_dashboard.json") as file:
            dashboard = json.load(file)
        taken = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            cells = {
                (place["x"] + x, place["y"] + y)
                for x in range(place["w"])
                for y in range(place["h"])
            }
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            taken |= cells
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(set(ids)), len(ids))


@tagged("post_install", "-at_install")
class TestMetricsPage(AiQueueHttpCommon):
    """Who gets to see them."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(token, "get_option", lambda name: None))
        self.set_token(TOKEN)

    def set_token(self, value):
        self.startPatcher(patch.dict(os.environ, {token.VARIABLE: value}))

    def ask(self, given=TOKEN, **headers):
        headers["Authorization"] = f"Bearer {given}".encode()
        return self.url_open("/queue_job/metrics", headers=headers)

    def test_with_the_token(self):
        provider = self.env["ai.queue.provider"].create(
            {
                "name": "Secret Service",
                "base_url": "http://user.example.com/v1",
                "currency_id": self.company.currency_id.id,
            }
        )
        provider._store_key("sk-very-secret-4711")
        self.env.flush_all()
        answer = self.ask()
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(
            answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8"
        )
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("Set-Cookie", answer.headers)
        samples = parse(answer.text)
        names = {name for name, _labels in samples}
        self.assertLessEqual({"queue_job_build_info", "queue_job_runner_up"}, names)
        for secret in (TOKEN, "sk-very-secret-4711", "user.example.com"):
            self.assertNotIn(secret, answer.text)

    def test_off_by_default(self):
        self.set_token("")
        for given in ("", "None", TOKEN):
            self.assertEqual(self.ask(given).status_code, 404)

    def test_not_without_the_token(self):
        for given in ("", TOKEN[:-1], f"{TOKEN}x", "\xff"):
            answer = self.ask(given)
            self.assertEqual(answer.status_code, 401, given)
            self.assertIn("WWW-Authenticate", answer.headers)
            self.assertNotIn("ai_queue_", answer.text)

    def test_nobody_who_is_logged_in_needs_it_less(self):
        self.authenticate("ai_manager", "ai_manager")
        self.assertEqual(self.ask("").status_code, 401)

    def test_not_by_post(self):
        headers = {"Authorization": f"Bearer {TOKEN}".encode()}
        answer = self.url_open("/queue_job/metrics", data={"a": 1}, headers=headers)
        self.assertEqual(answer.status_code, 405)

    @mute_logger("odoo.http")
    def test_not_by_rpc(self):
        self.authenticate("admin", "admin")
        metrics = self.env["queue.job.metrics"]
        for method in ("collect", "_render"):
            with self.assertRaises(JsonRpcException) as caught:
                self.rpc(metrics, method)
            self.assertIn("AccessError", str(caught.exception))
