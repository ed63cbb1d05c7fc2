# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Questions of a job that workers elsewhere ask, while the job waits and holds nothing.

A turn of the job looks what has come back, gives out what may be asked now (budget,
limits and breaker are those of the ledger, as for any question) and is put off. The
bridge wakes it when everything that it has out is back; should that get lost, it looks
by itself. What comes back as an error is concluded just as if it had been asked here.
"""

import dataclasses
import random

import redis

from odoo.addons.ai_queue.asking.ask import (
    BUSY_SECONDS,
    LEASE_MARGIN,
    MAX_BUSY_SECONDS,
    Asking,
)
from odoo.addons.ai_queue.asking.shapes import Paused, Settlement, TakenElsewhere
from odoo.addons.ai_queue.engine import client
from odoo.addons.ai_queue.engine.client import causes
from odoo.addons.ai_queue.engine.errors import OutOfCredit
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.side_cursor import side_env

from .broker import BrokerGone, get_lacking, name_question
from .worker import packing
from .worker.store import QUESTION_SECONDS, get_workers

#: A job looks by itself after so long whether its answers are there, seconds; without
#: a bridge nobody else does.
LOOK_SECONDS, LOOK_ALONE_SECONDS = 60.0, 10.0
#: Who waits for a place at the provider is woken when there is one, seconds.
PLACE_SECONDS, PLACE_ALONE_SECONDS = 300.0, 20.0
#: While the workers are not to be had, and before the work is done here, seconds.
DOWN_SECONDS = 20.0
#: A message that nobody has begun with for so long is sent once more, seconds.
RESEND_SECONDS = 60.0
MARGIN = 60.0


#: Causes that lie in what the environment of a worker says, not in the form in Odoo.
OF_WORKER = {
    *("no_connection", "name_unknown", "connect_timeout", "bad_url", "internal"),
    *("bad_key", "key", "forbidden", "address", "api_version", "web_page", "redirect"),
    *("certificate", "tls"),
}


def say_where(env, error, sentence, provider_name):
    """A sentence about an error, and which worker has met it, where that matters."""
    machine = getattr(error, "machine", "")
    if not machine or error.cause not in OF_WORKER:
        return sentence
    slug = packing.slug(provider_name).upper()
    return env._(
        "%(sentence)s This was asked by the worker %(machine)s: key and address are "
        "those of its environment (AI_QUEUE_KEY_%(slug)s, AI_QUEUE_BASE_URL_%(slug)s).",
        sentence=sentence,
        machine=machine,
        slug=slug,
    )


class HandedAsking(Asking):
    """Many questions of one job, asked by workers.

    :param broker: `broker.Broker`
    """

    def __init__(self, broker, provider, *args):
        super().__init__(provider, *args)
        self.broker = broker
        self.store = broker.store_of(self.env)
        # No worker is killed over there for its time, as one of Odoo's is.
        limits = provider.sudo()
        self.limits = dataclasses.replace(
            self.endpoint,
            read_timeout=limits.read_timeout,
            request_timeout=limits.request_timeout,
        )
        self.slug = packing.slug(self.provider_name)
        #: key -> id of its call, of those that are out
        self.out = {}
        #: why nothing more can be given out now, and until when; and whether that is
        #: over as soon as another question is back
        self.pause = None
        self.is_full = False
        self.is_gone = False

    # ------------------------------------------------------------
    # A TURN
    # ------------------------------------------------------------

    # EXTENDS Asking
    def _give_up_old_leases(self):
        given_up = super()._give_up_old_leases()
        self._collect()
        return given_up

    # EXTENDS Asking
    def _send(self, waiting, stop):
        batch = client.Batch()
        self._take_back(waiting, batch)
        if self._worst_of(batch):
            return batch
        if stop and stop():
            self.is_cancelled = True
            return batch
        waiting = [key for key in waiting if key not in self.through]
        self._find_out(waiting)
        if self._is_usable():
            try:
                self._look_after_out()
                large = self._hand_out(waiting, batch)
            except (redis.RedisError, BrokerGone) as error:
                self._note_gone(get_lacking(error), error)
            else:
                return self._ask_here(large, stop, batch) if large else batch
        if self._is_over():
            self._withdraw()
            rest = [key for key in waiting if key not in self.out]
            return self._ask_here(rest, stop, batch) if rest else batch
        if not self.out:
            self.pause = Paused("workers", DOWN_SECONDS)
        return batch

    def _ask_here(self, keys, stop, batch):
        """As without workers."""
        for key in keys:
            self.claims[key].lease = self.endpoint.request_timeout + LEASE_MARGIN
        here = super()._send(keys, stop)
        here.errors.update(batch.errors)
        return here

    # EXTENDS Asking
    def _conclude(self, batch, stop):
        if self.is_cancelled or self._worst_of(batch):
            return super()._conclude(batch, stop)
        if self.out:
            self._put_off(Paused("elsewhere", self._get_look_seconds()), "elsewhere")
        if self.pause:
            self._put_off(self.pause, "place" if self.is_full else None)
        return super()._conclude(batch, stop)

    @staticmethod
    def _worst_of(batch):
        """Whether what went wrong concerns more than a question alone."""
        return batch.halt or any(
            error.everywhere or not error.final for error in batch.errors.values()
        )

    def _put_off(self, error, what):
        """Let the job wait, with nothing held.

        :param str what: "elsewhere", for all that is out; "place", for one at the
            provider; None for nothing but the time
        :raise RetryableJobError: always
        """
        row_id = self.asker.run_job_id
        awaited = self.provider_id if what == "place" else row_id
        waits_for = f"{what}:{awaited}" if what else False
        with side_env(self.env) as env:
            env["ai.queue.run.job"].browse(row_id).waits_for = waits_for
        # From now on the bridge wakes it. What came before that, it has not heard of.
        with side_env(self.env) as env:
            if what == "place":
                env["ai.queue.run.job"]._wake_places(
                    env["ai.queue.provider"].browse(self.provider_id)
                )
            elif what and not env["ai.queue.call"]._get_out(row_id):
                env["ai.queue.run.job"]._wake_now(what, [row_id])
        self.env["queue.job"]._note_put_off(why=error.cause, waits_for=waits_for)
        seconds = max(1, round(error.retry_after * random.uniform(1.0, 1.2)))
        raise RetryableJobError(
            self._sentence(error), seconds=seconds, ignore_retry=True
        )

    # EXTENDS Asking
    def _get_patience(self, error):
        """By the turns without an answer: each question out makes the job wait, too."""
        if isinstance(error, OutOfCredit):
            return super()._get_patience(error)
        with side_env(self.env) as env:
            waits = env["ai.queue.call"]._count_turns_without(self.asker)
        return min(MAX_BUSY_SECONDS, BUSY_SECONDS * 2 ** min(max(waits - 1, 0), 5))

    # EXTENDS Asking
    def _sentence(self, error):
        if error.cause == "elsewhere":
            return self.env._(
                "Questions are with the workers: %s. The work continues as soon as the "
                "answers are there.",
                len(self.out),
            )
        if error.cause == "workers":
            return self.env._(
                "The workers are not reached just now. If that lasts, the work is done "
                "here."
            )
        sentence = super()._sentence(error)
        return say_where(self.env, error, sentence, self.provider_name)

    # ------------------------------------------------------------
    # WHAT COMES BACK
    # ------------------------------------------------------------

    def _collect(self):
        """Note the answers to what this job has out, should nobody have done so."""
        with side_env(self.env) as env:
            calls = env["ai.queue.call"]._get_out(self.asker.run_job_id)
            if not calls or env["ai.queue.bridge"]._get_down("broker").is_fresh:
                return
        try:
            answers = self.store.get_answers(
                name_question(call, key) for call, (key, _age) in calls.items()
            )
        except redis.RedisError as error:
            self._note_gone("broker", error)
            return
        if answers:
            with side_env(self.env) as env:
                env["ai.queue.call"]._settle_handed(answers)
            self.store.forget([], answers)

    def _take_back(self, waiting, batch):
        """The errors that came back since the last turn."""
        with side_env(self.env) as env:
            returned = env["ai.queue.call"]._take_back(self.asker, waiting)
        for key, values in returned.items():
            error = packing.unpack_error(values, causes)
            error.sentence = self._sentence(error)
            batch.errors[self.questions[key].key] = error
            if error.final and not error.everywhere:
                self.outcome.errors[key] = error
                self.through.add(key)

    def _find_out(self, waiting):
        with side_env(self.env) as env:
            out = env["ai.queue.call"]._get_out(self.asker.run_job_id)
        self.out = {key: call for call, (key, _age) in out.items() if key in waiting}
        self.ages = {key: age for key, age in out.values()}

    def _name(self, key):
        return name_question(self.out[key], key)

    # ------------------------------------------------------------
    # WHAT GOES OUT
    # ------------------------------------------------------------

    def _look_after_out(self):
        """What got lost on its way goes out again, as the same call."""
        if not self.out:
            return
        names = {self._name(key): key for key in self.out}
        found = self.store.look(names)
        lost = [names[name] for name, word in found.items() if word == "unknown"]
        # What a worker was at who is dead is the bridge's, as long as there is one.
        late = ("waiting",) if self._has_bridge() else ("waiting", "begun")
        slow = [
            name
            for name, word in found.items()
            if word in late and self.ages[names[name]] > RESEND_SECONDS
        ]
        if lost:
            with side_env(self.env) as env:
                # It may be asked for as long again.
                env["ai.queue.call"]._renew_leases(
                    [self.out[key] for key in lost], self._get_lease()
                )
        self._give_out({key: self._pack(key) for key in lost})
        if slow:
            self.broker.send(self.store.database, self.slug, slow)
        self._give_up([names[name] for name, word in found.items() if word == "done"])

    def _hand_out(self, waiting, batch):
        """Give out what may be asked now.

        :return: keys of questions that are too large to be sent
        """
        texts, large = {}, []
        for key in waiting:
            if key not in self.out:
                try:
                    texts[key] = self._pack(key)
                except packing.TooLarge:
                    large.append(key)
        admitted = self._admit_all(texts, batch)
        self.out.update(admitted)
        self._give_out({key: texts[key] for key in admitted})
        return large

    def _admit_all(self, keys, batch):
        """Reserve what these questions cost, as far as limits and budget allow.

        :return: {key: id of its call}
        """
        admitted = {}
        with side_env(self.env) as env:
            calls = env["ai.queue.call"]._for_workers()
            for key in keys:
                claim = self.claims[key]
                claim.lease = self._get_lease()
                try:
                    wait = calls._admit(claim)
                except TakenElsewhere:
                    continue
                except Paused as error:
                    batch.halt = error
                    break
                if wait:
                    self.pause = self._get_wait(calls, wait)
                    break
                admitted[key] = claim.call_id
            calls._note_handed(admitted.values())
        for key in admitted:
            # It is not ours to release: whoever has it settles it.
            self.claims[key].call_id = None
        if admitted or self.out:
            # First what is out; the next turn meets the same pause again.
            batch.halt = None
        return admitted

    def _get_lease(self):
        """For how long a call may be out: nobody asks it after that, seconds."""
        return QUESTION_SECONDS + self.limits.request_timeout + MARGIN

    def _get_wait(self, calls, wait):
        provider = calls.env["ai.queue.provider"].browse(self.provider_id)
        if not calls._count_free(provider):
            self.is_full = True
            is_alive = calls.env["ai.queue.bridge"]._is_alive()
            wait = PLACE_SECONDS if is_alive else PLACE_ALONE_SECONDS
        return Paused("turn", wait)

    def _give_out(self, texts):
        """:param texts: {key of what is out: its question}"""
        if texts:
            named = {self._name(key): text for key, text in texts.items()}
            self.store.put_questions(named)
            self.broker.send(self.store.database, self.slug, list(named))
            with side_env(self.env) as env:
                env["ai.queue.bridge"]._note_up("memory")

    def _give_up(self, keys):
        """These are known as done, and the answer is gone: no worker asks them.

        One that somebody has brought meanwhile is left alone.
        """
        if not keys:
            return
        with side_env(self.env) as env:
            given_up = env["ai.queue.call"]._give_up_handed(
                [self.out[key] for key in keys]
            )
        for key in keys:
            if self.out[key] in given_up:
                del self.out[key]

    def _pack(self, key):
        return packing.pack_question(
            self.questions[key], self.provider_name, self.limits
        )

    # ------------------------------------------------------------
    # WITHOUT WORKERS
    # ------------------------------------------------------------

    def _is_usable(self):
        """Whether Redis is there, and a worker for this provider."""
        if self.is_gone:
            return False
        what = f"provider:{self.provider_id}"
        with side_env(self.env) as env:
            bridge = env["ai.queue.bridge"]
            if bridge._get_down("broker").is_fresh or not bridge._is_on():
                return False
        try:
            workers = get_workers(self.broker.client)
        except redis.RedisError as error:
            self._note_gone("broker", error)
            return False
        if any(self.slug in worker["providers"] for worker in workers.values()):
            with side_env(self.env) as env:
                env["ai.queue.bridge"]._note_up("broker", what)
            return True
        self._note_gone(what, None)
        return False

    def _note_gone(self, what, error):
        self.is_gone = True
        with side_env(self.env) as env:
            word = type(error).__name__ if error else ""
            env["ai.queue.bridge"]._note_down(what, word)

    def _is_over(self):
        """Whether the workers were waited for long enough, or are not wanted."""
        with side_env(self.env) as env:
            bridge = env["ai.queue.bridge"]
            what = ("broker", "memory", f"provider:{self.provider_id}")
            return not bridge._is_on() or any(
                bridge._get_down(one).is_over for one in what
            )

    def _withdraw(self):
        """Take back what is out, so that it can be asked here.

        What a worker may be asking is waited for, as long as its lease.
        """
        for key, call in list(self.out.items()):
            name = self._name(key)
            try:
                is_ours = self.store.withdraw(name)
                is_gone = not is_ours and self.store.look([name])[name] == "done"
            except redis.RedisError:
                is_ours, is_gone = False, True
            if is_ours:
                with side_env(self.env) as env:
                    env["ai.queue.call"]._settle_withdrawn([call])
                del self.out[key]
            elif is_gone:
                # Nobody knows. What was reserved for it stays counted.
                self._give_up([key])

    def _get_look_seconds(self):
        return LOOK_SECONDS if self._has_bridge() else LOOK_ALONE_SECONDS

    def _has_bridge(self):
        with side_env(self.env) as env:
            return env["ai.queue.bridge"]._is_alive()


def withdrawn(call_id, provider_id, company_id):
    """The settlement of a question that was never sent."""
    return Settlement(
        call_id=call_id,
        provider_id=provider_id,
        company_id=company_id,
        outcome="stopped",
        breaker=None,
        tokens=0,
        cost=0.0,
    )
