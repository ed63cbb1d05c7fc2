# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from itertools import pairwise
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AiQueueReportCommon


@tagged("post_install", "-at_install")
class TestReportReader(AiQueueReportCommon):
    """Specifications, read by whoever asks."""

    def test_read(self):
        reader = self.env["ai.queue.report.reader"]
        specification = {
            "model": "account.move",
            "measures": [{"field": "amount_untaxed_signed"}, {"field": "__count"}],
            "group_by": [{"field": "invoice_date", "granularity": "month"}],
            "filters": [
                {"field": "move_type", "operator": "=", "value": "out_invoice"},
                {"field": "state", "operator": "=", "value": "posted"},
            ],
            "period": {"field": "invoice_date", "kind": "this", "unit": "year"},
            "compare": "last_year",
        }
        product = self.create_products(1)
        self.sell("2026-01-15", (product, 3))
        self.sell("2026-02-15", (product, 5))
        self.sell("2025-01-15", (product, 2))
        result = reader._read(specification)
        self.assertEqual([row["values"][1] for row in result["rows"]], [1, 1])
        self.assertEqual(result["rows"][0]["compared"][1], 1)
        self.assertEqual(result["totals"][1], 2)

    def test_weeks_of_two_years(self):
        """Also where weeks begin on Sundays: the same weeks stand side by side."""
        product = self.create_products(1)
        self.sell("2026-01-14", (product, 3))
        self.sell("2025-01-15", (product, 2))
        specification = {
            "model": "account.move",
            "measures": [{"field": "__count"}],
            "group_by": [{"field": "invoice_date", "granularity": "week"}],
            "filters": [
                {"field": "move_type", "operator": "=", "value": "out_invoice"}
            ],
            "period": {"field": "invoice_date", "kind": "this", "unit": "year"},
            "compare": "last_year",
        }
        for start in ("7", "1"):
            self.env["res.lang"]._lang_get("en_US").sudo().week_start = start
            result = self.env["ai.queue.report.reader"]._read(specification)
            [row] = result["rows"]
            self.assertEqual(row["compared"], [1], start)
            self.assertEqual(row["groups"][0]["text"], "Week 3, 2026")

    def compare(self, granularity, compare, **period):
        """What is read of invoices in a time and another one, and the sentence."""
        specification = {
            "model": "account.move",
            "measures": [{"field": "__count"}],
            "group_by": [{"field": "invoice_date", "granularity": granularity}],
            "filters": [
                {"field": "move_type", "operator": "=", "value": "out_invoice"}
            ],
            "period": {"field": "invoice_date", **period},
            "compare": compare,
        }
        reader = self.env["ai.queue.report.reader"]
        return reader._read(specification), reader._sentence(specification)

    def test_weeks_of_two_quarters(self):
        """Each week stands beside one other, though months differ in length."""
        product = self.create_products(1)
        for day in ("2026-02-24", "2026-03-03", "2025-11-26", "2025-12-02"):
            self.sell(day, (product, 1))
        result, _sentence = self.compare(
            "week", kind="this", unit="quarter", compare="previous"
        )
        self.assertEqual([row["compared"] for row in result["rows"]], [[1], [1]])

    def test_days_that_the_other_year_has_not(self):
        product = self.create_products(1)
        for day in ("2025-02-28", "2024-02-28", "2024-02-29"):
            self.sell(day, (product, 1))
        period = {"since": "2025-02-01", "until": "2025-02-28"}
        result, _sentence = self.compare(
            "day", kind="between", compare="last_year", **period
        )
        self.assertEqual([row["compared"] for row in result["rows"]], [[2]])

    def test_compared_up_to_today(self):
        product = self.create_products(1)
        for day in ("2026-01-15", "2025-01-15", "2025-02-15", "2025-06-15"):
            self.sell(day, (product, 1))
        result, sentence = self.compare(
            "month", kind="between", since="2026-01-01", compare="last_year"
        )
        self.assertEqual(result["compared"]["until"], "2025-03-18")
        self.assertEqual(result["compared"]["totals"], [2])
        # February was only there last year.
        self.assertIn("not shown, but in its total: 1", result["notes"][-1])
        self.assertIn("compared with", sentence)
        figures = self.env["ai.queue.report.reader"]._get_figures(result)
        self.assertTrue(figures["compared"]["series"][0]["name"])
        # Nothing is before a time without a beginning.
        result, sentence = self.compare(
            "month", kind="between", until="2026-01-31", compare="last_year"
        )
        self.assertIsNone(result["compared"])
        self.assertNotIn("compared with", sentence)

    def test_an_average_of_whole_numbers_is_none(self):
        specification = {
            "model": "res.partner",
            "measures": [{"field": "color", "aggregate": "avg"}],
        }
        result = self.env["ai.queue.report.reader"]._read(specification)
        self.assertEqual(result["columns"][0]["kind"], "float")

    def test_refused(self):
        reader = self.env["ai.queue.report.reader"]
        with self.assertRaises(UserError):
            reader._check({"model": "res.users", "measures": [{"field": "__count"}]})


