"""What the server is told to do: how fast, how strict, and how it goes wrong."""

import random
import threading
from dataclasses import dataclass, field, fields, replace

#: What can go wrong beside an HTTP status.
KINDS = {
    # no answer
    "hang": "say nothing until the client goes away",
    "drop": "close the connection without a byte",
    "drop_body": "close the connection in the middle of the answer",
    # what is not an answer
    "html": "a web page, with status 200",
    "broken_json": "a body that is not JSON, with status 200",
    "list_body": "a body that is JSON but no object",
    "foreign_body": "a body that is JSON but no chat completion",
    "error_body": "an error, with status 200; `code` is its code",
    # answers that are of no use
    "empty_choices": "no choice",
    "empty": "a choice with an empty text",
    "wrong_schema": "JSON of another shape",
    "nonsense": "words in place of JSON",
    "not_finite": "JSON with a number that is none",
    "cut": "half an answer, finish_reason length",
    "refusal": "the model refuses",
    "content_filter": "finish_reason content_filter",
    "megabyte": "a megabyte of text",
    # answers that are odd and good
    "slow": "as it should be, but `seconds` later",
    "nul": "NUL characters and lone surrogates in the text",
    "fenced": "the JSON in a code fence, after a thought and a sentence",
    "parts": "the text in parts",
    "no_usage": "no count of tokens",
}
STRUCTURES = ("json_schema", "json_object", "text", "ignored")


@dataclass(frozen=True)
class Settings:
    """All that can be set, by arguments, ``configure`` or ``POST /_control``."""

    #: Seconds from a question to its answer, and by how much they vary.
    latency: float = 0.0
    jitter: float = 0.0
    #: The models it has; an empty list takes every name.
    models: tuple = ()
    #: The key it wants, or None.
    key: str | None = None
    #: What it can be held to: one of `STRUCTURES`. What it cannot, it refuses with
    #: ``structure_status``; ``ignored`` takes all and heeds nothing.
    structure: str = "json_schema"
    structure_status: int = 400
    #: Whether it takes ``strict`` schemas.
    strict: bool = True
    #: What it calls the limit of tokens: max_tokens, max_completion_tokens, any.
    tokens_name: str = "any"
    #: Whether a temperature may be set.
    temperature: bool = True
    #: More than that gets a 429; None for no limit.
    max_in_flight: int | None = None
    requests_per_minute: int | None = None
    #: For everything that is drawn by lot.
    seed: int = 0
    #: What goes wrong: dicts with ``kind`` (of `KINDS`) or ``status``; with ``next``
    #: (so many questions) or ``probability``; for a status, ``retry_after`` (text of
    #: the header), ``retry_after_date`` (seconds from now, as a date),
    #: ``retry_after_ms``, ``code``, ``type``, ``message``, ``html``.
    faults: list = field(default_factory=list)


class Behaviour:
    """The settings, and what they mean for the next question. Thread-safe."""

    def __init__(self, **settings):
        self._lock = threading.Lock()
        self.settings = Settings()
        self._dice = random.Random(self.settings.seed)
        self._left = []
        self.configure(**settings)

    def configure(self, **changes):
        """Change settings; those not named stay.

        :raise ValueError: names what is not known
        """
        unknown = set(changes) - {one.name for one in fields(Settings)}
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        for fault in changes.get("faults", ()):
            _check_fault(fault)
        if changes.get("structure", "text") not in STRUCTURES:
            raise ValueError(f"structure is one of {', '.join(STRUCTURES)}")
        with self._lock:
            self.settings = replace(self.settings, **changes)
            if "seed" in changes:
                self._dice = random.Random(self.settings.seed)
            if "faults" in changes:
                self._left = [fault.get("next") for fault in self.settings.faults]

    def next_fault(self):
        """What goes wrong with this question, or None."""
        with self._lock:
            faults = self.settings.faults
            for index, fault in enumerate(faults):
                if self._left[index]:
                    self._left[index] -= 1
                    return fault
            draw = self._dice.random()
            for fault in faults:
                draw -= fault.get("probability", 0)
                if draw < 0:
                    return fault
            return None

    def next_latency(self):
        """How long this question takes, seconds."""
        settings = self.settings
        with self._lock:
            return settings.latency + settings.jitter * self._dice.random()


def _check_fault(fault):
    if fault.get("kind") not in KINDS and not isinstance(fault.get("status"), int):
        raise ValueError(f"a fault needs a status or a kind of {', '.join(KINDS)}")
    if ("next" in fault) == ("probability" in fault):
        raise ValueError("a fault needs either next or probability")
