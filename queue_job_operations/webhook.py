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
from urllib3.exceptions import HTTPError

# To connect, and then to say something (s).
TIMEOUT = 5.0
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
# A secret as the libraries of Standard Webhooks take it: Base64 follows.
PREFIX = "whsec_"


class WebhookError(Exception):
    """The other side did not take the message.

    It tells neither address nor answer: the address of many services is a secret.

    :param str cause: "timeout", "certificate", "unreachable" or "status"
    :param int status: HTTP status, where there was one
    """

    def __init__(self, cause, status=None):
        super().__init__(cause, status)
        self.cause, self.status = cause, status


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
    try:
        # The answer is of no interest: not read, however long it is. A message that
        # was meant for one address does not follow to another.
        with requests.post(
            url,
            data=body,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            status = response.status_code
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
