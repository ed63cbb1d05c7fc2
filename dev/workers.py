"""Workers of ``ai_queue_celery`` and its bridge, as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

from . import cache, odoo, process

STOP_SECONDS = 60


class _Process:
    """A program in a session of its own; a context manager.

    :param environment: variables that it gets besides
    """

    def __init__(self, log, environment=None):
        self.log = Path(log)
        self.environment = dict(environment or {})
        self._child = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.kill()

    @property
    def pid(self):
        """That of its first process."""
        return self._child.pid

    def processes(self):
        """The ids of all its processes, none while it does not run."""
        child = self._child
        return process.session(child.pid) if child else []

    def start(self):
        """Start it; it may take a moment to be at work."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command, env = self._command()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command,
                env={**env, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self):
        """End it in order."""
        if self._child:
            self._child.terminate()
            self._child.wait(STOP_SECONDS)
            self._child = None

    def kill(self):
        """``kill -9`` of all its processes."""
        if self._child:
            process.kill_session(self._child.pid, STOP_SECONDS)
            self._child.wait()
            self._child = None

    def _command(self):
        raise NotImplementedError


class Worker(_Process):
    """``bin/worker``.

    :param str url: of Redis
    :param providers: {name in Odoo, as variables have it: base URL}
    """

    def __init__(
        self,
        log,
        url,
        providers=(),
        concurrency=8,
        name="worker",
        kind="models",
        environment=None,
    ):
        super().__init__(log, environment)
        self.url, self.providers, self.kind = url, dict(providers), kind
        self.concurrency, self.name = concurrency, name

    def _command(self):
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AI_QUEUE_")
        }
        env["AI_QUEUE_BROKER_URL"] = self.url
        for name, base_url in self.providers.items():
            env[f"AI_QUEUE_BASE_URL_{name}"] = base_url
        program = str(cache.CHECKOUT / "bin/worker")
        return [
            *(sys.executable, program, "--concurrency", str(self.concurrency)),
            *("--name", self.name, "--kind", self.kind),
        ], env


class Bridge(_Process):
    """``odoo ai_queue_bridge`` of a `dev.server.Server`.

    :param databases: whose answers it brings; without it, those of the configuration
    """

    def __init__(self, log, server, url, environment=None, databases=()):
        super().__init__(log, environment)
        self.server, self.url, self.databases = server, url, databases

    def _command(self):
        base = {k: v for k, v in os.environ.items() if not k.startswith("ODOO_")}
        env = self.server.cluster.environment(odoo.environment(base))
        env["AI_QUEUE_BROKER_URL"] = self.url
        configuration = str(self.server.directory / "odoo.conf")
        program = str(odoo.prepare() / "bin/odoo")
        named = ["-d", ",".join(self.databases)] if self.databases else []
        return [program, "ai_queue_bridge", "-c", configuration, *named], env
