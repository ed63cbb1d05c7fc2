# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .ai_queue_call import DEFAULT_FRESH_HOURS
from .housekeeping import CALL_DAYS, DEFAULT_DAYS, TEXT_DAYS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_budget_cost = fields.Monetary(
        related="company_id.ai_queue_budget_cost",
        readonly=False,
        currency_field="currency_id",
    )
    ai_queue_budget_tokens = fields.Integer(
        related="company_id.ai_queue_budget_tokens", readonly=False
    )
    ai_queue_answer_fresh_hours = fields.Integer(
        string="Reuse Answers For (hours)",
        config_parameter="ai_queue.answer_fresh_hours",
        default=DEFAULT_FRESH_HOURS,
    )
    ai_queue_call_text_days = fields.Integer(
        string="Keep Questions and Answers (days)",
        config_parameter=TEXT_DAYS,
        default=DEFAULT_DAYS[TEXT_DAYS],
    )
    ai_queue_call_days = fields.Integer(
        string="Keep Calls and Their Costs (days)",
        config_parameter=CALL_DAYS,
        default=DEFAULT_DAYS[CALL_DAYS],
    )
