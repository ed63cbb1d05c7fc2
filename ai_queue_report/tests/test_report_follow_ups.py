# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date

from odoo.tests import BaseCase

from ..understanding.lexicon import Lexicon
from ..understanding.reading import understand
from .test_report_names import resolve

TODAY = date(2026, 3, 18)


class TestReportFollowUps(BaseCase):
    """What goes on about the last report, and what is a question of its own."""

    def reading(self, question, language="en", previous=None):
        lexicon = Lexicon((language,), resolve=resolve)
        return understand(question, lexicon, TODAY, previous)

    def asked_on(self, language, first, question):
        before = self.reading(first, language).specification
        return before, self.reading(question, language, before)

    def check_goes_on(self, language, first, question, *groups):
        """The period, the filters and the figure stay; it is split anew."""
        with self.subTest(question):
            before, found = self.asked_on(language, first, question)
            one = found.specification
            self.assertEqual([each.field for each in one.group_by], [*groups])
            self.assertEqual(found.left, [])
            self.assertEqual(one.measures, before.measures)
            self.assertEqual(one.filters, before.filters)
            self.assertEqual(one.period, before.period)

    def check_anew(self, language, first, question, alone=None):
        """Nothing of the last report is in it."""
        with self.subTest(question):
            _before, found = self.asked_on(language, first, question)
            wanted = self.reading(alone or question, language)
            self.assertEqual(found.specification, wanted.specification)
            self.assertIsNone(found.specification.period)

    def test_split_anew(self):
        for language, first, question, *groups in (
            ("en", "sales of 2026 by product in Germany", "by month", "date"),
            ("en", "sales of 2026 by product in Germany", "and by month", "date"),
            ("en", "sales of 2026 by product", "now by customer", "partner_id"),
            ("en", "sales of 2026 by product", "for each customer", "partner_id"),
            ("en", "sales of 2026 by product", "and sales by month", "date"),
            ("en", "sales of 2026 by product", "only sales by team", "team_id"),
            ("de", "Verkäufe 2026 nach Produkt", "nach Kunde", "partner_id"),
            ("de", "Umsatz 2026 nach Kunde", "und Umsatz nach Monat", "invoice_date"),
            ("fr", "ventes de 2026 par produit en France", "par client", "partner_id"),
            ("fr", "ventes de 2026 par produit", "et les ventes par mois", "date"),
        ):
            self.check_goes_on(language, first, question, *groups)
        _before, found = self.asked_on(
            "en", "sales of 2026 by product", "and sales by salesperson in 2025"
        )
        self.assertEqual(found.specification.period.since, "2025-01-01")

    def test_split_by_what_its_lines_have(self):
        """Invoices have customers, and their lines have products and countries."""
        period, posted = "2025-01-01", "posted"
        for language, first, question, model, group in (
            ("en", "revenue of 2025 by customer", "by product", "report", "product_id"),
            ("en", "invoices of 2025", "and invoices by country", "report", "country"),
            ("de", "Umsatz 2025 nach Kunde", "nach Produkt", "report", "product_id"),
            ("fr", "CA 2025 par client", "par produit", "report", "product_id"),
            ("en", "revenue of 2025 by product", "by payment terms", "move", "invoice"),
            ("en", "vendor bills of 2025 by vendor", "by product", "line", "product"),
        ):
            with self.subTest(question):
                _before, found = self.asked_on(language, first, question)
                one = found.specification
                self.assertTrue(one.model.endswith(model), one.model)
                self.assertTrue(one.group_by[-1].field.startswith(group))
                self.assertEqual((one.period.since, found.left), (period, []))
                self.assertIn(posted, [each.value for each in one.filters])
        _before, found = self.asked_on(
            "en", "number of orders of Acme by month 2025", "by country"
        )
        measure = found.specification.measures[0]
        self.assertEqual((measure.field, measure.aggregate), ("name", "count_distinct"))
        self.assertEqual(found.specification.filters[-1].value, "Acme")

    def test_what_lines_do_not_have_is_said(self):
        """No condition and no figure is dropped on the way to the lines."""
        for first in (
            "unpaid invoices by customer",
            "orders over 1000 by customer this year",
            "average order value by month 2025",
        ):
            _before, found = self.asked_on("en", first, "by product")
            self.assertIsNone(found.specification, first)
            self.assertEqual(found.left, ["product"], first)
        _before, found = self.asked_on(
            "en", "revenue 2026 by payment terms", "also by product"
        )
        self.assertIsNone(found.specification)

    def test_what_says_nothing_new_is_no_report(self):
        before = self.reading("revenue by product last year").specification
        self.assertIsNone(self.reading("and last year", previous=before).specification)

    def test_times_stay_when_it_is_split_by_something_else(self):
        first = "revenue 2026 by payment terms and month"
        _before, found = self.asked_on("en", first, "by product")
        fields = [each.field for each in found.specification.group_by]
        self.assertEqual(fields, ["invoice_date", "product_id"])

    def test_the_day_that_is_spoken_of(self):
        _before, found = self.asked_on("en", "invoices due next month", "by week")
        self.assertEqual(found.specification.group_by[0].field, "invoice_date_due")

    def test_a_question_of_its_own(self):
        """One that says what it is about begins anew, whatever was asked before."""
        first = "sales of 2026 by product in Germany"
        for question in (
            "sales by month",
            "revenue by customer",
            "customers by country",
            "quantity by month",
            "margin by customer",
            "margin by customer without Acme",
            "top 5 customers by margin",
            "top 5 customers by revenue",
            "purchases by vendor",
            "number of customers by country",
        ):
            self.check_anew("en", first, question)
        for language, first, question in (
            ("de", "Umsatz 2026 nach Produkt", "Marge nach Kunde"),
            ("de", "Umsatz 2026 nach Produkt", "Kunden nach Land"),
            ("fr", "ventes de 2026 par produit", "marge par client"),
        ):
            self.check_anew(language, first, question)
        # Of all of them, of other things, and of several.
        for first, question, alone in (
            ("unpaid invoices by customer", "and all invoices", "all invoices"),
            ("sales by customer in 2025", "and purchases by vendor", ""),
            ("revenue by month this year", "and revenue and margin", ""),
        ):
            self.check_anew("en", first, question, alone or question[4:])

    def test_a_figure_of_the_last_report(self):
        """A figure by itself, or after an "and", is of the last report."""
        first = "sales of 2026 by product in Germany"
        for question, field, group in (
            ("margin", "margin", "product_id"),
            ("and the margin by customer", "margin", "partner_id"),
            ("by customer and quantity", "product_uom_qty", "partner_id"),
            ("total by month", "price_total", "date"),
            ("top 5 customers", "price_subtotal", "partner_id"),
        ):
            before, found = self.asked_on("en", first, question)
            one = found.specification
            self.assertEqual(one.measures[0].field, field, question)
            self.assertEqual(one.group_by[0].field, group, question)
            self.assertEqual((one.period, one.filters), (before.period, before.filters))
