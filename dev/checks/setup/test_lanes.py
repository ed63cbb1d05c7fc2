"""``bin/test`` runs parts side by side, shows each whole, and stops them in order."""

import json
import os
import signal
import subprocess
import sys

import pytest

from dev import cache, lanes, test
from dev.process import wait_until

SECONDS = 120
#: In place of dev.parts: does what the environment says of a part, and notes when.
PART = """
import json, os, sys, time

part, directory, logs, outcome = sys.argv[1:5]
told = json.loads(os.environ["TOLD"]).get(part, {})

def note(what):
    with open(os.environ["TRACE"], "a") as file:
        words = [what, part, os.path.basename(directory), *sys.argv[5:]]
        file.write(" ".join(words) + "\\n")

try:
    note("began")
    for number in range(3):
        print(part, "says", number, flush=True)
        time.sleep(told.get("seconds", 0) / 3)
    while told.get("until", "") not in open(os.environ["TRACE"]).read():
        time.sleep(0.05)
except KeyboardInterrupt:
    time.sleep(0.3)
    note("stopped")
    sys.exit(130)
note("ended")
if told.get("dies"):
    os._exit(7)
counts = dict(zip(("passed", "failed", "skipped"), told.get("counts", (1, 0, 0))))
with open(outcome, "w") as file:
    json.dump({**counts, "seconds": 1.0, "note": ""}, file)
"""
DRIVER = """
import sys
from dev import command, lanes, test

lanes.PROGRAM = (sys.executable, sys.argv.pop(1))
command.run(test.main)
"""


@pytest.fixture
def told(monkeypatch, tmp_path):
    """``{part: what it does}`` for parts that only pretend, and the file they write."""
    program = tmp_path / "part.py"
    program.write_text(PART)
    monkeypatch.setattr(lanes, "PROGRAM", (sys.executable, str(program)))
    monkeypatch.setattr(cache, "state", lambda: tmp_path)
    monkeypatch.setenv("TRACE", str(tmp_path / "trace"))

    def tell(**parts):
        monkeypatch.setenv("TOLD", json.dumps(parts))
        return tmp_path / "trace"

    tell()
    return tell


def run(capsys, *arguments):
    """The exit code of bin/test, and what it prints."""
    code = test.main(list(arguments))
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    "counts, code, line",
    [
        ((3, 0, 0), 0, "4 passed, 0 failed"),
        ((3, 1, 2), 1, "4 passed, 1 failed, 2 skipped"),
    ],
)
def test_it_ends_with_the_counts(told, capsys, counts, code, line):
    told(lint={"counts": counts})
    ended, said = run(capsys, "lint", "setup")
    assert ended == code
    assert said.splitlines()[-1] == line


def test_a_part_that_dies_has_failed(told, capsys):
    told(lint={"dies": True})
    code, said = run(capsys, "lint")
    assert code == 1
    assert "code 7 and no result" in said
    assert said.splitlines()[-1] == "0 passed, 1 failed"


def test_three_lanes_and_what_measures_time_in_the_end(told, capsys):
    # all three at once, and one more when the first of them is free
    trace = told(
        live={"until": "began engine"},
        browser={"until": "began setup"},
        engine={"until": "began setup"},
        setup={"until": "ended browser"},
    )
    code, said = run(capsys, "setup", "engine", "browser", "live", "time")
    assert code == 0
    lines = [line.split() for line in trace.read_text().splitlines()]
    began = [(part, lane) for what, part, lane, *_words in lines if what == "began"]
    assert set(began[:3]) == {
        ("live", "lane-1"),
        ("browser", "lane-2"),
        ("engine", "lane-3"),
    }
    assert [part for part, _lane in began[3:]] == ["setup", "time"]
    assert [words for what, part, _lane, *words in lines if part == "live"][0] == [
        "--together"
    ]
    # by then all else is over
    assert [line[1] for line in lines[-2:]] == ["time", "time"]
    assert ["ended", "setup"] in [line[:2] for line in lines[:-2]]
    assert "--together" not in lines[-1]


def test_a_lane_that_is_free_takes_what_is_left(told, capsys):
    busy = {"until": "ended setup"}
    trace = told(servers=busy, browser=busy)
    run(capsys, "lint", "setup", "engine", "browser", "servers")
    lines = [line.split() for line in trace.read_text().splitlines()]
    lane_of = {part: lane for _what, part, lane, *_words in lines}
    assert {lane_of.pop(part) for part in ("servers", "browser")} == {
        "lane-1",
        "lane-2",
    }
    assert lane_of == dict.fromkeys(("engine", "lint", "setup"), "lane-3")


def test_what_a_part_says_is_shown_whole(told, capsys):
    told(lint={"seconds": 0.6}, setup={"seconds": 0.6})
    _code, said = run(capsys, "lint", "setup")
    for part in ("lint", "setup"):
        assert "\n".join(f"{part} says {number}" for number in range(3)) in said


def test_a_single_part_is_shown_as_it_goes_on(told, capfd):
    test.main(["lint"])
    assert "lint says 2" in capfd.readouterr().out


def test_the_checks_of_a_name_alone(told, capsys):
    trace = told()
    assert run(capsys, "setup", "live", "-k", "counts or cache")[0] == 0
    words = [line.split(maxsplit=3)[3] for line in trace.read_text().splitlines()]
    assert set(words) == {"-k counts or cache"}


def test_times_are_written_down(told, capsys):
    told(lint={"counts": (3, 0, 1)})
    _code, said = run(capsys, "lint")
    [path] = [line.split()[-1] for line in said.splitlines() if "timings" in line]
    with open(path) as file:
        times = json.load(file)
    assert times["parts"]["lint"]["seconds"] == 1.0
    assert times["parts"]["lint"]["passed"] == 3
    assert times["seconds"] > 0


def ignore_ctrl_c():
    """As shells do it with what they start in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize(
    "number, before",
    [
        (signal.SIGINT, None),
        (signal.SIGTERM, None),
        (signal.SIGTERM, ignore_ctrl_c),
    ],
)
def test_an_interruption_stops_all_parts_in_order(told, tmp_path, number, before):
    running = ("docker", "engine", "lint")
    trace = told(**dict.fromkeys(running, {"seconds": 60}))
    child = subprocess.Popen(
        [sys.executable, "-c", DRIVER, tmp_path / "part.py", *running, "setup"],
        cwd=cache.CHECKOUT,
        env=dict(os.environ),
        preexec_fn=before,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def all_run():
        return trace.exists() and trace.read_text().count("began") == len(running)

    wait_until(all_run, "the parts", SECONDS)
    child.send_signal(number)
    said, _ = child.communicate(timeout=SECONDS)
    assert child.returncode == 130, said
    noted = [line.split()[:2] for line in trace.read_text().splitlines()]
    assert sorted(noted[len(running) :]) == [["stopped", part] for part in running]
