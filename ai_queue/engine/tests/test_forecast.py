"""What holds for every forecast, and the traps that a forecaster falls into."""

import unittest

import numpy as np

from ..forecasting import METHODS, Series, forecast
from ..forecasting.core import NO_CHOICE
from . import samples

ARRAYS = ("quantity", "lo80", "hi80", "lo95", "hi95")


def one(history, **options):
    [result] = forecast([samples.series(history, **options)])
    return result


class TestEdges(unittest.TestCase):
    def check(self, result, horizon=4):
        for name in ARRAYS:
            array = getattr(result, name)
            self.assertEqual(array.shape, (horizon,))
            self.assertTrue(np.isfinite(array).all())
            self.assertTrue((array >= 0).all())
        self.assertTrue((result.lo95 <= result.lo80).all())
        self.assertTrue((result.lo80 <= result.quantity).all())
        self.assertTrue((result.quantity <= result.hi80).all())
        self.assertTrue((result.hi80 <= result.hi95).all())

    def test_nothing_known(self):
        for history in ([], [None] * 9):
            result = one(history)
            self.check(result)
            self.assertEqual((result.method, result.reason.code), ("none", "empty"))
            self.assertEqual(result.weights, {})
            self.assertEqual(result.backtest["origins"], 0)
            self.assertIsNone(result.backtest["error"])
            self.assertIsNone(result.history_mean)
            self.assertEqual(result.quantity.sum(), 0)

    def test_never_sold(self):
        result = one([0] * 40)
        self.check(result)
        self.assertEqual(result.reason.code, "all_zero")
        self.assertEqual(result.hi95.max(), 0)

    def test_always_the_same(self):
        result = one([7] * 40)
        self.check(result)
        np.testing.assert_allclose(result.quantity, 7)
        self.assertEqual(result.reason.code, "constant")
        self.assertAlmostEqual(result.backtest["error"], 0)

    def test_one_two_and_three_observations(self):
        for history in ([5], [5, 9], [4, None, 6], [3, 4, 5]):
            result = one(history)
            self.check(result)
            mean = np.nanmean(np.array(history, float))
            self.assertAlmostEqual(result.quantity.mean(), mean, delta=0.35 * mean)
            self.assertLess(result.lo95.max(), result.quantity.min())
            self.assertEqual(result.reason.code, "short")

    def test_dead_since_long(self):
        result = one([*samples.steady(40, level=20), *[0] * 60])
        self.check(result)
        self.assertLess(result.quantity.max(), 1)

    def test_brand_new_in_a_long_window(self):
        result = one([*[0] * 92, *samples.steady(12, level=20)])
        self.check(result)
        self.assertAlmostEqual(result.quantity.mean(), 20, delta=4)

    def test_gaps_are_not_zero_demand(self):
        history = samples.steady(60)
        history[::3] = np.nan
        result = one(history)
        self.check(result)
        self.assertAlmostEqual(result.quantity.mean(), 100, delta=8)

    def test_net_returns(self):
        for history in ([5, 7, -3, 6, 8, 5, 7, 6, -2, 6, 7], [-1, -2, -3], [-5]):
            self.check(one(history))

    def test_huge_and_tiny_numbers(self):
        for scale in (1e-9, 1e12):
            result = one(scale * samples.steady(60))
            self.check(result)
            self.assertAlmostEqual(result.quantity.mean() / scale, 100, delta=8)

    def test_a_horizon_longer_than_the_history(self):
        self.check(one(samples.steady(10), horizon=50), 50)

    def test_one_wild_period_does_not_carry_the_level_away(self):
        history = samples.steady(60)
        history[-2] = 5000
        self.assertLess(one(history).quantity.mean(), 250)

    def test_strange_histories_in_one_lot(self):
        source = samples.rng(99)
        lot = []
        for number in range(120):
            length, horizon = source.integers(0, 90), int(source.integers(1, 30))
            history = source.poisson(source.choice([0.05, 3, 1e6]), length) * 1.0
            match number % 6:
                case 0:
                    history *= np.exp(source.normal(0, 3, length))
                case 1:
                    history[source.random(length) < 0.5] = np.nan
                case 2:
                    history -= 3
                case 3:
                    history = np.minimum(np.cumsum(history) ** 3, 1e15)
                case 4:
                    history[-1:] = 1e14
            known = source.choice([0.0, 1.0, np.nan, 2.5], length + horizon)
            columns = {"x": (known[:length], known[length:])} if number % 2 else {}
            freq, season = "DWM"[number % 3], (None, 1, 12, 7)[number % 4]
            lot.append(Series(number, freq, history, horizon, season, columns))
        with np.errstate(all="raise", under="ignore"):
            results = forecast(lot)
        for series, result in zip(lot, results, strict=True):
            self.check(result, series.horizon)

    def test_every_method_can_be_asked_for_alone(self):
        lot = samples.panel(9)
        for method in set(METHODS) - NO_CHOICE:
            for result in forecast(lot, methods=[method]):
                self.assertEqual(result.weights, {method: 1.0})
                self.assertEqual(result.method, method)
                self.check(result, 6)


