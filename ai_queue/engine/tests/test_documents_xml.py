import datetime
import unittest
from decimal import Decimal

from ..documents.bills import formats
from ..documents.bills.extraction import extract, extract_all
from ..documents.bills.invoice import to_json, value_of
from ..documents.files import einvoice
from ..documents.files.shapes import Document
from ..errors import Unreadable

UBL = """<?xml version="1.0"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <b:ID>INV-7</b:ID><b:IssueDate>2024-03-05</b:IssueDate>
 <b:DueDate>2024-04-04</b:DueDate>
 <b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
 <c:OrderReference><b:ID>PO-1</b:ID></c:OrderReference>
 <c:AccountingSupplierParty><c:Party>
  <c:PartyName><b:Name>Trade name</b:Name></c:PartyName>
  <c:PartyTaxScheme><b:CompanyID>BE 0428759497</b:CompanyID>
   <c:TaxScheme><b:ID>VAT</b:ID></c:TaxScheme></c:PartyTaxScheme>
  <c:PartyLegalEntity><b:RegistrationName>Seller NV</b:RegistrationName>
  </c:PartyLegalEntity></c:Party></c:AccountingSupplierParty>
 <c:TaxTotal><b:TaxAmount currencyID="SEK">999.00</b:TaxAmount></c:TaxTotal>
 <c:TaxTotal><b:TaxAmount currencyID="EUR">21.00</b:TaxAmount>
  <c:TaxSubtotal><b:TaxableAmount>100.00</b:TaxableAmount>
   <b:TaxAmount>21.00</b:TaxAmount>
   <c:TaxCategory><b:Percent>21</b:Percent></c:TaxCategory></c:TaxSubtotal>
 </c:TaxTotal>
 <c:LegalMonetaryTotal><b:TaxExclusiveAmount>100.00</b:TaxExclusiveAmount>
  <b:TaxInclusiveAmount>121.00</b:TaxInclusiveAmount>
  <b:AllowanceTotalAmount>20.00</b:AllowanceTotalAmount>
  <b:PayableAmount>71.00</b:PayableAmount></c:LegalMonetaryTotal>
 <c:{line}Line><b:{line}dQuantity unitCode="C62">4</b:{line}dQuantity>
  <b:LineExtensionAmount>120.00</b:LineExtensionAmount>
  <c:Item><b:Name>Widget</b:Name><c:ClassifiedTaxCategory><b:Percent>21</b:Percent>
  </c:ClassifiedTaxCategory></c:Item>
  <c:Price><b:PriceAmount>60</b:PriceAmount><b:BaseQuantity>2</b:BaseQuantity></c:Price>
 </c:{line}Line></{root}>"""

CII = """<r:{root} xmlns:r="urn:r" xmlns:a="urn:a" xmlns:u="urn:u">
 <r:{header}><a:ID>R-1</a:ID><a:TypeCode>{code}</a:TypeCode><a:IssueDateTime>
  <u:DateTimeString format="102">20240305</u:DateTimeString></a:IssueDateTime>
 </r:{header}>
 <r:{trade}>
  <a:{agreement}><a:SellerTradeParty><a:Name>Lieferant GmbH</a:Name>
   <a:SpecifiedTaxRegistration><a:ID schemeID="FC">12/345</a:ID>
   </a:SpecifiedTaxRegistration>
   <a:SpecifiedTaxRegistration><a:ID schemeID="VA">DE136695976</a:ID>
   </a:SpecifiedTaxRegistration></a:SellerTradeParty></a:{agreement}>
  <a:{settlement}><a:InvoiceCurrencyCode>EUR</a:InvoiceCurrencyCode>
   <a:SpecifiedTradeSettlement{sums}MonetarySummation>
    <a:TaxBasisTotalAmount>10.00</a:TaxBasisTotalAmount>
    <a:TaxTotalAmount currencyID="EUR">1.90</a:TaxTotalAmount>
    <a:GrandTotalAmount>11.90</a:GrandTotalAmount>
   </a:SpecifiedTradeSettlement{sums}MonetarySummation></a:{settlement}>
  <a:IncludedSupplyChainTradeLineItem><a:SpecifiedTradeProduct><a:Name>Nut</a:Name>
   </a:SpecifiedTradeProduct>
   <a:Specified{line}TradeAgreement><a:NetPriceProductTradePrice>
    <a:ChargeAmount>2.50</a:ChargeAmount></a:NetPriceProductTradePrice>
   </a:Specified{line}TradeAgreement>
   <a:Specified{line}TradeDelivery><a:BilledQuantity unitCode="C62">4</a:BilledQuantity>
   </a:Specified{line}TradeDelivery>
   <a:Specified{line}TradeSettlement>
    <a:SpecifiedTradeSettlement{lines}MonetarySummation>
     <a:LineTotalAmount>10.00</a:LineTotalAmount>
    </a:SpecifiedTradeSettlement{lines}MonetarySummation>
   </a:Specified{line}TradeSettlement></a:IncludedSupplyChainTradeLineItem>
 </r:{trade}></r:{root}>"""

