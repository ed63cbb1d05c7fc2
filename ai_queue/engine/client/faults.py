"""What a model endpoint sends back when it goes wrong, as one error a cause.

Pure functions of status, headers, body and exceptions: they know HTTP, not the SDK.
What the provider wrote is only looked at, never passed on, because it may quote the
key or the question.
"""

import errno
import json
import re
import socket
import ssl

from . import streams
from .bounded import TooMuch
from .causes import fault
from .guarded import Internal
from .waits import read_retry_after

#: How much of what a provider says is looked at, characters.
MAX_WORDS = 5_000
#: Keys under which providers quote the request or the answer: no words of their own.
_QUOTED = {"input", "ctx", "failed_generation", "prompt", "messages", "body", "request"}

_NO_CREDIT = re.compile(
    r"insufficient[ _](user[ _])?(quota|balance|credits?|funds)"
    r"|credit balance is too low|billing_hard_limit"
    r"|exceeded_current_quota|out of credits?|arrearage"
    r"|budget[ _](has been )?exceeded|exceeded\w*budget|overdue|余额不足"
    r"|free[ _]?tier\b.{0,60}\b(exhausted|used up)|AllocationQuota",
    re.I,
)
#: Surely about the key, whatever the status.
_KEY = re.compile(
    r"(invalid|incorrect|wrong|missing|unknown|expired|revoked|malformed|no)[ _-]"
    r"(\w+[ _-])?(x-)?(api|subscription)[ _-]?key|API_KEY_INVALID"
    r"|api[ _-]?key[^.]{0,30} (not valid|invalid|missing|required|expired|disabled"
    r"|not found|revoked|incorrect|leaked)"
    r"|no (cookie )?auth credentials|login fail|无效的令牌"
    r"|(invalid|expired|missing) (access|auth\w*|bearer) (token|header)"
    r"|(access|auth\w*|bearer) token (is )?(invalid|expired|missing)",
    re.I,
)
#: About the key, unless the provider knows it and forbids something (403).
_WHO = re.compile(
    r"unauthenticated|unauthori[sz]ed|not authenticated|authentication", re.I
)
_MODEL_UNKNOWN = re.compile(
    r"model_not_found|DeploymentNotFound|(invalid|unknown) model|not a valid model"
    r"|models?\b.{0,120}?\b(not (found|exist|available|valid)|doesn't exist|unknown"
    r"|decommissioned|no longer (available|supported)|has been (removed|retired))"
    r"|no (endpoints found for|available channel for)|LLM Provider NOT provided",
    re.I | re.S,
)
_TOO_LONG = re.compile(
    r"context[_ ](length|size|window|limit)|maximum (context|prompt length)"
    r"|too many tokens|token count\b.{0,30}\bexceeds|range of input length"
    r"|input length\b.{0,40}\b(exceeds?|limit|maximum)"
    r"|(prompt|input|request)\b.{0,40}\btoo (long|large)"
    r"|exceeds? the (available|maximum)? ?context",
    re.I,
)
_TOO_MUCH_AT_ONCE = re.compile(r"request too large", re.I)
_FILTERED = re.compile(
    r"content[_ ]?(filter|policy)|ResponsibleAI|moderation|flagged"
    r"|inappropriate content|data_inspection|content exists risk"
    r"|sensitive (words|content)",
    re.I,
)
_RATE = re.compile(
    r"rate[ _-]?limit|too[ _]many[ _]requests|throttl|RESOURCE_EXHAUSTED|slow down"
    r"|requests per (second|minute|hour|day)|concurren\w+ (requests? )?(limit|quota)"
    r"|too many concurrent",
    re.I,
)
_OVERLOADED = re.compile(
    r"overload|(at|over|exceeded|no|insufficient|flex tier) capacity|capacity exceeded"
    r"|capacity_exceeded|(is|still|currently) (being )?load(ing|ed)\b"
    r"|loading (the )?model|model.{0,60}\bis loading|warming up|cold start"
    r"|not ?ready|high (demand|load|traffic)|too busy|server (is )?busy"
    r"|queue (is )?full|unavailable_error|(?-i:\bUNAVAILABLE\b)"
    r"|insufficient_system_resource",
    re.I,
)
_UPSTREAM_TIMEOUT = re.compile(
    r"(upstream|gateway|generation|operation|model|inference|completion|litellm)\b"
    r".{0,40}\btime(d )?-?out|request timed out|DEADLINE_EXCEEDED|timeout_error",
    re.I | re.S,
)
_NOT_GENERATED = re.compile(
    r"json_validate_failed|failed to generate (valid )?json"
    r"|generated json does not match",
    re.I,
)
_API_VERSION = re.compile(
    r"api[ _-]?version.{0,40}\b(not supported|unsupported|invalid|missing|required)"
    r"|(unsupported|invalid|missing|unknown).{0,30}\bapi[ _-]?version",
    re.I | re.S,
)
_NO_SUCH_PATH = re.compile(
    r"unexpected endpoint|(endpoint|route|path|url|page|resource) (was )?not found"
    r"|no (such )?route|unknown (endpoint|route|path|url)|invalid url|cannot post"
    r"|\A\W*not found\W*\Z",
    re.I,
)
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z_]{2,39}")
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml|script|meta)\b", re.I)

