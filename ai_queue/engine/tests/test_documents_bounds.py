import json
import time
import unittest
from decimal import Decimal

from ..documents.bills import bounds, formats
from ..documents.bills.checks import needs_review
from ..documents.bills.invoice import to_json
from ..documents.files import einvoice, gst, markup
from ..errors import Unreadable
from . import einvoice_national as national
from . import einvoice_samples as samples

HOSTILE = (
    *("1E+999999", "1E+5000", "1E+99", "1E-99999", "9" * 5000, "0." + "9" * 5000),
    *("NaN", "sNaN", "Infinity", "-Infinity", "1e400", "٣٫٥", "0x10", "1_000"),
)


class TestNumbers(unittest.TestCase):
    def test_what_a_bill_can_mean(self):
        cases = {
            "0": "0",
            "-12.50": "-12.50",
            "+3": "3",
            ".5": "0.5",
            "7.": "7",
            "999999999999999.99": "999999999999999.99",
            "0.3333333333333333": "0.3333333333333333",
            "1E2": "100",
            "1.5e-05": "0.000015",
        }
        for text, value in cases.items():
            found = bounds.decimal(text)
            self.assertEqual(found, Decimal(value), text)
            self.assertNotIn("E", str(found) if found else "")

    def test_what_none_can(self):
        for text in (*HOSTILE, "", "1,00", "1 000", "--1", "1E", "1" * 16):
            self.assertIsNone(bounds.decimal(text), text[:20])
        for value in (Decimal("1E+15"), Decimal("1E-21"), Decimal("NaN")):
            self.assertIsNone(bounds.bounded(value))
        self.assertEqual(str(bounds.bounded(Decimal("1E+1"))), "10")


class TestHostileNumbers(unittest.TestCase):
    def assert_harmless(self, text, value):
        start = time.process_time()
        for invoice in formats.read(einvoice.extracted(text.encode())):
            json.dumps(to_json(invoice))
            codes = [finding.code for finding in needs_review(invoice)]
            self.assertIn("value_unread", codes, value[:20])
        self.assertLess(time.process_time() - start, 2)

    def test_in_any_amount_of_any_format(self):
        texts = {
            "ubl": samples.ubl(),
            "cii": samples.cii(),
            "fattura": samples.fattura(total="122.00"),
            "facturae": national.FACTURAE,
            "ksef": national.KSEF.format(kind="VAT", more=""),
            "nfe": national.NFE,
            "nav": national.NAV.format(sign=""),
            "isdoc": national.ISDOC.format(kind=1, claimed="0", due="1089.00"),
        }
        whole = {
            "ubl": (">119.00<", ">2<", ">50.00<", ">19<"),
            "cii": (">119.00<", ">1<", ">19<"),
            "fattura": (">122.00<", ">1.00<", ">22.00<"),
            "facturae": (">10<", ">21.00<", ">90.00<"),
            "ksef": (">404.00<", ">100.00<", ">46.00<"),
            "nfe": (">315.50<", ">2.0000<", ">30.00<"),
            "nav": (">5000<", ">0.27<", ">0.1000<"),
            "isdoc": (">900.00<", ">250.00<", ">21<"),
        }
        for name, text in texts.items():
            for part in whole[name]:
                self.assertIn(part, text, name)
                for value in HOSTILE:
                    with self.subTest(name=name, part=part, value=value[:12]):
                        hostile = text.replace(part, f">{value}<")
                        self.assert_harmless(hostile, value)

    def test_in_attributes(self):
        for value in HOSTILE:
            text = national.CFDI.replace('Total="954.00"', f'Total="{value}"')
            self.assert_harmless(text, value)

    def test_in_json(self):
        for value in ("1E+999999", "9" * 5000, "NaN", "-Infinity", '"1E+5000"'):
            text = json.dumps(samples.GST).replace("1072.4", value)
            self.assert_harmless(text, value)

    def test_the_finding_names_the_element(self):
        text = samples.ubl().replace(">119.00<", ">1E+999999<")
        [invoice] = formats.read(text.encode())
        found = {one.code: one.text for one in needs_review(invoice)}
        self.assertIn("TaxInclusiveAmount", found["value_unread"])

    def test_too_many_days(self):
        more = "<GiorniTerminiPagamento>999999999999999</GiorniTerminiPagamento>"
        payment = samples.fattura_payment("122.00", more=more)
        [invoice] = formats.read(samples.fattura(payment=payment).encode())
        self.assertIsNone(invoice.due_date)


class TestHostileMarkup(unittest.TestCase):
    def refused(self, data):
        start = time.process_time()
        with self.assertRaises(Unreadable) as caught:
            einvoice.extracted(data)
        self.assertLess(time.process_time() - start, 20)
        return caught.exception.cause

    def test_too_deep_and_too_many(self):
        deep = samples.ubl(body="<c:a>" * 5000 + "</c:a>" * 5000)
        self.assertEqual(self.refused(deep.encode()), "too_big")
        many = samples.ubl(body="<c:a/>" * (markup.ELEMENTS + 1))
        self.assertEqual(self.refused(many.encode()), "too_big")

    def test_much_of_it_takes_no_long_time(self):
        wide = samples.ubl(body="<b:Note/>" * 290_000)
        long = samples.ubl(lines=samples.ubl_line("1.00") * 20_000)
        for text in (wide, long):
            data = einvoice.extracted(text.encode())
            start = time.process_time()
            [invoice] = formats.read(data)
            needs_review(invoice)
            self.assertLess(time.process_time() - start, 20)
        self.assertEqual(len(invoice.lines), 20_000)

    def test_document_types(self):
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        for before in ("", "<?xml version='1.0'?>", "<!-- x --> <?p q?>\n"):
            data = f"{before}{bomb}<Invoice a='&b;'/>"
            self.assertEqual(self.refused(data.encode()), "not_a_document")
            wide = data.encode("utf-16")
            self.assertEqual(self.refused(wide), "not_a_document")

    def test_documents_within_documents_end(self):
        text = "<a/>"
        for _layer in range(6):
            text = samples.attached(text)
        self.assertEqual(self.refused(text.encode()), "not_a_document")

    def test_json_within_json_ends(self):
        deep = b'{"DocDtls": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        self.assertEqual(self.refused(deep), "too_big")
        inner = json.dumps({"SignedInvoice": "x"})
        for _layer in range(12):
            inner = json.dumps({"SignedInvoice": inner})
        self.assertEqual(gst.roots(inner.encode()), [])
        names = {**samples.GST, "a b<": 1, "\x00": 2, "é": 3, "ok": "\x01\ufffe"}
        [invoice] = formats.read(einvoice.extracted(json.dumps(names).encode()))
        self.assertEqual(invoice.number.value, "RW/26/9")


if __name__ == "__main__":
    unittest.main()
