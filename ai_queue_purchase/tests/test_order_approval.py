# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import sys

from odoo.tests import tagged

from odoo.addons.ai_queue.models.bills.ai_queue_bill_usage import line_key

from ..models.ai_queue_agent_order_facts import AiQueueAgentOrderFacts
from .common import AiQueuePurchaseCommon


@tagged("post_install", "-at_install")
class TestOrderApproval(AiQueuePurchaseCommon):
    """Bills against real orders, as an accountant who is no buyer."""

    def test_a_bill_as_ordered_and_received_can_be_approved(self):
        order = self.order((self.chair, 10, 50), (self.table, 2, 200))
        bill = self.bill_order(order)
        proposal = self.check(bill)
        self.assertEqual(proposal.verdict, "approve")
        self.assertEqual(
            proposal.reason,
            f"Prices and quantities are as ordered and received: {order.name}.",
        )

    def test_a_bill_that_is_not_linked_finds_its_order(self):
        order = self.order((self.chair, 10, 50))
        bill = self.bill_order(order, is_linked=False, invoice_origin=order.name)
        proposal = self.check(bill)
        self.assertEqual(proposal.verdict, "approve")
        self.assertFalse(bill.invoice_line_ids.purchase_line_id)
        proposal.with_user(self.accountant).action_approve()
        self.assertEqual(bill.state, "posted")
        # Odoo counts it as billed, and Undo takes that back, too.
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, order.order_line)
        self.assertEqual(order.order_line.qty_invoiced, 10)
        proposal.with_user(self.accountant).action_undo()
        self.assertFalse(bill.invoice_line_ids.purchase_line_id)

    def test_a_line_of_words_finds_its_order(self):
        order = self.order((self.chair, 10, 50))
        order.order_line.name = "Office chair, black"
        bill = self.bill(("Office chair black, item 4711", 10, 50))
        self.assertEqual(self.check(bill).verdict, "approve")

    def test_products_that_differ_by_a_number_are_not_taken_for_each_other(self):
        self.chair.name, self.table.name = "Screw M8", "Screw M10"
        order = self.order(
            (self.chair, 100, 2), (self.table, 100, 2), received=[100, 0]
        )
        bill = self.bill(("Screw M10", 100, 2))
        self.assertEqual(self.found(self.check(bill)), ["not_received"])
        # … not even if all of the right one is billed.
        self.bill_order(order, quantities=[0, 100], day="2026-03-01", post=True)
        self.assertIn("no_order", self.found(self.check(bill)))
        bill.invoice_line_ids.name = "Screw M8 (12)"
        self.assertEqual(self.check(bill).verdict, "approve")
        # Which one it is, nobody can say.
        bill.invoice_line_ids.name = "Screw M12"
        self.assertIn("no_order", self.found(self.check(bill)))

    def test_two_bills_of_one_order_are_not_both_approved(self):
        order = self.order((self.chair, 10, 50))
        bills = self.bill_order(order, is_linked=False, invoice_origin=order.name)
        bills += self.bill_order(
            order, is_linked=False, invoice_origin=order.name, day="2026-03-11"
        )
        first, second = self.check(bills).sorted("res_id")
        self.assertEqual((first.verdict, second.verdict), ("approve", "hold"))
        self.assertEqual(self.found(second), ["billed_before"])
        self.assertIn(bills[0].ref, second.reason)

    def test_what_was_billed_since_is_seen_when_it_is_approved(self):
        order = self.order((self.chair, 10, 50))
        bill = self.bill_order(order)
        proposal = self.check(bill)
        self.bill_order(order, day="2026-03-01", post=True)
        proposal.with_user(self.accountant).action_approve()
        self.assertEqual((proposal.state, bill.state), ("outdated", "draft"))
        self.assertIn("was billed before", proposal.outdated_reason)

    def test_another_order_than_the_one_proposed_is_not_billed(self):
        orders = self.order((self.chair, 10, 50)) + self.order((self.chair, 10, 50))
        bill = self.bill((self.chair, 10, 50))
        proposal = self.check(bill)
        self.assertEqual(proposal.verdict, "approve")
        # Now the second order fits it, and nothing speaks against the bill.
        self.bill_order(orders[0], day="2026-03-01", post=True)
        proposal.with_user(self.accountant).action_approve()
        self.assertEqual((proposal.state, bill.state), ("outdated", "draft"))
        self.assertEqual(orders[0].order_line.qty_invoiced, 10)
        self.assertEqual(self.check(bill).verdict, "approve")

    def test_two_agents_do_not_approve_two_bills_of_one_order_at_once(self):
        order = self.order((self.chair, 10, 50))
        bills = self.bill_order(order, is_linked=False, invoice_origin=order.name)
        bills += self.bill_order(
            order, is_linked=False, invoice_origin=order.name, day="2026-03-11"
        )
        first = self.check(bills[0])
        mine = self.agent.copy().with_user(self.accountant)
        run = mine._start(bills[1].with_user(self.accountant))
        self.commit()
        self.run_jobs(run)
        second = self.proposals(bills[1])
        # What the first one would take is known to the second.
        self.assertEqual((first + second).mapped("verdict"), ["approve", "hold"])
        self.assertEqual(self.found(second), ["billed_before"])
        # Two jobs at the same moment do not know of each other.
        facts = type(self.env["ai.queue.agent.order.facts"])
        self.patch(facts, "_find_proposed", lambda self, moves: [])
        second = self.check(bills[1])[-1]
        self.assertEqual((first + second).mapped("verdict"), ["approve", "approve"])
        (first + second).with_user(self.accountant).action_approve()
        self.assertEqual(bills.mapped("state").count("posted"), 1)
        self.assertEqual(
            sorted((first + second).mapped("state")), ["applied", "outdated"]
        )

    def test_two_bills_take_two_orders(self):
        orders = self.order((self.chair, 10, 50)) + self.order((self.chair, 10, 50))
        bills = self.bill((self.chair, 10, 50)) + self.bill((self.chair, 10, 50))
        proposals = self.check(bills).sorted("res_id")
        self.assertEqual(proposals.mapped("verdict"), ["approve"] * 2)
        # A bill of the next day knows what these would take.
        late = self.bill((self.chair, 10, 50), day="2026-03-12")
        self.assertEqual(self.found(self.check(late)), ["billed_before"])
        proposals.with_user(self.accountant).action_approve()
        self.assertEqual(bills.mapped("state"), ["posted"] * 2)
        self.assertEqual(orders.order_line.mapped("qty_invoiced"), [10, 10])
        self.assertEqual(bills.invoice_line_ids.purchase_line_id, orders.order_line)

    def test_what_is_applied_holds_the_order_before_it_looks(self):
        order = self.order((self.chair, 10, 50))
        bill = self.bill_order(order, is_linked=False)
        proposal = self.check(bill)
        facts, done = type(self.env["ai.queue.agent.order.facts"]), []
        for name in ("_lock", "_gather"):
            self.patch(facts, name, _noting(done, name, getattr(facts, name)))
        proposal.with_user(self.accountant).action_approve()
        self.assertEqual(done, ["_lock", "_gather"])
        self.assertEqual(bill.state, "posted")

    def test_prices_with_tax_included_are_compared_without_it(self):
        included = self.tax.copy(
            {"name": "Included", "price_include_override": "tax_included"}
        )
        factor = 1 + included.amount / 100
        order = self.order((self.chair, 10, 50))
        bill = self.bill_order(order, prices=[50 * factor])
        bill.invoice_line_ids.tax_ids = included
        self.assertEqual(self.check(bill).verdict, "approve")
        bill.invoice_line_ids.price_unit = 60 * factor
        proposal = self.check(bill)
        self.assertEqual(self.found(proposal), ["price_up"])
        self.assertIn("60", proposal.reason)

    def test_the_draft_of_a_credit_note_makes_no_room(self):
        order = self.order((self.chair, 10, 50))
        self.bill_order(order, post=True)
        credit = self.bill_order(order, move_type="in_refund", day="2026-03-11")
        again = self.bill_order(order, day="2026-03-12")
        self.assertEqual(self.found(self.check(again)), ["billed_before"])
        credit.action_post()
        self.assertEqual(self.check(again).verdict, "approve")

    def test_a_draft_below_zero_makes_no_room(self):
        order = self.order((self.chair, 10, 50), (self.table, 1, 200))
        self.bill_order(order, post=True, day="2026-03-01")
        draft = self.bill_order(order, quantities=[-10, 1])
        again = self.bill_order(order, quantities=[10, 0], day="2026-03-12")
        self.assertEqual(self.found(self.check(again)), ["billed_before"])
        # Of credit notes, one that takes back makes no room for another one either.
        draft.unlink()
        self.bill_order(order, quantities=[-5, 1], move_type="in_refund")
        credit = self.bill_order(
            order, quantities=[12, 0], move_type="in_refund", day="2026-03-12"
        )
        self.assertEqual(self.found(self.check(credit)), ["credit_exceeds"])

    def test_the_orders_of_a_vendor_are_sorted_once(self):
        for number in range(6):
            self.order((self.chair, 10, 50 + number))
        bill = self.bill(*((f"Something {number}", 1, 5) for number in range(6)))
        keys = []

        def key_of(name):
            keys.append(name)
            return line_key(name)

        self.patch(sys.modules[AiQueueAgentOrderFacts.__module__], "line_key", key_of)
        self.env["ai.queue.agent.order.facts"]._gather(bill)
        self.assertLessEqual(len(keys), 3 * 6)

    def test_units_are_converted(self):
        dozen = {
            "product_id": self.chair.id,
            "product_qty": 2,
            "product_uom_id": self.dozen.id,
            "price_unit": 120,
        }
        order = self.order(dozen)
        line = {
            "product_id": self.chair.id,
            "quantity": 24,
            "product_uom_id": self.unit.id,
            "price_unit": 10,
            "purchase_line_id": order.order_line.id,
        }
        self.assertEqual(self.check(self.bill(line)).verdict, "approve")
        dearer = self.bill({**line, "quantity": 12, "price_unit": 12})
        self.assertIn("price_up", self.found(self.check(dearer)))

    def test_what_did_not_come_is_told_to_the_buyer_or_the_vendor(self):
        nothing = self.order((self.chair, 10, 50), received=[0])
        some = self.order((self.chair, 10, 50), received=[4])
        bills = self.bill_order(nothing, quantities=[10])
        bills += self.bill_order(some, quantities=[10])
        first, second = self.check(bills).sorted("res_id")
        self.assertEqual(self.found(first), ["not_received"])
        self.assertEqual(first.message_partner_id, self.buyer.partner_id)
        self.assertEqual(second.message_partner_id, self.vendor)
        self.assertIn("10 Units of Chair 1 are billed", second.message_body)

    def test_tolerances_are_those_of_the_company(self):
        order = self.order((self.chair, 10, 50))
        bill = self.bill_order(order, prices=[50.5])
        self.assertEqual(self.check(bill).verdict, "approve")
        self.company.ai_queue_price_tolerance = 0.5
        self.assertEqual(self.found(self.check(bill)), ["price_up"])

    def test_freight_that_was_not_ordered_is_held_unless_it_is_little(self):
        order = self.order((self.chair, 10, 50))
        bill = self.bill_order(order)
        bill.write(
            {"invoice_line_ids": [(0, 0, {"name": "Freight", "price_unit": 15})]}
        )
        self.assertEqual(self.found(self.check(bill)), ["not_ordered"])
        self.company.ai_queue_extra_tolerance = 20
        self.assertNotIn("not_ordered", self.found(self.check(bill)))

    def test_a_discount_of_the_whole_bill_is_no_reason_to_hold_it(self):
        bill = self.bill_order(self.order((self.chair, 10, 50)))
        bill.write(
            {
                "invoice_line_ids": [
                    (0, 0, {"name": "Discount", "price_unit": -50}),
                    (0, 0, {"name": "Rounding", "price_unit": 0.02}),
                ]
            }
        )
        self.assertEqual(self.check(bill).verdict, "approve")

    def test_a_down_payment(self):
        order = self.order((self.chair, 10, 50))
        bill = self.bill(("In advance", 1, 100))
        wizard = self.env["bill.to.po.wizard"].create({"purchase_order_id": order.id})
        lines = bill.invoice_line_ids
        wizard.with_context(active_ids=[-lines.id]).action_add_downpayment()
        self.assertTrue(lines.purchase_line_id.is_downpayment)
        self.assertEqual(self.check(bill).verdict, "approve")
        bill.action_post()
        # … that is taken off by the final bill.
        final = self.bill_order(order, quantities=[10, 0, -1], day="2026-03-12")
        self.assertEqual(self.check(final).verdict, "approve")
        again = self.bill_order(order, quantities=[0, 0, 1], day="2026-03-13")
        self.assertEqual(self.found(self.check(again)), ["billed_before"])

    def test_a_run_of_many_takes_few_queries(self):
        bills = self.env["account.move"]
        for _number in range(3):
            bills += self.bill_order(self.order((self.chair, 10, 50)))
        more = bills + self.env["account.move"].concat(
            *(
                self.bill_order(self.order((self.table, 1, number + 1)))
                for number in range(12)
            )
        )
        rules = self.env["ai.queue.agent.rules.bill"].with_user(self.accountant)
        few = self.count_queries(rules._gather, bills.with_user(self.accountant))
        many = self.count_queries(rules._gather, more.with_user(self.accountant))
        self.assertLessEqual(many, few + 3)


def _noting(done, name, method):
    def noting(self, records):
        done.append(name)
        return method(self, records)

    return noting
