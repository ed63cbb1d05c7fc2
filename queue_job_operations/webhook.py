# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One signed message to one web address."""

import hashlib
import hmac
import json
import time

import requests
from urllib3.exceptions import HTTPError

# To connect, and then to say something (s).
TIMEOUT = 5.0
SIGNATURE = "X-Queue-Job-Signature"
TIMESTAMP = "X-Queue-Job-Timestamp"


class WebhookError(Exception):
    """The other side did not take the message.

    It tells neither address nor answer: the address of many services is a secret.

    :param str cause: "timeout", "certificate", "unreachable" or "status"
    :param int status: HTTP status, where there was one
    """

    def __init__(self, cause, status=None):
        super().__init__(cause, status)
        self.cause, self.status = cause, status


def sign(secret, timestamp, body):
    """The value of the header ``X-Queue-Job-Signature``.

    :param str secret: what both sides know
    :param str timestamp: value of ``X-Queue-Job-Timestamp``: seconds since 1970
    :param bytes body: as it is sent
    :return: "sha256=" and the HMAC-SHA256 of "<timestamp>.<body>" in hexadecimal
    """
    message = timestamp.encode() + b"." + body
    digest = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def post(url, payload, secret=None, headers=None):
    """Send a message; return when it was taken.

    :param dict payload: sent as JSON
    :param str secret: signs the message; None: no signature
    :param dict headers: further ones
    :raise WebhookError: when it was not taken
    """
    body = json.dumps(payload, separators=(",", ":")).encode()
    timestamp = str(int(time.time()))
    headers = {
        **(headers or {}),
        "Content-Type": "application/json",
        "User-Agent": "queue_job_operations",
        TIMESTAMP: timestamp,
    }
    if secret:
        headers[SIGNATURE] = sign(secret, timestamp, body)
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
