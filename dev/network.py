"""A computer of its own on a virtual cable, which can be pulled out.

It stands for another machine on this one: a network namespace. Only root may make one.
"""

import os
from contextlib import suppress

from . import cache, debian
from .progress import SetupError

IPROUTE = debian.Bundle("iproute2", "iproute2", ("iproute2",))
#: a network that RFC 2544 keeps for tests
NETWORK = "198.18.77"


class Computer:
    """A context manager: programs that are started with ``prefix`` run there.

    :param str name: of the namespace, at most 10 characters
    """

    def __init__(self, name):
        self.name = name
        #: of this machine and of that computer
        self.here, self.address = f"{NETWORK}.1", f"{NETWORK}.2"
        self._cable = f"{name}-c"

    @staticmethod
    def is_possible():
        """Whether this user may make one."""
        return os.geteuid() == 0

    @property
    def prefix(self):
        """The start of a command line for a program that is to run there."""
        return [str(self._program), "netns", "exec", self.name]

    def __enter__(self):
        self._remove()
        self._ip("netns", "add", self.name)
        try:
            self._ip(
                *("link", "add", self._cable, "type", "veth"),
                *("peer", "name", "eth0", "netns", self.name),
            )
            self._ip("addr", "add", f"{self.here}/24", "dev", self._cable)
            self._ip("link", "set", self._cable, "up")
            inside = ("-n", self.name)
            self._ip(*inside, "addr", "add", f"{self.address}/24", "dev", "eth0")
            self._ip(*inside, "link", "set", "lo", "up")
            self.plug_in()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *exc_info):
        self._remove()

    def pull_out(self):
        """From now on nothing arrives, and nobody is told."""
        self._ip("-n", self.name, "link", "set", "eth0", "down")

    def plug_in(self):
        """Bring the network back."""
        self._ip("-n", self.name, "link", "set", "eth0", "up")

    def _remove(self):
        for command in (
            ("link", "delete", self._cable),
            ("netns", "delete", self.name),
        ):
            with suppress(SetupError):  # there was none
                self._ip(*command)

    @property
    def _program(self):
        for path in ("/usr/sbin/ip", "/sbin/ip"):
            if os.path.exists(path):
                return path
        return IPROUTE.root() / "sbin/ip"

    def _ip(self, *arguments):
        cache.run([self._program, *arguments], what="ip")
