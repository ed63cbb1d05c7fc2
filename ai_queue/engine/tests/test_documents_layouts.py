"""Layouts that were read wrong without a word, each in a few rows made up for it."""

import datetime
from decimal import Decimal

from ..documents.bills.checks import needs_review
from ..documents.bills.invoice import value_of
from .test_documents_local import LocalCase


class TestNumbers(LocalCase):
    def number(self, drawing):
        return value_of(self.parse(drawing).number)

    def test_groups_of_figures_belong_to_the_number(self):
        self.assertEqual(
            self.number("Rechnungsnummer   VR-20 118 442"), "VR-20 118 442"
        )
        self.assertEqual(self.number("Facture n° : 10 118 07"), "10 118 07")
        self.assertEqual(self.number("Invoice no. 4711  12.05.2026"), "4711")

    def test_letters_of_other_alphabets(self):
        self.assertEqual(self.number("Счет-фактура № СЛ-118"), "СЛ-118")

    def test_a_plain_word_beside_the_date(self):
        drawing = """
            Nordwind Segel GmbH                 Gutschrift

                                                Nummer      G-0044
                                                Datum       18.03.2026
            Zu Rechnung RE-2026-0391 vom 04.03.2026
            """
        invoice = self.parse(drawing)
        self.assertEqual(value_of(invoice.number), "G-0044")
        self.assertEqual(value_of(invoice.date), datetime.date(2026, 3, 18))
        self.assertEqual(value_of(invoice.doc_type), "credit_note")
        bilingual = "Invoice / Rechnung\nNo./Nr.      EX-118\nDate/Datum   04.09.2026"
        self.assertEqual(self.number(bilingual), "EX-118")
        self.assertNotEqual(
            self.number("Kunde\nNummer    4711\nOrt       Kiel"), "4711"
        )


class TestOtherDocuments(LocalCase):
    def test_the_date_of_another_bill(self):
        invoice = self.parse("""
            AVOIR N° AV-31                       Date : 07/05/2026
            Avoir relatif à la facture n° FA-188 du 22/04/2026
            """)
        self.assertEqual(value_of(invoice.number), "AV-31")
        self.assertEqual(value_of(invoice.date), datetime.date(2026, 5, 7))

    def test_the_date_of_the_order(self):
        invoice = self.parse("""
            Rechnung                    Beleg-Nr.:    26-04418
                                        Auftrag:      AB-1193 vom 12.05.2026
                                        Datum:        22.05.2026
            """)
        self.assertEqual(value_of(invoice.date), datetime.date(2026, 5, 22))

    def test_a_title_with_vat_has_no_vat_number(self):
        invoice = self.parse("""
            Faktura VAT nr 214/06/2026
            Zielony Dach Sp. z o.o.
            NIP: 5260001246
            """)
        self.assertEqual(value_of(invoice.vendor.vat), "5260001246")


class TestVendors(LocalCase):
    def vendor(self, drawing):
        return value_of(self.parse(drawing).vendor.name)

    def test_its_capital_is_no_name(self):
        self.assertEqual(
            self.vendor("""
                Comptoir des Vins de Loire               FACTURE N° 12
                SARL au capital de 30 000 €
                Quai Mazagran, 37000 Tours
                """),
            "Comptoir des Vins de Loire",
        )

    def test_who_is_saluted_gets_the_bill(self):
        self.assertEqual(
            self.vendor("""
                Enoteca Collina S.r.l.                FATTURA N. 12/2026
                Via del Borgo 1, 53100 Siena

                Spett.le Hotel Duomo S.p.A., Piazza Duomo 2, 20121 Milano
                """),
            "Enoteca Collina S.r.l.",
        )


