import unittest

from ..documents.bills import formats
from ..documents.bills.checks import needs_review
from ..documents.bills.invoice import to_json
from ..documents.files import einvoice
from . import einvoice_samples as samples


def bill(text):
    """The JSON of the one bill in a file, and the codes of what is wrong with it."""
    [invoice] = formats.read(einvoice.extracted(text.encode()))
    return to_json(invoice), [finding.code for finding in needs_review(invoice)]


class TestKinds(unittest.TestCase):
    def test_plain(self):
        data, codes = bill(samples.ubl())
        self.assertEqual((data["doc_type"], data["amount_due"]), ("invoice", 119))
        self.assertEqual(codes, [])

    def test_a_total_below_zero_gives_money_back(self):
        for code in ("380", "384", "326"):
            text = samples.ubl(
                kind=f"<b:InvoiceTypeCode>{code}</b:InvoiceTypeCode>",
                tax=samples.ubl_tax("-19.00", ("19", "-100.00", "-19.00")),
                totals=samples.ubl_totals("-100.00", "-119.00", "-119.00"),
                lines=samples.ubl_line("-100.00", quantity="-2"),
            )
            data, codes = bill(text)
            self.assertEqual((data["doc_type"], codes), ("credit_note", []), code)
        corrected = "<b:InvoiceTypeCode>384</b:InvoiceTypeCode>"
        self.assertEqual(bill(samples.ubl(kind=corrected))[0]["doc_type"], "invoice")

    def test_what_is_no_bill_is_named_and_nothing_else_said(self):
        kinds = {"325": "proforma", "310": "quotation", "71": "payment_request"}
        for code, kind in kinds.items():
            text = samples.ubl(kind=f"<b:InvoiceTypeCode>{code}</b:InvoiceTypeCode>")
            [invoice] = formats.read(text.encode())
            [finding] = needs_review(invoice)
            self.assertEqual(finding.code, "not_a_bill")
            self.assertEqual(finding.values["kind"], kind)
        self.assertIn("a request for payment", finding.text)
        for root, kind in (("Order", "order"), ("Reminder", "reminder")):
            text = samples.ubl(root=root, kind="")
            self.assertEqual(bill(text)[0]["doc_type"], kind)

    def test_notes(self):
        credit = samples.ubl(root="CreditNote", kind="")
        self.assertEqual(bill(credit)[0]["doc_type"], "credit_note")
        data, codes = bill(samples.ubl(root="DebitNote", kind=""))
        self.assertEqual((data["doc_type"], data["amount_total"]), ("invoice", 119))
        self.assertEqual((len(data["lines"]), codes), (1, []))


