import unittest
from unittest import mock

from PIL import Image, ImageDraw

from ..documents.files import second_look, tesseract
from ..documents.files.second_look import LARGEST, MARGIN, MOST, PIXELS
from ..documents.files.seen import Seen


def seen(text, x0, top, confidence=0.3, height=20, width=None):
    """A word as it was read."""
    width = 10 * len(text) if width is None else width
    return Seen(text, x0, top, x0 + width, top + height, confidence, height)


def page(*boxes, size=(1000, 1400)):
    """A white page with black boxes in the place of letters."""
    picture = Image.new("L", size, 255)
    for box in boxes:
        ImageDraw.Draw(picture).rectangle(box, fill=0)
    return picture


class TestSecondLook(unittest.TestCase):
    """What is read again, what of it is believed, and where it is then."""

    def look(self, words, picture, answer):
        """:param answer: function of the sheet: what is read on it"""
        self.sheets = []

        def read(sheet, names, seconds, layout):
            self.sheets.append(sheet)
            return answer(sheet)

        with mock.patch.object(tesseract, "words", side_effect=read):
            return second_look.again(words, picture, ("eng",), 10)

    def test_what_is_sure_is_not_looked_at(self):
        words = [seen("Total", 100, 100, 0.9), seen("12.00", 400, 100, 0.95)]
        self.assertIs(self.look(words, page(), None), words)
        self.assertEqual(self.sheets, [])

    def test_a_surer_reading_takes_the_place_of_a_doubted_word(self):
        words = [
            seen("Invoice", 100, 50, 0.95),
            seen("nunnber", 100, 100),
            seen("4711", 600, 100, 0.95),
        ]

        def answer(sheet):
            return [seen("number", MARGIN + 20, MARGIN + 5, 0.9)]

        found = self.look(words, page((100, 102, 169, 118)), answer)
        self.assertEqual([one.text for one in found], ["Invoice", "number", "4711"])
        self.assertEqual(found[::2], words[::2])
        # about where it was: the crop begins a little before and above it
        self.assertAlmostEqual(found[1].x0, 100, delta=12)
        self.assertAlmostEqual(found[1].top, 102, delta=8)
        self.assertEqual(found[1].height, words[1].height)

    def test_what_is_hardly_surer_changes_nothing(self):
        words = [seen("nunnber", 100, 100, 0.6)]

        def answer(sheet):
            return [seen("number", MARGIN + 20, MARGIN + 5, 0.65)]

        found = self.look(words, page((100, 102, 169, 118)), answer)
        self.assertEqual(found, words)

    def test_what_has_lost_most_of_its_letters_changes_nothing(self):
        words = [seen("number:4711", 100, 100, 0.5)]

        def answer(sheet):
            return [seen("no", MARGIN + 20, MARGIN + 5, 0.99)]

        found = self.look(words, page((100, 102, 209, 118)), answer)
        self.assertEqual(found, words)

    def test_neighbours_are_read_together_and_columns_apart(self):
        words = [
            seen("Due", 100, 100),
            seen("date", 140, 100, 0.9),
            seen("1.2.", 500, 100, 0.9),
        ]

        def answer(sheet):
            return [
                seen("Due", MARGIN + 20, MARGIN + 5, 0.95),
                seen("date", MARGIN + 60, MARGIN + 5, 0.95),
            ]

        found = self.look(words, page((100, 102, 178, 118)), answer)
        self.assertEqual([one.text for one in found], ["Due", "date", "1.2."])
        self.assertGreater(found[0].confidence, 0.9)
        self.assertLess(self.sheets[0].width, LARGEST * 200)

    def test_the_rest_of_other_rows_is_cut_away(self):
        # The box is as tall as large print beside it, and reaches into two rows.
        words = [seen("label", 100, 100, height=60)]
        picture = page((100, 80, 149, 108), (100, 122, 149, 138), (100, 155, 149, 180))
        self.look(words, picture, lambda sheet: [])
        [sheet] = self.sheets
        column = [sheet.getpixel((sheet.width // 2, y)) for y in range(sheet.height)]
        dark = [y for y, grey in enumerate(column) if grey < 128]
        self.assertEqual(dark, list(range(dark[0], dark[-1] + 1)))
        # 17 pixels are enlarged to the height that is read best
        self.assertAlmostEqual(len(dark), second_look.TALL, delta=4)

    def test_a_page_of_noise_is_bounded(self):
        words = [
            seen("x" * 20, 20, 20 + 30 * at, at / 1000, width=900) for at in range(400)
        ]
        picture = page(size=(1000, 12_100))
        self.look(words, picture, lambda sheet: [])
        [sheet] = self.sheets
        self.assertLessEqual(sheet.width * sheet.height, 1.2 * PIXELS)
        self.assertLessEqual(sheet.height, MOST * (LARGEST * 40 + MARGIN) + MARGIN)

    def test_a_tiny_word_at_the_border_is_no_trouble(self):
        words = [seen(".", 0, 0, 0.1, height=1, width=1)]
        picture = Image.new("L", (3, 3), 255)
        self.assertEqual(self.look(words, picture, lambda sheet: []), words)


if __name__ == "__main__":
    unittest.main()
