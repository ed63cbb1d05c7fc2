"""``bin/test`` counts exactly, and what ran no test has failed."""

import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from dev import addons, cache, odoo_tests, parts, runners, test
from dev.progress import SetupError

TESTS = """
import unittest

class Some(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.fail()
    def test_worse(self): raise ValueError
    @unittest.skip("why")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    @unittest.expectedFailure
    def test_unexpected(self): pass
    def test_subtests(self):
        for number in range(4):
            with self.subTest(number=number):
                self.assertLess(number, 2)
"""


def count(directory, pattern="test*.py"):
    """What ``count_unittests.py`` counts in a directory, and what it says."""
    counts = directory / "counts.json"
    script = cache.CHECKOUT / "dev/count_unittests.py"
    ended = subprocess.run(
        [sys.executable, script, directory, directory, pattern, "2", counts],
        capture_output=True,
        text=True,
    )
    return json.loads(counts.read_text()), ended.stdout


def test_unittest_is_counted_by_test(tmp_path):
    (tmp_path / "test_some.py").write_text(TESTS)
    counted, said = count(tmp_path)
    assert counted == [2, 4, 1]
    for name in ("test_bad", "test_worse", "test_subtests", "test_unexpected"):
        assert name in said
    assert count(tmp_path, "test_other*.py")[0] == [0, 0, 0]


def test_unittest_counts_the_files_of_all_processes(tmp_path):
    for number in range(5):
        (tmp_path / f"test_some{number}.py").write_text(TESTS)
    assert count(tmp_path)[0] == [10, 20, 5]


def test_a_file_that_cannot_be_imported_has_failed(tmp_path):
    (tmp_path / "test_broken.py").write_text("import nothing_of_that_name")
    assert count(tmp_path)[0] == [0, 1, 0]


def test_a_process_that_dies_is_noticed(tmp_path):
    """Else the checks would wait for ever, or forget its tests."""
    (tmp_path / "test_dead.py").write_text("import os\nos._exit(3)")
    with pytest.raises(FileNotFoundError):
        count(tmp_path)


def test_pytest_is_counted_by_test(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase name='a'/>"
        "<testcase name='b'><failure/></testcase>"
        "<testcase name='c'><error/></testcase>"
        "<testcase name='d'><skipped/></testcase></testsuite></testsuites>"
    )
    assert runners._junit(report) == (1, 2, 1)


TRIES = """
import itertools
import pytest

tries = itertools.count(1)

@pytest.mark.parametrize("number", range(3))
def test_unsteady(number):
    assert next(tries) in (2, 4)

def test_bad():
    assert False
"""


def test_what_fails_in_a_browser_is_tried_once_more(tmp_path):
    tests, report = tmp_path / "test_some.py", tmp_path / "report.xml"
    tests.write_text(TRIES)
    command = [sys.executable, "-m", "pytest", tests, f"--junitxml={report}"]
    command += ["-p", "no:cacheprovider", *runners.tries("browser")]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 1
    # Two were good at their second try; for the others there is none left.
    assert runners._junit(report) == (2, 2, 0)
    assert "assert 1 in (2, 4)" in ended.stdout
    assert runners.tries("setup") == runners.tries("live") == ()


LOG = """\
2026-01-01 00:00:00,000 1 WARNING db odoo.addons.base: nothing of ours
2026-01-01 00:00:00,001 1 INFO db odoo.addons.{addon}.models: only said
2026-01-01 00:00:00,002 1 WARNING db odoo.models: {model} has no order
2026-01-01 00:00:00,003 1 ERROR db odoo.registry: something
Traceback (most recent call last):
  File "{checkout}/{addon}/models/x.py", line 1
2026-01-01 00:00:00,004 1 ERROR db odoo.addons.{addon}.tests.test_x: FAIL: X.test_y
2026-01-01 00:00:00,005 1 ERROR db odoo.registry: /var/cache/{addon}/y.py
2026-01-01 00:00:00,006 1 WARNING db odoo.models: others.{model} has no order
"""


