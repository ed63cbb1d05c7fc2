"""``bin/test``: everything that checks this project, part by part, counted."""

import argparse
import json
import os
import shutil
import signal
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import cache, lint, odoo_tests, process, python, runners
from .progress import SetupError, duration
from .workspace import Workspace

#: part → what it checks; in the order in which they run, the quick ones first
PARTS = {
    "lint": "linters over all code (ruff, pylint-odoo, OCA's checks)",
    "setup": "what bin/ stands on",
    "engine": "the engine, on its own, without Odoo",
    "docker": "docker-compose.yml, Dockerfile and the proxy",
    "odoo": "the addon, on a database with only account",
    "browser": "the screens, in a browser, with a running server",
    "live": "a running server with several processes, also while it is killed",
    "model": "the client against a real, small model (130 MB from PyPI)",
}
#: What only runs when it is named.
OPTIONAL = {"model"}
#: Odoo's own pins hold openai 3 back on many servers.
OLDER_SDK = "openai>=2,<3"
DESCRIPTION = "Run all checks of this project, or the named parts of them."


@dataclass
class Outcome:
    """What became of one part."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""


def main(arguments):
    """``bin/test``: returns the exit code."""
    parts, options = _parse(arguments)
    # ends like Ctrl-C, so that servers are stopped in order
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    directory = _run_directory()
    outcomes = {}
    with ExitStack() as stack:
        workspace = Workspace(directory)
        stack.callback(_clean, workspace, outcomes, options.keep)
        for part in parts:
            outcomes[part] = _run(part, workspace, options.only)
    _summarize(outcomes)
    passed, failed, skipped = (
        sum(getattr(outcome, name) for outcome in outcomes.values())
        for name in ("passed", "failed", "skipped")
    )
    if failed:
        print(f"Logs and pictures: {directory}/logs")
    skips = f", {skipped} skipped" if skipped else ""
    print(f"\n{passed} passed, {failed} failed{skips}", flush=True)
    return 1 if failed or not passed else 0


def _parse(arguments):
    listed = "\n".join(f"  {name:9}{what}" for name, what in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="bin/test",
        description=DESCRIPTION,
        epilog=f"parts:\n{listed}\n\n"
        "It ends with a line that counts: N passed, N failed.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    optional = ", ".join(sorted(OPTIONAL))
    parser.add_argument(
        "part", nargs="*", help=f"default: all of them, but for {optional}"
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
        "browser, live, model)",
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.part) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    chosen = set(options.part) or PARTS.keys() - OPTIONAL
    return [part for part in PARTS if part in chosen], options


def _run(part, workspace, only):
    print(f"\n=== {part}: {PARTS[part]}", flush=True)
    started = time.monotonic()
    outcome = Outcome()
    try:
        counts = _counts(part, workspace, only)
        outcome.passed, outcome.failed, outcome.skipped = counts
        if not outcome.passed and not outcome.failed:
            outcome.failed = 1
            outcome.note = "ran no test"
    except SetupError as error:
        outcome.failed = 1
        outcome.note = str(error)
    outcome.seconds = time.monotonic() - started
    print(f"=== {part}: {_words(outcome)}", flush=True)
    return outcome


def _counts(part, workspace, only):
    """Run one part and return how many tests passed, failed and were skipped."""
    if part == "lint":
        return lint.run()
    if part == "engine":
        return _engine()
    if part in ("setup", "model"):
        return runners.pytest(part, workspace, only)
    with workspace.running():
        if part == "odoo":
            return odoo_tests.run(workspace)
        return runners.pytest(part, workspace, only)


def _engine():
    """The engine's tests; those of its client with the older SDK, too."""
    tests = ("ai_queue", "ai_queue/engine/tests")
    older = python.packages("openai", OLDER_SDK)
    results = [
        runners.unittest(*tests),
        runners.unittest(*tests, "test_client*.py", packages=older),
    ]
    return tuple(map(sum, zip(*results, strict=True)))


def _words(outcome):
    skips = f", {outcome.skipped} skipped" if outcome.skipped else ""
    note = f" ({outcome.note})" if outcome.note else ""
    return (
        f"{outcome.passed} passed, {outcome.failed} failed{skips}"
        f" in {duration(outcome.seconds)}{note}"
    )


def _summarize(outcomes):
    print()
    for part, outcome in outcomes.items():
        mark = "FAILED" if outcome.failed else "ok"
        print(f"{part:9}{mark:8}{_words(outcome)}".splitlines()[0])


def _run_directory():
    """A directory for this run; those of runs that were killed are removed."""
    base = cache.state() / "checks"
    base.mkdir(exist_ok=True)
    for path in base.glob("run-*"):
        owner = path / "owner.json"
        pid = json.loads(owner.read_text())["pid"] if owner.exists() else 0
        if not process.is_alive(pid):
            # servers that outlived a killed run
            process.signal_all(process.mentioning(path), signal.SIGKILL)
            Workspace(path).remove()
    path = Path(tempfile.mkdtemp(prefix="run-", dir=base))
    # the database server runs as another user below it
    path.chmod(0o755)
    (path / "owner.json").write_text(json.dumps({"pid": os.getpid()}))
    return path


def _clean(workspace, outcomes, keep):
    """Remove what the run made; its logs stay when something failed."""
    workspace.cluster.stop()
    failed = any(outcome.failed for outcome in outcomes.values())
    if keep:
        return
    if not failed:
        workspace.remove()
        return
    for path in workspace.directory.iterdir():
        if path.name not in ("logs", "owner.json"):
            shutil.rmtree(path, ignore_errors=True)
