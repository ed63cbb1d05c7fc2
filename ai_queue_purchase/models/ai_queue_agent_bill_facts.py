# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class AiQueueAgentBillFacts(models.AbstractModel):
    _inherit = "ai.queue.agent.bill.facts"

    # EXTENDS ai_queue_agent
    @api.model
    def _gather(self, moves):
        """Also what orders and receipts say."""
        bills = super()._gather(moves)
        for move_id, matching in (
            self.env["ai.queue.agent.order.facts"]._gather(moves).items()
        ):
            bills[move_id].extra["orders"] = matching
        return bills
