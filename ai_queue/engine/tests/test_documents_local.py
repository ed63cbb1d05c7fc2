import datetime
import unittest
from decimal import Decimal

from ..documents.bills.checks import CERTAIN, needs_review
from ..documents.bills.extraction import extract, extract_all
from ..documents.bills.invoice import Own, header_fields, to_json, value_of
from . import document_words as words
from .document_words import AMERICAN, GERMAN


class LocalCase(unittest.TestCase):
    def parse(self, *drawings, own=Own(), **options):  # noqa: B008
        return extract(words.document(*drawings, **options), own)

    def values(self, invoice):
        header = header_fields(invoice)
        return {name: value_of(item) for name, item in header.items() if item}

    def lines(self, invoice):
        return [
            tuple(
                value_of(item) for item in (line.quantity, line.unit_price, line.amount)
            )
            for line in invoice.lines
        ]

    def assert_amounts(self, invoice, untaxed, tax, total):
        found = invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total
        wanted = [one and Decimal(one) for one in (untaxed, tax, total)]
        self.assertEqual([value_of(one) for one in found], wanted)


class TestWholeBills(LocalCase):
    def test_german(self):
        invoice = self.parse(GERMAN)
        values = self.values(invoice)
        self.assertEqual(values["doc_type"], "invoice")
        self.assertEqual(values["vendor_name"], "Muster Werkzeuge GmbH")
        self.assertEqual(values["vendor_vat"], "DE136695976")
        self.assertEqual(values["vendor_iban"], "DE89370400440532013000")
        self.assertIn("70173 Stuttgart", values["vendor_address"])
        self.assertEqual(values["buyer_name"], "Beispiel Handel AG")
        self.assertEqual(values["invoice_number"], "R-2024/0815")
        self.assertEqual(values["invoice_date"], datetime.date(2024, 3, 5))
        self.assertEqual(values["due_date"], datetime.date(2024, 4, 4))
        self.assertEqual(values["po_number"], "B-4711")
        self.assertEqual(values["currency"], "EUR")
        self.assert_amounts(invoice, "638.00", "121.22", "759.22")
        wanted = [(4, Decimal("129.50"), 518), (10, 12, 120)]
        self.assertEqual(self.lines(invoice), wanted)
        first = invoice.lines[0]
        self.assertEqual(value_of(first.description), "Akkuschrauber 18 V\nmit Koffer")
        self.assertEqual(value_of(first.tax_rate), 19)
        self.assertEqual(needs_review(invoice), [])

    def test_every_account_is_kept_but_our_own(self):
        known, other = "DE89370400440532013000", "DE02120300000000202051"
        ours = "FR7630006000011234567890189"
        for more in (f"IBAN: {other}", f"Weißer Weg: {other}", f"{known} {other}"):
            invoice = self.parse(f"{GERMAN}\n    {more} and {ours}")
            self.assertEqual(value_of(invoice.vendor.iban), known)
            self.assertEqual(invoice.vendor.ibans, (known, other, ours), more)
        own = Own(ibans=("DE89 3704 0044 0532 0130 00", ours))
        invoice = self.parse(f"{GERMAN}\n    IBAN: {other} and {ours}", own=own)
        self.assertEqual(value_of(invoice.vendor.iban), other)
        self.assertEqual(to_json(invoice)["vendor_ibans"], [other])

    def test_american_and_the_debt_of_before(self):
        invoice = self.parse(AMERICAN)
        values = self.values(invoice)
        self.assertEqual(values["vendor_name"], "NORTHWIND PLUMBING LLC")
        self.assertEqual(values["buyer_name"], "Adventure Works Inc.")
        self.assertEqual(values["invoice_number"], "4471")
        self.assertEqual(values["invoice_date"], datetime.date(2024, 3, 4))
        self.assertEqual(values["currency"], "USD")
        self.assert_amounts(invoice, "200.00", "20.00", "220.00")
        self.assertEqual(values["amount_due"], 720)
        self.assertEqual([one.code for one in needs_review(invoice)], ["due_differs"])

    def test_every_field_says_where_it_stands(self):
        data = to_json(self.parse(GERMAN))
        total = data["fields"]["amount_total"]
        self.assertEqual((total["text"], total["page"]), ("759,22", 1))
        self.assertEqual((total["by"], len(total["box"])), ("text", 4))
        self.assertGreater(total["confidence"], 0.9)
        scanned = self.parse(GERMAN, source="ocr", confidence=0.9)
        self.assertEqual(scanned.amount_total.by, "ocr")

    def test_an_empty_page_gives_an_empty_invoice(self):
        invoice = self.parse("")
        self.assertEqual(self.values(invoice), {})
        self.assertEqual([one.code for one in needs_review(invoice)], ["nothing_read"])


