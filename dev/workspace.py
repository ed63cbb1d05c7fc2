"""Databases for one run of checks: a cluster, files and logs of their own.

Installing ``account`` takes a minute and never changes, so a cluster with it is made
once, kept in the cache, and copied for each run. What is under test is installed anew.
"""

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

from . import cache, odoo, postgres
from .progress import SetupError, step

#: a database with nothing but ``account``, to be copied
BASE = "account"
#: a database with ``account`` and ``ai_queue``, to be copied
TEMPLATE = "ai_queue"


class Workspace:
    """A cluster and a data directory under ``directory``, thrown away by ``remove()``.

    Several processes may use it at the same time; it holds the database ``account``.
    """

    def __init__(self, directory):
        self.directory = Path(directory)
        self.cluster = postgres.Cluster(self.directory / "postgresql")
        self.data = self.directory / "odoo"

    @contextmanager
    def running(self):
        """Make the databases on first use, and keep the server up."""
        with cache.lock(f"workspace-{cache.digest(self.directory)}"):
            if not self.cluster.data.exists():
                self._copy_base()
        with self.cluster.running():
            yield self

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
        with cache.lock(f"workspace-{cache.digest(self.directory)}-template"):
            if TEMPLATE not in self.cluster.databases():
                unfinished = f"{TEMPLATE}_unfinished"
                self.copy(BASE, unfinished)
                with step("Installing ai_queue"):
                    self.install(unfinished, "ai_queue", self.log("install"))
                self.copy(unfinished, TEMPLATE)
                self.drop(unfinished)
        return TEMPLATE

    def log(self, name):
        """The log file of that name."""
        path = self.directory / "logs"
        path.mkdir(exist_ok=True)
        return path / f"{name}.log"

    def install(self, database, modules, log):
        """Install modules; when that fails, tell what the log says."""
        code = self.odoo(
            *("--init", modules, "--stop-after-init", "--no-http"),
            database=database,
            log=log,
        )
        if code:
            tail = "\n  ".join(log.read_text(errors="replace").splitlines()[-25:])
            raise SetupError(f"Installing {modules} failed:\n  {tail}")

    def odoo(self, *arguments, database, log, path=None, python_path=None):
        """Run Odoo's server command on a database and return its exit code.

        ``path`` is put before the directories in which Odoo looks for programs,
        ``python_path`` before those in which it looks for Python packages.
        """
        venv = odoo.prepare()
        base = {k: v for k, v in os.environ.items() if not k.startswith("ODOO_")}
        env = self.cluster.environment(odoo.environment(base))
        env["PATH"] = ":".join(
            [*([str(path)] if path else []), str(odoo.client_programs()), env["PATH"]]
        )
        if python_path:
            env["PYTHONPATH"] = str(python_path)
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

    def _copy_base(self):
        base = _base()
        self.directory.mkdir(parents=True, exist_ok=True)
        cache.run(
            ["cp", "--archive", "--reflink=auto", base / "odoo", self.data],
            what="Copying files",
        )
        # last, because its presence says that all is there
        target = self.cluster.data
        unfinished = target.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        target.parent.mkdir(exist_ok=True)
        cache.run(
            ["cp", "--archive", "--reflink=auto", base / "postgresql/data", unfinished],
            what="Copying a database cluster",
        )
        unfinished.rename(target)


def _base():
    """A stopped cluster with the database ``account``, and its files."""
    venv = odoo.prepare()

    def make(path):
        workspace = Workspace(path)
        with workspace.cluster.running():
            workspace.cluster.create_database(BASE)
            with step("Installing account, once for all checks"):
                workspace.install(BASE, "account", workspace.log(BASE))

    # The server's version is in the name of its programs' directory or of the package.
    key = cache.digest(venv, odoo.BUNDLE.root(), postgres.programs().bin)
    return cache.part("account", key, make)
