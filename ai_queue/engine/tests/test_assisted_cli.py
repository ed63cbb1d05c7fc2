import contextlib
import io
import json
import os
import tempfile
from pathlib import Path
from unittest import mock

from ..forecasting import cli, records
from .client_case import KEY, MODEL, ClientCase
from .fakemodel import forecaster

HISTORY = [40, 50, 45, 60, 44, 52, 47, 55, 49, 51, 46, 53, 48, 50]


def line(**changes):
    one = {"id": "A", "freq": "W", "horizon": 3, "season": 1, "train": HISTORY}
    return json.dumps({**one, **changes})


class TestAssistedCommand(ClientCase):
    def setUp(self):
        super().setUp()
        self.seen = []

        def give(asked):
            self.seen.append(forecaster.question(asked))
            return forecaster.answer(asked)

        type(self).answer = staticmethod(give)

    def run_cli(self, *lines, options=(), model=True):
        """Run the command; returns (exit code, answers, errors)."""
        out, err = io.StringIO(), io.StringIO()
        if model:
            options = ["--base-url", self.fake.url, "--model", MODEL, *options]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "series.jsonl")
            path.write_text("\n".join(lines), encoding="utf-8")
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = cli.main([str(path), *options])
        answers = [json.loads(row) for row in out.getvalue().splitlines()]
        return code, answers, err.getvalue()

    def test_forecasts_are_adjusted_and_marked(self):
        lines = line(), line(id="B", train=[0] * 14)
        code, (first, second), err = self.run_cli(*lines)
        _code, (plain, also_plain), _err = self.run_cli(*lines, model=False)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual((first["assisted"], first["rejected"]), (True, None))
        self.assertIn("Raised by 10%", first["reason"])
        for raised, value in zip(first["forecast"], plain["forecast"], strict=True):
            self.assertAlmostEqual(raised, 1.1 * value, places=1)
        # Nothing was ever sold, so nothing was asked.
        self.assertEqual(second, {**also_plain, "assisted": False, "rejected": None})
        self.assertEqual(set(first) - set(plain), {"assisted", "rejected"})

    def test_without_a_model_nothing_is_asked_and_nothing_added(self):
        _code, [answer], _err = self.run_cli(line(), model=False)
        self.assertEqual(list(answer)[-1], "reason")
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_names_and_dates_of_a_line_are_shown(self):
        told = {"name": "Tulip", "category": "Garden", "start": "2026-01-05"}
        self.run_cli(line(**told))
        [question] = self.seen
        self.assertEqual(question["calendar"][0]["first_day"], "2026-04-13")
        [product] = question["products"]
        self.assertEqual((product["name"], product["category"]), ("Tulip", "Garden"))

    def test_a_start_that_is_no_date_is_not_known(self):
        for start in (None, 3, "week 40 = 1990-06-14", "", [1]):
            found = records.parse_description(line(start=start))
            self.assertEqual(found, {"start": None, "name": "", "category": ""})

    def test_ids_may_be_anything(self):
        code, answers, err = self.run_cli(line(), line(), line(id=[1]), line(id=None))
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([one["id"] for one in answers], ["A", "A", [1], None])
        self.assertTrue(all(one["assisted"] for one in answers))

    def test_a_back_test_shows_both_errors(self):
        lines = line(), line(id="B", train=[5, 6])
        code, (first, second), _err = self.run_cli(*lines, options=["--backtest"])
        self.assertEqual(code, 0)
        self.assertEqual(set(first["backtest_assisted"]), {"baseline", "assisted"})
        self.assertIsNone(second["backtest_assisted"])
        self.assertEqual(self.fake.stats()["asked"], 2)

    def test_a_failing_provider_keeps_the_forecasts_and_says_so(self):
        for fault, sentence in (
            ({"status": 401}, "does not accept the key"),
            ({"status": 400}, "400"),
            ({"kind": "nonsense"}, "did not answer in the form"),
        ):
            with self.subTest(fault=fault):
                self.fake.configure(faults=[{**fault, "probability": 1}])
                code, [answer], err = self.run_cli(line())
                self.assertEqual(code, 3)
                self.assertIn(sentence, err)
                self.assertIn("1 series keep their statistical forecast", err)
                self.assertEqual(
                    (answer["assisted"], answer["rejected"]), (False, "kept_without")
                )
                _code, [plain], _err = self.run_cli(line(), model=False)
                self.assertEqual(answer["forecast"], plain["forecast"])

    def test_broken_lines_are_told_first(self):
        self.fake.configure(faults=[{"status": 401, "probability": 1}])
        code, answers, err = self.run_cli(line(), "nonsense")
        self.assertEqual((code, len(answers)), (1, 1))
        self.assertIn("line 2: not JSON", err)

    def test_the_key_comes_from_the_environment(self):
        self.fake.configure(key=KEY)
        with mock.patch.dict(os.environ, {"MY_KEY": KEY}):
            code, [answer], err = self.run_cli(
                line(), options=["--api-key-env", "MY_KEY"]
            )
        self.assertEqual((code, answer["assisted"], err), (0, True, ""))

    def test_options_that_do_not_go_together(self):
        for options, sentence in (
            (["--model", "m"], "go together"),
            (["--base-url", "http://127.0.0.1:1/v1"], "go together"),
            (["--backtest"], "need --base-url"),
            (
                ["--model", "m", "--base-url", "u", "--api-key-env", "NOT_SET_AT_ALL"],
                "NOT_SET_AT_ALL is not set",
            ),
        ):
            with self.subTest(options=options):
                with contextlib.redirect_stderr(io.StringIO()) as err:
                    with self.assertRaises(SystemExit) as caught:
                        cli.main(["-", *options])
                self.assertEqual(caught.exception.code, 2)
                self.assertIn(sentence, err.getvalue())
