"""Bills of many countries and layouts, each drawn for this test."""

import unittest

from ..documents.bills.extraction import extract
from ..documents.bills.invoice import to_json
from . import document_words as words

FRENCH = """
SARL Boulangerie Martin
14 avenue de la République
69003 Lyon                                       FACTURE
Tél : 04 78 00 00 00
                                                 Facture N° : FA-2024-118
Adressé à :                                      Date de facture : 12 février 2024
Hôtel des Alpes                                  Date d'échéance : 13/03/2024
3 rue du Lac                                     N° client : C0042
74000 Annecy                                     Votre commande : BC-9981

Désignation                     Qté       P.U. HT      TVA       Total HT
Pain de campagne                120          2,10     5,5 %        252,00
Croissants (carton de 50)         4         38,50     5,5 %        154,00

                                      Total HT              406,00 €
                                      TVA 5,5 %              22,33 €
                                      Total TTC             428,33 €
                                      Acompte versé         100,00 €
                                      Net à payer           328,33 €

SIRET 303 265 045 00011 - TVA intracommunautaire FR40303265045
IBAN : FR76 3000 6000 0112 3456 7890 189
"""
DUTCH = """
Van Dijk Installatietechniek B.V.
Kerkstraat 88, 1017 GN Amsterdam
KvK 12345678    BTW-nr NL810433941B01

Aan:
Gemeente Utrecht
Postbus 16200
3500 CE Utrecht

FACTUUR

Factuurnummer    Factuurdatum     Vervaldatum      Uw referentie
2024-0091        03-06-2024       03-07-2024       PO-5512

Omschrijving                        Aantal      Prijs       Bedrag
Onderhoud cv-ketel                       3      85,00       255,00
Filterset                               12       7,25        87,00

                                    Subtotaal               342,00
                                    BTW 21% over 342,00      71,82
                                    Totaal te betalen     € 413,82
Gelieve het bedrag binnen 30 dagen over te maken op NL50 INGB 0683 2513 09
"""
ITALIAN = """
Officina Rossi S.r.l.                          Fattura n. 45/2024
Via Garibaldi 12                               Data: 15/04/2024
20121 Milano MI
P.IVA IT00743110157

Spett.le
Trasporti Bianchi S.p.A.
Corso Italia 5
10121 Torino

Descrizione              Quantità    Prezzo unitario    IVA %      Importo
Cambio olio                     2             45,00       22         90,00
Pneumatici                      4            110,00       22        440,00

Imponibile       530,00
IVA 22%          116,60
Totale fattura   646,60
Scadenza 15/05/2024
"""
SPANISH = """
SUMINISTROS DEL SUR, S.L.
Calle Mayor 10
41001 Sevilla
NIF: B12345674
Factura nº: F24/00321                     Fecha: 5 de mayo de 2024
Cliente: Construcciones Vega S.A.         Vencimiento: 04/06/2024

Concepto                 Cantidad      Precio      Dto.      Importe
Cemento 25 kg                 100        4,20       5 %       399,00
Arena (m3)                      8       22,00                 176,00

Base imponible           575,00 €
IVA 21 %                 120,75 €
Total factura            695,75 €
"""
PORTUGUESE = """
Papelaria Lisboa, Lda.                   Fatura FT 2024/77
Rua Augusta 100                          Data de emissão 2024-02-20
1100-053 Lisboa                          Data de vencimento 2024-03-21
NIF 500697256

Exmo(s). Sr(s).
Escola Nova
Descrição             Qtd.    Preço unit.    IVA     Total
Resmas A4               40         3,75      23%     150,00
Canetas azuis          100         0,40      23%      40,00

Total ilíquido     190,00
IVA                 43,70
TOTAL A PAGAR      233,70 EUR
"""
SWISS = """
Müller Uhren AG                            Rechnung
Bahnhofstrasse 1                           Rechnungs-Nr.: 10057
8001 Zürich                                Datum: 1. Februar 2024
CHE-116.281.710 MWST                       Zahlbar bis: 02.03.2024

Artikel                 Anzahl     Preis CHF      Total CHF
Armbanduhr Modell X          2      1'250.00       2'500.00
Gravur                       2         45.00          90.00

Zwischentotal                                      2'590.00
MWST 8.1 %                                           209.79
Rechnungstotal                                     2'799.79
"""
BRITISH = """
INVOICE

Brightwater Cleaning Services Ltd          Invoice number: BW-20931
Unit 4, Mill Lane                          Tax point: 31 Jan 2024
Leeds LS1 4AP                              Payment due: 1 March 2024
VAT Reg No GB 980 7806 84

To: Harrison & Sons
22 High Street, York YO1 7EP

Service                                     Hours     Rate      Amount
Office cleaning January                        40    18.50      740.00
Window cleaning                                 6    25.00      150.00
                                             Net total          890.00
                                             VAT @ 20%          178.00
                                             Total due     £1,068.00
Bank: Barclays  IBAN GB29 NWBK 6016 1331 9268 19
"""
RECEIPT_OF_A_SUBSCRIPTION = """
Receipt

Invoice number   3F5A9C01-0007
Date paid        June 3, 2024
Payment method   Visa - 4242

Cloudy Inc.                         Bill to
500 Howard Street                   ACME Robotics
San Francisco, California 94105     accounts@acme.example
United States

$49.00 paid on June 3, 2024

Description                    Qty     Unit price       Amount
Pro plan                         1         $49.00       $49.00
Jun 3 - Jul 3, 2024

                                       Subtotal         $49.00
                                       Total            $49.00
                                       Amount paid      $49.00
"""
GERMAN_CREDIT_NOTE = """
                                                        Elektro Schmidt e.K.
                                                        Tel. 089 123456
Elektro Schmidt e.K. · Ringstr. 7 · 80331 München       info@elektro-schmidt.example
Bauhaus Nord GmbH
Hafenstr. 2
20457 Hamburg

Gutschrift Nr. GS-881 vom 02.09.2024                    Kundennummer 5512

Pos  Art.-Nr.   Bezeichnung                  Menge   ME   E-Preis   G-Preis
10   88-120     LED Strahler 50W                 2   Stk    49,90     99,80
20   88-300     Kabel NYM 3x1,5                 25   m       1,20     30,00
Nettosumme                                                           129,80
zzgl. 19% MwSt                                                        24,66
Gutschriftsbetrag                                                    154,46
"""
AMERICAN_WITH_FREIGHT = """
Page 1 of 1
Sunbelt Office Supply, Inc.                              INVOICE # 778812
1200 Peachtree St NE, Atlanta, GA 30309                  DATE 07/09/2024
Phone (404) 555-0100                                     TERMS Net 30
                                                         DUE DATE 08/08/2024
SOLD TO                          SHIP TO
Riverbend School District        Riverbend High School
PO Box 77                        14 Oak Ave
Macon, GA 31201                  Macon, GA 31204
P.O. NO. 45-0091

ITEM       DESCRIPTION                    QTY ORD   QTY SHIP   PRICE EACH      AMOUNT
A-100      Copy paper, 10 ream case            20         18        41.50      747.00
B-220      Stapler, heavy duty                  4          4        22.75       91.00

                                           SUBTOTAL                            838.00
                                           FREIGHT                              25.00
                                           TAX (7.0%)                           60.41
                                           TOTAL                              $923.41
"""


