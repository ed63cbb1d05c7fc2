# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .housekeeping import DEFAULT_DAYS, PROPOSAL_DAYS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_demand_source = fields.Selection(
        related="company_id.ai_queue_demand_source", readonly=False, required=True
    )
    ai_queue_reorder_nightly = fields.Boolean(
        related="company_id.ai_queue_reorder_nightly", readonly=False
    )
    ai_queue_service_level = fields.Float(
        related="company_id.ai_queue_service_level", readonly=False
    )
    ai_queue_review_days = fields.Integer(
        related="company_id.ai_queue_review_days", readonly=False
    )
    ai_queue_cycle_days = fields.Integer(
        related="company_id.ai_queue_cycle_days", readonly=False
    )
    ai_queue_reorder_auto = fields.Boolean(
        related="company_id.ai_queue_reorder_auto", readonly=False
    )
    ai_queue_reorder_auto_change = fields.Float(
        related="company_id.ai_queue_reorder_auto_change", readonly=False
    )
    ai_queue_reorder_auto_value = fields.Monetary(
        related="company_id.ai_queue_reorder_auto_value",
        readonly=False,
        currency_field="ai_queue_currency_id",
    )
    ai_queue_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    ai_queue_proposal_days = fields.Integer(
        string="Keep Reorder Proposals (days)",
        config_parameter=PROPOSAL_DAYS,
        default=DEFAULT_DAYS[PROPOSAL_DAYS],
    )
