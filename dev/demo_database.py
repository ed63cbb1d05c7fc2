"""The database of ``bin/demo``: made once, kept, made anew when its recipe changes."""

import json
import os
import re
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from . import cache, odoo
from .bar import Bar
from .progress import SetupError, say, step

NAME = "demo"
MODULES = "account,ai_queue"
LOG_TAIL = 20

#: what of the addon is also in the database, so that a change needs an update there
STORED = {".py", ".xml", ".csv", ".po"}

LOAD = """\
import sys

sys.path.insert(0, {checkout!r})

from datetime import date

from dev.company.load import load


def progress(done, total):
    print("posted", done, "of", total, flush=True)


load(env, date.fromisoformat({end!r}), progress=progress)
env.cr.commit()
"""


def ensure(cluster, directory, *, anew=False):
    """Make the database ``demo`` in ``cluster``, or bring the one that is there up to
    date; logs go to ``directory``. ``anew`` throws away what is there."""
    wanted = {"company": _company_version(), "addon": _addon_version()}
    found = None if anew else _versions(cluster)
    if found == wanted:
        say(f"The database {NAME} is there.")
    elif found and found["company"] == wanted["company"]:
        _update(cluster, directory)
        _note(cluster, wanted)
    else:
        _make(cluster, directory)
        # only now: a database without this note is one that was not finished
        _note(cluster, wanted)


def _make(cluster, directory):
    cluster.drop_database(NAME)
    shutil.rmtree(odoo.data_directory() / "filestore" / NAME, ignore_errors=True)
    with step(f"Creating the database {NAME}"), Bar("Modules installed") as bar:
        _run(
            cluster,
            ["-i", MODULES, "--without-demo", "--stop-after-init"],
            log=directory / "install.log",
            what="Creating the database",
            progress=(r"Loading module \S+ \((\d+)/(\d+)\)", bar),
        )
    with step("Trading for two years"), Bar("Invoices posted") as bar:
        _run(
            cluster,
            ["shell"],
            log=directory / "company.log",
            what="Making the trading company",
            progress=(r"posted (\d+) of (\d+)", bar),
            # Odoo's own idea of today, which is no later than anybody's tomorrow
            script=LOAD.format(
                checkout=str(cache.CHECKOUT),
                end=datetime.now(timezone.utc).date().isoformat(),
            ),
        )


def _update(cluster, directory):
    with step("Bringing ai_queue in the database up to date"):
        _run(
            cluster,
            ["-u", "ai_queue", "--stop-after-init"],
            log=directory / "update.log",
            what="Updating ai_queue",
        )


def _run(cluster, arguments, *, log, what, progress=None, script=""):
    """Run an Odoo command on the database; its output goes to ``log``.

    ``progress`` is a pattern with two numbers and the bar that shows them.
    """
    venv = odoo.prepare()
    # somebody's own settings are not for this database
    base = {k: v for k, v in os.environ.items() if not k.startswith("ODOO_")}
    env = cluster.environment(odoo.environment(base))
    words = [word for word in arguments if word == "shell"]
    options = [word for word in arguments if word != "shell"]
    command = [venv / "bin/odoo", *words, "-d", NAME, "--no-http", *options]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        child = subprocess.Popen(
            list(map(str, command)),
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            child.stdin.write(script)
            child.stdin.close()
            for line in child.stdout:
                file.write(line)
                if progress and (match := re.search(progress[0], line)):
                    progress[1].show(*map(int, match.groups()))
            code = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
    if code:
        end = "\n  ".join(log.read_text().splitlines()[-LOG_TAIL:])
        raise SetupError(f"{what} failed. The end of {log}:\n  {end}")


def _versions(cluster):
    """What the finished database was made from, or ``None``."""
    note = cluster.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        f" WHERE datname = '{NAME}'"
    )
    return json.loads(note) if note else None


def _note(cluster, versions):
    note = json.dumps(versions, sort_keys=True)
    cluster.execute(f"COMMENT ON DATABASE {NAME} IS '{note}'")


def _company_version():
    """Changes with the company's recipe and with the Odoo that it is made in."""
    return _digest((cache.CHECKOUT / "dev/company").glob("*.*"), odoo.prepare())


def _addon_version():
    addon = cache.CHECKOUT / "ai_queue"
    return _digest(
        path
        for path in addon.rglob("*")
        if path.suffix in STORED
        and not {"tests", "engine", "static"} & set(path.relative_to(addon).parts)
    )


def _digest(paths, *texts):
    files = sorted(Path(path) for path in paths if path.is_file())
    return cache.digest(
        *texts,
        *(file.relative_to(cache.CHECKOUT) for file in files),
        *(file.read_bytes() for file in files),
    )
