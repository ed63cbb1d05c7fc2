# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import math
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.client.causes import LABELS as CAUSES_IN_WORDS
from ...engine.forecasting import METHODS, REASONS

GRANULARITIES = [("week", "Week"), ("month", "Month")]
# The fields that a person may set; all others are results.
EDITABLE_FIELDS = {"quantity", "is_manual"}
# Sums of it must stay finite.
MAX_QUANTITY = 1e12


_UPSERT = """
    WITH head AS (
        SELECT * FROM unnest(
            %(head_products)s::int[], %(methods)s::text[],
            %(errors)s::float[], %(biases)s::float[], %(reasons)s::text[],
            %(assistances)s::text[], %(errors_statistics)s::float[],
            %(errors_assisted)s::float[]
        ) AS head(product_id, method, error, bias, reason,
                  assistance, error_statistics, error_assisted)
    )
    INSERT INTO ai_queue_forecast (
        product_id, product_tmpl_id, company_id, granularity,
        date_start, date_end, quantity, quantity_calculated,
        lower_80, upper_80, lower_95, upper_95,
        total_lower_80, total_upper_80, total_lower_95, total_upper_95,
        method, error, bias, is_tested, reason_data,
        assistance, quantity_statistics, is_compared,
        error_statistics, error_assisted, run_id,
        create_uid, create_date, write_uid, write_date)
    SELECT row.product_id, product.product_tmpl_id, %(company)s,
           %(granularity)s, (%(starts)s::date[])[row.step + 1],
           (%(starts)s::date[])[row.step + 2] - 1,
           row.quantity, row.quantity,
           row.lower_80, row.upper_80, row.lower_95, row.upper_95,
           row.total_lower_80, row.total_upper_80,
           row.total_lower_95, row.total_upper_95,
           head.method, head.error, head.bias, head.error IS NOT NULL,
           head.reason::jsonb,
           head.assistance, row.statistics,
           head.error_assisted IS NOT NULL,
           head.error_statistics, head.error_assisted,
           %(run)s, %(uid)s, now() AT TIME ZONE 'UTC',
           %(uid)s, now() AT TIME ZONE 'UTC'
      FROM unnest(
               %(products)s::int[], %(steps)s::int[],
               %(quantities)s::numeric[],
               %(lower_80)s::numeric[], %(upper_80)s::numeric[],
               %(lower_95)s::numeric[], %(upper_95)s::numeric[],
               %(total_lower_80)s::numeric[], %(total_upper_80)s::numeric[],
               %(total_lower_95)s::numeric[], %(total_upper_95)s::numeric[],
               %(statistics)s::numeric[]
           ) AS row(product_id, step, quantity,
                    lower_80, upper_80, lower_95, upper_95,
                    total_lower_80, total_upper_80, total_lower_95, total_upper_95,
                    statistics)
      JOIN head ON head.product_id = row.product_id
      JOIN product_product product ON product.id = row.product_id
     ORDER BY row.product_id, row.step
    ON CONFLICT (product_id, company_id, granularity, date_start)
    DO UPDATE SET
        quantity = CASE WHEN ai_queue_forecast.is_manual
                        THEN ai_queue_forecast.quantity
                        ELSE excluded.quantity END,
        quantity_calculated = excluded.quantity_calculated,
        lower_80 = excluded.lower_80, upper_80 = excluded.upper_80,
        lower_95 = excluded.lower_95, upper_95 = excluded.upper_95,
        total_lower_80 = excluded.total_lower_80,
        total_upper_80 = excluded.total_upper_80,
        total_lower_95 = excluded.total_lower_95,
        total_upper_95 = excluded.total_upper_95,
        method = excluded.method, error = excluded.error,
        bias = excluded.bias, is_tested = excluded.is_tested,
        reason_data = excluded.reason_data,
        assistance = excluded.assistance,
        quantity_statistics = excluded.quantity_statistics,
        is_compared = excluded.is_compared,
        error_statistics = excluded.error_statistics,
        error_assisted = excluded.error_assisted,
        run_id = excluded.run_id,
        write_uid = excluded.write_uid, write_date = excluded.write_date
"""


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

    # ------------------------------------------------------------
    # RESULTS OF A RUN
    # ------------------------------------------------------------

    @api.model
    def _of_newer_run(self, products, run):
        """Of these products, those that a later run has forecast already."""
        if not run or not products:
            return products.browse()
        self.env.cr.execute(
            SQL(
                "SELECT DISTINCT product_id FROM ai_queue_forecast "
                "WHERE product_id = ANY(%s) AND company_id = %s AND run_id > %s",
                products.ids,
                run.company_id.id,
                run.id,
            )
        )
        newer = {product_id for (product_id,) in self.env.cr.fetchall()}
        return products.filtered(lambda product: product.id in newer)

    @api.model
    def _store(self, answers, run):
        """Write the forecasts of a run, and what was sold since the last one.

        By SQL: a night writes some 100,000 rows, and one statement leaves no moment
        in which another transaction could see half of them or add the same.

        :param answers: list of ``ForecastAnswer``, of which the id is the product's
        :param run: the run, or an empty recordset
        """
        kind = self.env["ai.queue.kind.forecast"]
        granularity = self.env.company.ai_queue_forecast_granularity
        start = kind._next_period_start(granularity)
        self.flush_model()
        self._delete_outdated(answers, granularity, start)
        self._upsert(answers, run, granularity, start)
        self._store_actuals(answers, granularity, start)
        self.invalidate_model()

    def _delete_outdated(self, answers, granularity, start):
        """Take away coming periods that this run does not forecast any more."""
        kind = self.env["ai.queue.kind.forecast"]
        horizon = max(answer.series.horizon for answer in answers)
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM ai_queue_forecast
                 WHERE product_id = ANY(%(products)s)
                   AND company_id = %(company)s
                   AND is_manual IS NOT TRUE
                   AND (granularity = %(granularity)s AND date_start >= %(end)s
                        OR granularity <> %(granularity)s AND date_end >= %(today)s)
                """,
                products=[answer.series.id for answer in answers],
                company=self.env.company.id,
                granularity=granularity,
                today=fields.Date.context_today(self),
                end=kind._shift(start, granularity, horizon),
            )
        )

    def _upsert(self, answers, run, granularity, start):
        kind = self.env["ai.queue.kind.forecast"]
        heads, columns = self._get_upsert_columns(answers)
        horizon = 1 + max(columns["step"], default=-1)
        starts = [kind._shift(start, granularity, step) for step in range(horizon + 1)]
        self.env.cr.execute(
            SQL(
                _UPSERT,
                head_products=heads["product"],
                methods=heads["method"],
                errors=heads["error"],
                biases=heads["bias"],
                reasons=heads["reason"],
                assistances=heads["assistance"],
                errors_statistics=heads["error_statistics"],
                errors_assisted=heads["error_assisted"],
                products=columns["product"],
                steps=columns["step"],
                quantities=columns["quantity"],
                statistics=columns["statistics"],
                **{name: columns[name] for name in _BOUNDS},
                starts=starts,
                company=self.env.company.id,
                granularity=granularity,
                run=run.id or None,
                uid=self.env.uid,
            )
        )

    def _get_upsert_columns(self, answers):
        """The answers by column: (of each series, of each period of each series)"""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        columns = {name: [] for name in _COLUMNS}
        heads = {name: [] for name in _HEADS}
        for series, answer, assistance in answers:
            steps = len(answer.quantity)
            columns["product"] += [series.id] * steps
            columns["step"] += range(steps)
            for name, attribute in _QUANTITY_COLUMNS.items():
                columns[name] += getattr(answer, attribute).round(digits).tolist()
            statistics = assistance.quantity if assistance else answer.quantity
            columns["statistics"] += statistics.round(digits).tolist()
            heads["product"].append(series.id)
            heads["method"].append(answer.method)
            error, bias = _get_trial(answer, assistance)
            heads["error"].append(error)
            heads["bias"].append(bias)
            heads["reason"].append(_to_json(answer.reason))
            heads["assistance"].append(assistance and assistance.state)
            heads["error_statistics"].append(assistance and assistance.error)
            heads["error_assisted"].append(assistance and assistance.error_assisted)
        return heads, columns

    def _store_actuals(self, answers, granularity, start):
        """Note beside past forecasts what was really sold."""
        kind = self.env["ai.queue.kind.forecast"]
        columns = {"product": [], "date": [], "actual": []}
        observed = self.env.company.ai_queue_forecast_history
        for series in (answer.series for answer in answers):
            # Twice the horizon: late invoices of what was noted already count too.
            length = min(2 * series.horizon, observed)
            known = list(series.history[-length:])
            # The history begins with the first sale: before that, nothing was sold.
            known = [0.0] * (length - len(known)) + known
            for back, quantity in enumerate(reversed(known), 1):
                if not math.isnan(quantity):  # only a part of a period was observed
                    columns["product"].append(series.id)
                    columns["date"].append(kind._shift(start, granularity, -back))
                    columns["actual"].append(float(quantity))
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_forecast forecast
                   SET quantity_actual = sold.quantity,
                       is_past = true,
                       absolute_error = abs(forecast.quantity - sold.quantity)
                  FROM unnest(%(products)s::int[], %(dates)s::date[],
                              %(actuals)s::numeric[])
                       AS sold(product_id, date_start, quantity)
                 WHERE forecast.product_id = sold.product_id
                   AND forecast.company_id = %(company)s
                   AND forecast.granularity = %(granularity)s
                   AND forecast.date_start = sold.date_start
                   AND (forecast.is_past IS NOT TRUE
                        OR forecast.quantity_actual <> sold.quantity)
                """,
                products=columns["product"],
                dates=columns["date"],
                actuals=columns["actual"],
                company=self.env.company.id,
                granularity=granularity,
            )
        )


