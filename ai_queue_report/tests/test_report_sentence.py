# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common import AiQueueReportCommon


@tagged("post_install", "-at_install")
class TestReportSentence(AiQueueReportCommon):
    """What was understood, in one sentence."""

    def say(self, question):
        user = self.accountant
        understood = self.env["ai.queue.report.understanding"].with_user(user)
        found = understood._understand(question)
        self.assertEqual((found["left"], found["message"]), ([], ""), question)
        return self.reader()._sentence(found["specification"])

    def test_which_date_is_meant(self):
        """It is said where it does not go without saying: it was paid another day."""
        for question, date in (
            ("invoices last month", ""),
            ("unpaid invoices last month", ""),
            ("invoices paid last month", "Invoice/Bill Date: "),
            ("cancelled invoices last month", "Invoice/Bill Date: "),
            ("invoices due last month", "Due Date: "),
            ("new customers last month", "Created on: "),
        ):
            said = f", {date}last month (February 2026)"
            self.assertIn(said, self.say(question), question)

    def test_the_language_of_the_question(self):
        """One word that another language has makes no question of that language."""
        understood = self.env["ai.queue.report.understanding"]
        found = understood._understand("revenue during summer 2025")
        self.assertEqual(found["left"], ["summer"])
        found = understood._understand("Umsatz nach Kunde 2025")
        self.assertEqual(found["left"], [])

    def test_what_is_left_is_said_in_its_own_words(self):
        understood = self.env["ai.queue.report.understanding"]
        found = understood._understand(
            "revenue by customer, salesperson, month and journal"
        )
        self.assertEqual(found["left"], ["journal"])
