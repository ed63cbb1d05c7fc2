# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import BaseCase, tagged

from odoo.addons.ai_queue_agent.approval import Bill, Line

from ..matching import Match, Matching, OrderLine, Tolerance, compare


@tagged("at_install", "-post_install")
class TestMatching(BaseCase):
    """The comparison alone, on plain data."""

    def found(self, quantity=10.0, price=5.0, tolerance=None, is_refund=False, **order):
        order = {"ordered": 10.0, "received": 10.0, "price": 5.0, **order}
        bill = Bill(1, "Vendor", is_refund=is_refund, lines=[Line(1, "Chair", 1, 1, 1)])
        matching = Matching(
            tolerance=tolerance or Tolerance(),
            matches=[Match(1, "Chair", 7, quantity, price)],
            order_lines={7: OrderLine(7, "P1", "Chair", **order)},
        )
        return [finding.code for finding in compare(bill, matching)]

    def found_beside(self, *amounts, is_refund=False):
        """What is found where lines of these amounts are beside one that is ordered."""
        lines = [Line(n, "Extra", 1, one, one) for n, one in enumerate(amounts, 2)]
        bill = Bill(1, "Vendor", is_refund=is_refund, lines=lines)
        matching = Matching(
            matches=[Match(1, "Chair", 7, 10.0, 5.0)],
            order_lines={
                7: OrderLine(
                    7, "P1", "Chair", ordered=10.0, received=10.0, price=5.0, billed=0.0
                )
            },
        )
        return [finding.code for finding in compare(bill, matching)]

    def test_as_ordered_and_received(self):
        self.assertEqual(self.found(), ["matched"])
        self.assertEqual(self.found(quantity=4), ["matched"])
        self.assertEqual(self.found(quantity=4, billed=6.0), ["matched"])

    def test_more_than_received(self):
        self.assertEqual(self.found(received=9.0), ["not_received"])
        self.assertEqual(self.found(received=9.0, is_by_receipt=False), ["matched"])

    def test_more_than_ordered(self):
        self.assertEqual(self.found(quantity=11), ["over_ordered"])
        self.assertEqual(self.found(quantity=5, billed=6.0), ["billed_before"])

    def test_a_price_within_both_tolerances(self):
        tolerance = Tolerance(price_share=2, price_amount=0.5)
        self.assertEqual(self.found(price=5.05, tolerance=tolerance), ["matched"])
        self.assertEqual(self.found(price=5.09, tolerance=tolerance), ["price_up"])
        wide = Tolerance(price_share=50, price_amount=0.5)
        self.assertEqual(self.found(price=5.09, tolerance=wide), ["price_up"])

    def test_a_cent_of_rounding_is_nothing(self):
        self.assertEqual(self.found(price=5.001), ["matched"])
        self.assertEqual(self.found(price=5.01), ["price_up"])

    def test_cheaper_is_good_to_know(self):
        self.assertEqual(self.found(price=4), ["price_down", "matched"])

    def test_quantities_within_the_tolerance(self):
        tolerance = Tolerance(quantity_share=10)
        self.assertEqual(self.found(quantity=11, tolerance=tolerance), ["matched"])
        self.assertEqual(self.found(quantity=12, tolerance=tolerance), ["over_ordered"])

    def test_what_costs_nothing_is_not_held(self):
        self.assertEqual(self.found_beside(-50.0), ["matched"])
        self.assertEqual(self.found_beside(0.02), ["extra_tolerated", "matched"])
        self.assertEqual(self.found_beside(0.05), ["extra_tolerated", "matched"])
        self.assertEqual(self.found_beside(0.06), ["not_ordered"])
        # A discount pays for no freight.
        self.assertEqual(self.found_beside(-50.0, 15.0), ["not_ordered"])

    def test_what_a_credit_note_takes_off(self):
        self.assertEqual(
            self.found_beside(-15.0, is_refund=True), ["credit_exceeds", "not_ordered"]
        )
        self.assertEqual(self.found_beside(15.0, is_refund=True), ["credit_exceeds"])

    def test_a_down_payment_is_billed_once(self):
        down = {"is_down_payment": True, "is_by_receipt": False, "ordered": 0.0}
        self.assertEqual(self.found(quantity=1, **down), ["matched"])
        self.assertEqual(self.found(quantity=1, price=6, **down), ["price_up"])
        self.assertEqual(self.found(quantity=-1, billed=1.0, **down), ["matched"])
        self.assertEqual(self.found(quantity=1, billed=1.0, **down), ["billed_before"])

    def test_no_more_is_credited_than_was_billed(self):
        self.assertEqual(
            self.found(quantity=3, billed=3.0, is_refund=True), ["matched"]
        )
        self.assertEqual(
            self.found(quantity=3, billed=2.0, is_refund=True), ["credit_exceeds"]
        )
        self.assertEqual(
            self.found(price=4, billed=10.0, is_refund=True), ["credit_price"]
        )

    def test_the_order_itself(self):
        self.assertEqual(self.found(is_confirmed=False), ["order_not_confirmed"])
        self.assertEqual(self.found(is_of_vendor=False), ["order_of_other"])
        self.assertEqual(self.found(is_same_currency=False), ["order_currency"])
