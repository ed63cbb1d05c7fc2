# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged

from .common_alert import SECRET, AlertCommon

OTHER = "another-secret-4712"


class Heard(logging.Handler):
    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@tagged("post_install", "-at_install")
class TestSecret(AlertCommon):
    """A secret that cannot be written just now does not stand in the log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hook = cls.create_target(
            "Hook",
            "webhook",
            webhook_url="https://hooks.example.com/x",
            webhook_secret=SECRET,
        )

    def setUp(self):
        super().setUp()
        self.heard = Heard()
        logger = logging.getLogger("odoo.sql_db")
        logger.addHandler(self.heard)
        self.addCleanup(logger.removeHandler, self.heard)

    def assert_fails_in_silence(self, write):
        """The database refuses what ``write`` does, and nobody hears the secret."""
        with self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
            write()
            self.env.flush_all()
        self.assertNotIn(OTHER, "\n".join(self.heard.lines))

    def test_a_second_one_at_once(self):
        secrets = self.env["queue.job.alert.secret"]
        vals = {"target_id": self.hook.id, "secret": OTHER}
        self.assert_fails_in_silence(lambda: secrets.create(vals))

    def test_a_change_at_once(self):
        stored = self.hook._get_stored()
        self.env.flush_all()
        # What PostgreSQL does when somebody else changed the row meanwhile.
        self.env.cr.execute(
            """
            CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE SQLSTATE '40001' USING MESSAGE = 'could not serialize'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON queue_job_alert_secret
               FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
            """
        )
        self.assert_fails_in_silence(lambda: stored.write({"secret": OTHER}))

    def test_other_failures_are_still_logged(self):
        with (
            self.assertLogs("odoo.sql_db", "ERROR") as logs,
            self.assertRaises(psycopg2.Error),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("SELECT 'of other kinds' FROM nowhere")
        self.assertIn("of other kinds", "\n".join(logs.output))


@tagged("post_install", "-at_install")
class TestRuleThatRaises(AlertCommon):
    def test_the_code_of_a_rule_may_do_anything_wrong(self):
        self.stuff()
        rules = type(self.env["queue.job.alert.rule"])
        for error in (Exception("plain"), ZeroDivisionError("by zero"), KeyError("x")):
            with (
                self.subTest(type(error).__name__),
                patch.object(rules, "_evaluate_dead", side_effect=error),
                self.assertLogs("odoo.addons.queue_job_operations", "ERROR"),
            ):
                alerts = self.watch(1)
                self.assertIn("waiting", alerts.mapped("code"))
                self.assertIn(str(error), self.rule("dead").error)
        self.watch(2)
        self.assertFalse(self.rule("dead").error)
