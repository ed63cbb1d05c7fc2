"""Whether a provider can be worked with, found out by asking it one small question."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from ..errors import Busy, Failing, InvalidAnswer, ModelError
from ..terms import _
from .asking import Answer, Endpoint, Question, ask, forget, list_models
from .causes import CAUSES
from .shapes import MOST_TOKENS

# There is no environment in here: the code that shows a sentence translates it.
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
#: What of a question the server does not take, a word of `Dialect.left_out` each.
LEFT_OUT = {
    "temperature": _("It takes no temperature; questions are sent without."),
    "system": _("It takes no system message; that is sent as part of the question."),
    "tokens_name": _("It calls the limit of tokens max_completion_tokens."),
    "no_tokens": _("It takes no limit of tokens; questions are sent without."),
    "most_tokens": _(
        "It takes answers of %(value)s tokens at most, which may cut off long ones."
    ),
    "strict": _("It takes no strict schemas; answers are checked here."),
    "bounds": _("It takes only a part of a schema; the rest is checked here."),
    "streams": _("It answers in streams only."),
}
_LATENCY = _("A small question took %(seconds).1f seconds.")
_SLOW = _(
    "A small question took %(seconds).1f seconds, which is slow: give the provider "
    "long time-outs and ask for little at a time."
)
_KNOWN = _("It has: %(models)s.")

#: All that a verdict may say beside `causes.CAUSES`.
SENTENCES = (_REACHED, _KEY, _NO_KEY, _MODEL, _OTHER_MODEL, *_STRUCTURE.values())
SENTENCES += (_LATENCY, _SLOW, _KNOWN, *LEFT_OUT.values())

_SYSTEM = "You answer questions in JSON. What you do not know, you do not guess."
_SCHEMA = {
    "type": "object",
    # A bound, as the work sets them: not every server takes one.
    "properties": {"color": {"type": "string", "maxLength": 40}},
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
    ``cause``: a word of `causes.CAUSES`, empty when all is well.
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
    """The small question that `check` asks a model; its key is the model.

    It is put as the questions of the work are, so that a server that takes it takes
    those as well: with a system message, a temperature, their limit of tokens, and a
    schema with bounds.
    """
    return Question(
        model,
        model,
        "What is the color of ripe strawberries?",
        system=_SYSTEM,
        schema=_SCHEMA,
        schema_name="connection_check",
        max_tokens=MOST_TOKENS,
        temperature=0.0,
    )


def check(endpoint: Endpoint, model: str) -> Verdict:
    """Ask one small question and tell what came of it, step by step.

    What earlier refusals have taught is forgotten: the server may have changed. It
    takes at most the ``request_timeout`` of the endpoint, twice when the model is not
    known. What fails is not tried again, but put otherwise where that is what the
    server wants.
    """
    forget(endpoint, model)
    return asyncio.run(_ask_endpoint(replace(endpoint, patience=0.0), model))


async def _ask_endpoint(endpoint, model):
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
        "structure": ((_STRUCTURE[answer.mode], {}), *_left_out(answer)),
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


def _left_out(answer):
    return [(LEFT_OUT[word], {"value": value}) for word, value in answer.left_out]


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
    if isinstance(error, Failing) or error.cause == "gateway_timeout":
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
