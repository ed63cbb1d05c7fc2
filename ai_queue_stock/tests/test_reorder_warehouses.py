# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.ai_queue.engine.forecasting import Series, forecast
from odoo.addons.ai_queue.tests.common import TODAY, weeks_ago

from ..reordering import Outlook
from ..warehouses import Own, reconcile
from .common import AiQueueStockCommon


def own(history, sold=None):
    """What a warehouse expects from its own history."""
    both = history, sold or history
    return Own(*forecast([Series("", "W", one, 4, sold_before=True) for one in both]))


@tagged("post_install", "-at_install")
class TestReconcile(BaseCase):
    """The numbers alone, without a database."""

    company = Outlook(
        quantity=(40.0, 44.0, 48.0, 52.0),
        upper_80=(70, 130, 190, 250),
        upper_95=(90, 150, 210, 270),
        period_days=7,
        first_days=5,
    )

    def test_the_sum_is_the_company_s(self):
        found = reconcile(
            self.company,
            {1: own([30, 28, 33, 29, 31] * 6), 2: own([4, 0, 9, 3, 6] * 6), 3: own([])},
        )
        total = np.sum([one.quantity for one in found.values()], axis=0)
        np.testing.assert_allclose(total, self.company.quantity)
        self.assertAlmostEqual(sum(one.share for one in found.values()), 1.0)
        self.assertGreater(found[1].share, 4 * found[2].share)
        self.assertEqual(found[3].quantity, (0.0,) * 4)

    def test_each_follows_its_own_course(self):
        growing, shrinking = list(range(10, 40)), list(range(40, 10, -1))
        found = reconcile(self.company, {1: own(growing), 2: own(shrinking)})
        self.assertGreater(found[1].share, 0.65)

    def test_each_is_as_uncertain_as_its_own_past(self):
        steady, lumpy = [20.0, 21.0, 19.0, 20.0] * 8, [0.0, 0.0, 0.0, 80.0] * 8
        found = reconcile(self.company, {1: own(steady), 2: own(lumpy)})
        margins = [
            found[key].upper_80[3] / sum(found[key].quantity) - 1.0 for key in (1, 2)
        ]
        self.assertGreater(margins[1], 1.5 * margins[0])
        for one in found.values():
            self.assertLessEqual(one.upper_80[3], one.upper_95[3])
            self.assertEqual(list(one.upper_80), sorted(one.upper_80))

    def test_what_goes_to_other_warehouses_comes_on_top(self):
        branch = own([10] * 20)
        centre = own([30] * 20, sold=[20] * 20)
        found = reconcile(self.company, {1: centre, 2: branch})
        self.assertAlmostEqual(found[1].share, 1.0, delta=0.05)
        self.assertAlmostEqual(found[2].share, 1 / 3, delta=0.02)

    def test_other_numbers_of_periods(self):
        longer = Outlook((9.0,) * 6, (20.0,) * 6, (30.0,) * 6, 7, 5)
        found = reconcile(longer, {1: own([5] * 20), 2: own([4] * 20)})
        total = np.sum([one.quantity for one in found.values()], axis=0)
        np.testing.assert_allclose(total, longer.quantity)

    def test_where_nothing_is_expected_nothing_is_shared(self):
        nothing = Outlook((0.0,) * 4, (0.0,) * 4, (0.0,) * 4, 7, 5)
        found = reconcile(nothing, {1: own([5] * 20), 2: own([])})
        self.assertEqual(found[1].quantity, (0.0,) * 4)


