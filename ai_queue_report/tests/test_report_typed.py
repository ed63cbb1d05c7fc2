# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import date
from pathlib import Path

from odoo.tests import BaseCase

from ..specification import dates
from ..understanding.lexicon import Lexicon
from ..understanding.reading import understand
from .test_report_names import resolve

QUESTIONS = Path(__file__).parent / "questions" / "typed.json"
TODAY = date(2026, 3, 18)


def say(one):
    """A specification in short, without what a question of its kind always has."""
    measures = [
        f"{each.aggregate} {each.field}".removeprefix("None ").removeprefix("sum ")
        for each in one.measures
    ]
    text = f"{one.model}: {', '.join(measures)}"
    if one.group_by:
        groups = [each.granularity or each.field for each in one.group_by]
        text += f" by {', '.join(groups)}"
    filters = [
        f"{each.field} {each.operator} {each.value}"
        for each in one.filters
        if each.field in ("partner_id", "country_id") or each.operator in ("<", ">")
    ]
    parts = [text, ", ".join(filters)]
    if one.period:
        since, until = dates(one.period, TODAY)
        compare = f" vs {one.compare}" if one.compare else ""
        parts.append(f"{since or ''}..{until or ''}{compare}")
    if one.order:
        parts.append(f"{one.order.direction} {one.limit or ''}".strip())
    return " | ".join(filter(None, parts))


class TestReportTyped(BaseCase):
    """Questions as people type them: right, or else it is said what is not."""

    def reading(self, question, language):
        lexicon = Lexicon((language,), resolve=resolve)
        return understand(question, lexicon, TODAY)

    def test_typed(self):
        """``wanted`` is what becomes of a question in short, ``left`` what is said not
        to be understood."""
        for one in json.loads(QUESTIONS.read_text()):
            with self.subTest(one["question"]):
                found = self.reading(one["question"], one["lang"])
                self.assertEqual(found.left, one.get("left", []))
                self.assertEqual(found.certainty == 1.0, "wanted" in one)
                if "wanted" in one:
                    self.assertEqual(say(found.specification), one["wanted"])

    def test_units_of_a_product(self):
        """Of a product not the orders are counted, but the pieces."""

        def resolve_product(subject, text):
            name = subject.dimensions.get("product")
            return (name, text) if name and text == "Desk" else None

        for language, question, field in (
            ("en", "how many Desk did we sell last month", "product_uom_qty"),
            ("en", "number of Desk in stock", "quantity"),
            ("de", "wie viele Desk haben wir verkauft", "product_uom_qty"),
            ("fr", "combien de Desk avons-nous vendu", "product_uom_qty"),
            ("en", "how many orders of Desk", "name"),
        ):
            lexicon = Lexicon((language,), resolve=resolve_product)
            found = understand(question, lexicon, TODAY)
            [measure] = found.specification.measures
            self.assertEqual((measure.field, found.left), (field, []), question)

    def test_the_language_of_most_words(self):
        """ "Summer" is no form of the German "Summe" where the rest is English."""
        english, german, french = (Lexicon((one,)) for one in ("en", "de", "fr"))
        for question, lexicon, other, is_rather in (
            ("sales during summer 2025", german, english, False),
            ("sales of parts by month", french, english, False),
            ("Umsatz nach Kunde", german, english, True),
            ("Sales nach Monat", german, english, True),
            ("Top 10 Kunden", german, english, True),
            ("sales by customer", english, german, True),
        ):
            self.assertEqual(lexicon.is_rather(question, other), is_rather, question)
