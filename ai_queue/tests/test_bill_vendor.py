# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import ConcurrencyError, UserError
from odoo.sql_db import db_connect
from odoo.tests import tagged

from odoo.addons.ai_queue.engine.tests.bill_samples import IBAN, VAT
from odoo.addons.ai_queue.locks import VENDOR_LOCK
from odoo.addons.ai_queue.models.bills import ai_queue_bill_alike

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

    def press_create(self, move):
        """Press *Create …*; returns the job that fills in the others."""
        before = self.env["queue.job"].search([])
        move.with_user(self.clerk).action_create_ai_vendor()
        self.commit()
        return self.env["queue.job"].search([]) - before

    def test_other_bills_that_wait_find_the_new_vendor(self):
        self.let_create()
        first = self.fill_in(vendor_iban=IBAN)
        second = self.fill_in(**SECOND)
        other = self.fill_in(vendor_vat="DE136695976", invoice_number="INV-3")
        job = self.press_create(first)
        self.assertTrue(first.partner_id)
        self.assertFalse(second.partner_id)
        self.perform(job)
        self.assertEqual(second.partner_id, first.partner_id)
        self.assertEqual(second.ai_reading_state, "done")
        self.assertFalse(other.partner_id)

    def test_many_that_wait_are_filled_in_turn_by_turn(self):
        self.let_create()
        moves = [
            self.fill_in(invoice_number=f"N-{day}", invoice_date=f"2026-03-0{day}")
            for day in range(1, 5)
        ]
        job = self.press_create(moves[0])
        with patch.object(ai_queue_bill_alike, "TURN", 2):
            self.perform(job)
            partners = [bool(move.partner_id) for move in moves]
            self.assertEqual(partners, [True, True, True, False])
            self.perform(self.env["queue.job"].search([], limit=1, order="id desc"))
        self.assertEqual(moves[3].partner_id, moves[0].partner_id)

    def test_pressing_on_two_bills_makes_one_partner(self):
        self.let_create()
        first, second = self.fill_in(), self.fill_in(**SECOND)
        self.press_create(first)
        self.press_create(second)
        self.assertEqual(first.partner_id, second.partner_id)
        with self.assertRaises(UserError):
            self.press_create(first)

    def test_pressing_at_the_same_moment_is_tried_again(self):
        self.let_create()
        move = self.fill_in().with_user(self.clerk)
        keys = [VENDOR_LOCK, f"{self.company.id}:examplesupplies"]
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", keys)
            with self.assertRaises(ConcurrencyError):
                move.action_create_ai_vendor()
        move.action_create_ai_vendor()
        self.assertTrue(move.partner_id)

    def test_the_new_vendor_gets_its_address(self):
        self.let_create()
        move = self.fill_in(
            vendor_address="Industriestr. 5\nHaus B\n70173 Stuttgart",
            vendor_country="DE",
            vendor_email="bills@example.com",
        )
        self.press_create(move)
        vendor = move.partner_id
        self.assertEqual(vendor.street, "Industriestr. 5")
        self.assertEqual(vendor.street2, "Haus B")
        self.assertEqual((vendor.zip, vendor.city), ("70173", "Stuttgart"))
        self.assertEqual(vendor.country_id.code, "DE")
        self.assertEqual((vendor.vat, vendor.email), (VAT, "bills@example.com"))

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
