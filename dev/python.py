"""Virtual environments: ``runtime`` runs Odoo, ``tools`` checks the project."""

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import cache, debian
from .progress import SetupError, say, step

SUPPORTED = ((3, 10), (3, 13))
RUNTIME = "dev/requirements-runtime.txt"
TOOLS = "dev/requirements-tools.txt"
BENCH = "dev/requirements-bench.txt"
ADDONS = "requirements.txt"
#: What is installed without what it requires: Odoo's addons require the distribution
#: "odoo", which is not on PyPI; of the other one only the data are used.
ODOO_ADDONS, DATA = "odoo", "rapidocr"
PIP_WHEEL = debian.Bundle(
    "pip", "pip from Debian", ("python3-pip-whl",), dependencies=False
)


@functools.cache
def interpreter():
    """The Python that the environments are made of: this one, if Odoo 19 knows it."""
    if _is_supported(sys.version_info[:2]):
        # called from one of our own environments, it is still the same Python
        return Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    for minor in range(SUPPORTED[1][1], SUPPORTED[0][1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        # a name on the path may belong to a version manager that has no such version
        if found and not subprocess.run([found, "-V"], capture_output=True).returncode:
            return Path(found)
    raise SetupError(
        f"Odoo 19 runs on Python 3.10 to 3.13; this is {sys.version.split()[0]} and "
        "no other was found. Call bin/… with one of them: python3.12 bin/odoo …"
    )


def _is_supported(version):
    return SUPPORTED[0] <= tuple(version) <= SUPPORTED[1]


def environment(path, base=None):
    """Environment variables for a program of the virtual environment ``path``."""
    env = dict(os.environ if base is None else base)
    env["VIRTUAL_ENV"] = str(path)
    env["PATH"] = f"{path / 'bin'}:{env.get('PATH', os.defpath)}"
    # Without bytecode every start of Odoo would compile it all again.
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    return env


def runtime():
    """The environment with everything that Odoo and the addon need, and queue_job."""
    odoo_addons, data, libraries = _split_requirements(_text(ADDONS))

    def make(path):
        _make_venv(path)
        with step("Installing the Python packages of Odoo and ai_queue"):
            _install(path, _text(RUNTIME) + libraries)
            _install(path, odoo_addons + data, "--no-deps")

    return cache.part("runtime", _key(_text(RUNTIME), _text(ADDONS)), make)


def tools():
    """The environment of linters, test runners and oracles; Odoo is never in it."""
    return _without_odoo("tools", _text(TOOLS), "the Python packages of the test tools")


def engine():
    """The environment of the engine on its own: neither Odoo nor one of its addons."""
    return _without_odoo("engine", "", "what the engine needs from PyPI")


def bench():
    """The environment of the benchmarks: the engine's, and what they draw with."""
    return _without_odoo("bench", _text(BENCH), "the Python packages of the benchmarks")


def _without_odoo(name, more, what):
    """An environment with what the engine needs, and with some requirements more."""
    _odoo_addons, data, libraries = _split_requirements(_text(ADDONS))

    def make(path):
        _make_venv(path)
        with step(f"Installing {what}"):
            _install(path, more + libraries)
            _install(path, data, "--no-deps")

    return cache.part(name, _key(more, libraries, data), make)


def packages(name, *requirements, dependencies=True):
    """The ``site-packages`` directory of an environment with a few packages only."""
    return site_packages(_few(name, requirements, dependencies))


def program(name, *requirements, instead=(), base=None):
    """An environment for a program of others, which has nothing to do with ours.

    :param instead: requirements that replace what the others have brought
    :param Path base: the Python that it is made of; by default that of all
    """
    return _few(name, requirements, True, instead, base)


def newer(least):
    """A Python of this version or a newer one, such as (3, 13); None without.

    Also of those that pyenv keeps, which are not all on the path.
    """
    found = {}
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places = [*os.environ.get("PATH", "").split(":"), *kept.glob("*/bin")]
    for path in {each for place in places for each in Path(place).glob("python3.*")}:
        minor = path.name.removeprefix("python3.")
        if minor.isdigit() and (3, int(minor)) >= tuple(least):
            # a name on the path may belong to a version manager that has none
            if not subprocess.run([path, "-V"], capture_output=True).returncode:
                found[int(minor)] = path
    return found[min(found)] if found else None


def _few(name, requirements, dependencies, instead=(), base=None):
    def make(path):
        _make_venv(path, base)
        options = () if dependencies else ("--no-deps",)
        with step(f"Installing {' '.join(requirements)} from PyPI"):
            _install(path, "".join(f"{line}\n" for line in requirements), *options)
            if instead:
                lines = "".join(f"{line}\n" for line in instead)
                _install(path, lines, "--no-deps")

    key = _key(*requirements, dependencies, *instead, base or "")
    return cache.part(name, key, make)


def site_packages(path):
    """Where the packages of a virtual environment are."""
    return next((path / "lib").glob("python3.*/site-packages"))


def _text(name):
    return (cache.CHECKOUT / name).read_text()


def _split_requirements(text):
    """Requirements that are Odoo addons, that are data, and the others."""
    kinds = {ODOO_ADDONS: "", DATA: "", "": ""}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind = next(kind for kind in kinds if line.startswith(kind))
            kinds[kind] += f"{line}\n"
    return tuple(kinds.values())


def _key(*texts):
    return cache.digest(*texts, interpreter(), _version())


@functools.cache
def _version():
    command = [interpreter(), "-c", "import sys; print(sys.version)"]
    return cache.run(command, what="Asking Python for its version")


def _make_venv(path, base=None):
    cache.run(
        [base or interpreter(), "-m", "venv", "--without-pip", path],
        what="Making a virtual environment",
    )


def _installer():
    """An environment with pip, and with uv where PyPI has it for this machine."""

    def make(path):
        _make_venv(path)
        python = path / "bin/python"
        try:
            cache.run([python, "-m", "ensurepip"], what="Unpacking pip")
        except SetupError:
            # Debian keeps ensurepip in a package of its own (python3-venv).
            wheels = PIP_WHEEL.root() / "usr/share/python-wheels"
            wheel = next(wheels.glob("pip-*.whl"))
            command = [python, wheel / "pip", "install", "--no-index", wheel]
            cache.run(command, what="Installing pip")
        try:
            command = [python, "-m", "pip", "install", "--no-deps", "uv"]
            cache.run(command, what="Installing uv")
        except SetupError as error:
            say(f"{error}\nGoing on with pip, which is slower.")

    return cache.part("installer", _key(), make)


def _install(path, requirements, *options):
    """Install requirements into ``path``: with uv, which takes seconds, or with pip."""
    listed = path / "requirements.txt"
    listed.write_text(requirements)
    installer = _installer() / "bin"
    python = installer / "python"
    if (installer / "uv").exists():
        uv = [installer / "uv", "pip", "install", "--python", path / "bin/python"]
        try:
            cache.run(
                [*uv, *options, "-r", listed], what="uv", env=_uv_environment(python)
            )
            return
        except SetupError as error:
            say(f"{error}\nTrying again with pip.")
    pip = [python, "-m", "pip", "--python", path / "bin/python", "install"]
    cache.run([*pip, *options, "-r", listed], what="pip")


def _uv_environment(python):
    """uv does not read pip's configuration: hand over the index and the certificate."""
    output = cache.run([python, "-m", "pip", "config", "list"], what="pip config")
    settings = dict(re.findall(r"^[^.\n]+\.([\w-]+)='(.*)'$", output, re.M))
    env = dict(os.environ, UV_CACHE_DIR=str(cache.root() / "uv"))
    if "index-url" in settings:
        env.setdefault("UV_DEFAULT_INDEX", settings["index-url"])
    if "cert" in settings:
        env.setdefault("SSL_CERT_FILE", settings["cert"])
    env.pop("VIRTUAL_ENV", None)
    return env
