# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from types import SimpleNamespace
from unittest.mock import MagicMock, patch
from urllib.parse import urlsplit

import requests

from odoo.tests import BaseCase, tagged

from ..checkup import probe

HERE = "http://odoo.example.com"
SECURE = "https://odoo.example.com"
REFUSES = {401, 403, 404, 410}


@tagged("post_install", "-at_install")
class TestCheckupProbe(BaseCase):
    """What is concluded from what a proxy answers."""

    def setUp(self):
        super().setUp()
        self.answers = {}
        self.asked = []
        get = patch.object(probe, "requests", SimpleNamespace(**vars(requests)))
        self.startPatcher(get).get = self.get

    def get(self, url, **kwargs):
        self.asked.append(url)
        parts = urlsplit(url)
        answer = self.answers[f"{parts.scheme}://{parts.netloc}"]
        if isinstance(answer, Exception):
            raise answer
        status, target = answer
        response = MagicMock(status_code=status, headers={})
        response.__enter__.return_value = response
        if target is not None:
            response.headers["Location"] = target.replace(
                "$page", f"{parts.path}?{parts.query}".rstrip("?")
            )
        return response

    def see(self, status, target=None, **more):
        """(websocket, runjob) when the address answers so."""
        self.answers = {HERE: (status, target), **more}
        return (
            probe.lets_websockets_through(HERE, "db"),
            probe.hands_on_runjob(HERE, "db"),
        )

    def test_what_was_seen(self):
        self.assertEqual(self.see(101)[0], True)
        for status in REFUSES:
            self.assertEqual(self.see(status), (False, False), status)
        # Odoo answers 400 to what has lost its headers on the way, and 500 to a
        # websocket at the port for pages.
        for status in (200, 400, 426, 500):
            self.assertEqual(self.see(status), (False, True), status)

    def test_no_job_is_named_that_exists(self):
        self.see(200)
        self.assertRegex(self.asked[1], r"/queue_job/runjob\?job_uuid=[0-9a-f-]{36}$")

    def test_what_says_nothing_of_the_way(self):
        for status in (429, 502, 503, 504, 520):
            self.assertEqual(self.see(status), (None, None), status)
        for status in (301, 302, 303, 307, 308):
            for target in (
                None,
                f"{SECURE}/web/login",
                "https://www.example.com$page",
                "/maintenance",
            ):
                self.assertEqual(self.see(status, target), (None, None), target)
        self.answers = {HERE: requests.ConnectionError()}
        self.assertIsNone(probe.lets_websockets_through(HERE, "db"))
        self.assertIsNone(probe.hands_on_runjob(HERE, "db"))

    def test_the_way_to_https_is_followed(self):
        for status, seen in ((101, (True, True)), (404, (False, False))):
            found = self.see(301, f"{SECURE}$page", **{SECURE: (status, None)})
            self.assertEqual(found, seen)
        self.assertTrue(self.asked[-1].startswith(f"{SECURE}/queue_job/runjob?job"))

    def test_no_circle_is_followed_for_ever(self):
        self.assertEqual(self.see(302, "$page"), (None, None))
        self.assertEqual(len(self.asked), 2 * (1 + probe.REDIRECTS))
