"""The addon's own tests, and Odoo's linters of a database, run by Odoo."""

import re

from . import browser
from .server import free_ports
from .workspace import SERVER_WIDE

#: tests that a server-wide look at the registry makes: names, indexes, tests left out
LINT_TAGS = ",".join(
    f"/test_lint:{name}" for name in ("TestIndex", "TestNaming", "TestTestHoles")
)
RESULT = re.compile(
    r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests when loading"
)
SKIPPED = re.compile(r" odoo\.addons\.\S+: skipped ")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (\w+) ")
ATTENTION = ("WARNING", "ERROR", "CRITICAL")


def run(workspace):
    """Install the addon and run its tests; returns passed, failed and skipped."""
    template = workspace.template()
    results = [
        _no_warnings(workspace.log("install")),
        _test(workspace, template, "ai_queue", ["--update", "ai_queue"], "/ai_queue"),
        _test(workspace, template, "test_lint", ["--init", "test_lint"], LINT_TAGS),
    ]
    return tuple(map(sum, zip(*results, strict=True)))


def _test(workspace, template, name, options, tags):
    """Run tests on a copy of the template and count them."""
    database = f"test_{name}"
    workspace.copy(template, database)
    log = workspace.log(name)
    (port,) = free_ports(1)
    code = workspace.odoo(
        *(*options, "--test-tags", tags, "--stop-after-init"),
        *("--http-port", str(port), "--workers", "0", "--load", SERVER_WIDE),
        database=database,
        log=log,
        path=browser.directory(),
    )
    workspace.drop(database)
    text = log.read_text(errors="replace")
    counted = RESULT.search(text)
    if not counted:
        print(f"Odoo ended with code {code} before it had run the tests of {name}.")
        _show(text)
        return 0, 1, 0
    failed = int(counted[1]) + int(counted[2])
    skipped = len(SKIPPED.findall(text))
    passed = max(int(counted[3]) - failed - skipped, 0)
    if failed or code:
        _show(text)
    print(f"{passed} passed, {failed} failed, {skipped} skipped: {name}", flush=True)
    # a code without a failed test: something else went wrong
    results = (passed, failed or int(bool(code)), skipped)
    return tuple(map(sum, zip(results, _no_warnings(log), strict=True)))


def _no_warnings(log):
    """One test: the log holds no warning or error about the addon."""
    messages = list(_messages(log.read_text(errors="replace")))
    # failed tests are counted as such
    found = [
        m for m in messages if "ai_queue" in m and "odoo.addons.ai_queue.tests" not in m
    ]
    for message in found:
        print(message)
    word = "FAILED" if found else "ok"
    print(f"{word}: no warnings in {log.name}", flush=True)
    return (0, 1, 0) if found else (1, 0, 0)


def _messages(text):
    """What the log says above INFO, each with its traceback."""
    message = []
    for line in text.splitlines():
        if level := LOG_LINE.match(line):
            if message:
                yield "\n".join(message)
            message = [line] if level[1] in ATTENTION else []
        elif message:
            message.append(line)
    if message:
        yield "\n".join(message)


def _show(text):
    messages = list(_messages(text))
    print("\n".join(messages or text.splitlines()[-25:]))
