# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# Periods of history that the chart shows.
CHART_PERIODS = 104

# Of more products at once nobody reads a chart: it would take a request too long.
CHART_PRODUCTS = 5000

CRON_PRIORITY = 20


class ProductProduct(models.Model):
    _inherit = "product.product"

    ai_forecast_quantity = fields.Float(
        string="Forecast",
        compute="_compute_ai_forecast",
        digits="Product Unit",
        help="Expected demand of the coming periods, in the unit of the product.",
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
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        help="A product that this new one is expected to sell like, or that it takes "
        "the place of: its demand counts as the one before the first sale of this one. "
        "Empty: similar products tell how it starts.",
    )

    @api.constrains("ai_forecast_like_id")
    def _check_ai_forecast_like(self):
        if any(product == product.ai_forecast_like_id for product in self):
            raise ValidationError(
                self.env._("Name another product: every product sells like itself.")
            )

    @api.depends_context("company", "uid")
    def _compute_ai_forecast(self):
        quantities = self._get_ai_forecast_quantities()
        states = self._get_ai_forecast_states()
        for product in self:
            product.ai_forecast_quantity = quantities.get(product.id, 0.0)
            product.ai_forecast_state = states.get(product.id, False)

    def _get_ai_forecast_quantities(self):
        """Sum of the coming periods: {product id: quantity}; empty without rights."""
        forecasts = self.env["ai.queue.forecast"]
        if not forecasts.has_access("read"):
            return {}
        groups = forecasts._read_group(
            self._get_ai_forecast_domain(), ["product_id"], ["quantity:sum"]
        )
        return {product.id: quantity for product, quantity in groups}

    def _get_ai_forecast_domain(self):
        """The coming periods of these products in the current company."""
        company = self.env.company
        granularity = company.ai_queue_forecast_granularity
        start = self.env["ai.queue.kind.forecast"]._next_period_start(granularity)
        return Domain(
            [
                ("product_id", "in", self.ids),
                ("company_id", "=", company.id),
                ("granularity", "=", granularity),
                ("date_start", ">=", start),
            ]
        )

    def _get_ai_forecast_states(self):
        """State of the last job with each product: {product id: state}."""
        if not self.env["ai.queue.run.job"].has_access("read"):
            return {}
        jobs = self._get_ai_forecast_jobs()
        return {product_id: job.state for product_id, job in jobs.items()}

    def _get_ai_forecast_jobs(self):
        """The last job with each product: {product id: ai.queue.run.job}.

        A job with its template is one with the product, if that was there by then.
        """
        jobs = self.env["ai.queue.run.job"]
        last = jobs._last_by_record(self)
        of_templates = jobs._last_by_record(self.product_tmpl_id)
        for product in self if of_templates else ():
            job = of_templates.get(product.product_tmpl_id.id, jobs)
            own = last.get(product.id, jobs)
            if job.id > own.id and job.create_date >= product.create_date:
                last[product.id] = job
        return last

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_run_ai_forecast(self):
        """Queue a demand forecast of these products, and say where to see it."""
        run = self.env["ai.queue.run"]._start("forecast", self)
        return run._get_notification()

    def action_open_ai_forecasts(self):
        """The forecasts of these products, period by period."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue.ai_queue_forecast_action"
        )
        action["domain"] = [("product_id", "in", self.ids)]
        action["context"] = {"search_default_coming": 1}
        if len(self) == 1:
            action["display_name"] = self.env._(
                "Forecast of %(product)s", product=self.display_name
            )
        return action

    def action_open_ai_forecast_events(self):
        """Promotions and exceptional periods of these products."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue.ai_queue_forecast_event_action"
        )
        action["domain"] = [("product_ids", "in", self.ids)]
        action["context"] = {"default_product_ids": self.ids}
        return action

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.private
    def run_ai_demand_forecast(self):
        """Forecast demand

        The job method, for one product or ten thousand: it does the work in the
        caller's process, so call it through ``with_delay``.
        """
        return self.env["ai.queue.kind.forecast"]._perform(self)

    @api.model
    def _cron_ai_demand_forecast(self):
        """Queue a forecast for every company that wants one every night."""
        companies = self.env["res.company"].search(
            [("ai_queue_forecast_nightly", "=", True)]
        )
        for company in companies:
            self._start_ai_forecast_of(company, origin="cron", priority=CRON_PRIORITY)

    @api.model
    def _start_ai_forecast_of(self, company, **options):
        """Queue a forecast of every product that a company sells.

        :return: the run; empty when there is no such product
        """
        products = (
            self.with_context(allowed_company_ids=company.ids)
            .with_company(company)
            .search(self._get_ai_forecast_cron_domain(company))
        )
        runs = products.env["ai.queue.run"]
        return runs._start("forecast", products, **options) if products else runs

    @api.model
    def _get_ai_forecast_cron_domain(self, company):
        """Which products of a company are forecast every night."""
        # What belongs to a company is sold by its branches, too.
        return Domain("sale_ok", "=", True) & (
            Domain("company_id", "=", False)
            | Domain("company_id", "parent_of", company.ids)
        )

    # ------------------------------------------------------------
    # CHART
    # ------------------------------------------------------------

    @api.readonly
    def get_ai_forecast_data(self):
        """History, forecast and last run, for the chart of the product form.

        Several products (the variants of a template) are shown as their sum; the
        half widths of their intervals add up as those of independent demands do, by
        the root of the sum of squares.

        :return: dict of ``unit``, ``granularity``, ``history`` (list of ``date`` and
            ``quantity``, the last one of the running period, with ``is_running``),
            ``forecast`` (list of ``date``, ``quantity``, ``lo80``, ``hi80``, ``lo95``,
            ``hi95``, ``is_manual``), ``total`` (``quantity``, ``lo80``, ``hi80`` of all
            that is forecast together; None where something is fixed by hand),
            ``method``, ``reason``, ``error`` (ratio or None), ``run`` (``id``,
            ``name``, ``state``, ``progress``, ``message``, ``date``; or None)
        """
        if len(self) > CHART_PRODUCTS:
            raise UserError(
                self.env._("A chart shows at most %s products.", CHART_PRODUCTS)
            )
        if len(set(self.ids)) < len(self):
            # What no screen asks for, but anybody may send: each counts once.
            return (self | self.browse()).get_ai_forecast_data()
        self.check_access("read")
        self.env["ai.queue.forecast"].check_access("read")
        kind = self.env["ai.queue.kind.forecast"]
        granularity = self.env.company.ai_queue_forecast_granularity
        start = kind._next_period_start(granularity)
        forecasts = self.env["ai.queue.forecast"].search(
            self._get_ai_forecast_domain(), order="date_start"
        )
        heads = forecasts.grouped("product_id")
        head = forecasts[:1] if len(heads) == 1 else forecasts.browse()
        return {
            "unit": self[:1].uom_id.name,
            "granularity": granularity,
            "history": self._get_ai_history_points(kind, granularity, start),
            "forecast": [
                rows._get_chart_point()
                for rows in forecasts.grouped("date_start").values()
            ],
            "total": self._get_ai_forecast_total(forecasts),
            "method": dict(
                forecasts._fields["method"]._description_selection(self.env)
            ).get(head.method),
            "reason": head.reason or None,
            "error": head.error if head.is_tested else None,
            "run": self._get_ai_forecast_run_data(),
        }

    def _get_ai_history_points(self, kind, granularity, start):
        since = kind._shift(start, granularity, -CHART_PERIODS - 1)
        histories = kind._get_histories(self, granularity, since, start).values()
        length = max((len(history) for history in histories), default=0)
        totals = [0.0] * length
        for history in histories:
            for back, quantity in enumerate(reversed(history), 1):
                totals[-back] += float(quantity)
        return [
            {
                "date": kind._shift(start, granularity, index - length),
                "quantity": quantity,
                "is_running": index == length - 1,
            }
            for index, quantity in enumerate(totals)
        ]

    def _get_ai_forecast_total(self, forecasts):
        """What is expected of all coming periods together, and within which bounds.

        Of several products the half widths add up as in ``get_ai_forecast_data``.
        """
        if not forecasts or any(forecasts.mapped("is_manual")):
            return None
        totals = [
            rows._get_total() for rows in forecasts.grouped("product_id").values()
        ]
        quantity = sum(total.quantity for total in totals)
        low = sum((total.quantity - total.lower_80) ** 2 for total in totals) ** 0.5
        high = sum((total.upper_80 - total.quantity) ** 2 for total in totals) ** 0.5
        return {
            "quantity": quantity,
            "lo80": max(0.0, quantity - low),
            "hi80": quantity + high,
        }

    def _get_ai_demand(self, periods):
        """Expected demand of the next whole periods together, with its bounds.

        For those who order for a lead time: an order that covers ``upper_95`` is too
        small in one of 40 cases. A quantity that a person has fixed moves the bounds.

        :param int periods: how many, in the period length of the current company
        :return: {product: ``Total``}; products without so many periods are left out
        """
        forecasts = self.env["ai.queue.forecast"].search(
            self._get_ai_forecast_domain(), order="date_start"
        )
        return {
            product: rows[:periods]._get_total()
            for product, rows in forecasts.grouped("product_id").items()
            if len(rows) >= periods
        }

    def _get_ai_forecast_run_data(self):
        jobs = self._get_ai_forecast_jobs().values()
        if not jobs:
            return None
        job = max(jobs, key=lambda job: job.id)
        run = job.run_id
        return {
            "id": run.id,
            "name": run.display_name,
            "state": job.state,
            "progress": run.progress,
            "message": job.message or None,
            "date": job.date_done or job.date_started or run.create_date,
        }
