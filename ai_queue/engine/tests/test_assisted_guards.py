import ast
import inspect
import unittest
from dataclasses import replace

import numpy as np

from ..forecasting import REASONS, Reason, reasons
from ..forecasting.assisted import collect, guards, keep, limits, read
from .assisted_case import answer, offer, sparse, subject, subjects
from .samples import steady


class GuardCase(unittest.TestCase):
    def read_one(self, one, quantities, reason="Because of the season."):
        [result] = read([one], answer(offer(0, quantities, reason)))
        return result

    def assertKept(self, result, one, code):
        self.assertEqual((result.rejected, result.is_assisted), (code, False))
        self.assertEqual((result.series_id, result.reason), (one.id, None))
        for name in ("quantity", "lo80", "hi80", "lo95", "hi95"):
            kept, old = getattr(result.forecast, name), getattr(one.baseline, name)
            np.testing.assert_array_equal(kept, old)
        self.assertEqual(result.forecast.reason.notes[-1], Reason(code))
        self.assertIn(REASONS[code], result.forecast.reason.text)


class TestRead(GuardCase):
    def test_adjusted_quantities_are_taken(self):
        lot = subjects(3)
        wanted = [one.baseline.quantity * 1.2 for one in lot]
        data = answer(*(offer(place, each) for place, each in enumerate(wanted)))
        for one, quantity, result in zip(lot, wanted, read(lot, data), strict=True):
            self.assertTrue(result.is_assisted)
            self.assertEqual((result.series_id, result.rejected), (one.id, None))
            self.assertEqual(result.reason, "Because of the season.")
            np.testing.assert_array_equal(result.forecast.quantity, quantity)
            self.assertEqual(result.forecast.method, one.baseline.method)
            self.assertIn(
                "Adjusted by the AI model: Because of the season.",
                result.forecast.reason.text,
            )
            self.assertEqual(result.forecast.reason.code, one.baseline.reason.code)

    def test_the_order_of_the_answer_does_not_matter(self):
        lot = subjects(3)
        offers = [offer(place, one.baseline.quantity) for place, one in enumerate(lot)]
        self.assertTrue(
            all(one.is_assisted for one in read(lot, answer(*offers[::-1])))
        )

    def test_a_baseline_that_comes_back_rounded_is_not_rounded(self):
        one = subject(steady(level=1 / 3))
        shown = [round(value, 4) for value in one.baseline.quantity.tolist()]
        result = self.read_one(one, shown, "Nothing special.")
        self.assertTrue(result.is_assisted)
        np.testing.assert_array_equal(result.forecast.quantity, one.baseline.quantity)
        self.assertIs(result.forecast.quantity, one.baseline.quantity)
        self.assertIn("left it as it is: Nothing special.", result.forecast.reason.text)

    def test_a_silent_model_is_said_to_be(self):
        one = subjects(1)[0]
        for quantity, sentence in (
            (one.baseline.quantity * 1.1, "did not say why"),
            (one.baseline.quantity, "left it as it is."),
        ):
            for reason in ("", " \x00 ", None, ["x"], {"a": 1}):
                result = self.read_one(one, quantity, reason)
                self.assertTrue(result.is_assisted)
                self.assertIsNone(result.reason)
                self.assertIn(sentence, result.forecast.reason.text)

    def test_sentences_are_cleaned_and_cut(self):
        one = subjects(1)[0]
        text = "<b>Sale</b>\x00 100 %(x)s " + "long " * 200
        result = self.read_one(one, one.baseline.quantity, text)
        self.assertTrue(result.reason.startswith("Sale 100 %(x)s long"))
        self.assertLessEqual(len(result.reason), 240)
        self.assertIn(result.reason, result.forecast.reason.text)


