# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import models
from odoo.tests import tagged
from odoo.tools import file_open

from .common import AiQueueReportCommon

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
ADDON = "ai_queue_report_example"


def load(beginning):
    """The models of the example that begins so."""
    with file_open("ai_queue_report/readme/DEVELOP.md") as file:
        found = FENCED.findall(file.read())
    [code] = [code for _language, code in found if code.startswith(beginning)]
    namespace = {"__name__": f"odoo.addons.{ADDON}.models"}
    exec(compile(code, "DEVELOP.md", "exec"), namespace)  # pylint: disable=exec-used
    # Of no addon that a server could install.
    return type(models.Model)._module_to_models__.pop(ADDON)


@tagged("post_install", "-at_install")
class TestReportDocumentation(AiQueueReportCommon):
    """The example for developers does what it says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(*load("# models/report_catalogue.py"))

    def test_model_of_an_addon(self):
        self.env["res.bank"].create(
            {"name": "Bank", "country": self.env.ref("base.de").id}
        )
        report = self.ask("number of banks by country")
        self.assertEqual(report.state, "done", report.message)
        self.assertEqual(report.specification["model"], "res.bank")
        self.assertIn("banks", report.sentence)
        self.assertIn(
            ["Germany"],
            [[cell["text"] for cell in row["groups"]] for row in report.result["rows"]],
        )
