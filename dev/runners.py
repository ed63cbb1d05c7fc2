"""Running tests that need no Odoo in their own process, with exact counts."""

import json
import os
import signal
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import browser, cache, odoo, process, python, tesseract
from .progress import SetupError

CHECKS = cache.CHECKOUT / "dev/checks"
#: one for each processor of the smallest machine that checks run on
ENGINE_PROCESSES = 2
#: seconds after which a single check is taken to hang
CHECK_SECONDS = 600
STOP_SECONDS = 120
#: A browser draws when the machine has time for it: a check in it that fails is tried
#: once more. What it said is shown all the same, and more than so many fail. Live
#: checks have no second try: they are to find what goes wrong once in a while.
TRIED_TWICE = {"browser": 2}


def call(command, *, env=None, cwd=cache.CHECKOUT):
    """Run a program that talks to the person; return its exit code.

    An interruption is handed on once and waited for: the program has servers to stop,
    and a second signal would break that off.
    """
    child = subprocess.Popen(
        [str(word) for word in command],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(STOP_SECONDS)
        finally:
            process.signal_all(process.session(child.pid), signal.SIGKILL)
        raise


def unittest(top, start, pattern="test*.py", packages=None):
    """Run the tests below ``start``, imported from ``top``, in the tools environment.

    :param str pattern: names of the files with the tests
    :param Path packages: a directory of packages that are taken before the others
    :return: numbers of passed, failed and skipped tests
    """
    if not (cache.CHECKOUT / start).is_dir():
        return 0, 0, 0
    venv = python.tools()
    env = tesseract.environment(python.environment(venv))
    if packages:
        env["PYTHONPATH"] = str(packages)
    with tempfile.TemporaryDirectory() as directory:
        counts = Path(directory) / "counts.json"
        script = cache.CHECKOUT / "dev/count_unittests.py"
        code = call(
            [
                *(venv / "bin/python", script, top, start, pattern),
                *(ENGINE_PROCESSES, counts),
            ],
            env=env,
        )
        if not counts.exists():
            raise SetupError(f"The tests in {start} ended with code {code}.")
        return tuple(json.loads(counts.read_text()))


def pytest(part, workspace, only="", marks="", output=False):
    """Run the checks in ``dev/checks/<part>`` with pytest.

    :param str only: pytest's ``-k``: the checks that it names alone
    :param str marks: pytest's ``-m``: the checks with these marks alone
    :param bool output: whether what checks print is shown when they pass, too
    :return: numbers of passed, failed and skipped tests
    """
    directory = CHECKS / part
    if not any(directory.glob("test_*.py")):
        return 0, 0, 0
    venv = python.tools()
    env = python.environment(venv)
    # libraries of the tools bring plugins of their own
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    env["AI_QUEUE_WORKSPACE"] = str(workspace.directory)
    env["AI_QUEUE_LOGS"] = str(workspace.logs)
    # What they need is fetched here, where its progress is seen.
    odoo.prepare()
    if part == "browser":
        browser.program()
    workspace.logs.mkdir(parents=True, exist_ok=True)
    report = workspace.logs / f"{'-'.join([part, *marks.split()])}.xml"
    code = call(
        [
            *(venv / "bin/python", "-m", "pytest", directory),
            *("-p", "no:cacheprovider", "-p", "pytest_timeout"),
            f"--rootdir={cache.CHECKOUT}",
            *(("-k", only) if only else ()),
            *(("-m", marks) if marks else ()),
            *(("-rP",) if output else ()),
            *tries(part),
            *("--tb=short", "--durations=5", f"--timeout={CHECK_SECONDS}"),
            *(f"--junitxml={report}", "--color=no" if "CI" in os.environ else "-v"),
        ],
        env=env,
    )
    if not report.exists():
        raise SetupError(f"pytest ended with code {code} and no report.")
    return _junit(report)


def tries(part):
    """pytest's options for how often a check of this part is tried."""
    if part not in TRIED_TWICE:
        return ()
    return (
        *("-p", "pytest_rerunfailures", "--reruns=1", "--rerun-show-tracebacks"),
        *(f"--max-suite-reruns={TRIED_TWICE[part]}", "-rfER"),
    )


def _junit(report):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    cases = ElementTree.parse(report).getroot().iter("testcase")
    # Of one that was tried again, the last try counts.
    last = {(case.get("classname"), case.get("name")): case for case in cases}
    for case in last.values():
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            counts["failed"] += 1
        else:
            counts["skipped" if "skipped" in kinds else "passed"] += 1
    return tuple(counts.values())
