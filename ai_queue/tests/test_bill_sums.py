# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged

from .common_bill import AiQueueBillCommon

NO_TAX = {"amount_untaxed": 450, "amount_tax": 0, "amount_total": 450}
SECOND = {"invoice_number": "INV-2", "invoice_date": "2026-03-11"}


@tagged("post_install", "-at_install")
class TestBillSums(AiQueueBillCommon):
    """All that a document adds to its lines, so that the bill is what is printed."""

    def assertComesTo(self, move, total, codes=()):
        self.assertEqual(self.codes(move), list(codes), move.ai_reading_reasons)
        self.assertEqual(move.amount_total, total)

    def lines(self, move):
        return [
            (line.name, line.price_subtotal, tuple(line.tax_ids.mapped("amount")))
            for line in move.invoice_line_ids
        ]

    def create_shifted_tax(self, name, rate=19.0):
        """A purchase tax of which both sides are booked."""
        parts = [
            Command.create({"repartition_type": kind, "factor_percent": factor})
            for kind, factor in (("base", 100), ("tax", 100), ("tax", -100))
        ]
        return self.create_tax(
            rate,
            name=name,
            invoice_repartition_line_ids=parts,
            refund_repartition_line_ids=[Command.create(dict(one[2])) for one in parts],
        )

    # ------------------------------------------------------------
    # DISCOUNTS AND CHARGES
    # ------------------------------------------------------------

    def test_discount_and_charge_of_the_whole_have_each_its_tax(self):
        move = self.fill_in(
            adjustments=[
                {"kind": "allowance", "amount": -45, "tax_rate": 19, "reason": "Loyal"},
                {"kind": "charge", "amount": 10, "tax_rate": 7, "reason": None},
            ],
            taxes=[
                {"rate": 19, "base": 405, "amount": 76.95},
                {"rate": 7, "base": 10, "amount": 0.7},
            ],
            amount_untaxed=415,
            amount_tax=77.65,
            amount_total=492.65,
        )
        self.assertComesTo(move, 492.65)
        self.assertIn(("Loyal", -45, (19,)), self.lines(move))
        self.assertIn(("Charge", 10, (7,)), self.lines(move))

    def test_discounts_and_charges_that_come_to_nothing_are_kept(self):
        move = self.fill_in(
            adjustments=[
                {"kind": "allowance", "amount": -10, "tax_rate": 19, "reason": None},
                {"kind": "charge", "amount": 10, "tax_rate": 19, "reason": None},
            ]
        )
        self.assertComesTo(move, 535.5)
        self.assertEqual(len(move.invoice_line_ids), 4)

    def test_the_sum_that_first_readings_kept_is_understood(self):
        move = self.fill_in(
            adjustments=-50, amount_untaxed=400, amount_tax=76, amount_total=476
        )
        self.assertComesTo(move, 476)

    def test_a_discount_stays_a_discount(self):
        lines = [self._read_line("Chairs", 4, 125, 19, discount=10, amount=450)]
        move = self.fill_in(lines=lines)
        line = move.invoice_line_ids
        self.assertEqual((line.price_unit, round(line.discount, 6)), (125, 10))
        self.assertComesTo(move, 535.5)

    def test_a_discount_that_is_not_named_is_one(self):
        move = self.fill_in(lines=[self._read_line("Chairs", 4, 125, 19, amount=450)])
        line = move.invoice_line_ids
        self.assertEqual((line.price_unit, round(line.discount, 6)), (125, 10))

    def test_a_discount_stays_one_where_prices_hold_the_tax(self):
        lines = [self._read_line("Chairs", 1, 595, None, discount=10, amount=535.5)]
        move = self.fill_in(lines=lines, lines_tax_included=True)
        line = move.invoice_line_ids
        self.assertEqual((round(line.discount, 6), line.price_subtotal), (10, 450))
        self.assertEqual(line.price_unit, 500)

    # ------------------------------------------------------------
    # ROUNDING, STAMP DUTY, TAX WITHHELD
    # ------------------------------------------------------------

    def test_rounding_that_is_part_of_the_total_is_a_line(self):
        move = self.fill_in(rounding=-0.5, amount_total=535)
        self.assertComesTo(move, 535)
        self.assertIn(("Rounding", -0.5, ()), self.lines(move))

    def test_rounding_of_what_is_due_is_a_line(self):
        move = self.fill_in(rounding=0.5, amount_due=536)
        self.assertComesTo(move, 536)

    def test_rounding_that_ties_nothing_is_no_line(self):
        move = self.fill_in(rounding=0.3, amount_due=100)
        self.assertComesTo(move, 535.5)

    def test_a_method_of_rounding_that_is_set_up_is_used(self):
        account = self.journal.default_account_id
        method = self.env["account.cash.rounding"].create(
            {
                "name": "Whole",
                "rounding": 1.0,
                "rounding_method": "DOWN",
                "strategy": "add_invoice_line",
                "profit_account_id": account.id,
                "loss_account_id": account.id,
            }
        )
        self.clerk.group_ids += self.env.ref("account.group_cash_rounding")
        move = self.fill_in(rounding=-0.5, amount_total=535)
        self.assertEqual(move.invoice_cash_rounding_id, method)
        self.assertComesTo(move, 535)

    def test_stamp_duty_that_is_charged_is_a_line(self):
        move = self.fill_in(stamp=2, amount_total=537.5)
        self.assertComesTo(move, 537.5)
        self.assertIn(("Stamp duty", 2, ()), self.lines(move))
        self.assertComesTo(self.fill_in(stamp=2, **SECOND), 535.5)

    def test_tax_withheld_is_a_reason_where_no_tax_is_set_up(self):
        move = self.fill_in(amount_withheld=90, amount_due=445.5)
        self.assertComesTo(move, 535.5, ["withheld"])

    def test_tax_withheld_is_taken_off_by_its_tax(self):
        self.create_tax(-20.0)
        for number, total in enumerate((535.5, 445.5)):
            move = self.fill_in(
                invoice_number=f"W-{number}",
                invoice_date=f"2026-03-0{number + 1}",
                amount_withheld=90,
                amount_total=total,
                amount_due=445.5,
                lines=[(f"Fee {number}", 1, 450, 19)],
            )
            self.assertComesTo(move, 445.5)

    def test_a_total_that_nothing_explains_is_a_reason(self):
        self.vendor.autopost_bills = "always"
        move = self.fill_in(amount_total=600)
        self.assertComesTo(move, 535.5, ["total_differs"])
        self.assertEqual(move.state, "draft")

    def test_a_credit_note_below_zero_is_turned_as_a_whole(self):
        move = self.fill_in(
            doc_type="credit_note",
            fields={"doc_type": {"by": "text"}},
            lines=[("Chairs", -4, 100, 19)],
            adjustments=[{"kind": "charge", "amount": -50, "tax_rate": 19}],
            rounding=0.5,
            amount_untaxed=-450,
            amount_tax=-85.5,
            amount_total=-535,
        )
        self.assertEqual(move.move_type, "in_refund")
        self.assertComesTo(move, 535)

    # ------------------------------------------------------------
    # TAXES
    # ------------------------------------------------------------

    def test_a_tax_that_is_not_set_up_is_booked_as_printed(self):
        move = self.fill_in(
            lines=[("Chairs", 4, 100, 8.1), ("Delivery", 1, 50, 8.1)],
            amount_tax=36.45,
            amount_total=486.45,
        )
        self.assertComesTo(move, 486.45, ["tax_unknown"])
        self.assertIn(36.45, move.invoice_line_ids.mapped("price_subtotal"))

    def test_of_two_rates_only_the_unknown_one_is_a_line(self):
        move = self.fill_in(
            lines=[("Chairs", 4, 100, 19), ("Delivery", 1, 50, 8.1)],
            taxes=[
                {"rate": 19, "base": 400, "amount": 76},
                {"rate": 8.1, "base": 50, "amount": 4.05},
            ],
            amount_tax=80.05,
            amount_total=530.05,
        )
        self.assertComesTo(move, 530.05, ["tax_unknown"])
        self.assertEqual(move.amount_tax, 76)

    def test_a_tax_that_is_printed_is_never_left_out(self):
        unknown = {"amount_untaxed": None, "amount_tax": None, "amount_total": 450}
        rates = [{"rate": 19, "base": None, "amount": 71.85}]
        move = self.fill_in(lines=[], taxes=rates, **unknown)
        self.assertComesTo(move, 450)
        self.assertEqual(move.amount_tax, 71.85)

    def test_rates_without_amounts_do_not_post_without_tax(self):
        self.vendor.autopost_bills = "always"
        move = self.fill_in(
            lines=[("Food", 4, 100, None), ("Wine", 1, 50, None)],
            taxes=[{"rate": rate, "base": None, "amount": None} for rate in (7, 19)],
            amount_untaxed=None,
            amount_tax=None,
            amount_total=450,
        )
        self.assertEqual(self.codes(move), ["tax_missing"])
        self.assertEqual(move.state, "draft")

    def test_reverse_charge_is_no_plain_zero(self):
        self.create_tax(0.0)
        shifted = self.create_shifted_tax("19% Reverse Charge")
        intra = self.create_shifted_tax("19% Innergemeinschaftlich")
        for category, tax in (("AE", shifted), ("K", intra)):
            move = self.fill_in(
                lines=[self._read_line("Chairs", 1, 450, 0, tax_category=category)],
                invoice_number=category,
                invoice_date=f"2026-03-1{len(category)}",
                **NO_TAX,
            )
            self.assertComesTo(move, 450)
            self.assertEqual(move.invoice_line_ids.tax_ids, tax)

    def test_the_category_of_the_tax_is_that_of_its_lines(self):
        tax = self.create_shifted_tax("19% Reverse Charge")
        move = self.fill_in(
            lines=[("Chairs", 1, 450, 0)],
            taxes=[{"rate": 0, "base": 450, "amount": 0, "tax_category": "AE"}],
            **NO_TAX,
        )
        self.assertEqual(move.invoice_line_ids.tax_ids, tax)

    def test_reverse_charge_without_its_tax_is_a_reason(self):
        self.create_tax(0.0)
        lines = [self._read_line("Chairs", 1, 450, 0, tax_category="AE")]
        move = self.fill_in(lines=lines, **NO_TAX)
        self.assertComesTo(move, 450, ["tax_shifted"])
        self.assertFalse(move.invoice_line_ids.tax_ids)

    def test_a_tax_of_reverse_charge_is_not_taken_for_one_that_is_paid(self):
        self.tax.active = False
        self.create_shifted_tax("19% Reverse Charge")
        self.assertComesTo(self.fill_in(), 535.5, ["tax_unknown"])

    # ------------------------------------------------------------
    # PAYMENT
    # ------------------------------------------------------------

    def test_payment_reference_is_written_unless_one_was_typed(self):
        move = self.fill_in(payment_reference="RF18 5390 0754 7034")
        self.assertEqual(move.payment_reference, "RF18 5390 0754 7034")
        move.payment_reference = "TYPED"
        self.fill_in(move, payment_reference="RF18 5390 0754 7034")
        self.assertEqual(move.payment_reference, "TYPED")

    def test_another_payee_is_a_reason(self):
        move = self.fill_in(payee_name="Factor Bank AG")
        self.assertEqual(self.codes(move), ["payee_differs"])
        move = self.fill_in(payee_name="EXAMPLE SUPPLIES", **SECOND)
        self.assertEqual(self.codes(move), [])

    def test_an_account_that_is_no_iban_is_found(self):
        bank = self.env["res.partner.bank"].create(
            {"acc_number": "062-000 12345678", "partner_id": self.vendor.id}
        )
        move = self.fill_in(vendor_account="062000 12345678")
        self.assertEqual(move.partner_bank_id, bank)
        self.assertEqual(self.codes(move), [])
        move = self.fill_in(vendor_account="111111 222", **SECOND)
        self.assertEqual(self.codes(move), ["iban_differs"])

    def test_a_currency_that_is_not_active_keeps_the_amounts(self):
        krone = self.env.ref("base.DKK")
        krone.active = False
        move = self.fill_in(currency="DKK")
        self.assertComesTo(move, 535.5, ["currency_inactive"])
        self.assertEqual(move.currency_id, krone)
