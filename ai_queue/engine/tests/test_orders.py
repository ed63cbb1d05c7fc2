"""Demand that comes as orders: standing ones, single large ones, rare ones."""

import unittest
from dataclasses import replace

import numpy as np

from ..forecasting import forecast
from . import samples


def total(history, **options):
    [result] = forecast([samples.series(history, horizon=8, season=52, **options)])
    return result.quantity.sum()


def standing(every, length, level=60, phase=0, seed=1):
    """An order of about `level` in every so many periods."""
    due = (np.arange(length) - phase) % every == 0
    return np.where(due, np.rint(samples.steady(length, level, 0.08, seed)), 0.0)


def monthly_billing(length, each=1, level=60, seed=1):
    """Weeks of a year in which `each` bills a month fall."""
    history = np.zeros(length)
    dates = np.arange(0.7, length, 52 / 12 / each)
    sizes = np.rint(samples.steady(len(dates), level, 0.08, seed))
    np.add.at(history, dates.astype(int), sizes)
    return history


class TestStandingOrders(unittest.TestCase):
    def test_the_mean_is_kept_whatever_the_length(self):
        for every in (2, 3, 4):
            for length in (52, 78, 104, 105, 130, 156):
                for phase in range(every):
                    with self.subTest(every=every, length=length, phase=phase):
                        history = standing(every, length, phase=phase)
                        truth = 60 * 8 / every
                        self.assertAlmostEqual(
                            total(history), truth, delta=0.12 * truth
                        )

    def test_bills_at_the_end_of_the_month(self):
        for each in (1, 2):
            for length in (104, 130, 156):
                with self.subTest(each=each, length=length):
                    truth = 60 * 8 * 12 * each / 52
                    found = total(monthly_billing(length, each))
                    self.assertAlmostEqual(found, truth, delta=0.25 * truth)


class TestOneOrder(unittest.TestCase):
    def test_a_single_large_order_moves_nothing(self):
        for length in (24, 51, 104):
            for ago in (1, 2, 4, 12):
                for times in (6, 40):
                    with self.subTest(length=length, ago=ago, times=times):
                        history = samples.steady(length, 20)
                        usual = total(history)
                        history[-ago] = 20 * times
                        [result] = forecast(
                            [samples.series(history, horizon=8, season=52)]
                        )
                        found = result.quantity.sum()
                        self.assertAlmostEqual(found, usual, delta=0.1 * usual)
                        self.assertLess(result.hi95.max(), 60)
                        self.assertGreater(result.lo95.min(), 4)

    def test_two_years_of_months_with_one_order_show_no_season(self):
        history = samples.steady(24, 40)
        history[-1] = 1600
        [result] = forecast([samples.series(history, 12, "M", 12)])
        self.assertLess(result.quantity.max(), 60)

    def test_a_single_order_among_few_sales(self):
        history = samples.intermittent(60, 0.5, 10)
        history[-1] = 300
        rate = 8 * history[:-1].mean()
        self.assertAlmostEqual(total(history), rate, delta=0.5 * rate)

    def test_an_empty_last_period_is_no_end(self):
        history = samples.steady(60, 20)
        usual = total(history)
        history[-1] = 0
        self.assertAlmostEqual(total(history), usual, delta=0.05 * usual)

    def test_the_second_period_makes_it_a_change(self):
        history = samples.steady(60, 20)
        history[-6:] = 100
        self.assertGreater(total(history), 8 * 70)

    def test_a_peak_that_comes_back_every_year_is_a_season(self):
        history = samples.steady(47, 20)
        history[11::12] = 300
        [result] = forecast([samples.series(history, 12, "M", 12)])
        self.assertGreater(result.quantity[0], 200)
        self.assertLess(result.quantity[1:].max(), 60)

    def test_orders_that_come_often_belong_to_the_demand(self):
        history = samples.steady(60, 20)
        history[::6] = 200
        self.assertAlmostEqual(total(history), 8 * history.mean(), delta=120)


class TestRareOrders(unittest.TestCase):
    def test_a_spare_part_sold_twice_a_year(self):
        for length in (104, 156, 208):
            history = np.zeros(length)
            history[20::26] = 6
            truth = 6 * 8 / 26
            self.assertAlmostEqual(total(history), truth, delta=0.6 * truth)

    def test_whether_it_sold_before_decides_what_zeros_mean(self):
        history = [*[0] * 60, *samples.steady(30, 20)]
        real, new, unsaid = (
            replace(samples.series(history, horizon=8), sold_before=known)
            for known in (True, False, None)
        )
        real, new, unsaid = forecast([real, new, unsaid])
        codes = [note.code for note in new.reason.notes]
        self.assertIn("new", codes)
        self.assertEqual(new.quantity.tolist(), unsaid.quantity.tolist())
        self.assertNotIn("new", [note.code for note in real.reason.notes])
        self.assertLess(real.history_mean, 0.5 * new.history_mean)

    def test_a_spare_part_that_sold_before_the_window(self):
        history = np.zeros(104)
        history[[70, 96]] = 6
        series = replace(samples.series(history, horizon=8), sold_before=True)
        [result] = forecast([series])
        self.assertLess(result.quantity.sum(), 3)


class TestReasons(unittest.TestCase):
    def codes(self, history):
        [result] = forecast([samples.series(history, horizon=8)])
        return [note.code for note in result.reason.notes]

    def test_unknown_periods_are_not_periods_without_a_sale(self):
        codes = self.codes([*samples.steady(40), *[None] * 20])
        self.assertIn("unknown", codes)
        self.assertNotIn("faded", codes)

    def test_regular_orders_and_outliers_are_named(self):
        self.assertIn("regular", self.codes(standing(4, 104)))
        self.assertNotIn("regular", self.codes(samples.intermittent(104)))
        history = samples.steady(60, 20)
        self.assertNotIn("outliers", self.codes(history))
        history[30] = 900
        self.assertIn("outliers", self.codes(history))

    def test_the_past_mean_counts_what_was_sold(self):
        history = samples.steady(60, 20)
        history[30] = 900
        [result] = forecast([samples.series(history)])
        self.assertAlmostEqual(result.history_mean, history.mean())
