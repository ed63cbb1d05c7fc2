# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.ondelete(at_uninstall=False)
    def _unlink_call_off_questions(self):
        """A question whose message is gone is not answered."""
        asked = self.env["ai.queue.question"]._of_messages(self)
        asked._call_off(self.env._("You took the question back."))
