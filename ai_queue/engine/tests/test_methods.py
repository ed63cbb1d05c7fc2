"""Single methods, against worked examples and against what they promise."""

import unittest

import numpy as np

from ..forecasting import intermittent, smoothing
from ..forecasting.panel import absorb_returns, first_period, lead_of
from ..forecasting.smoothing import Past, Trust
from . import samples


def column(values):
    return np.array(values, float)[:, None]


def past(values, lead=1):
    x = column(values)
    seen = (~np.isnan(x)).astype(float)
    return Past(np.nan_to_num(x), seen, lead)


class TestSmoothing(unittest.TestCase):
    def test_levels_follow_the_textbook(self):
        paths = smoothing.level_paths(past([10, 20, 10]), np.array([0.5]), warm=False)
        np.testing.assert_allclose(paths[:, 0, 0], [10, 15, 12.5])

    def test_a_warm_start_is_the_running_mean(self):
        paths = smoothing.level_paths(past([10, 20, 30]), np.array([0.05]))
        np.testing.assert_allclose(paths[:, 0, 0], [10, 15, 20])

    def test_what_was_not_observed_changes_nothing(self):
        with_gap = smoothing.level_paths(past([4, np.nan, 8]), np.array([0.3]))
        without = smoothing.level_paths(past([4, 8]), np.array([0.3]))
        np.testing.assert_allclose(with_gap[-1], without[-1])

    def test_slopes_are_least_squares(self):
        y = samples.trending(20)
        slope = past(y).slopes[-1, 0]
        self.assertAlmostEqual(slope, np.polyfit(np.arange(20), y, 1)[0], places=9)

    def test_a_trend_is_followed_and_fades(self):
        trust = Trust(np.array([8.0]), 0.0)
        path = smoothing.damped_trend(past(2.0 * np.arange(60), 6), 12, trust)[:, 0]
        steps = np.diff(path)
        self.assertGreater(path[0], 118)
        self.assertTrue((steps > 0).all() and (np.diff(steps) < 0).all())

    def test_theta_drifts_by_half_of_the_slope(self):
        trust = Trust(np.array([8.0]), 0.0)
        found, _ = smoothing.smooth(past(3.0 * np.arange(40), 4), 5, trust)
        np.testing.assert_allclose(np.diff(found["theta"][:, 0]), 1.5)

    def test_settings_that_foresaw_the_lead_get_the_weight(self):
        trust = Trust(np.array([4.0]), 0.0)
        weights = trust.weights(np.array([[1.0], [2.0]]), np.array([0.1, 0.9]))
        np.testing.assert_allclose(weights[:, 0], [16 / 17, 1 / 17])

    def test_without_evidence_caution_decides(self):
        trust = Trust(np.array([4.0]), 1.0)
        weights = trust.weights(np.zeros((2, 1)), np.array([0.1, 0.9]))
        np.testing.assert_allclose(weights[:, 0], [0.9, 0.1])


class TestIntermittent(unittest.TestCase):
    def test_croston_divides_size_by_interval(self):
        y = column([0, 6, 0, 0, 6])
        rate = intermittent.croston(y, np.ones_like(y), alpha=0.5)
        self.assertAlmostEqual(rate[0], 6 / 2.5)

    def test_sba_takes_half_of_alpha_off(self):
        y = column(samples.intermittent())
        seen = np.ones_like(y)
        np.testing.assert_allclose(
            intermittent.sba(y, seen), 0.95 * intermittent.croston(y, seen)
        )

    def test_tsb_lets_a_dead_product_fade(self):
        y = column([*samples.intermittent(40), *[0] * 60])
        seen = np.ones_like(y)
        self.assertLess(intermittent.tsb(y, seen)[0], 0.02)
        self.assertGreater(intermittent.croston(y, seen)[0], 0.5)

    def test_aggregation_keeps_the_rate(self):
        y = column([0, 0, 6] * 20)
        seen = np.ones_like(y)
        self.assertAlmostEqual(intermittent.adida(y, seen)[0], 2.0)
        self.assertAlmostEqual(intermittent.imapa(y, seen)[0], 2.0, delta=0.6)

    def test_a_moving_average_takes_the_last_twelve_periods(self):
        y = column([100, *range(12)])
        rate = intermittent.moving_average(y, np.ones_like(y))
        self.assertAlmostEqual(rate[0], 5.5)

    def test_nothing_sold_is_zero_everywhere(self):
        y = np.zeros((12, 2))
        for name in ("croston", "sba", "tsb", "adida", "imapa"):
            rate = getattr(intermittent, name)(y, np.ones_like(y))
            np.testing.assert_array_equal(rate, 0.0)


class TestPanel(unittest.TestCase):
    def test_returns_are_taken_off_earlier_sales(self):
        y = column([5, 4, 3, -4, 2, -1])
        np.testing.assert_array_equal(absorb_returns(y)[:, 0], [5, 0, 3, 0, 1, 0])

    def test_returns_that_no_period_holds_are_of_all_of_them(self):
        y = column([5, 4, -6, 3, -1])
        expected = [5 / 3, 4 / 3, 0, 2, 0]
        np.testing.assert_allclose(absorb_returns(y)[:, 0], expected)

    def test_returns_of_what_was_sold_before_are_dropped(self):
        np.testing.assert_array_equal(absorb_returns(column([-4, 3]))[:, 0], [0, 3])

    def test_a_history_begins_at_its_first_observation(self):
        self.assertEqual(first_period(np.array([np.nan, 0, 3])), (1, False))
        self.assertEqual(first_period(np.array([np.nan, np.nan])), (2, False))

    def test_zeros_before_a_product_was_sold_do_not_count(self):
        self.assertEqual(first_period(np.array([0.0] * 50 + [9.0] * 8)), (50, True))
        rare = np.zeros(60)
        rare[[20, 45]] = 1.0
        self.assertEqual(first_period(rare), (0, False))

    def test_a_short_history_is_judged_over_a_shorter_lead(self):
        self.assertEqual(lead_of(8, 104), 8)
        self.assertEqual(lead_of(8, 20), 4)
        self.assertEqual(lead_of(8, 3), 1)
