# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_forecast_quantity = fields.Float(
        string="Forecast",
        compute="_compute_ai_forecast",
        digits="Product Unit",
        help="Expected demand of the coming periods, all variants together.",
    )
    ai_forecast_state = fields.Selection(
        selection=lambda self: (
            self.env["ai.queue.run"]._fields["state"]._description_selection(self.env)
        ),
        string="AI Forecast",
        compute="_compute_ai_forecast",
        help="State of the last run with this product.",
    )
    ai_forecast_like_id = fields.Many2one(
        "product.product",
        string="Sells Like",
        compute="_compute_ai_forecast_like_id",
        inverse="_inverse_ai_forecast_like_id",
        search="_search_ai_forecast_like_id",
        check_company=True,
        help="A product that this new one is expected to sell like, or that it takes "
        "the place of: its demand counts as the one before the first sale of this one. "
        "Empty: similar products tell how it starts.",
    )

    @api.depends("product_variant_ids.ai_forecast_like_id")
    def _compute_ai_forecast_like_id(self):
        self._compute_template_field_from_variant_field("ai_forecast_like_id")

    def _inverse_ai_forecast_like_id(self):
        self._set_product_variant_field("ai_forecast_like_id")

    def _search_ai_forecast_like_id(self, operator, value):
        return [("product_variant_ids.ai_forecast_like_id", operator, value)]

    @api.depends_context("company", "uid")
    def _compute_ai_forecast(self):
        variants = self.product_variant_ids
        quantities = variants._get_ai_forecast_quantities()
        states = variants._get_ai_forecast_states()
        # What goes on in any of the variants goes on in the product.
        order = ["started", "pending", "failed", "cancelled", "done"]
        for template in self:
            ids = template.product_variant_ids.ids
            own = {states[variant] for variant in ids if variant in states}
            template.ai_forecast_quantity = sum(quantities.get(i, 0.0) for i in ids)
            template.ai_forecast_state = min(own, key=order.index, default=False)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_run_ai_forecast(self):
        """Queue a demand forecast of all variants, and say where to see it."""
        self.check_access("read")
        return self.product_variant_ids.action_run_ai_forecast()

    def action_open_ai_forecasts(self):
        """The forecasts of all variants, period by period."""
        return self.product_variant_ids.action_open_ai_forecasts()

    def action_open_ai_forecast_events(self):
        """Promotions and exceptional periods of all variants."""
        return self.product_variant_ids.action_open_ai_forecast_events()

    @api.readonly
    def get_ai_forecast_data(self):
        """As on ``product.product``, for all variants together."""
        return self.product_variant_ids.get_ai_forecast_data()

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.private
    def run_ai_demand_forecast(self):
        """Forecast demand

        The job method, for one product or ten thousand, with all their variants: it
        does the work in the caller's process, so call it through ``with_delay``.
        """
        return self.env["ai.queue.kind.forecast"]._perform(self)
