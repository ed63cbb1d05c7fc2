# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date

from odoo.tests import BaseCase

from ..specification import dates
from ..understanding.lexicon import Lexicon
from ..understanding.reading import understand

TODAY = date(2026, 3, 18)
SALES = {"en": "sales", "de": "Umsatz", "fr": "ventes"}


class TestReportDays(BaseCase):
    """Days as people write them, with and without a word before them."""

    def reading(self, question, language="en"):
        return understand(question, Lexicon((language,)), TODAY)

    def check(self, language, words, since, until):
        with self.subTest(words):
            found = self.reading(f"{SALES[language]} {words}", language)
            days = dates(found.specification.period, TODAY)
            days = tuple(day and day.isoformat() for day in days)
            self.assertEqual((days, found.left), ((since, until), []))

    def test_a_day_without_a_word_before_it(self):
        for language, words, day in (
            ("en", "15 March", "2026-03-15"),
            ("en", "15th of March", "2026-03-15"),
            ("en", "March 15", "2026-03-15"),
            ("en", "on March 15th", "2026-03-15"),
            ("en", "Mar 15 by product", "2026-03-15"),
            ("en", "15 March 2025", "2025-03-15"),
            ("en", "March 15, 2025", "2025-03-15"),
            ("de", "15. März", "2026-03-15"),
            ("de", "15 März nach Kunde", "2026-03-15"),
            ("de", "15. März 2026", "2026-03-15"),
            ("de", "am 15.3.", "2026-03-15"),
            ("fr", "15 mars", "2026-03-15"),
            ("fr", "15 mars 2025", "2025-03-15"),
            ("fr", "le 1er mars", "2026-03-01"),
            # A day of which nothing can be known yet is that of the year before.
            ("en", "24 December", "2025-12-24"),
        ):
            self.check(language, words, day, day)
        found = self.reading("forecast 15 May").specification.period
        self.assertEqual(found.since, "2026-05-15")

    def test_from_one_day_to_another(self):
        for language, words, since, until in (
            ("en", "since March 5", "2026-03-05", None),
            ("en", "from March 5", "2026-03-05", None),
            ("en", "from March 5, 2025", "2025-03-05", None),
            ("en", "before March 5", None, "2026-03-04"),
            ("en", "between May 1 and June 15", "2025-05-01", "2025-06-15"),
            ("en", "March 1 to 15 April", "2025-03-01", "2025-04-15"),
            ("de", "vom 1.3. bis 15.3.", "2026-03-01", "2026-03-15"),
            ("de", "vom 1.3. bis 15.3.2025", "2025-03-01", "2025-03-15"),
        ):
            self.check(language, words, since, until)

    def test_days_of_one_month(self):
        """ "1 to 15 March": the month is said once."""
        for language, words, since, until in (
            ("en", "1 to 15 March", "2026-03-01", "2026-03-15"),
            ("en", "from 10 to 15 March 2025", "2025-03-10", "2025-03-15"),
            ("en", "1-15 March", "2026-03-01", "2026-03-15"),
            ("en", "March 1-15", "2026-03-01", "2026-03-15"),
            ("en", "from March 1 to 15, 2025", "2025-03-01", "2025-03-15"),
            ("en", "between the 1st and the 15th of March", "2026-03-01", "2026-03-15"),
            ("de", "1.-15. März", "2026-03-01", "2026-03-15"),
            ("de", "vom 1. bis zum 15. März 2025", "2025-03-01", "2025-03-15"),
            ("de", "zwischen 1. und 15. März", "2026-03-01", "2026-03-15"),
            ("fr", "du 1 au 15 mars", "2026-03-01", "2026-03-15"),
            ("fr", "du 1er au 15 mars 2025", "2025-03-01", "2025-03-15"),
            ("fr", "entre le 1er et le 15 mars", "2026-03-01", "2026-03-15"),
        ):
            self.check(language, words, since, until)
        # With a currency these are amounts, and two days are not those between them.
        found = self.reading("invoices between 1 and 15 euros in March")
        self.assertEqual(found.specification.filters[-1].value, 15)
        self.assertEqual(self.reading("sales on 1 and 15 March").left, ["1"])

    def test_so_many_of_a_month(self):
        """A number beside the best or the worst of something is no day."""
        for language, question, limit in (
            ("en", "customers by revenue, top 10 March to May", 10),
            ("en", "sales in March 5 best customers", 5),
            ("de", "Umsatz März 5 größte Kunden", 5),
        ):
            found = self.reading(question, language)
            self.assertEqual((found.specification.limit, found.left), (limit, []))
            since = dates(found.specification.period, TODAY)[0]
            self.assertEqual(since.day, 1, question)
        for question in ("top 5 March", "best 5 March"):
            self.assertIsNone(self.reading(question).specification, question)

    def test_a_day_compared_with_another(self):
        for language, question, compare in (
            ("en", "sales 5 March vs 4 March", "previous"),
            ("en", "sales March 5 vs March 5, 2025", "last_year"),
            ("de", "Umsatz am 5. März vs 5. März 2025", "last_year"),
        ):
            found = self.reading(question, language)
            self.assertEqual((found.specification.compare, found.left), (compare, []))
