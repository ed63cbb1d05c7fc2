import json
import unittest

from ..documents.bills import formats
from ..documents.bills.checks import needs_review
from ..documents.bills.invoice import to_json
from ..documents.files import einvoice
from . import einvoice_national as national
from . import einvoice_samples as samples


class NationalCase(unittest.TestCase):
    def bill(self, text, codes=()):
        [invoice] = formats.read(einvoice.extracted(text.encode()))
        found = [finding.code for finding in needs_review(invoice)]
        self.assertEqual(
            found, list(codes), [one.text for one in needs_review(invoice)]
        )
        return to_json(invoice)

    def check(self, text, codes=(), **values):
        """Hold a bill against its values; ``line`` is its first line."""
        data = self.bill(text, codes)
        line = values.pop("line", {})
        found = {name: data[name] for name in values}
        self.assertEqual(found, values)
        first = data["lines"][0]
        self.assertEqual({name: first[name] for name in line}, line)
        return data


class TestEurope(NationalCase):
    def test_facturae(self):
        data = self.check(
            national.FACTURAE,
            doc_type="invoice",
            vendor_name="Serbal Muebles S.L.",
            vendor_vat="B58378431",
            vendor_country="ES",
            vendor_iban="ES9121000418450200051332",
            invoice_number="M/52",
            invoice_date="2026-03-05",
            due_date="2026-04-04",
            currency="EUR",
            amount_untaxed=90,
            amount_tax=23.58,
            amount_total=100.08,
            amount_withheld=13.5,
            line={"quantity": 10, "unit_price": 10, "discount": 5, "amount": 95},
        )
        self.assertEqual([one["rate"] for one in data["taxes"]], [21, 5.2])
        self.assertEqual(data["adjustments"][0]["amount"], -5)

    def test_ksef(self):
        data = self.check(
            national.KSEF.format(kind="VAT", more=""),
            vendor_vat="PL5261040828",
            vendor_iban="PL61109010140000071219812874",
            payee_name="Faktor SA",
            invoice_number="FV/9/2026",
            due_date="2026-04-04",
            amount_untaxed=350,
            amount_tax=54,
            amount_total=404,
            line={"quantity": 2, "tax_rate": 23, "tax_category": "S", "amount": 200},
        )
        taxes = [
            (one["rate"], one["base"], one["tax_category"]) for one in data["taxes"]
        ]
        self.assertEqual(taxes, [(23, 200, "S"), (8, 100, "S"), (0, 50, "E")])
        self.assertEqual(data["lines"][2]["tax_category"], "E")

    def test_ksef_of_which_something_is_settled(self):
        more = "<Rozliczenie><DoZaplaty>304.00</DoZaplaty></Rozliczenie>"
        text = national.KSEF.format(kind="VAT", more=more)
        self.check(text, ["due_differs"], amount_due=304)

    def test_ksef_after_an_advance(self):
        text = national.KSEF.format(kind="ROZ", more="")
        text = text.replace(">200.00</P_13_1>", ">150.00</P_13_1>")
        text = text.replace(">46.00<", ">34.50<").replace(">404.00<", ">342.50<")
        data = self.check(text, amount_untaxed=300, amount_total=342.5)
        [advance] = data["adjustments"]
        self.assertEqual((advance["amount"], advance["tax_rate"]), (-50, 23))

    def test_ksef_correction(self):
        data = self.check(
            national.KSEF_CORRECTION, doc_type="credit_note", amount_total=-61.5
        )
        self.assertEqual([one["amount"] for one in data["lines"]], [-200, 150])

    def test_ebinterface_6(self):
        data = self.check(
            national.EBINTERFACE_6,
            ["due_differs"],
            vendor_vat="ATU13585627",
            buyer_vat=None,
            vendor_iban="AT611904300234573201",
            payment_reference="4711",
            po_number="B-5",
            due_date="2026-04-04",
            amount_untaxed=99,
            amount_tax=19.8,
            amount_total=118.8,
            amount_due=100,
            line={"quantity": 4, "unit": "C62", "discount": 10, "amount": 90},
        )
        [surcharge] = data["adjustments"]
        self.assertEqual((surcharge["amount"], surcharge["tax_rate"]), (9, 20))

    def test_ebinterface_4(self):
        self.check(
            national.EBINTERFACE_4,
            doc_type="credit_note",
            vendor_name="Vogelbeer Möbel GmbH",
            vendor_country="AT",
            currency="EUR",
            amount_untaxed=50,
            amount_tax=10,
            amount_total=60,
            line={"unit": "Stk", "tax_rate": 20, "amount": 50},
        )

    def test_isdoc(self):
        self.check(
            national.ISDOC.format(kind=1, claimed="0.00", due="1089.00"),
            doc_type="invoice",
            vendor_vat="CZ25097563",
            vendor_iban="CZ6508000000192000145399",
            payment_reference="263",
            po_number="OV-3",
            due_date="2026-04-04",
            currency="CZK",
            amount_untaxed=900,
            amount_tax=189,
            amount_total=1089,
            line={"quantity": 4, "unit": "ks", "discount": 10, "amount": 900},
        )

    def test_isdoc_after_an_advance(self):
        text = national.ISDOC.format(kind=1, claimed="300.00", due="726.00")
        data = self.check(text, amount_untaxed=600, amount_tax=126, amount_total=726)
        [advance] = data["adjustments"]
        self.assertEqual((advance["amount"], advance["tax_rate"]), (-300, 21))

    def test_isdoc_kinds(self):
        for kind, name in ((2, "credit_note"), (3, "invoice"), (4, "proforma")):
            text = national.ISDOC.format(kind=kind, claimed="0", due="1089.00")
            codes = ["not_a_bill"] if kind == 4 else []
            self.check(text, codes, doc_type=name)

    def test_svefaktura(self):
        self.check(
            national.SVEFAKTURA,
            vendor_vat="SE556036079301",
            vendor_iban=None,
            vendor_account="50501055",
            payment_reference="7714",
            due_date="2026-04-04",
            currency="SEK",
            amount_untaxed=99.85,
            amount_tax=24.96,
            amount_total=125,
            rounding=0.19,
            line={"description": "Hylla", "unit": "st", "amount": 99.85},
        )

    def test_nav(self):
        self.check(
            national.NAV.format(sign=""),
            doc_type="invoice",
            vendor_name="Berkenye Kft.",
            vendor_vat="HU27725414",
            buyer_vat="HU14933477",
            vendor_account="11773016-11111018-00000000",
            due_date="2026-04-04",
            currency="HUF",
            amount_untaxed=9000,
            amount_tax=2430,
            amount_total=11430,
            line={"unit": "doboz", "discount": 10, "tax_rate": 27, "amount": 9000},
        )
        self.check(national.NAV.format(sign="-"), doc_type="credit_note")

    def test_nav_simplified(self):
        head = national.NAV.format(sign="").partition("<lineAmountsNormal>")[0]
        line = (
            "<lineAmountsSimplified><lineVatRate><vatContent>0.2126</vatContent>"
            "</lineVatRate><lineGrossAmountSimplified>12700</lineGrossAmountSimplified>"
            "</lineAmountsSimplified></line></invoiceLines><invoiceSummary>"
            "<summarySimplified><vatRate><vatContent>0.2126</vatContent></vatRate>"
            "<vatContentGrossAmount>12700</vatContentGrossAmount></summarySimplified>"
        )
        data = self.check(
            head + line + "<summaryGrossData><invoiceGrossAmount>12700"
            "</invoiceGrossAmount></summaryGrossData></invoiceSummary></invoice>"
            "</invoiceMain></InvoiceData>",
            lines_tax_included=True,
            amount_untaxed=10000,
            amount_tax=2700,
            amount_total=12700,
            line={"amount": 12700},
        )
        self.assertEqual(data["taxes"][0]["rate"], 27)


