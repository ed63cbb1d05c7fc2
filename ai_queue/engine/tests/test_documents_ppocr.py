import io
import os
import unittest
from unittest import mock

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..documents.files import (
    agreement,
    attempts,
    layout,
    letters,
    ocr,
    ppocr,
    ppocr_page,
    readers,
    regions,
    tesseract,
)
from ..documents.files.deadline import Deadline
from ..documents.files.levels import Levels
from ..documents.files.reading import read, render
from ..documents.files.regions import Region
from ..documents.files.seen import OcrError, Reading, Seen
from ..documents.files.shapes import Limits, Page, Word
from ..errors import Unreadable
from . import document_samples as samples

#: A page of few lines, for reading takes as long as there is text.
LINES = (
    (40, 60, "Example Supplies Ltd"),
    (300, 60, "INVOICE"),
    (40, 110, "Invoice number: INV-2024-0815"),
    (40, 150, "Office chairs, black"),
    (340, 150, "1,200.00"),
    (40, 190, "Total due"),
    (340, 190, "1,234.50"),
)
EXPECTED = (
    "Example Supplies Ltd INVOICE",
    "Invoice number: INV-2024-0815",
    "Office chairs, black 1,200.00",
    "Total due 1,234.50",
)


def picture(lines=LINES, size=(900, 500), scale=2.0, letters_=12):
    """A grey picture of lines of text."""
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(letters_ * scale)
    for x, y, text in lines:
        draw.text((x * scale, (y - letters_) * scale), text, fill=0, font=font)
    return image


def rectangle(x, y, length, height, angle=0.0, size=(200, 300)):
    """A map with the core of a line on it; ``size`` is height and width."""
    ys, xs = np.mgrid[: size[0], : size[1]] + 0.5
    along = (xs - x) * np.cos(angle) + (ys - y) * np.sin(angle)
    across = (ys - y) * np.cos(angle) - (xs - x) * np.sin(angle)
    inside = (np.abs(along) < length / 2) & (np.abs(across) < height / 2)
    return np.where(inside, 0.9, 0.0)


class TestRegions(unittest.TestCase):
    def test_a_line_is_found_and_grown(self):
        [found] = regions.find(rectangle(150, 100, 120, 10))
        self.assertAlmostEqual(found.x, 150, delta=1)
        self.assertAlmostEqual(found.y, 100, delta=1)
        self.assertGreater(found.height, 20)
        self.assertAlmostEqual(found.length - found.height, 110, delta=2)
        self.assertAlmostEqual(found.angle, 0, delta=0.01)

    def test_a_line_at_any_angle(self):
        for angle in (-0.4, -0.05, 0.1, 0.6):
            with self.subTest(angle=angle):
                [found] = regions.find(rectangle(150, 100, 120, 10, angle))
                self.assertAlmostEqual(found.angle, angle, delta=0.03)
                self.assertFalse(found.lies)

    def test_text_on_its_side(self):
        [found] = regions.find(rectangle(150, 100, 10, 120))
        self.assertTrue(found.lies)
        self.assertGreater(found.length, 100)
        corners = np.array(found.corners())
        # read from below: it begins at the lower left
        self.assertGreater(corners[0][1], 140)
        self.assertLess(corners[0][0], 150)

    def test_a_few_letters_are_level(self):
        [found] = regions.find(rectangle(150, 100, 20, 12, 0.2))
        self.assertEqual(found.angle, 0.0)

    def test_parts_that_touch_at_a_corner_are_one(self):
        chances = np.zeros((100, 100))
        chances[20:30, 20:50] = chances[30:40, 50:80] = 0.9
        self.assertEqual(len(regions.find(chances)), 1)
        chances[30:40, 50] = 0
        self.assertEqual(len(regions.find(chances)), 2)

    def test_what_bends_back_is_one(self):
        chances = np.zeros((100, 100))
        chances[10:60, 10:16] = chances[10:60, 40:46] = chances[54:60, 10:46] = 0.9
        self.assertEqual(len(regions.find(chances)), 1)

    def test_lines_at_both_edges_of_neighbouring_rows_stay_apart(self):
        chances = np.zeros((100, 100))
        chances[20:30, 60:100] = chances[31:40, 0:40] = 0.9
        self.assertEqual(len(regions.find(chances)), 2)

    def test_dirt_and_faint_places_are_none(self):
        chances = np.zeros((100, 100))
        chances[10:12, 10:12] = 0.9
        chances[50:60, 20:80] = 0.4
        self.assertEqual(regions.find(chances), [])
        self.assertEqual(regions.find(np.zeros((64, 64))), [])


