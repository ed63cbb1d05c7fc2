"""The open line to a model endpoint: one client of the SDK, made safe.

It sends what it is given, once, and returns what came, or the one error that it means.

The packages that talk to models are imported at the first question, so that Odoo
starts without them.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import json
import logging
import re
import time
import zlib
from types import SimpleNamespace
from urllib.parse import urlsplit

from . import answers, faults, streams
from .bounded import ACCEPT_ENCODING, TooMuch, bound
from .causes import fault
from .guarded import Internal, guard

__all__ = ["Line", "Response", "libraries"]

#: No user name, no query: the one would leak, the other has a field of its own.
_ADDRESS = re.compile(
    r"""https?://
    ([a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.? | \[[0-9a-f:.]+\])
    (:(?P<port>\d{1,5}))?
    (/[!"$->@-~]*)?""",
    re.I | re.X,
)
#: Some releases of the SDK know their own headers by this spelling only.
_SPELLED = {
    name.lower(): name
    for name in (
        *("Authorization", "Accept-Encoding", "OpenAI-Organization", "OpenAI-Project"),
    )
}


@functools.cache
def libraries():
    """The packages that are needed only to talk to models.

    :return: namespace of modules
    :raise NotInstalled: names the one that is missing
    """
    modules = {}
    for name in ("openai", "tenacity", "jsonschema"):
        try:
            modules[name] = importlib.import_module(name)
        except ImportError as error:
            # A package that is there, but not one it needs, says so by the name.
            missing = (error.name or name).partition(".")[0]
            raise fault("not_installed", package=missing) from None
    # They log what was asked and where: questions at DEBUG, and at INFO a line per
    # request with the query of the address, which may hold a key.
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    return SimpleNamespace(**modules)


class Line:
    """An open line to an endpoint; an asynchronous context manager."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.base_url, self.host = _check_address(endpoint)
        self.has_answered = endpoint.has_answered

    async def __aenter__(self):
        openai = self.openai = libraries().openai
        endpoint = self.endpoint
        headers, keyed_headers = _fill_in(endpoint.headers, endpoint.api_key)
        query, keyed_query = _fill_in(endpoint.query, endpoint.api_key)
        headers = {_SPELLED.get(name.lower(), name): headers[name] for name in headers}
        # What is not set must not come from the environment of the server: it is
        # meant for another endpoint.
        headers.setdefault("OpenAI-Project", openai.Omit())
        # Whatever else it is packed with could not be unpacked within bounds.
        headers["Accept-Encoding"] = ACCEPT_ENCODING
        if not endpoint.organization:
            headers.setdefault("OpenAI-Organization", openai.Omit())
        # The SDK sends the key here unless the request itself says otherwise.
        self.extra_headers = {}
        if "Authorization" in headers:
            self.extra_headers["Authorization"] = headers.pop("Authorization")
        elif not endpoint.api_key or keyed_headers or keyed_query:
            self.extra_headers["Authorization"] = openai.Omit()
        # A redirect would carry the key, in a header of any name, to another host.
        http_client = openai.DefaultAsyncHttpxClient(
            follow_redirects=False, event_hooks={"response": [bound]}
        )
        if endpoint.may_reach:
            guard(http_client, endpoint.may_reach)
        self.sdk = openai.AsyncOpenAI(
            api_key=endpoint.api_key or "none",
            organization=endpoint.organization or None,
            base_url=self.base_url,
            default_headers=headers,
            default_query=query,
            max_retries=0,
            timeout=openai.Timeout(
                connect=endpoint.connect_timeout,
                read=endpoint.read_timeout,
                write=endpoint.read_timeout,
                pool=endpoint.request_timeout,
            ),
            http_client=http_client,
        )
        return self

    async def __aexit__(self, *exc_info):
        await self.sdk.close()

    async def send(self, method, arguments, *, model, seconds, wanted="choices"):
        """Send one request and wait for its answer.

        :param method: function from the SDK's client to its raw method
        :param seconds: how long it may take as a whole
        :param wanted: the key under which the answer has a list
        :return: `Response`, also of a refusal
        :raise Unreachable: when no whole answer came
        :raise InvalidAnswer: when it was larger than any answer
        """
        started = time.monotonic()
        openai, failure = self.openai, None
        call = method(self.sdk)
        try:
            raw = await asyncio.wait_for(
                call(**arguments, extra_headers=self.extra_headers), seconds
            )
            status, headers, content = raw.status_code, raw.headers, raw.content
        except asyncio.TimeoutError:
            failure = fault(
                "whole_timeout", host=self.host, seconds=self.endpoint.request_timeout
            )
        except openai.APIStatusError as error:
            response = error.response
            status, headers = error.status_code, response.headers
            content = response.content
        except (openai.APIConnectionError, Internal, TooMuch, zlib.error) as error:
            failure = faults.from_exception(
                error, host=self.host, seconds=self.endpoint.read_timeout
            )
        if failure:
            # Raised out here, so that no exception of the SDK, which knows the
            # request and with it the key, hangs on ours.
            raise failure
        self.has_answered = True
        headers = {name.lower(): value for name, value in headers.items()}
        latency = time.monotonic() - started
        response = Response(status, headers, content, latency)
        response.judge(model, wanted)
        return response


class Response:
    """What came back.

    :ivar body: plain data, of an answer and of an error that has one
    :ivar fault: the error that it means; None for an answer
    :ivar status: of HTTP, or what an error within a 200 says it should have been
    """

    def __init__(self, status, headers, content, latency):
        self.status = status
        self.headers = headers
        self.content = content
        self.latency = latency
        self.request_id = answers.name(headers.get("x-request-id")) or None
        self.body = _read(content)
        self.fault = None

    def judge(self, model, wanted):
        """Find out what it means."""
        headers, content = self.headers, self.content
        if self.status >= 300:
            self.fault = faults.from_response(
                self.status, headers, content, model=model
            )
        elif self.body is None:
            self.fault = faults.not_json(headers, content, model=model)
        else:
            self.status, self.fault = faults.in_body(
                self.body, headers, model=model, wanted=wanted
            )

    @property
    def words(self):
        """What the provider says is wrong."""
        return faults.words(self.content)

    @property
    def usage(self):
        """(tokens in, tokens out) that it counts, None each where it does not."""
        body = self.body if isinstance(self.body, dict) else {}
        return answers.count_tokens(body)


def _read(content):
    """The body as plain data; None when it is none, or cut off.

    Relays wrap it in a list: then the first object is it.
    """
    try:
        if streams.is_stream(content):
            return streams.read(content)
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if isinstance(body, list):
        return next((item for item in body if isinstance(item, dict)), {})
    return body


def _check_address(endpoint):
    """The base URL of the endpoint, and its host for sentences.

    :raise Refused: what cannot be sent, before the SDK stumbles over it with an
        exception that quotes it
    """
    base_url = endpoint.base_url.strip()
    match = _ADDRESS.fullmatch(base_url)
    if not match or not 0 < int(match["port"] or 80) < 65536:
        raise fault("bad_url")
    texts = [endpoint.api_key or "", endpoint.organization or ""]
    texts += [*endpoint.headers, *endpoint.headers.values()]
    if not all(text.isascii() and text.isprintable() for text in texts):
        raise fault("bad_key")
    return base_url, urlsplit(base_url).netloc


def _fill_in(mapping, api_key):
    """The mapping with the key in its place, and whether there was a place for it."""
    filled = {
        name: value.replace("{api_key}", api_key or "")
        for name, value in mapping.items()
    }
    return filled, filled != dict(mapping)
