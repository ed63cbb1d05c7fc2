import datetime
import re
import unittest
from dataclasses import replace
from decimal import Decimal

from ..documents.bills import checks
from ..documents.bills.checks import FIELD_NAMES, FINDINGS, Finding, needs_review
from ..documents.bills.extraction import extract
from ..documents.bills.invoice import (
    Field,
    Invoice,
    TaxAmount,
    adjusted,
    header_fields,
)
from . import document_words as words

TODAY = datetime.date(2024, 6, 1)


class TestChecks(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.invoice = extract(words.document(words.GERMAN))

    def change(self, name, value):
        """Another value of a field, read as well as the one before."""
        item = getattr(self.invoice, name)
        setattr(self.invoice, name, item and replace(item, value=value))

    def codes(self):
        return [one.code for one in needs_review(self.invoice, TODAY)]

    def test_a_bill_in_order_passes(self):
        self.assertEqual(self.codes(), [])

    def test_nothing_at_all(self):
        self.invoice = Invoice()
        self.assertEqual(self.codes(), ["nothing_read"])

    def test_what_is_missing(self):
        self.invoice.number = self.invoice.currency = None
        self.invoice.vendor.name = None
        wanted = ["vendor_missing", "number_missing", "currency_missing"]
        self.assertEqual(self.codes(), wanted)

    def test_a_receipt_needs_no_number_and_no_lines(self):
        self.invoice.doc_type = Field("receipt")
        self.invoice.number, self.invoice.lines = None, []
        self.assertEqual(self.codes(), [])

    def test_totals_that_differ_by_a_cent(self):
        self.change("amount_total", Decimal("759.23"))
        self.assertEqual(self.codes(), ["totals_differ"])

    def test_lines_that_differ_by_a_cent(self):
        line = self.invoice.lines[0]
        line.amount = replace(line.amount, value=Decimal("518.01"))
        [finding] = needs_review(self.invoice, TODAY)
        self.assertEqual(finding.code, "lines_differ")
        self.assertIn("638.01", finding.text)

    def test_lines_and_a_discount_of_all(self):
        self.invoice.lines.pop()
        self.assertEqual(self.codes(), ["lines_differ"])
        self.invoice.adjustments = adjusted(Field(Decimal("120.00")))
        self.assertEqual(self.codes(), [])

    def test_a_rounded_total_is_beside_lines_with_tax(self):
        invoice = self.invoice
        invoice.lines_tax_included = True
        lines = checks._line_sum(invoice)
        invoice.adjustments = []
        invoice.amount_total = Field(lines + Decimal("0.02"))
        self.assertEqual([one.code for one in checks._lines(invoice)], ["lines_differ"])
        invoice.rounding = Field(Decimal("0.02"))
        self.assertEqual(list(checks._lines(invoice)), [])

    def test_rates_of_islands_are_their_own(self):
        invoice = self.invoice
        invoice.vendor.country = Field("ES")
        rate = Field(Decimal(7))
        for category, codes in (("L", []), ("S", ["tax_rate"])):
            invoice.taxes = [TaxAmount(rate, tax_category=Field(category))]
            invoice.lines = []
            found = [one.code for one in checks._taxes(invoice)]
            self.assertEqual(found, codes)

    def test_a_total_alone_is_not_believed(self):
        self.invoice.amount_untaxed = self.invoice.amount_tax = None
        self.invoice.lines = []
        self.assertEqual(self.codes(), ["lines_missing", "total_unproven"])

    def test_dates_in_order(self):
        self.change("due_date", datetime.date(2024, 3, 4))
        self.assertEqual(self.codes(), ["due_before_date"])
        self.change("date", datetime.date(2024, 6, 2))
        self.assertIn("date_in_future", self.codes())

    def test_check_digits(self):
        vendor = self.invoice.vendor
        vendor.vat = replace(vendor.vat, value="DE136695975")
        vendor.iban = replace(vendor.iban, value="DE88370400440532013000")
        self.assertEqual(self.codes(), ["vat_invalid", "iban_invalid"])

    def test_rates_of_the_country(self):
        self.invoice.taxes = [TaxAmount(Field(Decimal(18)), None, None)]
        [finding] = needs_review(self.invoice, TODAY)
        self.assertEqual((finding.code, finding.values["country"]), ("tax_rate", "DE"))
        self.assertIn("18 %", finding.text)

    def test_a_tax_that_no_country_asks_for(self):
        self.change("amount_tax", Decimal("300.00"))
        self.change("amount_total", Decimal("938.00"))
        self.assertEqual(self.codes(), ["tax_rate_high"])

    def test_pictures_prove_names_and_dates_less(self):
        def doubted(by, vat=None, name=0.9, date=0.9):
            vendor, day = self.invoice.vendor, datetime.date(2024, 3, 5)
            vendor.name = Field("Muster GmbH", by=by, confidence=name)
            vendor.vat = vat and Field(vat, by=by, confidence=0.9)
            vendor.iban = None
            self.invoice.date = Field(day, by=by, confidence=date)
            found = {one.code: one.fields for one in needs_review(self.invoice, TODAY)}
            return found.get("uncertain", ())

        self.assertEqual(doubted("ocr"), ())
        self.assertEqual(doubted("text", name=0.7, date=0.7), ())
        self.assertEqual(doubted("ocr", name=0.7), ("vendor_name",))
        self.assertEqual(doubted("ocr", date=0.8), ("invoice_date",))
        # the number carries its own check
        self.assertEqual(doubted("ocr", vat="DE136695976", name=0.7), ())
        self.assertEqual(doubted("ocr", vat="DE136695975", name=0.7), ("vendor_name",))

    def test_what_is_uncertain_is_named(self):
        self.invoice.number = replace(self.invoice.number, confidence=0.3)
        [finding] = needs_review(self.invoice, TODAY)
        self.assertEqual(finding.fields, ("invoice_number",))
        self.assertIn("the bill number", finding.text)

    def test_what_a_model_made_up_is_named(self):
        self.invoice.notes = ("ocr", "invented:vendor_vat", "invented:lines")
        [finding] = needs_review(self.invoice, TODAY)
        self.assertEqual(finding.code, "invented")
        self.assertEqual(finding.fields, ("vendor_vat", "lines"))


class TestSentences(unittest.TestCase):
    def test_every_sentence_can_be_filled_in(self):
        for code, template in FINDINGS.items():
            names = set(re.findall(r"%\((\w+)\)s", template))
            values = {name: "1" for name in names}
            if "fields" in names:
                values["fields"] = ("invoice_date",)
            self.assertNotIn("%(", Finding(code, values).text)

    def test_fields_have_names(self):
        known = header_fields(Invoice()).keys() | {"lines"}
        self.assertLessEqual(FIELD_NAMES.keys(), known)

    def test_rates_are_exact(self):
        self.assertIn(Decimal("5.5"), checks.RATES_OF["FR"])
        self.assertIn(Decimal("25.5"), checks.RATES_OF["FI"])


if __name__ == "__main__":
    unittest.main()