class TestLetters(unittest.TestCase):
    LETTERS = list("0123456789.，ab年")

    def line(self, text, others=None, pitch=8):
        """A `Line` of a text with a letter every second step, on black boxes.

        :param others: place → a letter that is nearly as likely
        """
        alphabet = letters.Alphabet(self.LETTERS)
        chances = np.zeros((2 * len(text) + 2, len(alphabet.letters)))
        chances[:, 0] = 0.9
        strip = Image.new("L", (pitch * len(chances), 48), 255)
        draw = ImageDraw.Draw(strip)
        for at, letter in enumerate(text):
            step = 2 * at + 1
            if letter == "_":
                continue
            chances[step] = 0
            chances[step, alphabet.letters.index(letter)] = 0.9
            if letter != " ":
                x = pitch * step
                draw.rectangle((x + 1, 12, x + 6, 35), fill=0)
            if others and at in others:
                chances[step, alphabet.letters.index(others[at])] = 0.4
        return alphabet.line(chances, strip)

    def texts(self, tokens):
        return [one.text for one in tokens]

    def test_a_blank_parts_words(self):
        line = self.line("12 ab")
        self.assertEqual(self.texts(line.western), ["12", "ab"])
        one, other = line.western
        self.assertAlmostEqual(one.x0, 9, delta=2)
        self.assertAlmostEqual(one.x1, 31, delta=2)
        self.assertAlmostEqual(other.x0, 57, delta=2)
        self.assertAlmostEqual(one.top, 12, delta=1)
        self.assertAlmostEqual(one.bottom, 36, delta=1)
        self.assertAlmostEqual(one.confidence, 0.9, delta=0.01)

    def test_a_wide_gap_parts_words_without_a_blank(self):
        self.assertEqual(self.texts(self.line("1.50___2.00").western), ["1.50", "2.00"])
        self.assertEqual(self.texts(self.line("1.502.00").western), ["1.502.00"])

    def test_the_same_letter_twice(self):
        self.assertEqual(self.texts(self.line("1100").western), ["1100"])

    def test_wide_signs_become_those_of_latin_letters(self):
        self.assertEqual(self.texts(self.line("1，50").western), ["1,50"])

    def test_western_letters_take_the_place_of_others(self):
        line = self.line("12年", {2: "4"})
        self.assertEqual(self.texts(line.any), ["12年"])
        self.assertEqual(self.texts(line.western), ["124"])
        self.assertLess(line.western[0].confidence, 0.6)

    def test_a_day_and_a_time_without_a_blank_are_two_words(self):
        for text, parts in (
            ("14-03-201810:22:59", ["14-03-2018", "10:22:59"]),
            ("14/03/1810:22", ["14/03/18", "10:22"]),
            ("2018-03-1410:22", ["2018-03-14", "10:22"]),
            ("14-03-2018", ["14-03-2018"]),
            ("10:22:59", ["10:22:59"]),
        ):
            token = letters.Token(text, 0.0, 10.0 * len(text), 0.0, 20.0, 0.9)
            found = letters._parted(token)
            self.assertEqual([one.text for one in found], parts)
            self.assertEqual(found[-1].x1, token.x1)

    def test_spots_are_no_accents_where_no_word_surely_has_one(self):
        def texts(*words):
            tokens = [letters.Token(text, 0, 9, 0, 9, sure) for text, sure in words]
            [found] = ppocr_page._without_dirt([tokens])
            return [one.text for one in found]

        self.assertEqual(texts(("TÁX", 0.8), ("Total", 0.99)), ["TAX", "Total"])
        french = (("à", 0.99), ("payé", 0.98), ("Référence", 0.8))
        self.assertEqual(texts(*french), ["à", "payé", "Référence"])

    def test_light_letters_on_a_dark_field(self):
        strip = Image.new("L", (80, 48), 20)
        ImageDraw.Draw(strip).rectangle((20, 10, 50, 40), fill=240)
        ink = letters._ink(strip)
        self.assertTrue(ink[20, 30])
        self.assertFalse(ink[5, 5])


