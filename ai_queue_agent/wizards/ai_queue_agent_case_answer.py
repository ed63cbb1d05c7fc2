# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AiQueueAgentCaseAnswer(models.TransientModel):
    """What a person answers an agent."""

    _name = "ai.queue.agent.case.answer"
    _description = "Answer to an AI Agent"

    case_id = fields.Many2one("ai.queue.agent.case", required=True)
    question = fields.Text(related="case_id.question", related_sudo=False)
    answer = fields.Text(required=True)

    def action_answer(self):
        return self.case_id._answer(self.answer)._get_notification()
