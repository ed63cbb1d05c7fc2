# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date

from odoo.tests import BaseCase

from ..specification import Measure
from ..understanding.lexicon import Lexicon
from ..understanding.reading import understand
from ..understanding.text import fold

TODAY = date(2026, 3, 18)
COUNTRIES = {
    **{"germany": "DE", "deutschland": "DE", "france": "FR"},
    **{"fr": "FR", "us": "US", "es": "ES", "at": "AT", "it": "IT"},
}
CUSTOMERS = {
    *("acme", "globex", "azure interior", "mars", "total"),
    *("march consulting", "the jackson group"),
}


def resolve(subject, text):
    """As Odoo finds records, among a few of them."""
    folded, dimensions = fold(text), subject.dimensions
    if len(text) == 2 and not text.isupper():
        return None
    if "country" in dimensions and folded in COUNTRIES:
        return dimensions["country"], COUNTRIES[folded]
    for concept in ("customer", "vendor", "partner"):
        if concept in dimensions and folded in CUSTOMERS:
            return dimensions[concept], text
    return None


class TestReportNames(BaseCase):
    """Names of records in a question, without a database."""

    def reading(self, question, language="en", previous=None):
        lexicon = Lexicon((language,), resolve=resolve)
        return understand(question, lexicon, TODAY, previous)

    def named(self, found):
        """The conditions on customers and countries, in words."""
        return [
            f"{'' if one.operator in ('=', 'in') else 'not '}{one.value}"
            for one in found.specification.filters
            if one.field in ("partner_id", "country_id")
        ]

    def check(self, language, question, *names):
        found = self.reading(question, language)
        self.assertEqual(self.named(found), list(names), question)
        return found

    def test_codes_of_countries(self):
        for language, question, *names in (
            ("en", "sales in the US in 2025", "US"),
            ("en", "sales to the US and Germany", "['US', 'DE']"),
            ("en", "sales in AT/IT", "['AT', 'IT']"),
            ("de", "Umsatz in ES", "ES"),
            ("fr", "ventes en FR", "FR"),
        ):
            found = self.check(language, question, *names)
            self.assertEqual(found.left, [], question)
        # Who writes all in capitals means nothing by them.
        self.check("en", "REVENUE IT IS IN GERMANY", "DE")
        self.check("en", "how much did it sell us")

    def test_names_of_words_of_ours(self):
        for language, question, name in (
            ("en", "sales to The Jackson Group by month", "The Jackson Group"),
            ("en", "sales to Mars in 2025", "Mars"),
            ("en", "sales to Total in 2025", "Total"),
            ("en", "sales to March Consulting in 2025", "March Consulting"),
            ("de", "Umsatz von Total 2025", "Total"),
            ("fr", "ventes à Total en 2025", "Total"),
        ):
            found = self.check(language, question, name)
            self.assertEqual(found.left, [], question)
            self.assertNotEqual(found.specification.measures[0].field, "price_total")
        # A time is one all the same.
        found = self.check("en", "sales from March 2025 to May 2025")
        self.assertEqual(found.specification.period.until, "2025-05-31")

    def test_what_is_left_out_is_not_the_next_name(self):
        for language, question, *names in (
            ("en", "sales without Acme in Germany", "not Acme", "DE"),
            ("de", "Umsatz ohne Acme in Deutschland", "not Acme", "DE"),
            ("fr", "CA sauf Acme en France en 2025", "not Acme", "FR"),
            ("en", "revenue without credit notes in Germany", "DE"),
            ("en", "invoices that are not overdue in Germany", "DE"),
            ("de", "nicht überfällige Rechnungen von Acme", "Acme"),
            ("en", "invoices not fully paid by Acme", "Acme"),
            ("en", "sales to Acme but not in Germany", "Acme", "not DE"),
            ("de", "Umsatz ohne den Kunden Acme", "not Acme"),
            ("en", "sales without Total in Germany", "not Total", "DE"),
            ("en", "sales without Acme and Globex", "not ['Acme', 'Globex']"),
            (
                "en",
                "sales without Acme, Azure Interior in Germany",
                "not ['Acme', 'Azure Interior']",
                "DE",
            ),
        ):
            self.check(language, question, *names)

    def test_a_label_is_added_up_as_its_field_is(self):
        """Days to confirm are an average in Odoo."""
        delay = Measure("delay", "avg")
        lexicon = Lexicon(labels=lambda model: {"Days to Confirm": delay})
        found = understand("purchases by vendor: days to confirm", lexicon, TODAY)
        self.assertEqual(found.specification.measures, (delay,))

    def test_asked_on(self):
        """What was said before stays, unless something else is said instead."""
        for language, questions, *names in (
            (
                "en",
                ("sales by customer in 2025 in Germany", "only sales of Acme"),
                "DE",
                "Acme",
            ),
            ("en", ("sales by customer in 2025", "and the sales of Acme"), "Acme"),
            ("de", ("Umsatz 2025 nach Kunde", "nur Rechnungen über 1000")),
            ("fr", ("CA 2025 par client", "seulement les factures impayées")),
        ):
            before, one = self.asked_on(language, questions)
            self.assertEqual(self.named(one), list(names), questions)
            self.assertEqual(one.specification.period, before.period, questions)
            self.assertEqual(one.specification.group_by, before.group_by, questions)
            self.assertEqual(one.left, [])
            more = [
                each
                for each in one.specification.filters
                if each not in before.filters and each.field != "move_type"
            ]
            self.assertEqual(len(more), 1, questions)
        # Another topic, or one that is only like it, is a question of its own.
        for question in ("and purchases by vendor", "and the revenue by month"):
            _before, one = self.asked_on("en", ("sales by customer in 2025", question))
            self.assertIsNone(one.specification.period)

    def test_only_a_topic_that_is_like_the_last_one(self):
        """Is never dropped without a word: it is that, or a question of its own."""
        for language, first, question, model in (
            ("en", "revenue by month this year", "only orders", "sale.order"),
            ("en", "revenue by month", "just orders over 1000", "sale.order"),
            ("en", "purchases by vendor", "only bills", "account.move"),
            ("en", "sales by customer", "only orders", "sale.order"),
            ("en", "invoices by month", "only revenue", "account.move"),
            ("de", "Umsatz nach Monat", "nur Aufträge", "sale.order"),
            ("fr", "ventes par mois", "seulement les factures", "account.move"),
        ):
            _before, one = self.asked_on(language, (first, question))
            self.assertEqual(one.specification.model, model, question)
            self.assertEqual((one.specification.group_by, one.left), ((), []))
        for language, first, question in (
            ("en", "revenue by month this year", "only invoices"),
            ("de", "Umsatz 2025 nach Produkt", "nur Rechnungen"),
            ("fr", "CA 2025 par client", "seulement les factures impayées"),
        ):
            before, one = self.asked_on(language, (first, question))
            self.assertEqual(one.specification.filters[0].value, "out_invoice")
            self.assertEqual(one.specification.group_by, before.group_by, question)
            self.assertEqual(one.specification.period, before.period, question)

    def test_the_topic_is_no_split(self):
        for language, first, question in (
            ("en", "orders by month", "only orders over 1000"),
            ("en", "orders by month", "and average order value"),
            ("en", "purchases by vendor in 2025", "only purchases of Acme"),
            ("de", "Aufträge nach Monat", "nur offene Aufträge"),
        ):
            before, one = self.asked_on(language, (first, question))
            self.assertNotEqual(one.specification, before, question)
            self.assertEqual(one.specification.group_by, before.group_by, question)
            self.assertEqual(one.left, [])

    def test_what_is_due_of_other_states(self):
        """Of paid invoices nothing is due."""
        due, untaxed = (
            Measure("amount_residual_signed", "sum"),
            Measure("amount_untaxed_signed", "sum"),
        )
        for language, first, question, measure, left in (
            ("en", "unpaid invoices by customer", "only paid invoices", untaxed, 3),
            ("en", "unpaid invoices by customer", "and paid ones", untaxed, 3),
            ("en", "overdue invoices by customer", "only paid invoices", untaxed, 3),
            ("en", "overdue invoices by customer", "only draft invoices", untaxed, 2),
            ("en", "invoices by customer", "only unpaid invoices", due, 3),
            ("en", "overdue invoices by customer", "only invoices of Acme", due, 5),
            ("en", "number of invoices by customer", "only paid invoices", None, 3),
            ("de", "unbezahlte Rechnungen", "nur bezahlte Rechnungen", untaxed, 3),
            ("fr", "factures impayées", "seulement les factures payées", untaxed, 3),
        ):
            before, one = self.asked_on(language, (first, question))
            measures = (measure,) if measure else before.measures
            self.assertEqual(one.specification.measures, measures, question)
            self.assertEqual(one.specification.group_by, before.group_by, question)
            self.assertEqual(len(one.specification.filters), left, question)

    def test_names_asked_on(self):
        for language, questions, *names in (
            ("en", ("sales without Acme", "without Globex"), "not ['Acme', 'Globex']"),
            ("en", ("sales in Germany", "also France"), "['DE', 'FR']"),
            ("de", ("Umsatz in Deutschland", "auch France"), "['DE', 'FR']"),
            ("en", ("sales in Germany", "only France"), "FR"),
            ("en", ("sales in Germany", "without France"), "DE", "not FR"),
            ("en", ("sales without Acme", "only Acme"), "Acme"),
            ("en", ("sales in Germany", "without Germany"), "not DE"),
            ("en", ("sales in Germany and France", "without France"), "DE", "not FR"),
        ):
            _before, one = self.asked_on(language, questions)
            self.assertEqual(self.named(one), list(names), questions)

    def asked_on(self, language, questions):
        before = self.reading(questions[0], language).specification
        return before, self.reading(questions[1], language, before)