class TestAmounts(unittest.TestCase):
    def test_a_prepaid_amount_is_said(self):
        more = "<b:PrepaidAmount>19.00</b:PrepaidAmount>"
        totals = samples.ubl_totals("100.00", "119.00", "100.00", more)
        data, codes = bill(samples.ubl(totals=totals))
        self.assertEqual((data["amount_total"], data["amount_due"]), (119, 100))
        self.assertEqual(codes, ["due_differs"])

    def test_a_rounded_amount_is_not(self):
        more = "<b:PayableRoundingAmount>0.03</b:PayableRoundingAmount>"
        totals = samples.ubl_totals("100.00", "119.00", "119.03", more)
        data, codes = bill(samples.ubl(totals=totals))
        self.assertEqual((data["rounding"], codes), (0.03, []))

    def test_discount_and_charge_of_other_rates(self):
        changes = samples.ubl_change(False, "10.00", "19", "Rabatt")
        changes += samples.ubl_change(True, "10.00", "7", "Porto")
        tax = samples.ubl_tax("17.80", ("19", "90.00", "17.10"), ("7", "10.00", "0.70"))
        more = "<b:AllowanceTotalAmount>10.00</b:AllowanceTotalAmount>"
        more += "<b:ChargeTotalAmount>10.00</b:ChargeTotalAmount>"
        totals = samples.ubl_totals("100.00", "117.80", "117.80", more)
        data, codes = bill(samples.ubl(body=changes, tax=tax, totals=totals))
        found = [
            (one["kind"], one["amount"], one["tax_rate"], one["reason"])
            for one in data["adjustments"]
        ]
        rows = [("allowance", -10, 19, "Rabatt"), ("charge", 10, 7, "Porto")]
        self.assertEqual((found, codes), (rows, []))

    def test_discounts_of_lines_named_again_are_no_others(self):
        """As Turkey and Jordan do it."""
        change = samples.ubl_change(False, "10.00", "19", "Rabatt")
        more = "<b:AllowanceTotalAmount>10.00</b:AllowanceTotalAmount>"
        totals = samples.ubl_totals("100.00", "119.00", "119.00", more)
        data, codes = bill(samples.ubl(body=change, totals=totals))
        self.assertEqual((data["adjustments"], codes), ([], []))

    def test_tax_in_the_currency_of_the_books_too(self):
        for currency in ("SEK", "EUR"):
            again = samples.ubl_tax("19.00", currency=currency)
            first = samples.ubl_tax("19.00", ("19", "100.00", "19.00"))
            for tax in (again + first, first + again):
                data, codes = bill(samples.ubl(tax=tax))
                self.assertEqual((data["amount_tax"], codes), (19, []), tax)

    def test_several_taxes_add_up(self):
        """As Colombia has them: one total for each tax."""
        tax = samples.ubl_tax("15.00", ("15", "100.00", "15.00"))
        tax += samples.ubl_tax("4.00", ("4", "100.00", "4.00"))
        data, codes = bill(samples.ubl(tax=tax))
        self.assertEqual((data["amount_tax"], len(data["taxes"])), (19, 2))
        self.assertEqual(codes, [])

    def test_oioubl_has_the_tax_in_the_place_of_the_untaxed_amount(self):
        totals = samples.ubl_totals("19.00", "119.00", "119.00", lines="100.00")
        data, codes = bill(samples.ubl(totals=totals, scheme="63"))
        self.assertEqual((data["amount_untaxed"], codes), (100, []))
        self.assertEqual(data["vendor_vat"], "DE136695976")

    def test_categories_of_taxes_are_kept(self):
        cases = {"AE": "AE", "K": "K", "ReverseCharge": "AE", "ZeroRated": "Z"}
        for code, category in cases.items():
            tax = samples.ubl_tax("0.00", ("0", "100.00", "0.00", code))
            text = samples.ubl(
                tax=tax,
                totals=samples.ubl_totals("100.00", "100.00", "100.00"),
                lines=samples.ubl_line("100.00", rate="0", code=code),
            )
            data, _codes = bill(text)
            self.assertEqual(data["taxes"][0]["tax_category"], category)
            self.assertEqual(data["lines"][0]["tax_category"], category)

    def test_a_discount_on_a_line_is_one_where_it_explains_the_amount(self):
        for factor, price, discount in (("20", "62.50", 20), ("0.2", "62.50", 20)):
            more = (
                "<c:AllowanceCharge><b:ChargeIndicator>false</b:ChargeIndicator>"
                f"<b:MultiplierFactorNumeric>{factor}</b:MultiplierFactorNumeric>"
                "<b:Amount>25.00</b:Amount></c:AllowanceCharge>"
            )
            line = samples.ubl_line("100.00", price=price, more=more)
            data, _codes = bill(samples.ubl(lines=line))
            self.assertEqual(data["lines"][0]["discount"], discount)
            line = samples.ubl_line("100.00", price="70.00", more=more)
            self.assertIsNone(bill(samples.ubl(lines=line))[0]["lines"][0]["discount"])

    def test_a_rate_of_ten_is_written_as_people_write_it(self):
        tax = samples.ubl_tax("10.00", ("10", "100.00", "10.00"))
        text = samples.ubl(
            tax=tax,
            totals=samples.ubl_totals("100.00", "110.00", "110.00"),
            lines=samples.ubl_line("100.00", rate="10"),
        )
        country = "<c:PostalAddress><c:Country><b:IdentificationCode>SE"
        country += "</b:IdentificationCode></c:Country></c:PostalAddress>"
        text = text.replace("<c:Party>", f"<c:Party>{country}", 1)
        [invoice] = formats.read(text.encode())
        [finding] = needs_review(invoice)
        self.assertIn("A tax of 10 % is not usual in SE", finding.text)