class TestLanguages(unittest.TestCase):
    def check(self, drawing, lines, **values):
        data = to_json(extract(words.document(drawing)))
        found = {name: data[name] for name in values}
        self.assertEqual(found, values)
        columns = ("quantity", "unit_price", "amount")
        read = [tuple(line[name] for name in columns) for line in data["lines"]]
        self.assertEqual(read, lines)

    def test_french(self):
        self.check(
            FRENCH,
            [(120, 2.1, 252), (4, 38.5, 154)],
            vendor_name="SARL Boulangerie Martin",
            vendor_vat="FR40303265045",
            vendor_iban="FR7630006000011234567890189",
            invoice_number="FA-2024-118",
            invoice_date="2024-02-12",
            due_date="2024-03-13",
            po_number="BC-9981",
            currency="EUR",
            amount_untaxed=406,
            amount_tax=22.33,
            amount_total=428.33,
            amount_due=328.33,
        )

    def test_dutch(self):
        self.check(
            DUTCH,
            [(3, 85, 255), (12, 7.25, 87)],
            vendor_name="Van Dijk Installatietechniek B.V.",
            buyer_name="Gemeente Utrecht",
            vendor_vat="NL810433941B01",
            invoice_number="2024-0091",
            invoice_date="2024-06-03",
            due_date="2024-07-03",
            amount_untaxed=342,
            amount_tax=71.82,
            amount_total=413.82,
        )

    def test_italian(self):
        self.check(
            ITALIAN,
            [(2, 45, 90), (4, 110, 440)],
            vendor_name="Officina Rossi S.r.l.",
            vendor_vat="IT00743110157",
            buyer_name="Trasporti Bianchi S.p.A.",
            invoice_number="45/2024",
            invoice_date="2024-04-15",
            due_date="2024-05-15",
            currency=None,
            amount_untaxed=530,
            amount_tax=116.6,
            amount_total=646.6,
        )

    def test_spanish(self):
        self.check(
            SPANISH,
            [(100, 4.2, 399), (8, 22, 176)],
            vendor_name="SUMINISTROS DEL SUR, S.L.",
            vendor_vat="B12345674",
            buyer_name="Construcciones Vega S.A.",
            invoice_number="F24/00321",
            invoice_date="2024-05-05",
            due_date="2024-06-04",
            amount_untaxed=575,
            amount_tax=120.75,
            amount_total=695.75,
        )

    def test_portuguese(self):
        self.check(
            PORTUGUESE,
            [(40, 3.75, 150), (100, 0.4, 40)],
            vendor_name="Papelaria Lisboa, Lda.",
            vendor_vat="500697256",
            invoice_number="FT 2024/77",
            invoice_date="2024-02-20",
            due_date="2024-03-21",
            currency="EUR",
            amount_untaxed=190,
            amount_tax=43.7,
            amount_total=233.7,
        )

    def test_swiss(self):
        self.check(
            SWISS,
            [(2, 1250, 2500), (2, 45, 90)],
            vendor_name="Müller Uhren AG",
            vendor_vat="CHE116281710MWST",
            invoice_number="10057",
            invoice_date="2024-02-01",
            due_date="2024-03-02",
            currency="CHF",
            amount_untaxed=2590,
            amount_tax=209.79,
            amount_total=2799.79,
        )

    def test_british(self):
        self.check(
            BRITISH,
            [(40, 18.5, 740), (6, 25, 150)],
            vendor_name="Brightwater Cleaning Services Ltd",
            vendor_vat="GB980780684",
            buyer_name="Harrison & Sons",
            invoice_number="BW-20931",
            invoice_date="2024-01-31",
            due_date="2024-03-01",
            currency="GBP",
            amount_untaxed=890,
            amount_tax=178,
            amount_total=1068,
        )

    def test_receipt_of_a_subscription(self):
        self.check(
            RECEIPT_OF_A_SUBSCRIPTION,
            [(1, 49, 49)],
            doc_type="receipt",
            vendor_name="Cloudy Inc.",
            buyer_name="ACME Robotics",
            invoice_number="3F5A9C01-0007",
            invoice_date="2024-06-03",
            currency="USD",
            amount_tax=None,
            amount_total=49,
        )

    def test_german_credit_note(self):
        self.check(
            GERMAN_CREDIT_NOTE,
            [(2, 49.9, 99.8), (25, 1.2, 30)],
            doc_type="credit_note",
            vendor_name="Elektro Schmidt e.K.",
            invoice_number="GS-881",
            invoice_date="2024-09-02",
            due_date=None,
            amount_untaxed=129.8,
            amount_tax=24.66,
            amount_total=154.46,
        )

    def test_american_with_freight(self):
        self.check(
            AMERICAN_WITH_FREIGHT,
            [(18, 41.5, 747), (4, 22.75, 91)],
            vendor_name="Sunbelt Office Supply, Inc.",
            buyer_name="Riverbend School District",
            invoice_number="778812",
            invoice_date="2024-07-09",
            due_date="2024-08-08",
            po_number="45-0091",
            currency="USD",
            amount_untaxed=863,
            adjustments=[
                {
                    "kind": "charge",
                    "amount": 25,
                    "tax_rate": None,
                    "tax_category": None,
                    "reason": None,
                }
            ],
            amount_tax=60.41,
            amount_total=923.41,
        )


if __name__ == "__main__":
    unittest.main()
