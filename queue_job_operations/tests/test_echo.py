# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import psycopg2

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
        self.startPatcher(patch.object(echo, "_wait_notification", self.sleep))
        self.told, self.sent, self.jobs = [], [], []
        self.startPatcher(
            patch.object(announce, "send", lambda db: self.told.append(db))
        )
        self.startPatcher(
            patch.object(echo, "send", lambda name, payload: self.sent.append(payload))
        )
        self.runner = runner.QueueJobRunner(channel_config_string="root:1")
        self.notifies = []
        self.runner.db_by_name["one"] = SimpleNamespace(
            db_name="one", conn=SimpleNamespace(notifies=self.notifies)
        )
        self.late = []

    def take(self, job_runner):
        """What the host does with notifications: more may come while it reads jobs."""
        self.notifies += self.late
        self.late = []
        while self.notifies:
            payload = self.notifies.pop().payload
            self.jobs.append(payload)
            self.runner.channel_manager.remove_job(payload)

    def sleep(self, job_runner):
        """The runner sleeps until something arrives."""
        self.clock += self.sleeps

    def turn(self, sleeps, arrives=True, busy=0.0):
        """The runner looks at what has arrived, and sleeps.

        :param sleeps: so long, or until something arrives
        :param arrives: whether what it said last arrives then; "while it reads": not
            then, but a little later
        :param busy: before it looks, so many seconds are lost by other work
        """
        self.clock += busy
        self.runner.process_notifications()
        self.runner.run_jobs()
        self.sleeps = sleeps
        self.runner.wait_notification()
        if arrives and self.sent:
            queue = self.late if arrives == "while it reads" else self.notifies
            queue.append(SimpleNamespace(payload=self.sent[-1]))

    @property
    def outcome(self):
        return self.runner._operations_heartbeat.notifications["one"]

    def test_what_arrives_at_once_is_noted_and_taken_for_no_job(self):
        self.turn(0.1)
        self.assertIsNone(self.outcome)
        for _time in range(3):
            self.turn(9.9, arrives=False)
            self.turn(0.1)
        self.assertEqual(self.outcome, "arrive")
        self.assertGreaterEqual(len(set(self.sent)), 3)
        self.assertEqual((self.jobs, self.told), ([], []))

    def test_what_never_arrives_is_lost_from_the_second_on(self):
        for outcome in (None, None, "lost", "lost"):
            self.turn(10, arrives=False)
            self.assertEqual(self.outcome, outcome)
        self.turn(0.1)
        self.turn(0.1)
        self.assertEqual(self.outcome, "arrive")

    def test_what_comes_along_with_the_next_query_only_is_lost_too(self):
        for _time in range(4):
            self.turn(10)
        self.assertEqual(self.outcome, "lost")

    def test_a_runner_that_is_busy_is_not_deaf(self):
        for _time in range(5):
            self.turn(0.1, busy=40)
        self.assertEqual(self.outcome, "arrive")

    def test_nor_while_it_has_no_time_to_wait(self):
        self.turn(0.1)
        self.turn(0, arrives=False)
        self.assertEqual(self.outcome, "arrive")
        for _time in range(20):
            self.turn(0, arrives=False, busy=10)
        self.assertEqual(self.outcome, "arrive")
        for _time in range(3):
            self.turn(10, arrives=False)
        self.assertEqual(self.outcome, "lost")

    def test_what_arrives_while_it_reads_of_jobs_is_heard(self):
        for _time in range(5):
            self.turn(0.1, arrives="while it reads", busy=10)
        self.assertEqual(self.outcome, "arrive")

    def test_it_is_sent_every_ten_seconds_at_most(self):
        for _time in range(100):
            self.turn(0.1)
        self.assertLessEqual(len(self.sent), 2)

    def test_echoes_of_others_are_no_jobs_and_prove_nothing(self):
        self.turn(10, arrives=False)
        self.notifies.append(SimpleNamespace(payload=f"{echo.PREFIX}other"))
        self.notifies.append(SimpleNamespace(payload="a job"))
        self.turn(10, arrives=False)
        self.turn(10, arrives=False)
        self.assertEqual(self.jobs, ["a job"])
        self.assertEqual(self.outcome, "lost")

    def test_who_cannot_send_proves_nothing(self):
        def fail(name, payload):
            raise psycopg2.OperationalError

        self.turn(0.1)
        self.turn(0.1)
        with (
            patch.object(echo, "send", fail),
            self.assertLogs("odoo.addons.queue_job_operations.jobrunner.echo"),
        ):
            for _time in range(4):
                self.turn(10, arrives=False)
        self.assertEqual(self.outcome, "arrive")


@tagged("post_install", "-at_install")
class TestEchoTable(RunnerMixin, QueueJobCommon):
    """What people read of it."""

    def test_the_outcome_is_noted_with_the_sign_of_life(self):
        self.env.cr.execute("DELETE FROM queue_job_runner")
        cursor = SimpleNamespace(
            execute=self.env.cr.execute,
            fetchone=self.env.cr.fetchone,
            close=lambda: None,
        )
        job_runner = runner.QueueJobRunner(channel_config_string="root:1")
        job_runner.db_by_name["one"] = SimpleNamespace(
            db_name="one", conn=SimpleNamespace(cursor=lambda: cursor)
        )
        for outcome in (None, "lost", "arrive"):
            beats = heartbeat.Heartbeat()
            beats.notifications["one"] = outcome
            beats.beat(job_runner)
            self.env["queue.job.runner"].invalidate_model()
            self.assertEqual(self.runners.search([]).notifications, outcome or False)

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
