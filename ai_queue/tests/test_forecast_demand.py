# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import math
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import THIS_MONTH, THIS_WEEK, TODAY, AiQueueCommon, weeks_ago


@tagged("post_install", "-at_install")
class TestForecastDemand(AiQueueCommon):
    """What counts as demand, and of which period."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.create_products(1)
        cls.kind = cls.env["ai.queue.kind.forecast"]

    def history(self, product, company=None, tz="UTC"):
        """The demand that the engine is given, oldest period first."""
        self.env.flush_all()
        kind = self.kind.with_company(company or self.company).with_context(tz=tz)
        [series] = kind._gather(product)
        self.assertEqual(series.id, product.id)
        history = list(series.history)
        if history:
            # What is sold in the running period is not known yet.
            self.assertTrue(math.isnan(history.pop()))
        return history

    def test_lines_are_read_from_the_index_alone(self):
        """A column that the index does not have makes it of no use to the query."""
        self.sell(weeks_ago(2), (self.product, 3))
        self.env.flush_all()
        query = self.kind.with_company(self.company)._get_demand_query(
            self.product, "week", weeks_ago(10), weeks_ago(0)
        )
        # So few lines are read whole by themselves, whatever indexes there are.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_bitmapscan = off")
        self.env.cr.execute("SET LOCAL enable_indexscan = off")
        self.env.cr.execute(SQL("EXPLAIN %s", query))
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("Index Only Scan using account_move_line_ai_queue_demand", plan)

    # ------------------------------------------------------------
    # WHAT IS KNOWN AHEAD
    # ------------------------------------------------------------

    def columns(self, **columns):
        """The columns that the engine is given, when another addon knows these."""
        known = {self.product.id: columns}
        kind = type(self.kind)
        self.patch(kind, "_get_columns", lambda *arguments: known)
        [series] = self.kind.with_company(self.company)._gather(self.product)
        return series.columns

    def test_nothing_is_known_ahead_by_itself(self):
        [series] = self.kind.with_company(self.company)._gather(self.product)
        self.assertFalse(series.columns)

    def test_columns_begin_where_the_history_does(self):
        self.sell(weeks_ago(2), (self.product, 3))
        self.env.flush_all()
        past = list(range(self.company.ai_queue_forecast_history + 1))
        coming = [0] * self.company.ai_queue_forecast_horizon
        columns = self.columns(price=(past, coming))
        # Of the running period, too, they are known.
        self.assertEqual(columns, {"price": (past[-3:], coming)})

    def test_without_a_history_columns_have_no_past(self):
        coming = [1] * self.company.ai_queue_forecast_horizon
        columns = self.columns(price=([5, 6, 7], coming))
        self.assertEqual(columns, {"price": ([], coming)})

    # ------------------------------------------------------------
    # WHAT COUNTS
    # ------------------------------------------------------------

    def test_invoices_of_a_week_add_up(self):
        self.sell(weeks_ago(2), (self.product, 3))
        self.sell(date(2026, 3, 8), (self.product, 4), (self.product, 0.5))
        self.sell(weeks_ago(1), (self.product, 2))
        self.assertEqual(self.history(self.product), [7.5, 2])

    def test_returns_are_subtracted(self):
        self.sell(weeks_ago(1), (self.product, 10))
        self.sell(weeks_ago(1), (self.product, 3), move_type="out_refund")
        self.assertEqual(self.history(self.product), [7])

    # ------------------------------------------------------------
    # CREDIT NOTES
    # ------------------------------------------------------------

    def reverse(self, move, day, **values):
        """As Odoo's wizard makes a credit note; with these values on its line."""
        refund = move._reverse_moves([{"invoice_date": day, "date": day}])
        if values:
            refund.invoice_line_ids.write(values)
        refund.action_post()
        return refund

    def test_what_was_reversed_was_never_sold(self):
        self.sell(weeks_ago(4), (self.product, 30))
        wrong = self.sell(weeks_ago(3), (self.product, 3000))
        self.reverse(wrong, weeks_ago(2))
        self.sell(weeks_ago(2), (self.product, 30))
        self.sell(weeks_ago(1), (self.product, 30))
        self.assertEqual(self.history(self.product), [30, 0, 30, 30])

    def test_it_counts_in_its_week_when_it_is_reversed_in_the_running_one(self):
        wrong = self.sell(weeks_ago(2), (self.product, 3000))
        self.sell(weeks_ago(1), (self.product, 30))
        self.reverse(wrong, TODAY)
        self.assertEqual(self.history(self.product), [0, 30])

    def test_what_was_given_back_counts_in_the_week_of_its_sale(self):
        move = self.sell(weeks_ago(3), (self.product, 10))
        self.sell(weeks_ago(1), (self.product, 8))
        self.reverse(move, weeks_ago(1), quantity=4)
        self.assertEqual(self.history(self.product), [6, 0, 8])

    def test_a_reversal_of_what_was_sold_before_takes_nothing_away(self):
        self.company.ai_queue_forecast_history = 2
        old = self.sell(weeks_ago(5), (self.product, 100))
        self.sell(weeks_ago(1), (self.product, 8))
        self.reverse(old, weeks_ago(1))
        self.assertEqual(self.history(self.product), [0, 8])

    def test_a_lower_price_gives_no_pieces_back(self):
        move = self.sell(weeks_ago(2), (self.product, 10))
        self.reverse(move, weeks_ago(1), price_unit=1.0)
        self.assertEqual(self.history(self.product), [10, 0])

    def test_a_return_with_a_deduction_gives_them_back(self):
        move = self.sell(weeks_ago(2), (self.product, 10))
        self.reverse(move, weeks_ago(1), price_unit=8.0, quantity=4)
        self.assertEqual(self.history(self.product), [6, 0])

    def test_a_return_by_the_piece_of_what_was_sold_by_the_dozen(self):
        move = self.sell(weeks_ago(2), (self.product, 2, self.dozen))
        move.button_draft()
        move.invoice_line_ids.price_unit = 120.0
        move.action_post()
        piece = self.product.uom_id.id
        vals = {"product_uom_id": piece, "quantity": 4, "price_unit": 10.0}
        self.reverse(move, weeks_ago(1), **vals)
        self.assertEqual(self.history(self.product), [20, 0])

    def test_credit_notes_without_an_invoice_are_named(self):
        self.sell(weeks_ago(2), (self.product, 10))
        self.sell(weeks_ago(1), (self.product, 3), move_type="out_refund")
        run = self.forecast(self.product)
        self.assertIn("Credit notes that reverse no invoice", run.remark_summary)

    # ------------------------------------------------------------
    # BEFORE THE WINDOW
    # ------------------------------------------------------------

    def test_zeros_count_of_what_was_sold_before(self):
        self.company.ai_queue_forecast_history = 4
        self.sell(weeks_ago(9), (self.product, 1))
        self.sell(weeks_ago(1), (self.product, 1))
        self.assertEqual(self.history(self.product), [0, 0, 0, 1])

    def test_what_sold_before_the_window_is_not_new(self):
        self.sell(weeks_ago(80), (self.product, 5))
        for back in range(10, 0, -1):
            self.sell(weeks_ago(back), (self.product, 5))
        self.company.ai_queue_forecast_history = 70
        other = self.create_products(1)
        for back in range(10, 0, -1):
            self.sell(weeks_ago(back), (other, 5))
        self.assertEqual(self.history(self.product), [0] * 60 + [5] * 10)
        self.run_jobs(self.press(self.product | other))
        old, new = self.forecasts(self.product), self.forecasts(other)
        self.assertNotIn("new", old[0].reason)
        self.assertNotIn("new", new[0].reason)
        # It sells again: not what 70 weeks make of it, and no more than it sold.
        horizon = self.company.ai_queue_forecast_horizon
        total = sum(old.mapped("quantity"))
        self.assertGreater(total, 0.6 * 5 * horizon)
        self.assertLess(total, 1.2 * 5 * horizon)
        self.assertAlmostEqual(sum(new.mapped("quantity")), 5 * horizon, delta=1)

    def test_what_is_not_sold_any_more_has_zeros(self):
        self.company.ai_queue_forecast_history = 4
        self.sell(weeks_ago(9), (self.product, 1))
        self.assertEqual(self.history(self.product), [0, 0, 0, 0])

    def test_returns_above_the_sales_of_a_week_make_it_negative(self):
        self.sell(weeks_ago(2), (self.product, 10))
        self.sell(weeks_ago(1), (self.product, 4), move_type="out_refund")
        self.assertEqual(self.history(self.product), [10, -4])

    def test_a_negative_invoice_line_is_a_return_too(self):
        self.sell(weeks_ago(1), (self.product, 10), (self.product, -4))
        self.assertEqual(self.history(self.product), [6])

    def test_sales_receipts_count(self):
        self.sell(weeks_ago(1), (self.product, 5), move_type="out_receipt")
        self.assertEqual(self.history(self.product), [5])

    def test_drafts_and_cancelled_invoices_do_not_count(self):
        self.sell(weeks_ago(1), (self.product, 1))
        self.sell(weeks_ago(1), (self.product, 20), post=False)
        cancelled = self.sell(weeks_ago(1), (self.product, 300))
        cancelled.button_draft()
        cancelled.button_cancel()
        self.assertEqual(self.history(self.product), [1])

    def test_vendor_documents_do_not_count(self):
        self.sell(weeks_ago(1), (self.product, 1))
        for move_type in ("in_invoice", "in_refund", "in_receipt"):
            self.sell(weeks_ago(1), (self.product, 20), move_type=move_type)
        self.assertEqual(self.history(self.product), [1])

    def test_journal_entries_do_not_count(self):
        self.sell(weeks_ago(1), (self.product, 1))
        journal = self.env["account.journal"].create(
            {"name": "Miscellaneous", "code": "MISC", "type": "general"}
        )
        accounts = self.env["account.account"].search(
            [
                ("company_ids", "=", self.company.id),
                ("account_type", "in", ("income", "expense")),
            ]
        )
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "date": weeks_ago(1),
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "product_id": self.product.id,
                            "quantity": 20,
                            "balance": balance,
                        }
                    )
                    for account, balance in zip(accounts, (50, -50), strict=True)
                ],
            }
        )
        entry.action_post()
        self.assertEqual(self.history(self.product), [1])

    def test_sections_and_notes_do_not_count(self):
        invoice = self.sell(weeks_ago(1), (self.product, 1), post=False)
        invoice.invoice_line_ids = [
            Command.create(
                {
                    "display_type": "line_section",
                    "name": "A combo stands over its parts as a section",
                    "product_id": self.product.id,
                    "quantity": 20,
                }
            )
        ]
        invoice.action_post()
        self.assertEqual(self.history(self.product), [1])

    def test_units_are_converted_to_the_one_of_the_product(self):
        self.sell(weeks_ago(1), (self.product, 2, self.dozen), (self.product, 1))
        by_the_dozen = self.create_products(1, uom_id=self.dozen.id)
        self.sell(weeks_ago(1), (by_the_dozen, 18, self.unit), (by_the_dozen, 1))
        self.assertEqual(self.history(self.product), [25])
        self.assertAlmostEqual(self.history(by_the_dozen)[0], 2.5)

    def test_every_variant_has_a_demand_of_its_own(self):
        red, blue = self.create_template_with_variants().product_variant_ids
        self.sell(weeks_ago(1), (red, 3), (blue, 4))
        self.assertEqual(self.history(red), [3])
        self.assertEqual(self.history(blue), [4])

    def test_a_combo_has_no_demand_but_its_parts_do(self):
        combo = self.env["product.combo"].create(
            {
                "name": "Part",
                "combo_item_ids": [Command.create({"product_id": self.product.id})],
            }
        )
        product = self.create_products(
            1, type="combo", combo_ids=[Command.set(combo.ids)]
        )
        self.sell(weeks_ago(1), (self.product, 2))
        self.assertEqual(self.history(product), [])
        self.assertEqual(self.history(self.product), [2])

    def test_each_company_has_a_demand_of_its_own(self):
        other = self.create_company("Other Company")
        self.sell(weeks_ago(1), (self.product, 3))
        self.sell(weeks_ago(1), (self.product, 40), company=other)
        self.assertEqual(self.history(self.product), [3])
        self.assertEqual(self.history(self.product, company=other), [40])

    # ------------------------------------------------------------
    # PERIODS
    # ------------------------------------------------------------

    def test_the_unfinished_week_is_not_taken_for_a_drop(self):
        self.sell(weeks_ago(1), (self.product, 9))
        self.sell(THIS_WEEK, (self.product, 1))
        self.sell(TODAY, (self.product, 1))
        self.assertEqual(self.history(self.product), [9])

    def test_the_history_begins_with_the_first_sale(self):
        self.sell(weeks_ago(4), (self.product, 5))
        self.sell(weeks_ago(2), (self.product, 6))
        self.assertEqual(self.history(self.product), [5, 0, 6, 0])

    def test_a_product_that_was_never_sold_has_no_history(self):
        self.sell(weeks_ago(1), (self.create_products(1), 5))
        self.assertEqual(self.history(self.product), [])

    def test_the_history_is_as_long_as_the_company_wants(self):
        self.company.ai_queue_forecast_history = 3
        self.sell_weekly({self.product: [1, 2, 3, 4, 5]})
        self.assertEqual(self.history(self.product), [3, 4, 5])

    def test_products_of_a_chunk_keep_their_own_histories(self):
        late, never = self.create_products(2)
        self.sell_weekly({self.product: [1, 2, 3], late: [7]})
        self.env.flush_all()
        products = never | late | self.product
        requests = self.kind._gather(products)
        self.assertEqual([series.id for series in requests], products.ids)
        histories = [list(series.history[:-1]) for series in requests]
        self.assertEqual(histories, [[], [7], [1, 2, 3]])

    def test_demand_is_counted_by_month_where_the_company_wants(self):
        self.company.ai_queue_forecast_granularity = "month"
        self.sell(date(2025, 11, 30), (self.product, 1))
        self.sell(date(2025, 12, 1), (self.product, 2))
        self.sell(date(2025, 12, 31), (self.product, 3))
        self.sell(date(2026, 2, 28), (self.product, 4))
        self.sell(date(2026, 3, 1), (self.product, 5))
        self.assertEqual(self.history(self.product), [1, 5, 0, 4])
        [series] = self.kind._gather(self.product)
        self.assertEqual(series.freq, "M")

    def gather_months(self, *quantities):
        """What is forecast from, after sales in the middle of the last months."""
        self.company.ai_queue_forecast_granularity = "month"
        day = THIS_MONTH + timedelta(days=14)
        for back, quantity in enumerate(reversed(quantities), 1):
            if quantity:
                self.sell(day - relativedelta(months=back), (self.product, quantity))
        [series] = self.kind._gather(self.product)
        return list(series.history[:-1])

    def test_a_month_in_which_regular_sales_began_is_no_whole_one(self):
        begun, *rest = self.gather_months(10, 20, 20, 20)
        self.assertTrue(math.isnan(begun))
        self.assertEqual(rest, [20, 20, 20])

    def test_what_sells_now_and_then_keeps_its_first_sale(self):
        self.assertEqual(self.gather_months(10, 20, 0, 20), [10, 20, 0, 20])

    def test_two_months_are_too_few_to_know_what_is_regular(self):
        self.assertEqual(self.gather_months(10, 20), [10, 20])

    def test_the_first_month_that_is_looked_at_is_a_whole_one(self):
        self.company.ai_queue_forecast_history = 4
        self.assertEqual(self.gather_months(9, 10, 20, 20, 20), [10, 20, 20, 20])

    def test_a_month_of_which_a_part_is_known_is_forecast_and_charted(self):
        self.gather_months(10, 20, 20, 20)
        self.run_jobs(self.press(self.product))
        rows = self.forecasts(self.product)
        for row in rows:
            self.assertAlmostEqual(row.quantity, 20, delta=0.5)
        # The past that a forecast is compared with has no such months.
        rows[0].copy({"date_start": date(2025, 11, 1), "date_end": date(2025, 11, 30)})
        rows[0].copy({"date_start": date(2025, 12, 1), "date_end": date(2025, 12, 31)})
        self.run_jobs(self.press(self.product))
        past = self.forecasts(self.product).filtered("is_past")
        self.assertEqual(past.mapped("quantity_actual"), [20])
        data = self.product.with_user(self.user).get_ai_forecast_data()
        self.assertEqual(
            [point["quantity"] for point in data["history"]], [10, 20, 20, 20, 0]
        )

    def test_weeks_begin_on_monday(self):
        self.sell(date(2026, 3, 8), (self.product, 1))  # a Sunday
        self.sell(date(2026, 3, 9), (self.product, 2))
        self.sell(date(2026, 3, 15), (self.product, 3))
        self.assertEqual(self.history(self.product), [1, 5])

    def test_the_week_ends_at_midnight_of_the_user(self):
        self.sell(weeks_ago(1), (self.product, 2))
        with freeze_time("2026-03-15 22:00:00"):  # Sunday, in Tokyo already Monday
            self.assertEqual(self.history(self.product, tz="Europe/Berlin"), [])
            self.assertEqual(self.history(self.product, tz="Asia/Tokyo"), [2])

    def test_the_request_says_how_far_to_look(self):
        self.company.ai_queue_forecast_horizon = 5
        [series] = self.kind._gather(self.product)
        self.assertEqual((series.horizon, series.freq), (5, "W"))

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_many_products_take_as_many_queries_as_few(self):
        products = self.create_products(50)
        self.sell(weeks_ago(1), *[(product, 1) for product in products])
        self.kind._gather(products)  # fills the caches of the server
        few = self.count_queries(self.kind._gather, products[:5])
        many = self.count_queries(self.kind._gather, products)
        self.assertLessEqual(many, few)


