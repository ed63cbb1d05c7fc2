# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, fields, models


class AiQueueBillReadingAccept(models.TransientModel):
    """The one question before bills are accepted that are known to be wrong."""

    _name = "ai.queue.bill.reading.accept"
    _description = "Accept Read Bills"

    reading_ids = fields.Many2many("ai.queue.bill.reading", required=True)
    wrong = fields.Html(compute="_compute_wrong")

    @api.depends("reading_ids")
    @api.depends_context("lang")
    def _compute_wrong(self):
        for question in self:
            wrong = question.reading_ids.filtered(lambda one: one._get_wrong())
            question.wrong = Markup("").join(
                Markup("<p class='mb-1'><b>%s</b></p>%s")
                % (one._get_title(), one._list_sentences(one._get_wrong()))
                for one in wrong
            )

    def action_accept(self):
        """Accept the bills in spite of that."""
        self.reading_ids.move_id.check_access("write")
        self.reading_ids._accept()
        return {"type": "ir.actions.act_window_close"}
