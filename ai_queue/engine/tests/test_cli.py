import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from ..errors import InvalidSeries
from ..forecasting import cli, records

ROOT = Path(__file__).resolve().parents[3]
GOOD = {"id": "A", "freq": "W", "horizon": 3, "train": [4, 5, None, 6, 5, 4]}


def line(**changes):
    return json.dumps({**GOOD, **changes})


class TestRecords(unittest.TestCase):
    def columns(self, horizon=3, **extra):
        return records.parse_line(line(horizon=horizon, x=extra)).columns

    def test_unknown_keys_are_ignored(self):
        series = records.parse_line(line(test=[1], meta={"a": 1}, start="2024-01-01"))
        self.assertEqual((series.id, series.season), ("A", None))

    def test_a_longer_future_is_cut(self):
        found = self.columns(p_train=[1] * 6, p_test=[1, 2, 3, 4])
        self.assertEqual(found["p"][1], [1, 2, 3])

    def test_a_shorter_or_missing_future_is_unknown_at_its_end(self):
        found = self.columns(p_train=[1] * 6, p_test=[2], q_train=[1] * 6)
        self.assertEqual(found["p"][1], [2, None, None])
        self.assertEqual(found["q"][1], [None] * 3)

    def test_a_time_index_tells_which_periods_a_shorter_future_is_for(self):
        found = self.columns(
            week_train=[1, 2, 3, 5, 6, 7],
            week_test=[9, 10],
            p_train=[1] * 6,
            p_test=[8, 9],
        )
        self.assertEqual(found["p"][1], [None, 8, 9])

    def test_what_is_wrong_is_said(self):
        for text, wanted in (
            ("{", "not JSON"),
            ("[1]", "not a JSON object"),
            ('{"id": "A"}', "missing: freq, horizon, train"),
            (line(train="1,2"), "train must be a list"),
            (line(x=[1]), "x must be an object"),
            (line(x={"p_train": 1}), "p must be lists"),
        ):
            with self.assertRaisesRegex(InvalidSeries, wanted):
                records.parse_line(text)

    def test_numbers_are_short(self):
        self.assertEqual(records._round(1234.56789), 1234.57)
        self.assertEqual(records._round(0.000123456789), 0.000123457)
        self.assertEqual(records._round(0.0), 0.0)


class TestCommand(unittest.TestCase):
    def run_cli(self, text, *options):
        out, err = io.StringIO(), io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "series.jsonl")
            path.write_text(text, encoding="utf-8")
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = cli.main([str(path), *options])
        answers = [json.loads(row) for row in out.getvalue().splitlines()]
        return code, answers, err.getvalue()

    def test_one_line_in_one_line_out(self):
        code, answers, err = self.run_cli(f"{line()}\n\n{line(id=7)}\n")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([answer["id"] for answer in answers], ["A", 7])
        self.assertEqual(
            set(answers[0]),
            {
                "id",
                "forecast",
                "lo80",
                "hi80",
                "lo95",
                "hi95",
                "total_lo80",
                "total_hi80",
                "total_lo95",
                "total_hi95",
                "method",
                "backtest",
                "weights",
                "reason",
            },
        )
        self.assertEqual(len(answers[0]["forecast"]), 3)

    def test_alone_learns_nothing_from_the_others(self):
        lot = [line(id=n, train=[5 + n % 3, 7, 6 + n, 9] * 8) for n in range(60)]
        _code, alone, _err = self.run_cli("\n".join(lot), "--alone")
        _code, [single], _err = self.run_cli(lot[7])
        self.assertEqual(alone[7], single)

    def test_a_broken_line_is_named_and_the_others_are_forecast(self):
        code, answers, err = self.run_cli(f"{line()}\nnonsense\n{line(horizon=-1)}\n")
        self.assertEqual((code, len(answers)), (1, 1))
        self.assertIn("line 2: not JSON", err)
        self.assertIn("line 3: Series 'A': horizon must be 1 to 1000", err)

    def test_a_file_that_is_not_there(self):
        with contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(cli.main(["/no/such/file"]), 2)
        self.assertIn("/no/such/file", err.getvalue())

    def test_the_script_and_the_module_do_the_same(self):
        environment = dict(os.environ, PYTHONPATH=str(ROOT / "ai_queue"))
        environment.pop("AI_QUEUE_PYTHON", None)
        module = [sys.executable, "-m", "engine.forecasting", "-"]
        script = [sys.executable, str(ROOT / "bin" / "forecast"), "-"]
        outputs = [
            subprocess.run(
                command,
                input=line(),
                capture_output=True,
                text=True,
                check=True,
                env=environment,
            ).stdout
            for command in (module, script)
        ]
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(json.loads(outputs[0])["id"], "A")
