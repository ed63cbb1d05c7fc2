# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import IBAN

from .common_bill import AiQueueBillCommon

SECOND = {"invoice_number": "INV-2", "invoice_date": "2026-03-11"}


@tagged("post_install", "-at_install")
class TestBillVendor(AiQueueBillCommon):
    """A vendor that is made from what was read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vendor.active = False

    def let_create(self):
        self.clerk.group_ids += self.env.ref("base.group_partner_manager")

    def test_other_bills_that_wait_find_the_new_vendor(self):
        self.let_create()
        first = self.fill_in(vendor_iban=IBAN)
        second = self.fill_in(**SECOND)
        other = self.fill_in(vendor_vat="DE136695976", invoice_number="INV-3")
        first.with_user(self.clerk).action_create_ai_vendor()
        self.assertTrue(first.partner_id)
        self.assertEqual(second.partner_id, first.partner_id)
        self.assertEqual(second.ai_reading_state, "done")
        self.assertFalse(other.partner_id)

    def test_the_new_vendor_gets_its_account_untrusted(self):
        self.let_create()
        move = self.fill_in(vendor_iban=IBAN)
        move.with_user(self.clerk).action_create_ai_vendor()
        self.assertEqual(move.partner_id.bank_ids.sanitized_acc_number, IBAN)
        self.assertFalse(move.partner_id.bank_ids.allow_out_payment)
        self.assertEqual(move.partner_bank_id, move.partner_id.bank_ids)

    def test_only_who_may_make_partners_is_offered_one(self):
        move = self.fill_in()
        self.assertFalse(move.with_user(self.clerk).ai_vendor_proposal)

    def test_a_bill_that_somebody_helped_is_touched(self):
        self.let_create()
        move = self.fill_in()
        move.with_user(self.clerk).action_create_ai_vendor()
        self.assertEqual(move.ai_reading_state, "done")
        move.action_post()
        self.assertEqual(move.ai_reading_id.touchless, 0.0)
