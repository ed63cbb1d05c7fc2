"""Odoo as production runs it: several processes, the job runner, websockets, a proxy.

``Server`` starts it from ``odoo.conf`` and ``docker/nginx.conf.template`` with free
ports, and takes it down again. ``bin/demo`` and the live checks stand on it.
"""

import atexit
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from itertools import chain, repeat
from pathlib import Path

from . import cache, debian, odoo, process
from .progress import SetupError

NGINX = debian.Bundle("nginx", "nginx", ("nginx-light",))
FIRST_PORT = 10_000
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
START_SECONDS = 300
STOP_SECONDS = 60
SUPERVISION_SECONDS = 1
LOG_TAIL = 25
#: the names of the processes as Odoo titles them
HTTP, CRON, RUNNER, WEBSOCKET = "WorkerHTTP", "WorkerCron", "WorkerJobRunner", "gevent"


def free_ports(count):
    """Loopback ports that nobody listens on at the moment.

    Not of those that Linux gives to connections: one might take a port before a server
    does, or while that is started again.
    """
    least = int(OUTGOING.read_text().split()[0])
    ports = random.sample(range(FIRST_PORT, least), max(least - FIRST_PORT, 0))
    with ExitStack() as stack:
        found = []
        # Where there are none, any will do.
        for port in chain(ports, repeat(0)):
            probe = stack.enter_context(socket.socket())
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue  # taken
            found.append(probe.getsockname()[1])
            if len(found) == count:
                return found