CII_2 = {
    "root": "CrossIndustryInvoice",
    "header": "ExchangedDocument",
    "trade": "SupplyChainTradeTransaction",
    "agreement": "ApplicableHeaderTradeAgreement",
    "settlement": "ApplicableHeaderTradeSettlement",
    "sums": "Header",
    "line": "Line",
    "lines": "Line",
    "code": "380",
}
ZUGFERD_1 = {
    "root": "CrossIndustryDocument",
    "header": "HeaderExchangedDocument",
    "trade": "SpecifiedSupplyChainTradeTransaction",
    "agreement": "ApplicableSupplyChainTradeAgreement",
    "settlement": "ApplicableSupplyChainTradeSettlement",
    "sums": "",
    "line": "SupplyChain",
    "lines": "",
    "code": "380",
}

BODY = """<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>
 <TipoDocumento>{code}</TipoDocumento><Divisa>EUR</Divisa><Data>2024-03-05</Data>
 <Numero>{number}</Numero></DatiGeneraliDocumento></DatiGenerali><DatiBeniServizi>
 <DettaglioLinee><Descrizione>Vite</Descrizione><Quantita>5.00</Quantita>
 <PrezzoUnitario>1.00</PrezzoUnitario><PrezzoTotale>5.00</PrezzoTotale>
 <AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee><DatiRiepilogo>
 <AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>5.00</ImponibileImporto>
 <Imposta>1.10</Imposta></DatiRiepilogo></DatiBeniServizi></FatturaElettronicaBody>"""
FATTURA = """<p:FatturaElettronica xmlns:p="urn:p"><FatturaElettronicaHeader>
 <CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese>
 <IdCodice>00743110157</IdCodice></IdFiscaleIVA><Anagrafica>
 <Denominazione>ALFA SRL</Denominazione></Anagrafica></DatiAnagrafici>
 </CedentePrestatore></FatturaElettronicaHeader>{bodies}</p:FatturaElettronica>"""


def read(text):
    return formats.read(text.encode())


class TestUbl(unittest.TestCase):
    def test_invoice(self):
        [invoice] = read(UBL.format(root="Invoice", line="Invoice"))
        data = to_json(invoice)
        self.assertEqual(data["doc_type"], "invoice")
        self.assertEqual(data["vendor_name"], "Seller NV")
        self.assertEqual(data["vendor_vat"], "BE0428759497")
        self.assertEqual(data["invoice_date"], "2024-03-05")
        self.assertEqual(data["due_date"], "2024-04-04")
        self.assertEqual(data["po_number"], "PO-1")
        self.assertEqual(data["amount_untaxed"], 100)
        self.assertEqual(data["amount_tax"], 21)  # and not the one in Swedish crowns
        self.assertEqual(data["amount_total"], 121)
        self.assertEqual(data["amount_due"], 71)
        [discount] = data["adjustments"]
        self.assertEqual((discount["kind"], discount["amount"]), ("allowance", -20))
        [line] = data["lines"]
        self.assertEqual((line["quantity"], line["unit_price"]), (4, 60))
        self.assertEqual((line["price_base_quantity"], line["amount"]), (2, 120))
        self.assertEqual(data["fields"]["amount_total"]["by"], "xml")

    def test_every_account_is_kept(self):
        first, second = "DE89 3704 0044 0532 0130 00", "DE02120300000000202051"
        means = "".join(
            "<c:PaymentMeans><c:PayeeFinancialAccount>"
            f"<b:ID>{account}</b:ID></c:PayeeFinancialAccount></c:PaymentMeans>"
            for account in (first, second, "5050-1055")
        )
        text = UBL.format(root="Invoice", line="Invoice")
        before, mark, after = text.partition(" <c:TaxTotal>")
        [invoice] = read(f"{before}{means}{mark}{after}")
        data = to_json(invoice)
        self.assertEqual(data["vendor_iban"], first.replace(" ", ""))
        self.assertEqual(data["vendor_ibans"], [first.replace(" ", ""), second])

    def test_credit_note(self):
        text = UBL.format(root="CreditNote", line="CreditNote")
        [invoice] = read(text.replace("CreditNotedQ", "CreditedQ"))
        self.assertTrue(invoice.is_credit_note)
        self.assertEqual(value_of(invoice.lines[0].quantity), 4)

    def test_sections_are_no_lines(self):
        text = UBL.format(root="Invoice", line="Invoice")
        section = (
            "<c:InvoiceLine><b:InvoicedQuantity>0.0</b:InvoicedQuantity>"
            "<b:LineExtensionAmount>0.0</b:LineExtensionAmount>"
            "<c:Item><b:Name>Food</b:Name></c:Item></c:InvoiceLine>"
        )
        [invoice] = read(text.replace("</Invoice>", f"{section}</Invoice>"))
        self.assertEqual(len(invoice.lines), 1)


