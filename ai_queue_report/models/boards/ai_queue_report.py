# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AiQueueReport(models.Model):
    _inherit = "ai.queue.report"

    def action_pin(self):
        """Ask on which board, and how, the report is to be shown."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pin to a Board"),
            "res_model": "ai.queue.board.pin",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_report_id": self.id, "dialog_size": "medium"},
        }
