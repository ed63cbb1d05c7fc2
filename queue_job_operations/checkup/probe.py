# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What can only be known by trying it: is there a way to the websockets, and to what
nobody outside may reach. Short, and only when somebody asks for it."""

import base64
import os
import socket
import uuid
from urllib.parse import urljoin, urlsplit

import requests

from .facts import Probes

#: a server that asks itself while it is busy must not wait long
SECONDS = 5
SWITCHING = 101
#: what proxies answer to what they do not hand on
REFUSED = (401, 403, 404, 410)
REDIRECTED = (301, 302, 303, 307, 308)
#: from http to https, and once more
REDIRECTS = 2
TOO_MANY = 429
#: what Odoo itself answers to a websocket at a port that has none
ODOO_FAILED = 500
_ANY = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


def probe(server, base_url, database):
    """Try the ways to a server.

    :param server: ``Server`` on this computer
    :param str base_url: the address that people open
    :param str database: the database that is asked for
    :return: ``Probes``
    """
    return Probes(
        gevent=not server.workers or listens(server.http_interface, server.gevent_port),
        websocket=lets_websockets_through(base_url, database),
        runjob=hands_on_runjob(base_url, database),
    )


def listens(interface, port):
    """Whether somebody listens on this port of this computer."""
    try:
        address = (_ANY.get(interface, interface), port)
        socket.create_connection(address, timeout=SECONDS).close()
    except OSError:
        return False
    return True


def lets_websockets_through(base_url, database):
    """Whether a websocket can be opened at an address; None when nobody can tell.

    Odoo's own error is an answer: so it meets websockets at the port for pages, where
    a proxy hands them on to that.
    """
    parts = urlsplit(base_url)
    status = _ask(
        f"{base_url}/websocket",
        database,
        {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Origin": f"{parts.scheme}://{parts.netloc}",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        },
    )
    return None if status is None else status == SWITCHING


def hands_on_runjob(base_url, database):
    """Whether queue_job's own entrance is open at an address; None if nobody can tell.

    Asked for a job that does not exist, so that nothing is run.
    """
    url = f"{base_url}/queue_job/runjob?job_uuid={uuid.uuid4()}"
    status = _ask(url, database, {})
    return None if status is None else status not in REFUSED


def _ask(url, database, headers):
    """The status of an answer; None without one that tells whether the way is open.

    A proxy that is too busy, finds no server or sends visitors elsewhere says nothing
    of the way. Only to the same page of the same host is it followed: to https.
    """
    headers = {"X-Odoo-Database": database, **headers}
    status = None
    try:
        for _hop in range(1 + REDIRECTS):
            with requests.get(
                url,
                headers=headers,
                timeout=SECONDS,
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                target = urljoin(url, response.headers.get("Location", ""))
            if status not in REDIRECTED or not _is_same_page(url, target):
                break
            url = target
    except (requests.RequestException, ValueError):
        return None
    if status in REDIRECTED or status == TOO_MANY or status > ODOO_FAILED:
        return None
    return status


def _is_same_page(url, other):
    """Whether two addresses differ by their scheme and port only."""
    url, other = urlsplit(url), urlsplit(other)
    return (url.hostname, url.path, url.query) == (
        other.hostname,
        other.path,
        other.query,
    )