#: A gateway stopped waiting: the model behind it may be at work still.
_GATEWAY_TIMEOUT = {504, 524, 598, 599}
_MAY_BE_GATEWAY_TIMEOUT = {408, 500, 502, 503}
_OVERLOADED_STATUS = {498, 529}
_CONFLICT = {408, 409, 423, 425}
#: Below 500, but of the provider's own making or of something on the way.
_FAILING_STATUS = {421, 424, 444, 460, 499}
#: A proxy wants people to log in.
_LOG_IN = {407, 511}
#: Words for a status in errors that have no number.
_STATUS_OF = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def from_response(status, headers, body, *, model):
    """The error that an HTTP response means.

    :param int status: 300 to 599; for an error inside a response with status 200,
        see `from_body`
    :param headers: mapping with lower-case names
    :param bytes body: what came, of any length
    """
    text = words(body)
    if status < 400:
        return fault("redirect", status=status)
    may_be_page = status < 500 and status not in (401, 408, 413, 429)
    start = body[:1000].decode("utf-8", "replace")
    if status in _LOG_IN or (may_be_page and is_web_page(headers, start)):
        return fault("web_page", status=status)
    told = _passing(status, headers, body, text, model)
    return told or _refused(status, body, text, model)


def _passing(status, headers, body, text, model):
    """What gets better by itself or at the provider's; None for a refusal."""
    wait = read_retry_after(headers, body=body)
    if status == 429 and _TOO_MUCH_AT_ONCE.search(text):
        # more than the provider takes in a whole minute: waiting does not help
        return fault("too_long", model=model)
    if status == 402 or _NO_CREDIT.search(text):
        return fault("no_credit", retry_after=wait)
    if status == 429:
        return fault("rate_limit", retry_after=wait)
    if _is_about_key(status, text):
        return fault("key", status=status)
    if status in _OVERLOADED_STATUS:
        return fault("overloaded", status=status, retry_after=wait)
    if status in _GATEWAY_TIMEOUT or (
        status in _MAY_BE_GATEWAY_TIMEOUT and _UPSTREAM_TIMEOUT.search(text)
    ):
        return fault("gateway_timeout", status=status)
    if status != 404 and _RATE.search(text):
        return fault("rate_limit", retry_after=wait)
    if status not in (403, 404) and _OVERLOADED.search(text):
        return fault("overloaded", status=status, retry_after=wait)
    if status in _CONFLICT:
        return fault("conflict", status=status, retry_after=wait)
    if status >= 500 and _TOO_LONG.search(text):
        return fault("too_long", model=model)
    if status >= 500 or status in _FAILING_STATUS:
        return fault("server_error", status=status, retry_after=wait)
    return None


def _is_about_key(status, text):
    if status == 401 or _KEY.search(text):
        return True
    return status != 403 and bool(_WHO.search(text))


def _refused(status, body, text, model):
    """Any other status of 400 to 499: what was asked for cannot be had."""
    if _NOT_GENERATED.search(text):
        # The server itself holds the model to the form, and the model did not keep it.
        error = fault("not_json")
        error.maybe_paid = True
        return error
    if _FILTERED.search(text):
        return fault("filtered")
    if status == 403:
        return fault("forbidden", status=status, model=model)
    if status == 413 or _TOO_LONG.search(text):
        return fault("too_long", model=model)
    if _MODEL_UNKNOWN.search(text):
        return fault("model_unknown", model=model)
    if _API_VERSION.search(text):
        return fault("api_version", status=status)
    if status in (404, 405) or _NO_SUCH_PATH.search(text):
        return fault("address", status=status)
    return fault("bad_request", status=status, code=_code(body))