@tagged("post_install", "-at_install")
class TestReportSums(AiQueueReportCommon):
    """What is not the same is never added up silently."""

    def test_currencies(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.sell("2026-01-15", (self.product, 3))
        foreign = self.sell("2026-01-16", (self.product, 1), post=False)
        foreign.currency_id = euro
        foreign.action_post()
        specification = {
            "model": "account.move",
            "measures": [{"field": "amount_untaxed"}],
            "filters": [
                {"field": "move_type", "operator": "=", "value": "out_invoice"}
            ],
        }
        result = self.reader()._read(specification)
        self.assertEqual(
            {row["groups"][0]["text"] for row in result["rows"]},
            {"EUR", self.company.currency_id.name},
        )
        self.assertEqual(result["totals"], [None])
        self.assertIn("several currencies", result["notes"][0])
        self.assertIsNone(result["currency"])
        # In that of the company they are one sum.
        specification["measures"] = [{"field": "amount_untaxed_signed"}]
        result = self.reader()._read(specification)
        self.assertEqual(len(result["rows"]), 1)
        self.assertEqual(result["currency"]["name"], self.company.currency_id.name)

    def test_top_of_several_currencies(self):
        """More yen are not more than fewer euros: each currency is ranked by itself."""
        yen = self.env.ref("base.JPY")
        yen.active = True
        names = [{"name": f"Buyer {number}"} for number in range(3)]
        others = self.env["res.partner"].create(names)
        for number, (partner, currency) in enumerate(
            ((others[0], None), (others[1], None), (others[2], yen)), 1
        ):
            invoice = self.sell("2026-01-15", (self.product, number), post=False)
            invoice.partner_id = partner
            if currency:
                invoice.currency_id = currency
                invoice.invoice_line_ids.price_unit = 9999
            invoice.action_post()
        specification = {
            "model": "account.move",
            "measures": [{"field": "amount_untaxed"}],
            "group_by": [{"field": "partner_id"}],
            "filters": [
                {"field": "move_type", "operator": "=", "value": "out_invoice"}
            ],
            "order": {"by": "measure", "direction": "desc"},
            "limit": 1,
        }
        result = self.reader()._read(specification)
        found = {row["groups"][1]["text"]: row["groups"][0] for row in result["rows"]}
        own = self.company.currency_id.name
        self.assertEqual(
            {name: group["value"] for name, group in found.items()},
            {own: others[1].id, "JPY": others[2].id},
        )
        self.assertIn("cannot be ranked together", " ".join(result["notes"]))
        self.assertEqual(result["totals"], [None])
        said = self.reader()._say_in_words(specification, result)
        self.assertNotIn("Highest", said)
        # Of all of them those of one currency stand together.
        rows = self.reader()._read({**specification, "limit": None})["rows"]
        names = [row["groups"][1]["text"] for row in rows]
        self.assertEqual(len(names), 3)
        self.assertEqual(sum(one != other for one, other in pairwise(names)), 1)

    def test_units(self):
        boxes = self.create_products(1, "Box", uom_id=self.dozen.id)
        self.sell("2026-01-15", (self.product, 3), (boxes, 2))
        specification = {
            "model": "account.invoice.report",
            "measures": [{"field": "quantity"}],
            "filters": [
                {"field": "move_type", "operator": "=", "value": "out_invoice"}
            ],
        }
        result = self.reader()._read(specification)
        values = {row["groups"][0]["text"]: row["values"][0] for row in result["rows"]}
        self.assertEqual(values, {self.unit.name: 3.0, self.dozen.name: 2.0})
        self.assertEqual(result["totals"], [None])
        # Each product has one unit: nothing has to be split.
        specification["group_by"] = [{"field": "product_id"}]
        result = self.reader()._read(specification)
        self.assertEqual(len(result["columns"]), 2)
        self.assertEqual(result["totals"], [None])

    def test_no_place_left_to_split(self):
        boxes = self.create_products(1, "Box", uom_id=self.dozen.id)
        self.sell("2026-01-15", (self.product, 3), (boxes, 2))
        specification = {
            "model": "account.invoice.report",
            "measures": [{"field": "quantity"}],
            "group_by": [
                {"field": "partner_id"},
                {"field": "country_id"},
                {"field": "journal_id"},
            ],
        }
        with self.assertRaisesRegex(UserError, "several units"):
            self.reader()._read(specification)

    def test_companies_of_several_currencies(self):
        """What Odoo converts is one sum, and what it does not is split by company."""
        other = self.env["res.company"].create(
            {"name": "Elsewhere", "currency_id": self.env.ref("base.JPY").id}
        )
        reader = self.env["ai.queue.report.reader"].with_context(
            allowed_company_ids=[self.company.id, other.id]
        )
        for model, field, units in (
            ("account.invoice.report", "price_subtotal", []),
            ("account.invoice.report", "price_margin", []),
            ("account.invoice.report", "price_total", ["company_id"]),
            ("purchase.report", "untaxed_total", []),
        ):
            found = [name for name, _say in reader._get_units(model, field)]
            self.assertEqual(found, units, field)
        self.sell("2026-01-15", (self.product, 3))
        specification = {
            "model": "account.invoice.report",
            "measures": [{"field": "price_total"}],
        }
        one = reader._check(specification)
        self.assertEqual(
            reader._get_currency(one)["name"], self.company.currency_id.name
        )
        one = reader._check({**specification, "group_by": [{"field": "company_id"}]})
        self.assertIsNone(reader._get_currency(one))

    def test_what_the_database_cannot_sort(self):
        """As the value of a stock, which Odoo adds up in Python."""
        products = self.create_products(4, "Sorted")
        for number, product in enumerate(products, 1):
            self.sell("2026-01-15", (product, number))
        specification = {
            "model": "account.invoice.report",
            "measures": [{"field": "price_subtotal"}],
            "group_by": [{"field": "product_id"}],
            "order": {"by": "measure", "direction": "desc"},
            "limit": 2,
        }
        reader = self.reader()
        one = reader._check(specification)
        self.assertFalse(reader._is_sorted_here(one))
        field = self.env["account.invoice.report"]._fields["price_subtotal"]
        with patch.object(field, "store", False):
            self.assertTrue(reader._is_sorted_here(one))
        self.patch(type(reader), "_is_sorted_here", lambda self, one: True)
        for direction, values in (("desc", [40.0, 30.0]), ("asc", [10.0, 20.0])):
            specification["order"]["direction"] = direction
            rows = reader._read(specification)["rows"]
            self.assertEqual([row["values"][0] for row in rows], values)

    def test_long_statement_is_stopped(self):
        self.sell("2026-01-15", (self.product, 3))
        reader = self.reader()
        model = type(self.env["account.move"])
        original = model._read_group

        def slow(records, *args, **kwargs):
            records.env.cr.execute("SELECT pg_sleep(5)")
            return original(records, *args, **kwargs)

        self.patch(model, "_read_group", slow)
        with self.assertRaisesRegex(UserError, "was stopped"):
            reader._read(
                {"model": "account.move", "measures": [{"field": "__count"}]}, 50
            )
        # The transaction goes on.
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone()[0], "0")

    def test_top_ten_and_action(self):
        products = self.create_products(4, "Top")
        for number, product in enumerate(products, 1):
            self.sell("2026-01-15", (product, number))
        specification = {
            "model": "account.invoice.report",
            "measures": [{"field": "price_subtotal"}],
            "group_by": [{"field": "product_id"}],
            "filters": [
                {"field": "move_type", "operator": "=", "value": "out_invoice"}
            ],
            "order": {"by": "measure", "direction": "desc"},
            "limit": 2,
            "chart": "bar",
        }
        result = self.reader()._read(specification)
        self.assertEqual([row["values"] for row in result["rows"]], [[40.0], [30.0]])
        self.assertFalse(result["is_limited"])
        action = self.reader()._action(specification)
        self.assertEqual(action["views"][0], (False, "graph"))
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.product_id, products[2:])
