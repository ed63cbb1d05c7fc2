"""An addon's own tests, and Odoo's linters of it, run by Odoo."""

import re

from . import addons, browser, cache, odoo, python, redis
from .server import free_ports
from .workspace import base

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
TEST = re.compile(r" odoo\.(?:addons\.\w+\.tests|tests\.result)\b")
SKIPPED = re.compile(r" odoo\.addons\.\S+: skipped ")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (\w+) ")
ATTENTION = ("WARNING", "ERROR", "CRITICAL")
PICTURE = re.compile(r"Screenshot in: (\S+)")


def run(workspace, addon):
    """Check one addon on a database that has nothing but what it needs.

    It is installed and tested in one start of Odoo, updated and looked at by Odoo's
    linters in another one.

    :return: the numbers of passed, failed and skipped tests
    """
    database = f"test_{addon}"
    workspace.copy(base(addon), database)
    results = [_test(workspace, addon, database), _lint(workspace, addon, database)]
    workspace.drop(database)
    return tuple(map(sum, zip(*results, strict=True)))


def _test(workspace, addon, database):
    log = workspace.log(addon)
    code, counted = _odoo(
        *(workspace, addon, database, log),
        *("--init", addon, "--test-tags", f"/{addon}"),
        path=browser.directory(),
    )
    text = log.read_text(errors="replace")
    if not counted:
        print(f"Odoo ended with code {code} before it had run the tests.")
        _show(text, log)
        return 0, 1, 0
    failed, total = counted
    skipped = len(SKIPPED.findall(text))
    passed = max(total - failed - skipped, 0)
    if failed or code:
        _show(text, log)
    print(f"{passed} passed, {failed} failed, {skipped} skipped: {addon}", flush=True)
    if not total:
        return 0, 1, 0
    # a code without a failed test: something else went wrong
    results = (passed, failed or int(bool(code)), skipped)
    return tuple(map(sum, zip(results, _no_warnings(log, addon), strict=True)))


def _lint(workspace, addon, database):
    """Odoo's own linters; a test fails by what it says about the addon alone.

    They look at all that is installed, and find fault with queue_job and Odoo too.
    """
    log = workspace.log(f"{addon}-lint")
    tags = ",".join(f"/test_lint:{name}" for name in LINTERS)
    code, counted = _odoo(
        *(workspace, addon, database, log),
        *("--update", addon, "--init", "test_lint", "--test-tags", tags),
        python_path=python.packages("odoo-linters", *LINTER_PACKAGES),
    )
    text = log.read_text(errors="replace")
    if not counted or not counted[1]:
        print(f"Odoo ended with code {code} before its linters had run.")
        _show(text, log)
        return 0, 1, 0
    ours = about(addon)
    failures = [
        message
        for message in messages(text)
        if FAILURE.search(message) and ours.search(message)
    ]
    print("\n".join(failures), end="\n" if failures else "")
    failed = len({FAILURE.search(message)[1] for message in failures})
    passed = counted[1] - failed
    print(f"{passed} passed, {failed} failed: Odoo's linters of {addon}", flush=True)
    results = (passed, failed, 0)
    return tuple(map(sum, zip(results, _no_warnings(log, addon), strict=True)))


def _odoo(workspace, addon, database, log, *options, **paths):
    """Run tests in Odoo, with nothing loaded that the addon does not need.

    :return: the exit code, and ``(failed, total)`` or ``None`` when they did not run
    """
    others = addons.found().keys() - set(addons.own(addon))
    loaded = [n for n in odoo.server_wide_modules().split(",") if n not in others]
    (port,) = free_ports(1)
    code = workspace.odoo(
        *(*options, "--stop-after-init"),
        *("--http-port", str(port), "--workers", "0"),
        *("--screenshots", str(workspace.logs / "pictures")),
        database=database,
        log=log,
        environment={
            "ODOO_SERVER_WIDE_MODULES": ",".join(loaded),
            **_get_programs(addon),
        },
        **paths,
    )
    found = RESULT.search(log.read_text(errors="replace"))
    return code, (int(found[1]) + int(found[2]), int(found[3])) if found else None


def _get_programs(addon):
    """Variables with the programs that the tests of an addon start."""
    if addon != "ai_queue_celery":
        return {}
    return {redis.VARIABLE: str(redis.program())}


def about(addon):
    """A pattern of what is about an addon: its name, its models, its files.

    Paths of the cache, which also has the name of an addon, say nothing of it.
    """
    directory = cache.CHECKOUT / addon
    names = [addon.replace("_", "."), *addons.models(directory)]
    models = "|".join(rf"(?<![\w.]){re.escape(name)}\b" for name in names)
    return re.compile(rf"(?<![/\w]){addon}\b|{models}|{re.escape(str(directory))}/")


def _no_warnings(log, addon):
    """One test: the log holds no warning or error about the addon."""
    ours = about(addon)
    said = list(messages(log.read_text(errors="replace")))
    # failed tests are counted as such
    found = [each for each in said if ours.search(each) and not TEST.search(each)]
    for message in found:
        print(message)
    word = "FAILED" if found else "ok"
    print(f"{word}: no warnings in {log.name}", flush=True)
    return (0, 1, 0) if found else (1, 0, 0)


def messages(text):
    """What a log of Odoo says above INFO, each with its traceback.

    :param str text: the log
    """
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


def _show(text, log):
    print("\n".join(list(messages(text)) or text.splitlines()[-25:]))
    for picture in PICTURE.findall(text):
        print(f"Picture: {picture}")
    print(f"All of it: {log}", flush=True)
