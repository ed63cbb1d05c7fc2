# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .housekeeping import DEFAULT_DAYS, FORECAST_DAYS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_forecast_granularity = fields.Selection(
        related="company_id.ai_queue_forecast_granularity",
        readonly=False,
        required=True,
    )
    ai_queue_forecast_horizon = fields.Integer(
        related="company_id.ai_queue_forecast_horizon", readonly=False
    )
    ai_queue_forecast_history = fields.Integer(
        related="company_id.ai_queue_forecast_history", readonly=False
    )
    ai_queue_forecast_nightly = fields.Boolean(
        related="company_id.ai_queue_forecast_nightly", readonly=False
    )
    ai_queue_forecast_provider_id = fields.Many2one(
        related="company_id.ai_queue_forecast_provider_id", readonly=False
    )
    ai_queue_forecast_compare = fields.Boolean(
        related="company_id.ai_queue_forecast_compare", readonly=False
    )
    ai_queue_forecast_days = fields.Integer(
        string="Keep Forecasts (days)",
        config_parameter=FORECAST_DAYS,
        default=DEFAULT_DAYS[FORECAST_DAYS],
    )
