# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import BaseCase, tagged

from ..specification import SpecificationError, parse
from ..specification.changes import change

SPECIFICATION = {
    "model": "account.move",
    "measures": [{"field": "amount_total", "aggregate": "sum"}, {"field": "__count"}],
    "group_by": [{"field": "invoice_date", "granularity": "month"}],
    "filters": [{"field": "state", "operator": "=", "value": "posted"}],
    "period": {"field": "invoice_date", "kind": "this", "unit": "year"},
    "compare": "last_year",
    "order": {"by": "measure", "direction": "desc"},
    "limit": 10,
    "chart": "line",
}


@tagged("post_install", "-at_install")
class TestChanges(BaseCase):
    def change(self, key, value=None, data=None):
        """The changed specification, which has the shape of one."""
        changed = change(data or SPECIFICATION, key, value)
        parse(changed)
        return changed

    def test_remove(self):
        only = [{"field": "__count"}]
        self.assertEqual(self.change("measure:0")["measures"], only)
        self.assertEqual(self.change("group:0")["group_by"], [])
        self.assertEqual(self.change("filter:0")["filters"], [])
        self.assertIsNone(self.change("compare")["compare"])
        changed = self.change("order")
        self.assertEqual((changed["order"], changed["limit"]), (None, None))

    def test_without_a_period_nothing_is_compared(self):
        changed = self.change("period")
        self.assertEqual((changed["period"], changed["compare"]), (None, None))

    def test_the_last_measure_gives_way_to_the_number(self):
        data = self.change("measure:1")
        self.assertEqual(
            self.change("measure:0", data=data)["measures"], [{"field": "__count"}]
        )

    def test_replace_and_add(self):
        group = {"field": "partner_id"}
        self.assertEqual(self.change("group:0", group)["group_by"], [group])
        self.assertEqual(self.change("group:new", group)["group_by"][1], group)
        period = self.change("period", {"kind": "last_n", "unit": "month", "count": 3})
        self.assertEqual(period["period"]["field"], "invoice_date")
        self.assertEqual(period["period"]["count"], 3)
        order = self.change("order", {"by": "group", "direction": "asc", "limit": 5})
        self.assertEqual((order["order"]["by"], order["limit"]), ("group", 5))
        self.assertEqual(self.change("chart", "pie")["chart"], "pie")

    def test_the_given_one_stays(self):
        before = repr(SPECIFICATION)
        self.change("measure:0")
        self.change("order", {"limit": 3})
        self.assertEqual(repr(SPECIFICATION), before)

    def test_no_such_part(self):
        for key in ("measure:2", "measure:-1", "measure:x", "model", "domain", "", ":"):
            with self.assertRaises(SpecificationError):
                change(SPECIFICATION, key, None)
        with self.assertRaises(SpecificationError):
            change(SPECIFICATION, "chart", None)