class TestCii(unittest.TestCase):
    def test_both_generations_read_the_same(self):
        for names in (CII_2, ZUGFERD_1):
            [invoice] = read(CII.format(**names))
            self.assertEqual(value_of(invoice.number), "R-1")
            self.assertEqual(value_of(invoice.date), datetime.date(2024, 3, 5))
            self.assertEqual(value_of(invoice.vendor.vat), "DE136695976")
            self.assertEqual(value_of(invoice.amount_tax), Decimal("1.90"))
            [line] = invoice.lines
            self.assertEqual(value_of(line.unit_price), Decimal("2.50"))
            self.assertEqual(value_of(line.amount), Decimal("10.00"))

    def test_type_code_of_a_credit_note(self):
        [invoice] = read(CII.format(**{**CII_2, "code": "381"}))
        self.assertTrue(invoice.is_credit_note)


class TestFatturaPa(unittest.TestCase):
    def test_total_comes_from_the_tax_summary(self):
        body = BODY.format(code="TD01", number="12")
        [invoice] = read(FATTURA.format(bodies=body))
        self.assertEqual(value_of(invoice.vendor.vat), "IT00743110157")
        self.assertEqual(value_of(invoice.amount_total), Decimal("6.10"))
        self.assertEqual(invoice.amount_total.by, "solved")

    def test_one_file_may_hold_several(self):
        bodies = BODY.format(code="TD01", number="1") + BODY.format(
            code="TD04", number="2"
        )
        data = FATTURA.format(bodies=bodies).encode()
        document = Document((), "application/xml", data)
        first, second = extract_all(document)
        self.assertEqual((first.number.value, second.number.value), ("1", "2"))
        self.assertTrue(second.is_credit_note)
        self.assertEqual(extract(document).number.value, "1")


class TestHostileXml(unittest.TestCase):
    def test_entities_are_not_expanded(self):
        bomb = (
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
            '<Invoice xmlns="urn:i"><ID>&b;</ID></Invoice>'
        )
        with self.assertRaises(Unreadable):
            read(bomb)

    def test_files_are_not_opened(self):
        text = (
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
            "<Invoice><ID>&a;</ID></Invoice>"
        )
        with self.assertRaises(Unreadable):
            read(text)

    def test_what_is_known_by_its_root_can_be_read(self):
        self.assertEqual(set(einvoice.FORMATS), set(formats.READERS))

    def test_other_xml_and_damage(self):
        for text in ("<html/>", "<Invoice><ID>", "", "\x00"):
            with self.assertRaises(Unreadable, msg=text):
                read(text)
            with self.assertRaises(Unreadable, msg=text):
                einvoice.extracted(text.encode())

    def test_amounts_that_are_none(self):
        text = UBL.format(root="Invoice", line="Invoice")
        for wrong in ("NaN", "1,00", "Infinity", ""):
            [invoice] = read(text.replace(">121.00<", f">{wrong}<"))
            self.assertNotEqual(str(value_of(invoice.amount_total)), wrong)
        text = text.replace("2024-03-05", "2024-13-45")
        self.assertIsNone(read(text)[0].date)


if __name__ == "__main__":
    unittest.main()
