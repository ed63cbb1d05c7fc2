# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from textwrap import shorten

from odoo import api, fields, models

#: So many characters of a result stand in a list; its form shows all.
SHOWN = 160
_PLAIN = str.maketrans("", "", '"{}[]')


class AiQueueAgentStep(models.Model):
    """A step of an agent in a case: what it thought, which tool, what it saw.

    Written by side cursors as it happens, so that people see it, and so that a job
    that is killed goes on behind it.
    """

    _name = "ai.queue.agent.step"
    _description = "Step of an AI Agent"
    _order = "case_id, number"
    _rec_name = "tool"

    case_id = fields.Many2one(
        "ai.queue.agent.case",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        related="case_id.user_id", string="Asked by", store=True, index=True
    )
    number = fields.Integer(string="Step", required=True, readonly=True)
    thought = fields.Text(readonly=True)
    tool = fields.Char(required=True, readonly=True)
    arguments = fields.Json(readonly=True)
    argument_text = fields.Char(string="With", compute="_compute_argument_text")
    result = fields.Text(readonly=True)
    result_summary = fields.Char(string="Saw", compute="_compute_result_summary")
    # ``tools.Proposed`` as JSON, of tools that propose
    proposed = fields.Json(readonly=True)
    tokens = fields.Integer(readonly=True)
    cost = fields.Float(
        digits=(16, 6), readonly=True, groups="ai_queue.ai_queue_group_manager"
    )
    # Of the model and of the tool: not while it waited for a budget, workers or people.
    seconds = fields.Float(digits=(16, 3), readonly=True)

    _number_uniq = models.UniqueIndex("(case_id, number)")

    def _compute_argument_text(self):
        for step in self:
            step.argument_text = ", ".join(
                f"{name}: {'; '.join(value) if isinstance(value, list) else value}"
                for name, value in (step.arguments or {}).items()
                if value not in ("", [])
            )

    @api.depends("result")
    def _compute_result_summary(self):
        for step in self:
            # A result is JSON: its quotes and brackets tell people nothing.
            plain = (step.result or "").translate(_PLAIN)
            step.result_summary = shorten(plain, SHOWN, placeholder=" …")
