# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.queue_job.jobrunner import runner

from ..jobrunner import heartbeat, lease
from .common import QueueJobCommon


@tagged("post_install", "-at_install")
class TestLease(BaseCase):
    """A runner that is busy keeps its place, and one that stands by looks often."""

    def setUp(self):
        super().setUp()
        self.clock = 1000.0
        time = SimpleNamespace(monotonic=lambda: self.clock)
        self.startPatcher(patch.object(lease, "time", time))
        self.runner = runner.QueueJobRunner(channel_config_string="root:1")
        self.asked, self.slept = [], []
        for name in ("one", "two"):
            self.runner.db_by_name[name] = SimpleNamespace(
                keep_alive=lambda name=name: self.asked.append(name)
            )
        self.startPatcher(
            patch.object(
                lease, "_sleep", lambda _self, seconds: self.slept.append(seconds)
            )
        )

    def test_all_databases_are_asked_while_one_has_many_jobs(self):
        for number in range(1000):
            self.runner.channel_manager.notify(
                *("one", "root", f"job {number}", number, 0, 10, None, "pending")
            )
            self.clock += 0.01
        # Ten seconds: often enough for the lease, and not with every job.
        self.assertEqual(self.asked[:2], ["one", "two"])
        self.assertGreaterEqual(len(self.asked), 2 * 10 // lease.LOOK_SECONDS)
        self.assertLess(len(self.asked), 20)
        self.assertGreater(lease.LEASE_SECONDS, 2 * lease.LOOK_SECONDS)

    def test_only_who_stands_by_looks_sooner(self):
        self.runner.sleep(5)

        def lost(_self):
            raise runner.MasterElectionLost()

        with patch.object(lease, "_initialize_databases", lost):
            with self.assertRaises(runner.MasterElectionLost):
                lease.initialize_databases(self.runner)
        self.runner.sleep(5)
        self.assertEqual(self.slept, [5, lease.STAND_BY_SECONDS])

    def test_ten_seconds_are_enough(self):
        self.assertLess(lease.LEASE_SECONDS + lease.STAND_BY_SECONDS, 10)

    def test_the_configuration_comes_before_ours(self):
        with patch.object(
            lease, "_connection_info_for", lambda _name: {"connect_timeout": 60}
        ):
            info = runner._connection_info_for("one")
        self.assertEqual(info["connect_timeout"], 60)
        self.assertEqual(info["keepalives"], 1)


@tagged("post_install", "-at_install")
class TestStandby(QueueJobCommon):
    """What is written where another runner works."""

    def test_its_row_says_so_and_changes_when_it_works(self):
        cursor = SimpleNamespace(
            execute=self.env.cr.execute,
            fetchone=self.env.cr.fetchone,
            close=lambda: None,
        )
        connection = SimpleNamespace(cursor=lambda: cursor)
        runners = self.env["queue.job.runner"]
        standby = heartbeat.Standby()
        standby.beat(connection)
        row = runners.search([], order="id desc", limit=1)
        self.assertTrue(row.is_standby)
        self.assertTrue(row.server["http_port"])
        heartbeat.write(
            connection,
            {
                **heartbeat.Heartbeat().vals,
                "database_count": 1,
                "channels": "{}",
                "notifications": None,
            },
        )
        row.invalidate_recordset()
        self.assertFalse(row.is_standby)
        # It is not told again before it is time, but at once after it had worked.
        standby.beat(connection)
        row.invalidate_recordset()
        self.assertFalse(row.is_standby)
        standby.end()
        standby.beat(connection)
        row.invalidate_recordset()
        self.assertTrue(row.is_standby)
