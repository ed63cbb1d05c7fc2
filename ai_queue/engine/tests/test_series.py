import re
import unittest

import numpy as np

from ..errors import EngineError, InvalidSeries
from ..forecasting import (
    METHODS,
    REASONS,
    SCHEMA,
    Reason,
    Series,
    UnknownMethod,
    forecast,
    validate,
)
from . import samples


class TestValidation(unittest.TestCase):
    def refused(self, wanted, **changes):
        values = {"id": "P7", "freq": "W", "history": [1, 2, 3], "horizon": 2}
        with self.assertRaises(InvalidSeries) as caught:
            forecast([Series(**{**values, **changes})])
        self.assertIn(wanted, str(caught.exception))
        self.assertIn("P7", str(caught.exception))
        self.assertEqual(caught.exception.series_id, "P7")

    def test_what_cannot_be_forecast_is_refused_in_words(self):
        self.refused("unknown frequency 'Q'", freq="Q")
        self.refused("horizon must be 1 to 1000", horizon=0)
        self.refused("horizon must be 1 to 1000", horizon=-3)
        self.refused("horizon must be a whole number", horizon=2.5)
        self.refused("horizon must be a whole number", horizon=True)
        self.refused("season must be 1 to 1000", season=0)
        self.refused("infinite", history=[1, np.inf])
        self.refused("not a number", history=[1, "many"])
        self.refused("flat list", history=[[1, 2], [3, 4]])
        self.refused("beyond", history=[1, 1e306])
        self.refused("beyond", history=[1, 10**400])
        self.refused("limited to", history=np.zeros(20_001))

    def test_columns_must_fit_history_and_horizon(self):
        self.refused("has 2 past values, not 3", columns={"price": ([1, 2], [1, 2])})
        self.refused("has 1 future values, not 2", columns={"price": ([1, 2, 3], [1])})
        self.refused(
            "must be (past values, future values)", columns={"price": [1, 2, 3]}
        )
        self.refused("must map a name", columns=[1, 2])
        self.refused("infinite", columns={"price": ([1, 2, np.inf], [1, 2])})
        many = {str(n): ([1, 2, 3], [1, 2]) for n in range(51)}
        self.refused("more than 50 columns", columns=many)

    def test_none_and_nan_are_periods_that_were_not_observed(self):
        history, columns = validate(
            samples.series([1, None, np.nan], columns={"p": ([1, None, 2], [3] * 4)})
        )
        np.testing.assert_array_equal(np.isnan(history), [False, True, True])
        self.assertEqual(len(columns["p"]), 7)
        self.assertTrue(np.isnan(columns["p"][1]))

    def test_schema_says_the_limits(self):
        self.assertEqual(SCHEMA["horizon"]["max"], 1000)

    def test_unknown_methods_are_refused(self):
        for wrong in (["magic"], ["ensemble"], []):
            with self.assertRaises(UnknownMethod):
                forecast([samples.series([1, 2])], methods=wrong)

    def test_the_docstring_is_the_default_message(self):
        self.assertEqual(
            str(InvalidSeries()), "The series cannot be forecast as it was given."
        )
        self.assertIsInstance(UnknownMethod(), EngineError)


class TestReasons(unittest.TestCase):
    def test_text_names_methods_by_their_label(self):
        reason = Reason(
            "mixed", {"methods": ["ses", "theta"], "horizon": 8, "origins": 6}
        )
        self.assertIn("A mix of Exponential smoothing and Theta", reason.text)

    def test_notes_follow_the_reason(self):
        text = Reason("constant", {}, (Reason("intermittent", {"share": 20}),)).text
        self.assertTrue(text.endswith("It sells in 20 % of the periods only."))

    def test_one_reads_as_well_as_many(self):
        for code, template in REASONS.items():
            if code != "seasonal":  # repeats every two periods at the least
                values = dict.fromkeys(re.findall(r"%\((\w+)\)s", template), 1)
                self.assertNotRegex(template % values, r"\b1 [a-z]+s\b")

    def test_every_forecast_has_a_reason_that_can_be_said(self):
        for result in forecast(samples.panel()):
            self.assertIn(result.reason.code, REASONS)
            self.assertTrue(result.reason.text.endswith("."))
            self.assertIn(result.method, METHODS)

    def test_the_reason_tells_season_trend_and_gaps(self):
        def codes(history, **options):
            [result] = forecast([samples.series(history, **options)])
            return {note.code for note in result.reason.notes}

        self.assertIn("seasonal", codes(samples.seasonal(), season=12, horizon=12))
        self.assertIn("trend_up", codes(samples.trending(), horizon=12))
        self.assertIn("trend_down", codes(samples.trending()[::-1], horizon=12))
        self.assertIn("intermittent", codes(samples.intermittent()))
        self.assertIn("faded", codes([*samples.steady(30), *[0] * 20]))
        self.assertIn("new", codes([*[0] * 60, *samples.steady(12)]))
        self.assertIn("returns", codes([5, 7, -3, 6, 8, 5, 7]))