class Server:
    """One Odoo server for one database, with its proxy; a context manager.

    Like systemd or Docker would, it starts Odoo again when that ends by itself: Odoo
    gives up when it cannot reach its database at the moment it needs a new process.

    ``cluster`` is a running ``postgres.Cluster`` and ``directory`` takes configuration
    and logs. ``options`` and ``queue_job`` override ``odoo.conf``; ``environment`` adds
    variables, and ``niceness`` is how much Odoo gives way to others on the processor.
    One that ``is_standby`` is ready when it serves pages, whoever runs the jobs. Odoo
    listens on ``address``, and its command line begins with ``prefix``.
    The attributes ``url`` (what a browser opens), ``odoo_url`` (past the proxy) and
    ``port`` hold after ``start()``; a restart keeps them.
    """

    def __init__(
        self,
        cluster,
        database,
        directory,
        *,
        workers=None,
        options=None,
        queue_job=None,
        environment=None,
        port=None,
        niceness=0,
        is_standby=False,
        address="127.0.0.1",
        prefix=(),
    ):
        self.cluster = cluster
        self.database = database
        self.directory = Path(directory)
        self.log = self.directory / "odoo.log"
        self.proxy_log = self.directory / "nginx.log"
        self._options = dict(options or {})
        if workers is not None:
            self._options["workers"] = workers
        self._queue_job = dict(queue_job or {})
        self._environment = dict(environment or {})
        self._niceness = niceness
        self._is_standby = is_standby
        self._address, self._prefix = address, list(prefix)
        self._ports = dict(zip(("http", "gevent", "proxy"), free_ports(3), strict=True))
        if port:
            self._ports["proxy"] = port
        #: how often Odoo ended by itself and was started again
        self.restarts = 0
        self._odoo = None
        self._nginx = None
        self._supervisor = None
        self._ending = threading.Event()
        self._lock = threading.RLock()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.stop()

    @property
    def port(self):
        """The port of the proxy."""
        return self._ports["proxy"]

    @property
    def url(self):
        """What a browser opens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def odoo_url(self):
        """Odoo itself, past the proxy (no websockets here)."""
        return f"http://{self._address}:{self._ports['http']}"

    @property
    def _websocket_port(self):
        """One process without others serves websockets beside its pages."""
        alone = str(self._options.get("workers")) == "0"
        return self._ports["http" if alone else "gevent"]

    # ------------------------------------------------------------------ life

    def start(self, timeout=START_SECONDS):
        """Start Odoo and the proxy; return when they serve pages, websockets, jobs."""
        self.directory.mkdir(parents=True, exist_ok=True)
        atexit.register(self.stop)
        try:
            self._start_odoo()
            self._start_nginx()
            self.wait_until_ready(timeout)
        except BaseException:
            self.kill()
            raise
        self._ending.clear()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()

    def stop(self):
        """Stop both, gracefully first: Odoo lets running requests and jobs end."""
        self._end_supervision()
        if self._odoo and self._odoo.poll() is None:
            self._odoo.terminate()
            try:
                self._odoo.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass  # the rest is killed
        self.kill()

    def kill(self):
        """End everything at once, Odoo by ``kill -9`` as a power cut would."""
        self._end_supervision()
        atexit.unregister(self.stop)
        self.kill_odoo()
        if self._nginx:
            self._nginx.terminate()
            self._nginx.wait()
            self._nginx = None

    def kill_odoo(self):
        """``kill -9`` of all Odoo processes; ``start_odoo`` brings them back."""
        with self._lock:
            if self._odoo:
                _kill_session(self._odoo)
                self._odoo = None

    def start_odoo(self, timeout=START_SECONDS):
        """Start Odoo again behind the same proxy, and wait until it serves."""
        with self._lock:
            self._start_odoo()
        self.wait_until_ready(timeout)

    def _supervise(self):
        while not self._ending.wait(SUPERVISION_SECONDS):
            with self._lock:
                if self._odoo and self._odoo.poll() is not None:
                    _kill_session(self._odoo)
                    self._start_odoo()
                    self.restarts += 1

    def _end_supervision(self):
        self._ending.set()
        if self._supervisor:
            self._supervisor.join()
            self._supervisor = None

    def kill_processes(self, name):
        """``kill -9`` of Odoo's processes of one kind; Odoo starts new ones by itself.

        ``name`` is ``HTTP`` (they also run the jobs), ``CRON``, ``RUNNER`` or
        ``WEBSOCKET``. Returns their process ids.
        """
        pids = self.processes(name)
        process.signal_all(pids, signal.SIGKILL)
        process.wait_until_gone(pids, STOP_SECONDS)
        return pids

    def processes(self, name=""):
        """The ids of Odoo's processes whose command line tells ``name``."""
        with self._lock:
            members = process.session(self._odoo.pid) if self._odoo else []
        return [pid for pid in members if name in _title(pid)]

    def has_runner(self):
        """Whether the job runner is switched on."""
        return not self._configuration()["queue_job"]["channels"].startswith("root:0")

    # ------------------------------------------------------------- readiness

    def wait_until_ready(self, timeout=START_SECONDS):
        """Wait until pages, websockets and (when switched on) jobs are served."""
        process.wait_until(
            self._is_ready, "Odoo to start", timeout, detail=self.log_tail
        )

    def _is_ready(self):
        for child, log in ((self._odoo, self.log), (self._nginx, self.proxy_log)):
            if child is None:
                return False
            if child.poll() is not None and not self._supervisor:
                raise SetupError(f"The server ended while it started. {_tail(log)}")
        return (
            self._answers("/web/health")
            and listens(self._websocket_port, self._address)
            and (not self.has_runner() or self._is_standby or self._runner_is_ready())
        )

    def _answers(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _runner_is_ready(self):
        """The runner said so, or there is nothing to run in this database yet."""
        if self._has_queue_job is None:
            rows = self.cluster.execute(
                "SELECT 1 FROM ir_module_module"
                " WHERE name = 'queue_job' AND state = 'installed'",
                self.database,
            )
            self._has_queue_job = bool(rows)
        if not self._has_queue_job:
            return True
        said = f"queue job runner ready for db {self.database}"
        return said in self.log_text(since=self._log_start)

    def log_text(self, since=0):
        """What Odoo logged, from byte ``since`` on."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(since)
            return file.read().decode(errors="replace")

    def log_tail(self):
        """The end of the log, for a message."""
        return _tail(self.log)

    # ----------------------------------------------------------------- parts

    def _configuration(self):
        parser = odoo.example()
        options = parser["options"]
        options.update(
            server_wide_modules=odoo.server_wide_modules(),
            http_interface=self._address,
            http_port=str(self._ports["http"]),
            gevent_port=str(self._ports["gevent"]),
            db_name=self.database,
            dbfilter=f"^{re.escape(self.database)}$",
            data_dir=str(odoo.data_directory()),
            logfile=str(self.log),
            addons_path=",".join(map(str, odoo.addons_directories())),
        )
        options.update({name: str(value) for name, value in self._options.items()})
        # the model servers and webhooks of checks and of the demo
        parser["queue_job_operations"]["internal_hosts"] = "127.0.0.1"
        parser["queue_job"].update(
            {name: str(value) for name, value in self._queue_job.items()}
        )
        return parser

    def _start_odoo(self):
        configuration = self.directory / "odoo.conf"
        parser = self._configuration()
        with configuration.open("w") as file:
            parser.write(file)
        self._has_queue_job = None
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        # Our own variables must not win over the configuration that is written here.
        base = {k: v for k, v in os.environ.items() if not k.startswith("ODOO_")}
        venv = odoo.prepare()
        env = odoo.environment(base, given=set(parser["options"]))
        env = self.cluster.environment(env)
        env.update(self._environment)
        with (self.directory / "odoo.out").open("ab") as out:
            self._odoo = subprocess.Popen(
                [
                    *self._prefix,
                    *_giving_way(self._niceness),
                    *(str(venv / "bin/odoo"), "server", "-c", str(configuration)),
                ],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for us; we then stop the server in order
                start_new_session=True,
            )

    def _start_nginx(self):
        site = self.directory / "site.conf"
        write_site(
            site,
            listen=f"127.0.0.1:{self.port}",
            http=f"{self._address}:{self._ports['http']}",
            websocket=f"{self._address}:{self._websocket_port}",
        )
        configuration = self.directory / "nginx.conf"
        write_main(configuration, site)
        self._nginx = start_nginx(configuration)


def listens(port, address="127.0.0.1"):
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def nginx_program():
    """nginx of this machine, or Debian's unpacked: its path and its environment."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    if found := shutil.which("nginx", path=path):
        return Path(found), dict(os.environ)
    return NGINX.root() / "usr/sbin/nginx", NGINX.environment()


def start_nginx(configuration):
    """nginx as a child of this process."""
    program, env = nginx_program()
    return subprocess.Popen(
        nginx_command(program, configuration),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@contextmanager
def balancing(directory, port, addresses):
    """``systemd/jobs-balancer.conf`` at work on a port of this machine.

    :param addresses: ``host:port`` of the servers that run jobs
    """
    text = (cache.CHECKOUT / "systemd/jobs-balancer.conf").read_text()
    line = re.compile(r"^    server \S+( .*)$", re.M)
    options = line.search(text)[1]
    listed = "\n".join(f"    server {each}{options}" for each in addresses)
    text = line.sub("", text).replace("    least_conn;", f"    least_conn;\n{listed}")
    site = directory / "balancer.conf"
    site.write_text(text.replace("127.0.0.1:8079", f"127.0.0.1:{port}"))
    configuration = directory / "nginx.conf"
    write_main(configuration, site)
    child = start_nginx(configuration)
    try:
        process.wait_until(lambda: listens(port), "the balancer", STOP_SECONDS)
        yield
    finally:
        child.terminate()
        child.wait()


def nginx_command(program, configuration, *options):
    """The command line that runs ``program`` with nothing of the system's nginx."""
    directory = configuration.parent
    return [
        *(str(program), "-p", str(directory), "-c", str(configuration)),
        *("-e", str(directory / "nginx.log"), *options),
    ]


def write_site(
    path, *, listen, http, websocket, resolver="127.0.0.1", public_scheme="http"
):
    """Fill in the template as Docker's nginx image does.

    :param str resolver: asked for names only; addresses need none
    """
    text = (cache.CHECKOUT / "docker/nginx.conf.template").read_text()
    values = {
        "LISTEN": listen,
        "ODOO_HTTP": http,
        "ODOO_WEBSOCKET": websocket,
        "RESOLVER": resolver,
        "PUBLIC_SCHEME": public_scheme,
    }
    path.write_text(re.sub(r"\$\{(\w+)\}", lambda match: values[match.group(1)], text))


def write_main(path, site):
    """A whole nginx configuration around one site, with all its files in one place."""
    directory = path.parent
    temporary = "".join(
        f"  {kind}_temp_path {directory}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path.write_text(
        # root's nginx hands its work to another user, like any nginx
        ("user nobody nogroup;\n" if os.geteuid() == 0 else "") + "daemon off;\n"
        f"pid {directory}/nginx.pid;\n"
        f"error_log {directory}/nginx.log;\n"
        "events {}\n"
        "http {\n"
        f"  access_log {directory}/access.log;\n{temporary}"
        f"  include {site};\n"
        "}\n"
    )


def _giving_way(niceness):
    """The start of a command line for a program in a session of its own.

    Where Linux shares the processor by session (sched(7), autogroup), the session has
    to be nice, for it heeds the niceness of a process within its session only.
    """
    if not niceness:
        return []
    script = (
        "if [ -w /proc/self/autogroup ]; then "
        f"echo {niceness} >/proc/self/autogroup; fi; "
        f'exec nice -n {niceness} "$@"'
    )
    return ["/bin/sh", "-c", script, "sh"]


def _kill_session(child):
    process.kill_session(child.pid, STOP_SECONDS)
    child.wait()


def _title(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _tail(path):
    if not path.exists():
        return f"({path} was not written.)"
    lines = path.read_text(errors="replace").splitlines()[-LOG_TAIL:]
    return f"The end of {path}:\n  " + "\n  ".join(lines)
