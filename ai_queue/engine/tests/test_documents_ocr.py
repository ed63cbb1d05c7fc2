import os
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from PIL import Image, ImageDraw, ImageOps

from ..documents.files import cleaning, tesseract
from ..documents.files.cleaning import WHITE
from ..documents.files.reading import read, render
from ..documents.files.shapes import Limits
from . import document_samples as samples
from . import einvoice_samples
from .test_documents_reading import ReadingCase

EXPECTED = {"Example", "INVOICE", "INV-2024-0815", "1,200.00", "34.50", "1,234.50"}
ORIENTATION, RIGHT_TURNED = 274, 6


class OcrCase(ReadingCase):
    def assert_read(self, data, name="scan", missing=0):
        """The one page of a file holds what is on `samples.picture`, in its lines."""
        document = read(data, name)
        page = document.pages[0]
        self.assertEqual(page.source, "ocr")
        self.assertIn("ocr", document.notes)
        lost = EXPECTED - {word.text for word in page.words}
        self.assertLessEqual(len(lost), missing, self.text(page))
        totals = [line for line in self.text(page) if line.startswith("Total due")]
        self.assertEqual(totals, ["Total due 1,234.50"])
        return page


class TestPictures(OcrCase):
    def test_every_kind_of_picture(self):
        picture = samples.picture()
        for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
            with self.subTest(kind=kind):
                page = self.assert_read(samples.saved(picture, kind, quality=80))
                self.assertGreater(min(page.width, page.height), 500)

    def test_every_mode_of_colour(self):
        picture = samples.picture()
        clear = Image.merge(
            "LA", (picture.point(lambda v: 0), ImageOps.invert(picture))
        )
        deep = picture.convert("I").point(lambda value: value * 257).convert("I;16")
        modes = {
            "1": picture.convert("1"),
            "P": picture.convert("P"),
            "RGBA": picture.convert("RGBA"),
            "clear": clear,
            "16 bits": deep,
        }
        for name, image in modes.items():
            with self.subTest(mode=name):
                self.assert_read(samples.saved(image, "PNG"))
        self.assert_read(samples.saved(picture.convert("CMYK"), "JPEG"))

    def test_places_are_points_of_the_page(self):
        data = samples.saved(samples.picture(dpi=150), "PNG", dpi=(150, 150))
        page = self.assert_read(data)
        word = next(word for word in page.words if word.text == "INVOICE")
        self.assertAlmostEqual(page.width, 595, delta=1)
        self.assertAlmostEqual(word.x0, 400, delta=3)
        self.assertAlmostEqual(word.bottom, 80, delta=4)
        self.assertGreater(word.confidence, 0.7)
        self.assertLessEqual(word.confidence, 1.0)

    def test_every_page_of_a_tiff(self):
        second = samples.picture([(60, 100, "Second page of the invoice")])
        data = samples.saved(
            samples.picture(), "TIFF", save_all=True, append_images=[second]
        )
        document = read(data, "scan.tiff")
        self.assertEqual([page.number for page in document.pages], [1, 2])
        self.assertIn("Second page of the invoice", self.text(document.pages[1]))

    def test_a_photo_that_says_how_it_was_held(self):
        turned = samples.picture().rotate(90, expand=True)
        exif = Image.Exif()
        exif[ORIENTATION] = RIGHT_TURNED
        page = self.assert_read(samples.saved(turned, "JPEG", exif=exif))
        self.assertGreater(page.height, page.width)

    def test_a_photo_that_does_not_say_how_it_was_held(self):
        for turn in (90, 180, 270):
            with self.subTest(turn=turn):
                turned = samples.picture().rotate(turn, expand=True)
                page = self.assert_read(samples.saved(turned, "PNG"))
                self.assertGreater(page.height, page.width)

    def test_a_page_laid_askew(self):
        for angle in (-3, 2):
            with self.subTest(angle=angle):
                askew = samples.picture().rotate(angle, Image.BICUBIC, fillcolor=255)
                self.assert_read(samples.saved(askew, "PNG"))

    def test_faint_print(self):
        self.assert_read(samples.saved(samples.picture(ink=185, paper=235), "PNG"))

    def test_a_shadow_over_the_page(self):
        picture = samples.picture()
        shade = Image.linear_gradient("L").rotate(90).resize(picture.size)
        shade = shade.point(lambda value: 90 + value // 2)
        dark = Image.composite(picture, Image.new("L", picture.size), shade)
        self.assert_read(samples.saved(dark, "JPEG"))

    def test_small_letters(self):
        picture = samples.picture(dpi=84)
        self.assert_read(samples.saved(picture, "PNG"), missing=1)

    def test_a_blank_picture(self):
        data = samples.saved(Image.new("L", (800, 1000), 250), "PNG")
        document = read(data, "blank.png")
        self.assertEqual(document.notes, ("blank",))
        self.assertEqual(document.pages[0].source, "none")


class TestScans(OcrCase):
    def test_a_pdf_that_is_a_picture(self):
        page = self.assert_read(samples.scan_pdf())
        word = next(word for word in page.words if word.text == "INVOICE")
        self.assertAlmostEqual(word.x0, 400, delta=3)

    def test_a_watermark_over_a_picture_is_no_text(self):
        mark = b"BT /F 40 Tf 100 400 Td (COPY) Tj ET"
        self.assert_read(samples.scan_pdf(text=mark))

    def test_text_over_a_picture_is_text(self):
        document = read(samples.scan_pdf(text=samples.content()), "ocr.pdf")
        self.assertEqual(document.pages[0].source, "text")
        self.assertEqual(document.notes, ())

    def test_letters_without_a_meaning_are_read_as_they_look(self):
        pdf = samples.Pdf()
        names = " ".join(f"/g{code}" for code in range(32, 127))
        pdf.objects[pdf.font - 1] = (
            "<< /Type /Font /Subtype /TrueType /BaseFont /Unknown /FirstChar 32 "
            f"/LastChar 126 /Widths [{'500 ' * 95}] "
            f"/Encoding << /Differences [32 {names}] >> "
            f"/ToUnicode {_to_private(pdf)} 0 R >>"
        ).encode()
        pdf.picture_page(samples.picture(), samples.content())
        self.assertIn("ocr", read(bytes(pdf), "garbage.pdf").notes)

    def test_each_page_is_read_in_its_own_way(self):
        pdf = samples.Pdf()
        pdf.page(samples.content())
        pdf.picture_page(samples.picture())
        document = read(bytes(pdf), "mixed.pdf")
        self.assertEqual([page.source for page in document.pages], ["text", "ocr"])

    def test_only_so_many_pages_are_read(self):
        pdf = samples.Pdf()
        for _ in range(3):
            pdf.picture_page(samples.picture(dpi=100))
        document = read(bytes(pdf), "long.pdf", Limits(ocr_pages=1))
        sources = [page.source for page in document.pages]
        self.assertEqual(sources, ["ocr", "none", "none"])
        self.assertIn("ocr_left", document.notes)

    def test_a_page_that_an_electronic_invoice_explains_is_not_read(self):
        pdf = samples.Pdf()
        pdf.picture_page(samples.picture())
        pdf.attach("factur-x.xml", einvoice_samples.cii().encode())
        document = read(bytes(pdf), "bill.pdf")
        self.assertEqual(document.notes, ())
        self.assertEqual(document.pages[0].source, "none")
        self.assertIn(b"IncludedSupplyChainTradeLineItem", document.xml)

    def test_a_page_that_holds_the_lines_of_one_is_read(self):
        pdf = samples.Pdf()
        pdf.picture_page(samples.picture())
        pdf.attach("factur-x.xml", einvoice_samples.cii(lines="").encode())
        document = read(bytes(pdf), "bill.pdf")
        self.assertTrue(document.xml)
        self.assertEqual(document.pages[0].source, "ocr")


class TestTesseract(OcrCase):
    def program(self, text):
        """Have a script stand in for Tesseract; return its directory."""
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        script = directory / "tesseract"
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
        variables = {tesseract.VARIABLE: str(script)}
        self.enterContext(mock.patch.dict(os.environ, variables))
        return directory

    def enterContext(self, context):
        # as in unittest from Python 3.11
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def test_all_languages_are_there(self):
        found = tesseract.languages()
        self.assertLessEqual({*tesseract.USUAL, *tesseract.OTHERS, "osd"}, found)

    def test_without_it_a_picture_is_unreadable(self):
        missing = mock.patch.dict(os.environ, {tesseract.VARIABLE: "/nowhere"})
        with missing:
            self.assert_unreadable("ocr_missing", samples.scan_pdf())
            picture = samples.saved(samples.picture(dpi=50), "PNG")
            self.assert_unreadable("ocr_missing", picture)

    def test_without_it_the_pages_with_text_are_read(self):
        pdf = samples.Pdf()
        pdf.page(samples.content())
        pdf.picture_page(samples.picture(dpi=50))
        with mock.patch.dict(os.environ, {tesseract.VARIABLE: "/nowhere"}):
            document = read(bytes(pdf), "mixed.pdf")
        self.assertEqual([page.source for page in document.pages], ["text", "none"])
        self.assertEqual(document.notes, ("ocr_missing",))

    def test_its_failure_is_noted(self):
        self.program(
            'test "$1" = --list-langs && printf "List\\neng\\n" && exit; exit 1'
        )
        document = read(samples.scan_pdf(), "scan.pdf")
        self.assertIn("ocr_failed", document.notes)
        self.assertEqual(document.pages[0].words, ())

    def test_it_sees_no_secret_and_one_processor(self):
        directory = self.program('env > "${0%/*}/env"; exit 1')
        secrets = {"ODOO_DB_PASSWORD": "hidden", "OPENAI_API_KEY": "hidden"}
        with mock.patch.dict(os.environ, secrets):
            self.assert_unreadable("ocr_missing", samples.scan_pdf())
        seen = (directory / "env").read_text()
        self.assertNotIn("hidden", seen)
        self.assertIn("OMP_NUM_THREADS=1", seen)

    def test_another_language_is_read_with_its_own_letters(self):
        lines = [
            (60, 100, "Factura número 17 de la compañía Muñoz y Peña"),
            (60, 130, "El importe total con los impuestos es para el año"),
            (60, 160, "Fecha de la factura: 3 de junio"),
        ]
        (picture,) = render(samples.text_pdf(lines), side=1754)
        page = read(picture, "es").pages[0]
        text = " ".join(word.text for word in page.words)
        self.assertRegex(text, "Muñoz y Peña")
        self.assertRegex(text, "año")


class TestCleaning(unittest.TestCase):
    DPI = 150

    def dark(self, picture):
        return picture.point(lambda value: WHITE * (value < 128)).histogram()[WHITE]

    def test_skew_is_measured(self):
        for angle in (-4, -0.5, 0, 1, 3.5):
            askew = samples.picture().rotate(-angle, Image.BICUBIC, fillcolor=255)
            self.assertAlmostEqual(cleaning.skew(askew), angle, delta=0.3)

    def test_rules_go_and_letters_stay(self):
        plain = samples.picture()
        ruled = plain.copy()
        draw = ImageDraw.Draw(ruled)
        for y in range(200, 800, 60):
            draw.line((100, y, 1100, y), fill=0, width=2)
            draw.line((100 + y, 200, 100 + y, 800), fill=0, width=2)
        self.assertGreater(self.dark(ruled), 1.5 * self.dark(plain))
        left = self.dark(cleaning.unruled(ruled, self.DPI))
        self.assertAlmostEqual(left / self.dark(plain), 1, delta=0.15)

    def test_light_letters_on_a_dark_field_become_dark(self):
        field = Image.new("L", (1000, 1000), 255)
        letters = samples.picture([(40, 30, "Description Price")]).crop((0, 0, 800, 90))
        field.paste(ImageOps.invert(letters), (100, 100))
        found = cleaning.positive(field, self.DPI)
        self.assertLess(self.dark(found), 0.2 * self.dark(field))
        self.assertGreater(self.dark(found), 0.5 * self.dark(letters))

    def test_bold_letters_stay(self):
        bold = samples.picture([(40, 80, "CONTOSO")], letters=40)
        self.assertEqual(cleaning.positive(bold, 150).tobytes(), bold.tobytes())


def _to_private(pdf):
    """A table that gives every character a meaning of its own."""
    table = b"1 beginbfrange <20> <7E> <E020> endbfrange"
    head = b"1 begincodespacerange <00> <FF> endcodespacerange\n"
    return pdf.stream(re.sub(rb" ", b"\n", head) + table)
