# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace
from unittest.mock import patch

import psycopg2

from odoo.cli.command import find_command
from odoo.tests import BaseCase, tagged

FINDING = {
    "key": "workers",
    "severity": "danger",
    "what": "Jobs may take all workers.",
    "why": "Each running job holds one worker: " + "nobody can open a page. " * 4,
    "line": "[options]\nworkers = 6",
}
GOOD = {"severity": "ok", "what": "All is well.", "why": "", "line": ""}
FIGURES = [
    {"key": "workers", "now": 4, "recommended": 6},
    {"key": "proxy_read_timeout", "now": None, "recommended": 1260},
]


@tagged("post_install", "-at_install")
class TestCheckupCommand(BaseCase):
    """``odoo queue_job_checkup``: what it prints, and how it ends."""

    def setUp(self):
        super().setUp()
        self.command = find_command("queue_job_checkup")
        self.found = {"findings": [FINDING, GOOD], "recommended": FIGURES}

    def run_command(self, severity="ok", as_json=False, look=None):
        """(exit code, what it printed, what it complained of)"""
        found = {"severity": severity, **self.found}
        parsed = SimpleNamespace(json=as_json)
        # Odoo loads the file as a module that nobody else can import.
        names = self.command.run.__globals__
        out, err = io.StringIO(), io.StringIO()
        with (
            patch.object(self.command, "_parse", lambda self, args: parsed),
            patch.object(self.command, "_look", look or (lambda self, name: found)),
            patch.dict(names, {"config": {"db_name": ["one"]}}),
            redirect_stdout(out),
            redirect_stderr(err),
            self.assertRaises(SystemExit) as ended,
        ):
            self.command().run([])
        return ended.exception.code, out.getvalue(), err.getvalue()

    def test_its_exit_code_is_the_worst_finding(self):
        for severity, code in (("ok", 0), ("advice", 0), ("warning", 1), ("danger", 2)):
            self.assertEqual(self.run_command(severity)[0], code)

    def test_people_get_text(self):
        _code, text, _complaint = self.run_command()
        self.assertIn("DANGER    Jobs may take all workers.\n", text)
        self.assertIn("\n              workers = 6\n", text)
        self.assertIn("OK        All is well.\n", text)
        self.assertRegex(text, r"workers +6 +\(now: 4\)")
        self.assertRegex(text, r"proxy_read_timeout +1260 +\(now: unknown\)")
        self.assertLessEqual(max(map(len, text.splitlines())), 88)

    def test_machines_get_json(self):
        _code, text, _complaint = self.run_command("danger", as_json=True)
        self.assertEqual(json.loads(text), {"severity": "danger", **self.found})

    def test_a_database_that_is_not_there(self):
        def look(command, name):
            raise psycopg2.OperationalError('database "one" does not exist\n')

        code, text, complaint = self.run_command(look=look)
        self.assertEqual((code, text), (2, ""))
        self.assertIn("cannot be reached: database", complaint)

    def test_a_database_without_the_addon(self):
        code, text, complaint = self.run_command(look=lambda command, name: None)
        self.assertEqual((code, text), (2, ""))
        self.assertIn("not installed", complaint)

    def test_what_goes_wrong_is_no_mere_warning(self):
        def look(command, name):
            raise ValueError("Broken.")

        code, text, complaint = self.run_command(look=look)
        self.assertEqual((code, text), (2, ""))
        self.assertIn("ValueError: Broken.", complaint)
