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
        good = learning.Learned({"kind": model.Part(samples.trees(), 0.5, 4)})
        self.assertEqual(learning.Learned.from_bytes(good.to_bytes()), good)
        for kept in (
            b"",
            b"[]",
            b"{}",
            b'{"version": 1, "parts": {"a": {}}}',
            json.dumps({"version": model.VERSION + 1, "parts": {}}).encode(),
            b" " * (learning.MAX_BYTES + 1),
            b"[" * 100_000,
            good.to_bytes().replace(b"0.5, ", b"NaN, "),
        ):
            with self.assertRaises(InvalidModel):
                learning.Learned.from_bytes(kept)

    def test_a_tree_that_splits_nothing_is_kept(self):
        known = {"Tree": 0, "num_leaves": 1, "num_cat": 0, "leaf_value": 0.5}
        known |= {"leaf_count": 2000, "is_linear": 0, "shrinkage": 1}
        lines = [line.partition("=")[0] for line in samples.TREE.splitlines()]
        tree = "".join(
            f"{name}={known.get(name, '')}\n" if name else "\n"
            for name in lines
            if not name.startswith("cat_")
        )
        good = learning.Learned({"kind": model.Part(samples.trees(tree), 0.5, 4)})
        self.assertEqual(learning.Learned.from_bytes(good.to_bytes()), good)

    def test_trees_that_lightgbm_would_not_survive_are_refused(self):
        """It goes round for ever where a branch leads back, and reads foreign memory
        where a number is out of range."""
        tree = samples.TREE
        for line, other in (
            ("left_child=1 -1", "left_child=0 -1"),
            ("left_child=1 -1", "left_child=1 1"),
            ("left_child=1 -1", "left_child=1 -4"),
            ("right_child=-2 -3", "right_child=2 -3"),
            ("right_child=-2 -3", "right_child=-2"),
            ("split_feature=0 24", "split_feature=0 25"),
            ("split_feature=0 24", "split_feature=-1 24"),
            ("threshold=0.5 0", "threshold=0.5 1"),
            ("threshold=0.5 0", "threshold=0.5 0.5"),
            ("threshold=0.5 0", "threshold=inf 0"),
            ("decision_type=10 1", "decision_type=12 1"),
            ("leaf_value=0.5 -1.5 1", "leaf_value=0.5 -1.5 nan"),
            ("leaf_value=0.5 -1.5 1", "leaf_value=0.5 -1.5"),
            ("leaf_count=1 1 2", "leaf_count=1 1 x"),
            *(("num_leaves=3", "num_leaves=4"), ("num_leaves=3", "num_leaves=-3")),
            *(("num_cat=1", "num_cat=0"), ("num_cat=1", "num_cat=2")),
            ("cat_boundaries=0 1", "cat_boundaries=0 2"),
            ("cat_boundaries=0 1", "cat_boundaries=-1 1"),
            *(("cat_threshold=6", "cat_threshold=-6"), ("is_linear=0", "is_linear=1")),
            ("shrinkage=0.05\n", "shrinkage=0.05\nleaf_const=1\n"),
            *(("Tree=0", "Tree=1"), ("split_gain", "left_child")),
        ):
            self.assertIn(line, tree)
            self.assert_refused(samples.trees(tree.replace(line, other)))
        good = samples.trees()
        for line, other in (
            *(("num_class=1", "num_class=3"), ("tweedie", "multiclass")),
            *(("max_feature_idx=24", "max_feature_idx=99"), ("none none", "none")),
            *((f"tree_sizes={len(tree)}", "tree_sizes=10"), ("end of trees", "")),
            *((f"tree_sizes={len(tree)}", "tree_sizes="), ("Column_0", "\u0661")),
        ):
            self.assert_refused(good.replace(line, other))

    def assert_refused(self, trees):
        part = {"trees": trees, "share": 0.5, "horizon": 4, "groups": []}
        kept = {"version": model.VERSION, "parts": {"a": part}, "starts": {}}
        with self.assertRaises(InvalidModel):
            learning.Learned.from_bytes(json.dumps(kept).encode())


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

    def test_products_that_sell_no_more_teach_nothing(self):
        lot = [
            Series(str(number), "W", [number % 7 + 1] * 6 + [0] * 14, 6, 13)
            for number in range(400)
        ]
        learned = learning.train(lot)
        self.assertFalse(learned and learned.parts)

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

    def test_trees_of_other_features(self):
        [kind] = self.learned.parts
        trees = samples.trees(samples.TREE.replace("0 24", "0 1"), features=2)
        other = learning.Learned({kind: model.Part(trees, 0.5, 4)})
        with self.assertRaises(InvalidModel):
            learning.combine(self.lot, self.forecasts, other)

    def test_what_is_trained_with_groups_is_read_again(self):
        lot = [replace(one, group=str(n % 3)) for n, one in enumerate(self.lot)]
        learned = learning.train(lot)
        [part] = learned.parts.values()
        self.assertIn("num_cat=1", part.trees)
        self.assertEqual(learning.Learned.from_bytes(learned.to_bytes()), learned)
