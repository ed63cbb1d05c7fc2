# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AiQueueProposal(models.Model):
    _inherit = "ai.queue.proposal"

    # EXTENDS ai_queue_agent
    def _apply_effect_post_bill(self):
        """Tell Odoo first which order lines are billed, so that it counts them."""
        links = (self.values_after or {}).get("order_lines") or {}
        move = self._get_record()
        for line in move.invoice_line_ids:
            order_line_id = links.get(str(line.id))
            if order_line_id and not line.purchase_line_id:
                # Who approves the bill need not be a buyer.
                line.sudo().purchase_line_id = order_line_id
        return super()._apply_effect_post_bill()

    # EXTENDS ai_queue_agent
    def _undo_effect_post_bill(self):
        result = super()._undo_effect_post_bill()
        links = (self.values_after or {}).get("order_lines") or {}
        lines = self._get_record().invoice_line_ids
        lines.filtered(
            lambda line: str(line.id) in links
        ).sudo().purchase_line_id = False
        return result