class TestTables(LocalCase):
    def test_a_price_without_a_header(self):
        invoice = self.parse("""
            Leistung                 Anzahl     Ansatz CHF      Betrag CHF
            Belag entsorgen             340          21.50        7'310.00
            Schacht versetzen             2       1'185.00        2'370.00
            Total CHF                                             9'680.00
            """)
        wanted = [(340, Decimal("21.5"), 7310), (2, 1185, 2370)]
        self.assertEqual(self.lines(invoice), wanted)
        first = value_of(invoice.lines[0].description)
        self.assertEqual(first, "Belag entsorgen")

    def test_prices_for_many_units(self):
        for head, price in (("Preis/1000", "86,00 €"), ("Preis", "86,00 €/1000")):
            invoice = self.parse(f"""
                Bezeichnung                Menge     {head:>12}        Betrag
                Faltschachtel             15.000     {price:>12}    1.290,00 €
                Gesamtbetrag                                       1.290,00 €
                """)
            self.assertEqual(self.lines(invoice), [(15000, 86, 1290)], head)
            self.assertEqual(value_of(invoice.lines[0].price_base_quantity), 1000)

    def test_a_column_with_tax_beside_the_one_without(self):
        invoice = self.parse("""
            Description              Qty    Unit Price     Amount    VAT 5%    Total AED
            Service, quarterly        24        110.00   2,640.00    132.00     2,772.00
            Compressor                 1      1,850.00   1,850.00     92.50     1,942.50
                                     Total               4,490.00    224.50     4,714.50
            """)
        self.assertEqual(self.lines(invoice), [(24, 110, 2640), (1, 1850, 1850)])
        self.assert_amounts(invoice, "4490.00", "224.50", "4714.50")

    def test_descriptions_that_end_beside_the_numbers(self):
        invoice = self.parse("""
            Beschreibung                 Menge    Einzelpreis    Gesamtpreis
            Stahlträger HEB 200,
            Länge 6,00 m                    14         412,00       5.768,00
            Zuschnitt auf Maß nach
            Zeichnung                       14          38,50         539,00
            Summe netto                                             6.307,00
            """)
        names = [value_of(line.description) for line in invoice.lines]
        wanted = ["Stahlträger HEB 200,\nLänge 6,00 m"]
        self.assertEqual(names, [*wanted, "Zuschnitt auf Maß nach\nZeichnung"])

    def test_what_was_paid_is_no_line(self):
        invoice = self.parse("""
            Posten                        Menge    Preis netto    Betrag netto
            Arbeitspreis                  2.418         0,2850          689,13
            Summe netto                                                 689,13
            Umsatzsteuer 19 %                                           130,93
            Rechnungsbetrag                                             820,06
            Bereits gezahlte Abschläge (12 x 85,00 €)                -1.020,00
            """)
        self.assertEqual(
            self.lines(invoice), [(2418, Decimal("0.285"), Decimal("689.13"))]
        )


class TestSums(LocalCase):
    def test_a_surcharge_at_a_rate_is_no_tax(self):
        invoice = self.parse("""
            Description              Qty     Rate     Amount
            Same-day delivery          3    34.50     103.50
            Overnight pallet           1   142.00     142.00
                            Subtotal                  245.50
                            Fuel surcharge 8%          19.64
                            Total                    $265.14
            """)
        self.assert_amounts(invoice, "265.14", None, "265.14")
        self.assertEqual(
            [one.amount.value for one in invoice.adjustments], [Decimal("19.64")]
        )

    def test_rows_per_rate_come_to_the_total(self):
        invoice = self.parse("""
            Product                 Cases     Price     Total inc VAT
            Granola                     6     28.00            168.00
            Lemonade                    4     30.00            120.00
            Total to pay                                      £288.00

            Rate         Net         VAT        Gross
            0%        168.00        0.00       168.00
            20%       100.00       20.00       120.00
            """)
        self.assert_amounts(invoice, "268.00", "20.00", "288.00")
        self.assertTrue(invoice.lines_tax_included)
        self.assertEqual(len(invoice.lines), 2)

    def test_charges_without_a_known_label(self):
        invoice = self.parse("""
            Bezeichnung              Menge     Preis       Summe
            Untersatz                    2    100,00      200,00
            Zwischensumme                                 200,00
            Inbetriebnahme pauschal                        50,00
            Nettobetrag                                   250,00
            MwSt. 19%                                      47,50
            Rechnungsbetrag                               297,50
            """)
        self.assert_amounts(invoice, "250.00", "47.50", "297.50")
        self.assertEqual([one.amount.value for one in invoice.adjustments], [50])

    def test_the_same_in_another_currency(self):
        invoice = self.parse("""
            Основа                                  1 290,00 EUR
            ДДС 20 %                                  258,00 EUR
            Сума за плащане                         1 548,00 EUR
            Сума за плащане в лева                  3 027,62 BGN
            """)
        self.assertEqual(value_of(invoice.amount_due), 1548)

    def test_tax_that_is_told_and_not_found(self):
        invoice = self.parse("""
            FACTURĂ Nr. 7                   Data emiterii: 08.04.2026
            Cota TVA: 21%
            Denumire            Cantitate     Preț unitar     Valoare lei
            Masă                        6        1.150,00        6.900,00
            Total                                                6.900,00
            """)
        [doubt] = [one for one in needs_review(invoice) if one.code == "uncertain"]
        self.assertIn("amount_total", doubt.fields)

    def test_letters_that_are_no_currency(self):
        invoice = self.parse("Schlussrechnung Nr. SR 2026-18\nSR-26-071\nGesamt 12,00")
        self.assertIsNone(invoice.currency)
        self.assertEqual(value_of(self.parse("Total   SR 1,250.00").currency), "SAR")
