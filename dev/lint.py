"""The linters, each one a test of its own."""

import ast
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import cache, python

PACKAGES = ("queue_job_operations", "ai_queue", "dev", "benchmarks")
#: what the engine may not import: by these names it could not be found everywhere
FOREIGN = ("odoo", "engine", "ai_queue")


def run():
    """Run all linters; returns the numbers of passed, failed and skipped ones."""
    venv = python.tools()
    env = python.environment(venv)
    bin_ = venv / "bin"
    code = [name for name in PACKAGES if (cache.CHECKOUT / name).exists()]
    code += sorted(str(path) for path in _scripts())
    addons = [
        str(path.parent.relative_to(cache.CHECKOUT))
        for path in sorted(cache.CHECKOUT.glob("*/__manifest__.py"))
    ]
    manifests = [f"{addon}/__manifest__.py" for addon in addons]
    checks = [
        ("ruff check", [bin_ / "ruff", "check", "--no-cache", *code]),
        ("ruff format", [bin_ / "ruff", "format", "--check", "--no-cache", *code]),
        ("pylint-odoo", [bin_ / "pylint", "--rcfile=.pylintrc", *addons]),
        ("OCA checks", [bin_ / "oca-checks-odoo-module", *manifests]),
        ("README", [bin_ / "python", "-m", "dev.readme", "--check"]),
    ]
    failures = [
        *(name for name, command in checks if not _passes(name, command, env)),
        *(name for name, check in OWN.items() if not _holds(name, check)),
    ]
    return len(checks) + len(OWN) - len(failures), len(failures), 0


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


def _engine_imports():
    """Imports by which the engine would no longer stand alone."""
    for path in _files("*.py"):
        name = path.relative_to(cache.CHECKOUT)
        if name.parts[:2] != ("ai_queue", "engine"):
            continue
        for node in ast.walk(ast.parse(path.read_text(), path)):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module]
            for module in modules:
                if module.partition(".")[0] in FOREIGN:
                    yield f"{name}:{node.lineno}: imports {module}"


def _files(pattern):
    """The files of our packages."""
    for name in PACKAGES:
        yield from sorted((cache.CHECKOUT / name).rglob(pattern))


OWN = {"well-formed XML": _malformed_xml, "imports of the engine": _engine_imports}
