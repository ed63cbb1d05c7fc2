import datetime
import unittest
from decimal import Decimal
from unittest import mock

from ..documents.bills import (
    currencies,
    dates,
    extraction,
    identifiers,
    labels,
    names,
    numbers,
)
from ..documents.bills.segments import text_of
from ..documents.bills.text import fold, squeeze
from . import document_words as words


class TestNumbers(unittest.TestCase):
    def test_separators_of_many_countries(self):
        for text, value in {
            "1.234,56": "1234.56",
            "1,234.56": "1234.56",
            "1'234.56": "1234.56",
            "1 234,56": "1234.56",
            "1\u202f234,56": "1234.56",
            "12,34,567.00": "1234567.00",
            "7,08,000.00": "708000.00",
            "1.234.567": "1234567",
            "0,125": "0.125",
            "3,9000": "3.9000",
            "19": "19",
            ".50": "0.50",
        }.items():
            self.assertEqual(numbers.parse(text), Decimal(value), text)

    def test_signs(self):
        for text in ("-12.00", "12.00-", "(12.00)", "−12,00", "- 12,00"):
            self.assertEqual(numbers.parse(text), Decimal("-12.00"), text)

    def test_three_digits_after_a_separator_mean_two_things(self):
        self.assertEqual(numbers.readings("1.234"), (Decimal(1234), Decimal("1.234")))
        self.assertEqual(numbers.parse("5,000", ","), Decimal("5.000"))

    def test_the_document_tells_its_decimal_mark(self):
        self.assertEqual(numbers.decimal_mark(["1.234,00 EUR", "5,000 kg"]), ",")
        self.assertEqual(numbers.decimal_mark(["12,34,567.00"]), ".")
        self.assertEqual(numbers.decimal_mark(["1.234"]), "")

    def test_what_is_no_number(self):
        for text in ("", "12a", "1,2,3", "12:30", "2013-51112", "--5"):
            self.assertEqual(numbers.readings(text), (), text)

    def test_numbers_inside_codes_and_times_are_left_alone(self):
        found = numbers.NUMBER.findall("2013-51112 12:30 A4711 3/4")
        self.assertEqual(found, [])


class TestDates(unittest.TestCase):
    def assert_date(self, text, year, month, day, **options):
        value = dates.parse(text, **options)
        self.assertEqual(value, datetime.date(year, month, day), text)

    def test_months_in_seven_languages(self):
        for text in (
            "5 March 2024",
            "March 5th, 2024",
            "5. März 2024",
            "5 mars 2024",
            "5 maart 2024",
            "5 marzo 2024",
            "5 de marzo de 2024",
            "5 de março de 2024",
            "05-Mar-24",
            "2024-03-05",
            "05.03.2024",
            "5/3/24",
        ):
            self.assert_date(text, 2024, 3, 5)

    def test_the_day_comes_first_unless_told_or_impossible(self):
        self.assert_date("03/04/2024", 2024, 4, 3)
        self.assert_date("03/04/2024", 2024, 3, 4, month_first=True)
        self.assert_date("12/31/2024", 2024, 12, 31)
        self.assert_date("31/12/2024", 2024, 12, 31, month_first=True)

    def test_text_recognition_loses_the_blank_beside_a_time(self):
        for text, day in {
            "20:54:4513/10/23": (2023, 10, 13),
            "20:5413/10/2023": (2023, 10, 13),
            "13/10/202320:54": (2023, 10, 13),
            "13/10/2320:54": (2023, 10, 13),
            "08:172023-10-13": (2023, 10, 13),
            "2023-10-1308:17": (2023, 10, 13),
            "Oct 13, 202308:17": (2023, 10, 13),
        }.items():
            self.assertEqual(dates.parse(text), datetime.date(*day), text)
        self.assertIsNone(dates.parse("13/10/20232054"))

    def test_what_is_no_date(self):
        for text in ("30.02.2024", "1.2.3.4", "12345.67.89", "32/13/2024", "v 1.2.24a"):
            with self.subTest(text):
                self.assertIn(dates.parse(text), (None, datetime.date(2024, 2, 1)))
        self.assertIsNone(dates.parse("30.02.2024"))
        self.assertIsNone(dates.parse("1.2.3.4"))

    def test_places_are_those_of_the_text(self):
        text = "bezahlt am 5. März 2024, danke"
        [printed] = dates.find(text)
        self.assertEqual(text[printed.start : printed.end], "5. März 2024")


