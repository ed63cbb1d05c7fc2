# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class AiQueueDecisionReject(models.TransientModel):
    """Why proposals are rejected, of whichever model they are."""

    _name = "ai.queue.decision.reject"
    _description = "Reject Proposals"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    reason = fields.Char(required=True)
    explanation = fields.Text(compute="_compute_explanation")
    example = fields.Char(compute="_compute_explanation")

    @api.depends("res_model")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for question in self:
            if not question.res_model:
                question.explanation = question.example = False
                continue
            proposals = question._get_proposals()
            question.explanation, question.example = proposals._explain_rejection()

    def _get_proposals(self):
        """The proposals, as the current user; only of models that are decided on."""
        model = self.env.get(self.res_model)
        if not isinstance(model, self.env.registry["ai.queue.decision"]):
            raise UserError(self.env._("There is nothing to decide here. Reload."))
        return model.browse(self.res_ids).exists()

    def action_reject(self):
        """Reject them; whether the current user may is checked by their model."""
        self._get_proposals()._reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
