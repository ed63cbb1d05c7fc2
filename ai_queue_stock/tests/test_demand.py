# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import math
from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.ai_queue.tests.common import TODAY, weeks_ago

from .common import AiQueueStockCommon


@tagged("post_install", "-at_install")
class TestStockDemand(AiQueueStockCommon):
    """What of the moves of stock is demand, and of which period."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.create_goods(1)
        cls.kind = cls.env["ai.queue.kind.forecast"]

    def history(self, product, company=None):
        """The demand that the engine is given, oldest period first."""
        self.env.flush_all()
        kind = self.kind.with_company(company or self.company)
        [series] = kind._gather(product)
        return list(series.history[:-1])

    def stock_up(self, quantity=1000, product=None):
        self.receive(weeks_ago(30), product or self.product, quantity)

    def test_deliveries_to_customers_are_demand(self):
        self.stock_up()
        self.deliver(weeks_ago(3), self.product, 4)
        self.deliver(weeks_ago(3) + timedelta(days=6), self.product, 1)
        self.deliver(weeks_ago(1), self.product, 2)
        self.assertEqual(self.history(self.product), [5, 0, 2])

    def test_invoices_are_none_then(self):
        self.stock_up()
        self.deliver(weeks_ago(2), self.product, 4)
        self.sell(weeks_ago(1), (self.product, 50))
        self.assertEqual(self.history(self.product), [4, 0])

    def test_without_the_setting_invoices_count(self):
        self.company.ai_queue_demand_source = "invoice"
        self.stock_up()
        self.deliver(weeks_ago(2), self.product, 4)
        self.sell(weeks_ago(1), (self.product, 50))
        self.assertEqual(self.history(self.product), [50])

    def test_services_go_by_invoices(self):
        service = self.create_products(1, "Service", type="service")
        self.sell(weeks_ago(1), (service, 3))
        self.stock_up()
        self.deliver(weeks_ago(1), self.product, 4)
        self.env.flush_all()
        both = self.kind.with_company(self.company)._gather(self.product + service)
        self.assertEqual([list(one.history[:-1]) for one in both], [[4], [3]])

    def test_production_uses_up(self):
        self.stock_up()
        production = self.env["stock.location"].search(
            [("usage", "=", "production"), ("company_id", "=", self.company.id)],
            limit=1,
        )
        stock = self.warehouse.lot_stock_id
        self.move(weeks_ago(2), self.product, 6, stock, production)
        # What comes out of it is no return.
        self.move(weeks_ago(1), self.product, 5, production, stock)
        self.assertEqual(self.history(self.product), [6, 0])

    def test_returns_count_against_their_delivery(self):
        self.stock_up()
        sent = self.deliver(weeks_ago(3), self.product, 10)
        self.deliver(weeks_ago(1), self.product, 8)
        stock = self.warehouse.lot_stock_id
        self.move(
            TODAY,
            self.product,
            4,
            self.customers,
            stock,
            origin_returned_move_id=sent.id,
        )
        self.assertEqual(self.history(self.product), [6, 0, 8])

    def test_transfers_scrap_and_corrections_are_no_demand(self):
        self.stock_up()
        self.deliver(weeks_ago(4), self.product, 1)
        other = self.env["stock.warehouse"].create(
            {"name": "North", "code": "NTH", "company_id": self.company.id}
        )
        stock = self.warehouse.lot_stock_id
        loss = self.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", self.company.id)], limit=1
        )
        self.move(weeks_ago(3), self.product, 7, stock, other.lot_stock_id)
        self.move(weeks_ago(2), self.product, 7, stock, loss)
        self.move(weeks_ago(2), self.product, 7, stock, self.vendors)
        self.assertEqual(self.history(self.product), [1, 0, 0, 0])

    def test_units_of_moves_are_converted(self):
        self.stock_up()
        self.deliver(weeks_ago(1), self.product, 2, product_uom=self.dozen.id)
        self.assertEqual(self.history(self.product), [24])

    def test_the_day_is_that_of_the_person(self):
        self.stock_up()
        sent = self.deliver(weeks_ago(2), self.product, 3)
        sent.date = datetime.combine(weeks_ago(1), datetime.min.time())
        kind = self.kind.with_context(tz="America/New_York")
        self.env.flush_all()
        [series] = kind.with_company(self.company)._gather(self.product)
        self.assertEqual(list(series.history[:-1]), [3, 0])

    def test_companies_are_apart(self):
        other = self.create_company("Elsewhere", ai_queue_demand_source="delivery")
        warehouse = self.find_warehouse(other)
        self.receive(weeks_ago(9), self.product, 99, warehouse, company=other)
        self.deliver(weeks_ago(1), self.product, 9, warehouse, company=other)
        self.stock_up()
        self.deliver(weeks_ago(1), self.product, 4)
        self.assertEqual(self.history(self.product), [4])
        self.assertEqual(self.history(self.product, other), [9])

    def test_a_product_that_sold_long_ago_has_zeros_since(self):
        self.company.ai_queue_forecast_history = 4
        self.stock_up()
        self.deliver(weeks_ago(20), self.product, 4)
        self.assertEqual(self.history(self.product), [0, 0, 0, 0])

    def test_months(self):
        self.company.ai_queue_forecast_granularity = "month"
        self.stock_up()
        self.deliver(date(2026, 1, 31), self.product, 4)
        self.deliver(date(2026, 2, 1), self.product, 3)
        self.assertEqual(self.history(self.product), [4, 3])

    # ------------------------------------------------------------
    # SOLD OUT
    # ------------------------------------------------------------

    def sell_out(self, weeks_empty=2):
        """Five a week for eight weeks, then nothing left, then five weeks again."""
        back = weeks_empty + 3
        self.receive(weeks_ago(back + 9), self.product, 40)
        for week in range(back + 8, back, -1):
            self.deliver(weeks_ago(week), self.product, 5)
        self.receive(weeks_ago(3), self.product, 40)
        for week in (3, 2, 1):
            self.deliver(weeks_ago(week), self.product, 5)

    def test_a_sold_out_period_is_unknown(self):
        self.sell_out()
        history = self.history(self.product)
        self.assertEqual(history[:8], [5] * 8)
        self.assertTrue(all(map(math.isnan, history[8:10])))
        self.assertEqual(history[10:], [5] * 3)

    def test_it_is_unknown_with_invoices_too(self):
        self.company.ai_queue_demand_source = "invoice"
        self.sell_out()
        for week in (13, 12, 11, 10, 9, 8, 7, 6, 3, 2, 1):
            self.sell(weeks_ago(week), (self.product, 5))
        history = self.history(self.product)
        self.assertTrue(all(map(math.isnan, history[8:10])))
        self.assertEqual(history[10:], [5] * 3)

    def test_a_quiet_period_with_stock_is_zero(self):
        self.stock_up()
        self.deliver(weeks_ago(4), self.product, 5)
        self.deliver(weeks_ago(1), self.product, 5)
        self.assertEqual(self.history(self.product), [5, 0, 0, 5])

    def test_what_is_gone_for_half_a_year_is_not_carried_any_more(self):
        self.sell_out(weeks_empty=30)
        self.assertEqual(self.history(self.product)[8:38], [0] * 30)

    def test_what_is_bought_for_each_order_is_never_sold_out(self):
        for week in (9, 6, 3, 1):
            self.receive(weeks_ago(week), self.product, 5)
            self.deliver(weeks_ago(week), self.product, 5)
        self.assertEqual(self.history(self.product), [5, 0, 0, 5, 0, 0, 5, 0, 5])

    # ------------------------------------------------------------
    # KITS
    # ------------------------------------------------------------

    def test_of_a_kit_the_components_are_delivered(self):
        if "is_kits" not in self.product._fields:
            self.skipTest("Kits come with manufacturing.")
        kit = self.create_products(1, "Kit")
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "company_id": self.company.id,
                "bom_line_ids": [
                    Command.create({"product_id": self.product.id, "product_qty": 3})
                ],
            }
        )
        self.stock_up()
        stock = self.warehouse.lot_stock_id
        move = self.env["stock.move"].create(
            {
                "product_id": kit.id,
                "product_uom_qty": 2,
                "location_id": stock.id,
                "location_dest_id": self.customers.id,
                "picking_type_id": self.warehouse.out_type_id.id,
                "company_id": self.company.id,
            }
        )
        move = move._action_confirm()
        move.write({"quantity": 6, "picked": True})
        move._action_done()
        move.date = datetime.combine(weeks_ago(1), datetime.min.time())
        self.sell(weeks_ago(2), (kit, 2))
        self.assertEqual(self.history(self.product), [6])
        self.assertEqual(self.history(kit), [2, 0])
