"""What a model endpoint sends back when it goes wrong, as one error a cause.

Pure functions of status, headers, body and exceptions: they know HTTP, not the SDK.
What the provider wrote is only looked at, never passed on, because it may quote the
key or the question.
"""

import errno
import json
import math
import re
import socket
import ssl
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ..errors import (
    Busy,
    Declined,
    Failing,
    InvalidAnswer,
    NotInstalled,
    OutOfCredit,
    Refused,
    Unreachable,
)
from ..terms import _

# There is no environment in here: whoever shows a sentence translates it.
# pylint: disable=prefer-env-translation


#: Cause -> class, sentence (English template).
CAUSES = {
    # Busy: the job waits, no try is lost
    "rate_limit": (
        Busy,
        _(
            "The provider takes no more requests at the moment (429). The work goes "
            "on by itself when it does."
        ),
    ),
    "no_credit": (
        OutOfCredit,
        _(
            "The account at the provider has no credit left. Top it up or raise its "
            "limit there; the work then goes on by itself."
        ),
    ),
    # Unreachable: no answer came
    "no_connection": (
        Unreachable,
        _(
            "There is no connection to %(host)s. Check that the server runs and that "
            "the base URL of the provider is right."
        ),
    ),
    "name_unknown": (
        Unreachable,
        _(
            "The host name %(host)s is not known. Check the base URL of the provider "
            "and the name service of this server."
        ),
    ),
    "connect_timeout": (
        Unreachable,
        _(
            "%(host)s did not take the connection in time. Check the base URL of the "
            "provider, and any firewall on the way."
        ),
    ),
    "read_timeout": (
        Unreachable,
        _(
            "%(host)s said nothing for %(seconds)g seconds. If the model is only "
            "slow, raise the time-out of the provider or ask for less at a time."
        ),
    ),
    "whole_timeout": (
        Unreachable,
        _(
            "%(host)s did not answer within %(seconds)g seconds. If the model is "
            "only slow, raise the time-out of the provider or ask for less at a time."
        ),
    ),
    "connection_lost": (
        Unreachable,
        _("The connection to %(host)s broke off before the answer was complete."),
    ),
    # Failing: an error of the provider
    "server_error": (
        Failing,
        _(
            "The provider has a problem of its own (%(status)s). It is asked again "
            "later."
        ),
    ),
    "conflict": (
        Failing,
        _(
            "The provider could not take the request just now (%(status)s). It is "
            "asked again later."
        ),
    ),
    "broken_body": (
        Failing,
        _(
            "The provider sent an answer that is cut off or is not JSON. It is asked "
            "again later."
        ),
    ),
    # Refused: asking again cannot help
    "bad_url": (
        Refused,
        _(
            "The base URL of the provider is not an address. It starts with http:// "
            "or https:// and a host, like https://api.openai.com/v1, and has no user "
            "name, password or question mark in it."
        ),
    ),
    "bad_key": (
        Refused,
        _(
            "The key of the provider, or one of its headers, has a character that "
            "cannot be sent. Enter it again."
        ),
    ),
    "key": (
        Refused,
        _(
            "The provider does not accept the key (%(status)s). Enter a valid key in "
            "the provider's form."
        ),
    ),
    "forbidden": (
        Refused,
        _(
            "The key of the provider may not do this (%(status)s). Give it access to "
            "the model %(model)s, or enter another key."
        ),
    ),
    "model_unknown": (
        Refused,
        _(
            "The provider does not know the model %(model)s. Choose another one in "
            "the provider's form."
        ),
    ),
    "address": (
        Refused,
        _(
            "No model answers at the base URL of the provider (%(status)s). Check "
            "it; it often ends in /v1."
        ),
    ),
    "web_page": (
        Refused,
        _(
            "What answers at the base URL of the provider is a web page and not a "
            "model (%(status)s). Check it, and any proxy on the way."
        ),
    ),
    "redirect": (
        Refused,
        _(
            "The base URL of the provider has moved (%(status)s). Enter the new one; "
            "the key is not sent on to another address."
        ),
    ),
    "certificate": (
        Refused,
        _(
            "The certificate of %(host)s is not trusted. Check the base URL of the "
            "provider, or install its certificate authority on this server."
        ),
    ),
    "tls": (
        Refused,
        _(
            "%(host)s does not speak TLS as this server does. Check whether the base "
            "URL of the provider must start with http:// or https://"
        ),
    ),
    "too_long": (
        Refused,
        _(
            "The request is too long for the model %(model)s. Ask for less at a "
            "time, or choose a model that takes more."
        ),
    ),
    "no_structure": (
        Refused,
        _(
            "The provider does not offer the structured output that is set in its "
            "form. Set it to automatic."
        ),
    ),
    "bad_request": (
        Refused,
        _(
            "The provider does not take the request (%(status)s%(code)s). Check the "
            "model and the settings in the provider's form; the log of the provider "
            "says more."
        ),
    ),
    "not_installed": (
        NotInstalled,
        _(
            "The Python package %(package)s is missing on this server. Install it "
            "with: pip install openai tenacity jsonschema"
        ),
    ),
    # InvalidAnswer: paid for and of no use
    "empty": (
        InvalidAnswer,
        _(
            "The model gave an empty answer, also when asked again. Another model may "
            "do better."
        ),
    ),
    "not_json": (
        InvalidAnswer,
        _(
            "The model did not answer in the form that was asked for, also when "
            "asked again. A larger model may do better."
        ),
    ),
    "misfit": (
        InvalidAnswer,
        _(
            "The answer of the model does not fit what was asked for, also when "
            "asked again: %(where)s. A larger model may do better."
        ),
    ),
    "cut_off": (
        InvalidAnswer,
        _(
            "The model stopped before its answer was complete, because it reached "
            "its limit of length. Ask for less at a time, or allow longer answers."
        ),
    ),
    "too_much": (
        InvalidAnswer,
        _(
            "The answer of the model is far longer than any answer can be, and was "
            "not read. Another model may do better."
        ),
    ),
    "declined": (
        Declined,
        _("The model declined to answer this question. Another model may answer it."),
    ),
    "filtered": (
        Declined,
        _(
            "The content filter of the provider withheld this question or its answer. "
            "Another model may answer it, or a filter that is set more mildly there."
        ),
    ),
}
#: Causes that every other question to the same endpoint and model would meet.
EVERYWHERE = {
    *("rate_limit", "no_credit", "bad_url", "bad_key", "key", "forbidden"),
    *("model_unknown", "address", "web_page", "redirect", "certificate", "tls"),
    *("no_structure", "not_installed"),
}
#: Causes that say that the address is wrong rather than that its server is down, as
#: long as nobody ever answered there.
NOBODY_THERE = {"no_connection", "name_unknown"}
MAYBE_PAID = {"read_timeout", "whole_timeout", "connection_lost", "broken_body"}
#: Longer waits are not believed; somebody may have fixed it long before.
MAX_RETRY_AFTER = 24 * 3600.0

