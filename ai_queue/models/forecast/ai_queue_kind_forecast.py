# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL, split_every
from odoo.tools.date_utils import start_of

from ...engine.client.causes import outcome_of
from ...engine.forecasting import REASONS, Forecast, Series, assisted

# The most products of a job that a model is asked about: more make it no faster, and
# what a killed job has to calculate again should stay a matter of seconds.
MAX_CHUNK_SIZE = 1000
FREQUENCIES = {"week": "W", "month": "M"}
STEPS = {"week": timedelta(weeks=1), "month": relativedelta(months=1)}


@dataclass(frozen=True)
class ProductSeries(Series):
    """The history of a product, and what else is known about it.

    ``start``: first day of the first period to forecast.
    ``like``: (name, history) of the product that it is expected to sell like.
    """

    start: date | None = None
    name: str = ""
    category: str = ""
    like: tuple | None = None


class Assistance(NamedTuple):
    """What a model had to do with a forecast.

    ``state``: "assisted", "waiting" as long as it has not answered, or "rejected" when
    its answer did not count or never came.
    ``quantity``: what the statistics had forecast.
    ``error``, ``error_assisted``, ``bias_assisted``: see
    ``engine.forecasting.assisted.Comparison``; None where it was not tried on the past.
    """

    state: str
    quantity: np.ndarray
    error: float | None = None
    error_assisted: float | None = None
    bias_assisted: float | None = None


class ForecastAnswer(NamedTuple):
    """A forecast; without ``assistance`` when no model was asked about it."""

    series: Series
    forecast: Forecast
    assistance: Assistance | None = None


# A credit note is of the day of the invoice that it reverses: what was typed wrong, and
# reversed a week later, was never sold. One that gives back less than this share of the
# price of that invoice is a price reduction: no pieces came back.
RETURN_SHARE = 0.5
# Summed up before units are converted: a third of the rows to calculate with.
_DEMAND = """
    SELECT sold.product_id, sold.period,
           sum(sold.quantity * coalesce(line_uom.factor / nullif(uom.factor, 0), 1))
      FROM (
            SELECT line.product_id, line.product_uom_id,
                   date_trunc(%(granularity)s, day.date)::date AS period,
                   sum(CASE WHEN move.move_type <> 'out_refund' THEN line.quantity
                            WHEN invoiced.price IS NOT NULL
                             AND abs(line.price_subtotal)
                                 < %(share)s * invoiced.price * abs(line.quantity)
                                   * coalesce(credited_uom.factor, 1)
                            THEN 0
                            ELSE -line.quantity END) AS quantity
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
         LEFT JOIN account_move origin
                ON origin.id = move.reversed_entry_id
               AND move.move_type = 'out_refund'
         LEFT JOIN LATERAL (
                   SELECT sum(abs(price_subtotal))
                          / nullif(sum(abs(quantity) * coalesce(uom.factor, 1)), 0)
                       AS price
                     FROM account_move_line
                LEFT JOIN uom_uom uom ON uom.id = product_uom_id
                    WHERE move_id = origin.id AND product_id = line.product_id
                      AND display_type = 'product') AS invoiced
                ON origin.id IS NOT NULL
         LEFT JOIN uom_uom credited_uom
                ON credited_uom.id = line.product_uom_id AND origin.id IS NOT NULL
        CROSS JOIN LATERAL (
                   SELECT coalesce(origin.invoice_date, line.invoice_date) AS date
                   ) AS day
             WHERE line.product_id = ANY(%(products)s)
               AND line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND line.display_type = 'product'
               AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
               AND line.invoice_date >= %(since)s
               AND (line.invoice_date < %(until)s OR origin.id IS NOT NULL)
               AND day.date >= %(since)s
               AND day.date < %(until)s
             GROUP BY line.product_id, line.product_uom_id, period
           ) AS sold
      JOIN product_product product ON product.id = sold.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
 LEFT JOIN uom_uom line_uom ON line_uom.id = sold.product_uom_id
 LEFT JOIN uom_uom uom ON uom.id = template.uom_id
     GROUP BY sold.product_id, sold.period
"""
_SOLD_BEFORE = """
    SELECT product.id
      FROM unnest(%(products)s::int[]) AS product(id)
     WHERE EXISTS (
           SELECT FROM account_move_line line
             JOIN account_move move ON move.id = line.move_id
            WHERE line.product_id = product.id
              AND line.company_id = %(company)s
              AND line.parent_state = 'posted'
              AND line.display_type = 'product'
              AND move.move_type IN ('out_invoice', 'out_receipt')
              AND line.invoice_date < %(since)s)
"""
_FREE_REFUNDS = """
    SELECT count(DISTINCT line.product_id)
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.product_id = ANY(%(products)s)
       AND line.company_id = %(company)s
       AND line.parent_state = 'posted'
       AND line.display_type = 'product'
       AND move.move_type = 'out_refund'
       AND move.reversed_entry_id IS NULL
       AND line.invoice_date >= %(since)s
       AND line.invoice_date < %(until)s
"""


