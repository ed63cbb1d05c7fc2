# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.ai_queue.tests.common import TODAY

from .common import AiQueueStockHttpCommon
from .test_reorder import ReorderCase


@tagged("post_install", "-at_install")
class TestReorderChart(ReorderCase):
    """What the form of a reordering rule shows."""

    def chart(self, user=None):
        return self.rule.with_user(user or self.clerk).get_ai_reorder_data()

    def test_without_a_forecast_it_says_so(self):
        data = self.chart()
        self.assertFalse(data["points"])
        self.assertIn("no forecast", data["problem"])

    def test_stock_demand_and_the_day_of_the_shortage(self):
        self.forecast(self.product, user=self.planner, quantity=70.0)
        stock = self.warehouse.lot_stock_id
        self.move(TODAY, self.product, 900, stock, self.vendors)
        self.propose(self.product)
        data = self.chart()
        self.assertIsNone(data["problem"])
        first, later = data["points"][0], data["points"][7]
        self.assertEqual((first["date"], first["stock"]), (TODAY, 100))
        self.assertAlmostEqual(later["stock"], 30)
        self.assertAlmostEqual(later["demand"], 10)
        self.assertLess(later["lo95"], later["lo80"])
        self.assertLess(later["lo80"], later["stock"])
        self.assertEqual(data["date_short"], TODAY + timedelta(days=11))
        self.assertEqual(data["date_arrival"], TODAY + timedelta(days=14))
        self.assertEqual((data["minimum"], data["maximum"]), (5, 20))
        self.assertEqual(data["proposal"]["id"], self.proposals(self.product).id)

    def test_what_is_not_planned_says_why(self):
        self.rule.trigger = "manual"
        self.assertEqual(
            self.chart()["problem"], "Its reordering rule is triggered by hand"
        )

    def test_who_sees_rules_alone_sees_the_stock(self):
        self.forecast(self.product, user=self.planner, quantity=70.0)
        alone = self.create_user("alone", "stock.group_stock_user")
        self.assertTrue(self.chart(alone)["points"])


@tagged("post_install", "-at_install")
class TestReorderRpc(AiQueueStockHttpCommon):
    """What comes over the wire is checked as in the client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        route = cls.create_route()
        cls.product = cls.create_goods(1, route_ids=route.ids)
        cls.rule = cls.create_rule(cls.product)
        cls.deliver_weekly(cls.product, [70] * 4)

    def setUp(self):
        super().setUp()
        self.propose(self.product)
        self.open = self.proposals(self.product)

    @mute_logger("odoo.http")
    def test_a_clerk_accepts_nothing(self):
        self.authenticate("stock_clerk", "stock_clerk")
        for method, arguments in (
            ("action_accept", []),
            ("write", [{"minimum": 1}]),
            ("write", [{"state": "accepted"}]),
        ):
            with self.subTest(method=method), self.assertRaises(JsonRpcException):
                self.rpc(self.open, method, *arguments)
        self.assertEqual(self.open.state, "open")

    @mute_logger("odoo.http")
    def test_jobs_and_internals_are_private(self):
        self.authenticate("stock_planner", "stock_planner")
        for records, method in (
            (self.product, "propose_reorder"),
            (self.open, "_accept"),
            (self.open, "_close"),
        ):
            with self.subTest(method=method), self.assertRaises(JsonRpcException):
                self.rpc(records, method)

    def test_the_button_of_the_list(self):
        """The client calls it on what is selected, which is nothing."""
        self.authenticate("stock_planner", "stock_planner")
        action = self.rpc(self.open.browse(), "action_propose_all")
        self.assertIn("ai_queue_run_action/", action["params"]["links"][0]["url"])

    def test_a_planner_changes_and_accepts(self):
        self.authenticate("stock_planner", "stock_planner")
        self.rpc(self.open, "write", {"minimum": 50, "maximum": 90})
        toast = self.rpc(self.open, "action_accept")
        self.assertIn("Rules changed: 1.", toast["params"]["message"])
        self.env.invalidate_all()
        self.assertEqual(self.rule.product_max_qty, 90)