class TestCurrencies(unittest.TestCase):
    def test_symbols_and_codes(self):
        self.assertEqual(currencies.code("€"), "EUR")
        self.assertEqual(currencies.code("CHF"), "CHF")
        self.assertEqual(currencies.code("RM"), "MYR")
        self.assertIsNone(currencies.code("XYZ"))

    def test_a_postcode_is_no_currency(self):
        for text, wanted in {
            "BD 125.000": ["BD"],
            "BD1.500": ["BD"],
            "Skipton BD23 1HJ": [],
            "Skipton BD231HJ": [],
            "Durham DH1 3LE": [],
        }.items():
            found = [match[0] for match in currencies.CURRENCY.finditer(text)]
            self.assertEqual(found, wanted, text)

    def test_the_dollar_is_the_one_of_the_country(self):
        self.assertEqual(currencies.code("$", "CAD"), "CAD")
        self.assertEqual(currencies.code("$"), "USD")

    def test_the_same_sign_again_proves_nothing_more(self):
        code = currencies.Place("AUD", beside=False, total=True)
        signs = [currencies.Place("$", beside=True, total=False)] * 9
        self.assertEqual(currencies.choose([*signs, code], "", "").code, "AUD")
        alone = currencies.choose(signs, "", "")
        self.assertEqual((alone.code, alone.certain), ("USD", 0.5))
        self.assertIsNone(currencies.choose([], "EUR", "de"))

    def test_signs_of_many_by_country_and_language(self):
        for sign, local, language, code in (
            ("$", "CLP", "", "CLP"),
            ("¥", "", "zh", "CNY"),
            ("¥", "CNY", "", "CNY"),
            ("¥", "", "ja", "JPY"),
            ("kr", "", "nb", "NOK"),
            ("kr", "DKK", "", "DKK"),
        ):
            places = [currencies.Place(sign, beside=True, total=True)] * 3
            self.assertEqual(currencies.choose(places, local, language).code, code)


class TestIdentifiers(unittest.TestCase):
    def find(self, drawing, what):
        text = text_of(words.document(drawing))
        return [found.value for found in what(text)]

    def test_vat_numbers_with_blanks(self):
        drawing = "USt-IdNr. DE 136 695 976"
        self.assertEqual(self.find(drawing, identifiers.find_vats), ["DE136695976"])

    def test_an_account_is_no_vat_number(self):
        drawing = "IBAN DE89 3704 0044 0532 0130 00   BTW NL810433941B01"
        self.assertEqual(self.find(drawing, identifiers.find_vats), ["NL810433941B01"])
        account = ["DE89370400440532013000"]
        self.assertEqual(self.find(drawing, identifiers.find_ibans), account)

    def test_check_digits(self):
        self.assertIs(identifiers.is_valid_vat("DE136695976"), True)
        self.assertIs(identifiers.is_valid_vat("DE123456789"), False)
        self.assertIsNone(identifiers.is_valid_vat("12ABCDE0123A1A2"))
        self.assertTrue(identifiers.is_valid_iban("DE89 3704 0044 0532 0130 00"))
        self.assertFalse(identifiers.is_valid_iban("DE89 3704 0044 0532 0130 01"))
        self.assertFalse(identifiers.is_valid_iban(""))

    def test_greece_writes_el(self):
        self.assertEqual(identifiers.vat_country("EL094014201"), "GR")


class TestLabels(unittest.TestCase):
    def test_kinds_of_amounts(self):
        for label, kind in {
            "Rechnungssumme Netto (excl. USt.)": "untaxed",
            "Rechnungssumme Brutto (inkl. USt.)": "total",
            "Summe Umsatzsteuer": "tax",
            "Total TTC": "total",
            "Total HT": "untaxed",
            "TVA 20 %": "tax",
            "Totaal": "total",
            "Exclusief BTW": "untaxed",
            "Sales Tax": "tax",
            "Previous unpaid balance": "prior",
            "Amount due": "due",
            "Bereits bezahlt": "paid",
            "abzgl. Sondernachlass": "discount",
            "zzgl. Versandkosten": "charge",
            "Rounding adjustment": "rounding",
            "Total (incl. GST)": "total",
            "Base imponible": "untaxed",
            "Steuer-Nr.": "",
            "Total Qty": "",
            "Contact": "",
        }.items():
            self.assertEqual(labels.amount_kind(fold(label)), kind, label)

    def test_kinds_of_dates(self):
        for label, kind in {
            "Invoice date": "bill",
            "Rechnungsdatum": "bill",
            "Fällig am": "due",
            "Vervaldatum": "due",
            "Date d'échéance": "due",
            "Order date": "other",
            "Leistungsdatum": "other",
            "Date": "date",
            "Total": "",
        }.items():
            self.assertEqual(labels.date_kind(fold(label)), kind, label)


class TestText(unittest.TestCase):
    def test_folding_keeps_places(self):
        for text in ("Straße Ærø Œuvre", "ﬁn \u00a0 İ", "Fällig"):
            self.assertEqual(len(fold(text)), len(text))

    def test_squeezing(self):
        self.assertEqual(squeeze("Müller & Söhne GmbH"), "MULLERSOHNEGMBH")


if __name__ == "__main__":
    unittest.main()


class TestEffort(unittest.TestCase):
    def test_a_row_is_searched_once_for_all_names_in_it(self):
        """The foot of a page may be full of them."""
        line = "   ".join(["Alpha 12345 Town"] * 40)
        drawing = words.document("\n".join([line] * 5))
        searched = mock.Mock(wraps=names._SENDS)
        with mock.patch.object(names, "_SENDS", searched):
            extraction.extract(drawing)
        self.assertTrue(searched.search.called)
        self.assertLessEqual(searched.search.call_count, 5)
