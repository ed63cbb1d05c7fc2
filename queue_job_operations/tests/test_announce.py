# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from types import SimpleNamespace
from unittest.mock import patch

import psycopg2

from odoo import sql_db
from odoo.tests import BaseCase, tagged

from odoo.addons.queue_job.jobrunner import runner

from ..jobrunner import announce, echo, heartbeat
from ..jobrunner.dead_jobs import LOOK_SECONDS
from .common import QueueJobCommon

NOW = 1_000_000.0


@tagged("post_install", "-at_install")
class TestAnnounce(BaseCase):
    """When the job runner tells the screens that something has changed."""

    def setUp(self):
        super().setUp()
        self.clock = NOW
        self.startPatcher(patch.object(runner, "_odoo_now", lambda: self.clock))
        self.startPatcher(patch.object(heartbeat.Heartbeat, "beat", lambda *args: None))
        self.startPatcher(patch.object(echo, "check", lambda job_runner: None))
        self.told = []
        self.startPatcher(
            patch.object(announce, "send", lambda db: self.told.append(db.db_name))
        )
        self.startPatcher(patch.object(announce, "_process_notifications", self.take))
        self.runner = runner.QueueJobRunner(channel_config_string="root:1")
        for name in ("one", "two"):
            self.runner.db_by_name[name] = SimpleNamespace(
                db_name=name, conn=SimpleNamespace(notifies=[])
            )

    def take(self, job_runner):
        """What the host does with notifications, but for reading jobs."""
        for db in job_runner.db_by_name.values():
            db.conn.notifies.clear()

    def change(self, name="one", count=1):
        self.runner.db_by_name[name].conn.notifies += ["uuid"] * count

    def turn(self, seconds=0.0):
        self.clock += seconds
        self.runner.process_notifications()
        self.runner.run_jobs()

    def sleep(self):
        """For how long the runner would sleep now."""
        return self.runner.channel_manager.get_wakeup_time() - self.clock

    def test_nothing_to_tell(self):
        self.turn()
        self.turn(5)
        self.assertEqual(self.told, [])
        self.assertEqual(self.sleep(), LOOK_SECONDS)

    def test_a_change_is_told_at_once(self):
        self.change()
        self.turn()
        self.assertEqual(self.told, ["one"])
        self.turn(5)
        self.assertEqual(self.told, ["one"])

    def test_at_most_once_a_second_however_many_jobs_change(self):
        for _turn in range(1000):
            self.change(count=10)
            self.turn(0.0078125)
        self.assertEqual(len(self.told), 8)

    def test_the_last_change_is_told_when_its_time_has_come(self):
        self.change()
        self.turn()
        self.change()
        self.turn(0.25)
        self.assertEqual(len(self.told), 1)
        self.assertEqual(self.sleep(), 0.75)
        self.turn(0.75)
        self.assertEqual(len(self.told), 2)
        self.assertEqual(self.sleep(), LOOK_SECONDS)

    def test_each_database_is_told_of_its_own(self):
        self.change("two")
        self.turn()
        self.change("one")
        self.turn(0.5)
        self.assertEqual(self.told, ["two", "one"])

    def test_a_database_that_is_gone_is_forgotten(self):
        self.change()
        self.turn()
        self.change()
        self.turn(0.5)
        del self.runner.db_by_name["one"]
        self.turn(0.1)
        self.assertEqual(self.sleep(), LOOK_SECONDS)
        self.assertEqual(self.told, ["one"])


@tagged("post_install", "-at_install")
class TestSend(QueueJobCommon):
    """What it says, and to whom."""

    def setUp(self):
        super().setUp()
        self.woken = []
        self.startPatcher(patch.object(announce, "_wake", self.woken.append))
        # The cursor of the test in the place of the runner's connection.
        cursor = SimpleNamespace(
            execute=self.env.cr.execute,
            fetchall=self.env.cr.fetchall,
            close=lambda: None,
        )
        connection = SimpleNamespace(cursor=lambda: cursor)
        self.db = SimpleNamespace(db_name=self.env.cr.dbname, conn=connection)
        self.last = self.env["bus.bus"].search([], order="id desc", limit=1).id

    def sent(self):
        return self.env["bus.bus"].search(
            [("id", ">", self.last), ("message", "like", announce.MESSAGE)],
            order="id",
        )

    def test_administrators_get_the_message(self):
        announce.send(self.db)
        group = self.env.ref("queue_job.group_queue_job_manager")
        channel = [self.env.cr.dbname, "res.groups", group.id]
        self.assertEqual(self.woken, [channel])
        [row] = self.sent()
        self.assertEqual(json.loads(row.channel), channel)
        self.assertEqual(
            json.loads(row.message),
            {"type": "queue_job/operations_changed", "payload": {}},
        )
        found = self.env["bus.bus"]._poll([group], last=self.last)
        self.assertEqual(
            [item["message"]["type"] for item in found], [announce.MESSAGE]
        )

    def test_it_is_the_message_that_odoo_itself_would_send(self):
        announce.send(self.db)
        self.env["queue.job.operations"]._bus_send_changed()
        self.env.cr.precommit.run()
        ours, odoos = self.sent()
        self.assertEqual(ours.channel, odoos.channel)
        self.assertEqual(json.loads(ours.message), json.loads(odoos.message))

    def test_a_database_without_the_addon_is_left_alone(self):
        with patch.object(announce, "WHO", "SELECT 1 WHERE false"):
            announce.send(self.db)
        self.assertFalse(self.sent())
        self.assertFalse(self.woken)

    def test_what_the_database_refuses_does_not_stop_the_runner(self):
        def refuse(*args):
            raise psycopg2.ProgrammingError("no such table")

        cursor = SimpleNamespace(execute=refuse, close=lambda: None)
        self.db.conn.cursor = lambda: cursor
        with self.assertLogs(
            "odoo.addons.queue_job_operations.jobrunner.announce", "WARNING"
        ):
            announce.send(self.db)


@tagged("post_install", "-at_install")
class TestWake(BaseCase):
    def test_a_bus_that_cannot_be_reached_does_not_stop_the_runner(self):
        def refuse(*args):
            raise psycopg2.OperationalError("no")

        with (
            patch.object(sql_db, "db_connect", refuse),
            self.assertLogs(
                "odoo.addons.queue_job_operations.jobrunner.announce", "WARNING"
            ),
        ):
            announce._wake(["db", "res.groups", 1])
