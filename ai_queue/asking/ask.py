# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How the questions of a job get to a provider: each once, within limits, noted.

    outcome = Asking(provider, asker, questions, prompt_version="1").ask()
    outcome.answers, outcome.errors

(``ai.queue.provider._ask`` is the door for everyone else.)

The engine talks to the provider, the ledger (``ai.queue.call``) decides what may be
sent and keeps what came; this module stands in between. What cannot be had now becomes
one ``RetryableJobError``, after all that could be had is in the ledger.
"""

import hashlib
import json
import logging
import random
import time

import psycopg2
import tenacity

from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.side_cursor import side_env

from ..engine import client
from ..engine.client.causes import NOBODY_THERE
from ..engine.errors import (
    Failing,
    InvalidAnswer,
    ModelError,
    NotInstalled,
    OutOfCredit,
    Refused,
    Unreachable,
)
from . import spool, stopping
from .limits import sending_seconds
from .questions import describe, estimate_tokens
from .settling import breaker_outcome, settle_answer, settle_error
from .shapes import Claim, Known, Outcome, Paused, Settlement, TakenElsewhere
from .words import say, say_given_up

_logger = logging.getLogger(__name__)

# How long a job waits at first for a provider that is busy and does not say how long.
BUSY_SECONDS = 30.0
MAX_BUSY_SECONDS = 900.0
# An account without credit is not topped up in seconds.
NO_CREDIT_SECONDS = 3600.0
# Work that can be done without a model does not wait for longer, seconds.
PATIENCE = 900.0
# Jobs that wait for the same thing must not all return at the same moment.
MAX_JITTER = 30.0
# Another job is asking the same: it has an answer soon.
ELSEWHERE_SECONDS = 10.0
# The lease of a question outlasts its longest request by this.
LEASE_MARGIN = 30.0
# A database that restarts takes answers again after a while.
SAVE_PATIENCE = 90.0
SAVE_TICK = 0.25

_DATABASE_GONE = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Asking:
    """Many questions of one job to one provider.

    Reads from the database what it needs when it is made; ``ask`` then needs no open
    transaction, and uses cursors of its own.
    """

    def __init__(
        self, provider, asker, questions, prompt_version, can_do_without=False
    ):
        self.env = provider.env
        self.asker = asker
        self.can_do_without = can_do_without
        self.provider_id = provider.id
        self.provider_name = provider.sudo().name
        self.endpoint = provider._get_endpoint()
        self.in_flight = provider.sudo().max_in_flight
        self.rates = {}
        # Of the ledger: key -> question. Two questions may be equal: one is asked.
        self.questions = {}
        self.claims = {}
        # Of the caller: question key -> key in the ledger
        self.keys = {}
        for question in questions:
            claim = self._make_claim(provider, question, prompt_version)
            self.keys[question.key] = claim.key
            self.questions.setdefault(claim.key, question)
            self.claims.setdefault(claim.key, claim)
        # By the keys of the ledger, as long as it is asked.
        self.outcome = Outcome()
        self.through = set()
        self.progress = None
        self.told = 0.0
        self.unsaved = []
        # Those that are sent at once when sending begins, and those of them that the
        # ledger has let go already.
        self.first = []
        self.admitted = set()
        self.not_before = 0.0
        self.is_cancelled = False
        self.time_is_up = False

    # ------------------------------------------------------------
    # CLAIMS
    # ------------------------------------------------------------

    def _key(self, question, prompt_version):
        asker = self.asker
        parts = [asker.company_id, self.provider_id, asker.kind, prompt_version]
        parts.append(question.fingerprint())
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _make_claim(self, provider, question, prompt_version):
        asker = self.asker
        if question.model not in self.rates:
            company = self.env["res.company"].browse(asker.company_id)
            self.rates[question.model] = provider._get_rates(question.model, company)
        rate_in, rate_out, reserved = self.rates[question.model]
        tokens_in = estimate_tokens(question)
        tokens_out = min(question.max_tokens or reserved, reserved)
        return Claim(
            key=self._key(question, prompt_version),
            provider_id=self.provider_id,
            company_id=asker.company_id,
            user_id=asker.user_id,
            kind=asker.kind,
            run_id=asker.run_id,
            run_job_id=asker.run_job_id,
            job_uuid=asker.job_uuid,
            attempt=asker.attempt,
            model=question.model,
            prompt_version=prompt_version,
            tokens=tokens_in + tokens_out,
            cost=tokens_in * rate_in + tokens_out * rate_out,
            lease=self.endpoint.request_timeout + LEASE_MARGIN,
            question=describe(question),
        )

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    def ask(self, stop=None, progress=None):
        """Get what can be had.

        :param stop: function; True when the run was cancelled
        :param progress: function of the number of questions that are through
        :return: `Outcome`
        :raise RetryableJobError: when questions are left that another try may answer;
            those that were answered are in the ledger
        :raise UserError: when no question to this provider can be answered, with a
            sentence that says what to do
        """
        self.progress = progress
        self._give_up_old_leases()
        self._look_up(self.claims)
        waiting = [key for key in self.claims if key not in self.through]
        refusal = waiting and self._find_refusal()
        if refusal:
            # Noted in the language of the same job.
            self._do_without(refusal, {}, str)
            return self._spread()
        if not waiting:
            return self._spread()
        batch = self._send(waiting, stop)
        self.told = 0.0
        self._report_progress()
        self._conclude(batch, stop)
        return self._spread()

    def _send(self, waiting, stop):
        """Ask what is not known yet: hook for who has that done elsewhere.

        :param waiting: keys of the ledger
        :param stop: as of ``ask``
        :return: ``engine.client.Batch``
        """
        until = time.monotonic() + sending_seconds(self.endpoint.request_timeout)
        if client.is_accepting(self.endpoint):
            self.first = [self.claims[key] for key in waiting[: self.in_flight]]
        try:
            return client.ask_many(
                self.endpoint,
                [self.questions[key] for key in waiting],
                in_flight=min(self.in_flight, len(waiting)),
                admit=self._admit,
                on_answer=self._on_answer,
                on_error=self._on_error,
                stop=stopping.Stop(stop, until, self),
            )
        finally:
            self._save_rest()
            self._release()

    def _conclude(self, batch, stop):
        """Raise what the job has to know; nothing when it is through or cancelled."""
        errors = {self.keys[key]: error for key, error in batch.errors.items()}
        worst = _worst([*errors.values(), *([batch.halt] if batch.halt else [])])
        if isinstance(worst, ModelError) and worst.final:
            # Only what every question would meet is raised; the rest is of its own.
            everywhere = worst.everywhere or isinstance(worst, NotInstalled)
            if everywhere:
                self._refuse(worst, errors)
                return
            worst = None
        if self.is_cancelled:
            return
        left = [key for key in self.claims if key not in self.through]
        if left:
            self._look_up(left)
            left = [key for key in left if key not in self.through]
        if not left:
            return
        if worst and self._is_address_wrong(worst):
            self._refuse(worst, errors)
            return
        if stop and stop():
            # Since sending has ended: put off, it would hold up the end of the run.
            return
        if not worst:
            # Either its time was up, or another job is asking the same.
            seconds = 1 if batch.left and self.time_is_up else ELSEWHERE_SECONDS
            worst = Paused("turn", seconds)
        if self.can_do_without and self._is_patience_over(worst):
            self._do_without(worst, errors, self._say_given_up)
            return
        raise self._get_retry(worst)

    def _find_refusal(self):
        """What another part of the same job was told, so that one question is enough
        to find out that no other is taken."""
        if not (self.can_do_without and self.asker.run_job_id):
            return None
        with side_env(self.env) as env:
            found = env["ai.queue.call"]._find_refusal(self.asker)
        if not found:
            return None
        cause, message = found
        return Refused(message, cause=cause, everywhere=True)

    def _refuse(self, error, errors):
        """No question can be answered until a person changes something.

        :raise UserError: with what to do, unless the caller can do without
        """
        if not self.can_do_without:
            raise UserError(self._sentence(error))
        self._do_without(error, errors, self._sentence)

    def _do_without(self, error, errors, in_words):
        """Conclude what is left with its own error, or with this one."""
        for key in self.claims:
            if key not in self.through:
                one = errors.get(key, error)
                one.sentence = in_words(one)
                self.outcome.errors[key] = one
                self.through.add(key)
        self.told = 0.0
        self._report_progress()

    def _is_patience_over(self, error):
        """Whether the job is not to be put off once more for this.

        Neither what we hold back ourselves ends it, nor a provider that answers others.
        """
        if error.cause in ("turn", "budget"):
            return False
        if error.counts and not self._get_pause():
            return self.asker.is_last_try
        return self._get_patience_left() <= 0

    def _get_patience_left(self):
        """For how long a provider is waited for that answers nobody, seconds."""
        waited = 0.0
        if self.asker.waiting_since:
            with side_env(self.env) as env:
                waited = env["ai.queue.call"]._seconds_without_answer(
                    self.provider_id, self.asker.waiting_since
                )
        return PATIENCE - waited

    def _is_address_wrong(self, error):
        """Whether nobody is at the address, and nobody ever was."""
        if error.cause not in NOBODY_THERE:
            return False
        with side_env(self.env) as env:
            # Another job may have had an answer since this one began.
            provider = env["ai.queue.provider"].browse(self.provider_id)
            return not provider.state_ids.has_answered

    def _get_retry(self, error):
        """The error of the job for an error that may pass."""
        if isinstance(error, (Unreachable, Failing)):
            # A provider that is known to be down costs no job a try.
            error = self._get_pause() or error
        if self.asker.run_job_id and not error.counts:
            self._note_waiting(error)
        if error.cause in ("breaker", "budget"):
            # What was under way was waited for: it may be over since.
            error = self._get_pause() or Paused("turn", 1)
        self.env["queue.job"]._note_put_off(why=error.cause)
        seconds = error.retry_after
        if not error.counts and seconds is None:
            seconds = self._get_patience(error)
        if seconds is not None and self.can_do_without and error.cause != "budget":
            seconds = min(seconds, max(self._get_patience_left(), 1.0))
        if seconds is not None:
            jitter = random.uniform(0.0, min(0.2 * seconds, MAX_JITTER))
            seconds = max(1, round(seconds + jitter))
        return RetryableJobError(
            self._sentence(error), seconds=seconds, ignore_retry=not error.counts
        )

    def _get_patience(self, error):
        """How long to wait for a provider that is busy and does not say how long."""
        if isinstance(error, OutOfCredit):
            return NO_CREDIT_SECONDS
        # It takes some: that is no reason to wait longer each time.
        got_some = any(not known.is_reused for known in self.outcome.answers.values())
        waits = 0 if got_some else min(self.asker.waits, 5)
        return min(MAX_BUSY_SECONDS, BUSY_SECONDS * 2**waits)

    def _get_pause(self):
        """Why what is left may not be sent now: `Paused`, or None when it may."""
        claim = next(
            claim for key, claim in self.claims.items() if key not in self.through
        )
        with side_env(self.env) as env:
            return env["ai.queue.call"]._get_pause(claim)

    def _note_waiting(self, error):
        """For what the job waits, so that it can be woken when that is there."""
        waits_for = f"provider:{self.provider_id}"
        if error.cause == "budget":
            waits_for = f"budget:{self.asker.company_id}"
        elif error.cause == "breaker":
            waits_for = f"breaker:{self.provider_id}"
        with side_env(self.env) as env:
            row = env["ai.queue.run.job"].browse(self.asker.run_job_id)
            row.waits_for = waits_for
        self.env["queue.job"]._note_put_off(waits_for=waits_for)

    def _spread(self):
        """The outcome by the keys of the caller."""
        outcome = Outcome(ledger_keys=dict(self.keys))
        for question_key, key in self.keys.items():
            for name in ("answers", "errors"):
                known = getattr(self.outcome, name)
                if key in known:
                    getattr(outcome, name)[question_key] = known[key]
        return outcome

    def _sentence(self, error):
        return say(self.env, error, self.provider_name)

    def _say_given_up(self, error):
        return say_given_up(self.env, error, self.provider_name)

    # ------------------------------------------------------------
    # LEDGER
    # ------------------------------------------------------------

    def _give_up_old_leases(self):
        self.env["ai.queue.call"]._settle_kept()
        with side_env(self.env) as env:
            env["ai.queue.call"]._give_up_leases_of(self.asker)

    def _look_up(self, keys):
        with side_env(self.env) as env:
            calls = env["ai.queue.call"]._find(list(keys), self.asker)
            for key, call in calls.items():
                self.through.add(key)
                if call.state == "answered":
                    self.outcome.answers[key] = Known(
                        call.answer, call.answer_text or "", call.model, is_reused=True
                    )
                else:
                    error = InvalidAnswer(call.message, cause=call.outcome)
                    error.sentence = call.message
                    self.outcome.errors[key] = error
        self._report_progress()

    def _admit(self, question):
        wait = self.not_before - time.monotonic()
        if wait > 0:
            return wait
        # As long as they are not settled, they count as in flight.
        self._flush()
        claim = self.claims[self.keys[question.key]]
        if claim.key in self.admitted:
            self.admitted.remove(claim.key)
            return 0.0
        refusal = None
        with side_env(self.env) as env:
            calls = env["ai.queue.call"]
            try:
                wait = calls._admit(claim)
                if not wait:
                    self._admit_first(calls, claim)
            except (Paused, TakenElsewhere) as error:
                # Raised below, so that what was noted meanwhile is committed.
                refusal = error
        if refusal:
            raise refusal
        if wait:
            # The other questions of this job would be told the same.
            wait *= random.uniform(1.0, 1.3)
            self.not_before = time.monotonic() + wait
        return wait

    def _admit_first(self, calls, claim):
        """Admit in the same transaction what waits at the same gate at the start.

        They are sent within milliseconds. What may not go yet is told so when it asks.
        """
        first, self.first = self.first, []
        for other in first:
            if other is not claim:
                try:
                    if calls._admit(other):
                        return
                except (Paused, TakenElsewhere):
                    return
                self.admitted.add(other.key)

    def _on_answer(self, answer):
        key = self.keys[answer.key]
        claim = self.claims[key]
        self.outcome.answers[key] = Known(answer.data, answer.text, answer.model)
        self._save(settle_answer(answer, **self._of_call(claim)))
        self.through.add(key)
        self._report_progress()

    def _on_error(self, question_key, error):
        key = self.keys[question_key]
        claim = self.claims[key]
        error.sentence = self._sentence(error)
        if error.final and not error.everywhere:
            self.outcome.errors[key] = error
            self.through.add(key)
        if claim.call_id:
            values = self._of_call(claim, error)
            self._save(settle_error(error, message=error.sentence, **values))
        self._report_progress()

    def _breaker_outcome(self, error):
        """What an error, or None for an answer, says of the provider."""
        return breaker_outcome(error)

    def _of_call(self, claim, error=None):
        return {
            "rates": self.rates[claim.model],
            "call_id": claim.call_id,
            "provider_id": self.provider_id,
            "company_id": self.asker.company_id,
            "breaker": self._breaker_outcome(error),
        }

    def _save(self, settlement):
        """Write to the ledger, or keep it for when the database takes it again."""
        self.unsaved.append(settlement)
        try:
            self._flush()
        except _DATABASE_GONE:
            # This process may not live to see the database again.
            claim = self._get_claim(settlement.call_id)
            spool.keep(self.env.cr.dbname, claim.key, settlement)
            if len(self.unsaved) == 1:
                _logger.warning("Answers of a model wait for the database.")

    def _flush(self):
        """Write all that waits to the ledger. Nothing waits behind what the database
        will never take: its error is raised when the rest is written."""
        refusal = None
        while self.unsaved:
            try:
                with side_env(self.env) as env:
                    env["ai.queue.call"]._settle(self.unsaved[0])
            except _DATABASE_GONE:
                raise
            except psycopg2.Error as error:
                refusal = refusal or error
            settlement = self.unsaved.pop(0)
            spool.forget(self.env.cr.dbname, settlement.call_id)
            self._get_claim(settlement.call_id).call_id = None
        if refusal:
            raise refusal

    def _get_claim(self, call_id):
        return next(one for one in self.claims.values() if one.call_id == call_id)

    def _save_rest(self):
        """Answers are paid for: a database that restarts is waited for."""
        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_DATABASE_GONE),
            # Soon after it is back the runner takes this job for dead, whose lock is
            # gone, and the next try would ask again for what is not there by then.
            wait=tenacity.wait_fixed(SAVE_TICK),
            stop=tenacity.stop_after_delay(SAVE_PATIENCE),
            reraise=True,
        ):
            with attempt:
                self._flush()

    def _release(self):
        """Questions that were claimed, and then not sent or not waited for."""
        for claim in self.claims.values():
            if claim.call_id:
                # What was sent may cost something, although nobody waited for it.
                is_sent = claim.key not in self.admitted
                self._save(
                    Settlement(
                        call_id=claim.call_id,
                        provider_id=self.provider_id,
                        company_id=self.asker.company_id,
                        outcome="stopped",
                        breaker=None,
                        tokens=None if is_sent else 0,
                        cost=None if is_sent else 0.0,
                    )
                )

    def _report_progress(self):
        # People read no faster, and each time the run is locked.
        now = time.monotonic()
        if self.progress and now >= self.told + stopping.STOP_TICK:
            self.told = now
            self.progress(
                {
                    question_key
                    for question_key, key in self.keys.items()
                    if key in self.through
                }
            )


def _worst(errors):
    """Of these errors the one that decides what the job does.

    What nothing can be done about by waiting first, then what does not count as a try.
    """

    def order(error):
        everywhere = error.final and (
            error.everywhere or isinstance(error, NotInstalled)
        )
        return (not everywhere, error.final, error.counts)

    errors = [error for error in errors if not isinstance(error, client.Skip)]
    return min(errors, key=order, default=None)
