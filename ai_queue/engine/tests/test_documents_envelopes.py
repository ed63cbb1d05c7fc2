import base64
import json
import unittest

from ..documents.bills import formats
from ..documents.bills.extraction import extract_all
from ..documents.files import contents, einvoice, filetypes, reading, signed
from ..documents.files.shapes import Limits
from ..errors import Unreadable
from . import document_samples as files
from . import einvoice_national as national
from . import einvoice_samples as samples

LIMITS = Limits()


def numbers(data):
    document = contents.read(data, LIMITS)
    return [invoice.number.value for invoice in extract_all(document)]


class TestSignatures(unittest.TestCase):
    def test_forms(self):
        plain = samples.fattura().encode()
        found = samples.signed(plain)
        lines = base64.encodebytes(found)
        pem = b"-----BEGIN PKCS7-----\n" + lines + b"-----END PKCS7-----\n"
        pieces = samples.signed(plain, samples.ber, 200)
        for data in (found, lines, base64.b64encode(found), pem, pieces):
            self.assertEqual(signed.content(data), plain)
            self.assertEqual(filetypes.mimetype(data), filetypes.SIGNED)
            self.assertEqual(numbers(data), ["44/A"])
        self.assertEqual(signed.content(samples.signed(found)), plain)

    def test_any_file_may_be_inside(self):
        document = contents.read(samples.signed(files.text_pdf()), LIMITS)
        self.assertEqual(document.mimetype, filetypes.PDF)
        self.assertTrue(document.pages[0].words)
        [picture] = contents.render(samples.signed(files.text_pdf()), LIMITS, [1], 200)
        self.assertTrue(picture.startswith(b"\x89PNG"))

    def test_a_signature_without_its_content_is_none(self):
        """As mail programs attach it beside what they sign."""
        data = samples.der(6, bytes.fromhex("2a864886f70d010701"))
        body = samples.der(
            0x30, samples.der(2, b"\1"), samples.der(0x31), samples.der(0x30, data)
        )
        kind = samples.der(6, bytes.fromhex("2a864886f70d010702"))
        alone = samples.der(0x30, kind, samples.der(0xA0, body))
        self.assertIsNone(signed.content(alone))
        self.assertIsNone(filetypes.mimetype(alone))

    def test_broken_ones_end(self):
        whole = samples.signed(samples.fattura().encode(), samples.ber, 50)
        for at in range(0, len(whole), 37):
            signed.content(whole[:at])
            signed.content(whole[:at] + b"\x24\x80" * 40 + whole[at:])
        head = whole[: whole.index(b"<?xml") - 2]
        self.assertIsNone(signed.content(head + b"\x24\x80" * 100_000))
        self.assertIsNone(signed.content(head + b"\x04\x88" + b"\xff" * 8))

    def test_too_many_layers(self):
        data = samples.fattura().encode()
        for _layer in range(signed.LAYERS + 1):
            data = samples.signed(data)
        self.assertIsNone(signed.content(data))


class TestEnvelopes(unittest.TestCase):
    def test_an_invoice_in_another_file(self):
        inner = samples.ubl()
        coded = base64.b64encode(inner.encode()).decode()
        answer = f"<Answer xmlns='urn:a'><invoiceData>{coded}</invoiceData></Answer>"
        for text in (
            samples.attached(inner),
            samples.sbdh(inner),
            samples.sbdh(samples.attached(inner)),
            answer,
        ):
            self.assertEqual(numbers(text.encode()), ["W-77"])

    def test_several_in_one(self):
        other = samples.ubl().replace("W-77", "W-78")
        text = samples.sbdh(samples.ubl(), other)
        self.assertEqual(numbers(text.encode()), ["W-77", "W-78"])

    def test_an_envelope_without_an_invoice(self):
        for inner in ("<a/>", "x", samples.attached("<b/>"), "<broken"):
            with self.assertRaises(Unreadable) as caught:
                einvoice.extracted(samples.attached(inner).encode())
            self.assertEqual(caught.exception.cause, "not_a_document")

    def test_files_inside_are_left_out(self):
        size = 12_000_000
        body = (
            "<c:AdditionalDocumentReference><c:Attachment>"
            f"<b:EmbeddedDocumentBinaryObject>{'QUJD' * (size // 4)}"
            "</b:EmbeddedDocumentBinaryObject></c:Attachment>"
            "</c:AdditionalDocumentReference>"
        )
        found = einvoice.extracted(samples.ubl(body=body).encode())
        self.assertLess(len(found), 10_000)
        self.assertEqual(formats.read(found)[0].number.value, "W-77")

    def test_encodings(self):
        text = samples.ubl().replace(samples.VENDOR, "Ebereschen Möbel GmbH")
        plain = text.partition("?>")[2]
        latin = f'<?xml version="1.0" encoding="ISO-8859-1"?>{plain}'
        for data in (
            text.encode("utf-8-sig"),
            latin.encode("latin-1"),
            text.replace("UTF-8", "UTF-16").encode("utf-16"),
            b"\n  " + text.encode(),
        ):
            [invoice] = formats.read(einvoice.extracted(data))
            self.assertEqual(invoice.vendor.name.value, "Ebereschen Möbel GmbH")


class TestUnread(unittest.TestCase):
    def refusal(self, data):
        with self.assertRaises(Unreadable) as caught:
            contents.read(data, LIMITS)
        return caught.exception

    def test_known_formats_are_refused_by_name(self):
        cases = {
            b"<Finvoice Version='3.0'/>": "Finvoice",
            b"<Invoice xmlns='urn:eslog:2.00'/>": "e-SLOG",
            b"<DTE xmlns='http://www.sii.cl/SiiDte'/>": "Chile",
            b"<!DOCTYPE cXML SYSTEM 'http://x/'><cXML/>": "cXML",
            b"UNA:+.? 'UNB+UNOC:3+1+2+260305:1010+1'": "EDIFACT",
            b"<Invoice xmlns='http://www.ebinterface.at/schema/3p02/'/>": "ebInterface",
        }
        for data, name in cases.items():
            error = self.refusal(data)
            self.assertEqual(error.cause, "einvoice_unread", name)
            self.assertIn(name, str(error))
            self.assertIn("or an electronic invoice in XML", str(error))

    def test_a_common_name_alone_is_no_format(self):
        for text in ("<Invoice/>", "<Invoice xmlns='urn:any'/>", "<Faktura/>"):
            self.assertNotEqual(self.refusal(text.encode()).cause, "timed_out")
            with self.assertRaises(Unreadable):
                formats.read(text.encode())

    def test_the_name_comes_through_the_process(self):
        with self.assertRaises(Unreadable) as caught:
            reading.read(b"<Finvoice/>")
        self.assertIn("Finvoice", str(caught.exception))

    def test_other_json_is_nothing(self):
        for text in ("{}", '{"a": [1]}', "[1]"):
            self.assertIsNone(filetypes.mimetype(text.encode()))
        hint = json.dumps({"SignedInvoice": "nothing"})
        self.assertEqual(self.refusal(hint.encode()).cause, "not_a_document")


class TestProcess(unittest.TestCase):
    def test_all_formats_come_through(self):
        texts = (samples.ubl(), samples.cii(), national.FACTURAE, national.NFE)
        datas = [text.encode() for text in texts]
        datas += [json.dumps(samples.GST).encode(), samples.signed(datas[0])]
        for data in datas:
            self.assertEqual(len(extract_all(reading.read(data))), 1)


if __name__ == "__main__":
    unittest.main()
