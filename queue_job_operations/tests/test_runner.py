# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.queue_job.jobrunner import runner

from ..jobrunner import echo, heartbeat
from ..jobrunner.channel_rules import Spec
from ..models import queue_job_runner
from .common import NOW, QueueJobCommon
from .common_channel import RunnerMixin

NOW = datetime.fromisoformat(NOW)


@tagged("post_install", "-at_install")
class TestHeartbeat(BaseCase):
    """When the runner says that it is there."""

    def setUp(self):
        super().setUp()
        self.clock = 1000.0
        time = SimpleNamespace(monotonic=lambda: self.clock)
        self.startPatcher(patch.object(heartbeat, "time", time))
        self.startPatcher(patch.object(echo, "check", lambda job_runner: None))
        self.runner = runner.QueueJobRunner(channel_config_string="root:4,root.bills:2")
        self.beats = []
        self.has_table = True
        connection = SimpleNamespace(cursor=lambda: self)
        self.runner.db_by_name["one"] = SimpleNamespace(
            db_name="one", conn=connection, keep_alive=lambda: None
        )

    # What a cursor has.

    def execute(self, query, vals=None):
        if query == heartbeat.BEAT:
            self.beats.append(vals)

    def fetchone(self):
        return (self.has_table,)

    def close(self):
        """Nothing to close."""

    def test_the_first_turn_tells(self):
        self.runner.run_jobs()
        self.assertEqual(len(self.beats), 1)
        self.assertEqual(self.beats[0]["database_count"], 1)

    def test_it_tells_every_ten_seconds_however_often_it_turns(self):
        for _turn in range(1000):
            self.runner.run_jobs()
            self.clock += 0.1
        self.assertLessEqual(len(self.beats), 12)
        self.assertGreaterEqual(len(self.beats), 10)

    def test_a_changed_tree_is_told_at_once(self):
        self.runner.run_jobs()
        self.runner._operations_channels.version += 1
        self.runner.run_jobs()
        self.runner.run_jobs()
        self.assertEqual(len(self.beats), 2)

    def test_a_database_without_the_addon_is_left_alone(self):
        self.has_table = False
        self.runner.run_jobs()
        self.assertEqual(self.beats, [])

    def test_the_tree_says_what_works_and_where_it_comes_from(self):
        live = self.runner._operations_channels
        live.wishes = {"two": {"root.bills": Spec(1)}}
        self.runner.channel_manager.notify(
            *("one", "root.bills", "job", 1, 0, 10, None, "started")
        )
        tree = heartbeat.describe(live, "one")
        self.assertEqual(set(tree), {"root", "root.bills"})
        self.assertEqual(
            tree["root.bills"],
            {
                "spec": Spec(2),
                "base": Spec(2),
                "others": Spec(1),
                "running": 1,
                "waiting": 0,
            },
        )


