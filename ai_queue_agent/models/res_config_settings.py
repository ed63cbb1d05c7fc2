# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .operations.housekeeping import CASE_DAYS, DEFAULT_DAYS, PROPOSAL_DAYS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_approval_auto = fields.Boolean(
        related="company_id.ai_queue_approval_auto", readonly=False
    )
    ai_queue_approval_auto_amount = fields.Monetary(
        related="company_id.ai_queue_approval_auto_amount",
        readonly=False,
        currency_field="ai_queue_approval_currency_id",
    )
    ai_queue_approval_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Approvals"
    )
    ai_queue_approval_is_binding = fields.Boolean(
        related="company_id.ai_queue_approval_is_binding", readonly=False
    )
    ai_queue_approval_limit_ids = fields.One2many(
        related="company_id.ai_queue_approval_limit_ids", readonly=False
    )
    ai_queue_agent_proposal_days = fields.Integer(
        string="Keep Proposals of Agents (days)",
        config_parameter=PROPOSAL_DAYS,
        default=DEFAULT_DAYS[PROPOSAL_DAYS],
    )
    ai_queue_agent_case_days = fields.Integer(
        string="Keep Cases of Agents (days)",
        config_parameter=CASE_DAYS,
        default=DEFAULT_DAYS[CASE_DAYS],
    )