class TestParties(LocalCase):
    def test_our_own_company_is_never_the_vendor(self):
        own = Own(names=("Northwind Plumbing",))
        invoice = self.parse(AMERICAN, own=own)
        self.assertNotIn("NORTHWIND", value_of(invoice.vendor.name) or "")
        own = Own(vats=("DE136695976",))
        self.assertIsNone(self.parse(GERMAN, own=own).vendor.vat)

    def test_the_sender_line_over_the_window(self):
        invoice = self.parse("""
            Schreibwaren Nord GmbH - Hafenweg 3 - 20457 Hamburg

            Kontor Süd GmbH
            Ringstraße 1
            80331 München

            Rechnung Nr. 5501 vom 07.05.2024
            """)
        self.assertEqual(value_of(invoice.vendor.name), "Schreibwaren Nord GmbH")
        self.assertEqual(value_of(invoice.number), "5501")
        self.assertEqual(value_of(invoice.date), datetime.date(2024, 5, 7))

    def test_the_vat_number_of_the_buyer_is_not_the_vendors(self):
        invoice = self.parse("""
            Delta SARL                          FACTURE N° F-77
            TVA FR 40 303 265 045               Date : 02/01/2024

            Votre N° TVA : FR83404833048
            """)
        self.assertEqual(value_of(invoice.vendor.vat), "FR40303265045")
        self.assertEqual(value_of(invoice.buyer.vat), "FR83404833048")

    def test_a_register_number_is_no_part_of_the_name(self):
        invoice = self.parse("""
            TIMUR TRADING SDN BHD (728515-M)
            Total        12.00
            """)
        self.assertEqual(value_of(invoice.vendor.name), "TIMUR TRADING SDN BHD")


class TestAmounts(LocalCase):
    def total(self, drawing):
        return self.parse(drawing)

    def test_without_labels_arithmetic_decides(self):
        invoice = self.parse("""
            Iets          100,00
            Nog iets       21,00
            Totaal        121,00
            BTW 21%
            """)
        self.assert_amounts(invoice, "100.00", "21.00", "121.00")

    def test_tax_per_rate(self):
        invoice = self.parse("""
            Netto                                    200,00
            MwSt.  7 %   von    100,00                 7,00
            MwSt. 19 %   von    100,00                19,00
            Gesamtbetrag                             226,00
            """)
        self.assert_amounts(invoice, "200.00", "26.00", "226.00")
        taxes = [(one.rate.value, one.amount.value) for one in invoice.taxes]
        self.assertEqual(taxes, [(7, 7), (19, 19)])

    def test_totals_below_the_headers_of_columns(self):
        invoice = self.parse("""
            Warenwert    Nettobetrag    MwSt-%    MwSt-Betrag    Endbetrag
              300,00         300,00      19,0          57,00       357,00
              100,00         100,00       7,0           7,00       107,00
              400,00         400,00                    64,00       464,00
            """)
        self.assert_amounts(invoice, "400.00", "64.00", "464.00")

    def test_a_discount_between_subtotal_and_tax(self):
        invoice = self.parse("""
            Subtotal        1,440.00
            Discount            4.00
            Tax 7.00%         100.52
            Total           1,536.52
            """)
        self.assert_amounts(invoice, "1436.00", "100.52", "1536.52")

    def test_tax_that_is_printed_as_a_rate_only(self):
        invoice = self.parse("""
            Subtotal        $5,500
            Sales Tax          10%
            Total           $6,050
            """)
        self.assert_amounts(invoice, "5500", "550", "6050")
        self.assertEqual(invoice.amount_tax.by, "solved")

    def test_indian_grouping(self):
        invoice = self.parse("""
            SUBTOTAL      6,00,000.00
            IGST 18%      1,08,000.00
            TOTAL         7,08,000.00
            """)
        self.assert_amounts(invoice, "600000", "108000", "708000")

    def test_a_part_payment_does_not_change_the_total(self):
        invoice = self.parse("""
            Rechnungssumme netto         193,83
            Summe Umsatzsteuer            21,31
            Rechnungssumme brutto        215,14
            Bereits bezahlt               50,00
            Offener Betrag               165,14
            """)
        self.assert_amounts(invoice, "193.83", "21.31", "215.14")
        self.assertEqual(value_of(invoice.amount_due), Decimal("165.14"))

    def test_rounding_and_change_on_a_till_receipt(self):
        invoice = self.parse("""
            Total Amount        RM7.72
            Rounding           -RM0.02
            Nett Total          RM7.70
            CASH               RM10.00
            CHANGE              RM2.30
            """)
        self.assertEqual(value_of(invoice.amount_total), Decimal("7.70"))

    def test_totals_that_do_not_add_up_go_to_review(self):
        invoice = self.parse("""
            Subtotal        100.00
            Tax               8.00
            Total           110.00
            """)
        self.assertIn("totals_differ", [one.code for one in needs_review(invoice)])


