# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

import numpy as np

from odoo.tests import BaseCase, tagged

from ..reordering import Outlook, Place, first_short, path, propose


def steady(quantity=70.0, deviation=20.0, periods=8):
    """So many a week; totals have a normal spread that evens out like chance."""
    total = np.arange(1, periods + 1) * quantity
    spread = deviation * np.sqrt(np.arange(1, periods + 1))
    return Outlook(
        quantity=(quantity,) * periods,
        upper_80=tuple(total + 1.2816 * spread),
        upper_95=tuple(total + 1.96 * spread),
        period_days=7,
        first_days=5,
    )


@tagged("post_install", "-at_install")
class TestReordering(BaseCase):
    """The numbers alone, without a database."""

    place = Place(
        product_id=1,
        warehouse_id=1,
        location_id=1,
        orderpoint_id=1,
        lead_days=14,
        minimum=5,
        maximum=20,
        on_hand=1000,
        cost=2.0,
    )

    def propose(self, outlook=None, **vals):
        return propose(replace(self.place, **vals), outlook or steady())

    def test_the_minimum_lasts_until_the_order_is_there(self):
        proposal = self.propose()
        # Ten a day for two weeks. At the review, half of what sells in a week is gone
        # below the minimum, and a little more as weeks differ.
        below = 35 * (1 + 20**2 / 70**2)
        self.assertAlmostEqual(proposal.expected, 140 + below, delta=0.5)
        # A week in which a review falls has a variance of its own: 70 ** 2 / 12.
        spread = (2 * 20**2 + 70**2 / 12 + 20**2 / 2) ** 0.5
        self.assertAlmostEqual(proposal.upper, 140 + below + 1.645 * spread, delta=5)
        self.assertEqual(proposal.minimum, np.ceil(proposal.upper))
        self.assertEqual(proposal.maximum, proposal.minimum + 140)

    def test_who_looks_every_day_needs_less(self):
        daily = self.propose(review_days=0)
        self.assertEqual(daily.expected, 140)
        self.assertAlmostEqual(daily.upper, 140 + 1.645 * 20 * 2**0.5, delta=3)

    def test_what_sells_in_lumps_needs_more(self):
        even, lumpy = self.propose(), self.propose(steady(70.0, 80.0))
        self.assertGreater(lumpy.expected, even.expected + 30)

    def test_the_maximum_lasts_until_the_order_after_next(self):
        # An order for a day, looked at once in four weeks: it is made each time.
        proposal = self.propose(review_days=28, cycle_days=1)
        self.assertGreater(proposal.maximum, 420 + 1.5 * 20 * 6**0.5)

    def test_a_higher_service_level_asks_for_more(self):
        minima = [self.propose(service_level=p).minimum for p in (0.5, 0.9, 0.95, 0.99)]
        self.assertEqual(minima, sorted(set(minima)))
        self.assertEqual(minima[0], np.ceil(self.propose().expected))

    def test_a_lead_time_that_varies_asks_for_more(self):
        # Ten a day; six days of deviation are 60 pieces.
        sure, unsure = self.propose(), self.propose(lead_deviation=6)
        self.assertEqual(unsure.expected, sure.expected)
        spread = ((sure.upper - sure.expected) ** 2 + (1.645 * 60) ** 2) ** 0.5
        self.assertAlmostEqual(unsure.upper, unsure.expected + spread, delta=12)

    def test_beyond_the_forecast_it_goes_on_as_usual(self):
        proposal = self.propose(lead_days=93)
        self.assertAlmostEqual(proposal.expected, 930 + 38, delta=1)
        self.assertGreater(proposal.minimum, 1000)

    def test_what_a_share_of_the_demand_needs(self):
        half, alone = self.propose(steady().scaled(0.5)), self.propose()
        self.assertAlmostEqual(2 * half.expected, alone.expected)
        self.assertAlmostEqual(2 * half.upper, alone.upper)
        self.assertEqual((half.share, alone.share), (0.5, 1.0))

    def test_least_order_and_multiples_are_kept(self):
        proposal = self.propose(least=200, multiple=144)
        self.assertEqual(proposal.maximum - proposal.minimum, 288)

    def test_parts_of_a_unit(self):
        few = self.propose(steady(2.0, 0.5), rounding=0.1)
        self.assertEqual(few.minimum, round(few.minimum, 1))
        self.assertLess(few.minimum - few.upper, 0.1)
        many = self.propose(steady(70.0), rounding=0.1)
        self.assertEqual(many.minimum, round(many.minimum))

    def test_what_nobody_wants_is_not_kept(self):
        nothing = Outlook((0.0,) * 4, (0.0,) * 4, (0.0,) * 4, 7, 5)
        proposal = self.propose(nothing, least=100)
        self.assertEqual((proposal.minimum, proposal.maximum), (0, 0))
        self.assertEqual(proposal.urgency, "0")

    def test_a_rule_that_is_right_is_left_alone(self):
        proposal = self.propose()
        near = proposal.minimum * 0.97, proposal.maximum * 1.03
        self.assertIsNone(self.propose(minimum=near[0], maximum=near[1]))
        self.assertTrue(self.propose(minimum=near[0] * 0.9, maximum=near[1]))

    def test_a_new_rule_is_proposed_even_where_it_is_zero(self):
        self.assertTrue(self.propose(orderpoint_id=None, minimum=0, maximum=0))

    def test_urgency(self):
        for on_hand, coming, urgency, days in (
            (0, (), "3", 1),
            (50, (), "2", 6),
            (50, ((3, 500),), "0", None),
            (180, (), "1", 19),
            (1000, (), "0", None),
            (50, ((9, 500),), "2", 6),
        ):
            with self.subTest(on_hand=on_hand, coming=coming):
                proposal = self.propose(on_hand=on_hand, coming=coming)
                self.assertEqual(
                    (proposal.urgency, proposal.days_short), (urgency, days)
                )

    def test_what_is_promised_counts_once(self):
        outlook = steady()
        place = replace(self.place, on_hand=100, leaving=((0, 15),))
        self.assertEqual(path(place, outlook, 3).tolist(), [85, 85, 80, 70])

    def test_what_is_used_up_to_the_last_piece_is_not_missing(self):
        self.assertEqual(first_short(np.array([10.0, -1e-14, -10.0])), 2)
        self.assertIsNone(first_short(np.array([10.0, -1e-14])))

    def test_value_and_shortage(self):
        proposal = self.propose()
        change = (proposal.minimum + proposal.maximum - 25) / 2
        self.assertAlmostEqual(proposal.value_change, change * 2.0)
        # With five on the shelf nearly all of it is missing.
        self.assertAlmostEqual(
            proposal.shortage_avoided, proposal.expected - 5, delta=3
        )
        less = self.propose(minimum=900, maximum=1000)
        self.assertLess(less.value_change, 0)
        self.assertLess(less.shortage_avoided, 0)
