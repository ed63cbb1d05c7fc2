"""What a click on a page means."""

import datetime
import json
import time
import unittest
from dataclasses import replace
from decimal import Decimal

from ..documents.bills import clicked, extraction
from ..documents.files.shapes import Document
from .document_words import AMERICAN, GERMAN, document, page


def _place(shown, text):
    """The middle of the first word that begins so."""
    word = next(word for word in shown.words if word.text.startswith(text))
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return (x, y, x, y)


def _hints(whole):
    return clicked.hints(whole, extraction.extract(whole))


class TestClicked(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.german, self.american = document(GERMAN), document(AMERICAN)

    def pick(self, whole, text, kind):
        (shown,) = whole.pages
        found = clicked.pick(shown, _place(shown, text), kind, _hints(whole))
        return found and found.value

    def test_a_number_as_the_document_prints_them(self):
        self.assertEqual(self.pick(self.german, "759,22", "number"), Decimal("759.22"))
        self.assertEqual(self.pick(self.american, "$720", "number"), Decimal("720.00"))
        thousands = document("Zwischensumme  1.234,50\nGesamt  1.234")
        self.assertEqual(self.pick(thousands, "1.234", "number"), Decimal("1234.50"))
        (shown,) = thousands.pages
        last = shown.words[-1]
        place = (last.x0, last.top, last.x0, last.top)
        found = clicked.pick(shown, place, "number", _hints(thousands))
        self.assertEqual(found.value, Decimal("1234"))

    def test_a_date_in_the_order_of_the_document(self):
        day = self.pick(self.german, "05.03.2024", "date")
        self.assertEqual(day, datetime.date(2024, 3, 5))
        day = self.pick(self.american, "03/04/2024", "date")
        self.assertEqual(day, datetime.date(2024, 3, 4))

    def test_a_date_of_several_words_by_any_of_them(self):
        whole = document("Leistung vom 7. Mai 2024 bis heute")
        for word in ("7.", "Mai", "2024"):
            day = self.pick(whole, word, "date")
            self.assertEqual(day, datetime.date(2024, 5, 7), word)

    def test_the_label_of_the_only_value_means_the_value(self):
        whole = document("Rechnungsdatum: 05.03.2024")
        day = self.pick(whole, "Rechnungs", "date")
        self.assertEqual(day, datetime.date(2024, 3, 5))
        several = document("vom 05.03.2024 bis 09.03.2024")
        self.assertIsNone(self.pick(several, "bis", "date"))

    def test_one_word_or_all_that_stand_together(self):
        self.assertEqual(self.pick(self.german, "R-2024", "code"), "R-2024/0815")
        self.assertEqual(self.pick(document("Nr.: A-1,"), "A-1", "code"), "A-1")
        name = self.pick(self.german, "Werkzeuge", "phrase")
        self.assertEqual(name, "Muster Werkzeuge GmbH")

    def test_what_is_no_value_of_the_kind(self):
        self.assertIsNone(self.pick(self.german, "Köln", "date"))
        self.assertIsNone(self.pick(self.german, "Muster", "number"))
        (shown,) = self.german.pages
        self.assertIsNone(clicked.pick(shown, (590, 840, 590, 840), "code"))

    def test_words_that_were_framed(self):
        (shown,) = self.german.pages
        some = [word for word in shown.words if word.text in ("Akkuschrauber", "18")]
        place = (
            min(word.x0 for word in some) - 1,
            min(word.top for word in some) - 1,
            max(word.x1 for word in some) + 1,
            max(word.bottom for word in some) + 1,
        )
        found = clicked.pick(shown, place, "phrase")
        self.assertEqual(found.value, "Akkuschrauber 18")
        self.assertEqual(found.box.page, 1)

    def test_the_box_is_that_of_the_value(self):
        (shown,) = self.german.pages
        found = clicked.pick(shown, _place(shown, "759,22"), "number")
        word = next(word for word in shown.words if word.text == "759,22")
        self.assertEqual(found.box.x0, word.x0)
        self.assertEqual(found.box.bottom, word.bottom)

    def test_a_page_on_its_side(self):
        """Its words run up the page; a click there means what it means upright."""
        shown = page("Datum 7. Mai 2024")
        up = [
            replace(
                word,
                x0=word.top,
                x1=word.bottom,
                top=shown.height - word.x1,
                bottom=shown.height - word.x0,
                turn=3,
            )
            for word in shown.words
        ]
        turned = replace(shown, words=tuple(up))
        found = clicked.pick(turned, _place(turned, "Mai"), "date")
        self.assertEqual(found.value, datetime.date(2024, 5, 7))
        first = next(word for word in up if word.text == "7.")
        self.assertEqual(found.box.bottom, first.bottom)

    def test_what_is_kept_gives_the_same(self):
        kept = clicked.kept(self.german, extraction.extract(self.german))
        kept = json.loads(json.dumps(kept))
        shown = clicked.page_of(kept, 1)
        found = clicked.pick(
            shown, _place(shown, "05.03"), "date", clicked.hints_of(kept)
        )
        self.assertEqual(found.value, datetime.date(2024, 3, 5))
        self.assertIsNone(clicked.page_of(kept, 2))

    def test_a_frame_around_a_whole_page_takes_no_time(self):
        (shown,) = self.german.pages
        word = replace(shown.words[0], text="12mai" * 24)
        start = time.process_time()
        full = replace(shown, words=(word,) * clicked.MOST_WORDS)
        for kind in ("date", "number"):
            clicked.pick(full, (-1.0, -1.0, 999.0, 999.0), kind)
        self.assertLess(time.process_time() - start, 5)

    def test_a_word_that_is_none_is_not_kept(self):
        (shown,) = self.german.pages
        long = replace(shown.words[0], text="x" * 100_000)
        whole = Document((replace(shown, words=(long,)),), "application/pdf")
        kept = clicked.kept(whole, extraction.extract(self.german))
        self.assertEqual(kept["pages"][0]["words"], [])

    def test_what_is_kept_has_an_end(self):
        (shown,) = self.german.pages
        many = shown.words[:1] * (clicked.MOST_WORDS + 1)
        pages = tuple(
            replace(shown, number=number, words=many if number > 9 else shown.words)
            for number in range(1, clicked.MOST_PAGES + 2)
        )
        whole = Document(pages, "application/pdf")
        kept = clicked.kept(whole, extraction.extract(self.german))
        self.assertEqual(len(kept["pages"]), clicked.MOST_PAGES)
        self.assertEqual(len(kept["pages"][-1]["words"]), clicked.MOST_WORDS)
