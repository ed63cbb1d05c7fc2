# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, no_retry, tagged

SUITE = "@ai_queue"
SECONDS = 300


@tagged("post_install", "-at_install")
class TestJavaScript(HttpCase):
    @no_retry
    def test_unit(self):
        """The unit tests of the web client's part, in a browser."""
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"&id={_hoot_id(SUITE)}",
            "",
            login="admin",
            timeout=SECONDS,
            success_signal="[HOOT] Test suite succeeded",
            # Hoot goes on after a failed test, and counts.
            error_checker=lambda message: "[HOOT]" not in message,
        )


def _hoot_id(name):
    """How Hoot names a suite in an address."""
    number = 0
    for letter in name:
        number = (number * 31 + ord(letter)) & 0xFFFFFFFF
    return f"{number:08x}"
