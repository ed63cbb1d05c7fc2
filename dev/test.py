"""``bin/test``: everything that checks this project, part by part, counted."""

import argparse
import itertools
import json
import os
import re
import shutil
import signal
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from . import addons, cache, process
from .lanes import Lanes
from .parts import OPTIONAL, PARTS, prepared, turn
from .progress import duration
from .workspace import Workspace

#: One more than the smallest machine that the checks run on has processors: most of
#: the parts have servers, for which they wait half of their time.
LANES = 3
TIMINGS = "timings.json"
#: a line that names what failed: pytest's, Odoo's, and that of our own counts
FAILURE = re.compile(
    r"^FAILED\b|: (?:FAIL|ERROR): | (?:WARNING|ERROR|CRITICAL) .*odoo\."
)
#: so many of them of each part, and so much of a line, stand beside the counts
FAILURES_TOLD = 8
FAILURE_CHARS = 300
DESCRIPTION = (
    "Run all checks of this project, or the named parts of them, or those of the named "
    "addons alone. Several parts run side by side, and what one says is shown when it "
    "ends."
)


def main(arguments):
    """``bin/test``: returns the exit code."""
    parts, options = _parse(arguments)
    process.end_like_ctrl_c()
    directory = _run_directory()
    # of a few checks there is little to gain side by side
    first, last = _plan(parts) if not options.only else (parts, [])
    lanes = Lanes(directory, 1 if options.only else max(1, min(LANES, len(first))))
    started = time.monotonic()
    try:
        lanes.run(first, options.only, show=len(first) == 1 or bool(options.only))
        lanes.run(last, options.only)
    finally:
        lanes.stop()
        _write_timings(lanes, time.monotonic() - started)
        failed = any(outcome.failed for outcome in lanes.outcomes.values())
        if not options.keep:
            _clean(directory, keep_logs=failed)
    return _summarize(lanes, time.monotonic() - started)


def _parse(arguments):
    known = {**PARTS, **dict.fromkeys(addons.found(), "")}
    listed = "\n".join(f"  {name:9}{what}" for name, what in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="bin/test",
        description=DESCRIPTION,
        epilog=f"parts:\n{listed}\n\n"
        f"addons: {', '.join(addons.found())}\n\n"
        "It ends with a line that counts: N passed, N failed.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    optional = ", ".join(sorted(OPTIONAL))
    parser.add_argument(
        "part",
        nargs="*",
        help=f"a part or an addon; default: all parts, but for {optional}",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep databases, logs and pictures also when all passes",
    )
    parser.add_argument(
        "-k",
        metavar="EXPRESSION",
        dest="only",
        default="",
        help="the checks of that name alone, as pytest takes it (setup, docker, "
        "browser, live, servers, life, soak, model)",
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.part) - set(known):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    chosen = set(options.part) or PARTS.keys() - OPTIONAL
    return _in_order(chosen), options


def _in_order(chosen):
    """The parts to run, with the addons for ``odoo``."""
    parts = []
    for part in PARTS:
        if part == "odoo":
            names = addons.found()
            parts += names if part in chosen else chosen & names.keys()
        elif part in chosen:
            parts.append(part)
    return parts


def _plan(parts):
    """What runs side by side, the longest first, and what runs when that is over."""
    first = sorted((part for part in parts if part != "time"), key=turn)
    if len(first) > 1 and "live" in parts or "live" not in parts and "time" in parts:
        return first, ["time"]
    # live checks that run alone have those that measure time among them
    return first, []


def _summarize(lanes, seconds):
    """Print what became of all parts; returns the exit code."""
    print()
    outcomes = lanes.outcomes
    for part, said in lanes.said.items():
        for line in failures(said):
            print(f"{part}: {line}")
    width = max(map(len, outcomes), default=0) + 2
    for part, outcome in outcomes.items():
        mark = "FAILED" if outcome.failed else "ok"
        print(f"{part:{width}}{mark:8}{outcome.words()}")
    print(f"Together in {duration(seconds)}; times: {lanes.logs / TIMINGS}")
    passed, failed, skipped = (
        sum(getattr(outcome, name) for outcome in outcomes.values())
        for name in ("passed", "failed", "skipped")
    )
    if failed:
        print(f"Logs and pictures: {lanes.logs}")
    skips = f", {skipped} skipped" if skipped else ""
    print(f"\n{passed} passed, {failed} failed{skips}", flush=True)
    return 1 if failed or not passed else 0


def failures(said):
    """The lines that name what failed, shortened: a log of the whole may be folded.

    :param str said: the output of a part
    """
    lines = (line for line in said.splitlines() if FAILURE.search(line))
    return [line[:FAILURE_CHARS] for line in itertools.islice(lines, FAILURES_TOLD)]


def _write_timings(lanes, seconds):
    """How long all of it and each part took, and the counts, as JSON."""
    parts = {part: asdict(outcome) for part, outcome in lanes.outcomes.items()}
    lanes.logs.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"seconds": seconds, "parts": parts}, indent=2)
    (lanes.logs / TIMINGS).write_text(text)


def _run_directory():
    """A directory for this run; those of runs that are over are removed."""
    base = cache.state() / "checks"
    base.mkdir(exist_ok=True)
    # One that begins at this moment has a directory, and has not said whose yet.
    with cache.lock(f"runs-{cache.digest(base)}"):
        _remove_what_is_over(base)
        path = Path(tempfile.mkdtemp(prefix="run-", dir=base))
        # the database server runs as another user below it
        path.chmod(0o755)
        (path / "owner.json").write_text(json.dumps({"pid": os.getpid()}))
    return path


def _remove_what_is_over(base):
    for path in base.glob("run-*"):
        owner = path / "owner.json"
        pid = json.loads(owner.read_text())["pid"] if owner.exists() else 0
        if not process.is_alive(pid):
            # servers that outlived a killed run
            process.signal_all(process.mentioning(path), signal.SIGKILL)
            _remove_workspaces(path)
            shutil.rmtree(path, ignore_errors=True)


def _remove_workspaces(directory):
    for path in directory.glob("lane-*"):
        Workspace(path).remove()
    prepared(directory).remove()


def _clean(directory, keep_logs):
    """Remove what the run made; its logs stay when something failed."""
    _remove_workspaces(directory)
    if not keep_logs:
        for path in (directory / "logs").iterdir():
            if path.name != TIMINGS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
