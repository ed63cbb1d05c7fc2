import importlib.util
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from unittest import mock

from ..documents.files import einvoice, filetypes, glyphs, layout, pictures, readers
from ..documents.files.reading import NOTES, read, render
from ..documents.files.shapes import SOURCES, Limits, Word
from ..errors import Unreadable
from . import document_samples as samples

ENGINE = Path(__file__).resolve().parents[1]


class ReadingCase(unittest.TestCase):
    """Pictures are read by the light reader, which is soon done."""

    def setUp(self):
        super().setUp()
        light = mock.patch.dict(os.environ, {readers.VARIABLE: "tesseract"})
        light.start()
        self.addCleanup(light.stop)

    def text(self, page):
        return [
            " ".join(word.text for word in line) for line in layout.lines(page.words)
        ]

    def only_page(self, data, name="file"):
        document = read(data, name)
        self.assertEqual(len(document.pages), 1)
        return document.pages[0]

    def assert_unreadable(self, cause, data, limits=None):
        with self.assertRaises(Unreadable) as caught:
            read(data, "file.pdf", limits or Limits())
        self.assertEqual(caught.exception.cause, cause)


class TestText(ReadingCase):
    def test_words_come_line_by_line_with_their_places(self):
        page = self.only_page(samples.text_pdf())
        self.assertEqual(page.source, "text")
        self.assertEqual((page.width, page.height), (595, 842))
        self.assertEqual(self.text(page)[0], "Example Supplies Ltd INVOICE")
        word = next(word for word in page.words if word.text == "INVOICE")
        self.assertAlmostEqual(word.x0, 400, delta=1.5)
        self.assertLess(word.top, 80)
        self.assertGreater(word.bottom, 79)
        self.assertLess(word.bottom, 84)
        self.assertAlmostEqual(word.size, 10, delta=3)
        self.assertEqual(word.confidence, 1.0)

    def test_cells_drawn_column_by_column_are_rows(self):
        rows = [(60, 300 + 20 * row, f"item{row}") for row in range(4)]
        rows += [(400, 300 + 20 * row, f"{row}.00") for row in range(4)]
        page = self.only_page(samples.text_pdf(rows))
        self.assertEqual(self.text(page), [f"item{row} {row}.00" for row in range(4)])

    def test_a_word_drawn_in_pieces_is_one(self):
        pieces = b"BT /F 10 Tf 60 700 Td [(Tot) 5 (al) -20 (s)] TJ ET"
        pdf = samples.Pdf()
        pdf.page(pieces)
        self.assertEqual(self.text(self.only_page(bytes(pdf))), ["Totals"])

    def test_a_spaced_word_is_one_and_spaced_numbers_are_not(self):
        lines = [(60, 100, "I N V O I C E"), (60, 140, "1 2 3 4 5"), (60, 180, "a b")]
        page = self.only_page(samples.text_pdf(lines))
        self.assertEqual(self.text(page), ["INVOICE", "1 2 3 4 5", "a b"])

    def test_letters_of_europe_and_ligatures(self):
        lines = [(60, 100, "Müller & Søn, Étoile, 12,50 €")]
        page = self.only_page(samples.text_pdf(lines))
        self.assertEqual(self.text(page), ["Müller & Søn, Étoile, 12,50 €"])

    def test_turned_pages_are_upright(self):
        for turn, matrix in ((90, "0 1 -1 0"), (180, "-1 0 0 -1"), (270, "0 -1 1 0")):
            with self.subTest(turn=turn):
                pdf = samples.Pdf()
                body = "BT /F 10 Tf {0} {1} Tm (Upright words) Tj ET"
                place = {90: "100 200", 180: "500 700", 270: "500 600"}[turn]
                pdf.page(body.format(matrix, place).encode(), f"/Rotate {turn}")
                page = self.only_page(bytes(pdf))
                first, second = page.words
                self.assertEqual((first.text, second.text), ("Upright", "words"))
                self.assertLess(first.x1, second.x0)
                self.assertAlmostEqual(first.bottom, second.bottom, delta=0.5)
                size = (842, 595) if turn % 180 else (595, 842)
                self.assertEqual((page.width, page.height), size)
                self.assertTrue(0 < first.x0 < page.width)
                self.assertTrue(0 < first.top < page.height)

    def test_a_cropped_page_begins_at_its_crop(self):
        crop = "/CropBox [50 100 550 800]"
        page = self.only_page(samples.text_pdf(entries=crop))
        word = next(word for word in page.words if word.text == "INVOICE")
        self.assertEqual((page.width, page.height), (500, 700))
        self.assertAlmostEqual(word.x0, 350, delta=1.5)

    def test_letters_of_a_drawn_font_have_boxes_of_their_own(self):
        def touching(*pieces):
            some = [
                Word(text, x0, top, x1, end, 1.0, end - top)
                for text, x0, top, x1, end in pieces
            ]
            return [[word.text for word in line] for line in glyphs._touching(some)]

        drawn = ("$", 0, 9, 6, 18.4), ("1", 6, 10, 9.6, 17), ("3,8", 9.6, 10, 20, 18.5)
        self.assertEqual(touching(*drawn), [["$13,8"]])
        cents = ("12", 0, 10, 12, 22), ("99", 12.2, 10, 18, 16)
        self.assertEqual(touching(*cents), [["12", "99"]])

    def test_words_along_the_edge_come_last(self):
        pdf = samples.Pdf()
        edge = b"BT /F 8 Tf 0 1 -1 0 20 300 Tm (Registered office) Tj ET\n"
        pdf.page(edge + samples.content())
        page = self.only_page(bytes(pdf))
        self.assertEqual([w.text for w in page.words[-2:]], ["Registered", "office"])
        tall = page.words[-1]
        self.assertGreater(tall.bottom - tall.top, tall.x1 - tall.x0)

    def test_what_was_typed_into_a_form_is_read(self):
        pdf = samples.Pdf()
        look = pdf.stream(
            b"BT /F 10 Tf 2 5 Td (INV-77) Tj ET",
            "/Type /XObject /Subtype /Form /BBox [0 0 200 20] "
            f"/Resources << /Font << /F {pdf.font} 0 R >> >>",
        )
        field = pdf.add(
            "<< /Type /Annot /Subtype /Widget /FT /Tx /T (no) /V (INV-77) /F 4 "
            f"/Rect [100 600 300 620] /AP << /N {look} 0 R >> >>"
        )
        pdf.page(samples.content(), f"/Annots [{field} 0 R]")
        pdf.catalog = f"/AcroForm << /Fields [{field} 0 R] >>"
        words = {word.text: word for word in self.only_page(bytes(pdf)).words}
        self.assertAlmostEqual(words["INV-77"].x0, 102, delta=1.5)

    def test_pages_are_numbered_and_a_blank_one_is_there(self):
        pdf = samples.Pdf()
        for body in (samples.content(), b"", samples.content()):
            pdf.page(body)
        document = read(bytes(pdf), "three.pdf")
        self.assertEqual([page.number for page in document.pages], [1, 2, 3])
        sources = [page.source for page in document.pages]
        self.assertEqual(sources, ["text", "none", "text"])
        self.assertEqual(document.notes, ())

    def test_a_document_of_blank_pages_says_so(self):
        self.assertEqual(read(samples.text_pdf(()), "blank.pdf").notes, ("blank",))

    def test_sources_and_notes_are_those_that_are_documented(self):
        document = read(samples.scan_pdf(), "scan.pdf")
        self.assertIn(document.pages[0].source, SOURCES)
        self.assertLessEqual(set(document.notes), set(NOTES))


