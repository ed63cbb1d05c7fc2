"""A private Redis server: never one that is already there, never its data."""

import functools
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from . import cache, debian, process
from .server import free_ports

#: where the addon's tests look for the program before they look on the path
VARIABLE = "AI_QUEUE_REDIS_SERVER"
BUNDLE = debian.Bundle("redis", "Redis", ("redis-server",))
START_SECONDS = 30
PASSWORD = "of-the-checks"


@functools.cache
def program():
    """The machine's own server; or Debian's, unpacked.

    What is unpacked finds its libraries by a script around it: they are nothing for the
    programs that call it.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    root = BUNDLE.root()

    def make(path):
        libraries = ":".join(map(str, debian.library_directories(root)))
        script = path / "redis-server"
        script.write_text(
            "#!/bin/sh\n"
            f"export LD_LIBRARY_PATH={libraries}\n"
            f'exec {root / "usr/bin/redis-server"} "$@"\n'
        )
        script.chmod(0o755)

    return cache.part("redis", cache.digest(root), make) / "redis-server"


class Redis:
    """One server with its data under ``directory``; a context manager.

    Set up as the addon wants it: with a password, an append-only file, and without
    eviction. ``options`` override that; ``environment`` adds variables.
    """

    def __init__(self, directory, port=None, environment=None, **options):
        self.directory = Path(directory)
        self.environment = dict(environment or {})
        self.port = port or free_ports(1)[0]
        self.options = {
            "bind": "127.0.0.1",
            "port": self.port,
            "dir": self.directory,
            "requirepass": PASSWORD,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            **options,
        }
        self._server = None

    @property
    def url(self):
        """As clients want it."""
        return f"redis://:{self.options['requirepass']}@127.0.0.1:{self.port}/0"

    @property
    def pid(self):
        """That of the server."""
        return self._server.pid

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.stop()

    def start(self):
        """Start it, and wait until it answers."""
        self.directory.mkdir(parents=True, exist_ok=True)
        configuration = self.directory / "redis.conf"
        lines = (f"{name} {value}\n" for name, value in self.options.items())
        configuration.write_text("".join(lines))
        with (self.directory / "redis.log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(program()), str(configuration)],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            process.wait_until(self._answers, "Redis to start", START_SECONDS)
        except BaseException:
            self.kill()
            raise

    def stop(self):
        """Stop it in order."""
        self._end(signal.SIGTERM)

    def kill(self):
        """End it as a power cut would end it; ``start`` brings it back."""
        self._end(signal.SIGKILL)

    def _end(self, number):
        if self._server:
            self._server.send_signal(number)
            self._server.wait()
            self._server = None

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(
                    f"AUTH {self.options['requirepass']}\r\nPING\r\n".encode()
                )
                said = b""
                while b"PONG" not in said and (more := connection.recv(100)):
                    said += more
                return b"PONG" in said
        except OSError:
            return False
