import unittest

from ..documents.bills.extraction import extract
from ..documents.bills.invoice import to_json
from ..documents.files import contents
from ..documents.files.shapes import Limits
from . import document_samples as files
from . import einvoice_samples as samples
from .test_documents_ubl import bill

LIMITS = Limits()
PAGE = (
    (60, 60, samples.VENDOR),
    (60, 80, "USt-IdNr. DE136695976"),
    (360, 120, "Rechnungsnummer"),
    (470, 120, "Z-12"),
    (360, 140, "Rechnungsdatum"),
    (470, 140, "05.03.2026"),
    (360, 160, "Zahlbar bis"),
    (470, 160, "04.04.2026"),
    (60, 200, "Bezeichnung"),
    (300, 200, "Menge"),
    (380, 200, "Einzelpreis"),
    (500, 200, "Gesamt"),
    (60, 220, "Regal"),
    (310, 220, "2"),
    (390, 220, "50,00"),
    (505, 220, "100,00"),
    (390, 250, "Netto"),
    (505, 250, "100,00"),
    (390, 270, "MwSt 19 %"),
    (510, 270, "19,00"),
    (390, 290, "Gesamtbetrag EUR"),
    (505, 290, "119,00"),
    (60, 400, "IBAN DE89 3704 0044 0532 0130 00"),
)


class TestCii(unittest.TestCase):
    def test_plain(self):
        data, codes = bill(samples.cii())
        self.assertEqual((data["amount_total"], codes), (119, []))
        self.assertEqual(data["lines"][0]["tax_category"], "S")

    def test_kinds(self):
        kinds = {"381": "credit_note", "325": "proforma", "384": "invoice"}
        for code, kind in kinds.items():
            self.assertEqual(bill(samples.cii(code=code))[0]["doc_type"], kind)

    def test_lines_that_gather_or_explain_others_are_none(self):
        lines = samples.cii_line("100.00", "GROUP", "Set")
        lines += samples.cii_line("60.00", "DETAIL", "Regal")
        lines += samples.cii_line("40.00", "DETAIL", "Leiter")
        lines += samples.cii_line("99.00", "INFORMATION", "Muster")
        data, codes = bill(samples.cii(lines=lines))
        found = [(one["description"], one["amount"]) for one in data["lines"]]
        self.assertEqual(found, [("Regal", 60), ("Leiter", 40)])
        self.assertEqual(codes, [])

    def test_the_day_of_the_discount_is_not_the_due_date(self):
        early = samples.cii_terms("20260315", "Skonto", discount=True)
        early_words = samples.cii_terms("20260315", "2 % Skonto bis 15.03.2026")
        late = samples.cii_terms("20260404", "netto")
        late_words = samples.cii_terms(text="Zahlbar bis 04.04.2026")
        for terms in (late, early + late, early_words + late, early + late_words):
            data, _codes = bill(samples.cii(terms=terms))
            self.assertEqual(data["due_date"], "2026-04-04", terms)
        # A discount beside the one due date that there is.
        both = samples.cii_terms("20260404", "", discount=True)
        self.assertEqual(bill(samples.cii(terms=both))[0]["due_date"], "2026-04-04")

    def test_changes_of_the_whole_document(self):
        rate = "<a:RateApplicablePercent>19</a:RateApplicablePercent>"
        changes = (
            "<a:SpecifiedTradeAllowanceCharge><a:ChargeIndicator><u:Indicator>false"
            "</u:Indicator></a:ChargeIndicator><a:ActualAmount>5.00</a:ActualAmount>"
            f"<a:Reason>Rabatt</a:Reason><a:CategoryTradeTax>{rate}</a:CategoryTradeTax>"
            "</a:SpecifiedTradeAllowanceCharge><a:SpecifiedLogisticsServiceCharge>"
            "<a:Description>Fracht</a:Description><a:AppliedAmount>5.00"
            f"</a:AppliedAmount><a:AppliedTradeTax>{rate}</a:AppliedTradeTax>"
            "</a:SpecifiedLogisticsServiceCharge>"
        )
        data, codes = bill(samples.cii(changes=changes))
        found = [
            (one["amount"], one["tax_rate"], one["reason"])
            for one in data["adjustments"]
        ]
        self.assertEqual(found, [(-5, 19, "Rabatt"), (5, 19, "Fracht")])
        self.assertEqual(codes, [])

    def test_payment(self):
        more = (
            "<a:PaymentReference>RF18539007547034</a:PaymentReference><a:PayeeTradeParty>"
            "<a:Name>Factor Bank AG</a:Name></a:PayeeTradeParty>"
        )
        totals = (
            "<a:RoundingAmount>0.05</a:RoundingAmount>"
            "<a:DuePayableAmount>119.05</a:DuePayableAmount>"
        )
        data, codes = bill(samples.cii(more=more, totals=totals))
        self.assertEqual(data["payment_reference"], "RF18539007547034")
        self.assertEqual(
            (data["payee_name"], data["rounding"]), ("Factor Bank AG", 0.05)
        )
        self.assertEqual((data["amount_due"], codes), (119.05, []))