class TestTypes(ReadingCase):
    def test_the_content_decides_and_not_the_name(self):
        for name in ("bill.pdf", "bill.jpg", "bill", "bill.exe", "../../x\0.xml"):
            document = read(samples.text_pdf(), name)
            self.assertEqual(document.mimetype, filetypes.PDF)

    def test_what_comes_before_a_pdf_does_not_matter(self):
        data = b"X-Scanner: 7\r\n\r\n" + samples.text_pdf()
        self.assertIn("INVOICE", [word.text for word in self.only_page(data).words])

    def test_electronic_invoices_are_handed_on_in_one_form(self):
        utf16 = samples.UBL.decode().replace("UTF-8", "UTF-16").encode("utf-16")
        marked = b"\xef\xbb\xbf" + samples.UBL
        for xml in (samples.UBL, samples.CII, samples.FATTURA, utf16, marked):
            document = read(xml, "bill.pdf")
            self.assertEqual(document.mimetype, filetypes.XML)
            self.assertEqual(document.pages, ())
            self.assertEqual(document.xml, einvoice.extracted(xml))
            self.assertTrue(document.xml.startswith(b"<"))
            self.assertIn(b"xmlns", document.xml)
        self.assertEqual(read(utf16).xml, read(marked).xml)

    def test_a_photo_of_an_iphone(self):
        self.assertEqual(filetypes.mimetype(samples.HEIC), filetypes.HEIC)
        if not importlib.util.find_spec("pi_heif"):
            self.skipTest("pi-heif is not installed.")
        [(picture, _dpi)] = pictures.frames(samples.HEIC, Limits())
        self.assertEqual((picture.size, picture.mode), ((64, 48), "L"))
        self.assertLess(picture.getpixel((5, 20)), 40)
        self.assertGreater(picture.getpixel((60, 20)), 215)

    def test_a_photo_of_an_iphone_without_the_library(self):
        with mock.patch.dict(sys.modules, {"pi_heif": None}):
            with self.assertRaises(Unreadable) as caught:
                list(pictures.frames(samples.HEIC, Limits()))
        self.assertEqual(caught.exception.cause, "heic")
        self.assertIn("JPEG", str(caught.exception))

    def test_others_of_the_family_of_heic_are_no_pictures(self):
        for kind in (b"avif", b"isom", b"qt  "):
            data = samples.HEIC[:8] + kind + samples.HEIC[12:]
            self.assert_unreadable("not_a_document", data)

    def test_xml_that_is_no_invoice_is_none(self):
        self.assert_unreadable("not_a_document", b"<?xml version='1.0'?><note/>")
        self.assert_unreadable("not_a_document", b"<!DOCTYPE html><html></html>")
        self.assert_unreadable("not_a_document", b"<Invoice><ID>1</ID></Invoice>")
        self.assert_unreadable("damaged", b"<Invoice><ID>1</Invoice>")

    def test_a_pdf_with_an_electronic_invoice_gives_both(self):
        for name in ("factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.XML"):
            pdf = samples.Pdf()
            pdf.page(samples.content())
            pdf.attach(name, samples.CII)
            document = read(bytes(pdf), "bill.pdf")
            self.assertEqual(document.xml, einvoice.extracted(samples.CII))
            self.assertEqual(document.pages[0].source, "text")

    def test_other_attachments_are_none(self):
        for name, data in (("terms.xml", b"<terms/>"), ("bill.xml", b"no XML")):
            pdf = samples.Pdf()
            pdf.page(samples.content())
            pdf.attach(name, data)
            self.assertIsNone(read(bytes(pdf), "bill.pdf").xml)

    def test_what_is_no_document_is_refused(self):
        office = samples.zipped(("[Content_Types].xml", b"<Types/>"))
        others = (b"Dear Sirs", b"\x7fELF\2\1\1", b"GIF89a", b"{}", b"<")
        for data in (office, *others):
            self.assert_unreadable("not_a_document", data)

    def test_a_zip_is_to_be_unpacked_first(self):
        self.assert_unreadable("archive", samples.zipped(("a.xml", samples.UBL)))

    def test_every_cause_has_a_sentence_of_its_own(self):
        for cause, sentence in Unreadable.CAUSES.items():
            error = Unreadable(cause, format="Finvoice")
            self.assertEqual(str(error), sentence % {"format": "Finvoice"})
        self.assertEqual(len(set(Unreadable.CAUSES.values())), len(Unreadable.CAUSES))


