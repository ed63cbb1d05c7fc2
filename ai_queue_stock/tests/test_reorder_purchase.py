# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, time, timedelta
from unittest import SkipTest

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.ai_queue.tests.common import TODAY, weeks_ago

from .common import AiQueueStockCommon


@tagged("post_install", "-at_install")
class TestReorderPurchase(AiQueueStockCommon):
    """With purchases: vendors, what they take and how long it really takes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "purchase_line_id" not in cls.env["stock.move"]._fields:
            raise SkipTest("Vendors come with purchases.")
        cls.orders = cls.env["purchase.order"]
        cls.vendor = cls.env["res.partner"].create({"name": "Slow & Sons"})
        cls.product = cls.create_goods(1, standard_price=2.0)
        cls.seller = cls.add_vendor(cls.product)
        cls.rule = cls.create_rule(cls.product)
        cls.deliver_weekly(cls.product, [70] * 4)

    @classmethod
    def add_vendor(cls, product, **vals):
        return cls.env["product.supplierinfo"].create(
            {
                "partner_id": cls.vendor.id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "delay": 14,
                "price": 2.0,
                "company_id": cls.company.id,
                **vals,
            }
        )

    def buy(self, product, day, days, quantity=10):
        """An order of a day that came so many days later."""
        ordered = datetime.combine(day, time(12))
        order = self.orders.create(
            {
                "partner_id": self.vendor.id,
                "company_id": self.company.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": quantity,
                            "price_unit": 2.0,
                            "tax_ids": [],
                        }
                    )
                ],
            }
        )
        order.button_confirm()
        order.date_approve = ordered
        order.order_line.date_planned = ordered + timedelta(days=14)
        move = order.order_line.move_ids
        move.write({"quantity": quantity, "picked": True})
        move._action_done()
        move.date = ordered + timedelta(days=days)

    def proposal(self, product=None):
        found = self.proposals(product or self.product)
        return found.filtered(lambda one: one.state == "open").ensure_one()

    def test_the_vendor_and_the_promised_time(self):
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.vendor_id, self.vendor)
        self.assertEqual(proposal.lead_days, 14)

    def test_what_a_vendor_took_counts(self):
        for weeks, days in ((20, 18), (16, 24), (12, 30)):
            self.buy(self.product, weeks_ago(weeks), days)
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.lead_days, 24)
        self.assertAlmostEqual(proposal.reason_data["lead_deviation"], 6, places=3)
        self.assertIn(
            "The last 3 receipts took 24 days (give or take 6) instead of 14.",
            proposal.reason,
        )
        # The time that is not certain is covered, too.
        self.assertGreater(proposal.minimum, 310 + 1.5 * 60)

    def test_what_else_a_vendor_sends_counts_for_what_it_never_sent(self):
        other = self.create_goods(1, "Other")
        for weeks in (20, 18, 16, 14, 12):
            self.buy(other, weeks_ago(weeks), 21)
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.lead_days, 21)
        self.assertIn(
            "By 5 receipts from this vendor it takes 21 days", proposal.reason
        )

    def test_two_receipts_say_nothing(self):
        for weeks in (20, 16):
            self.buy(self.product, weeks_ago(weeks), 60)
        self.propose(self.product)
        self.assertEqual(self.proposal().lead_days, 14)

    def test_least_order_in_the_unit_of_the_vendor(self):
        self.seller.write({"product_uom_id": self.dozen.id, "min_qty": 20})
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.maximum - proposal.minimum, 240)
        self.assertIn("The vendor's least order is 240.", proposal.reason)
        self.assertIn("Ordered in multiples of 12.", proposal.reason)

    def test_without_a_vendor_it_is_said(self):
        self.seller.unlink()
        run = self.propose(self.product)
        [said] = run.job_ids.skip_data
        self.assertIn("No vendor", said["reason"])
        # Whatever routes its warehouse has by default, now it is to be bought.
        buy = self.env["stock.rule"].search([("action", "=", "buy")]).route_id
        self.product.route_ids = buy
        self.warehouse.buy_to_resupply = True
        run = self.propose(self.product)
        [said] = run.job_ids.skip_data
        self.assertIn("No vendor", said["reason"])

    def test_what_a_vendor_was_asked_for_is_on_its_way(self):
        stock = self.warehouse.lot_stock_id
        self.move(TODAY, self.product, 1000, stock, self.vendors)
        self.rule.write({"product_min_qty": 200, "product_max_qty": 300})
        self.rule.action_replenish()
        self.propose(self.product)
        proposal = self.proposal()
        self.assertEqual(proposal.qty_coming, 300)
        self.assertEqual(proposal.urgency, "3")

    def test_accept_all_of_a_vendor(self):
        other = self.create_goods(1, "Other")
        self.add_vendor(other)
        self.create_rule(other)
        self.deliver_weekly(other, [70] * 4)
        third = self.create_goods(1, "Third", route_ids=self.create_route().ids)
        self.create_rule(third)
        self.deliver_weekly(third, [70] * 4)
        self.propose(self.product + other + third)
        self.proposal().with_user(self.planner).action_accept_vendor()
        states = self.proposals(self.product + other + third).mapped("state")
        self.assertEqual(sorted(states), ["accepted", "accepted", "open"])
        self.assertEqual(self.proposal(third).vendor_id, third.seller_ids.partner_id)

    def test_from_a_forecast_to_an_order(self):
        stock = self.warehouse.lot_stock_id
        self.move(TODAY, self.product, 900, stock, self.vendors)
        self.propose(self.product)
        self.proposal().with_user(self.planner).action_accept_and_order()
        order = self.orders.search([("partner_id", "=", self.vendor.id)])
        self.assertEqual(order.order_line.product_qty, self.rule.product_max_qty - 100)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")
