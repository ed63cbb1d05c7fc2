# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .housekeeping import DEFAULT_DAYS, REPORT_DAYS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_report_provider_id = fields.Many2one(
        related="company_id.ai_queue_report_provider_id", readonly=False
    )
    ai_queue_report_summary = fields.Boolean(
        related="company_id.ai_queue_report_summary", readonly=False
    )
    ai_queue_report_days = fields.Integer(
        string="Keep Questions (days)",
        config_parameter=REPORT_DAYS,
        default=DEFAULT_DAYS,
    )