@tagged("post_install", "-at_install")
class TestRunner(RunnerMixin, QueueJobCommon):
    """What people are told of the runner."""

    def test_a_runner_that_was_just_seen_is_alive(self):
        self.seen(timedelta(seconds=12))
        self.assertFalse(self.problem(timedelta(hours=1)))
        self.assertFalse(self.problem())

    def test_none_was_ever_seen(self):
        self.assertEqual(self.problem(), "never")
        with self.connected(None):
            self.assertIn("server_wide_modules", self.runners._describe_problem())

    def test_none_is_seen_any_more(self):
        self.seen(timedelta(minutes=3))
        self.assertEqual(self.problem(), "silent")
        with self.connected(None):
            sentence = self.runners._describe_problem()
        self.assertIn("for 3 min: nothing is processed", sentence)

    def test_one_works_that_knows_nothing_of_us(self):
        self.assertEqual(self.problem(timedelta(hours=1)), "foreign")
        self.seen(timedelta(hours=2))
        self.assertEqual(self.problem(timedelta(hours=1)), "foreign")

    def test_one_is_connected_and_hangs(self):
        self.seen(timedelta(minutes=3))
        self.assertEqual(self.problem(timedelta(hours=1)), "stalled")

    def test_one_that_has_just_started_is_no_stranger(self):
        self.assertEqual(self.problem(timedelta(seconds=5)), "never")
        self.seen(timedelta(hours=2))
        self.assertEqual(self.problem(timedelta(seconds=5)), "silent")

    def test_a_host_that_reloads_by_itself_is_seen_by_its_lock(self):
        with patch.object(queue_job_runner, "HOST_RELOADS", True):
            self.assertFalse(self.problem(timedelta(hours=1)))
            self.assertEqual(self.problem(), "silent")

    def test_nobody_holds_the_lock_during_tests_but_a_real_runner(self):
        date = self.runners._get_lock_date()
        self.assertTrue(date is None or isinstance(date, datetime))

    def test_silence_in_words(self):
        for ago, words in (
            (timedelta(seconds=40), "40 s"),
            (timedelta(minutes=3, seconds=5), "3 min"),
            (timedelta(hours=5), "5 h"),
            (timedelta(days=3), "3 days"),
        ):
            self.seen(ago)
            self.assertEqual(self.runners._describe_silence(), words)

    def test_who_stands_by_is_named_and_does_not_work(self):
        self.seen(timedelta(seconds=5), server={"http_port": 8069})
        self.assertFalse(self.runners._describe_servers())
        for name, ago in (("next", 2), ("gone", 90)):
            self.runners.create(
                {
                    "name": name,
                    "pid": 7,
                    "date_seen": NOW - timedelta(seconds=ago),
                    "is_standby": True,
                }
            )
        working = self.runners._get_latest()
        self.assertFalse(working.is_standby)
        sentence = self.runners._describe_servers()
        self.assertIn(f"{working.name}:8069 is running", sentence)
        self.assertIn("ready to take over: next.", sentence)
        working.date_seen = NOW - timedelta(minutes=3)
        self.assertEqual(self.problem(), "silent")

    def test_other_databases_are_counted_not_named(self):
        self.seen()
        self.assertFalse(self.runners._describe_sharing())
        self.seen(database_count=3)
        self.assertIn("other databases (2)", self.runners._describe_sharing())

    def test_processes_long_gone_are_forgotten_but_the_last(self):
        self.seen(timedelta(days=9))
        self.runners.create(
            {"name": "server", "pid": 2, "date_seen": NOW - timedelta(days=3)}
        )
        self.runners.create(
            {
                "name": "server",
                "pid": 3,
                "date_seen": NOW - timedelta(days=2),
                "is_standby": True,
            }
        )
        self.tidy_up()
        self.assertEqual(self.runners.search([]).pid, 2)

    def test_why_jobs_that_wait_are_not_started(self):
        waiting = {"bills": ["root.bills", "bills.paper"], "off": ["root.off"]}
        self.seen(timedelta(minutes=3))
        with self.connected(None):
            held = self.runners._describe_held(waiting)
            self.assertEqual(set(held), set(waiting))
            for sentence in held.values():
                self.assertIn("No job runner has reported", sentence)
        self.seen()
        self.assertEqual(self.runners._describe_held(waiting), {})
        self.off.action_pause()
        held = self.runners._describe_held(waiting)
        self.assertEqual(set(held), {"off"})
        self.assertIn("The channel root.off is paused", held["off"])
        # Its jobs wait in a channel below as well, which is stopped with it.
        self.bills.action_pause()
        held = self.runners._describe_held(waiting)
        self.assertIn("root.bills, root.bills.paper", held["bills"])
        self.bills.action_resume()
        # As long as one of the channels starts jobs, nothing holds them up.
        self.paper.action_pause()
        self.assertEqual(set(self.runners._describe_held(waiting)), {"off"})
        self.assertEqual(self.runners._describe_held({}), {})
