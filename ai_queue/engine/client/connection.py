"""Whether a provider can be worked with, found out by asking it one small question."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from ..errors import Busy, Failing, InvalidAnswer, ModelError
from ..terms import _
from .asking import Answer, Endpoint, Question, ask, list_models
from .faults import CAUSES

# There is no environment in here: whoever shows a sentence translates it.
# pylint: disable=prefer-env-translation

#: The steps of a verdict, in the order in which they are passed.
STEPS = ("reached", "key", "model", "structure", "latency")
MAX_MODELS = 10
SLOW = 10.0  # seconds for a question that takes a dozen tokens

_REACHED = _("%(host)s answers.")
_KEY = _("The key is accepted.")
_NO_KEY = _("No key was given, and none is needed.")
_MODEL = _("The model %(model)s answers.")
_OTHER_MODEL = _("A model answers, but calls itself %(answered)s and not %(model)s.")
_STRUCTURE = {
    "json_schema": _("The server holds the model to a JSON schema."),
    "json_object": _(
        "The server holds the model to JSON, but not to a schema; what does not fit "
        "is asked for again."
    ),
    "text": _(
        "The server does not hold the model to JSON; it is asked for in words, and "
        "what does not fit is asked for again."
    ),
}
_LATENCY = _("A small question took %(seconds).1f seconds.")
_SLOW = _(
    "A small question took %(seconds).1f seconds, which is slow: give the provider "
    "long time-outs and ask for little at a time."
)
_KNOWN = _("It has: %(models)s.")

#: All that a verdict may say beside `faults.CAUSES`.
SENTENCES = (_REACHED, _KEY, _NO_KEY, _MODEL, _OTHER_MODEL, *_STRUCTURE.values())
SENTENCES += (_LATENCY, _SLOW, _KNOWN)

_SCHEMA = {
    "type": "object",
    "properties": {"color": {"type": "string", "enum": ["red", "green", "blue"]}},
    "required": ["color"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Step:
    """One step of a verdict; ``ok`` is ``None`` when it was not come to.

    ``said``: sentences as pairs of a template and its values, for who says them in
    another language.
    """

    name: str
    ok: bool | None
    said: tuple[tuple[str, dict], ...] = ()

    @property
    def text(self) -> str:
        """What there is to say of it, in English."""
        return " ".join(template % values for template, values in self.said)


@dataclass(frozen=True)
class Verdict:
    """What `check` found.

    ``ok``: work can be sent there.
    ``steps``: one `Step` for each of `STEPS`, in that order.
    ``text``: the sentence that matters most: what to do, or that all is well.
    ``cause``: a word of `faults.CAUSES`, empty when all is well.
    ``latency``: seconds, ``None`` without an answer.
    ``mode``: how JSON was got, one of `client.MODES`, ``None`` without an answer.
    ``models``: names of models that the provider offers, when the one asked for is
    not known; at most `MAX_MODELS`.
    ``answer``, ``error``: what became of the question, of which one is ``None``; with
    what it took of tokens and requests.
    """

    ok: bool
    steps: tuple[Step, ...]
    text: str
    cause: str = ""
    latency: float | None = None
    mode: str | None = None
    models: tuple[str, ...] = ()
    answer: Answer | None = None
    error: ModelError | None = None


def question(model: str) -> Question:
    """The small question that `check` asks a model; its key is the model."""
    return Question(
        model,
        model,
        "What is the color of ripe strawberries?",
        schema=_SCHEMA,
        schema_name="connection_check",
        # Room for models that think before they answer.
        max_tokens=500,
    )


def check(endpoint: Endpoint, model: str) -> Verdict:
    """Ask one small question and tell what came of it, step by step.

    It takes at most the ``request_timeout`` of the endpoint, twice when the model is
    not known. Nothing is tried again.
    """
    return asyncio.run(_check(replace(endpoint, patience=0.0), model))


async def _check(endpoint, model):
    try:
        answer = await ask(endpoint, question(model))
    except ModelError as error:
        return await _verdict_of_error(endpoint, model, error)
    return _verdict_of_answer(endpoint, model, answer)


def _verdict_of_answer(endpoint, model, answer: Answer):
    values = {"model": model, "answered": answer.model, "seconds": answer.latency}
    known = _OTHER_MODEL if _is_other(answer.model, model) else _MODEL
    speed = _LATENCY if answer.latency < SLOW else _SLOW
    said = {
        **_passed(endpoint),
        "model": ((known, values),),
        "structure": ((_STRUCTURE[answer.mode], {}),),
        "latency": ((speed, values),),
    }
    steps = _steps(said)
    return Verdict(
        ok=True,
        steps=steps,
        text=" ".join(step.text for step in steps[2:]),
        latency=answer.latency,
        mode=answer.mode,
        answer=answer,
    )


def _is_other(answered, asked):
    """Whether another model answers: an alias may be answered by a dated version."""
    answered, asked = answered.lower(), asked.lower()
    return asked not in answered and answered not in asked


async def _verdict_of_error(endpoint, model, error):
    models = ()
    if error.cause == "model_unknown":
        models = await _offered(endpoint)
    before, failed = _how_far(error)
    passed = {**_passed(endpoint), "model": ((_MODEL, {"model": model}),)}
    said = {name: passed[name] for name in before}
    problem = [(CAUSES[error.cause][1], error.values)]
    if models:
        problem.append((_KNOWN, {"models": ", ".join(models)}))
    steps = _steps(said, failed, tuple(problem))
    return Verdict(
        ok=False,
        steps=steps,
        text=next(step.text for step in steps if step.ok is False),
        cause=error.cause,
        models=models,
        error=error,
    )


def _how_far(error):
    """The steps that were passed before this error, and the one that was not."""
    if isinstance(error, Failing):
        # Nothing is known of the key: some servers fail before they look at it.
        return STEPS[:1], "model"
    if isinstance(error, InvalidAnswer) or error.cause == "no_structure":
        failed = "structure"
    elif error.cause in ("key", "bad_key"):
        failed = "key"
    elif isinstance(error, Busy) or error.cause in _ABOUT_MODEL:
        failed = "model"
    else:
        failed = "reached"
    return STEPS[: STEPS.index(failed)], failed


_ABOUT_MODEL = ("model_unknown", "forbidden", "too_long", "bad_request")


async def _offered(endpoint):
    try:
        return tuple((await list_models(endpoint))[:MAX_MODELS])
    except ModelError:
        return ()  # the list is a help; not every server keeps one


def _passed(endpoint):
    host = endpoint.base_url.partition("://")[2].partition("/")[0]
    return {
        "reached": ((_REACHED, {"host": host}),),
        "key": ((_KEY if endpoint.api_key else _NO_KEY, {}),),
    }


def _steps(said, failed=None, problem=()):
    return tuple(
        Step(name, True, said[name])
        if name in said
        else Step(name, False, problem)
        if name == failed
        else Step(name, None)
        for name in STEPS
    )