class TestLines(LocalCase):
    def test_identical_lines_stay_apart_over_pages(self):
        head = """
            Pos   Menge   Beschreibung                 Preis      Betrag
            """
        first = (
            head
            + """
            1     1       Postfach                      5,39        5,39
                          Grundgebühr
            2     1       Postfach                      5,39        5,39
            """
        )
        second = (
            head
            + """
            3     1       Postfach                      5,39        5,39

                          Total EUR                                16,17
            """
        )
        invoice = self.parse(first, second)
        line = (1, Decimal("5.39"), Decimal("5.39"))
        self.assertEqual(self.lines(invoice), [line] * 3)
        self.assertEqual(value_of(invoice.amount_total), Decimal("16.17"))

    def test_subtotals_of_sections_are_no_lines(self):
        invoice = self.parse("""
            Description          Quantity   Unit Price      Amount
            Oil                         2        10.00       20.00
                                          Subtotal           20.00
            Food
            Truffles                   15        10.00      150.00
                                          Subtotal          150.00

                                             Total          170.00
            """)
        self.assertEqual(self.lines(invoice), [(2, 10, 20), (15, 10, 150)])

    def test_discount_of_a_line(self):
        invoice = self.parse("""
            Description          Qty     Price    Disc. %      Amount
            Oil                    2     10.00         10       18.00
            """)
        self.assertEqual(self.lines(invoice), [(2, 10, 18)])
        self.assertEqual(value_of(invoice.lines[0].discount), 10)

    def test_three_digits_are_read_as_the_arithmetic_wants(self):
        invoice = self.parse("""
            Artikel          Menge      Preis      Betrag
            Steak            5,000       5,50       27,50
            """)
        self.assertEqual(self.lines(invoice), [(5, Decimal("5.50"), Decimal("27.50"))])

    def test_lines_that_hold_the_tax(self):
        invoice = self.parse("""
            Artikel          Aantal     Prijs      Bedrag
            Boek                  2     60,50      121,00

                       Exclusief BTW               100,00
                       BTW 21 %                     21,00
                       Totaal                      121,00
            """)
        self.assertTrue(invoice.lines_tax_included)
        self.assert_amounts(invoice, "100.00", "21.00", "121.00")
        self.assertEqual(needs_review(invoice)[0].code, "vendor_missing")

    def test_without_a_header_only_what_multiplies(self):
        invoice = self.parse("""
            Widget         4      2.50      10.00
            Visit us in 2024 on 5.00 acres of 7.00
            """)
        self.assertEqual(self.lines(invoice), [(4, Decimal("2.50"), 10)])

    def test_a_text_and_an_amount_are_a_line_where_they_add_up(self):
        invoice = self.parse("""
            Gutter cleaning           $180.00
            Materials                  $65.25

            Total                     $245.25
            """)
        amounts = [value_of(line.amount) for line in invoice.lines]
        self.assertEqual(amounts, [180, Decimal("65.25")])
        self.assert_amounts(invoice, "245.25", None, "245.25")


