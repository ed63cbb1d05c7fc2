# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.queue_job.jobrunner import runner

from ..jobrunner import announce, echo, heartbeat
from .common import QueueJobCommon
from .common_alert import AlertCommon
from .common_channel import RunnerMixin


@tagged("post_install", "-at_install")
class TestEcho(BaseCase):
    """The runner hears what it says to itself, or notes that it does not."""

    def setUp(self):
        super().setUp()
        self.clock = 1000.0
        time = SimpleNamespace(monotonic=lambda: self.clock)
        self.startPatcher(patch.object(echo, "time", time))
        self.startPatcher(patch.object(heartbeat.Heartbeat, "beat", lambda *args: None))
        self.startPatcher(patch.object(announce, "_process_notifications", self.take))
        self.told, self.outcomes, self.sent, self.jobs = [], [], [], []
        self.startPatcher(
            patch.object(announce, "send", lambda db: self.told.append(db))
        )
        self.startPatcher(
            patch.object(echo, "note", lambda db, vals, out: self.outcomes.append(out))
        )
        self.startPatcher(
            patch.object(echo, "send", lambda name, payload: self.sent.append(payload))
        )
        self.runner = runner.QueueJobRunner(channel_config_string="root:1")
        self.notifies = []
        self.runner.db_by_name["one"] = SimpleNamespace(
            db_name="one", conn=SimpleNamespace(notifies=self.notifies)
        )

    def take(self, job_runner):
        """What the host does with notifications."""
        self.jobs += [each.payload for each in self.notifies]
        self.notifies.clear()

    def turn(self, seconds, delay=None):
        """The runner turns; what it sent last arrives after ``delay`` seconds."""
        if delay is not None:
            self.clock += delay
            self.notifies.append(SimpleNamespace(payload=self.sent[-1]))
            self.runner.process_notifications()
            seconds -= delay
        self.clock += seconds
        self.runner.process_notifications()
        self.runner.run_jobs()

    def test_what_arrives_at_once_is_noted_and_taken_for_no_job(self):
        self.turn(0)
        for _time in range(3):
            self.turn(10, delay=0.1)
        self.assertEqual(self.outcomes, [None, "arrive", "arrive", "arrive"])
        self.assertEqual(len(set(self.sent)), 4)
        self.assertEqual((self.jobs, self.told), ([], []))

    def test_what_never_arrives_is_lost_from_the_second_on(self):
        self.turn(0)
        for _time in range(3):
            self.turn(10)
        self.assertEqual(self.outcomes, [None, None, "lost", "lost"])
        self.turn(10, delay=0.1)
        self.assertEqual(self.outcomes[-1], "arrive")

    def test_what_comes_along_with_the_next_query_only_is_lost_too(self):
        self.turn(0)
        for _time in range(3):
            self.turn(10, delay=10)
        self.assertEqual(self.outcomes[-1], "lost")

    def test_it_is_sent_every_ten_seconds_at_most(self):
        for _time in range(100):
            self.turn(0.1)
        self.assertLessEqual(len(self.sent), 2)

    def test_echoes_of_others_are_no_jobs_and_prove_nothing(self):
        self.turn(0)
        self.notifies.append(SimpleNamespace(payload=f"{echo.PREFIX}other"))
        self.notifies.append(SimpleNamespace(payload="a job"))
        self.turn(10)
        self.turn(10)
        self.assertEqual(self.jobs, ["a job"])
        self.assertEqual(self.outcomes[-1], "lost")


@tagged("post_install", "-at_install")
class TestEchoTable(RunnerMixin, QueueJobCommon):
    """What people read of it."""

    def test_the_outcome_is_noted_beside_the_sign_of_life(self):
        self.seen()
        latest = self.runners._get_latest()
        cursor = SimpleNamespace(
            execute=self.env.cr.execute,
            fetchone=self.env.cr.fetchone,
            close=lambda: None,
        )
        db = SimpleNamespace(conn=SimpleNamespace(cursor=lambda: cursor))
        for outcome in ("lost", "arrive"):
            echo.note(db, {"name": latest.name, "pid": latest.pid}, outcome)
            latest.invalidate_recordset()
            self.assertEqual(latest.notifications, outcome)

    def test_a_deaf_runner_processes_nothing_and_everybody_says_so(self):
        self.seen(timedelta(0), notifications="arrive")
        self.assertFalse(self.problem(timedelta(hours=1)))
        self.seen(timedelta(0), notifications="lost")
        self.assertEqual(self.problem(timedelta(hours=1)), "deaf")
        self.assertFalse(self.runners._is_processing())
        self.assertIn("pgbouncer", self.runners._describe_problem())
        verdicts = self.env["queue.job.checkup"]._get_verdicts(quick=True)
        (found,) = [each for each in verdicts if each.key == "runner"]
        self.assertEqual((found.severity, found.case), ("danger", "deaf"))
        said = self.env["queue.job.checkup"]._describe_one(found)
        self.assertIn("Notifications do not arrive", said["what"])
        self.assertIn("jobrunner_db_host", said["why"])


@tagged("post_install", "-at_install")
class TestDeafAlert(AlertCommon):
    def test_people_hear_of_a_deaf_runner_as_soon_as_a_job_waits_for_it(self):
        self.env.cr.execute("UPDATE queue_job_runner SET notifications = 'lost'")
        self.assertFalse(self.watch(1).filtered(lambda alert: alert.code == "runner"))
        self.add_jobs(3, made=-30)
        alert = self.watch(2).filtered(lambda alert: alert.code == "runner")
        self.assertIn("Notifications do not arrive", alert.name)
        self.assertIn("pgbouncer", alert.advice)