_NO_CREDIT = re.compile(
    r"insufficient[ _](quota|balance|credit|funds)|credit balance is too low"
    r"|billing_hard_limit",
    re.I,
)
_MODEL_UNKNOWN = re.compile(
    r"model_not_found|DeploymentNotFound|(invalid|unknown) model|not a valid model"
    r"|model\b.{0,120}?\b(not (found|exist|available|valid)|doesn't exist|unknown)",
    re.I | re.S,
)
_TOO_LONG = re.compile(
    r"context[_ ](length|size|window)|maximum context|too many tokens"
    r"|(prompt|input|request)\b.{0,40}\btoo (long|large)",
    re.I,
)
_TOO_MUCH_AT_ONCE = re.compile(r"request too large", re.I)
_FILTERED = re.compile(
    r"content[_ ]?(filter|policy)|ResponsibleAI|moderation|flagged", re.I
)
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z_]{2,39}")


def fault(cause, *, retry_after=None, **values):
    """The error of a cause, ready to be raised.

    :param values: what its sentence names; settings and numbers, nothing that was
        sent or received
    """
    kind, sentence = CAUSES[cause]
    return kind(
        sentence % values,
        cause=cause,
        retry_after=retry_after,
        everywhere=cause in EVERYWHERE,
        maybe_paid=cause in MAYBE_PAID,
        values=values,
    )