class TestScans(LocalCase):
    """What text recognition breaks is mended where it can be told."""

    def parse(self, *drawings, **options):
        return super().parse(*drawings, source="ocr", confidence=0.9, **options)

    def test_broken_numbers(self):
        for printed in ("12. 60", "12 60", "92:60", "12.6O", "RN12. 60"):
            invoice = self.parse(f"Total          {printed}")
            wanted = "92.60" if printed == "92:60" else "12.60"
            self.assertEqual(value_of(invoice.amount_total), Decimal(wanted), printed)

    def test_rules_of_tables_are_no_letters(self):
        invoice = self.parse("INVOICE NUMBER | 20517440")
        self.assertEqual(value_of(invoice.number), "20517440")

    def test_the_change_tells_a_total_that_cannot_be_read(self):
        invoice = self.parse("""
            Grand Total        e000
            CASH             200.00
            CHANGE            10.00
            """)
        self.assertEqual(value_of(invoice.amount_total), 190)
        self.assertEqual(invoice.amount_total.by, "solved")
        self.assertIn("uncertain", [one.code for one in needs_review(invoice)])

    def test_letters_that_look_like_digits_are_doubted(self):
        self.assertLess(self.parse("Invoice No: INVO3051").number.confidence, 0.55)
        self.assertGreater(self.parse("Invoice No: 93051").number.confidence, 0.55)


class TestDates(LocalCase):
    def test_month_first_needs_evidence(self):
        for address, month in (("Austin, TX 73301", 3), ("London W1A 1AA", 4)):
            invoice = self.parse(f"""
                Acme Ltd
                {address}
                Invoice date: 03/04/2024
                Total  $5.00
                """)
            self.assertEqual(value_of(invoice.date).month, month)

    def test_one_date_tells_for_all(self):
        invoice = self.parse("""
            Invoice date: 03/04/2024
            Due date: 03/31/2024
            """)
        self.assertEqual(value_of(invoice.date), datetime.date(2024, 3, 4))

    def test_an_order_that_nothing_tells_is_a_guess(self):
        """Two days a month apart: a person looks at it."""
        guessed = self.parse("Invoice date: 03/04/2024").date
        self.assertLess(guessed.confidence, CERTAIN)
        for drawing in (
            "Invoice date: 03.04.2024",
            "Invoice date: 13/04/2024",
            "Invoice date: 4/4/2024",
            "Invoice date: 03/04/2024\nDue date: 03/31/2024",
            "Austin, TX 73301\nInvoice date: 03/04/2024",
            "Facture\nDate de facture : 03/04/2024\nMontant total TTC : 12,00",
        ):
            with self.subTest(drawing):
                self.assertGreater(self.parse(drawing).date.confidence, CERTAIN)

    def test_a_date_of_something_else_is_not_taken(self):
        invoice = self.parse("Delivery date: 03.04.2024")
        self.assertIsNone(invoice.date)


class TestNumbers(LocalCase):
    def number(self, drawing):
        return value_of(self.parse(drawing).number)

    def test_beside_and_below_its_label(self):
        self.assertEqual(self.number("Factuurnummer: 993548900"), "993548900")
        self.assertEqual(
            self.number("Invoice No.       INV/2024/0008"), "INV/2024/0008"
        )
        below = """
            Invoice number       Customer number
            77-1                 4711
            """
        self.assertEqual(self.number(below), "77-1")

    def test_other_numbers_are_not_taken(self):
        for drawing in (
            "Kundennr. 4711",
            "Tel. 555-1234",
            "987654321",
            "VAT No. 4711123",
        ):
            self.assertIsNone(self.number(drawing), drawing)


class TestKinds(LocalCase):
    def test_credit_notes_and_receipts(self):
        for title, kind in {
            "GUTSCHRIFT": "credit_note",
            "Credit Note": "credit_note",
            "AVOIR": "credit_note",
            "NOTA DI CREDITO": "credit_note",
            "Tax Invoice": "invoice",
            "RECEIPT": "receipt",
            "Hello": "invoice",
        }.items():
            invoice = self.parse(f"{title}\n\n\n\nsomething")
            self.assertEqual(value_of(invoice.doc_type), kind, title)


class TestSeveralBills(LocalCase):
    def split(self, *drawings):
        bills = extract_all(words.document(*drawings))
        return [(value_of(bill.number), bill.pages) for bill in bills]

    def test_another_number_begins_another_bill(self):
        found = self.split("Invoice No: 4711", "Total 5.00", "Invoice No: 4712")
        self.assertEqual(found, [("4711", (1, 2)), ("4712", (3, 3))])

    def test_the_same_number_continues(self):
        found = self.split("Invoice No: 4711", "Invoice No: 4711")
        self.assertEqual(found, [("4711", (1, 2))])

    def test_a_page_that_calls_itself_the_second_continues(self):
        found = self.split("Invoice No: 4711", "Page 2 of 2   Invoice No: 9999")
        self.assertEqual(found, [("4711", (1, 2))])


if __name__ == "__main__":
    unittest.main()
