# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common_bill import AiQueueBillCommon


@tagged("post_install", "-at_install")
class TestBillCurrency(AiQueueBillCommon):
    """Currencies that have no cents, or more than cents."""

    def data(self, currency, lines, untaxed, tax, **values):
        """A bill as it is read: lines of (quantity, price, amount)."""
        names = ("quantity", "unit_price", "amount")
        columns = ("price_base_quantity", "discount", "tax_rate")
        return {
            "doc_type": "invoice",
            "invoice_number": "N-1",
            "currency": currency,
            "amount_untaxed": untaxed,
            "amount_tax": tax,
            "amount_total": round(untaxed + tax, 3),
            "lines": [
                {
                    "description": f"Line {at}",
                    **dict(zip(names, line, strict=True)),
                    **dict.fromkeys(columns),
                }
                for at, line in enumerate(lines)
            ],
            "lines_tax_included": False,
            "adjustments": [],
            "taxes": [],
            "fields": {},
            **values,
        }

    def fill(self, currency, *args, **values):
        """A bill with these values, and the reasons why it is to be looked at."""
        self.env.ref(f"base.{currency}").active = True
        move = self.new_bill()
        writer = self.env["ai.queue.bill.writer"]
        data = self.data(currency, *args, **values)
        return move, writer._fill_in(move, data, {})

    def assert_filled(self, move, reasons, untaxed, tax):
        self.assertEqual(reasons, [])
        self.assertEqual(move.amount_untaxed, untaxed)
        self.assertEqual(move.amount_tax, tax)

    def test_three_decimals(self):
        self.create_tax(5.0)
        move, reasons = self.fill("KWD", [(3, 1.235, 3.705)], 3.705, 0.185)
        self.assert_filled(move, reasons, 3.705, 0.185)
        line = move.invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit), (3, 1.235))

    def test_changes_of_the_whole_bill_have_taxes_of_their_own(self):
        """A discount of one rate and a charge of another, which add up to nothing."""
        changes = [
            {
                "kind": kind,
                "amount": amount,
                "tax_rate": rate,
                "tax_category": "S",
                "reason": reason,
            }
            for kind, amount, rate, reason in (
                ("allowance", -50, 7, "Rebate"),
                ("charge", 50, 19, "Freight"),
            )
        ]
        values = {
            "adjustments": changes,
            "taxes": [{"rate": 19, "base": 350}, {"rate": 7, "base": -50}],
        }
        lines = [(1, 300, 300)]
        move, reasons = self.fill("EUR", lines, 300, 63, **values)
        self.assert_filled(move, reasons, 300, 63)
        rows = move.invoice_line_ids.filtered(lambda row: row.name != "Line 0")
        found = [(row.name, row.price_subtotal, row.tax_ids.amount) for row in rows]
        self.assertEqual(found, [("Rebate", -50, 7), ("Freight", 50, 19)])

    def test_three_decimals_of_a_line_without_its_amount(self):
        self.create_tax(5.0)
        move, reasons = self.fill("KWD", [(3, 1.235, None)], 3.705, 0.185)
        self.assert_filled(move, reasons, 3.705, 0.185)

    def test_three_decimals_with_the_tax_in_the_lines(self):
        self.create_tax(5.0)
        lines = [(1, 1.234, 1.234), (1, 2.345, 2.345)]
        values = {"lines_tax_included": True, "taxes": [{"rate": 5, "base": 3.409}]}
        move, reasons = self.fill("KWD", lines, 3.409, 0.17, **values)
        self.assert_filled(move, reasons, 3.409, 0.17)

    def test_no_decimals(self):
        """123.5 of tax, which one rounds up and the next rounds down."""
        self.create_tax(10.0)
        for tax in (123, 124):
            move, reasons = self.fill("JPY", [(1, 1235, 1235)], 1235, tax)
            self.assert_filled(move, reasons, 1235, tax)
            self.assertEqual(move.invoice_line_ids.price_unit, 1235)

    def test_sums_are_told_with_the_decimals_that_they_have(self):
        self.create_tax(10.0)
        for currency, untaxed, written, printed in (
            ("JPY", 1235, "1359", "2000"),
            ("KWD", 1.235, "1.359", "2.001"),
            ("EUR", 1.2, "1.32", "2.50"),
            ("EUR", 1.3, "1.43", "2.00"),
        ):
            tax = round(untaxed / 10, 3 if currency == "KWD" else 2)
            tax = 124 if currency == "JPY" else tax
            total = 2000 if currency == "JPY" else float(printed)
            _move, reasons = self.fill(
                currency, [(1, untaxed, untaxed)], untaxed, tax, amount_total=total
            )
            values = {one["code"]: one["values"] for one in reasons}
            wanted = {"total": written, "printed": printed}
            self.assertEqual(values.get("total_differs"), wanted, reasons)