# Column of a forecast row -> attribute of engine.forecasting.Forecast
_BOUNDS = {
    "lower_80": "lo80",
    "upper_80": "hi80",
    "lower_95": "lo95",
    "upper_95": "hi95",
    "total_lower_80": "total_lo80",
    "total_upper_80": "total_hi80",
    "total_lower_95": "total_lo95",
    "total_upper_95": "total_hi95",
}
_QUANTITY_COLUMNS = {"quantity": "quantity", **_BOUNDS}
_COLUMNS = ("product", "step", "statistics", *_QUANTITY_COLUMNS)
_HEADS = ("product", "method", "error", "bias", "reason")
_HEADS += ("assistance", "error_statistics", "error_assisted")


def _get_trial(answer, assistance):
    """(error, bias) on the past of the line that is shown; None for what is not known.

    The trials of the statistics say nothing of what a model changed.
    """
    is_changed = (
        assistance is not None
        and assistance.state == "assisted"
        and (assistance.quantity != answer.quantity).any()
    )
    if is_changed:
        return assistance.error_assisted, assistance.bias_assisted
    return answer.backtest.get("error"), answer.backtest.get("bias")


def _to_json(reason):
    return json.dumps(_to_plain(reason))


def _to_plain(reason):
    return {
        "code": reason.code,
        "values": reason.values,
        "notes": [_to_plain(note) for note in reason.notes],
    }
