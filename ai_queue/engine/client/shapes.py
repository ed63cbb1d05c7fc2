"""What goes into and comes out of the client: plain data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ModelError

#: How a server can be made to answer in JSON, the best first.
MODES = ("json_schema", "json_object", "text")


@dataclass(frozen=True)
class Endpoint:
    """Where a model is reached, and how patiently. Time is in seconds.

    ``headers`` and ``query`` are added to every request. The word ``{api_key}`` in one
    of their values stands for the key, which is then sent there only and not as
    ``Authorization``: ``headers={"api-key": "{api_key}"}`` for Azure.

    ``request_timeout`` bounds a question as a whole: its short retries, and asking
    again after an answer that does not fit, included. ``read_timeout`` is how long the
    server may say nothing; as it says nothing while the model thinks, it must not be
    much shorter. ``patience`` is how long lost connections and errors of the server
    are bridged by asking again; longer waits are the caller's.

    ``has_answered``: whether anybody is known to have answered there before. As long
    as nobody has, a connection that is not to be had is not asked for again.

    ``supports``: one of `MODES` when it is known how the server can be made to answer
    in JSON; ``auto`` finds out.

    ``may_reach``: function of the host, the port and an address that the host resolves
    to; whether it may be connected to. Without one, everything may.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    organization: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    connect_timeout: float = 5.0
    read_timeout: float = 80.0
    request_timeout: float = 90.0
    patience: float = 20.0
    has_answered: bool = True
    supports: str = "auto"
    may_reach: Callable[[str, int, str], bool] | None = field(
        default=None, repr=False, compare=False
    )

    def __post_init__(self):
        if self.supports not in ("auto", *MODES):
            raise ValueError(f"supports: {self.supports!r} is not known")

    def fingerprint(self) -> str:
        """A hash that two endpoints share if they take a question to the same door
        with the same key."""
        what = [self.base_url, self.api_key, self.organization]
        what += [sorted(self.headers.items()), sorted(self.query.items())]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()


@dataclass(frozen=True)
class Image:
    """A picture as a part of a question, for models that see."""

    data: bytes = field(repr=False)
    mimetype: str


#: As many tokens as a question of the work may ask for in an answer: some models allow
#: no more than 16,384. A test of the connection asks for just as many, since some
#: servers refuse that.
MOST_TOKENS = 14_000


@dataclass(frozen=True)
class Question:
    """One request to a model.

    ``parts``: what the user says: text, `Image`, or a sequence of both.

    ``schema``: the JSON schema of the answer, an object; ``None`` asks for text. Put
    ``maxLength`` on every string and ``maxItems`` on every list in it, for small
    models never stop by themselves; close every object
    (``"additionalProperties": False``, all properties required), for some servers hold
    a model to the schema only then. Numbers and dates that are printed somewhere are
    better asked for as strings "as printed" and read by code.

    ``key`` is the caller's, to know the answer by. Nothing of the question itself
    shows in ``repr``.
    """

    key: Any
    model: str
    parts: str | Image | Sequence[str | Image] = field(repr=False)
    system: str = field(default="", repr=False)
    schema: Mapping[str, Any] | None = field(default=None, repr=False)
    schema_name: str = "answer"
    max_tokens: int | None = None
    temperature: float | None = None

    def __post_init__(self):
        if isinstance(self.parts, (str, Image)):
            object.__setattr__(self, "parts", (self.parts,))

    def fingerprint(self) -> str:
        """A hash that two questions share if, and only if, they ask the same.

        The key is not part of it, nor is where the question goes.
        """
        parts = [
            [part.mimetype, hashlib.sha256(part.data).hexdigest()]
            if isinstance(part, Image)
            else part
            for part in self.parts
        ]
        what = [self.model, self.system, parts, self.schema, self.schema_name]
        what += [self.max_tokens, self.temperature]
        text = json.dumps(what, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What a model answered.

    ``data``: what was asked for by a schema, checked; ``None`` without one.
    ``text``: what the model wrote, without characters that cannot be stored.
    ``model``: the model that answered, as the provider calls it.
    ``tokens_in``, ``tokens_out``: of all requests of the question together, ``None``
    when the provider does not count.
    ``latency``: seconds from the sending of the last request to its whole answer.
    ``requests``: how many were sent for this question, refused and lost ones included.
    ``mode``: which of `MODES` the data came by; ``text`` without a schema.
    ``left_out``: what the server does not take of the question, and was sent otherwise
    or not at all: pairs of a word of `connection.LEFT_OUT` and its value.
    """

    key: Any
    data: Any = field(repr=False)
    text: str = field(repr=False)
    model: str
    tokens_in: int | None
    tokens_out: int | None
    latency: float
    finish_reason: str
    request_id: str | None
    requests: int
    mode: str
    left_out: tuple[tuple[str, Any], ...] = ()


@dataclass
class Batch:
    """What became of many questions; every key is in exactly one place.

    ``errors``: key -> `ModelError`, each a question that was sent; one that passes
    where sending stopped before it was sent again.
    ``left``: keys that got no answer because sending stopped before their turn.
    ``halt``: the error that stopped the sending; ``None`` when the caller did or
    nothing had to.
    """

    answers: dict[Any, Answer] = field(default_factory=dict)
    errors: dict[Any, ModelError] = field(default_factory=dict)
    left: list[Any] = field(default_factory=list)
    halt: ModelError | None = None