class TestPayment(unittest.TestCase):
    def test_an_account_that_is_no_iban_has_no_check_digits(self):
        for account in ("062000-12345678", "5050-1055", "12-34-56 12345678"):
            data, codes = bill(samples.ubl(account=account))
            self.assertIsNone(data["vendor_iban"])
            self.assertEqual((data["vendor_account"], codes), (account, []))

    def test_an_iban_with_wrong_digits_is_one(self):
        data, codes = bill(samples.ubl(account="DE89370400440532013001"))
        self.assertEqual(data["vendor_iban"], "DE89370400440532013001")
        self.assertEqual(codes, ["iban_invalid"])

    def test_reference_and_payee(self):
        body = "<c:PayeeParty><c:PartyName><b:Name>Factor Bank AG</b:Name>"
        body += "</c:PartyName></c:PayeeParty><c:PaymentMeans>"
        body += "<b:PaymentID>RF18539007547034</b:PaymentID></c:PaymentMeans>"
        data, _codes = bill(samples.ubl(body=body))
        self.assertEqual(data["payment_reference"], "RF18539007547034")
        self.assertEqual(data["payee_name"], "Factor Bank AG")
        self.assertEqual(data["payee_iban"], samples.IBAN)
        same = body.replace("Factor Bank AG", samples.VENDOR.upper())
        self.assertIsNone(bill(samples.ubl(body=same))[0]["payee_name"])

    def test_the_number_of_a_danish_slip(self):
        body = "<c:PaymentMeans><b:PaymentMeansCode>93</b:PaymentMeansCode>"
        body += "<b:InstructionID>4532778771091795</b:InstructionID>"
        body += "<b:PaymentID>71</b:PaymentID></c:PaymentMeans>"
        data, _codes = bill(samples.ubl(body=body))
        self.assertEqual(data["payment_reference"], "4532778771091795")

    def test_due_dates_in_terms(self):
        discount = (
            "<c:PaymentTerms><b:Note>2 % Skonto bis 15.03.2026</b:Note>"
            "<b:SettlementDiscountPercent>2</b:SettlementDiscountPercent>"
            "<b:PaymentDueDate>2026-03-15</b:PaymentDueDate></c:PaymentTerms>"
        )
        plain = "<c:PaymentTerms><b:{0}>{1}</b:{0}></c:PaymentTerms>"
        cases = (
            plain.format("PaymentDueDate", "2026-04-04"),
            plain.format("Note", "Zahlbar bis 04.04.2026"),
            plain.format("Note", "2 % Skonto bis 15.03.2026, netto bis 04.04.2026"),
            plain.format("Note", "Zahlbar innerhalb 30 Tagen ohne Abzug"),
            plain.format("Note", "10 days 2 % discount; 30 days net"),
            plain.format("Note", "#SKONTO#TAGE=10#PROZENT=2.00#\nfällig 30 Tage netto"),
            plain.format("Note", "Paiement à 30 jours"),
        )
        for terms in cases:
            for body in (terms, discount + terms):
                data, _codes = bill(samples.ubl(due="", body=body))
                self.assertEqual(data["due_date"], "2026-04-04", body)
        for text in ("Thank you", "2 % Skonto bis 15.03.2026", "9999 Tage"):
            data, _codes = bill(samples.ubl(due="", body=plain.format("Note", text)))
            self.assertIsNone(data["due_date"])


if __name__ == "__main__":
    unittest.main()
