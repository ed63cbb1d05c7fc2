"""Learning across series: optional, kept as text, the same whatever the company."""

import json
import unittest
from dataclasses import replace

import numpy as np

from ..errors import InvalidModel
from ..forecasting import Series, forecast, learning
from ..forecasting.learning import model
from . import samples

#: What part of its usual demand each period of a season of 13 has.
SHARED = np.array([1, 1, 1, 3, 3, 1, 1, 2, 2, 0.3, 0.3, 1, 1])


def catalogue(count=80, length=24, horizon=6):
    """Products that share a season of which none has seen two."""
    lot = []
    for number in range(count):
        source = samples.rng(number)
        level = source.lognormal(3, 1)
        demand = source.poisson(level * SHARED[np.arange(length + horizon) % 13])
        one = Series(str(number), "W", demand[:length], horizon, 13)
        lot.append((one, demand[length:]))
    return [one for one, _ in lot], np.array([later for _, later in lot])


class TestWithoutTheLibrary(unittest.TestCase):
    def test_nothing_learnt_changes_nothing(self):
        lot, _later = catalogue(3)
        forecasts = forecast(lot)
        self.assertEqual(learning.combine(lot, forecasts, None), forecasts)

    def test_what_is_no_kept_model_is_refused(self):
        good = learning.Learned({"kind": model.Part("trees", 0.5, 4)})
        self.assertEqual(learning.Learned.from_bytes(good.to_bytes()), good)
        for kept in (
            b"",
            b"[]",
            b"{}",
            b'{"version": 1, "parts": {"a": {}}}',
            json.dumps({"version": model.VERSION + 1, "parts": {}}).encode(),
            b" " * (learning.MAX_BYTES + 1),
        ):
            with self.assertRaises(InvalidModel):
                learning.Learned.from_bytes(kept)


@unittest.skipUnless(learning.is_available(), "lightgbm is not installed")
class TestLearning(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot, cls.later = catalogue()
        cls.forecasts = forecast(cls.lot)
        cls.learned = learning.train(cls.lot)

    def combined(self, lot=None, forecasts=None):
        return learning.combine(
            lot or self.lot, forecasts or self.forecasts, self.learned
        )

    def missed(self, forecasts):
        found = np.array([one.quantity for one in forecasts])
        return np.abs(found - self.later).sum()

    def test_what_all_products_show_helps_each(self):
        self.assertLess(self.missed(self.combined()), self.missed(self.forecasts))

    def test_its_part_is_named(self):
        [part] = self.learned.parts.values()
        note = self.combined()[0].reason.notes[-1]
        self.assertEqual(
            (note.code, note.values), ("learned", {"share": round(100 * part.share)})
        )

    def test_it_is_the_same_every_time(self):
        self.assertEqual(learning.train(self.lot), self.learned)

    def test_it_survives_being_kept(self):
        kept = self.learned.to_bytes()
        self.assertLess(len(kept), learning.MAX_BYTES)
        self.assertEqual(learning.Learned.from_bytes(kept), self.learned)

    def test_a_product_does_not_depend_on_its_neighbours(self):
        together = self.combined()
        for place in (0, 7, 41):
            [alone] = self.combined([self.lot[place]], [self.forecasts[place]])
            np.testing.assert_allclose(alone.quantity, together[place].quantity)
            np.testing.assert_allclose(alone.hi95, together[place].hi95)

    def test_bounds_go_along_in_order(self):
        for one in self.combined():
            total = np.cumsum(one.quantity)
            for lower, upper in (
                (one.lo95, one.lo80),
                (one.lo80, one.quantity),
                (one.quantity, one.hi80),
                (one.hi80, one.hi95),
                (one.total_lo95, one.total_lo80),
                (one.total_lo80, total),
                (total, one.total_hi80),
                (one.total_hi80, one.total_hi95),
            ):
                self.assertTrue((lower <= upper + 1e-9).all())
            for level in ("lo95", "lo80", "hi80", "hi95"):
                bound = getattr(one, f"total_{level}")
                self.assertTrue((np.diff(bound) >= -1e-9).all(), level)

    def test_few_series_teach_nothing(self):
        self.assertIsNone(learning.train(self.lot[: learning.LEAST_SERIES - 1]))

    def test_what_does_not_help_gets_no_share(self):
        # Every product keeps to a level of its own: nothing is shared.
        lot = [samples.series([5.0 + n] * 30, id=str(n)) for n in range(60)]
        self.assertIsNone(learning.train(lot))

    def test_strange_series_are_left_alone_and_break_nothing(self):
        strange = [
            Series("none", "W", [], 4, 13),
            Series("unknown", "W", [None] * 20, 4, 13),
            Series("never", "W", [0] * 20, 4, 13),
            Series("short", "W", [3, 4], 4, 13),
            Series("other", "M", [3, 4] * 20, 4),
        ]
        plain = forecast(strange)
        self.assertEqual(self.combined(strange, plain), plain)
        learning.train([*self.lot, *strange])

    def test_a_longer_horizon_than_was_trained(self):
        long = [replace(self.lot[0], horizon=30)]
        [result] = self.combined(long, forecast(long))
        self.assertEqual(result.quantity.shape, (30,))
        self.assertTrue(np.isfinite(result.quantity).all())

    def test_trees_that_cannot_be_read(self):
        [kind] = self.learned.parts
        broken = learning.Learned({kind: model.Part("nonsense", 0.5, 4)})
        with self.assertRaises(InvalidModel):
            learning.combine(self.lot, self.forecasts, broken)
