# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from ...engine.client.causes import LABELS as CAUSES_IN_WORDS
from ...engine.forecasting import METHODS, REASONS

GRANULARITIES = [("week", "Week"), ("month", "Month")]
# The fields that a person may set; all others are results.
EDITABLE_FIELDS = {"quantity", "is_manual"}
# Sums of it must stay finite.
MAX_QUANTITY = 1e12


class Total(NamedTuple):
    """Demand of several periods together: expected, and its bounds, in the unit of the
    product. It lies between those in 80 and 95 of 100 cases."""

    quantity: float
    lower_80: float
    upper_80: float
    lower_95: float
    upper_95: float


class AiQueueForecast(models.Model):
    """Expected demand of one product in one period of one company."""

    _name = "ai.queue.forecast"
    _description = "Demand Forecast"
    _order = "date_start, product_id"
    _rec_name = "product_id"

    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="cascade"
    )
    product_tmpl_id = fields.Many2one(
        "product.template",
        string="Product Template",
        related="product_id.product_tmpl_id",
        store=True,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    granularity = fields.Selection(
        GRANULARITIES, string="Period Length", required=True, readonly=True
    )
    date_start = fields.Date(string="Period", required=True, readonly=True)
    date_end = fields.Date(string="Until", required=True, readonly=True)
    quantity = fields.Float(
        digits="Product Unit",
        help="The quantity to plan with: calculated, or entered by hand.",
    )
    quantity_calculated = fields.Float(
        string="Calculated Quantity", digits="Product Unit", readonly=True
    )
    is_manual = fields.Boolean(
        string="Fixed by Hand",
        help="New runs keep the quantity that was entered here.",
    )
    lower_80 = fields.Float(
        string="Low (80 %)",
        digits="Product Unit",
        readonly=True,
        help="In 80 of 100 cases the demand lies between low and high.",
    )
    upper_80 = fields.Float(string="High (80 %)", digits="Product Unit", readonly=True)
    lower_95 = fields.Float(string="Low (95 %)", digits="Product Unit", readonly=True)
    upper_95 = fields.Float(string="High (95 %)", digits="Product Unit", readonly=True)
    # Of the demand from the first period of the run up to this one together: what is
    # ordered for a lead time. Bounds of totals cannot be added up.
    total_lower_80 = fields.Float(
        string="Total Low (80 %)",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="In 80 of 100 cases, the demand from the first forecast period up to this "
        "one lies in total between these two.",
    )
    total_upper_80 = fields.Float(
        string="Total High (80 %)",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
    )
    total_lower_95 = fields.Float(
        string="Total Low (95 %)",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
    )
    total_upper_95 = fields.Float(
        string="Total High (95 %)",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
    )
    is_outdated = fields.Boolean(
        string="Old Period Length",
        compute="_compute_is_outdated",
        search="_search_is_outdated",
        help="Made when the company forecast by another length of period.",
    )
    quantity_actual = fields.Float(
        string="Really Sold",
        digits="Product Unit",
        readonly=True,
        help="Filled in by the first run after the period is over.",
    )
    is_past = fields.Boolean(
        string="Period Over", readonly=True, help="What was really sold is known."
    )
    absolute_error = fields.Float(
        string="Missed by", digits="Product Unit", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    absolute_error_value = fields.Monetary(
        string="Missed by, in Money",
        readonly=True,
        help="At the cost of the product, or its sales price where it has none.",
    )
    expected_error_value = fields.Monetary(
        string="Likely to Miss, in Money",
        readonly=True,
        help="By how much trial forecasts of the past were off, for this quantity: "
        "known from the first run on. At the cost of the product, or its sales price "
        "where it has none.",
    )
    learned_share = fields.Float(
        string="Share of What Was Learnt",
        aggregator="avg",
        readonly=True,
        help="How much of the quantity is from what all products have in common.",
    )
    model = fields.Char(
        string="Name of the Model", readonly=True, help="The AI model that was asked."
    )
    method = fields.Selection(list(METHODS.items()), readonly=True, index=True)
    error = fields.Float(
        string="Back-test Error",
        aggregator="avg",
        readonly=True,
        help="How far the total of the forecast periods was off in trial forecasts of "
        "past periods: 0.10 is 10 %.",
    )
    bias = fields.Float(
        aggregator="avg",
        readonly=True,
        help="Above zero: trial forecasts of the past were too high.",
    )
    is_tested = fields.Boolean(
        string="Tried on the Past",
        readonly=True,
        help="Whether error and bias are known: a short history allows no trials.",
    )
    assistance = fields.Selection(
        [
            ("assisted", "Looked at by a model"),
            ("waiting", "Model has not answered yet"),
            ("rejected", "Model left out"),
        ],
        string="AI Model",
        readonly=True,
        index=True,
        help="Left out: it gave no answer, one that did not pass the guard rails, or "
        "did worse on past demand, so the calculated quantities stay. Empty: no model "
        "was asked.",
    )
    quantity_statistics = fields.Float(
        string="Statistics Alone",
        digits="Product Unit",
        readonly=True,
        help="The calculated quantity, before a model reviewed it.",
    )
    is_compared = fields.Boolean(
        string="Model Tried on the Past",
        readonly=True,
        help="Whether the model's error is known.",
    )
    error_statistics = fields.Float(
        string="Error of Statistics",
        aggregator="avg",
        readonly=True,
        help="How far the total of the last periods would have been off without the "
        "model: 0.10 is 10 %.",
    )
    error_assisted = fields.Float(
        string="Error With the Model",
        aggregator="avg",
        readonly=True,
        help="How far the total of the same periods would have been off with it. A "
        "model may have read about the past, so a small advantage proves little.",
    )
    reason_data = fields.Json(readonly=True)
    reason = fields.Text(compute="_compute_reason", string="Why This Method")
    run_id = fields.Many2one(
        "ai.queue.run", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _period_uniq = models.Constraint(
        "UNIQUE(product_id, company_id, granularity, date_start)",
        "There is a forecast of this product for this period already.",
    )
    _quantity_positive = models.Constraint(
        "CHECK(quantity >= 0)", "A forecast cannot be below zero."
    )

    @api.depends("reason_data")
    @api.depends_context("lang")
    def _compute_reason(self):
        for row in self:
            data = row.reason_data
            row.reason = self._translate_reason(data) if data else False

    def _translate_reason(self, data):
        """The sentences of an engine reason, in the language of the reader."""
        values = {key: self._say(key, value) for key, value in data["values"].items()}
        sentences = [self.env._(REASONS[data["code"]], **values)]
        sentences += [self._translate_reason(note) for note in data["notes"]]
        return " ".join(sentences)

    def _say(self, key, value):
        labels = dict(self._fields["method"]._description_selection(self.env))
        if key == "method":
            return labels[value]
        if key == "cause":
            return self.env._(CAUSES_IN_WORDS[value])
        if isinstance(value, list):
            words = [labels[word] for word in value] if key == "methods" else value
            return ", ".join(str(word) for word in words)
        return value

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.depends("granularity", "company_id.ai_queue_forecast_granularity")
    def _compute_is_outdated(self):
        for forecast in self:
            current = forecast.company_id.ai_queue_forecast_granularity
            forecast.is_outdated = forecast.granularity != current

    def _search_is_outdated(self, operator, value):
        if operator != "in":
            return NotImplemented
        # As many as a person may see.
        companies = self.env["res.company"].search([])  # pylint: disable=no-search-all
        current = Domain.OR(
            Domain("company_id", "in", same.ids) & Domain("granularity", "=", length)
            for length, same in companies.grouped(
                "ai_queue_forecast_granularity"
            ).items()
        )
        return ~current if True in value else current

    def write(self, vals):
        """A quantity that a person writes is fixed, until they let it go again."""
        if not self.env.su and not EDITABLE_FIELDS.issuperset(vals):
            raise AccessError(
                self.env._("Only the quantity of a forecast can be changed by hand.")
            )
        if "quantity" in vals:
            self._check_quantity(vals["quantity"])
        if "quantity" in vals and "is_manual" not in vals:
            vals = {**vals, "is_manual": True}
        return super().write(vals)

    def _check_quantity(self, quantity):
        # Before the ORM sees it, which cannot round everything. What is no number fits
        # nowhere.
        is_number = isinstance(quantity, (int, float))
        if not is_number or not 0 <= quantity <= MAX_QUANTITY:
            raise ValidationError(
                self.env._(
                    "Enter a quantity between 0 and %s: nobody sells more in one "
                    "period.",
                    f"{MAX_QUANTITY:.0f}",
                )
            )

    def action_use_calculated(self):
        """Give up what was written by hand for what the last run calculated."""
        for row in self:
            row.write({"quantity": row.quantity_calculated, "is_manual": False})
        return True

    def _get_chart_point(self):
        """One period in the chart, of one product or of several together."""
        quantity = sum(self.mapped("quantity"))
        calculated = sum(self.mapped("quantity_calculated"))

        def bound(name):
            squares = sum((row[name] - row.quantity_calculated) ** 2 for row in self)
            return squares**0.5

        return {
            "date": self[:1].date_start,
            "quantity": quantity,
            "is_manual": any(self.mapped("is_manual")),
            "lo80": max(0.0, calculated - bound("lower_80")),
            "hi80": calculated + bound("upper_80"),
            "lo95": max(0.0, calculated - bound("lower_95")),
            "hi95": calculated + bound("upper_95"),
        }

    def _get_total(self):
        """The demand of these periods of one product together, the first ones of a run,
        in their order: a ``Total``."""
        last = self[-1:]
        quantity = sum(self.mapped("quantity"))
        moved = quantity - sum(self.mapped("quantity_calculated"))
        return Total(
            quantity,
            *(max(0.0, last[f"total_{name}"] + moved) for name in Total._fields[1:]),
        )
