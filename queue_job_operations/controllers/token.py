# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The token of those who watch this server: scrapers of metrics, health probes.

``QUEUE_JOB_METRICS_TOKEN`` in the environment comes before ``metrics_token`` in the
section ``[queue_job_operations]`` of odoo.conf, as with all that is secret here. It is
sent in the header ``Authorization: Bearer …``, which stays out of the logs of
proxies, unlike a parameter of the address. Without a token there is nothing to ask for.
"""

import hmac
import os

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotFound, Unauthorized

from odoo.http import request

from ..conf import get_option

VARIABLE = "QUEUE_JOB_METRICS_TOKEN"
SECTION = "queue_job_operations"
OPTION = "metrics_token"
_SCHEME = "bearer"


def get_token():
    """The token of this server; None without one."""
    return os.environ.get(VARIABLE) or get_option(SECTION, OPTION)


def is_known():
    """Whether the request that is being served brings the token of this server.

    Never so where the server has none.
    """
    token = get_token()
    scheme, _space, given = request.httprequest.headers.get(
        "Authorization", ""
    ).partition(" ")
    if not token or scheme.lower() != _SCHEME:
        return False
    # It takes as long whatever is wrong. Headers come as Latin-1, whatever was sent.
    sent = given.strip().encode("latin-1", "replace")
    return hmac.compare_digest(sent, token.encode())


def require():
    """Let nobody through but those who bring the token.

    :raise NotFound: the server has no token: the page is switched off
    :raise Unauthorized: the request has none, or another one
    """
    if not get_token():
        raise NotFound()
    if not is_known():
        challenge = WWWAuthenticate(_SCHEME, {"realm": "queue_job_operations"})
        raise Unauthorized(www_authenticate=challenge)