class TestBeyond(NationalCase):
    def test_cfdi(self):
        self.check(
            national.CFDI,
            doc_type="invoice",
            vendor_vat="EKU9003173C9",
            invoice_number="S31",
            invoice_date="2026-03-05",
            due_date="2026-04-04",
            currency="MXN",
            amount_untaxed=900,
            amount_tax=144,
            amount_total=954,
            amount_withheld=90,
            line={"quantity": 4, "discount": 10, "tax_rate": 16, "amount": 900},
        )

    def test_cfdi_kinds(self):
        for code, kind in (
            ("E", "credit_note"),
            ("P", "other"),
            ("T", "delivery_note"),
        ):
            text = national.CFDI.replace('Comprobante="I"', f'Comprobante="{code}"')
            codes = [] if kind == "credit_note" else ["not_a_bill"]
            self.check(text, codes, doc_type=kind)
        older = national.CFDI.replace("/cfd/4", "/cfd/3")
        self.check(older, amount_total=954)

    def test_nfe(self):
        data = self.check(
            national.NFE,
            doc_type="invoice",
            vendor_vat="11222333000181",
            invoice_number="815",
            due_date="2026-04-04",
            po_number="P-9",
            currency="BRL",
            amount_untaxed=290,
            amount_tax=25.5,
            amount_total=315.5,
            line={"quantity": 2, "discount": 10, "amount": 270},
        )
        self.assertEqual(len(data["lines"]), 1)
        self.assertEqual(data["adjustments"][0]["amount"], 20)
        returned = national.NFE.replace("<finNFe>1", "<finNFe>4")
        self.check(returned, doc_type="credit_note")

    def test_india(self):
        forms = {
            "bare": json.dumps(samples.GST),
            "list": json.dumps([samples.GST]),
            "token": samples.token({"data": json.dumps(samples.GST), "iss": "NIC"}),
        }
        forms["answer"] = json.dumps({"Irn": "ab", "SignedInvoice": forms["token"]})
        for form, text in forms.items():
            with self.subTest(form=form):
                data = self.check(
                    text,
                    doc_type="invoice",
                    vendor_name="Rowan Works LLP",
                    vendor_vat="27AAPFU0939F1ZV",
                    vendor_account="000123456789",
                    invoice_number="RW/26/9",
                    invoice_date="2026-03-05",
                    due_date="2026-04-04",
                    po_number="PO-5",
                    currency="INR",
                    amount_untaxed=910,
                    amount_tax=162,
                    rounding=0.4,
                    amount_total=1072.4,
                    line={"quantity": 4, "discount": 10, "tax_rate": 18, "amount": 900},
                )
                [tax] = data["taxes"]
                self.assertEqual((tax["rate"], tax["base"]), (18, 900))
        credit = {**samples.GST, "DocDtls": {**samples.GST["DocDtls"], "Typ": "CRN"}}
        self.check(json.dumps(credit), doc_type="credit_note")
        reverse = {**samples.GST, "TranDtls": {"SupTyp": "B2B", "RegRev": "Y"}}
        self.check(json.dumps(reverse), line={"tax_category": "AE"})


if __name__ == "__main__":
    unittest.main()
