"""Connections to those addresses alone that the caller allows.

A name is resolved once, and what is connected to is the very address that was looked
at: the next moment it may resolve to another one, and names that anybody registers may
point into the network of this server.
"""

import asyncio
import socket
import sys
import time


class Internal(Exception):
    """All addresses of a host are such as may not be connected to.

    :ivar where: host and port
    """

    def __init__(self, where):
        super().__init__(where)
        self.where = where


def guard(http_client, may_reach):
    """Let a client of the HTTP library make no connection that is not allowed.

    A proxy that the environment of this server names is the choice of its owner, and
    resolves names as it likes. What is an address already is not asked of it, either.

    :param may_reach: as of `shapes.Endpoint`
    """

    async def look_at(request):
        host, port = request.url.host, request.url.port
        port = port or (443 if request.url.scheme == "https" else 80)
        _pick(host, port, _numeric(host, port), may_reach)

    http_client.event_hooks = {**http_client.event_hooks, "request": [look_at]}
    # The library takes a backend for a pool, but no way to hand one to the pool.
    pool = http_client._transport._pool
    pool._network_backend = _Backend(pool._network_backend, may_reach)


def _numeric(host, port):
    """The addresses of a host that is one; none of a name."""
    try:
        return _addresses(
            socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )
        )
    except (OSError, UnicodeError):
        return []


def _addresses(found):
    # Each once, in the order in which they are to be tried.
    return list(dict.fromkeys(address[0] for *_rest, address in found))


def _pick(host, port, found, may_reach):
    """Those of the addresses that may be connected to.

    :raise Internal: there are others only
    """
    allowed = [address for address in found if may_reach(host, port, address)]
    if found and not allowed:
        raise Internal(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return allowed


class _Backend:
    """What the library opens connections with."""

    def __init__(self, backend, may_reach):
        self.backend = backend
        self.may_reach = may_reach
        # The library is another one in each line of the SDK.
        self.library = sys.modules[type(backend).__module__.partition(".")[0]]

    async def connect_tcp(self, host, port, timeout=None, **options):
        """A connection to the first address that takes it."""
        until = None if timeout is None else time.monotonic() + timeout
        found = await self._lookup(host, port, timeout)
        allowed = _pick(host, port, found, self.may_reach)
        while True:
            address = allowed.pop(0)
            left = until and max(0.001, until - time.monotonic())
            try:
                return await self.backend.connect_tcp(
                    # Who says nothing must not take the time of the others.
                    address,
                    port,
                    timeout=left and left / (len(allowed) + 1),
                    **options,
                )
            except (self.library.ConnectError, self.library.ConnectTimeout):
                if not allowed:
                    raise

    async def _lookup(self, host, port, timeout):
        loop = asyncio.get_running_loop()
        try:
            found = await asyncio.wait_for(
                loop.getaddrinfo(host, port, type=socket.SOCK_STREAM), timeout
            )
        except asyncio.TimeoutError as error:
            raise self.library.ConnectTimeout(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise self.library.ConnectError(str(error)) from error
        return _addresses(found)

    async def sleep(self, seconds):
        """As the library does, between its tries."""
        await self.backend.sleep(seconds)
