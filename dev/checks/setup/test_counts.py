"""``bin/test`` counts exactly, and what ran no test has failed."""

import json
import subprocess
import sys

import pytest

from dev import cache, odoo_tests, runners, test

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
    """What ``count_unittests.py`` says of the tests in a directory."""
    counts = directory / "counts.json"
    script = cache.CHECKOUT / "dev/count_unittests.py"
    subprocess.run(
        [sys.executable, script, directory, directory, pattern, counts],
        capture_output=True,
    )
    return json.loads(counts.read_text())


def test_unittest_is_counted_by_test(tmp_path):
    (tmp_path / "test_some.py").write_text(TESTS)
    assert count(tmp_path) == [2, 4, 1]
    assert count(tmp_path, "test_other*.py") == [0, 0, 0]


def test_a_file_that_cannot_be_imported_has_failed(tmp_path):
    (tmp_path / "test_broken.py").write_text("import nothing_of_that_name")
    assert count(tmp_path) == [0, 1, 0]


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
2026-01-01 00:00:00,001 1 INFO db odoo.addons.ai_queue.models: only said
2026-01-01 00:00:00,002 1 WARNING db odoo.models: ai.queue.run has no order
2026-01-01 00:00:00,003 1 ERROR db odoo.registry: something
Traceback (most recent call last):
  File "{checkout}/ai_queue/models/x.py", line 1
2026-01-01 00:00:00,004 1 ERROR db odoo.addons.ai_queue.tests.test_x: FAIL: X.test_y
2026-01-01 00:00:00,005 1 ERROR db odoo.registry: /var/cache/ai_queue/y.py
"""


def test_warnings_about_the_addon_are_found(tmp_path, capsys):
    log = tmp_path / "some.log"
    log.write_text(LOG.format(checkout=cache.CHECKOUT))
    assert odoo_tests._no_warnings(log) == (0, 1, 0)
    said = capsys.readouterr().out
    assert "has no order" in said and "models/x.py" in said
    for other in ("nothing of ours", "only said", "X.test_y", "/var/cache"):
        assert other not in said


@pytest.mark.parametrize(
    "counts, code, line",
    [
        ((3, 0, 0), 0, "3 passed, 0 failed"),
        ((3, 1, 2), 1, "3 passed, 1 failed, 2 skipped"),
        ((0, 0, 0), 1, "0 passed, 1 failed"),
        ((0, 0, 4), 1, "0 passed, 1 failed"),
    ],
)
def test_it_ends_with_the_counts(monkeypatch, capsys, tmp_path, counts, code, line):
    monkeypatch.setattr(test, "_counts", lambda *_asked: counts)
    monkeypatch.setattr(test, "_run_directory", lambda: tmp_path)
    monkeypatch.setattr(test.Workspace, "remove", lambda self: None)
    assert test.main(["lint"]) == code
    assert capsys.readouterr().out.splitlines()[-1].startswith(line)


def test_the_checks_of_a_name_alone(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(test, "_run_directory", lambda: tmp_path)
    monkeypatch.setattr(test.Workspace, "remove", lambda self: None)
    monkeypatch.setattr(
        runners, "pytest", lambda part, _, only: asked.append((part, only)) or (1, 0, 0)
    )
    assert test.main(["setup", "-k", "counts or cache"]) == 0
    assert asked == [("setup", "counts or cache")]
