import datetime
import json
import unittest
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from ..documents.bills import identifiers, numbers, slips, vocabulary
from ..documents.bills.checks import Finding, needs_review
from ..documents.bills.extraction import extract
from ..documents.bills.invoice import (
    OTHERS,
    Field,
    Invoice,
    Own,
    TaxAmount,
    to_json,
    value_of,
)
from ..documents.bills.segments import text_of
from ..documents.files.shapes import Document, Page, Word
from . import document_words as words

WHOLE = """
Schreinerei Ahorn GmbH
Musterweg 1, 70173 Stuttgart
Rechnung Nr. 77                        05.03.2026
Bezeichnung       Menge   Preis   Gesamt
Tür                  1   100,00   100,00
Netto                             100,00
MwSt 19%                           19,00
Brutto                            119,00 €
"""
SLIP = """
Empfangsschein            Zahlteil                  Konto / Zahlbar an
Konto / Zahlbar an                                  CH93 0076 2011 6238 5295 7
CH93 0076 2011 6238 5295 7                          Alpen Treuhand AG
Alpen Treuhand AG                                   Referenz
Währung   Betrag                                    RF18 5390 0754 7034
CHF       1 949.75
"""


def samples():
    """(title, drawing, what is to be read) of each bill drawn for these tests."""
    for name in ("paper_samples.txt", "paper_kinds.txt", "paper_layouts.txt"):
        data = Path(__file__).with_name(name).read_text(encoding="utf-8")
        for block in data.split("\n## ")[1:]:
            head, drawing = block.split("\n", 1)
            title, wanted = head.split(" | ", 1)
            yield title, drawing, json.loads(wanted)


def read(drawing, own=Own(), **options):  # noqa: B008
    return extract(words.document(drawing, **options), own)


class TestBills(unittest.TestCase):
    def test_bills_of_many_countries_and_what_is_none(self):
        for title, drawing, wanted in samples():
            invoice = read(drawing)
            data = to_json(invoice)
            data["lines"] = len(data["lines"])
            with self.subTest(title):
                self.assertEqual({name: data[name] for name in wanted}, wanted)
                if data["doc_type"] in OTHERS:
                    [finding] = needs_review(invoice)
                    self.assertEqual(finding.code, "not_a_bill")
                    self.assertNotIn("%", finding.text)

    def test_every_other_kind_has_words_in_every_language(self):
        for language, table in vocabulary.languages().items():
            for kind in ("invoice", "credit_note", "receipt", *OTHERS):
                self.assertTrue(table.get(kind), f"{language}: {kind}")

    def test_every_language_names_the_same_things(self):
        optional = {
            "stamp",
            "withheld",
            "month_end",
            "net_days",
            "count",
            "no_discount",
        }
        wanted = set(vocabulary.languages()["en"])
        for language, table in vocabulary.languages().items():
            self.assertLessEqual(wanted - set(table), optional, language)
            self.assertLessEqual(set(table), wanted, language)

    def test_an_order_number_makes_no_order(self):
        order = WHOLE.replace("Rechnung Nr. 77", "Bestellung Nr. 12 · Rechnung Nr. 77")
        self.assertEqual(value_of(read(order).doc_type), "invoice")
        invoice = read(WHOLE + "\nLieferschein-Datum : 04.03.2026\n")
        self.assertEqual(value_of(invoice.doc_type), "invoice")


class TestTerms(unittest.TestCase):
    def test_due_dates(self):
        for terms, day in {
            "3 % Skonto bis 15.03., netto bis 04.04.": (4, 4),
            "Zahlbar bis 15.03.2026 mit 2 % Skonto oder bis 04.04.2026 netto": (4, 4),
            "Zahlbar innerhalb von 14 Tagen ohne Abzug": (3, 19),
            "2% 10 days, net 30 days": (4, 4),
            "10 Tage 2 % Skonto, 30 Tage netto": (4, 4),
            "Paiement à 30 jours fin de mois": (4, 30),
            "Betaling binnen 8 dagen": (3, 13),
            "Zahlbar sofort ohne Abzug": (3, 5),
            "Maksuehto 14 pv netto": (3, 19),
            "Please remit until 2026-04-01": (4, 1),
        }.items():
            due = value_of(read(f"{WHOLE}\n{terms}\n").due_date)
            self.assertEqual(due, datetime.date(2026, *day), terms)

    def test_no_terms_of_payment(self):
        for sentence in (
            "Rückgabe innerhalb von 14 Tagen",
            "Guarantee: 365 days",
            "2 % Skonto bis 15.03.2026",
        ):
            self.assertIsNone(read(f"{WHOLE}\n{sentence}\n").due_date, sentence)


