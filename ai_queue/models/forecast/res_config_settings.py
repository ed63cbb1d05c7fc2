# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

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
    ai_queue_forecast_is_outdated = fields.Boolean(
        compute="_compute_ai_queue_forecast_is_outdated"
    )

    @api.depends("company_id")
    def _compute_ai_queue_forecast_is_outdated(self):
        may_read = self.env["ai.queue.forecast"].has_access("read")
        for settings in self:
            company = settings.company_id
            settings.ai_queue_forecast_is_outdated = (
                may_read and company._has_forecasts_of_other_periods()
            )

    def action_forecast_anew(self):
        """Forecast every product that sells for the periods that are set now."""
        self.ensure_one()
        run = self.env["product.product"]._start_ai_forecast_of(self.company_id)
        if not run:
            raise UserError(self.env._("There is no product that can be sold."))
        return run._get_notification()