class TestRendering(ReadingCase):
    def test_pages_as_pictures(self):
        pdf = samples.Pdf()
        for _ in range(3):
            pdf.page(samples.content())
        found = render(bytes(pdf), (1, 3, 9), side=400)
        self.assertEqual(len(found), 2)
        self.assertEqual(filetypes.mimetype(found[0]), "image/png")
        size = int.from_bytes(found[0][16:20], "big"), found[0][20:24]
        self.assertEqual((size[0], int.from_bytes(size[1], "big")), (283, 400))

    def test_a_picture_as_a_picture(self):
        data = samples.saved(samples.picture(dpi=72), "JPEG")
        self.assertEqual(len(render(data)), 1)

    def test_what_has_no_pages_has_no_pictures(self):
        with self.assertRaises(Unreadable) as caught:
            render(samples.UBL)
        self.assertEqual(caught.exception.cause, "not_a_document")


class TestSurroundings(ReadingCase):
    def test_it_works_as_a_module_of_the_addon_and_imports_no_odoo(self):
        script = """
            import sys
            from odoo.addons.ai_queue.engine.documents.files.reading import read
            from odoo.addons.ai_queue.engine.errors import Unreadable
            print(len(read(open(sys.argv[1], "rb").read(), "x").pages))
            try:
                read(b"nothing", "x")
            except Unreadable as error:
                print(error.cause)
        """
        with tempfile.TemporaryDirectory() as directory:
            addon = Path(directory, "odoo/addons/ai_queue")
            addon.mkdir(parents=True)
            # importing this in the process that reads would fail
            guard = "import sys\nassert 'worker' not in str(sys.argv)\n"
            Path(directory, "odoo/__init__.py").write_text(guard)
            Path(addon, "engine").symlink_to(ENGINE)
            file = Path(directory, "bill")
            file.write_bytes(samples.text_pdf())
            done = subprocess.run(
                [sys.executable, "-c", textwrap.dedent(script), file],
                env={"PYTHONPATH": directory},
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertEqual(done.stdout.split(), ["1", "not_a_document"], done.stderr)

    def test_the_process_and_its_session_give_way_to_everybody(self):
        script = """
            import os, sys
            from engine.documents.files import worker
            os.nice(3)
            worker.AUTOGROUP = sys.argv[1]
            worker.give_way()
            print(os.nice(0))
        """
        with tempfile.TemporaryDirectory() as directory:
            session = Path(directory, "autogroup")
            for file in (session, Path(directory, "none/of/that")):
                done = subprocess.run(
                    [sys.executable, "-c", textwrap.dedent(script), file],
                    env={"PYTHONPATH": str(ENGINE.parent)},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                niceness = int(done.stdout or 0)
                # never less than that of the server that reads
                self.assertEqual(niceness, min(19, os.nice(0) + 13), done.stderr)
            self.assertEqual(session.read_text(), str(niceness))