class TestAgreement(unittest.TestCase):
    """What becomes of a figure that two readers read alike, or not."""

    def line(self, *tokens):
        strip = Image.new("L", (400, 48), 255)
        ImageDraw.Draw(strip).rectangle((10, 10, 390, 38), fill=0)
        places = (
            letters.Token(text, 100.0 * at, 100.0 * at + 80, 10.0, 38.0, sure)
            for at, (text, sure) in enumerate(tokens)
        )
        found = tuple(places)
        return letters.Line(strip, found, found)

    def checked(self, line, other, third=""):
        """The words of a line, where Tesseract and a third look read these."""
        networks = mock.Mock()
        networks.read_strips.side_effect = lambda strips, deadline: [
            self.line((third, 0.9)) for _strip in strips
        ]

        def answer(sheet, names, seconds, layout):
            self.sheet = sheet
            top = agreement.MARGIN + 10
            return [Seen(other, 20, top, 90, top + 28, 0.5, 28)] if other else []

        with mock.patch.object(tesseract, "words", side_effect=answer) as asked:
            [found] = agreement.checked([line], networks, ("eng",), Deadline(10))
        self.asked = asked.called
        return [(one.text, round(one.confidence, 2)) for one in found.western]

    def test_what_is_sure_and_what_is_no_figure_is_not_asked(self):
        line = self.line(("758.70", 0.98), ("Total", 0.4))
        self.assertEqual(self.checked(line, "1"), [("758.70", 0.98), ("Total", 0.4)])
        self.assertFalse(self.asked)

    def test_where_both_agree_it_is_surer(self):
        for other in ("758.70", "758,70", ":758.70"):
            self.assertEqual(
                self.checked(self.line(("758.70", 0.6)), other)[0][1], 0.88
            )

    def test_a_third_look_that_agrees_with_the_first_leaves_it(self):
        found = self.checked(self.line(("758.70", 0.6)), "753.70", "758.70")
        self.assertEqual(found, [("758.70", 0.6)])

    def test_a_third_look_that_agrees_with_the_other_changes_it(self):
        found = self.checked(self.line(("758.70", 0.6)), "753.70", "753.70")
        self.assertEqual(found, [("753.70", agreement.SETTLED)])
        found = self.checked(self.line(("758.70", 0.95)), "753.70", "753.70")
        self.assertEqual(found, [("758.70", agreement.DOUBTED)])

    def test_three_that_differ_leave_a_doubt(self):
        found = self.checked(self.line(("758.70", 0.6)), "753.70", "738.70")
        self.assertEqual(found, [("758.70", agreement.DOUBTED)])

    def test_where_the_other_reads_nothing_all_stays(self):
        self.assertEqual(
            self.checked(self.line(("758.70", 0.6)), ""), [("758.70", 0.6)]
        )

    def test_a_page_of_doubts_is_bounded(self):
        lines = [self.line(("12.50", at / 1000)) for at in range(300)]
        networks = mock.Mock()
        networks.read_strips.return_value = []
        with mock.patch.object(tesseract, "words", return_value=[]) as asked:
            agreement.checked(lines, networks, ("eng",), Deadline(10))
        self.assertLess(asked.call_args.args[0].height, 5000)


class TestLevels(unittest.TestCase):
    SIZE = (1000, 1400)

    def regions(self, angle_at):
        """Lines all over a page, which fall as a function of their place says."""
        return [
            Region(x, y, 200, 20, angle_at(x, y))
            for x in (200, 500, 800)
            for y in range(100, 1400, 100)
        ]

    def spread(self, levels, row):
        """By how much places of one row of print differ in height."""
        heights = [levels.place(x, y)[1] for x, y in row]
        return max(heights) - min(heights)

    def test_a_page_laid_askew(self):
        for angle in (-0.3, 0.02, 0.5):
            levels = Levels.of(self.regions(lambda x, y, a=angle: a), self.SIZE)
            row = [(x, 700 + (x - 500) * np.tan(angle)) for x in (100, 500, 900)]
            self.assertLess(self.spread(levels, row), 2)

    def test_a_page_seen_from_aside(self):
        # lines meet far to the right: those above fall, those below rise
        levels = Levels.of(
            self.regions(lambda x, y: np.arctan2(700 - y, 6000 - x)), self.SIZE
        )
        for y in (150, 700, 1300):
            slope = (700 - y) / 6000
            row = [(x, y + x * slope) for x in (50, 500, 950)]
            self.assertLess(self.spread(levels, row), 10)

    def test_a_bent_page(self):
        levels = Levels.of(self.regions(lambda x, y: (x - 500) / 8000), self.SIZE)
        row = [(x, 700 + (x - 500) ** 2 / 16000) for x in (100, 300, 500, 900)]
        self.assertLess(self.spread(levels, row), 4)

    def test_stray_lines_and_none(self):
        stray = Region(500, 500, 150, 20, 0.6)
        levels = Levels.of([*self.regions(lambda x, y: 0.0), stray], self.SIZE)
        self.assertAlmostEqual(levels.place(100, 100)[1], 100, delta=1)
        self.assertEqual(Levels.of([], self.SIZE).place(5.0, 7.0), (5.0, 7.0))


