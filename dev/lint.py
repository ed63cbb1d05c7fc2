"""The linters, each one a test of its own."""

import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import addons, cache, house, python


def run():
    """Run all linters; returns the numbers of passed, failed and skipped ones."""
    venv = python.tools()
    env = python.environment(venv)
    bin_ = venv / "bin"
    code = [*_packages(), *sorted(str(path) for path in _scripts())]
    manifests = [f"{addon}/__manifest__.py" for addon in addons.found()]
    checks = [
        ("ruff check", [bin_ / "ruff", "check", "--no-cache", *code]),
        ("ruff format", [bin_ / "ruff", "format", "--check", "--no-cache", *code]),
        ("pylint-odoo", [bin_ / "pylint", "--rcfile=.pylintrc", *addons.found()]),
        ("OCA checks", [bin_ / "oca-checks-odoo-module", *manifests]),
        ("README", [bin_ / "python", "-m", "dev.readme", "--check"]),
        ("translations", [bin_ / "python", "-m", "dev.languages", "--check"]),
    ]
    failures = [
        *(name for name, command in checks if not _passes(name, command, env)),
        *(name for name, check in OWN.items() if not _holds(name, check)),
    ]
    return len(checks) + len(OWN) - len(failures), len(failures), 0


def _packages():
    """The directories with code of ours."""
    return [*addons.found(), "benchmarks", "dev"]


def _scripts():
    """The Python programs without a suffix."""
    for path in filter(Path.is_file, (cache.CHECKOUT / "bin").iterdir()):
        with path.open("rb") as file:
            if b"python" in file.readline():
                yield path.relative_to(cache.CHECKOUT)


def _passes(name, command, env):
    result = subprocess.run(
        [str(word) for word in command],
        env=env,
        cwd=cache.CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    _say(name, result.returncode == 0, result.stdout)
    return result.returncode == 0


def _holds(name, check):
    problems = list(check())
    _say(name, not problems, "\n".join(problems))
    return not problems


def _say(name, passed, output):
    print(f"{'ok' if passed else 'FAILED':8}{name}", flush=True)
    if not passed:
        print(output.rstrip(), flush=True)


def _malformed_xml():
    """XML that cannot be parsed; Odoo would find out only where it is used."""
    for path in _files("*.xml"):
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            yield f"{path.relative_to(cache.CHECKOUT)}: {error}"


def _files(pattern):
    """The files of our addons and tools."""
    for name in _packages():
        yield from sorted((cache.CHECKOUT / name).rglob(pattern))


OWN = {
    "well-formed XML": _malformed_xml,
    "imports of the engine": house.engine_imports,
    "rooms of the house": house.arrows,
    "lengths of files and methods": house.lengths,
}
