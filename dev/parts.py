"""The parts of ``bin/test``: what each checks, and how it is run.

``python -m dev.parts PART DIRECTORY LOGS OUTCOME.json`` runs one of them, in a process
of its own, as ``dev.lanes`` does.
"""

import argparse
import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from . import addons, lint, odoo_tests, process, python, runners
from .progress import SetupError, duration
from .workspace import Workspace

#: part → what it checks
PARTS = {
    "lint": "linters over all code (ruff, pylint-odoo, OCA's checks, our own)",
    "setup": "what bin/ stands on",
    "engine": "the engine, on its own, without Odoo",
    "odoo": "every addon in Odoo, on a database with only what it needs",
    "docker": "docker-compose.yml, Dockerfile and the proxy",
    "live": "a running server with several processes, also while it is killed",
    "servers": "servers of their own: the real limits of silence, metrics, databases",
    "browser": "the screens, in a browser, with a running server",
    "time": "the live checks that measure time, when nothing else runs",
    "life": "addons installed, upgraded, uninstalled while work waits (nightly)",
    "soak": "everything at work while everything breaks, for 15 minutes (nightly)",
    "model": "the client against a real, small model (130 MB from PyPI)",
}
#: what only runs when it is named
OPTIONAL = {"life", "model", "soak"}
#: what stands on prepared databases
SERVED = {"docker", "live", "servers", "browser", "time", "life", "soak"}
#: From the one that takes longest on: so it begins, and none is left over in the end.
#: An addon that is not here takes its turn for "odoo".
LONGEST_FIRST = (
    *("live", "browser", "ai_queue", "servers", "engine", "odoo"),
    *("lint", "docker", "setup", "model", "life", "soak"),
)
#: of pytest, see the live checks
ALONE = "alone"
#: Odoo's own pins hold openai 3 back on many servers.
OLDER_SDK = "openai>=2,<3"


@dataclass
class Outcome:
    """What became of one part."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    #: of the processor, without that of the database server
    processor: float = 0.0
    note: str = ""

    def words(self):
        """The outcome in a line."""
        skips = f", {self.skipped} skipped" if self.skipped else ""
        note = f" ({self.note.splitlines()[0]})" if self.note else ""
        return (
            f"{self.passed} passed, {self.failed} failed{skips}"
            f" in {duration(self.seconds)},"
            f" {duration(self.processor)} of processor{note}"
        )


def describe(part):
    """What a part or an addon's name stands for."""
    return PARTS.get(part, "its tests and Odoo's linters of it, on its own database")


def turn(part):
    """Where a part or an addon stands among those that wait to begin."""
    return LONGEST_FIRST.index(part if part in LONGEST_FIRST else "odoo")


def prepared(directory):
    """The workspace with what parts of one run, below ``directory``, begin with."""
    return Workspace(Path(directory) / "prepared", Path(directory) / "logs")


def run(part, workspace, only="", together=False):
    """Run one part.

    :param str only: pytest's ``-k``
    :param bool together: whether other parts run meanwhile
    :return: its ``Outcome``
    """
    started = time.monotonic()
    outcome = Outcome()
    try:
        counts = _counts(part, workspace, only, together)
        outcome.passed, outcome.failed, outcome.skipped = counts
        if not outcome.passed and not outcome.failed:
            outcome.failed = 1
            outcome.note = "ran no test"
    except SetupError as error:
        print(error)
        outcome.failed = 1
        outcome.note = str(error)
    outcome.seconds = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    outcome.processor = used.ru_utime + used.ru_stime
    return outcome


def _counts(part, workspace, only, together):
    """Run one part and return how many tests passed, failed and were skipped."""
    if part == "lint":
        return lint.run()
    if part == "engine":
        return _engine()
    if part in ("setup", "model"):
        return runners.pytest(part, workspace, only)
    if part in SERVED:
        workspace.begin_with(prepared(workspace.directory.parent))
    with workspace.running():
        if part in addons.found():
            return odoo_tests.run(workspace, part)
        if part == "time":
            return runners.pytest("live", workspace, only, marks=ALONE)
        marks = f"not {ALONE}" if part == "live" and together else ""
        return runners.pytest(part, workspace, only, marks, output=part == "soak")


def _engine():
    """The engine's tests; those of its client with the older SDK, too."""
    tests = ("ai_queue", "ai_queue/engine/tests")
    older = python.packages("openai", OLDER_SDK)
    results = [
        runners.unittest(*tests),
        runners.unittest(*tests, "test_client*.py", packages=older),
    ]
    return tuple(map(sum, zip(*results, strict=True)))


def main(arguments):
    """Run a part and write down its outcome; returns the exit code."""
    parser = argparse.ArgumentParser()
    for name in ("part", "directory", "logs", "outcome"):
        parser.add_argument(name)
    parser.add_argument("-k", dest="only", default="")
    parser.add_argument("--together", action="store_true")
    options = parser.parse_args(arguments)
    process.end_like_ctrl_c()
    workspace = Workspace(options.directory, options.logs)
    outcome = run(options.part, workspace, options.only, options.together)
    Path(options.outcome).write_text(json.dumps(asdict(outcome)))
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # bin/test says that it was stopped