class TestLayout(unittest.TestCase):
    def test_what_runs_up_the_page_is_beside_no_row(self):
        words = [
            Word("Reg.", 10, 500, 20, 540),
            Word("No.", 10, 470, 20, 495),
            Word("Total", 60, 500, 90, 510),
            Word("5.00", 300, 500, 320, 510),
            Word("1", 60, 520, 64, 530),
        ]
        found = [[word.text for word in line] for line in layout.lines(words)]
        self.assertEqual(found, [["Total", "5.00"], ["1"], ["Reg.", "No."]])


class TestReaders(unittest.TestCase):
    def setUp(self):
        super().setUp()
        # as if both were there
        for name, value in (("networks", ("a", "b")),):
            patch = mock.patch.object(readers, name, return_value=value)
            patch.start()
            self.addCleanup(patch.stop)
        patch = mock.patch.object(tesseract, "is_available", return_value=True)
        self.tesseract = patch.start()
        self.addCleanup(patch.stop)

    def test_all_that_are_there_are_used(self):
        self.assertEqual(readers.engines(), {"ppocr": True, "tesseract": True})
        self.assertEqual(readers.chosen(Limits()), ("ppocr", "tesseract"))

    def test_one_can_be_chosen(self):
        self.assertEqual(readers.chosen(Limits(ocr="tesseract")), ("tesseract",))
        with mock.patch.dict(os.environ, {readers.VARIABLE: "ppocr"}):
            self.assertEqual(readers.chosen(Limits()), ("ppocr",))
            self.assertEqual(readers.chosen(Limits(ocr="tesseract")), ("tesseract",))
        with mock.patch.dict(os.environ, {readers.VARIABLE: "unknown"}):
            self.assertEqual(readers.chosen(Limits()), ("ppocr", "tesseract"))

    def test_one_that_is_not_there_is_not_used(self):
        self.tesseract.return_value = False
        self.assertEqual(readers.chosen(Limits()), ("ppocr",))
        self.assertEqual(readers.chosen(Limits(ocr="tesseract")), ())
        with mock.patch.object(readers, "networks", return_value=None):
            self.assertEqual(readers.chosen(Limits()), ())

    def test_the_light_one_where_the_server_has_no_room(self):
        bounds = (100 << 20, 1500 << 20)
        with mock.patch.object(readers.resource, "getrlimit", return_value=bounds):
            self.assertEqual(readers.chosen(Limits()), ("tesseract",))

    def test_a_package_that_is_missing(self):
        mock.patch.stopall()
        for missing in (readers.PACKAGE, readers.RUNTIME):
            real = readers.importlib.util.find_spec
            readers.networks.cache_clear()
            with mock.patch.object(
                readers.importlib.util,
                "find_spec",
                lambda name, gone=missing, real=real: (
                    None if name == gone else real(name)
                ),
            ):
                self.assertIsNone(readers.networks())
        readers.networks.cache_clear()


