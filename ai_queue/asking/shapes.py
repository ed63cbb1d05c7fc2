# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the asking of questions and the ledger tell each other: plain data."""

from dataclasses import dataclass, field
from typing import Any

from ..engine import client
from ..engine.client import causes
from ..engine.errors import Busy, InvalidAnswer


class TakenElsewhere(client.Skip):
    """Another job has the answer meanwhile, or is asking just now."""


class Paused(Busy):
    """No question may be sent for a while, for a reason on this side.

    ``values`` are for the sentence of the reason, see `PAUSES`.
    """

    def __init__(self, reason, seconds, **values):
        super().__init__(reason, cause=reason, retry_after=seconds)
        self.values = values


@dataclass(frozen=True)
class Asker:
    """Who asks: the job, its run, its company; plain data."""

    kind: str
    company_id: int
    user_id: int
    run_id: int | None = None
    run_job_id: int | None = None
    job_uuid: str | None = None
    #: Which try of the job this is, from 1; 0 outside of a run.
    attempt: int = 0
    #: How often in a row it was put off before.
    waits: int = 0
    date_queued: Any = None
    #: Since when it is put off again and again; None when it is not.
    waiting_since: Any = None
    #: Whether the job fails if this try fails.
    is_last_try: bool = False
    #: Causes after which the same job does not ask again by itself.
    final_causes: tuple = tuple(
        cause
        for cause, (kind, _text) in causes.CAUSES.items()
        if issubclass(kind, InvalidAnswer)
    )


@dataclass
class Claim:
    """A question that wants to be sent; its call once it was."""

    key: str
    provider_id: int
    company_id: int
    user_id: int
    kind: str
    run_id: int | None
    run_job_id: int | None
    job_uuid: str | None
    attempt: int
    model: str
    prompt_version: str
    tokens: int
    cost: float
    lease: float
    question: str = field(repr=False)
    budget_date: Any = None
    call_id: int | None = None


@dataclass
class Settlement:
    """What became of a question that was sent."""

    call_id: int
    provider_id: int
    company_id: int
    outcome: str
    breaker: str | None
    message: str | None = None
    requests: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens: int | None = None
    cost: float | None = None
    latency: float | None = None
    model: str | None = None
    data: Any = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)


@dataclass
class Known:
    """An answer, of now or of the ledger."""

    data: Any = field(repr=False)
    text: str = field(repr=False)
    model: str = ""
    is_reused: bool = False


@dataclass
class Outcome:
    """What came of many questions; a key that is in neither was left out because the
    run was cancelled.

    ``answers``: question key -> `Known`.
    ``errors``: question key -> `engine.errors.ModelError`, final ones that are of that
    question alone, and any for which who can do without a model waits no longer; their
    ``sentence`` is translated.
    ``ledger_keys``: question key -> ``ai.queue.call.key`` of all calls for it.
    """

    answers: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    ledger_keys: dict = field(default_factory=dict)