class TestIndependence(unittest.TestCase):
    def assert_same(self, first, second, rtol=1e-9):
        for one, other in zip(first, second, strict=True):
            self.assertEqual(one.id, other.id)
            for name in ARRAYS:
                np.testing.assert_allclose(
                    getattr(one, name), getattr(other, name), rtol=rtol, atol=1e-9
                )

    def setUp(self):
        super().setUp()
        self.lot = samples.panel()
        self.results = forecast(self.lot)

    def test_the_order_does_not_matter(self):
        order = samples.rng(3).permutation(len(self.lot))
        shuffled = forecast([self.lot[i] for i in order])
        self.assert_same([self.results[i] for i in order], shuffled)

    def test_the_company_does_not_matter(self):
        self.assert_same(self.results, [forecast([one])[0] for one in self.lot])
        self.assert_same(
            self.results, forecast(self.lot[:17]) + forecast(self.lot[17:])
        )

    def test_twice_the_same_is_the_same(self):
        self.assert_same(self.results, forecast(self.lot), rtol=0)

    def test_the_unit_does_not_matter(self):
        scaled = [
            Series(s.id, s.freq, 12.0 * np.asarray(s.history), s.horizon, s.season)
            for s in self.lot
        ]
        for plain, dozen in zip(self.results, forecast(scaled), strict=True):
            np.testing.assert_allclose(12 * plain.quantity, dozen.quantity, rtol=1e-6)
            np.testing.assert_allclose(
                12 * plain.hi95, dozen.hi95, rtol=1e-6, atol=1e-6
            )
            self.assertEqual(plain.method, dozen.method)

    def test_leading_gaps_do_not_matter(self):
        padded = [
            Series(s.id, s.freq, [None] * 7 + list(s.history), s.horizon, s.season)
            for s in self.lot
        ]
        self.assert_same(self.results, forecast(padded))

    def test_answers_are_plain_python_where_they_are_stored(self):
        result = self.results[0]
        self.assertEqual(
            set(result.backtest),
            {"error", "bias", "period_error", "origins", "horizon"},
        )
        self.assertIs(type(result.backtest["error"]), float)
        self.assertIs(type(result.backtest["origins"]), int)
        self.assertIs(type(result.history_mean), float)
        self.assertAlmostEqual(sum(result.weights.values()), 1, places=3)


class TestJudgement(unittest.TestCase):
    """Statistical promises on simulated panels: wide margins, fixed seeds."""

    def simulate(self, draw, count=250, length=80, horizon=8):
        source = samples.rng(21)
        lot, truth = [], []
        for number in range(count):
            values = draw(source, length + horizon).astype(float)
            lot.append(samples.series(values[:length], horizon, id=str(number)))
            truth.append(values[length:])
        return forecast(lot), np.array(truth)

    def assert_covers(self, results, truth, at_least, at_most):
        for level, (low, high), margin in (
            (0.80, ("lo80", "hi80"), (at_least, at_most)),
            (0.95, ("lo95", "hi95"), (0.92, 0.985)),
        ):
            lower = np.array([getattr(result, low) for result in results])
            upper = np.array([getattr(result, high) for result in results])
            share = ((truth >= lower) & (truth <= upper)).mean()
            self.assertTrue(margin[0] <= share <= margin[1], f"{level}: {share:.3f}")

    def test_intermittent_demand_is_not_forecast_as_zero(self):
        # Zero has the smallest absolute error here, and no buyer could use it.
        results, truth = self.simulate(
            lambda source, n: (source.random(n) < 0.3) * source.poisson(5, n)
        )
        total = sum(result.quantity.sum() for result in results)
        self.assertLess(abs(total / truth.sum() - 1), 0.08)
        self.assertGreater(min(result.quantity.mean() for result in results), 0.1)

    def test_backtests_tell_error_and_bias_of_totals(self):
        results, _ = self.simulate(lambda source, n: source.poisson(20, n))
        errors = [result.backtest["error"] for result in results]
        biases = [result.backtest["bias"] for result in results]
        self.assertTrue(0.02 < np.mean(errors) < 0.15)
        self.assertLess(abs(np.mean(biases)), 0.02)

    def test_intervals_of_steady_demand_cover_what_they_say(self):
        results, truth = self.simulate(lambda source, n: source.normal(100, 20, n))
        self.assert_covers(results, truth, 0.75, 0.85)

    def test_intervals_of_skewed_demand_cover_and_lean_upwards(self):
        results, truth = self.simulate(
            lambda source, n: np.exp(source.normal(3, 0.7, n))
        )
        self.assert_covers(results, truth, 0.75, 0.85)
        above = np.mean([(r.hi80 - r.quantity).mean() for r in results])
        below = np.mean([(r.quantity - r.lo80).mean() for r in results])
        self.assertGreater(above, 1.1 * below)

    def test_intervals_of_intermittent_demand_cover_what_they_say(self):
        results, truth = self.simulate(
            lambda source, n: (source.random(n) < 0.4) * (1 + source.poisson(4, n))
        )
        self.assert_covers(results, truth, 0.74, 0.87)

    def test_intervals_of_wandering_demand_widen_with_the_horizon(self):
        results, truth = self.simulate(
            lambda source, n: np.maximum(
                200 + np.cumsum(source.normal(0, 4, n)) + source.normal(0, 6, n), 0
            )
        )
        self.assert_covers(results, truth, 0.74, 0.87)
        first = np.mean([r.hi80[0] - r.lo80[0] for r in results])
        last = np.mean([r.hi80[-1] - r.lo80[-1] for r in results])
        self.assertGreater(last, 1.2 * first)

    def test_a_trend_is_followed(self):
        result = one(samples.trending(), horizon=6)
        truth = 50 + 2.0 * np.arange(60, 66)
        self.assertLess(np.abs(result.quantity / truth - 1).max(), 0.06)
