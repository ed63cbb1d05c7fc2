# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import JsonRpcException, freeze_time, tagged
from odoo.tools import mute_logger

from ..controllers import token
from ..histograms import BOUNDS
from .common import QueueJobHttpCommon
from .common_alert import CHANNEL, START
from .common_hour import OTHER
from .common_metrics import MetricsCommon, MonitoringMixin, parse

TOKEN = "metrics-4711-ä"


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
class TestMetricsAsAWhole(MonitoringMixin, MetricsCommon):
    addon, prefix = "queue_job_operations", "queue_job_"

    def test_it_takes_few_statements_however_many_jobs_there_are(self):
        self.fill()
        metrics = self.env["queue.job.metrics"].sudo()
        few = self.count_queries(metrics._render)
        for number in range(5):
            self.add_jobs(4, made=-number, channel=f"root.more_{number}")
            self.add_done(-5 - number, 4, channel=f"root.more_{number}")
        self.assertEqual(self.count_queries(metrics._render), few)
        self.assertLess(few, 30)

    def test_what_jobs_are_about_makes_no_series(self):
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
                *("channel", "state", "le", "rule", "severity"),
                *("version", "queue_job", "odoo"),
            },
        )


@tagged("post_install", "-at_install")
class TestMetricsPage(QueueJobHttpCommon):
    """Who gets to see them."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(token, "get_option", lambda *args: None))
        self.set_token(TOKEN)

    def set_token(self, value):
        self.startPatcher(patch.dict(os.environ, {token.VARIABLE: value}))

    def ask(self, given=TOKEN, **headers):
        headers["Authorization"] = f"Bearer {given}".encode()
        return self.url_open("/queue_job/metrics", headers=headers)

    def test_with_the_token(self):
        self.env["queue.job.alert.target"].create(
            {
                "name": "Hook",
                "type": "webhook",
                "webhook_url": "https://hooks.example.com/very-secret-path",
                "webhook_secret": "very-secret-4711",
            }
        )
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
        for secret in (TOKEN, "very-secret-4711", "hooks.example.com"):
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
            self.assertNotIn("queue_job_", answer.text)

    def test_nobody_who_is_logged_in_needs_it_less(self):
        self.authenticate("job_manager", "job_manager")
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
                self.rpc_model(metrics, method)
            self.assertIn("AccessError", str(caught.exception))
