import unittest

from ..documents.bills import formats
from ..documents.bills.checks import needs_review
from ..documents.bills.invoice import to_json
from . import einvoice_samples as samples
from .einvoice_samples import (
    fattura,
    fattura_line,
    fattura_payment,
    fattura_summary,
)

FUND = (
    "<DatiCassaPrevidenziale><TipoCassa>TC04</TipoCassa><AlCassa>4.00</AlCassa>"
    "<ImportoContributoCassa>4.00</ImportoContributoCassa><AliquotaIVA>22.00"
    "</AliquotaIVA></DatiCassaPrevidenziale>"
)
WITHHELD = (
    "<DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>20.00"
    "</ImportoRitenuta></DatiRitenuta>"
)


def bill(text):
    [invoice] = formats.read(text.encode())
    return to_json(invoice), [finding.code for finding in needs_review(invoice)]


def discount(kind="SC", **values):
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f"<ScontoMaggiorazione><Tipo>{kind}</Tipo>{inner}</ScontoMaggiorazione>"


class TestTotals(unittest.TestCase):
    def test_fund_and_withholding(self):
        summary = fattura_summary("22.00", "104.00", "22.88")
        for payment in ("", fattura_payment("106.88", "2026-04-04")):
            text = fattura(
                WITHHELD + FUND, summary=summary, total="126.88", payment=payment
            )
            data, codes = bill(text)
            [fund] = data["adjustments"]
            self.assertEqual((fund["amount"], fund["tax_rate"]), (4, 22))
            self.assertEqual(
                (data["amount_total"], data["amount_due"]), (126.88, 106.88)
            )
            self.assertEqual((data["amount_withheld"], codes), (20, ["due_differs"]))

    def test_discount_of_the_document(self):
        summary = fattura_summary("22.00", "90.00", "19.80")
        for values in ({"Percentuale": "10.00"}, {"Importo": "10.00"}):
            data, codes = bill(fattura(discount(**values), summary=summary))
            [found] = data["adjustments"]
            self.assertEqual((found["kind"], found["amount"]), ("allowance", -10))
            self.assertEqual((data["amount_total"], codes), (109.8, []))
        summary = fattura_summary("22.00", "110.00", "24.20")
        data, codes = bill(fattura(discount("MG", Importo="10.00"), summary=summary))
        self.assertEqual((data["adjustments"][0]["amount"], codes), (10, []))

    def test_roundings(self):
        general = "<Arrotondamento>0.40</Arrotondamento>"
        data, codes = bill(fattura(general, total="122.40"))
        self.assertEqual((data["rounding"], data["amount_total"]), (0.4, 122.4))
        self.assertEqual(codes, [])
        more = "<Arrotondamento>0.01</Arrotondamento>"
        summary = fattura_summary("22.00", "100.01", "22.00", more)
        data, codes = bill(fattura(summary=summary))
        self.assertEqual((data["adjustments"][0]["amount"], codes), (0.01, []))

    def test_stamp(self):
        stamp = "<DatiBollo><BolloVirtuale>SI</BolloVirtuale><ImportoBollo>2.00"
        stamp += "</ImportoBollo></DatiBollo>"
        for total in ("122.00", "124.00"):
            data, codes = bill(fattura(stamp, total=total))
            self.assertEqual((data["stamp"], codes), (2, []), total)
        self.assertEqual(bill(fattura(stamp, total="125.00"))[1], ["totals_differ"])

    def test_the_state_pays_the_tax_itself(self):
        summary = fattura_summary("22.00", "100.00", "22.00").replace(
            "</Imposta>", "</Imposta><EsigibilitaIVA>S</EsigibilitaIVA>"
        )
        for payment in ("", fattura_payment("100.00")):
            data, codes = bill(fattura(summary=summary, payment=payment))
            self.assertEqual((data["amount_total"], data["amount_due"]), (122, 100))
            self.assertEqual(codes, ["due_differs"])

    def test_kinds_and_natures(self):
        self.assertEqual(bill(fattura(code="TD04"))[0]["doc_type"], "credit_note")
        self.assertEqual(bill(fattura(code="TD05"))[0]["doc_type"], "invoice")
        natures = {"N2.2": "O", "N3.1": "G", "N3.2": "K", "N4": "E", "N6.3": "AE"}
        for nature, category in natures.items():
            summary = fattura_summary(
                "0.00", "100.00", "0.00", f"<Natura>{nature}</Natura>"
            )
            data, _codes = bill(fattura(summary=summary))
            self.assertEqual(data["taxes"][0]["tax_category"], category)


class TestLines(unittest.TestCase):
    def line(self, more, amount):
        line = fattura_line(amount, price="100.00", more=more)
        summary = fattura_summary("22.00", amount, "0.00")
        return bill(fattura(lines=line, summary=summary))[0]["lines"][0]

    def test_discounts_and_surcharges(self):
        more = discount(Percentuale="10.00")
        self.assertEqual(self.line(more, "90.00")["discount"], 10)
        self.assertEqual(
            self.line(discount("MG", Percentuale="10"), "110")["discount"], -10
        )
        self.assertEqual(self.line(more + more, "81.00")["discount"], 19)
        self.assertEqual(self.line(discount(Importo="25.00"), "75.00")["discount"], 25)
        # What does not come to the amount is not said.
        self.assertIsNone(self.line(more + more, "80.00")["discount"])


class TestPayment(unittest.TestCase):
    def test_the_first_payment_may_have_no_date(self):
        payment = fattura_payment("61.00") + fattura_payment("61.00", "2026-04-04")
        data, codes = bill(fattura(payment=payment))
        self.assertEqual((data["due_date"], data["amount_due"]), ("2026-04-04", 122))
        self.assertEqual(codes, [])

    def test_days_from_a_date(self):
        more = "<GiorniTerminiPagamento>30</GiorniTerminiPagamento>"
        data, _codes = bill(fattura(payment=fattura_payment("122.00", more=more)))
        self.assertEqual(data["due_date"], "2026-04-04")

    def test_one_payment_in_two_ways(self):
        payment = fattura_payment("122.00", "2026-04-04") * 2
        data, codes = bill(fattura(payment=payment))
        self.assertEqual((data["amount_due"], codes), (122, []))

    def test_who_is_paid_and_how(self):
        more = (
            "<Beneficiario>Banca Factor SpA</Beneficiario>"
            "<CodicePagamento>RF18539007547034</CodicePagamento>"
            "<IBAN>IT60X0542811101000000123456</IBAN>"
        )
        data, _codes = bill(fattura(payment=fattura_payment("122.00", more=more)))
        self.assertEqual(data["payee_name"], "Banca Factor SpA")
        self.assertEqual(data["payment_reference"], "RF18539007547034")
        self.assertEqual(data["vendor_iban"], "IT60X0542811101000000123456")


class TestSimplified(unittest.TestCase):
    def test_amounts_hold_the_tax(self):
        data, codes = bill(samples.SIMPLIFIED)
        self.assertEqual(data["vendor_name"], "Osteria Sorbo")
        self.assertEqual(data["vendor_vat"], "IT00743110157")
        self.assertEqual((data["amount_untaxed"], data["amount_tax"]), (110, 10.4))
        self.assertEqual((data["amount_total"], codes), (120.4, []))
        self.assertTrue(data["lines_tax_included"])
        rates = [(one["rate"], one["base"], one["amount"]) for one in data["taxes"]]
        self.assertEqual(rates, [(10, 100, 10), (4, 10, 0.4)])


if __name__ == "__main__":
    unittest.main()