def not_json(headers, content, *, model):
    """The error of a response with status 200 that is no JSON, or not all of it.

    :param bytes content: what came
    """
    text = words(content)
    if is_web_page(headers, text):
        return fault("web_page", status=200)
    if text.lstrip()[:1] in ("", "{", "["):
        return fault("broken_body")
    if streams.is_stream(content):
        return fault("broken_body")
    # No beginning of an answer: an error in words, if they are known ones.
    error = from_response(502, headers, content, model=model)
    return fault("address", status=200) if error.cause == "server_error" else error


def in_body(body, headers, *, model, wanted="choices"):
    """The error that stands in a response with status 200, as relays send it.

    It may stand under ``error`` or on the choice, or be the body itself.

    :param body: plain data
    :param str wanted: the key under which the body of a good answer has a list
    :return: (status that it would have had, error), or (200, None) for a good answer
    """
    if not isinstance(body, dict):
        return 200, fault("address", status=200)
    error = body.get("error") or body.get("errors") or _of_choice(body)
    if isinstance(error, list):
        error = error[0] if error else None
    if error:
        return _from_body(error, _status(error) or _status(body), headers, model)
    status = _status(body) or (502 if _base_status(body) else None)
    said = any(body.get(name) for name in ("detail", "message", "msg"))
    if body.get(wanted) or (wanted in body and not (status or said)):
        return 200, None
    if status or said:
        found, error = _from_body(body, status, headers, model)
        if status or error.cause != "server_error":
            return found, error
    return 200, fault("address", status=200)


def _from_body(error, status, headers, model):
    """(status, error); without a status, what the words alone say it is."""
    content = json.dumps(error).encode()
    if status is None:
        found = from_response(400, headers, content, model=model)
        if found.cause != "bad_request":
            return 400, found
        status = 502
    return status, from_response(status, headers, content, model=model)


def _of_choice(body):
    """What went wrong with the first choice; None when it is an answer."""
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return None
    if choice.get("error"):
        return choice["error"]
    reason = choice.get("finish_reason")
    if isinstance(reason, str) and reason.lower() in _BROKEN_OFF:
        return {"code": 502, "message": reason}
    return None


#: Finish reasons that say that the provider, not the model, came to an end.
_BROKEN_OFF = {"error", "abort", "network_error", "insufficient_system_resource"}


def _status(error):
    """The HTTP status that an error names, as a number or in words; None without."""
    if not isinstance(error, dict):
        return None
    for name in ("code", "status", "status_code", "statusCode", "type"):
        value = error.get(name)
        if isinstance(value, str) and value in _STATUS_OF:
            return _STATUS_OF[value]
        if re.fullmatch(r"[45]\d\d", str(value)):
            return int(value)
    return None


def _base_status(body):
    """What MiniMax reports beside an empty answer: 0 when all is well."""
    base = body.get("base_resp")
    return base.get("status_code") if isinstance(base, dict) else None


def words(content):
    """What a provider says is wrong, without what it quotes of the request.

    :param bytes content: the body of a response
    :return: text of `MAX_WORDS` characters at most
    """
    text = content[: 4 * MAX_WORDS].decode("utf-8", "replace")
    try:
        data = json.loads(re.sub(r"\A\s*data:", "", text))
    except (ValueError, RecursionError):
        return text[:MAX_WORDS]
    return "\n".join(_strings(data, depth=8))[:MAX_WORDS]


def _strings(value, depth):
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, list):
        for item in value:
            yield from _strings(item, depth - 1)
    elif depth and isinstance(value, dict):
        for key, item in value.items():
            if key not in _QUOTED:
                yield from _strings(item, depth - 1)


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
        if isinstance(link, TooMuch):
            return fault("too_much")
        if isinstance(link, Internal):
            return fault("internal", host=link.where)
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
    if _WEB_PAGE.match(text):
        return True
    # Some providers call their JSON a page.
    is_json = text.lstrip()[:1] in ("{", "[")
    return "html" in headers.get("content-type", "").lower() and not is_json


def _code(body):
    """The provider's own word for the error, where it is but a word."""
    try:
        error = json.loads(body)
        error = error.get("error", error)
        found = [error.get("code"), error.get("type")]
    except (ValueError, AttributeError, RecursionError):
        return ""
    for word in found:
        if isinstance(word, str) and _IDENTIFIER.fullmatch(word):
            return f", {word}"
    return ""