class TestReferences(unittest.TestCase):
    def test_payment_references(self):
        for printed, value in {
            "Communication : +++090/9337/55493+++": "+++090/9337/55493+++",
            "RF18 5390 0754 7034": "RF18 5390 0754 7034",
            "21 00000 00003 13947 14300 09017": "21 00000 00003 13947 14300 09017",
            "OCR 2041778": "2041778",
            "Variabilní symbol: 260100045": "260100045",
            "Verwendungszweck: Rechnung 77 Kunde 12": "Rechnung 77 Kunde 12",
        }.items():
            found = value_of(read(f"{WHOLE}\n{printed}\n").payment_reference)
            self.assertEqual(found, value, printed)

    def test_a_wrong_check_is_no_reference(self):
        for printed in (
            "+++090/9337/55494+++",
            "RF19 5390 0754 7034",
            "21 00000 00003 13947 14300 09018",
            "Vs. Ordine: 12",
        ):
            self.assertIsNone(read(f"{WHOLE}\n{printed}\n").payment_reference, printed)


class TestSlips(unittest.TestCase):
    def test_a_payment_slip_is_no_part_of_the_bill(self):
        invoice = read(WHOLE + SLIP)
        self.assertEqual(value_of(invoice.amount_total), 119)
        self.assertEqual(len(invoice.lines), 1)
        self.assertEqual(value_of(invoice.vendor.iban), "CH9300762011623852957")
        self.assertEqual(value_of(invoice.payment_reference), "RF18 5390 0754 7034")
        self.assertEqual(value_of(invoice.payee.name), "Alpen Treuhand AG")

    def test_a_receipt_alone_is_no_slip(self):
        text = text_of(words.document("Receipt 12\nTotal   5.00"))
        self.assertEqual(slips.top_of(text), {})


class TestTurned(unittest.TestCase):
    def document(self, turn, margin=()):
        page = words.document(WHOLE).pages[0]
        turned = [self.turned(word, page, turn) for word in page.words]
        wide, high = page.width, page.height
        if turn in (1, 3):
            wide, high = high, wide
        page = Page(1, wide, high, (*turned, *margin), "text")
        return Document((page,), "application/pdf")

    def turned(self, word, page, turn):
        """A word of an upright page as it stands on the page turned clockwise."""
        x0, top, x1, bottom = word.x0, word.top, word.x1, word.bottom
        if turn == 1:
            x0, top, x1, bottom = page.height - bottom, x0, page.height - top, x1
        elif turn == 2:
            x0, x1 = page.width - x1, page.width - x0
            top, bottom = page.height - bottom, page.height - top
        elif turn == 3:
            x0, top, x1, bottom = top, page.width - x1, bottom, page.width - x0
        return replace(word, x0=x0, top=top, x1=x1, bottom=bottom, turn=turn)

    def test_a_page_on_its_side_is_read_upright(self):
        upright = read(WHOLE)
        for turn in (1, 2, 3):
            document = self.document(turn)
            invoice = extract(document)
            self.assertEqual(value_of(invoice.amount_total), 119, turn)
            self.assertEqual(value_of(invoice.vendor.name), "Schreinerei Ahorn GmbH")
            self.assertEqual(len(invoice.lines), len(upright.lines))
            box = invoice.amount_total.box
            page = document.pages[0]
            printed = [word for word in page.words if word.text == "119,00"]
            self.assertAlmostEqual(box.x0, printed[0].x0, places=2)
            self.assertAlmostEqual(box.bottom, printed[0].bottom, places=2)

    def test_print_along_the_margin_is_left_out(self):
        margin = [
            Word(text, 5, 100 + 60 * at, 14, 150 + 60 * at, turn=3)
            for at, text in enumerate(["Druckerei", "Rand", "GmbH", "4711"])
        ]
        invoice = extract(self.document(0, margin))
        self.assertEqual(value_of(invoice.vendor.name), "Schreinerei Ahorn GmbH")
        self.assertEqual(value_of(invoice.number), "77")