class DemandOfOrders(models.AbstractModel):
    """What a glue addon does: demand from a table of its own."""

    _module = None
    _inherit = "ai.queue.kind.forecast"

    def _get_demand_query(self, products, granularity, since, until):
        query = super()._get_demand_query(products, granularity, since, until)
        if granularity != "week":
            return query
        return SQL(
            "SELECT product_id, period, 2 * sum FROM (%s) AS invoiced "
            "UNION ALL SELECT unnest(%s), %s, 100",
            query,
            products.ids,
            since,
        )


@tagged("post_install", "-at_install")
class TestForecastDemandHook(AiQueueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(DemandOfOrders)
        cls.product = cls.create_products(1)

    def test_another_addon_can_say_where_demand_comes_from(self):
        self.company.ai_queue_forecast_history = 3
        self.sell(weeks_ago(1), (self.product, 4))
        self.env.flush_all()
        [series] = self.env["ai.queue.kind.forecast"]._gather(self.product)
        # The running week is not over: nobody knows what it will have sold.
        self.assertEqual(list(series.history[:-1]), [100, 0, 8])
        self.assertTrue(math.isnan(series.history[-1]))

    def test_the_chart_shows_the_same_demand(self):
        self.sell(weeks_ago(1), (self.product, 4))
        self.env.flush_all()
        data = self.product.with_user(self.user).get_ai_forecast_data()
        last, running = data["history"][-2:]
        self.assertEqual((last["quantity"], last["is_running"]), (8, False))
        self.assertTrue(running["is_running"])
