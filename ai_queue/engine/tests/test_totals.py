"""Bounds of the total of a horizon or a lead time: what a buyer orders on."""

import json
import unittest

import numpy as np

from ..forecasting import forecast, records
from . import samples

TOTALS = ("total_lo95", "total_lo80", "total_hi80", "total_hi95")


def lot(make, count=150, length=60, horizon=8):
    """Many series of a kind, and what they really sold later."""
    whole = [make(length + horizon, seed) for seed in range(count)]
    cut = [samples.series(one[:length], horizon, season=1) for one in whole]
    return forecast(cut), np.array([one[length:] for one in whole])


def noisy(length, seed):
    return samples.steady(length, 40, 0.4, seed)


def rare(length, seed):
    return samples.intermittent(length, 0.25, 6, seed)


def wandering(length, seed):
    steps = samples.rng(seed).normal(0, 0.08, length)
    return 100 * np.exp(np.cumsum(steps)) * samples.steady(length, 1, 0.1, seed)


def standing(length, seed):
    due = (np.arange(length) + seed) % 4 == 0
    return np.where(due, samples.steady(length, 60, 0.1, seed), 0.0)


class TestTotals(unittest.TestCase):
    def test_order_of_the_bounds(self):
        for result in forecast(samples.panel()):
            expected = np.cumsum(result.quantity)
            lowest, low, high, highest = (getattr(result, name) for name in TOTALS)
            self.assertTrue((lowest <= low + 1e-9).all())
            self.assertTrue((low <= expected + 1e-9).all())
            self.assertTrue((expected <= high + 1e-9).all())
            self.assertTrue((high <= highest + 1e-9).all())
            for bound in (lowest, low, high, highest):
                self.assertEqual(bound.shape, expected.shape)
                self.assertTrue((np.diff(bound) >= -1e-9).all())
                self.assertTrue(np.isfinite(bound).all())

    def test_they_hold_what_they_say(self):
        for make in (noisy, rare, wandering):
            results, truth = lot(make)
            for periods in (1, 3, 8):
                total = truth[:, :periods].sum(1)
                for level, least, most in ((80, 0.7, 0.97), (95, 0.87, 1.0)):
                    with self.subTest(make.__name__, periods=periods, level=level):
                        low, high = (
                            np.array([getattr(r, name)[periods - 1] for r in results])
                            for name in (f"total_lo{level}", f"total_hi{level}")
                        )
                        inside = ((total >= low) & (total <= high)).mean()
                        self.assertGreaterEqual(inside, least)
                        self.assertLessEqual(inside, most)

    def test_chance_evens_out_over_the_horizon(self):
        results, _truth = lot(noisy, 30)
        single = np.mean([sum(r.hi80 - r.lo80) for r in results])
        total = np.mean([r.total_hi80[-1] - r.total_lo80[-1] for r in results])
        self.assertLess(total, 0.6 * single)

    def test_standing_orders_are_surer_in_total_than_by_period(self):
        results, _truth = lot(standing, 20)
        for result in results:
            self.assertGreater(result.total_lo80[-1], 60)
            self.assertLess(result.total_hi80[-1], 220)

    def test_what_sells_seldom_has_an_upper_bound_above_its_mean(self):
        results, _truth = lot(rare, 20)
        for result in results:
            self.assertGreater(result.total_hi80[-1], 1.15 * result.quantity.sum())

    def test_never_sold_has_none(self):
        [result] = forecast([samples.series([0] * 40)])
        for name in TOTALS:
            self.assertEqual(getattr(result, name).max(), 0)

    def test_they_are_written(self):
        [result] = forecast([samples.series(samples.steady(40))])
        line = json.loads(records.format_line(result))
        for name in TOTALS:
            self.assertEqual(len(line[name]), 4)
            self.assertAlmostEqual(line[name][-1], getattr(result, name)[-1], delta=1)
