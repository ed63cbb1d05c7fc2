# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_bill import AiQueueBillCommon

LINES = [("Chairs", 4, 100, 16), ("Delivery", 1, 50, 16)]
SUMS = {"amount_tax": 72, "amount_total": 522}


@tagged("post_install", "-at_install")
class TestBillTax(AiQueueBillCommon):
    """A purchase tax that bills ask for, and that is not set up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["account.account"].create(
            {"name": "Input tax", "code": "131999", "account_type": "asset_current"}
        )
        parts = cls.tax.repartition_line_ids
        parts = parts.filtered(lambda one: one.repartition_type == "tax")
        parts.account_id = cls.account
        cls.company.account_purchase_tax_id = cls.tax
        cls.boss = cls.create_user(
            "boss", "account.group_account_manager,ai_queue.ai_queue_group_user"
        )

    def fill_in_16(self, **changes):
        values = {"lines": LINES, **SUMS, **changes}
        return self.fill_in(**values)

    def press(self, move):
        """Press *Set Up the Tax*; returns the jobs that fill in the others."""
        before = self.env["queue.job"].search([])
        move.with_user(self.boss).action_create_ai_taxes()
        self.commit()
        return self.env["queue.job"].search([]) - before

    def test_it_is_booked_as_printed_meanwhile(self):
        move = self.fill_in_16()
        self.assertEqual(self.codes(move), ["tax_unknown"])
        self.assertEqual(move.amount_total, 522)
        self.assertEqual(move.invoice_line_ids[-1].price_total, 72)

    def test_one_press_sets_it_up_and_fills_in_the_bill(self):
        move = self.fill_in_16()
        self.assertEqual(move.with_user(self.boss).ai_missing_taxes, "16 %")
        self.press(move)
        tax = move.invoice_line_ids.tax_ids
        self.assertEqual((tax.amount, tax.type_tax_use), (16, "purchase"))
        self.assertEqual(tax.company_id, self.company)
        self.assertEqual(tax.invoice_repartition_line_ids.account_id, self.account)
        self.assertEqual(tax.refund_repartition_line_ids.account_id, self.account)
        self.assertFalse(tax.repartition_line_ids.tag_ids)
        self.assertEqual(tax.tax_group_id.name, "Tax 16%")
        self.assertEqual(len(move.invoice_line_ids), 2)
        self.assertEqual((move.amount_tax, move.amount_total), (72, 522))
        self.assertEqual(move.ai_reading_state, "done", move.ai_reading_reasons)
        with self.assertRaises(UserError):
            self.press(move)

    def test_other_bills_that_wait_for_it_get_it(self):
        first = self.fill_in_16()
        second = self.fill_in_16(invoice_number="N-2", invoice_date="2026-03-11")
        lines, sums = (
            [("Books", 1, 450, 5)],
            {"amount_tax": 22.5, "amount_total": 472.5},
        )
        other = self.fill_in(lines=lines, invoice_number="N-3", **sums)
        self.perform(self.press(first))
        self.assertEqual(second.invoice_line_ids.tax_ids.amount, 16)
        self.assertEqual(second.ai_reading_state, "done")
        self.assertEqual(self.codes(other), ["tax_unknown"])

    def test_several_rates_are_set_up_at_once(self):
        lines = [("Chairs", 4, 100, 16), ("Books", 1, 50, 5)]
        taxes = [
            {"rate": 16, "base": 400, "amount": 64, "tax_category": "S"},
            {"rate": 5, "base": 50, "amount": 2.5, "tax_category": "S"},
        ]
        move = self.fill_in(
            lines=lines, taxes=taxes, amount_tax=66.5, amount_total=516.5
        )
        self.assertEqual(move.with_user(self.boss).ai_missing_taxes, "16 %, 5 %")
        jobs = self.press(move)
        self.assertEqual(len(jobs), 2)
        self.assertEqual(move.invoice_line_ids.tax_ids.mapped("amount"), [16, 5])
        self.assertEqual(move.ai_reading_state, "done", move.ai_reading_reasons)

    def test_a_name_that_is_taken_gets_a_number(self):
        self.create_tax(16.0, active=False)
        move = self.fill_in_16()
        self.press(move)
        self.assertEqual(move.invoice_line_ids.tax_ids.name, "16% (2)")

    def test_it_works_where_no_purchase_tax_is_set_up_at_all(self):
        (self.tax + self.tax_low).active = False
        move = self.fill_in_16()
        self.press(move)
        self.assertEqual(move.invoice_line_ids.tax_ids.amount, 16)
        self.assertEqual(move.amount_total, 522)

    def test_who_may_not_set_up_taxes_is_not_offered_it(self):
        move = self.fill_in_16().with_user(self.clerk)
        self.assertFalse(move.ai_missing_taxes)
        with self.assertRaises(UserError):
            move.action_create_ai_taxes()

    def test_lines_that_a_person_changed_stay(self):
        move = self.fill_in_16()
        line = move.invoice_line_ids[0]
        move.invoice_line_ids = [Command.update(line.id, {"name": "Black chairs"})]
        self.press(move)
        self.assertEqual(line.name, "Black chairs")
        self.assertIn("lines_kept", self.codes(move))

    # ------------------------------------------------------------
    # CURRENCY
    # ------------------------------------------------------------

    def test_a_currency_that_is_not_active_keeps_its_lines_until_it_is(self):
        franc = self.env.ref("base.CHF")
        franc.active = False
        move = self.fill_in(currency="CHF")
        self.assertEqual(self.codes(move), ["currency_inactive"])
        self.assertEqual(move.currency_id, franc)
        self.assertEqual((len(move.invoice_line_ids), move.amount_total), (2, 535.5))
        move.action_activate_currency()
        self.assertEqual(self.codes(move), [])
        self.assertEqual(move.ai_reading_state, "done")
        self.assertEqual((len(move.invoice_line_ids), move.amount_total), (2, 535.5))