class TestPdf(unittest.TestCase):
    def read_pdf(self, pdf):
        return contents.read(bytes(pdf), LIMITS)

    def pdf(self, lines=PAGE):
        found = files.Pdf()
        found.page(files.content(lines))
        return found

    def test_named_in_af_only(self):
        for packed in (True, False):
            pdf = self.pdf()
            file = pdf.stream(
                samples.cii().encode(), "/Type /EmbeddedFile", packed=packed
            )
            spec = pdf.add(f"<< /Type /Filespec /F (x.xml) /EF << /F {file} 0 R >> >>")
            pdf.catalog += f" /AF [{spec} 0 R]"
            found = self.read_pdf(pdf)
            self.assertEqual(extract(found).number.value, "Z-12")

    def test_hung_on_a_page(self):
        pdf = files.Pdf()
        file = pdf.stream(samples.ubl().encode(), "/Subtype /text#2Fxml")
        spec = pdf.add(f"<< /Type /Filespec /F (x.xml) /EF << /F {file} 0 R >> >>")
        note = pdf.add(
            "<< /Type /Annot /Subtype /FileAttachment /Rect [9 9 20 20] "
            f"/FS {spec} 0 R >>"
        )
        pdf.page(files.content(PAGE), f"/Annots [{note} 0 R]")
        self.assertEqual(extract(self.read_pdf(pdf)).number.value, "W-77")

    def test_other_attachments_do_not_matter(self):
        pdf = self.pdf()
        for name, data in (("a.xml", b"<a/>"), ("b.xml", b"<Invoice xmlns='urn:x'/>")):
            pdf.stream(data, f"/Type /EmbeddedFile /Desc ({name})")
        found = self.read_pdf(pdf)
        self.assertIsNone(found.xml)
        self.assertEqual(extract(found).number.value, "Z-12")

    def test_a_bomb_among_them_is_passed_over(self):
        pdf = self.pdf()
        pdf.stream(b"<" + bytes(40_000_000), "/Type /EmbeddedFile")
        self.assertIsNone(contents.read(bytes(pdf), Limits(max_bytes=1_000_000)).xml)

    def minimum(self, lines):
        pdf = self.pdf(lines)
        text = samples.cii(lines="", profile="urn:factur-x.eu:1p0:minimum")
        pdf.attach("factur-x.xml", text.encode())
        return to_json(extract(self.read_pdf(pdf)))

    def test_lines_of_a_small_profile_stand_on_the_page(self):
        data = self.minimum(PAGE)
        self.assertEqual([line["amount"] for line in data["lines"]], [100])
        self.assertEqual(data["due_date"], "2026-04-04")
        self.assertEqual(data["vendor_iban"], samples.IBAN)
        self.assertEqual(data["fields"]["invoice_number"]["by"], "xml")
        self.assertEqual(data["fields"]["due_date"]["by"], "text")

    def test_the_page_of_another_bill_says_nothing(self):
        for old, new in (("119,00", "219,00"), ("Z-12", "Z-13")):
            page = [(x, y, text.replace(old, new)) for x, y, text in PAGE]
            data = self.minimum(page)
            self.assertEqual((data["lines"], data["due_date"]), ([], None), new)

    def test_with_lines_the_page_says_nothing(self):
        pdf = self.pdf()
        pdf.attach("factur-x.xml", samples.cii().encode())
        self.assertIsNone(to_json(extract(self.read_pdf(pdf)))["due_date"])


if __name__ == "__main__":
    unittest.main()