class TestRails(GuardCase):
    def test_missing_duplicate_and_unknown_ids(self):
        lot = subjects(4)
        same = [one.baseline.quantity for one in lot]
        data = answer(
            offer(0, same[0]),
            offer(1, same[1]),
            offer(1, same[1] * 1.1),
            offer(98, same[2]),
            offer(3, same[3]),
        )
        results = read(lot, data)
        self.assertEqual(
            [result.rejected for result in results],
            [None, "kept_duplicate", "kept_missing", None],
        )
        self.assertKept(results[1], lot[1], "kept_duplicate")
        self.assertKept(results[2], lot[2], "kept_missing")

    def test_ids_are_not_guessed(self):
        one = subjects(1)[0]
        for wrong in ("1", "P1", "p01", " p1", 1, None, ["p1"], {}):
            data = answer({**offer(0, one.baseline.quantity), "id": wrong})
            self.assertKept(read([one], data)[0], one, "kept_missing")

    def test_wrong_horizon(self):
        one = subjects(1)[0]
        quantity = one.baseline.quantity.tolist()
        for wrong in (quantity[:-1], [*quantity, 1.0], []):
            self.assertKept(self.read_one(one, wrong), one, "kept_horizon")
        for wrong in (None, 3, "1,2,3,4", {"a": 1}):
            data = answer({**offer(0, []), "quantities": wrong})
            self.assertKept(read([one], data)[0], one, "kept_horizon")

    def test_what_is_not_a_finite_number(self):
        one = subjects(1)[0]
        quantity = one.baseline.quantity.tolist()
        for wrong in (
            *("NaN", "12", None, True, [1], {}),
            *(float("nan"), float("inf"), -float("inf"), 10**400),
        ):
            with self.subTest(wrong=str(wrong)[:20]):
                result = self.read_one(one, [*quantity[:-1], wrong])
                self.assertKept(result, one, "kept_not_number")

    def test_below_zero(self):
        one = subjects(1)[0]
        result = self.read_one(one, [100.0, 100.0, -0.5, 100.0])
        self.assertKept(result, one, "kept_negative")

    def test_absurdly_high_in_one_period(self):
        one = subjects(1)[0]
        highest = limits(one).highest
        self.assertEqual(highest[0], 2 * max(one.series.history))
        quantity = one.baseline.quantity.copy()
        quantity[1] = highest[1] * 1.01
        self.assertKept(self.read_one(one, quantity), one, "kept_too_high")
        quantity[1] = highest[1]
        self.assertTrue(self.read_one(one, quantity).is_assisted)

    def test_absurdly_high_in_total(self):
        one = sparse()
        bounds = limits(one)
        every_peak = bounds.highest * 0.9
        self.assertGreater(every_peak.sum(), bounds.highest_total)
        self.assertKept(self.read_one(one, every_peak), one, "kept_too_high")

    def test_a_steady_seller_cannot_be_zeroed(self):
        one = subjects(1)[0]
        self.assertKept(self.read_one(one, [0.0] * 4), one, "kept_too_low")
        half = one.baseline.quantity * 0.7
        self.assertTrue(self.read_one(one, half).is_assisted)

    def test_what_sells_only_at_times_may_be_forecast_at_nothing(self):
        history = ([0.0] * 40 + [30.0] * 12) * 2 + [0.0] * 3
        one = subject(history, season=52)
        self.assertEqual(limits(one).lowest_total, 0.0)
        self.assertTrue(self.read_one(one, [0.0] * 4).is_assisted)

    def test_a_dead_product_stays_within_what_statistics_give_it(self):
        one = subject([500.0] * 40 + [0.0] * 60)
        self.assertLess(limits(one).highest.max(), 1.0)
        self.assertKept(self.read_one(one, [5.0] * 4), one, "kept_too_high")
        self.assertTrue(self.read_one(one, one.baseline.quantity).is_assisted)

    def test_a_young_product_is_bound_by_its_best_period(self):
        one = subject([4.0, 6.0, 5.0], horizon=6)
        bounds, baseline = limits(one), one.baseline
        self.assertEqual(bounds.lowest_total, 0.0)
        best = 1.5 * 6 * 6.0
        self.assertEqual(bounds.highest_total, max(best, 3 * baseline.quantity.sum()))
        self.assertTrue((bounds.highest == np.maximum(baseline.hi95, 12.0)).all())
        self.assertTrue(self.read_one(one, [8.0] * 6).is_assisted)
        much = [bounds.highest_total / 5.9] * 6
        self.assertKept(self.read_one(one, much), one, "kept_too_high")

    def test_unobserved_periods_do_not_lower_the_floor(self):
        history = [10.0, 11.0] * 20
        whole = limits(subject(history)).lowest_total
        self.assertGreater(whole, 0)
        gap = limits(subject([*history[:20], None, None, *history[20:]])).lowest_total
        self.assertAlmostEqual(whole, gap, delta=0.1 * whole)

    def test_no_history_allows_nothing(self):
        one = subject([])
        self.assertFalse(limits(one).highest.any())
        self.assertKept(self.read_one(one, [1.0] * 4), one, "kept_too_high")

    def test_one_bad_product_does_not_harm_the_others(self):
        lot = subjects(3)
        same = [one.baseline.quantity * 1.1 for one in lot]
        data = answer(offer(0, same[0]), offer(1, [1e9] * 4), offer(2, same[2]))
        found = [result.rejected for result in read(lot, data)]
        self.assertEqual(found, [None, "kept_too_high", None])

    def test_anything_is_read_without_an_error(self):
        lot = subjects(2)
        for data in (
            *(None, [], "text", 3, {}, {"products": None}, {"products": {"p1": 1}}),
            {"products": [None, 3, "p1", [], {}]},
        ):
            with self.subTest(data=data):
                for one, result in zip(lot, read(lot, data), strict=True):
                    self.assertKept(result, one, "kept_missing")

    def test_without_an_answer_the_baseline_is_kept(self):
        one = subjects(1)[0]
        self.assertKept(keep(one, "kept_failed"), one, "kept_failed")
        unasked = keep(one)
        self.assertIs(unasked.forecast, one.baseline)
        self.assertEqual((unasked.is_assisted, unasked.rejected), (False, None))


