# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, no_retry, tagged

from odoo.addons.queue_job_operations.tests.common_js import run_suite


@tagged("post_install", "-at_install")
class TestJavaScript(HttpCase):
    @no_retry
    def test_unit(self):
        """The unit tests of the web client's part, in a browser."""
        run_suite(self, "@ai_queue_report")