@unittest.skipUnless(readers.networks(), "onnxruntime and rapidocr are not installed")
class TestPages(unittest.TestCase):
    """Pages read in this very process, for loading the networks takes a while."""

    def read_page(self, image):
        page = Page(1, image.width / 2, image.height / 2, (), "none")
        return ocr.read_page(image, page, 144, ("ppocr",), Deadline(90, 5))

    def text(self, page):
        return [
            " ".join(word.text for word in line) for line in layout.lines(page.words)
        ]

    def assert_read(self, image):
        page = self.read_page(image)
        self.assertEqual(tuple(self.text(page)), EXPECTED)
        return page

    def test_words_stand_where_they_were_printed(self):
        page = self.assert_read(picture())
        self.assertEqual(page.source, "ocr")
        places = {word.text: word for word in page.words}
        total = places["1,234.50"]
        self.assertAlmostEqual(total.x0, 340, delta=2)
        self.assertAlmostEqual(places["Example"].x0, 40, delta=2)
        self.assertAlmostEqual(places["due"].bottom, 190, delta=3)
        self.assertGreater(total.confidence, 0.9)
        self.assertLess(total.confidence, 1.0)
        self.assertAlmostEqual(total.bottom - total.top, 10, delta=3)

    def test_a_page_held_in_any_way(self):
        for turn in (90, 180, 270):
            with self.subTest(turn=turn):
                page = self.assert_read(picture().rotate(turn, expand=True))
                self.assertGreater(page.width, page.height)
                self.assertEqual(page.turned, turn)

    def test_a_page_laid_askew(self):
        paper = Image.new("L", (1100, 800), 255)
        paper.paste(picture(), (100, 150))
        self.assert_read(paper.rotate(7, Image.Resampling.BICUBIC, fillcolor=255))

    def test_a_photo_from_aside_in_half_shadow(self):
        paper = picture()
        seen = paper.transform(
            paper.size,
            Image.Transform.QUAD,
            (-60, -40, -20, 540, 930, 500, 880, -10),
            Image.Resampling.BICUBIC,
            fillcolor=255,
        )
        shade = Image.linear_gradient("L").resize(seen.size)
        shade = shade.point(lambda value: 80 + value // 2)
        dark = Image.composite(seen, Image.new("L", seen.size, 20), shade)
        self.assert_read(dark)

    def test_a_small_paper_on_a_large_photo(self):
        photo = Image.new("L", (2400, 1800), 60)
        paper = picture().resize((360, 200), Image.Resampling.LANCZOS)
        photo.paste(paper, (1500, 1100))
        words = {word.text: word for word in self.read_page(photo).words}
        self.assertLessEqual({"INV-2024-0815", "1,200.00", "1,234.50"}, set(words))
        place = (1500 + 340 * 2 * 0.4) / 2
        self.assertAlmostEqual(words["1,234.50"].x0, place, delta=3)

    def test_text_that_runs_up_the_page(self):
        paper = Image.new("L", (1000, 500), 255)
        paper.paste(picture(), (100, 0))
        side = picture([(10, 20, "Registered 4711")], (360, 50)).rotate(90, expand=True)
        paper.paste(side, (10, 60))
        page = self.read_page(paper)
        self.assertEqual(tuple(self.text(page)), (*EXPECTED, "Registered 4711"))

    def test_a_receipt_of_one_column(self):
        lines = [(10, 30 + 24 * row, f"ITEM {row}  {row}.50") for row in range(1, 9)]
        page = self.read_page(picture(lines, (300, 700)))
        self.assertEqual(self.text(page)[-1], "ITEM 8 8.50")
        self.assertEqual(len(self.text(page)), 8)

    def test_letters_of_europe(self):
        text = "Müller & Søn, Muñoz, Étoile 12,50 €"
        (page,) = render(samples.text_pdf([(40, 60, text)]), side=1200)
        image = Image.open(io.BytesIO(page)).crop((0, 0, 700, 200))
        self.assertEqual(self.text(self.read_page(image)), [text])

    def test_time_is_bounded(self):
        page = Page(1, 400, 250, (), "none")
        with self.assertRaises(OcrError):
            ocr.read_page(picture(), page, 144, ("ppocr",), Deadline(0))

    def test_where_it_has_too_little_memory_the_other_reads(self):
        failing = mock.patch.object(
            ppocr.networks().finder.__class__, "run", side_effect=MemoryError
        )
        page = Page(1, 400, 250, (), "none")
        other = mock.patch.object(
            attempts, "read", return_value=Reading([], 0, picture())
        )
        with failing, other as asked:
            ocr.read_page(picture(), page, 144, ("ppocr", "tesseract"), Deadline(9))
            self.assertTrue(asked.called)
            with self.assertRaises(OcrError):
                ocr.read_page(picture(), page, 144, ("ppocr",), Deadline(9))

    def test_a_page_of_shades_without_letters(self):
        image = Image.linear_gradient("L").resize((600, 400))
        self.assertEqual(self.read_page(image).source, "none")


@unittest.skipUnless(readers.networks(), "onnxruntime and rapidocr are not installed")
class TestProcess(unittest.TestCase):
    """Reading in a process of its own, within its bounds."""

    #: it gives way to whatever else the machine does
    PATIENT = Limits(patience=6)

    def test_it_is_used_unless_another_is_chosen(self):
        document = read(samples.saved(picture(), "PNG"), "photo.png", self.PATIENT)
        self.assertIn("ocr", document.notes)
        words = [word.text for word in document.pages[0].words]
        self.assertIn("INV-2024-0815", words)

    def test_it_needs_no_tesseract(self):
        variables = {tesseract.VARIABLE: "/nowhere"}
        data = samples.saved(picture(LINES[:2]), "PNG")
        with mock.patch.dict(os.environ, variables):
            self.assertIn("ocr", read(data, "photo.png", self.PATIENT).notes)
            with self.assertRaises(Unreadable) as caught:
                read(data, "photo.png", Limits(ocr="tesseract"))
        self.assertEqual(caught.exception.cause, "ocr_missing")


if __name__ == "__main__":
    unittest.main()
