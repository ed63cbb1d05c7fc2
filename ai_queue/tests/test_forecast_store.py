# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import dataclasses
import re
from datetime import date, timedelta

import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.ai_queue.models.forecast.ai_queue_kind_forecast import ForecastAnswer

from ..engine.forecasting import REASONS, Reason
from ..engine.forecasting import forecast as real_forecast
from .common import THIS_WEEK, AiQueueCommon, flat_forecast, weeks_ago


@tagged("post_install", "-at_install")
class TestForecastStore(AiQueueCommon):
    """What a run leaves in the table of forecasts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ai_queue_forecast_horizon = 4
        cls.products = cls.create_products(2)
        cls.product = cls.products[0]
        cls.sell_weekly({product: [10, 12, 11] for product in cls.products})

    def store(self, products=None, run=None, engine=None, **kwargs):
        """What the end of a job does with what the engine answered."""
        self.env.flush_all()
        kind = self.env["ai.queue.kind.forecast"]
        requests = kind._gather(products or self.products)
        answers = (engine or flat_forecast(**kwargs))(requests)
        self.env["ai.queue.forecast"]._store(
            list(map(ForecastAnswer, requests, answers)),
            run or self.env["ai.queue.run"],
        )
        return self.forecasts(products or self.products)

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    def test_a_forecast_is_one_row_per_product_and_period(self):
        rows = self.store()
        self.assertEqual(len(rows), 2 * 4)
        own = rows.filtered(lambda row: row.product_id == self.product)
        self.assertEqual(
            own.mapped("date_start"),
            [THIS_WEEK + timedelta(weeks=n) for n in range(1, 5)],
        )
        self.assertEqual(own[0].date_end, date(2026, 3, 29))
        self.assertEqual(own.company_id, self.company)
        self.assertEqual(own.product_tmpl_id, self.product.product_tmpl_id)
        self.assertEqual(set(own.mapped("granularity")), {"week"})

    def test_however_often_it_runs_there_is_one_row(self):
        before = self.store()
        for _time in range(3):
            self.assertEqual(self.store(), before)

    def test_a_row_says_what_the_engine_said(self):
        row = self.store(quantity=10, error=0.5, bias=0.125)[0]
        self.assertEqual(row.quantity, 10)
        self.assertEqual(row.quantity_calculated, 10)
        self.assertEqual(
            (row.lower_95, row.lower_80, row.upper_80, row.upper_95), (6, 8, 12, 14)
        )
        self.assertEqual((row.error, row.bias, row.method), (0.5, 0.125, "mean"))
        self.assertFalse(row.is_manual)
        self.assertFalse(row.is_past)

    def test_a_forecast_that_was_not_tried_on_the_past_says_so(self):
        row = self.store(self.product, error=None, bias=None)[0]
        self.assertFalse(row.is_tested)
        self.store(self.product, error=0.0, bias=0.0)
        self.assertTrue(row.is_tested)

    def test_a_newer_run_replaces_what_was_forecast(self):
        run = self.press(self.products)
        rows = self.store(quantity=10)
        self.store(quantity=20, run=run)
        self.assertEqual(set(rows.mapped("quantity")), {20})
        self.assertEqual(set(rows.mapped("upper_80")), {24})
        self.assertEqual(rows.run_id, run)

    def test_quantities_are_rounded_as_the_unit_wants(self):
        self.env["decimal.precision"].search([("name", "=", "Product Unit")]).digits = 1
        row = self.store(quantity=10.0 / 3.0)[0]
        self.env.cr.execute(
            "SELECT quantity, upper_80 FROM ai_queue_forecast WHERE id = %s", (row.id,)
        )
        self.assertEqual([float(value) for value in self.env.cr.fetchone()], [3.3, 4.0])

    def test_other_products_keep_their_forecasts(self):
        self.store(quantity=10)
        self.store(self.product, quantity=20)
        quantities = [row.quantity for row in self.forecasts(self.products)]
        self.assertEqual(quantities, 4 * [20] + 4 * [10])

    def test_companies_keep_apart(self):
        self.store(quantity=10)
        other = self.create_company("Other Company", ai_queue_forecast_horizon=1)
        kind = self.env["ai.queue.kind.forecast"].with_company(other)
        [series] = kind._gather(self.product)
        [answer] = flat_forecast(99)([series])
        self.env["ai.queue.forecast"].with_company(other)._store(
            [ForecastAnswer(series, answer)], self.env["ai.queue.run"]
        )
        rows = self.forecasts(self.product)
        ours = rows.filtered(lambda row: row.company_id == self.company)
        self.assertEqual(ours.mapped("quantity"), [10, 10, 10, 10])
        self.assertEqual((rows - ours).mapped("quantity"), [99])

    def test_a_product_without_history_gets_a_forecast_of_nothing(self):
        never_sold = self.create_products(1)
        rows = self.store(never_sold, engine=real_forecast)
        self.assertEqual(rows.mapped("quantity"), [0, 0, 0, 0])
        self.assertEqual(set(rows.mapped("method")), {"none"})
        self.assertIn("nothing to forecast from", rows[0].reason)

    def test_more_returns_than_sales_never_forecast_below_zero(self):
        product = self.create_products(1)
        self.sell(weeks_ago(3), (product, 2))
        for week in (2, 1):
            self.sell(weeks_ago(week), (product, 5), move_type="out_refund")
        rows = self.store(product, engine=real_forecast)
        self.assertEqual(len(rows), 4)
        self.assertGreaterEqual(min(rows.mapped("quantity")), 0)
        self.assertGreaterEqual(min(rows.mapped("lower_95")), 0)

    def test_a_deleted_product_takes_its_forecasts_along(self):
        product = self.create_products(1)
        rows = self.store(product)
        product.unlink()
        self.assertFalse(rows.exists())

    def test_an_answer_for_a_product_that_is_gone_is_dropped(self):
        gone = self.create_products(1)
        kind = self.env["ai.queue.kind.forecast"]
        requests = kind._gather(gone | self.product)
        answers = flat_forecast()(requests)
        gone.unlink()
        self.env["ai.queue.forecast"]._store(
            list(map(ForecastAnswer, requests, answers)), self.env["ai.queue.run"]
        )
        self.assertEqual(len(self.forecasts(self.product)), 4)

    def test_the_database_itself_refuses_a_second_row(self):
        row = self.store()[0]
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
        ):
            row.copy()

    def test_many_products_take_as_many_queries_as_few(self):
        products = self.create_products(50)
        self.store(products)
        few = self.count_queries(self.store, products[:5])
        many = self.count_queries(self.store, products)
        self.assertLessEqual(many, few)

    # ------------------------------------------------------------
    # FIXED BY HAND
    # ------------------------------------------------------------

    def test_what_a_person_fixed_stays(self):
        row = self.store(quantity=10)[0]
        row.with_user(self.user).quantity = 33
        self.assertTrue(row.is_manual)
        self.store(quantity=20)
        self.assertEqual((row.quantity, row.quantity_calculated), (33, 20))
        self.assertTrue(row.is_manual)

    def test_a_person_can_go_back_to_what_was_calculated(self):
        row = self.store(quantity=10)[0]
        row.with_user(self.user).quantity = 33
        self.store(quantity=20)
        row.with_user(self.user).action_use_calculated()
        self.assertEqual((row.quantity, row.is_manual), (20, False))
        self.store(quantity=30)
        self.assertEqual(row.quantity, 30)

    def test_the_form_fixes_what_is_written_into_it(self):
        row = self.store(quantity=10)[0]
        with Form(row.with_user(self.user)) as form:
            form.quantity = 12
        self.assertEqual((row.quantity, row.is_manual), (12, True))

    def test_nobody_may_write_a_result(self):
        row = self.store()[0]
        for person in (self.user, self.manager):
            for name, value in (
                ("upper_95", 1000),
                ("quantity_calculated", 1),
                ("method", "naive"),
                ("quantity_actual", 5),
                ("run_id", False),
                ("company_id", self.env.ref("base.main_company").id),
            ):
                with self.subTest(name), self.assertRaises(AccessError):
                    row.with_user(person).write({name: value, "quantity": 1})
        self.assertEqual(row.quantity, 10)

    def test_nobody_makes_forecasts_by_hand(self):
        row = self.store()[0]
        for person in (self.user, self.manager):
            with self.assertRaises(AccessError):
                row.with_user(person).copy()

    def test_only_managers_delete_forecasts(self):
        rows = self.store()
        with self.assertRaises(AccessError):
            rows[0].with_user(self.user).unlink()
        rows[0].with_user(self.manager).unlink()
        self.assertEqual(self.forecasts(self.products), rows[1:])

    def test_a_quantity_below_zero_is_refused(self):
        row = self.store()[0]
        with self.assertRaises(ValidationError):
            row.with_user(self.user).quantity = -1

    # ------------------------------------------------------------
    # OTHER PERIODS
    # ------------------------------------------------------------

    def test_a_shorter_horizon_takes_later_periods_away(self):
        rows = self.store(self.product)
        rows[3].quantity = 77
        self.company.ai_queue_forecast_horizon = 2
        self.store(self.product)
        left = self.forecasts(self.product)
        self.assertEqual(left, rows[:2] + rows[3])
        self.assertEqual(left.mapped("quantity"), [10, 10, 77])

    def test_a_longer_horizon_adds_periods(self):
        rows = self.store(self.product)
        self.company.ai_queue_forecast_horizon = 6
        self.assertEqual(self.store(self.product)[:4], rows)
        self.assertEqual(len(self.forecasts(self.product)), 6)

    def test_months_take_the_place_of_weeks(self):
        with freeze_time("2026-02-10"):
            past = self.store(self.product)[0]
        weeks = self.store(self.product)
        weeks[-1].quantity = 77
        self.company.ai_queue_forecast_granularity = "month"
        self.store(self.product)
        rows = self.forecasts(self.product)
        months = rows.filtered(lambda row: row.granularity == "month")
        self.assertEqual(
            months.mapped("date_start"), [date(2026, month, 1) for month in range(4, 8)]
        )
        self.assertEqual(
            months.mapped("date_end"),
            [
                date(2026, 4, 30),
                date(2026, 5, 31),
                date(2026, 6, 30),
                date(2026, 7, 31),
            ],
        )
        self.assertIn(past, rows)
        coming_weeks = (rows - months).filtered(lambda row: row.date_start > THIS_WEEK)
        self.assertEqual(coming_weeks, weeks[-1], "Only what a person fixed stays.")

    def test_weeks_take_the_place_of_months(self):
        self.company.ai_queue_forecast_granularity = "month"
        self.store(self.product)
        self.company.ai_queue_forecast_granularity = "week"
        self.store(self.product)
        rows = self.forecasts(self.product)
        self.assertEqual(rows.mapped("granularity"), ["week"] * 4)

    def test_the_year_ends_in_the_middle_of_the_periods(self):
        self.company.ai_queue_forecast_granularity = "month"
        with freeze_time("2026-11-05"):
            rows = self.store(self.product)
        self.assertEqual(
            rows.mapped("date_start"),
            [
                date(2026, 12, 1),
                date(2027, 1, 1),
                date(2027, 2, 1),
                date(2027, 3, 1),
            ],
        )

    # ------------------------------------------------------------
    # WHAT WAS REALLY SOLD
    # ------------------------------------------------------------

    def test_the_next_run_notes_what_was_really_sold(self):
        row = self.store(self.product, quantity=10)[0]
        self.assertFalse(row.is_past)
        with freeze_time("2026-03-31"):
            self.sell(date(2026, 3, 27), (self.product, 7))
            self.store(self.product, quantity=20)
        self.assertTrue(row.is_past)
        self.assertEqual(row.quantity, 10, "What was foreseen must stay.")
        self.assertEqual((row.quantity_actual, row.absolute_error), (7, 3))

    def test_what_was_missed_is_worth_its_cost(self):
        self.products[0].with_company(self.company).standard_price = 2.5
        self.products[1].list_price = 7.0
        rows = self.store(quantity=30)
        self.assertEqual(
            [one.expected_error_value for one in rows.sorted("id")[::4]],
            [0.25 * 30 * 2.5, 0.25 * 30 * 7.0],
        )
        with freeze_time("2026-04-08"):
            self.store(quantity=30)
        for row in rows.filtered("is_past"):
            worth = 2.5 if row.product_id == self.products[0] else 7.0
            self.assertEqual(row.absolute_error_value, 30 * worth)
        self.assertTrue(rows.filtered("is_past"))

    def test_a_shared_sales_price_is_in_the_currency_of_the_main_company(self):
        money = self.env["res.currency"].create({"name": "XQA", "symbol": "¤"})
        other = self.create_company("Other Company", currency_id=money.id)
        self.env["res.currency.rate"].create(
            {
                "currency_id": money.id,
                "company_id": other.id,
                "name": "2026-01-01",
                "rate": 4.0,
            }
        )
        own = self.create_products(1, "Own", company_id=other.id)
        shared = self.create_products(1, "Shared")
        self.assertFalse(shared.company_id)
        products = own | shared
        products.list_price = 10.0
        products.with_company(other).standard_price = 0
        env = self.env(context={"allowed_company_ids": other.ids})
        kind = env["ai.queue.kind.forecast"]
        requests = kind._gather(products.with_env(env))
        answers = flat_forecast(quantity=30)(requests)
        env["ai.queue.forecast"]._store(
            list(map(ForecastAnswer, requests, answers)), env["ai.queue.run"]
        )
        rows = self.forecasts(products)
        worth = {row.product_id: row.expected_error_value for row in rows}
        self.assertEqual(worth, {own: 0.25 * 30 * 10, shared: 0.25 * 30 * 10 * 4})

    def test_without_trials_no_miss_is_likely(self):
        rows = self.store(error=None)
        self.assertEqual(set(rows.mapped("expected_error_value")), {0})
        self.assertEqual(set(rows.mapped("is_tested")), {False})

    def test_a_late_invoice_is_noted_as_well(self):
        row = self.store(self.product, quantity=10)[0]
        with freeze_time("2026-03-31"):
            self.sell(date(2026, 3, 27), (self.product, 7))
            self.store(self.product)
        with freeze_time("2026-04-09"):
            self.sell(date(2026, 3, 28), (self.product, 1))
            self.store(self.product)
        self.assertEqual((row.quantity_actual, row.absolute_error), (8, 2))

    def test_a_period_without_any_sale_was_a_forecast_too_high(self):
        never_sold = self.create_products(1)
        row = self.store(never_sold, quantity=4)[0]
        with freeze_time("2026-03-31"):
            self.store(never_sold)
        self.assertTrue(row.is_past)
        self.assertEqual((row.quantity_actual, row.absolute_error), (0, 4))

    def test_the_accuracy_counts_what_a_person_foresaw(self):
        row = self.store(self.product, quantity=10)[0]
        row.quantity = 6
        with freeze_time("2026-03-31"):
            self.sell(date(2026, 3, 27), (self.product, 7))
            self.store(self.product)
        self.assertEqual(row.absolute_error, 1)

    # ------------------------------------------------------------
    # NEWER RUNS
    # ------------------------------------------------------------

    def test_an_older_run_leaves_the_forecasts_of_a_newer_one(self):
        older = self.press(self.products)
        newer = self.press(self.product)
        with self.engine(flat_forecast(20)):
            self.run_jobs(newer)
        with self.engine(flat_forecast(5)):
            self.run_jobs(older)
        quantities = [row.quantity for row in self.forecasts(self.products)]
        self.assertEqual(quantities, 4 * [20] + 4 * [5])
        self.assertEqual((older.state, older.finished, older.skipped), ("done", 2, 1))
        self.assertEqual(
            older.skip_summary,
            f"A newer run has already forecast them: {self.product.display_name}",
        )

    def test_a_newer_run_of_another_company_is_none_of_ours(self):
        other = self.create_company("Other Company")
        self.user.company_ids = [Command.link(other.id)]
        older = self.press(self.product)
        product = self.product.with_context(
            allowed_company_ids=(other | self.company).ids
        )
        newer = self.press(product)
        self.assertEqual(newer.company_id, other)
        with self.engine(flat_forecast()):
            self.run_jobs(newer)
            self.run_jobs(older)
        self.assertEqual(older.skipped, 0)

    # ------------------------------------------------------------
    # WHY
    # ------------------------------------------------------------

    def test_every_reason_of_the_engine_is_said_in_words(self):
        def reason(code, notes=()):
            names = re.findall(r"%\((\w+)\)s", REASONS[code])
            values = {
                "method": "theta",
                "methods": ["ses", "holt"],
                "columns": ["price"],
                "cause": "key",
            }
            return Reason(code, {name: values.get(name, 7) for name in names}, notes)

        def engine(requests):
            answers = flat_forecast()(requests)
            return [dataclasses.replace(answer, reason=whole) for answer in answers]

        first, *others = REASONS
        whole = reason(first, tuple(map(reason, others)))
        row = self.store(self.product, engine=engine)[0]
        labels = dict(row._fields["method"]._description_selection(self.env))
        for code in REASONS:
            text = reason(code).text
            if "methods" in REASONS[code]:
                text = text.partition(labels["ses"])[0]
            self.assertIn(text, row.reason)
        for method in ("theta", "ses", "holt"):
            self.assertIn(labels[method], row.reason)

    def test_every_answer_of_the_engine_has_words(self):
        products = self.create_products(4)
        short, steady, constant, lumpy = products
        self.sell_weekly(
            {
                short: [5],
                steady: [9, 11, 10, 12] * 4,
                constant: [7] * 16,
                lumpy: [0, 0, 30, 0, 0, 0, 0, 12] * 2,
            }
        )
        rows = self.store(products, engine=real_forecast)
        self.assertEqual(len(rows), 4 * 4)
        for row in rows:
            self.assertTrue(row.reason)
            self.assertNotIn("%(", row.reason)
            self.assertLessEqual(row.lower_95, row.lower_80)
            self.assertLessEqual(row.lower_80, row.quantity)
            self.assertLessEqual(row.quantity, row.upper_80)
            self.assertLessEqual(row.upper_80, row.upper_95)