def from_response(status, headers, body, *, model):
    """The error that an HTTP response means.

    :param int status: 300 to 599; for an error inside a response with status 200,
        see `from_body`
    :param headers: mapping with lower-case names
    :param bytes body: what came, of any length
    """
    wait = read_retry_after(headers)
    text = body[:20_000].decode("utf-8", "replace")
    if status == 402 or (status in (403, 429) and _NO_CREDIT.search(text)):
        return fault("no_credit", retry_after=wait)
    if status == 429 and _TOO_MUCH_AT_ONCE.search(text):
        # more than the provider takes in a whole minute: waiting does not help
        return fault("too_long", model=model)
    if status == 429:
        return fault("rate_limit", retry_after=wait)
    if status in (408, 409, 425):
        return fault("conflict", status=status, retry_after=wait)
    if status >= 500:
        return fault("server_error", status=status, retry_after=wait)
    if status < 400:
        return fault("redirect", status=status)
    if status == 401:
        return fault("key", status=status)
    return _refused(status, headers, text, model)


def _refused(status, headers, text, model):
    """Any other status of 400 to 499: what was asked for cannot be had."""
    if is_web_page(headers, text):
        return fault("web_page", status=status)
    if _FILTERED.search(text):
        return fault("filtered")
    if status == 403:
        return fault("forbidden", status=status, model=model)
    if status == 413 or _TOO_LONG.search(text):
        return fault("too_long", model=model)
    if _MODEL_UNKNOWN.search(text):
        return fault("model_unknown", model=model)
    if status in (404, 405):
        return fault("address", status=status)
    return fault("bad_request", status=status, code=_code(text))


def from_body(error, headers, *, model):
    """The error that a provider put in a response with status 200, as some relays do.

    :param error: the value of the key ``error``
    """
    status = error.get("code") if isinstance(error, dict) else None
    if not isinstance(status, int) or not 400 <= status <= 599:
        status = 502
    return from_response(status, headers, json.dumps(error).encode(), model=model)


def from_exception(error, *, host, seconds):
    """The error that an exception of the HTTP library means.

    The SDK wraps what the library raised, which wraps what the system raised; the
    library itself is not imported, for it is another one in each line of the SDK.

    :param float seconds: the read time-out
    """
    chain = list(_chain(error))
    names = {type(link).__name__ for link in chain}
    values = {"host": host, "seconds": seconds}
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return fault("certificate", **values)
        if isinstance(link, ssl.SSLError) and link.reason in _NOT_OUR_TLS:
            return fault("tls", **values)
        if isinstance(link, socket.gaierror):
            return fault("name_unknown", **values)
        if isinstance(link, OSError) and link.errno in _NO_CONNECTION:
            return fault("no_connection", **values)
    if "ConnectTimeout" in names:
        return fault("connect_timeout", **values)
    if names & {"ReadTimeout", "WriteTimeout", "PoolTimeout"}:
        return fault("read_timeout", **values)
    if names & {"ConnectError", "ProxyError"}:
        return fault("no_connection", **values)
    return fault("connection_lost", **values)


_NOT_OUR_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNSUPPORTED_PROTOCOL"}
_NO_CONNECTION = {
    errno.ECONNREFUSED,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EADDRNOTAVAIL,
}


def _chain(error):
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def is_web_page(headers, text):
    """Whether this was written for people: a proxy, a log-in page, another site."""
    content_type = headers.get("content-type", "").lower()
    return "html" in content_type or text.lstrip()[:15].lower().startswith(
        ("<!doctype html", "<html")
    )


def read_retry_after(headers, now=None):
    """How many seconds to wait, from ``retry-after-ms`` or ``Retry-After``.

    ``Retry-After`` is a number of seconds or an HTTP date (RFC 9110, 10.2.3). A date
    is compared with the ``Date`` of the same response where there is one, so that a
    wrong clock on either side does no harm.

    :return: 0 to `MAX_RETRY_AFTER`, or None where nothing usable is said
    """
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
        if math.isnan(seconds):
            continue
        return min(max(seconds, 0.0), MAX_RETRY_AFTER)
    until = _read_date(headers.get("retry-after"))
    if until is None:
        return None
    now = _read_date(headers.get("date")) or now or datetime.now(timezone.utc)
    return min(max((until - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _read_date(text):
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _code(text):
    """The provider's own word for the error, where it is but a word."""
    try:
        error = json.loads(text)
        error = error.get("error", error)
        words = [error.get("code"), error.get("type")]
    except (ValueError, AttributeError, RecursionError):
        return ""
    for word in words:
        if isinstance(word, str) and _IDENTIFIER.fullmatch(word):
            return f", {word}"
    return ""
