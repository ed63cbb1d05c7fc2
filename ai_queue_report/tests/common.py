# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of ai_queue_report stand on; addons that extend it may use it, too."""

from odoo.tests import freeze_time

from odoo.addons.ai_queue.tests.common import NOW, AiQueueCommon, AiQueueMixin

USER = "ai_queue_report.ai_queue_report_group_user"


class AiQueueReportMixin(AiQueueMixin):
    """People who ask, and invoices to ask about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        accountant = f"account.group_account_readonly,{USER}"
        cls.accountant = cls.create_user("report_accountant", accountant)
        cls.other_accountant = cls.create_user("report_accountant_2", accountant)
        cls.nobody = cls.create_user("report_nobody", USER)
        cls.product = cls.create_products(1)

    def ask(self, question, user=None, previous=None, perform=True):
        """Ask as somebody, and let the job run; returns the report."""
        reports = self.env["ai.queue.report"].with_user(user or self.accountant)
        answer = reports.action_ask(question, previous and previous.id)
        self.commit()
        if perform:
            self.run_jobs(self.env["ai.queue.run"].browse(answer["run_id"]))
        report = reports.browse(answer["report_id"])
        report.invalidate_recordset()
        return report

    def reader(self, user=None):
        """The reader as somebody sees it."""
        return self.env["ai.queue.report.reader"].with_user(user or self.accountant)


@freeze_time(NOW)
class AiQueueReportCommon(AiQueueReportMixin, AiQueueCommon):
    """The base of most tests; today is Wednesday, 18 March 2026."""
