# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..checkup.facts import DANGER, OK, WARNING, Verdict
from ..controllers import token
from .common import QueueJobHttpCommon

TOKEN = "token-4711-ä"
GOOD = [Verdict("trigger"), Verdict("crons", WARNING, "late")]
BAD = [Verdict("trigger", DANGER, "missing"), *GOOD[1:]]


@tagged("post_install", "-at_install")
class TestHealth(QueueJobHttpCommon):
    """What those who watch the server are told."""

    def setUp(self):
        super().setUp()
        self.set_token(TOKEN)
        self.found = GOOD
        self.startPatcher(
            patch.object(
                self.registry["queue.job.checkup"],
                "_get_verdicts",
                lambda checkup, quick=False: self.found,
            )
        )

    def set_token(self, value):
        self.startPatcher(patch.object(token, "get_option", lambda *args: None))
        self.startPatcher(patch.dict(os.environ, {token.VARIABLE: value}))

    def ask(self, given=None, scheme="Bearer"):
        headers = {}
        if given is not None:
            headers["Authorization"] = f"{scheme} {given}".encode()
        return self.url_open("/queue_job/health", headers=headers)

    def test_anybody_may_know_whether_it_works(self):
        answer = self.ask()
        self.assertEqual((answer.status_code, answer.json()), (200, {"status": "ok"}))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.found = BAD
        answer = self.ask()
        self.assertEqual(
            (answer.status_code, answer.json()), (503, {"status": "failing"})
        )

    def test_what_is_wrong_is_for_those_with_the_token(self):
        self.found = BAD
        answer = self.ask(TOKEN)
        self.assertEqual(answer.status_code, 503)
        body = answer.json()
        self.assertEqual((body["status"], body["severity"]), ("failing", DANGER))
        self.assertEqual(
            [(each["key"], each["severity"]) for each in body["findings"]],
            [("trigger", DANGER), ("crons", WARNING)],
        )
        self.assertIn("trigger", body["findings"][0]["why"])

    def test_warnings_are_no_failure(self):
        body = self.ask(TOKEN).json()
        self.assertEqual((body["status"], body["severity"]), ("ok", WARNING))
        self.found = [Verdict("trigger")]
        body = self.ask(TOKEN).json()
        self.assertEqual((body["severity"], body["findings"]), (OK, []))

    def test_other_tokens_open_nothing(self):
        self.found = BAD
        for given, scheme in (
            ("", "Bearer"),
            (TOKEN[:-1], "Bearer"),
            (f"{TOKEN}x", "Bearer"),
            (TOKEN, "Basic"),
            ("\xff", "Bearer"),
        ):
            self.assertEqual(self.ask(given, scheme).json(), {"status": "failing"})

    def test_without_a_token_on_the_server_none_opens_anything(self):
        self.set_token("")
        for given in ("", "None", TOKEN):
            self.assertEqual(self.ask(given).json(), {"status": "ok"})

    def test_only_what_costs_nothing_is_looked_at(self):
        asked = []
        with patch.object(
            self.registry["queue.job.checkup"],
            "_get_verdicts",
            lambda checkup, quick=False: asked.append(quick) or GOOD,
        ):
            self.ask()
        self.assertEqual(asked, [True])


@tagged("post_install", "-at_install")
class TestToken(BaseCase):
    """Where the token comes from."""

    def token(self, variable, option):
        self.startPatcher(patch.dict(os.environ, {token.VARIABLE: variable}))
        options = {("queue_job_operations", "metrics_token"): option}
        self.startPatcher(
            patch.object(token, "get_option", lambda *args: options[args])
        )
        return token.get_token()

    def test_the_environment_comes_before_odoo_conf(self):
        self.assertEqual(self.token("one", "two"), "one")
        self.assertEqual(self.token("", "two"), "two")
        self.assertIsNone(self.token("", None))
