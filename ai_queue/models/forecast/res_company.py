# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ai_queue_forecast import GRANULARITIES

MAX_HORIZON = 104
MAX_HISTORY = 520


class ResCompany(models.Model):
    _inherit = "res.company"

    ai_queue_forecast_granularity = fields.Selection(
        GRANULARITIES, string="Forecast by", default="week", required=True
    )
    ai_queue_forecast_horizon = fields.Integer(
        string="Periods to Forecast", default=8, required=True
    )
    ai_queue_forecast_history = fields.Integer(
        string="Periods of History", default=156, required=True
    )
    ai_queue_forecast_nightly = fields.Boolean(
        string="Forecast Every Night", default=True
    )

    ai_queue_forecast_provider_id = fields.Many2one(
        "ai.queue.provider",
        string="Forecast With",
        ondelete="restrict",
        help="Empty: the built-in statistics.",
    )
    ai_queue_forecast_compare = fields.Boolean(
        string="Try the Model on the Past",
        default=True,
        help="Also ask the model about past periods, and show how far statistics and "
        "model would have been off. It takes twice the requests.",
    )

    @api.private
    def run_ai_demand_learning(self):
        """Learn what the products have in common

        The job method: it does the work in the caller's process, so call it through
        ``with_delay``.
        """
        return self.env["ai.queue.kind.learning"]._perform(self)

    @api.constrains("ai_queue_forecast_horizon", "ai_queue_forecast_history")
    def _check_ai_queue_forecast_periods(self):
        for company in self:
            if not 1 <= company.ai_queue_forecast_horizon <= MAX_HORIZON:
                raise ValidationError(
                    self.env._(
                        "Forecast between 1 and %(most)s periods.", most=MAX_HORIZON
                    )
                )
            if not 1 <= company.ai_queue_forecast_history <= MAX_HISTORY:
                raise ValidationError(
                    self.env._(
                        "Use between 1 and %(most)s periods of history.",
                        most=MAX_HISTORY,
                    )
                )

    def _has_forecasts_of_other_periods(self):
        """Whether what is forecast was made for other periods than are set now."""
        self.ensure_one()
        granularity = self.ai_queue_forecast_granularity
        counts = self._read_coming_ai_forecasts(granularity)
        if counts:
            return counts[0][1] != self.ai_queue_forecast_horizon
        others = [code for code, _label in GRANULARITIES if code != granularity]
        return any(self._read_coming_ai_forecasts(code) for code in others)

    def _read_coming_ai_forecasts(self, granularity):
        """[(product, number of coming periods)] of the product with the most."""
        start = self.env["ai.queue.kind.forecast"]._next_period_start(granularity)
        return self.env["ai.queue.forecast"]._read_group(
            [
                ("company_id", "=", self.id),
                ("granularity", "=", granularity),
                ("date_start", ">=", start),
            ],
            ["product_id"],
            ["__count"],
            order="__count DESC",
            limit=1,
        )
