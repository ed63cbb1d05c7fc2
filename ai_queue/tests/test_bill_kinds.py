# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.documents.bills.invoice import OTHERS

from .common_bill import AiQueueBillCommon


@tagged("post_install", "-at_install")
class TestBillKinds(AiQueueBillCommon):
    """What arrives beside bills, and is none."""

    def test_nothing_is_taken_from_what_is_no_bill(self):
        for kind in OTHERS:
            move = self.fill_in(doc_type=kind)
            self.assertFalse(move.partner_id, kind)
            self.assertFalse(move.ref, kind)
            self.assertFalse(move.invoice_date, kind)
            self.assertFalse(move.invoice_line_ids, kind)
            self.assertEqual(self.codes(move), ["not_a_bill"], kind)
            self.assertEqual(move.ai_reading_state, "review", kind)

    def test_the_reason_says_what_it_is_instead(self):
        move = self.fill_in(doc_type="delivery_note")
        self.assertIn("a delivery note", move.ai_reading_reasons)

    def test_it_never_posts_by_itself(self):
        self.vendor.autopost_bills = "always"
        self.assertEqual(self.fill_in().state, "posted")
        move = self.fill_in(doc_type="proforma", invoice_number="INV-2")
        self.assertEqual(move.state, "draft")

    def test_what_was_taken_before_goes_and_what_was_typed_stays(self):
        move = self.fill_in()
        self.assertEqual(move.amount_total, 535.5)
        move.ref = "TYPED"
        self.fill_in(move, doc_type="reminder")
        self.assertFalse(move.partner_id)
        self.assertFalse(move.invoice_line_ids)
        self.assertEqual(move.ref, "TYPED")

    def test_a_delivery_note_in_the_file_of_a_bill_gets_no_draft(self):
        move = self.fill_in()
        bills = self.env["account.move"].search_count([])
        reading = move.ai_reading_id.with_user(self.clerk)
        others = [
            {"extraction": self.read_data(doc_type=kind), "findings": []}
            for kind in ("delivery_note", "invoice")
        ]
        reading._spread(others)
        self.assertEqual(self.env["account.move"].search_count([]), bills + 1)

    def test_it_is_deleted_by_one_press(self):
        move = self.fill_in(doc_type="statement").with_user(self.clerk)
        self.assertTrue(move.ai_is_needless)
        action = move.action_delete_ai_bill()
        self.assertFalse(move.exists())
        self.assertEqual(action["res_model"], "account.move")

    def test_only_what_is_to_review_is_deleted_so(self):
        move = self.fill_in().with_user(self.clerk)
        self.assertFalse(move.ai_is_needless)
        with self.assertRaises(UserError):
            move.action_delete_ai_bill()