@pytest.mark.parametrize("addon", addons.found())
def test_warnings_about_the_addon_are_found(tmp_path, capsys, addon):
    model = next(iter(addons.models(cache.CHECKOUT / addon)), None)
    if not model:
        pytest.skip("it has no model of its own")
    log = tmp_path / "some.log"
    log.write_text(LOG.format(checkout=cache.CHECKOUT, addon=addon, model=model))
    assert odoo_tests._no_warnings(log, addon) == (0, 1, 0)
    said = capsys.readouterr().out
    assert f"{model} has no order" in said and "models/x.py" in said
    for other in ("nothing of ours", "only said", "X.test_y", "/var/cache", "others"):
        assert other not in said


def test_the_picture_of_a_failed_tour_is_told(capsys, tmp_path):
    odoo_tests._show("INFO db odoo.addons.x: Screenshot in: /a/b.png\n", tmp_path / "l")
    assert "Picture: /a/b.png" in capsys.readouterr().out


# ----------------------------------------------------------------------- parts


def test_what_ran_no_test_has_failed(monkeypatch):
    monkeypatch.setattr(parts, "_counts", lambda *_asked: (0, 0, 4))
    outcome = parts.run("lint", None)
    assert (outcome.failed, outcome.skipped) == (1, 4)
    assert "ran no test" in outcome.words()


def test_what_could_not_be_set_up_has_failed(monkeypatch):
    def fail(*_asked):
        raise SetupError("no network")

    monkeypatch.setattr(parts, "_counts", fail)
    assert parts.run("lint", None).failed == 1


@pytest.mark.parametrize(
    "part, together, marks",
    [("live", False, ""), ("live", True, "not alone"), ("time", False, "alone")],
)
def test_what_measures_time_runs_alone(monkeypatch, part, together, marks):
    asked = []

    def pytest_of(part, _workspace, _only, marks, **_more):
        asked.append((part, marks))
        return 1, 0, 0

    monkeypatch.setattr(runners, "pytest", pytest_of)
    workspace = SimpleNamespace(
        running=nullcontext,
        directory=Path("/nowhere/lane-1"),
        begin_with=lambda prepared: asked.append(prepared.directory.name),
    )
    assert parts.run(part, workspace, together=together).passed == 1
    assert asked == ["prepared", ("live", marks)]


def test_the_longest_begin_first_and_every_addon_has_its_turn():
    chosen = set(parts.PARTS) - parts.OPTIONAL
    first, last = test._plan(test._in_order(chosen))
    assert (first[:2], last) == (["live", "browser"], ["time"])
    assert parts.turn("an_addon_of_tomorrow") == parts.turn("odoo")
    assert set(parts.LONGEST_FIRST) >= parts.PARTS.keys() - {"time"}


def test_the_plan_has_every_part_once():
    for chosen in (set(parts.PARTS), {"live"}, {"live", "lint"}, {"time"}, {"docker"}):
        first, last = test._plan(test._in_order(chosen))
        planned = [*first, *last]
        assert len(planned) == len(set(planned))
        expected = chosen - {"odoo"}
        if "odoo" in chosen:
            expected |= addons.found().keys()
        # those that measure time follow when others are there, else they are in "live"
        assert set(planned) - {"time"} == expected - {"time"}


def test_what_failed_is_named_again_beside_the_counts():
    said = [
        "….F [100%]",
        "2026-11-29 11:19:10,728 27 ERROR o odoo.addons.x.tests.test_y: FAIL: TestY.z",
        "2026-11-29 11:19:10,728 27 INFO odoo odoo.addons.x.tests.test_y: Starting",
        "FAILED dev/checks/live/test_z.py::test_w - " + "x" * 1000,
        "FAILED: no warnings in x.log",
    ]
    named = test.failures("\n".join(said))
    assert [line[:60] for line in named] == [said[i][:60] for i in (1, 3, 4)]
    assert max(map(len, named)) == 300
    assert len(test.failures("\n".join(said * 9))) == 8