class TestIntervals(GuardCase):
    def assertOrdered(self, forecast):
        stack = [
            getattr(forecast, name)
            for name in ("lo95", "lo80", "quantity", "hi80", "hi95")
        ]
        self.assertTrue((np.diff(stack, axis=0) >= 0).all())
        self.assertTrue((stack[0] >= 0).all())
        self.assertTrue(np.isfinite(stack).all())

    def test_bounds_stay_in_order_whatever_the_change(self):
        for one in (*subjects(2), sparse(), subject([4.0, 6.0, 5.0])):
            bounds = limits(one)
            old = one.baseline.quantity
            for factor in (0.0, 0.3, 0.6, 0.9, 1.0, 1.1, 1.5, 2.5):
                quantity = np.minimum(old * factor, bounds.highest)
                result = self.read_one(one, quantity)
                if result.is_assisted:
                    self.assertOrdered(result.forecast)

    def test_raised_it_becomes_wider(self):
        one = subjects(1)[0]
        result = self.read_one(one, one.baseline.quantity * 1.5).forecast
        old = one.baseline
        ratio = (result.hi80 - result.lo80) / (old.hi80 - old.lo80)
        self.assertTrue(((ratio > 1.3) & (ratio < 1.5)).all())

    def test_lowered_it_keeps_its_width(self):
        one = subjects(1)[0]
        result = self.read_one(one, one.baseline.quantity * 0.8).forecast
        old = one.baseline
        np.testing.assert_allclose(result.hi95 - result.lo95, old.hi95 - old.lo95)

    def test_from_nothing_it_is_shifted(self):
        one = subject([5.0, 0.0, 7.0, 6.0, 4.0, 3.0, 8.0, 5.0])
        zero = np.zeros(4)
        bare = replace(
            one.baseline, quantity=zero, lo80=zero, lo95=zero, history_mean=0.0
        )
        result = self.read_one(replace(one, baseline=bare), [2.0] * 4)
        self.assertTrue(result.is_assisted)
        self.assertOrdered(result.forecast)
        np.testing.assert_allclose(result.forecast.hi80, bare.hi80 + 2.0)


class TestSentences(unittest.TestCase):
    def test_every_sentence_can_be_collected_for_translation(self):
        tree = ast.parse(inspect.getsource(reasons))
        marked = {
            node.args[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "_"
        }
        self.assertEqual(set(REASONS.values()), marked)

    def test_every_code_of_the_rails_has_a_sentence(self):
        modules = (guards, inspect.getmodule(collect))
        source = "".join(map(inspect.getsource, modules))
        codes = {
            node.value
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith("kept_")
            and " " not in node.value
        }
        self.assertEqual(codes, {code for code in REASONS if code.startswith("kept_")})