class AiQueueKindForecast(models.AbstractModel):
    """Demand forecasts of products from what was invoiced to customers."""

    _name = "ai.queue.kind.forecast"
    _inherit = "ai.queue.kind"
    _description = "Demand Forecast as a Kind of AI Work"

    _job_method = "run_ai_demand_forecast"
    _job_channel = "ai_queue.queue_job_channel_ai_forecasting"

    # ------------------------------------------------------------
    # HOOKS OF ai.queue.kind
    # ------------------------------------------------------------

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        if len(records) == 1:
            return self.env._("Demand forecast of one product")
        return self.env._("Demand forecast of %(count)s products", count=len(records))

    # OVERRIDE ai.queue.kind
    def _run_title(self, record):
        return self.env._("Demand forecast of %(product)s", product=record.display_name)

    # EXTENDS ai.queue.kind
    def _usual_chunk_size(self):
        """More of them where a model takes many questions at a time.

        A job that waits for answers holds its place all the while, so it shall have as
        many under way as the provider takes.
        """
        usual = super()._usual_chunk_size()
        provider = self._get_provider()
        if provider._is_local():
            return usual
        return max(usual, min(self._products_at_a_time(provider), MAX_CHUNK_SIZE))

    # EXTENDS ai.queue.kind
    def _targets(self, records):
        """Products; the variants of a template, archived ones only to say so."""
        records = super()._targets(records)
        if records._name == "product.template":
            return records.with_context(active_test=False).product_variant_ids
        return records

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        # Whether a product is there and whose it is decides if it may be read at all.
        known = targets.sudo()
        archived = known.filtered(lambda product: not product.active)
        # As Odoo's own rule: products of no company and of the parents are ours too.
        ours = self.env.company.sudo().parent_ids
        foreign = (known - archived).filtered(
            lambda product: product.company_id and product.company_id not in ours
        )
        rest = targets - archived.sudo(False) - foreign.sudo(False)
        readable = rest._filtered_access("read")
        newer = self.env["ai.queue.forecast"]._of_newer_run(readable, run)
        return readable - newer, {
            self.env._("Archived"): archived,
            self.env._("Now belongs to another company"): foreign,
            self.env._("You may not read them"): rest - readable,
            self.env._("A newer run has already forecast them"): newer,
        }

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        company = self.env.company
        granularity = company.ai_queue_forecast_granularity
        running = self._current_period_start(granularity)
        start = self._next_period_start(granularity)
        since = self._shift(running, granularity, -company.ai_queue_forecast_history)
        horizon = company.ai_queue_forecast_horizon
        histories = {
            product_id: _with_running(self._hide_begun_month(history, company))
            for product_id, history in self._get_histories(
                targets, granularity, since, running
            ).items()
        }
        self._remark_free_refunds(targets, since, running)
        columns = self._get_columns(targets, granularity, since, start, horizon)
        return [
            ProductSeries(
                id=product.id,
                freq=FREQUENCIES[granularity],
                history=histories[product.id],
                horizon=horizon,
                # It begins with the first sale, or the product was sold before.
                sold_before=True,
                columns=_cut(columns.get(product.id, {}), len(histories[product.id])),
                start=start,
                name=product.name or "",
                category=product.categ_id.complete_name or "",
            )
            for product in targets
        ]

    # OVERRIDE ai.queue.kind
    def _split(self, targets, requests):
        """As many products as a model takes at a time; statistics take them all."""
        provider = self._get_provider()
        if provider._is_local():
            return super()._split(targets, requests)
        return [
            (targets.browse(one.id for one in part), list(part))
            for part in split_every(self._products_at_a_time(provider), requests)
        ]

    def _products_at_a_time(self, provider):
        """How many products are in the questions that the provider takes at a time."""
        # Who starts work need not see how the provider is reached.
        return provider.sudo().max_in_flight * self._products_per_request()

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        series, baselines = self._calculate(requests)
        provider = self._get_provider()
        if not provider._is_local():
            answers = self._ask_model(provider, series, baselines, progress)
            # What was really sold stands in the request alone.
            asked = {one.id: one for one in requests}
            return [each._replace(series=asked[each.series.id]) for each in answers]
        progress(len(requests))
        return list(map(ForecastAnswer, requests, baselines))

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        kept = set(targets.ids)
        answers = [answer for answer in answers if answer.series.id in kept]
        if answers:
            self.env["ai.queue.forecast"]._store(answers, run)

    # EXTENDS ai.queue.kind
    def _stand_in(self, parts, row):
        """The statistics, until the model has answered."""
        for targets, requests in parts:
            if self._stands_there(targets, row.run_id):
                continue
            answers = [
                ForecastAnswer(one, assisted.wait(baseline), _waiting(baseline))
                for one, baseline in zip(
                    requests, self._calculate(requests)[1], strict=True
                )
            ]
            self._apply_meanwhile(targets, answers, row)

    def _stands_there(self, products, run):
        """Whether an earlier try has written what stands in for answers."""
        return bool(
            self.env["ai.queue.forecast"].search_count(
                [
                    ("run_id", "=", run.id),
                    ("product_id", "in", products.ids),
                    ("assistance", "=", "waiting"),
                ],
                limit=1,
            )
        )

    # ------------------------------------------------------------
    # MODEL
    # ------------------------------------------------------------

    def _ask_model(self, provider, requests, baselines, progress):
        """Let a model look at the forecasts of the statistics.

        These are what the products get where it does not answer.
        """
        model = provider._get_model("forecast").model
        subjects = {
            one.id: assisted.Subject(one, baseline, one.start, one.name, one.category)
            for one, baseline in zip(requests, baselines, strict=True)
        }
        rehearsals = {}
        if self.env.company.ai_queue_forecast_compare:
            rehearsals = {
                one.id: one for one in assisted.rehearse(list(subjects.values()))
            }
        how = {
            "language": self._get_language(),
            "per_request": self._products_per_request(),
        }
        questions = assisted.questions(list(subjects.values()), model, **how)
        asked = {one for question in questions for one in question.key.series_ids}
        questions += assisted.backtest_questions(
            [one for one in rehearsals.values() if one.id in asked], model, **how
        )

        def tell(through):
            count = sum(
                len(key.series_ids)
                for key in through
                if key.purpose == assisted.FORECAST
            )
            progress(len(subjects) - len(asked) + count)

        outcome = provider._ask(
            questions,
            kind="forecast",
            prompt_version=assisted.PROMPT_VERSION,
            progress=tell,
            can_do_without=True,
        )
        causes = {key: outcome_of(error) for key, error in outcome.errors.items()}
        results, comparisons = assisted.collect(
            subjects, rehearsals, questions, outcome.answers, causes
        )
        row = self.env["ai.queue.run.job"]._of_current_job()
        row._remark(self._count_left_out(results, outcome.errors))
        return [
            self._make_answer(subject, results[one], comparisons.get(one))
            for one, subject in subjects.items()
        ]

    def _count_left_out(self, results, errors):
        """Why the model had no say: {sentence: in how many forecasts}."""
        sentences = {
            one: error.sentence
            for key, error in errors.items()
            if key.purpose == assisted.FORECAST
            for one in key.series_ids
        }
        return Counter(
            sentences.get(one) or self._say_rejected(result.rejected)
            for one, result in results.items()
            if result.rejected
        )

    def _say_rejected(self, code):
        if code == "kept_worse":
            # The figures stand in the reason of each product.
            return self.env._(
                "The AI model missed past demand by more than the statistics, so the "
                "calculated quantities are kept."
            )
        return self.env._(REASONS[code])

    def _make_answer(self, subject, result, comparison):
        assistance = None
        if result.is_assisted or result.rejected:
            assistance = Assistance(
                "assisted" if result.is_assisted else "rejected",
                subject.baseline.quantity,
                comparison and comparison.error,
                comparison and comparison.error_assisted,
                comparison and comparison.bias_assisted,
            )
        return ForecastAnswer(subject.series, result.forecast, assistance)

    def _products_per_request(self):
        """How many products share a question; small models do better with few."""
        parameters = self.env["ir.config_parameter"].sudo()
        count = parameters.get_param("ai_queue.products_per_request")
        if (count or "").isdecimal():
            return max(1, int(count))
        return assisted.PER_REQUEST

    def _get_language(self):
        """The English name of the language for reasons."""
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        # "German / Deutsch", "English (US)"
        return re.split(r"\s*[/(]", lang.name or "English")[0]

    # ------------------------------------------------------------
    # PERIODS
    # ------------------------------------------------------------

    def _current_period_start(self, granularity):
        """First day of the period that is not over yet."""
        return start_of(fields.Date.context_today(self), granularity)

    def _next_period_start(self, granularity):
        """First day of the period after that: the first one that is forecast.

        What is left of the running period may be a day.
        """
        return self._shift(self._current_period_start(granularity), granularity, 1)

    def _shift(self, date, granularity, periods):
        return date + STEPS[granularity] * periods

    def _period_index(self, dates, granularity, since):
        """Which period after ``since`` a first day of a period is (0: ``since``)."""
        unit = "datetime64[M]" if granularity == "month" else "datetime64[D]"
        steps = np.array(dates, dtype=unit) - np.array(since, dtype=unit)
        return steps.astype(int) // (1 if granularity == "month" else 7)

    # ------------------------------------------------------------
    # DEMAND
    # ------------------------------------------------------------

    def _get_demand_query(self, products, granularity, since, until):
        """The demand of products as a query: the hook for other sources.

        Here: what was invoiced to customers less what they gave back, by invoice date,
        in the unit of the product. A credit note counts on the day of the invoice that
        it reverses. The caller has checked that the user may
        see the demand of these products; the query itself is of the current company.

        :param products: recordset of ``product.product``
        :param str granularity: "week" (from Monday) or "month"
        :param date since: first day that counts
        :param date until: first day that counts no more
        :return: SQL of rows (product id, first day of the period, quantity)
        """
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(
            ["move_type", "reversed_entry_id", "invoice_date"]
        )
        return SQL(
            _DEMAND,
            share=RETURN_SHARE,
            granularity=granularity,
            products=products.ids,
            company=self.env.company.id,
            since=since,
            until=until,
        )

    def _get_sold_before(self, products, since):
        """Which products were sold before a day: the hook for other sources.

        A window that begins with zeros is one of a product that is rarely sold, if it
        was sold before; else of one that did not exist yet.

        :return: set of product ids
        """
        self.env.cr.execute(
            SQL(
                _SOLD_BEFORE,
                products=products.ids,
                company=self.env.company.id,
                since=since,
            )
        )
        return {product_id for (product_id,) in self.env.cr.fetchall()}

    def _remark_free_refunds(self, products, since, until):
        """Say that some credit notes may not be returns: they name no invoice."""
        row = self.env["ai.queue.run.job"]._of_current_job()
        # Where all products are learnt from, nobody looks for it.
        is_asked = row.run_id.kind == "forecast"
        count = is_asked and self._count_free_refunds(products, since, until)
        if count:
            sentence = self.env._(
                "Credit notes that reverse no invoice were taken for returns of goods."
            )
            row._remark({sentence: count})

    def _count_free_refunds(self, products, since, until):
        self.env.cr.execute(
            SQL(
                _FREE_REFUNDS,
                products=products.ids,
                company=self.env.company.id,
                since=since,
                until=until,
            )
        )
        return self.env.cr.fetchone()[0]

    def _get_columns(self, products, granularity, since, until, horizon):
        """What is known ahead beside the demand, period by period: the hook for other
        addons. Here: nothing.

        A price, a promotion or a holiday moves the forecasts of the statistics where
        the past shows that it matters, and a model is told of it by its name.

        :param products: recordset of ``product.product``
        :param str granularity: "week" (from Monday) or "month"
        :param date since: first day of the first period of the past
        :param date until: first day of the first period that is forecast
        :param int horizon: how many periods are forecast
        :return: {product id: {name: (past, coming)}}, with a number for each period
            from ``since`` up to ``until`` and for each of the ``horizon`` from there
            on; None where it is not known. Products may be left out
        """
        return {}

    def _hide_begun_month(self, history, company):
        """Take the month of the first sale for unknown where it was not a whole one.

        Nobody knows when in that month a product could be had at first. One that has
        sold in every month since would have sold before, too: its first month was a
        part of one, and looks like growth afterwards. In trials with products that
        began in the middle of a month, that made the forecasts of their first year
        up to a third worse. Of what sells now and then, the first sale is real demand
        and kept. Of weeks there are soon so many that one makes no difference.

        :param history: as of ``_get_histories``
        :return: the history, or a copy with a first period that is not a number
        """
        observed = len(history) == company.ai_queue_forecast_history
        if company.ai_queue_forecast_granularity != "month" or observed:
            return history
        if len(history) < 3 or not (history[1:] > 0).all():
            return history
        return np.concatenate(([np.nan], history[1:]))

    def _get_histories(self, products, granularity, since, until):
        """Demand by period from the first sale on, zeros filled in; of products that
        were sold before ``since`` from there on.

        :return: {product id: array of the periods up to the one before ``until``}
        """
        query = self._get_demand_query(products, granularity, since, until)
        self.env.cr.execute(query)
        rows = self.env.cr.fetchall()
        length = int(self._period_index([until], granularity, since)[0])
        histories = dict.fromkeys(products.ids, np.zeros(0))
        sold_before = self._get_sold_before(products, since)
        if not rows:
            return histories | dict.fromkeys(sold_before, np.zeros(length))
        ids, dates, quantities = zip(*rows, strict=True)
        order = {product_id: row for row, product_id in enumerate(products.ids)}
        row_of = np.array([order[product_id] for product_id in ids])
        column_of = self._period_index(dates, granularity, since)
        table = np.zeros((len(order), length))
        table[row_of, column_of] = np.array(quantities, dtype=float)
        first = np.full(len(order), length)
        np.minimum.at(first, row_of, column_of)
        first[[order[product_id] for product_id in sold_before]] = 0
        for product_id, row in order.items():
            histories[product_id] = table[row, first[row] :]
        return histories


def _with_running(history):
    """A history with the running period, whose demand nobody knows yet."""
    return np.concatenate((history, [np.nan])) if len(history) else history


def _cut(columns, length):
    """Columns whose past is as long as a history: that begins with the first sale."""
    return {
        name: (list(past)[len(past) - length :], coming)
        for name, (past, coming) in columns.items()
    }


def _waiting(baseline):
    return Assistance("waiting", baseline.quantity)
