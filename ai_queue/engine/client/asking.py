"""The one place that talks to a model endpoint.

    endpoint = Endpoint("https://api.openai.com/v1", api_key=key)
    question = Question("A", "gpt-4.1-mini", "How many eggs?", schema=SCHEMA)
    batch = ask_many(endpoint, [question], in_flight=8)
    batch.answers["A"].data, batch.errors, batch.left, batch.halt

Any server that knows OpenAI's Chat Completions will do. Whatever goes wrong is one
class of `errors`, its cause a word of `causes.CAUSES`. Seconds are bridged in here by
asking again; minutes are the caller's.

The packages ``openai`` (2.x or 3.x, of which only what both share is used),
``tenacity`` and ``jsonschema`` are imported at the first question (see `line`), so that
this module loads, and Odoo starts, without them.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Busy, ModelError
from . import answers, causes, refusals
from .causes import fault
from .dialects import Dialect, Dialects
from .line import Line, Response, libraries
from .shapes import MODES, Answer, Batch, Endpoint, Image, Question

__all__ = ["MODES", "Answer", "Batch", "Endpoint", "Image", "Question", "Skip"]
__all__ += ["ask", "ask_many", "list_models"]

#: How often one request is sent at most, the first time included.
MAX_TRIES = 4
#: A ``Retry-After`` up to so many seconds is waited for in here.
SHORT_WAIT = 5.0
#: So many questions in a row without an answer, and the provider is taken for down.
GIVE_UP_AFTER = 3
#: How often a waiting question looks whether it should stop, seconds.
TICK = 0.5
#: So many refusals of the way that a question was put, and it is taken for refused.
MAX_REFUSALS = 12
#: How often a question is put again that the server itself held the answer of unfit.
MAX_UNFIT = 2

#: What may be gone in a few seconds. A time-out is not among them: the model may be
#: at work still, and the answer be paid for.
_PASSING = {"no_connection", "connect_timeout", "connection_lost", "broken_body"}
_PASSING |= {"server_error", "conflict", "rate_limit", "overloaded"}
_dialects = Dialects()
#: Fingerprints of the endpoints that have accepted a question of this process.
_accepting: set[str] = set()


async def ask(endpoint: Endpoint, question: Question) -> Answer:
    """Ask one question.

    :raise ModelError: one class an outcome, see `errors`
    """
    async with Line(endpoint) as line:
        return await _Asking(line).ask(question)


def ask_many(
    endpoint: Endpoint,
    questions: Sequence[Question],
    *,
    in_flight: int,
    admit: Callable[[Question], float | None] | None = None,
    on_answer: Callable[[Answer], Any] | None = None,
    on_error: Callable[[Any, ModelError], Any] | None = None,
    stop: Callable[[], bool] | None = None,
    give_up_after: int = GIVE_UP_AFTER,
) -> Batch:
    """Ask many questions, several at a time, and wait for all that comes of it.

    Sending ends early when ``stop`` says so, when an error says that every question
    would meet it (a key refused, a provider that is busy), when ``give_up_after``
    questions in a row got no answer, or when a callback raises. What is under way then
    is still waited for, since it is paid for: at most ``request_timeout`` seconds. The
    first exception of a callback is raised after that.

    The callbacks are called in the calling thread, one at a time, in between the
    network's events: what they do must be short.

    :param questions: with keys that differ
    :param in_flight: how many questions are under way at a time, at most
    :param admit: called before every request, also before those that are sent again;
        returns for how many seconds to wait before it is asked again, or nothing to
        let the request go. It may raise `Skip` to leave this question out, or a
        `ModelError` to end the sending
    :param on_answer: called with each `Answer`, the moment it is there
    :param on_error: called with the key and the `ModelError` of each question that
        was sent and failed
    :param stop: asked before every question and while waiting
    """
    keys = [question.key for question in questions]
    if len(set(keys)) != len(keys):
        raise ValueError("Two questions have the same key.")
    run = _Run(questions, admit, on_answer, on_error, stop, give_up_after)
    asyncio.run(run.work(endpoint, max(1, in_flight)))
    if run.exception:
        raise run.exception
    return run.batch


def is_accepting(endpoint: Endpoint) -> bool:
    """Whether the endpoint, with this key, has accepted a question of this process.

    As long as it has not, `ask_many` asks one question at a time: a key that is not
    accepted costs one request, not one for each that could be under way.
    """
    return endpoint.fingerprint() in _accepting


def forget(endpoint: Endpoint, model: str) -> None:
    """Forget what the refusals of a server have taught about how to ask it."""
    _dialects.forget(endpoint, model)


async def list_models(endpoint: Endpoint) -> list[str]:
    """The names of the models that the provider says it has.

    :raise ModelError: also where the provider keeps no such list
    """
    async with Line(endpoint) as line:
        response = await line.send(
            lambda sdk: sdk.models.with_raw_response.list,
            {},
            model="",
            seconds=endpoint.request_timeout,
            wanted="data",
        )
        if response.fault:
            raise response.fault
        models = response.body.get("data")
    if not isinstance(models, list):
        raise fault("address", status=200)
    names = [model.get("id") for model in models if isinstance(model, dict)]
    return sorted(filter(None, map(answers.name, names)))


# ------------------------------------------------------------
# ASKING: one question
# ------------------------------------------------------------


class _Stopped(Exception):
    """The question must not be sent any more."""


class Skip(Exception):
    """What ``admit`` raises for a question to leave out."""


class _Asking:
    """How questions are asked over a line; what they share while they are asked."""

    def __init__(self, line, admit=None, is_stopping=lambda: False):
        self.line = line
        self.endpoint = line.endpoint
        self.admit = admit
        self.is_stopping = is_stopping
        # After a short Retry-After nobody sends, not only the question that met it.
        self.not_before = 0.0

    async def ask(self, question):
        """The `Answer`; see the module's `ask`."""
        course = _Course()
        try:
            return await self._ask(question, course)
        except ModelError as error:
            course.note(error)
            raise
        except _Stopped:
            error = course.error or course.misfit
            if not error:
                raise
            # It was sent, and what came of it is known.
            course.note(error)
            raise error from None

    async def _ask(self, question, course):
        repair = None
        for _ in range(2):
            received = await self._bridge(question, course, repair)
            try:
                data = received.reply.data(question.schema)
            except answers.Misfit as error:
                misfit = error
            else:
                self._learn(question, received, repair, fits=True)
                return received.answer(question, data, course)
            self._learn(question, received, repair, fits=False)
            repair = (received.reply.text, misfit.advice)
            course.misfit = misfit.fault()
        raise course.misfit

    def _learn(self, question, received, repair, fits):
        # The second answer says little: it was asked for with the schema in words.
        if question.schema is not None and not repair:
            _dialects.answered(self.endpoint, question, received.dialect, fits)

    async def _bridge(self, question, course, repair=None):
        """Send it, and again while what went wrong may pass in seconds."""
        tenacity = libraries().tenacity
        backoff = tenacity.wait_random_exponential(multiplier=0.5, max=8)

        def wait(state):
            told = state.outcome.exception().retry_after
            return backoff(state) if told is None else told

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(self._may_pass),
            wait=wait,
            stop=tenacity.stop_after_attempt(MAX_TRIES)
            | tenacity.stop_before_delay(self.endpoint.patience),
            sleep=self._nap,
            reraise=True,
        )
        return await retrying(self._try, question, course, repair)

    def _may_pass(self, error):
        """As the function, of an address that may be wrong."""
        if not _may_pass(error):
            return False
        return self.line.has_answered or error.cause not in causes.NOBODY_THERE

    async def _try(self, question, course, repair):
        try:
            return await self._exchange(question, course, repair)
        except ModelError as error:
            course.failed(error)
            raise

    async def _exchange(self, question, course, repair):
        """One request and what came; more where the server wants it put otherwise."""
        while True:
            # An answer that is paid for already is worth its correction.
            await self._gate(question, course, heed_stop=not repair)
            dialect = _dialects.of(self.endpoint, question)
            body = dialect.body(question, repair)
            response = await self.line.send(
                lambda sdk: sdk.chat.completions.with_raw_response.create,
                # Unknown to the SDK, a stream is read to its end as all else is.
                {"messages": [], "model": "", "extra_body": body},
                model=question.model,
                seconds=course.begin_request(self.endpoint, self.line.host),
            )
            self._note_accepted(response.fault)
            course.count(*response.usage, is_answer=not response.fault)
            if not response.fault:
                return _Received(answers.Reply(response.body), response, dialect)
            if not self._put_otherwise(question, course, dialect, response):
                raise self._error(response)

    def _note_accepted(self, error):
        """Whether the key is good: a refusal of one question says that, too."""
        if error is None or (error.final and not error.everywhere):
            _accepting.add(self.endpoint.fingerprint())
        elif error.cause == "key":
            _accepting.discard(self.endpoint.fingerprint())

    def _put_otherwise(self, question, course, dialect, response):
        """Whether the question is to be sent again, in another form or the same."""
        course.refusals += 1
        if response.fault.cause == "not_json":
            # The server itself found that the answer does not fit, and keeps it.
            course.failed(response.fault)
            course.unfit += 1
            _dialects.answered(self.endpoint, question, dialect, fits=False)
            return course.unfit <= MAX_UNFIT
        return course.refusals <= MAX_REFUSALS and _dialects.refused(
            self.endpoint, question, dialect, response
        )

    def _error(self, response):
        """The error that the question ends with, for now."""
        error = response.fault
        is_set = self.endpoint.supports != "auto"
        if is_set and error.cause == "bad_request":
            if refusals.is_about_structure(response.words):
                error = fault("no_structure")
        if isinstance(error, Busy) and _may_pass(error) and error.retry_after:
            self.not_before = time.monotonic() + error.retry_after
        return error

    async def _gate(self, question, course, heed_stop):
        """Wait until the request may be sent.

        :raise _Stopped: it may not, or not before the time of the question is over:
            that is our doing, and must not look as if the provider had not answered
        """
        while True:
            if heed_stop and self.is_stopping():
                raise _Stopped
            wait = self.not_before - time.monotonic()
            if wait <= 0 and self.admit:
                wait = self.admit(question) or 0
            if wait <= 0:
                return
            if wait >= course.left(self.endpoint):
                raise _Stopped
            await (self._nap(wait) if heed_stop else asyncio.sleep(wait))

    async def _nap(self, seconds):
        """Sleep, unless all is to stop."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0 and not self.is_stopping():
            await asyncio.sleep(min(rest, TICK))


@dataclass
class _Received:
    """What came back, and in which dialect it was asked for."""

    reply: answers.Reply
    response: Response
    dialect: Dialect

    def answer(self, question, data, course):
        """The `Answer`."""
        return Answer(
            key=question.key,
            data=data,
            text=self.reply.text,
            model=self.reply.model or question.model,
            tokens_in=course.tokens_in,
            tokens_out=course.tokens_out,
            latency=self.response.latency,
            finish_reason=self.reply.finish_reason,
            request_id=self.response.request_id,
            requests=course.requests,
            mode=self.dialect.mode,
            left_out=self.dialect.left_out(question),
        )


def _may_pass(error):
    """Whether asking again in a few seconds may help."""
    if not isinstance(error, ModelError) or error.cause not in _PASSING:
        return False
    if error.retry_after is None:
        # Without being told when, a provider that counts requests is only made busier.
        return error.cause != "rate_limit"
    return error.retry_after <= SHORT_WAIT


class _Course:
    """What one question has used up so far."""

    def __init__(self):
        self.started = None
        self.requests = 0
        self.refusals = 0
        self.unfit = 0
        self.tokens_in = None
        self.tokens_out = None
        self.maybe_paid = False
        # What the last request met, if it was no answer.
        self.error = None
        # What the first answer ends with unless a second one is better.
        self.misfit = None

    def left(self, endpoint):
        """How long it may take still, seconds; without end before it has begun."""
        if self.started is None:
            return math.inf
        return endpoint.request_timeout - (time.monotonic() - self.started)

    def begin_request(self, endpoint, host):
        """Count a request; returns how long it may take, seconds.

        :raise _Stopped: there is no time left, and what came before is known
        """
        self.started = self.started or time.monotonic()
        left = self.left(endpoint)
        if left <= 0 and (self.error or self.misfit):
            raise _Stopped
        self.error = None
        if left <= 0:
            raise fault("whole_timeout", host=host, seconds=endpoint.request_timeout)
        self.requests += 1
        return left

    def count(self, tokens_in, tokens_out, is_answer):
        """Add up what a response cost."""
        self.tokens_in = _add(self.tokens_in, tokens_in)
        self.tokens_out = _add(self.tokens_out, tokens_out)
        # It was answered, whatever the provider counts.
        self.maybe_paid |= is_answer and tokens_in is None and tokens_out is None

    def failed(self, error):
        """A request met an error."""
        self.error = error
        self.maybe_paid |= error.maybe_paid

    def note(self, error):
        """Leave on an error what was used up before it."""
        error.requests = self.requests
        error.tokens_in = self.tokens_in
        error.tokens_out = self.tokens_out
        error.maybe_paid |= self.maybe_paid


def _add(total, more):
    return total if more is None else (total or 0) + more


# ------------------------------------------------------------
# MANY
# ------------------------------------------------------------


class _Run:
    """One `ask_many`."""

    def __init__(self, questions, admit, on_answer, on_error, stop, give_up_after):
        self.waiting = iter(questions)
        self.admit = admit
        self.on_answer = on_answer
        self.on_error = on_error
        self.stop = stop
        self.give_up_after = give_up_after
        self.failed_in_a_row = 0
        self.is_stopped = False
        self.exception = None
        self.batch = Batch()

    async def work(self, endpoint, in_flight):
        """Ask them all."""
        try:
            async with Line(endpoint) as line:
                admit = self._admit if self.admit else None
                asking = _Asking(line, admit, self.is_stopping)
                while not is_accepting(endpoint) and not self.is_stopping():
                    if not await self._ask_next(asking):
                        break
                workers = [self._work(asking) for _ in range(in_flight)]
                await asyncio.gather(*workers)
        except ModelError as error:
            self.batch.halt = error
        self.batch.left += [question.key for question in self.waiting]

    async def _work(self, asking):
        while await self._ask_next(asking):
            pass

    async def _ask_next(self, asking):
        """Ask the next question; whether there was one."""
        # One iterator for all workers: each takes the next question that is left.
        question = next(self.waiting, None)
        if question is None:
            return False
        try:
            answer = await asking.ask(question)
        except (_Stopped, Skip):
            self.batch.left.append(question.key)
        except ModelError as error:
            if error.requests:
                self._failed(question, error)
            else:
                self._denied(question, error)
        else:
            self.failed_in_a_row = 0
            self.batch.answers[question.key] = answer
            self._call(self.on_answer, answer)
        return True

    def _failed(self, question, error):
        self.batch.errors[question.key] = error
        if error.final and not error.everywhere:
            self.failed_in_a_row = 0
        else:
            self.failed_in_a_row += 1
        if error.everywhere or self.failed_in_a_row >= self.give_up_after:
            self.batch.halt = self.batch.halt or error
        self._call(self.on_error, question.key, error)

    def _denied(self, question, error):
        """It was never sent: ``admit`` ended the sending."""
        self.batch.left.append(question.key)
        self.batch.halt = self.batch.halt or error

    def _admit(self, question):
        try:
            return self.admit(question)
        except Skip:
            raise
        except ModelError as error:
            self.batch.halt = self.batch.halt or error
            raise
        except Exception as error:
            self._keep(error)
            raise _Stopped from None

    def _call(self, callback, *arguments):
        if not callback:
            return
        try:
            callback(*arguments)
        except Exception as error:
            self._keep(error)

    def _keep(self, error):
        """What a callback raises is raised to the caller, but not at once: it must not
        cost the answers that others are waiting for and that are paid for."""
        self.exception = self.exception or error

    def is_stopping(self):
        """Whether to send no more."""
        if not self.is_stopped:
            self.is_stopped = bool(
                self.exception or self.batch.halt or (self.stop and self._ask_stop())
            )
        return self.is_stopped

    def _ask_stop(self):
        try:
            return self.stop()
        except Exception as error:
            self._keep(error)
            return True
