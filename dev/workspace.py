"""Databases for one run of checks: a cluster, files and logs of their own.

Installing what our addons need of others takes minutes and never changes, so a cluster
with it is made once, kept in the cache, and copied for each run. What is under test is
installed anew, once for all workspaces of a run that need it (``prepare``).
"""

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

from . import addons, cache, odoo, postgres
from .progress import SetupError, step

#: the addon that running servers have, and that of the checks on top of it
TEMPLATE = "ai_queue"
CHECK_ADDON = "ai_queue_check"
CHECK_ADDONS = cache.CHECKOUT / "dev/checks/addons"
AGENT_ADDONS = "ai_queue_agent,ai_queue_purchase"
REPORT_ADDON = "ai_queue_report"
STOCK_ADDONS = "ai_queue_stock,purchase_stock"
LOG_TAIL = 25


class Workspace:
    """A cluster and a data directory under ``directory``, thrown away by ``remove()``.

    Several processes may use it at the same time; it holds the databases that
    ``base()`` names. ``logs`` takes logs and pictures, by default below ``directory``.
    One that is kept (not ``is_disposable``) outlives a crash of the machine.
    """

    def __init__(self, directory, logs=None, is_disposable=True):
        self.directory = Path(directory)
        self.logs = Path(logs or self.directory / "logs")
        self.cluster = postgres.Cluster(self.directory / "postgresql", is_disposable)
        self.data = self.directory / "odoo"

    @contextmanager
    def running(self):
        """Make the databases on first use, and keep the server up."""
        with cache.lock(f"workspace-{cache.digest(self.directory)}"):
            if not self.cluster.data.exists():
                self._copy_from(Workspace(_bases()))
        with self.cluster.running():
            yield self

    def prepare(self):
        """Make all that running servers start from, once, for others to begin with."""
        made = self.directory / cache.COMPLETE
        with cache.lock(f"prepare-{cache.digest(self.directory)}"):
            if not made.exists():
                with self.running():
                    self.company()
                made.touch()

    def begin_with(self, prepared):
        """Have what another workspace has, in place of what is here; but only once.

        ``prepared`` is at rest by then: nobody works in it after ``prepare()``.
        """
        begun = self.directory / "begun"
        if not begun.exists():
            prepared.prepare()
            self.cluster.remove()
            shutil.rmtree(self.data, ignore_errors=True)
            self._copy_from(prepared)
            begun.touch()

    def remove(self):
        """Stop the server and delete everything."""
        self.cluster.remove()
        shutil.rmtree(self.directory, ignore_errors=True)

    def copy(self, source, target):
        """Make the database ``target``, with its files, as a copy of ``source``."""
        self.drop(target)
        self.cluster.create_database(target, source)
        files = self.data / "filestore" / source
        if files.exists():
            shutil.copytree(files, self.data / "filestore" / target)

    def drop(self, name):
        """Drop a database and its files, if they are there."""
        self.cluster.drop_database(name)
        shutil.rmtree(self.data / "filestore" / name, ignore_errors=True)

    def template(self):
        """The name of a database with ``ai_queue`` freshly installed, for ``copy``."""
        return self._made(TEMPLATE, base(TEMPLATE), TEMPLATE)

    def company(self):
        """The same with the addon of the checks: people, products and invoices."""
        return self._made("company", self.template(), CHECK_ADDON)

    def stocked(self):
        """The same with stock and purchases, for what stands on them."""
        return self._made("stocked", self.company(), STOCK_ADDONS)

    def asking(self):
        """The same with agents: one can ask, and one looks after reordering."""
        return self._made("asking", self.stocked(), "ai_queue_agent")

    def approving(self):
        """The same with purchases and agents, which approve vendor bills."""
        return self._made("approving", self.company(), AGENT_ADDONS)

    def reported(self):
        """The same with reports and boards."""
        return self._made("reported", self.company(), REPORT_ADDON)

    def _made(self, name, source, module):
        """A database that is made once: ``source`` with one more module."""
        with cache.lock(f"workspace-{cache.digest(self.directory)}-{name}"):
            if name not in self.cluster.databases():
                unfinished = f"{name}_unfinished"
                self.copy(source, unfinished)
                with step(f"Installing {module}"):
                    self.install(unfinished, module, self.log(f"install-{module}"))
                self.copy(unfinished, name)
                self.drop(unfinished)
        return name

    def log(self, name):
        """The log file of that name."""
        self.logs.mkdir(parents=True, exist_ok=True)
        return self.logs / f"{name}.log"

    def install(self, database, modules, log):
        """Install modules; when that fails, tell what the log says."""
        code = self.odoo(
            *("--init", modules, "--stop-after-init", "--no-http"),
            *("--addons-path", addons_path()),
            database=database,
            log=log,
        )
        if code:
            lines = log.read_text(errors="replace").splitlines()
            tail = "\n  ".join(lines[-LOG_TAIL:])
            raise SetupError(f"Installing {modules} failed:\n  {tail}")

    def odoo(
        self, *arguments, database, log, path=None, python_path=None, environment=None
    ):
        """Run Odoo's server command on a database and return its exit code.

        ``path`` is put before the directories in which Odoo looks for programs,
        ``python_path`` before those in which it looks for Python packages;
        ``environment`` adds variables.
        """
        venv = odoo.prepare()
        base = {k: v for k, v in os.environ.items() if not k.startswith("ODOO_")}
        env = self.cluster.environment(odoo.environment(base))
        env["PATH"] = ":".join(
            [*([str(path)] if path else []), str(odoo.client_programs()), env["PATH"]]
        )
        if python_path:
            env["PYTHONPATH"] = str(python_path)
        env.update(environment or {})
        command = [
            *(str(venv / "bin/odoo"), "server", "--database", database),
            *("--data-dir", str(self.data), "--logfile", str(log)),
            *arguments,
        ]
        log.unlink(missing_ok=True)
        with log.with_suffix(".out").open("wb") as out:
            child = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
            try:
                return child.wait()
            except BaseException:
                child.send_signal(signal.SIGKILL)
                child.wait()
                raise

    def _copy_from(self, other):
        self.directory.mkdir(parents=True, exist_ok=True)
        cache.run(
            ["cp", "--archive", "--reflink=auto", other.data, self.data],
            what="Copying files",
        )
        # last, because its presence says that all is there
        target = self.cluster.data
        unfinished = target.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        target.parent.mkdir(exist_ok=True)
        cache.run(
            [
                "cp",
                "--archive",
                "--reflink=auto",
                other.cluster.data,
                unfinished,
            ],
            what="Copying a database cluster",
        )
        unfinished.rename(target)