@tagged("post_install", "-at_install")
class TestReorderWarehouses(AiQueueStockCommon):
    """Several warehouses, with the real engine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls.create_warehouse("North", "NTH")
        cls.routes = cls.create_route() + cls.create_route(cls.north, delay=28)
        cls.product = cls.create_goods(1, "Shared", route_ids=cls.routes.ids)
        cls.create_rule(cls.product)
        cls.create_rule(cls.product, warehouse=cls.north)

    def data(self):
        """The reasons at the first warehouse and in the north."""
        found = self.proposals(self.product).sorted("warehouse_id")
        return [one.reason_data for one in found]

    def test_each_orders_by_what_it_delivered(self):
        self.deliver_weekly(self.product, [60] * 30)
        self.deliver_weekly(self.product, [20] * 30, self.north)
        self.propose(self.product, engine=None)
        main, other = self.proposals(self.product).sorted("warehouse_id")
        self.assertEqual((main.lead_days, other.lead_days), (14, 28))
        # Two and a half weeks, and four and a half of the slower one.
        self.assertAlmostEqual(main.reason_data["expected"], 60 * 2.5, delta=4)
        self.assertAlmostEqual(other.reason_data["expected"], 20 * 4.5, delta=4)
        self.assertIn("75 % of the demand is met from here.", main.reason)
        self.assertEqual(main.qty_on_hand, 1000)

    def test_a_warehouse_that_grows_gets_more(self):
        self.deliver_weekly(self.product, list(range(40, 10, -1)))
        self.deliver_weekly(self.product, list(range(10, 40)), self.north)
        self.propose(self.product, engine=None)
        main, other = self.data()
        self.assertGreater(other["share"], 0.65)
        self.assertAlmostEqual(main["share"] + other["share"], 1.0)

    def test_a_lumpy_one_needs_more_for_the_same(self):
        self.deliver_weekly(self.product, [20, 21, 19, 20] * 8)
        self.deliver_weekly(self.product, [0, 0, 0, 80] * 8, self.north)
        self.propose(self.product, engine=None)
        main, other = self.data()
        self.assertGreater(
            other["upper"] / other["expected"], main["upper"] / main["expected"]
        )

    def test_sold_out_in_one_warehouse_only(self):
        # Twenty a week in both; the north had nothing in the last four weeks.
        self.deliver_weekly(self.product, [20] * 20)
        self.receive(weeks_ago(21), self.product, 320, self.north)
        for back in range(20, 4, -1):
            self.deliver(weeks_ago(back), self.product, 20, self.north)
        self.propose(self.product, engine=None)
        main, other = self.data()
        self.assertAlmostEqual(other["share"], 0.5, delta=0.1)

    def test_a_new_warehouse_keeps_its_rule(self):
        self.deliver_weekly(self.product, [20] * 20)
        run = self.propose(self.product, engine=None)
        [proposal] = self.proposals(self.product)
        self.assertEqual(proposal.warehouse_id, self.warehouse)
        self.assertAlmostEqual(proposal.reason_data["share"], 1.0)
        self.assertIn("Its warehouse is new", str(run.job_ids.mapped("remark_data")))

    def test_one_that_stopped_needs_none(self):
        other = self.create_goods(1, "Other")
        self.deliver_weekly(other, [3] * 30, self.north)
        self.deliver_weekly(self.product, [20] * 20)
        self.propose(self.product, engine=None)
        north = self.proposals(self.product).filtered(
            lambda one: one.warehouse_id == self.north
        )
        self.assertEqual((north.minimum, north.maximum), (0, 0))

    def test_a_young_one_counts_from_its_first_delivery_on(self):
        self.deliver_weekly(self.product, [20] * 30)
        self.deliver_weekly(self.product, [20] * 6, self.north)
        self.propose(self.product, engine=None)
        _main, other = self.data()
        self.assertAlmostEqual(other["share"], 0.5, delta=0.08)

    def test_what_a_branch_takes_is_wanted_from_the_centre(self):
        self.deliver_weekly(self.product, [20] * 12)
        self.deliver_weekly(self.product, [10] * 12, self.north)
        for back in range(12, 0, -1):
            self.move(
                weeks_ago(back),
                self.product,
                10,
                self.warehouse.lot_stock_id,
                self.north.lot_stock_id,
                rule_id=self.routes[1].rule_ids.id,
            )
        self.propose(self.product, engine=None)
        centre, branch = self.data()
        self.assertAlmostEqual(centre["share"], 1.0, delta=0.05)
        self.assertAlmostEqual(branch["share"], 1 / 3, delta=0.05)

    def test_the_chart_shows_the_same(self):
        self.deliver_weekly(self.product, [60] * 30)
        self.deliver_weekly(self.product, [20] * 30, self.north)
        self.product.run_ai_demand_forecast()
        self.propose(self.product, engine=None)
        main, _other = self.proposals(self.product).sorted("warehouse_id")
        points = main.orderpoint_id.get_ai_reorder_data()["points"]
        until = TODAY + timedelta(days=21)
        sold = sum(one["demand"] for one in points if one["date"] <= until)
        self.assertAlmostEqual(sold, 60 * 3, delta=6)
