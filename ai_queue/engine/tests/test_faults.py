"""Demand that misleads: a part of the season, odd ends."""

import unittest

import numpy as np

from ..forecasting import Series, forecast
from . import samples

COUNT = 30


def ratio(lot, truth):
    """Total forecast over total demand."""
    found = sum(one.quantity.sum() for one in forecast(lot))
    return found / np.sum(truth)


class TestPartOfSeason(unittest.TestCase):
    """Products that sell before Christmas only."""

    def lot(self, until, years=3, horizon=8):
        profile = np.zeros(52)
        profile[46:51] = [0.5, 1.0, 2.0, 3.0, 1.5]
        lot, truth = [], []
        end = 52 * years + until
        for number in range(COUNT):
            source = samples.rng(number)
            demand = source.poisson(source.lognormal(3, 0.5) * np.tile(profile, 5))
            lot.append(
                Series(str(number), "W", demand[:end], horizon, sold_before=True)
            )
            truth.append(demand[end : end + horizon].sum())
        return lot, truth

    def test_the_next_christmas_is_foreseen(self):
        for until in (42, 44):
            lot, truth = self.lot(until)
            self.assertAlmostEqual(ratio(lot, truth), 1.0, delta=0.2)

    def test_nothing_is_expected_in_spring(self):
        lot, truth = self.lot(8)
        self.assertEqual(sum(truth), 0)
        self.assertLess(max(one.quantity.max() for one in forecast(lot)), 0.5)

    def test_the_reason_names_it(self):
        lot, _truth = self.lot(44)
        self.assertEqual({one.method for one in forecast(lot)}, {"seasonal_mean"})

    def test_what_rarely_sells_is_no_part_of_a_season(self):
        lot = []
        for number in range(200):
            source = samples.rng(number)
            demand = (source.random(156) < 0.06) * 5.0
            lot.append(Series(str(number), "W", demand, 8, sold_before=True))
        methods = [one.method for one in forecast(lot)]
        self.assertLess(methods.count("seasonal_mean"), 2)


class TestOddEnds(unittest.TestCase):
    def lot(self, change):
        lot, truth = [], []
        for number in range(COUNT):
            source = samples.rng(number)
            level = source.lognormal(3, 0.5)
            demand = source.poisson(level, 112).astype(float)
            history = demand[:104].copy()
            change(history, level)
            lot.append(Series(str(number), "W", history, 8))
            truth.append(demand[104:].sum())
        return lot, truth

    def test_two_high_periods_are_no_new_level(self):
        def change(history, level):
            history[-2:] += 4 * level

        self.assertLess(ratio(*self.lot(change)), 1.25)

    def test_three_are(self):
        def change(history, level):
            history[-3:] += 4 * level

        self.assertGreater(ratio(*self.lot(change)), 1.5)

    def test_two_empty_periods_are_not_the_end(self):
        def change(history, _level):
            history[-2:] = 0

        self.assertGreater(ratio(*self.lot(change)), 0.8)

    def test_a_number_typed_wrong_and_taken_back(self):
        def change(history, level):
            history[-3] += 6 * level
            history[-1] -= 6 * level

        self.assertAlmostEqual(ratio(*self.lot(change)), 1.0, delta=0.06)