def addons_path():
    """Where a server finds our addons and that of the checks."""
    return ",".join(map(str, [*odoo.addons_directories(), CHECK_ADDONS]))


def base(addon):
    """The name of the database with what an addon needs of others, to be copied."""
    return _base_name(addons.foreign(addon))


def _base_name(modules):
    name = "-".join(["base", *modules])
    if len(name) <= postgres.NAME_LENGTH:
        return name
    return f"base-{cache.digest(*modules)}"


def _bases():
    """A stopped cluster with the databases that ``base()`` names, and their files."""
    venv = odoo.prepare()
    wanted = {_base_name(each): each for each in map(addons.foreign, addons.found())}

    def make(path):
        workspace = Workspace(path, is_disposable=False)
        with workspace.cluster.running():
            made = {}
            for name, modules in sorted(wanted.items(), key=lambda item: len(item[1])):
                _make_base(workspace, name, modules, made)
                made[name] = set(modules)

    # The server's version is in the name of its programs' directory or of the package.
    key = cache.digest(venv, odoo.BUNDLE.root(), postgres.programs().bin, *wanted)
    return cache.part("bases", key, make)


def _make_base(workspace, name, modules, made):
    """A new database with ``modules``, from that of ``made`` which has most of them."""
    smaller = [each for each, has in made.items() if has <= set(modules)]
    if smaller:
        workspace.copy(smaller[-1], name)
    else:
        workspace.cluster.create_database(name)
    with step(f"Installing {', '.join(modules)}, once for all checks"):
        workspace.install(name, ",".join(modules), workspace.log(name))
