# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Work of a job that is no question to a model, and that workers elsewhere do.

It goes in pieces (a file that is to be read, series that are to be forecast or learnt
from), each known by the hash of what is in it and of the code that works on it. A turn
of the job looks which of its pieces nobody has worked on, gives them out as one call
and is put off; the bridge wakes it when they are through, and should that get lost, it
looks by itself. It then finds what came of each piece under its hash. What is not there
although the call is done (no worker could read it, or it was too large to be sent) is
done here.
"""

import contextlib
import json
import logging
import random
from datetime import datetime
from typing import NamedTuple

import redis

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.side_cursor import side_env

from . import broker
from .asking import DOWN_SECONDS, LOOK_ALONE_SECONDS, LOOK_SECONDS
from .broker import BrokerGone, get_lacking
from .models.ai_queue_bridge import ON_OF
from .worker import packing
from .worker.store import KEEP_SECONDS, get_workers

_logger = logging.getLogger(__name__)

_GONE = (redis.RedisError, BrokerGone)
#: A job whose pieces are others each time that it looks, for what they are made of does
#: not stay the same, works on them here after so many calls.
MOST_CALLS = 5


class Row(NamedTuple):
    """What is needed of ``ai.queue.run.job`` when its transaction has ended."""

    id: int
    date_queued: datetime


class Handing:
    """The pieces of one kind of work.

    :param env: of who works
    :param str kind: key of ``worker.messages.PIECES``
    """

    def __init__(self, env, kind):
        self.env = env
        self.kind = kind
        self.broker = broker.get()

    def is_on(self):
        """Whether this kind of work is done by workers."""
        if not self.broker:
            return False
        with side_env(self.env) as env:
            return env["ai.queue.bridge"]._is_on(ON_OF[self.kind])

    def get_row(self):
        """The row of the job that is at work, or None.

        From a cursor of its own: no transaction of a job is open while it asks.
        """
        with side_env(self.env) as env:
            row = env["ai.queue.run.job"]._of_current_job()
            return Row(row.id, row.date_queued) if row else None

    # ------------------------------------------------------------
    # WHAT CAME OF THEM
    # ------------------------------------------------------------

    def find(self, digest):
        """What came of a piece, as text; None when nobody has worked on it, or when
        that cannot be known just now."""
        store = self._get_store()
        if not store:
            return None
        with contextlib.suppress(redis.RedisError):
            return store.get_result(digest)
        return None

    def keep(self, digest, pack, seconds=KEEP_SECONDS):
        """Leave what came of a piece that was worked on here, for the next turn.

        :param pack: function that makes the text of it
        """
        store = self._get_store()
        # Else it is worked on again where it is needed again.
        with contextlib.suppress(redis.RedisError, packing.TooLarge):
            if store:
                store.put_result(digest, pack(), seconds)

    def _get_store(self):
        """Where pieces lie; None where nothing is handed, or Redis is away."""
        if not self.broker:
            return None
        with side_env(self.env) as env:
            bridge = env["ai.queue.bridge"]
            if not bridge._is_any_on() or bridge._get_down("broker").is_fresh:
                return None
            return self.broker.files_of(self.broker.store_of(env))

    # ------------------------------------------------------------
    # A TURN
    # ------------------------------------------------------------

    def hand_over(self, row, pieces, shared=None, kept=None, is_passing=False):
        """Have pieces worked on that nobody has worked on.

        :param row: `Row` of the job that is at work
        :param dict pieces: hash -> what is in it, as text
        :param shared: (hash, function that makes its text) of what the pieces name
        :param kept: function that returns (mark, text) of what the job has gathered,
            for `get_gathered`; None for what is gathered again
        :param bool is_passing: whether nobody needs the results after this job
        :raise RetryableJobError: they are with the workers, or these are waited for
        """
        if not pieces:
            return
        with side_env(self.env) as env:
            is_fresh = env["ai.queue.bridge"]._get_down("broker").is_fresh
            store = self.broker.files_of(self.broker.store_of(env))
        try:
            missing = [] if is_fresh else store.get_missing(pieces)
            if is_fresh:
                self._wait_for_redis(row)
            elif missing:
                self._give_out(store, row, pieces, missing, shared, kept, is_passing)
                store.take_back(row.id)
        except _GONE as error:
            what = get_lacking(error)
            self._note_gone(what, type(error).__name__)
            self._wait_for_redis(row, what)

    def _give_out(self, store, row, pieces, missing, shared, kept, is_passing):
        """Leave pieces for the workers; it returns where they are to be done here.

        :raise RetryableJobError: in any other case
        """
        call = self.broker.name_call(row.id, self.kind, missing)
        if not self._is_to_be_given_out(store, row, call):
            return
        if not store.has_room():
            self._note_gone("memory", "")
            self._wait_for_redis(row, "memory")
            return
        passing = missing if is_passing else ()
        if store.note_given(row.id, call, passing) > MOST_CALLS:
            return
        if kept and (gathered := kept()):
            store.put_kept(row.id, self._pack_kept(row, *gathered))
        try:
            if shared:
                store.put_shared(*shared)
        except packing.TooLarge:
            return
        store.put_pieces({digest: pieces[digest] for digest in missing})
        store.put_questions({call: packing.pack_call(self.kind, missing)})
        self.broker.send_files(store.database, [call])
        with side_env(self.env) as env:
            env["ai.queue.bridge"]._note_up("memory")
        self._put_off(row, self._get_look_seconds(), call)

    def _is_to_be_given_out(self, store, row, call):
        """:return: False for what is to be done here
        :raise RetryableJobError: somebody is at it, or is waited for
        """
        if store.is_done(call):
            return False  # what is missing still cannot be done there
        if self.kind not in self.broker.get_ready(get_workers(self.broker.client)):
            self._note_gone(self.kind, "")
            if not self._is_over(self.kind):
                self._put_off(row, DOWN_SECONDS)
            return False
        with side_env(self.env) as env:
            env["ai.queue.bridge"]._note_up("broker", self.kind)
        # What a worker was at who is dead is the bridge's, as long as there is one.
        left = ("running", "begun") if self._has_bridge() else ("running",)
        if store.look([call])[call] in left:
            self._put_off(row, self._get_look_seconds(), call)
        # Given out again by itself, it does no harm: who works on it claims it.
        return True

    def _has_bridge(self):
        with side_env(self.env) as env:
            return env["ai.queue.bridge"]._is_alive()

    def _get_look_seconds(self):
        return LOOK_SECONDS if self._has_bridge() else LOOK_ALONE_SECONDS

    # ------------------------------------------------------------
    # WHAT WAS GATHERED
    # ------------------------------------------------------------

    def get_gathered(self, row, mark, unpack):
        """What the job has gathered when it gave out its pieces.

        What it had to say of that is said again.

        :param row: of the job that is at work; none where there is no job
        :param str mark: what it is gathered for; something else is left alone
        :param unpack: function of its text, which raises a ValueError or a TypeError
            for what it does not understand
        :return: None where there is nothing
        """
        text = self._get_kept(row, mark) if row and self.is_on() else None
        if not text:
            return None
        try:
            return unpack(text)
        except (ValueError, TypeError):
            _logger.warning("What was kept of a job is not understood.")
            return None

    def _get_kept(self, row, mark):
        store = self._get_store()
        if not store:
            return None
        try:
            found = json.loads(store.get_kept(row.id) or "{}")
            if found.get("mark") != self._get_mark(row, mark):
                return None
            text = str(found["text"])
            said = [
                {"sentence": str(one["sentence"]), "count": int(one["count"])}
                for one in found.get("said") or []
            ]
        except (redis.RedisError, ValueError, KeyError, TypeError, AttributeError):
            return None
        if said:
            self.env["ai.queue.run.job"].browse(row.id)._report(remark_data=said)
        return text

    def _pack_kept(self, row, mark, text):
        with side_env(self.env) as env:
            said = env["ai.queue.run.job"].browse(row.id).remark_data
        return json.dumps(
            {"mark": self._get_mark(row, mark), "text": text, "said": said or []}
        )

    def _get_mark(self, row, mark):
        """Queued again by a person, a job gathers anew."""
        return f"{packing.get_code_of(self.kind)} {row.date_queued} {mark}"

    # ------------------------------------------------------------
    # WAITING
    # ------------------------------------------------------------

    def _wait_for_redis(self, row, what="broker"):
        """Wait, or go on here when that was long enough."""
        if not self._is_over(what):
            self._put_off(row, DOWN_SECONDS)

    def _is_over(self, what):
        with side_env(self.env) as env:
            return env["ai.queue.bridge"]._get_down(what).is_over

    def _note_gone(self, what, word):
        with side_env(self.env) as env:
            env["ai.queue.bridge"]._note_down(what, word)

    def _put_off(self, row, seconds, call=None):
        """Let the job wait, with nothing held.

        :param call: what it has given out; None when the workers are not reached
        :raise RetryableJobError: always
        """
        waits_for = f"files:{row.id}"
        with side_env(self.env) as env:
            env["ai.queue.run.job"].browse(row.id).waits_for = waits_for
        # From now on the bridge wakes it. What came before that, it has not heard of.
        store = call and self._get_store()
        if store and store.is_done(call):
            seconds = 1
        self.env["queue.job"]._note_put_off(why=self.kind, waits_for=waits_for)
        raise RetryableJobError(
            self._sentence(call),
            seconds=max(1, round(seconds * random.uniform(1.0, 1.2))),
            ignore_retry=True,
        )

    def _sentence(self, call):
        if not call:
            return self.env._(
                "The workers are not reached just now. If that lasts, the work is done "
                "here."
            )
        if self.kind == "documents":
            return self.env._("The files are with the workers that read them.")
        return self.env._("The demand is with the workers that calculate forecasts.")
