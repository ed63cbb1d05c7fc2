# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from types import SimpleNamespace
from unittest.mock import MagicMock, patch

import psycopg2

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.jobrunner import runner

from ..jobrunner import missing_databases

LOGGER = "odoo.addons.queue_job_operations.jobrunner.missing_databases"


@tagged("post_install", "-at_install")
class TestMissingDatabases(BaseCase):
    """A runner of two databases, of which one goes and comes."""

    def setUp(self):
        super().setUp()
        #: of them the cluster knows these, and these let us in
        self.known, self.open = {"a", "b"}, {"a", "b"}
        self.runner = runner.QueueJobRunner(channel_config_string="root:1")
        self.now = 1000.0
        time = SimpleNamespace(monotonic=lambda: self.now)
        for target, name, new in (
            (missing_databases, "time", time),
            (missing_databases, "_get_db_names", lambda _self: ["a", "b"]),
            (missing_databases, "_initialize_databases", self.initialize),
            (missing_databases, "_process_notifications", lambda _self: None),
            (missing_databases.psycopg2, "connect", self.connect),
            (runner, "_connection_info_for", lambda name: {"dbname": name}),
            (
                runner.QueueJobRunner,
                "initialize_databases",
                missing_databases.initialize_databases,
            ),
        ):
            self.startPatcher(patch.object(target, name, new))

    def connect(self, dbname):
        if dbname not in self.open:
            raise psycopg2.OperationalError()
        connection = MagicMock()
        cursor = connection.cursor.return_value.__enter__.return_value
        cursor.fetchall.return_value = [(name,) for name in self.known]
        return connection

    def initialize(self, job_runner):
        """As the host: all that are named, or none."""
        for name in job_runner.get_db_names():
            self.connect(name)
            job_runner.db_by_name[name] = MagicMock()

    def begin(self):
        self.runner.initialize_databases()
        return sorted(self.runner.db_by_name)

    @mute_logger(LOGGER)
    def test_one_that_was_dropped_is_left_out(self):
        self.assertEqual(self.begin(), ["a", "b"])
        self.runner.close_databases()
        self.known, self.open = {"a"}, {"a"}
        self.assertEqual(self.begin(), ["a"])

    @mute_logger(LOGGER)
    def test_one_that_comes_back_is_found(self):
        self.known, self.open = {"a"}, {"a"}
        self.begin()
        self.known, self.open = {"a", "b"}, {"a", "b"}
        missing_databases.process_notifications(self.runner)
        self.assertEqual(sorted(self.runner.db_by_name), ["a"])
        self.now += missing_databases.LOOK_SECONDS
        missing_databases.process_notifications(self.runner)
        self.assertEqual(sorted(self.runner.db_by_name), ["a", "b"])

    def test_one_that_is_there_and_refuses_is_waited_for(self):
        """All together, as ever: it may be taking no more connections for a moment."""
        for self.open in ({"a"}, set()):
            with self.assertRaises(psycopg2.OperationalError):
                self.begin()
