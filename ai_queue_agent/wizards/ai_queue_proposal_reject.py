# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AiQueueProposalReject(models.TransientModel):
    """Why proposals are rejected."""

    _name = "ai.queue.proposal.reject"
    _description = "Reject AI Proposals"

    proposal_ids = fields.Many2many("ai.queue.proposal", required=True)
    reason = fields.Char(required=True)

    def action_reject(self):
        self.proposal_ids._reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
