# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which addresses of its own network this server sends to: those that its owner names.

Who enters an address in Odoo makes the server send there, from inside of its network:
to services that trust whoever reaches them, to the metadata of a cloud, to Odoo itself.
So an address that is not public needs an entry in ``internal_hosts`` of the section
``[queue_job_operations]`` of odoo.conf, or in ``QUEUE_JOB_INTERNAL_HOSTS``, which comes
first: host names, addresses and networks, each with or without a port::

    internal_hosts = localhost:11434, ollama, 10.1.0.0/16, [fd00::5]:8000

A name counts for whatever it resolves to. Without a port, all ports are meant.
"""

import os
import re
import socket
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from .conf import get_option

VARIABLE = "QUEUE_JOB_INTERNAL_HOSTS"
SECTION = "queue_job_operations"
OPTION = "internal_hosts"

PORTS = {"http": 80, "https": 443}
_SEPARATOR = re.compile(r"[,\s]+")
_ENTRY = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::(\d{1,5}))?")
# IPv4 in IPv6: a gateway hands it on to that.
_NAT64 = ip_network("64:ff9b::/96")
# All that is public of IPv6.
_PUBLIC_IPV6 = ip_network("2000::/3")
# Addresses that only look public: the agent of Azure answers at this one.
_METADATA = {ip_address("168.63.129.16")}


class _Entry(NamedTuple):
    host: str
    port: int | None

    @classmethod
    def of(cls, text):
        match = _ENTRY.fullmatch(text)
        if not match:
            # An IPv6 address or network without a port, or nonsense, which fits none.
            return cls(text.lower(), None)
        return cls((match[1] or match[2]).lower(), match[3] and int(match[3]))

    def fits(self, host, port, address):
        if self.port not in (None, port):
            return False
        if self.host == _plain(host):
            return True
        try:
            return _ip(address) in ip_network(self.host, strict=False)
        except ValueError:
            return False


def may_reach(host, port, address):
    """Whether this server may connect to an address.

    :param str host: as it stands in the URL
    :param int port: that is connected to
    :param str address: what the host resolved to
    """
    return not is_internal(address) or any(
        entry.fits(host, port, address) for entry in _get_entries()
    )


def is_internal(address):
    """Whether an address is anything but a public one of a single computer."""
    try:
        ip = _ip(address)
    except ValueError:
        return True
    if ip.version == 6 and ip not in _PUBLIC_IPV6:
        return True
    return not ip.is_global or ip.is_multicast or ip in _METADATA


def resolve(host, port):
    """The addresses of a host that this server may connect to, the best first.

    :raise Refused: it has others only
    :raise OSError: it is not known
    """
    found = _lookup(host, port)
    allowed = [address for address in found if may_reach(host, port, address)]
    if not allowed:
        raise Refused(show(host, port))
    return allowed


def find_refused(url):
    """What of a URL says at once, without a name service, that it is refused.

    :return: ``host:port`` as `Refused` has it; None when nothing does
    """
    host, port = split(url)
    try:
        addresses = _lookup(host, port, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        is_here = _plain(host) == "localhost" or _plain(host).endswith(".localhost")
        addresses = ["127.0.0.1"] if is_here else []
    if all(may_reach(host, port, address) for address in addresses):
        return None
    return show(host, port)


def split(url):
    """Host and port of a URL; an empty host when there is none."""
    try:
        parts = urlsplit(url or "")
        return parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0


def show(host, port):
    """As an entry of the option."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def describe_refusal(env, where):
    """What happened and what to do, for people.

    :param str where: of `Refused`
    """
    return env._(
        "%(where)s is an address of this server's own network, where it sends nothing "
        "unless odoo.conf allows it. If that is what you want, have this line added "
        "to the section [queue_job_operations] of odoo.conf (or the address appended "
        "to the line that is there): internal_hosts = %(where)s",
        where=where,
    )


class Refused(Exception):
    """An address of this server's own network that odoo.conf does not allow.

    :param str where: ``host:port``
    """

    def __init__(self, where):
        super().__init__(where)
        self.where = where


def _get_entries():
    text = os.environ.get(VARIABLE) or get_option(SECTION, OPTION) or ""
    return [_Entry.of(word) for word in _SEPARATOR.split(text) if word]


def _lookup(host, port, flags=0):
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    # Each once, in the order in which they are to be tried.
    return list(dict.fromkeys(address[0] for *_rest, address in found))


def _plain(host):
    return host.lower().rstrip(".")


def _ip(address):
    """The address that is really meant: IPv4 comes in several coats of IPv6."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return ip_address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1] or ip
    return ip
