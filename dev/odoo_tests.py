"""The addon's own tests, and Odoo's linters of a database, run by Odoo."""

import re

from . import browser, cache, python
from .server import free_ports

#: Odoo's linters of what is installed: indexes, names, signatures, forgotten tests …
LINTERS = (
    "TestIndex",
    "TestNaming",
    "TestLintOverrideSignatures",
    "TestDocstring",
    "RoutesLinter",
    "TestDunderinit",
    "TestTestHoles",
)
#: what Odoo's linters import
LINTER_PACKAGES = ("pylint>=3,<5", "pygments>=2,<3")
RESULT = re.compile(
    r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests when loading"
)
FAILURE = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?(\w+\.\w+)")
#: what a message about the addon says; paths of the cache say nothing of it
OURS = re.compile(
    rf"\bai\.queue\b|(?<![/\w])ai_queue\b|{re.escape(str(cache.CHECKOUT))}/ai_queue/"
)
TEST = re.compile(r" odoo\.(?:addons\.ai_queue\.tests|tests\.result)\b")
SKIPPED = re.compile(r" odoo\.addons\.\S+: skipped ")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (\w+) ")
ATTENTION = ("WARNING", "ERROR", "CRITICAL")


def run(workspace):
    """Install the addon and run its tests; returns passed, failed and skipped."""
    template = workspace.template()
    results = [
        _no_warnings(workspace.log("install")),
        _test_addon(workspace, template),
        _lint(workspace, template),
    ]
    return tuple(map(sum, zip(*results, strict=True)))


def _test_addon(workspace, template):
    log = workspace.log("ai_queue")
    options = ["--update", "ai_queue", "--test-tags", "/ai_queue"]
    code, counted = _odoo(workspace, template, log, options, path=browser.directory())
    text = log.read_text(errors="replace")
    if not counted:
        print(f"Odoo ended with code {code} before it had run the tests.")
        _show(text)
        return 0, 1, 0
    failed, total = counted
    skipped = len(SKIPPED.findall(text))
    passed = max(total - failed - skipped, 0)
    if failed or code:
        _show(text)
    print(f"{passed} passed, {failed} failed, {skipped} skipped: ai_queue", flush=True)
    if not total:
        return 0, 1, 0
    # a code without a failed test: something else went wrong
    results = (passed, failed or int(bool(code)), skipped)
    return tuple(map(sum, zip(results, _no_warnings(log), strict=True)))


def _lint(workspace, template):
    """Odoo's own linters; a test fails by what it says about ai_queue alone.

    They look at all that is installed, and find fault with queue_job and Odoo too.
    """
    log = workspace.log("test_lint")
    tags = ",".join(f"/test_lint:{name}" for name in LINTERS)
    code, counted = _odoo(
        workspace,
        template,
        log,
        ["--init", "test_lint", "--test-tags", tags],
        python_path=python.packages("odoo-linters", *LINTER_PACKAGES),
    )
    text = log.read_text(errors="replace")
    if not counted or not counted[1]:
        print(f"Odoo ended with code {code} before its linters had run.")
        _show(text)
        return 0, 1, 0
    failures = [
        message
        for message in _messages(text)
        if FAILURE.search(message) and OURS.search(message)
    ]
    print("\n".join(failures), end="\n" if failures else "")
    failed = len({FAILURE.search(message)[1] for message in failures})
    passed = counted[1] - failed
    print(f"{passed} passed, {failed} failed: Odoo's linters", flush=True)
    return passed, failed, 0


def _odoo(workspace, template, log, options, **paths):
    """Run tests on a copy of the template.

    :return: the exit code, and ``(failed, total)`` or ``None`` when they did not run
    """
    database = log.stem
    workspace.copy(template, f"test_{database}")
    (port,) = free_ports(1)
    code = workspace.odoo(
        *(*options, "--stop-after-init"),
        *("--http-port", str(port), "--workers", "0"),
        database=f"test_{database}",
        log=log,
        **paths,
    )
    workspace.drop(f"test_{database}")
    found = RESULT.search(log.read_text(errors="replace"))
    return code, (int(found[1]) + int(found[2]), int(found[3])) if found else None


def _no_warnings(log):
    """One test: the log holds no warning or error about the addon."""
    messages = list(_messages(log.read_text(errors="replace")))
    # failed tests are counted as such
    found = [each for each in messages if OURS.search(each) and not TEST.search(each)]
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
