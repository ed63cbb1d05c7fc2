"""Databases that take long to make: made once, kept, anew when their recipe changes.

What a database was made from is noted in its comment, as the very last step: one
without a note was not finished.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import addons, cache, odoo
from .bar import Bar
from .progress import SetupError, say, step

LOG_TAIL = 20

#: Changed when what is in the databases cannot be updated from before: what the models
#: of our addons are called. Which addons there are counts by itself.
LAYOUT = "operations apart"
#: what of an addon is also in the database, so that a change needs an update there
STORED = {".py", ".xml", ".csv", ".po"}


class Kept:
    """The database ``name`` in ``cluster``, with ``modules``; logs go to ``directory``.

    ``recipe`` is a text that changes when the database must be made anew.
    """

    def __init__(self, cluster, name, modules, directory, recipe):
        self.cluster = cluster
        self.name = name
        self.modules = modules
        self.directory = Path(directory)
        self._addons = _directories_of(modules)
        self._recipe = cache.digest(
            *(recipe, LAYOUT, odoo.prepare(), *modules, *self._addons)
        )

    def ensure(self, fill, *, anew=False):
        """Make it and let ``fill()`` do its part, or bring it up to date.

        ``anew`` throws away what is there. Returns whether all was there already.
        """
        wanted = {
            "recipe": self._recipe,
            "addon": version_of(self._addons.values()),
        }
        found = None if anew else self._note()
        if found == wanted:
            return True
        if found and found.get("recipe") == self._recipe:
            names = ",".join(self._addons)
            with step(f"Updating {names} in the database {self.name}"):
                self.run("-u", names, "--stop-after-init", log="update")
        else:
            if found:
                say(
                    f"The database {self.name} was made by an earlier version, with "
                    "which this one cannot work: it is made anew."
                )
            self._install()
            fill()
        note = json.dumps(wanted, sort_keys=True)
        self.cluster.execute(f"COMMENT ON DATABASE \"{self.name}\" IS '{note}'")
        return False

    def run(self, *options, command=(), log, script="", progress=None):
        """Run an Odoo command on the database; its output goes to the file of ``log``.

        :param command: the name of the command if it is not the server, as a tuple
        :param script: its standard input
        :param progress: a pattern with two numbers and the ``Bar`` that shows them
        :raise SetupError: with the end of the output
        """
        path = self.directory / f"{self.name}-{log}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        words = [*command, "-d", self.name, "--no-http", *options]
        # somebody's own settings are not for this database
        base = {k: v for k, v in os.environ.items() if not k.startswith("ODOO_")}
        with path.open("w") as file:
            child = subprocess.Popen(
                [str(odoo.prepare() / "bin/odoo"), *words],
                env=self.cluster.environment(odoo.environment(base)),
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
            end = "\n  ".join(path.read_text().splitlines()[-LOG_TAIL:])
            raise SetupError(
                f"Odoo failed on the database {self.name}. The end of {path}:\n  {end}"
            )

    def run_python(self, script, *, log, progress=None):
        """Run ``script`` in Odoo's shell: it finds ``env`` and can import ``dev``."""
        checkout = str(cache.CHECKOUT)
        self.run(
            command=("shell",),
            log=log,
            script=f"import sys\nsys.path.insert(0, {checkout!r})\n{script}",
            progress=progress,
        )

    def _install(self):
        self.cluster.drop_database(self.name)
        filestore = odoo.data_directory() / "filestore" / self.name
        shutil.rmtree(filestore, ignore_errors=True)
        with step(f"Creating the database {self.name}"), Bar("Modules") as bar:
            self.run(
                *("-i", ",".join(self.modules), "--without-demo", "--stop-after-init"),
                log="install",
                progress=(r"Loading module \S+ \((\d+)/(\d+)\)", bar),
            )

    def _note(self):
        note = self.cluster.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            f" WHERE datname = '{self.name}'"
        )
        return json.loads(note) if note else None


def _directories_of(modules):
    """``{name: directory}`` of the addons of ours among modules, and what they need."""
    directories = {}
    for place in odoo.addons_directories():
        for module in set(modules) & addons.found(place).keys():
            for name in addons.own(module, place):
                directories[name] = Path(place) / name
    return directories


def version_of(directories):
    """Changes with what an update of these addons would bring into a database."""
    return cache.digest(
        *(
            digest_of_files(_stored(directory), directory.parent)
            for directory in directories
        )
    )


def _stored(directory):
    for path in directory.rglob("*"):
        inside = set(path.relative_to(directory).parts)
        if path.suffix in STORED and not {"tests", "engine", "static"} & inside:
            yield path


def digest_of_files(paths, base=cache.CHECKOUT):
    """A short name for what is in some files below ``base``."""
    files = sorted(path for path in map(Path, paths) if path.is_file())
    return cache.digest(
        *(file.relative_to(base) for file in files),
        *(file.read_bytes() for file in files),
    )