class TestAmounts(unittest.TestCase):
    def test_tax_that_does_not_fit_is_told(self):
        invoice = read("""
            Muster GmbH
            Rechnung Nr. 5        05.03.2026
            Bezeichnung    Menge    Preis    Gesamt
            Kaffee             1   100,00    100,00
            Gesamtbetrag                     100,00 €
            inkl. 19 % MwSt.                  44,44 €
            """)
        self.assertIsNone(invoice.amount_untaxed)
        codes = [one.code for one in needs_review(invoice)]
        self.assertIn("tax_unproven", codes)

    def test_numbers_are_bounded(self):
        self.assertEqual(numbers.readings("9" * 16), ())
        self.assertEqual(numbers.readings("9" * 15), (Decimal("9" * 15),))
        self.assertEqual(numbers.readings("1,234,567,890,123,456,789.00"), ())

    def test_three_decimals(self):
        self.assertEqual(numbers.readings("125.000", "", 3)[0], 125)
        self.assertEqual(numbers.readings("125.000", "", 0)[0], 125000)
        self.assertEqual(numbers.readings("1,250", ".", 3)[0], 1250)
        self.assertTrue(numbers.has_cents("12.500", 3))
        self.assertFalse(numbers.has_cents("12.500"))

    def test_rounding_and_tax_withheld_tie(self):
        for name, part, total, due in (
            ("rounding", "0.06", "119.06", None),
            ("rounding", "0.06", "119.00", "119.06"),
            ("withheld", "15", "104", None),
            ("withheld", "15", "119", "104"),
            ("stamp", "2", "121", None),
        ):
            invoice = read(WHOLE)
            setattr(invoice, name, Field(Decimal(part)))
            invoice.amount_total = Field(Decimal(total))
            invoice.amount_due = Field(Decimal(due)) if due else None
            codes = {one.code for one in needs_review(invoice)}
            self.assertFalse(codes & {"totals_differ", "due_differs"}, (name, codes))
        invoice.stamp = None
        self.assertIn("totals_differ", [one.code for one in needs_review(invoice)])

    def test_below_zero_is_a_credit_note(self):
        invoice = read("""
            Muster GmbH
            Rechnung Nr. 5        05.03.2026
            Netto                           -100,00
            MwSt 19 %                        -19,00
            Gesamtbetrag                    -119,00 €
            """)
        self.assertEqual(value_of(invoice.doc_type), "credit_note")


class TestChecks(unittest.TestCase):
    def test_ten_percent_is_printed_plainly(self):
        invoice = read(WHOLE)
        invoice.vendor.country = Field("DE")
        invoice.taxes = [TaxAmount(Field(Decimal("10")), None, None)]
        texts = [one.text for one in needs_review(invoice) if one.code == "tax_rate"]
        self.assertEqual(len(texts), 1)
        self.assertIn("10 %", texts[0])

    def test_an_account_that_is_no_iban_is_not_wrong(self):
        invoice = read(WHOLE)
        for account, wrong in (
            ("062-000 12345678", False),
            ("5050-1055", False),
            ("DE89370400440532013001", True),
        ):
            invoice.vendor.iban = Field(account)
            codes = [one.code for one in needs_review(invoice)]
            self.assertEqual("iban_invalid" in codes, wrong, account)
            self.assertEqual(identifiers.is_iban(account), wrong)

    def test_the_sentence_names_the_kind(self):
        text = Finding("not_a_bill", {"kind": "statement"}).text
        self.assertIn("a statement of account", text)

    def test_nothing_else_is_said_of_what_is_no_bill(self):
        invoice = Invoice(doc_type=Field("quotation"))
        self.assertEqual([one.code for one in needs_review(invoice)], ["not_a_bill"])


class TestHostile(unittest.TestCase):
    def test_endless_words_and_rows(self):
        for text in ("rechnung" * 7000, "1" * 60000, "-" * 60000, "DE89" * 9000):
            word = Word(text, 10, 10, 500, 20)
            page = Page(1, 595, 842, (word,), "text")
            invoice = extract(Document((page,), "application/pdf"))
            self.assertIsNone(invoice.amount_total)


if __name__ == "__main__":
    unittest.main()
