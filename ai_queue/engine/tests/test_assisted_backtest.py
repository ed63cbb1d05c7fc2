import json
import unittest
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np

from ..forecasting import forecast
from ..forecasting.assisted import (
    Comparison,
    backtest_questions,
    collect,
    members,
    questions,
    read_backtest,
    rehearse,
)
from .assisted_case import answer, assemble, offer, subject, subjects
from .samples import series, steady, trending

MODEL = "some-model"


class TestRehearsal(unittest.TestCase):
    def test_the_last_periods_are_held_back(self):
        one = subject(steady(length=40), horizon=6)
        [past] = rehearse([one])
        history = one.series.history
        np.testing.assert_array_equal(past.subject.series.history, history[:-6])
        np.testing.assert_array_equal(past.actual, history[-6:])
        self.assertEqual(past.subject.start, date(2026, 10, 12))
        [then] = forecast([replace(one.series, history=history[:-6])])
        np.testing.assert_array_equal(past.subject.baseline.quantity, then.quantity)

    def test_what_is_held_back_is_not_shown(self):
        history = [*steady(length=40), *(7777.0, 8888.0, 9999.0, 6666.0)]
        [question] = backtest_questions(rehearse([subject(history)]), MODEL)
        for value in ("7777", "8888", "9999", "6666"):
            self.assertNotIn(value, question.parts[0])

    def test_columns_of_the_held_back_periods_are_known(self):
        past, future = [float(n % 7) for n in range(40)], [0.0] * 4
        one = subject(steady(length=40), columns={"promo": (past, future)})
        [rehearsal] = rehearse([one])
        then, ahead = rehearsal.subject.series.columns["promo"]
        self.assertEqual(list(then), past[:-4])
        self.assertEqual(list(ahead), past[-4:])

    def test_a_short_history_is_tried_on_fewer_periods_or_not_at_all(self):
        lot = [
            series(steady(length=length), horizon=12, id=str(length))
            for length in (40, 20, 9, 3)
        ]
        found = {one.id: one.subject.series.horizon for one in rehearse(assemble(lot))}
        self.assertEqual(found, {"40": 12, "20": 6, "9": 1})

    def test_periods_that_nobody_observed_do_not_count(self):
        history = steady(length=40).tolist()
        gone = assemble([series([*history[:-4], *[None] * 4])])
        self.assertEqual(rehearse(gone), [])
        [past] = rehearse(assemble([series([*history[:-1], None])]))
        self.assertEqual(past.seen.tolist(), [1.0, 1.0, 1.0, 0.0])


class TestComparison(unittest.TestCase):
    def test_both_errors_side_by_side(self):
        lot = assemble([series(trending(length=60), id=n) for n in range(2)])
        pasts = rehearse(lot)
        offers = [offer(place, one.actual) for place, one in enumerate(pasts)]
        first, second = read_backtest(pasts, answer(offers[0], offer(1, [-1.0] * 4)))
        self.assertEqual(first.error_assisted, 0.0)
        self.assertGreater(first.error, 0.0)
        self.assertTrue(first.is_assisted)
        self.assertEqual(first.as_dict(), {"baseline": first.error, "assisted": 0.0})
        # What failed the rails would have kept the baseline.
        self.assertFalse(second.is_assisted)
        self.assertEqual(second.error_assisted, second.error)

    def test_a_model_that_did_worse_on_the_past_has_no_say(self):
        lot = assemble([series(steady(60), id=n) for n in range(2)])
        pasts = rehearse(lot)
        today, then = questions(lot, MODEL), backtest_questions(pasts, MODEL)
        far = pasts[0].subject.baseline.quantity * 1.5
        answers = {
            today[0].key: SimpleNamespace(
                data=answer(*(offer(n, lot[n].baseline.quantity + 1) for n in (0, 1)))
            ),
            then[0].key: SimpleNamespace(
                data=answer(offer(0, far), offer(1, pasts[1].actual))
            ),
        }
        results, compared = collect(
            {one.id: one for one in lot},
            {one.id: one for one in pasts},
            today + then,
            answers,
        )
        worse, better = results[0], results[1]
        self.assertTrue(compared[0].is_worse)
        self.assertGreater(compared[0].bias_assisted, 0.3)
        self.assertEqual((worse.is_assisted, worse.rejected), (False, "kept_worse"))
        self.assertEqual(list(worse.forecast.quantity), list(lot[0].baseline.quantity))
        self.assertRegex(worse.forecast.reason.text, r"by 5\d % and the statistics by")
        self.assertEqual((better.is_assisted, better.rejected), (True, None))

    def test_no_answer_is_told_with_its_cause(self):
        lot = assemble([series(steady(60))])
        [asked] = questions(lot, MODEL)
        known = {lot[0].id: lot[0]}
        [result] = collect(known, {}, [asked], {}, {asked.key: "key"})[0].values()
        self.assertEqual(result.rejected, "kept_without")
        self.assertIn("(Key not accepted)", result.forecast.reason.text)

    def test_the_error_is_that_of_the_statistics_own_back_test(self):
        # With one origin possible, both look at the same periods.
        one = subject([30.0, 42.0, 35.0, 44.0, 31.0, 39.0, 41.0, 36.0, 52.0], horizon=1)
        [past] = rehearse([one])
        series_of_then = replace(one.series, history=one.series.history[:-1])
        [then] = forecast([series_of_then])
        [found] = read_backtest([past], None)
        self.assertAlmostEqual(found.error, abs(then.quantity[0] - 52.0) / 52.0)
        self.assertEqual((found.series_id, found.horizon), (one.id, 1))
        self.assertEqual(found.error_assisted, found.error)

    def test_without_demand_there_is_no_error(self):
        one = subject([5.0, 6.0, 4.0, 7.0] * 8 + [0.0] * 4)
        [found] = read_backtest(rehearse([one]), None)
        self.assertEqual(
            found, Comparison(one.id, None, None, None, is_assisted=False, horizon=4)
        )

    def test_unobserved_periods_do_not_count(self):
        history = [*[10.0, 12.0] * 20, 12.5, None, 12.5, None]
        pasts = rehearse([subject(history)])
        [found] = read_backtest(pasts, answer(offer(0, [12.5, 15.0, 12.5, 15.0])))
        self.assertTrue(found.is_assisted)
        self.assertEqual(found.error_assisted, 0.0)


class TestBacktestQuestions(unittest.TestCase):
    def test_they_go_together_with_those_of_today(self):
        lot = subjects(3)
        pasts = rehearse(lot)
        today = questions(lot, MODEL)
        asked = today + backtest_questions(pasts, MODEL)
        keys = [one.key for one in asked]
        self.assertEqual(keys, [("forecast", (0, 1, 2)), ("backtest", (0, 1, 2))])
        self.assertEqual(members(keys[1], pasts), pasts)
        # The model is told the same, so that it cannot behave better in a test.
        self.assertEqual(asked[0].system, asked[1].system)
        self.assertEqual(asked[0].schema, asked[1].schema)
        self.assertEqual(
            json.loads(asked[1].parts[0])["calendar"][0]["first_day"], "2026-10-26"
        )
