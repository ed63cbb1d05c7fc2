# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One signed message to one web address, as *Standard Webhooks* defines it."""

import base64
import hashlib
import hmac
import json
import time
import uuid

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from . import addresses

# To connect, and then to say something (s).
TIMEOUT = 5.0
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
# A secret as the libraries of Standard Webhooks take it: Base64 follows.
PREFIX = "whsec_"


class WebhookError(Exception):
    """The other side did not take the message.

    It tells neither address nor answer: the address of many services is a secret.

    :param str cause: "timeout", "certificate", "unreachable", "internal" or "status"
    :param int status: HTTP status, where there was one
    :param str where: host and port that odoo.conf does not allow
    """

    def __init__(self, cause, status=None, where=None):
        super().__init__(cause, status, where)
        self.cause, self.status, self.where = cause, status, where


class _Guarded:
    """A connection to an address that this server may reach.

    To the very address that was looked at: a name may resolve to another one the next
    moment.
    """

    def _new_conn(self):
        name, error = self._dns_host, None
        try:
            for address in addresses.resolve(name, self.port):
                self._dns_host = address
                try:
                    return super()._new_conn()
                except (NewConnectionError, ConnectTimeoutError) as failed:
                    error = failed
            raise error
        finally:
            # The certificate is that of the name.
            self._dns_host = name


class _HTTPConnection(_Guarded, HTTPConnectionPool.ConnectionCls):
    pass


class _HTTPSConnection(_Guarded, HTTPSConnectionPool.ConnectionCls):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    """Sends from guarded connections; a proxy of this server is its owner's choice."""

    # EXTENDS requests
    def init_poolmanager(self, *args, **kwargs):
        result = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _HTTPPool,
            "https": _HTTPSPool,
        }
        return result


def sign(secret, identifier, timestamp, body):
    """The value of the header ``webhook-signature``.

    Source: https://www.standardwebhooks.com (symmetric signatures, version 1).

    :param str secret: what both sides know; after ``whsec_`` in Base64
    :param str identifier: value of ``webhook-id``
    :param str timestamp: value of ``webhook-timestamp``: seconds since 1970
    :param bytes body: as it is sent
    :return: "v1," and the HMAC-SHA256 of "<id>.<timestamp>.<body>" in Base64
    """
    message = b".".join((identifier.encode(), timestamp.encode(), body))
    digest = hmac.new(_get_key(secret), message, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _get_key(secret):
    key = secret.encode()
    if not secret.startswith(PREFIX):
        return key
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        # Somebody's own, which only begins like one.
        return key


def post(url, payload, secret=None, headers=None, identifier=None):
    """Send a message; return when it was taken.

    :param dict payload: sent as JSON
    :param str secret: signs the message; None: no signature
    :param dict headers: further ones
    :param str identifier: the same whenever the message is repeated; None: a new one
    :raise WebhookError: when it was not taken
    """
    body = json.dumps(payload, separators=(",", ":")).encode()
    identifier = identifier or uuid.uuid4().hex
    timestamp = str(int(time.time()))
    headers = {
        **(headers or {}),
        "Content-Type": "application/json",
        "User-Agent": "queue_job_operations",
        ID: identifier,
        TIMESTAMP: timestamp,
    }
    if secret:
        headers[SIGNATURE] = sign(secret, identifier, timestamp, body)
    if where := addresses.find_refused(url):
        raise WebhookError("internal", where=where)
    try:
        # The answer is of no interest: not read, however long it is. A message that
        # was meant for one address does not follow to another.
        with (
            _get_session() as session,
            session.post(
                url,
                data=body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            status = response.status_code
    except addresses.Refused as refused:
        raise WebhookError("internal", where=refused.where) from None
    # Their own text has the address in it.
    except requests.Timeout:
        raise WebhookError("timeout") from None
    except requests.exceptions.SSLError:
        raise WebhookError("certificate") from None
    # Not all that is wrong with an address is an error of requests.
    except (requests.RequestException, HTTPError, ValueError):
        raise WebhookError("unreachable") from None
    if not 200 <= status < 300:
        raise WebhookError("status", status)


def _get_session():
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session
