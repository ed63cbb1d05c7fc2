"""Season, price and promotion: found where they are, ignored where they are not."""

import unittest

import numpy as np

from ..forecasting import forecast
from ..forecasting.seasonality import seasonal_effects
from . import samples


def effects(history, season, horizon=0):
    x = np.log(np.asarray(history, float))[:, None]
    known, full = np.ones_like(x), np.array([1.0])
    return seasonal_effects(x, known, np.array([0]), season, horizon, full)[:, 0]


class TestSeasonality(unittest.TestCase):
    def test_a_clear_season_is_found_and_continued(self):
        found = effects(samples.seasonal(), 12, horizon=12)
        time = np.arange(len(found))
        true = np.log(1 + 0.4 * np.sin(2 * np.pi * time / 12))
        self.assertLess(np.abs(found - (true - true[:12].mean())).max(), 0.08)

    def test_the_season_keeps_its_place_in_a_broken_year(self):
        [result] = forecast(
            [samples.series(samples.seasonal()[:67], 12, season=12, freq="M")]
        )
        truth = 100 * (1 + 0.4 * np.sin(2 * np.pi * np.arange(67, 79) / 12))
        self.assertLess(np.abs(result.quantity / truth - 1).max(), 0.15)

    def test_noise_is_hardly_taken_for_a_season(self):
        swings = [
            np.ptp(effects(1 + samples.steady(72, noise=0.2, seed=seed), 12))
            for seed in range(30)
        ]
        self.assertLess(np.mean(swings), 0.1)

    def test_two_years_of_weeks_show_a_summer(self):
        noisy = samples.seasonal(2, 52, noise=0.2)
        [result] = forecast([samples.series(noisy, 26, season=52)])
        truth = 100 * (1 + 0.4 * np.sin(2 * np.pi * np.arange(26) / 52))
        flat = np.abs(truth - noisy.mean()).mean()
        self.assertLess(np.abs(result.quantity - truth).mean(), 0.4 * flat)

    def test_days_have_a_week_and_a_year(self):
        time = np.arange(3 * 365 + 60)
        week = np.where(time % 7 == 5, 2.0, 0.8)
        year = 1 + 0.5 * np.sin(2 * np.pi * time / 365)
        history = samples.rng(8).poisson(30 * week * year).astype(float)
        train = samples.series(history[:-60], 60, freq="D", season=None)
        [result] = forecast([train])
        truth = (30 * week * year)[-60:]
        self.assertLess(np.abs(result.quantity / truth - 1).mean(), 0.12)
        seasons = [
            note.values["season"]
            for note in result.reason.notes
            if note.code == "seasonal"
        ]
        self.assertEqual(seasons, [7, 365])

    def test_less_than_two_seasons_say_nothing(self):
        np.testing.assert_array_equal(effects(samples.seasonal(2)[:23], 12), 0.0)

    def test_sales_in_one_season_only_do_not_break_it(self):
        ski = np.tile([0, 0, 0, 0, 0, 0, 0, 0, 20.0, 60, 80, 30], 5)
        [result] = forecast([samples.series(ski, 12, season=12, freq="M")])
        self.assertLess(result.quantity[:8].max(), 8)
        self.assertGreater(result.quantity[10], 30)
        self.assertLess(abs(result.quantity.sum() / 190 - 1), 0.3)


class TestDrivers(unittest.TestCase):
    @staticmethod
    def promoted(lift=3.0, length=120, zeros=False, seed=11):
        source = samples.rng(seed)
        promo = (source.random(length) < 0.2).astype(float)
        level = np.where(promo > 0, 20 * lift, 20.0)
        history = source.poisson(level * (0.1 if zeros else 1)).astype(float)
        return history, promo

    def test_a_promotion_lifts_the_forecast_where_it_is_on(self):
        for zeros in (False, True):
            history, promo = self.promoted(zeros=zeros)
            columns = {"promo": (promo, [0, 1, 0, 1])}
            [result] = forecast([samples.series(history, columns=columns)])
            lift = result.quantity[[1, 3]].mean() / result.quantity[[0, 2]].mean()
            self.assertGreater(lift, 2.0)
            self.assertLess(lift, 4.0)
            told = {note.code: note.values for note in result.reason.notes}
            self.assertEqual(told["drivers"], {"columns": ["promo"]})

    def test_a_lower_price_sells_more(self):
        source = samples.rng(12)
        price = source.choice([2.0, 2.5, 3.0], 100)
        history = 500 * price**-2 * np.exp(source.normal(0, 0.1, 100))
        columns = {"price": (price, [2.0, 3.0, 2.0, 3.0])}
        [result] = forecast([samples.series(history, columns=columns)])
        self.assertAlmostEqual(result.quantity[0] / result.quantity[1], 2.25, delta=0.3)

    def test_columns_that_say_nothing_change_little(self):
        history = samples.steady(80)
        [plain] = forecast([samples.series(history)], methods=["ses"])
        noise = samples.rng(13).random(84)
        for column in (
            (noise[:80], noise[80:]),  # unrelated
            (np.arange(80), np.arange(80, 84)),  # counts time
            (np.ones(80), [1, 1, 9, 9]),  # never moved before
            ([None] * 80, [None] * 4),  # unknown
        ):
            result = samples.series(history, columns={"x": column})
            [result] = forecast([result], methods=["ses"])
            np.testing.assert_allclose(result.quantity, plain.quantity, rtol=0.06)

    def test_an_unknown_future_value_is_taken_as_typical(self):
        history, promo = self.promoted()
        columns = {"promo": (promo, [None, np.nan, 0, 0])}
        [result] = forecast([samples.series(history, columns=columns)])
        np.testing.assert_allclose(result.quantity[:2], result.quantity[2:], rtol=1e-9)

    def test_a_price_far_beyond_what_was_seen_stays_believable(self):
        price = samples.rng(14).choice([2.0, 2.5, 3.0], 100)
        history = 500 * price**-2
        columns = {"price": (price, [0.01] * 4)}
        [result] = forecast([samples.series(history, columns=columns)])
        self.assertLess(result.quantity.max(), 2 * history.max())
