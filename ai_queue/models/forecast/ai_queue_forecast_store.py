# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import math

from odoo import api, fields, models
from odoo.tools import SQL

# What a unit of a product is worth to a company, in its currency. The sales price of a
# product of all companies is in that of the main one.
_WORTH = """
    coalesce(nullif((product.standard_price->>(%(company)s::text))::float, 0),
             template.list_price::float
             * CASE WHEN template.company_id IS NULL THEN %(rate)s ELSE 1 END, 0)
"""
_UPSERT = f"""
    WITH head AS (
        SELECT * FROM unnest(
            %(head_products)s::int[], %(methods)s::text[],
            %(errors)s::float[], %(biases)s::float[], %(reasons)s::text[],
            %(assistances)s::text[], %(errors_statistics)s::float[],
            %(errors_assisted)s::float[], %(learned_shares)s::float[]
        ) AS head(product_id, method, error, bias, reason,
                  assistance, error_statistics, error_assisted, learned_share)
    )
    INSERT INTO ai_queue_forecast (
        product_id, product_tmpl_id, company_id, granularity,
        date_start, date_end, quantity, quantity_calculated,
        lower_80, upper_80, lower_95, upper_95,
        total_lower_80, total_upper_80, total_lower_95, total_upper_95,
        method, error, bias, is_tested, reason_data,
        assistance, quantity_statistics, is_compared,
        error_statistics, error_assisted, learned_share, model,
        expected_error_value, run_id,
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
           head.error_statistics, head.error_assisted, head.learned_share,
           CASE WHEN head.assistance IS NOT NULL THEN %(model)s END,
           head.error * row.quantity * {_WORTH},
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
      JOIN product_template template ON template.id = product.product_tmpl_id
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
        learned_share = excluded.learned_share, model = excluded.model,
        expected_error_value = excluded.expected_error_value,
        run_id = excluded.run_id,
        write_uid = excluded.write_uid, write_date = excluded.write_date
"""

_ACTUALS = f"""
    UPDATE ai_queue_forecast forecast
       SET quantity_actual = sold.quantity,
           is_past = true,
           absolute_error = abs(forecast.quantity - sold.quantity),
           absolute_error_value = abs(
               forecast.quantity - sold.quantity) * {_WORTH}
      FROM unnest(%(products)s::int[], %(dates)s::date[],
                  %(actuals)s::numeric[])
           AS sold(product_id, date_start, quantity)
      JOIN product_product product ON product.id = sold.product_id
      JOIN product_template template
        ON template.id = product.product_tmpl_id
     WHERE forecast.product_id = sold.product_id
       AND forecast.company_id = %(company)s
       AND forecast.granularity = %(granularity)s
       AND forecast.date_start = sold.date_start
       AND (forecast.is_past IS NOT TRUE
            OR forecast.quantity_actual <> sold.quantity)
"""


class AiQueueForecast(models.Model):
    """What a run leaves."""

    _inherit = "ai.queue.forecast"

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
        self.env["product.product"].flush_model(["standard_price"])
        self.env["product.template"].flush_model(["list_price"])
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
                learned_shares=heads["learned_share"],
                model=self._get_model_name(),
                products=columns["product"],
                steps=columns["step"],
                quantities=columns["quantity"],
                statistics=columns["statistics"],
                **{name: columns[name] for name in _BOUNDS},
                starts=starts,
                company=self.env.company.id,
                rate=self._get_price_rate(),
                granularity=granularity,
                run=run.id or None,
                uid=self.env.uid,
            )
        )

    def _get_price_rate(self):
        """What one of the currency of shared sales prices is in that of the company."""
        main = self.env["res.company"]._get_main_company().currency_id
        company = self.env.company
        return main._get_conversion_rate(main, company.currency_id, company)

    def _get_model_name(self):
        """The model that forecasts ask; None for the statistics alone."""
        provider = self.env["ai.queue.kind.forecast"]._get_provider()
        if provider._is_local():
            return None
        return provider._get_model("forecast").model

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
            heads["learned_share"].append(_get_learned_share(answer.reason))
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
                _ACTUALS,
                products=columns["product"],
                dates=columns["date"],
                actuals=columns["actual"],
                company=self.env.company.id,
                rate=self._get_price_rate(),
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
_HEADS += ("assistance", "error_statistics", "error_assisted", "learned_share")


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


def _get_learned_share(reason):
    """The share of what was learnt in a forecast, by its reason."""
    shares = [note.values["share"] for note in reason.notes if note.code == "learned"]
    return shares[0] / 100 if shares else 0.0


def _to_json(reason):
    return json.dumps(_to_plain(reason))


def _to_plain(reason):
    return {
        "code": reason.code,
        "values": reason.values,
        "notes": [_to_plain(note) for note in reason.notes],
    }
