# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import bill_pdf
from odoo.addons.ai_queue.models.bills.bill_reasons import make

from .common_bill import AiQueueBillCommon

ACTION = "ai_queue.account_move_action_review"


@tagged("post_install", "-at_install")
class TestBillReview(AiQueueBillCommon):
    """The list of the bills to review."""

    def test_it_shows_what_was_read_although_nothing_could_be_written(self):
        self.vendor.active = False
        move = self.new_bill(bill_pdf(), name="scan 0815.pdf")
        origins = {
            "vendor_name": {"confidence": 0.9},
            "invoice_number": {"confidence": 1.0},
            "invoice_date": {"confidence": 0.62},
            "amount_total": {"confidence": 1.0},
        }
        self.fill_in(move, currency="XBT", fields=origins)
        move = move.with_user(self.clerk)
        self.assertEqual(move.ai_review_file, "scan 0815.pdf")
        self.assertEqual(move.ai_review_vendor, "Example Supplies GmbH")
        self.assertEqual(move.ai_review_number, "INV-1")
        self.assertEqual(move.ai_review_reason, "Vendor unknown")
        self.assertEqual(move.ai_review_confidence, 0.62)
        self.assertEqual(move.amount_total, 0)
        self.assertEqual(move.ai_review_total, "XBT 535.50")

    def test_the_total_is_in_the_currency_of_the_document(self):
        self.env.ref("base.CHF").active = False
        move = self.fill_in(currency="CHF")
        self.assertEqual(move.ai_review_total.replace("\xa0", " "), "CHF 535.50")

    def test_a_value_that_was_not_found_has_no_confidence(self):
        move = self.fill_in(findings=[make("date_missing")], invoice_date=None)
        self.assertEqual(move.ai_review_confidence, 0)

    def test_a_file_that_cannot_be_read_says_so(self):
        move = self.read_new(b"%PDF-1.7 nothing in it", name="torn.pdf")
        self.assertEqual(move.ai_review_file, "torn.pdf")
        self.assertEqual(move.ai_review_reason, "File cannot be read")
        self.assertFalse(move.ai_review_total)

    def test_what_a_person_typed_stands_where_nothing_was_read(self):
        move = self.read_new(b"%PDF-1.7 nothing in it")
        move.write({"partner_id": self.vendor.id, "ref": "TYPED"})
        self.assertEqual(move.ai_review_vendor, "Example Supplies")
        self.assertEqual(move.ai_review_number, "TYPED")

    def test_the_menu_opens_list_and_cards(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(ACTION)
        modes = [mode for _id, mode in action["views"]]
        self.assertEqual(modes[:2], ["list", "kanban"])
        for view_id, mode in action["views"][:2]:
            moves = self.env["account.move"].with_user(self.clerk)
            arch = moves.get_view(view_id, mode)["arch"]
            for name in ("file", "vendor", "reason", "confidence", "total"):
                self.assertIn(f"ai_review_{name}", arch, mode)

    def test_the_person_is_told_how_many_are_to_review(self):
        bad = self.new_bill(bill_pdf(off=10.0))
        torn = self.new_bill(b"%PDF-1.7 nothing in it", name="torn.pdf")
        moves = bad + torn + self.new_bill(bill_pdf(number="N-2", day="2026-03-11"))
        run = self.read_bills(moves)
        told = run._get_bus_ended()
        self.assertEqual((told["finished"], told["to_review"]), (3, 2))
        self.assertEqual(told["review_action"], ACTION)
        run = self.read_bills(self.new_bill(bill_pdf(number="N-3", day="2026-03-12")))
        self.assertNotIn("to_review", run._get_bus_ended())
