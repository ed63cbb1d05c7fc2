# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The bridge: it puts what the workers answered into the ledger, and wakes the jobs.

A process of its own beside the servers, started by ``odoo ai_queue_bridge``, for any
number of databases. Several of them do no harm: one is elected for a database, and each
answer is settled once, whoever does it. Killed at any moment it leaves nothing half: an
answer goes from Redis only when the ledger has it.
"""

import contextlib
import logging
import os
import socket
import threading
import time

import psycopg2
import redis

from odoo.modules.registry import Registry

from odoo.addons.queue_job_operations.side_cursor import process_env

from . import broker
from .broker import BrokerGone
from .worker import messages, packing
from .worker.store import CLAIM_SECONDS, get_time, get_workers, wait_for_arrived

_logger = logging.getLogger(__name__)

#: answers that are noted in one transaction, during which nobody else is admitted by
#: their provider; and how long others are waited for that come together with the first:
#: many cost little more than one
BATCH = 50
GATHER_SECONDS = 0.2
#: how long the bridge waits for answers, and how often it looks after what, seconds
WAIT_SECONDS = 1.0
LOOK_SECONDS = 2.0
BEAT_SECONDS = 4.0
#: after something went wrong, seconds
PAUSE_SECONDS = 2.0
_DATABASE_GONE = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Bridge(threading.Thread):
    """The bridge of one database.

    :param str database: its name
    """

    def __init__(self, database):
        super().__init__(name=f"ai_queue_bridge {database}", daemon=True)
        self.database = database
        self.me = f"{socket.gethostname()}:{os.getpid()}"
        self.ended = threading.Event()
        self.is_leader = False
        self._next_beat = 0.0
        self._broker = self._store = None
        self._abandoned = set()
        self._wait_for_claims()

    def run(self):
        """Work until ``ended`` is set."""
        while not self.ended.is_set():
            try:
                self.turn()
            except (redis.RedisError, BrokerGone) as error:
                self._note_gone(error)
                self.ended.wait(PAUSE_SECONDS)
                self._wait_for_claims()
            except _DATABASE_GONE:
                _logger.warning("The database %s is not there", self.database)
                self.ended.wait(PAUSE_SECONDS)
            except Exception:
                # The next turn may do better, and nobody else brings the answers.
                _logger.exception("Answers of workers could not be brought")
                self.ended.wait(PAUSE_SECONDS)
        self._resign()

    def turn(self):
        """Bring what is there, or wait a second for it."""
        now = time.monotonic()
        if is_beat := now >= self._next_beat:
            self._seek_election()
            self._next_beat = now + BEAT_SECONDS
        if not self.is_leader:
            self.ended.wait(WAIT_SECONDS)
            return
        found, store = self._broker, self._store
        if is_beat:
            self._beat(found, store)
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            self._give_out_again(found, store)
        files = found.files_of(store)
        if not wait_for_arrived(found.client, (store, files), WAIT_SECONDS):
            return
        if store.count_arrived() < BATCH:
            self.ended.wait(GATHER_SECONDS)
        if arrived := files.get_arrived(BATCH):
            self._tell_of_files(files, arrived)
        if arrived := store.get_arrived(BATCH):
            self._bring(store, arrived)

    def _seek_election(self):
        with self._env() as env:
            # Not set up, or uninstalled meanwhile.
            found = broker.get() if "ai.queue.bridge" in env else None
            self._broker, self._store = found, found and found.store_of(env)
            bridge = found and env["ai.queue.bridge"]
            self.is_leader = (
                bool(found) and bridge._is_needed() and bridge._elect(self.me)
            )

    def _wait_for_claims(self):
        """Redis may be back just now: who is at work has to claim it again first."""
        self._abandoned = set()
        self._next_look = time.monotonic() + CLAIM_SECONDS

    def _env(self):
        """As a context: an environment on a cursor of its own, committed at the end."""
        return process_env(Registry(self.database))

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def _bring(self, store, arrived):
        """Answers into the ledger, and then their jobs on."""
        # Of one without a text, its job has taken it already.
        answers = {call: text for _entry, call, text in arrived if text is not None}
        settled = []
        if answers:
            with self._env() as env:
                settled = env["ai.queue.call"]._settle_handed(answers).ids
        if settled:
            # Once the ledger has them: a job that is not yet put off looks there.
            with self._env() as env:
                calls = env["ai.queue.call"].browse(settled)
                env["ai.queue.run.job"]._wake_handed(calls)
        store.forget(
            [entry for entry, _call, _text in arrived],
            [call for _entry, call, _text in arrived],
        )

    def _tell_of_files(self, files, arrived):
        """The jobs go on whose files were read; what was read stays for them."""
        rows = [call.partition("-")[0] for _entry, call, _text in arrived]
        with self._env() as env:
            env["ai.queue.run.job"]._wake_now("files", filter(str.isdecimal, rows))
        files.forget(
            [entry for entry, _call, _text in arrived],
            [call for _entry, call, _text in arrived],
        )

    # ------------------------------------------------------------
    # WHAT IS TO BE LOOKED AFTER
    # ------------------------------------------------------------

    def _give_out_again(self, found, store):
        """What a worker was at who is dead."""
        files = found.files_of(store)
        seen = {
            (each.database, call)
            for each in (store, files)
            for call in each.find_abandoned()
        }
        # At the first look somebody may be about to claim it.
        sure, self._abandoned = seen & self._abandoned, seen
        if again := [call for name, call in sure if name == files.database]:
            found.send_files(files.database, again)
        calls = {call for name, call in sure if name == store.database}
        if not calls:
            return
        with self._env() as env:
            asking = env["ai.queue.call"]._get_asking(calls)
            slugs = {
                name: packing.slug(call.provider_id.name)
                for name, call in asking.items()
            }
        for call in calls - set(slugs):
            store.withdraw(call)
        for slug in set(slugs.values()):
            found.send(
                store.database, slug, [call for call in slugs if slugs[call] == slug]
            )

    def _beat(self, found, store):
        """Look how all is, tell it, and let go what waits for nothing."""
        workers = get_workers(found.client)
        info, has_room = self._get_info(found.client), store.has_room()
        with self._env() as env:
            providers = env["ai.queue.provider"].search([("type", "!=", "local")])
            slugs = {packing.slug(each.name): each.id for each in providers}
            queues = self._get_queues(found.client, slugs)
            bridge = env["ai.queue.bridge"]
            bridge._note_seen(workers, info, queues)
            bridge._note_reached(self._get_reached(workers, slugs, has_room))
            env["ai.queue.run.job"]._wake_places(providers)
            cancelled = {
                call._get_name(): call.id
                for call in env["ai.queue.call"]._get_out_of_cancelled()
            }
        taken = [cancelled[name] for name in cancelled if store.withdraw(name)]
        if taken:
            with self._env() as env:
                env["ai.queue.call"]._settle_withdrawn(taken)
        self._take_back_pieces(found.files_of(store))

    def _take_back_pieces(self, files):
        """What was given out for jobs that have ended, as those of cancelled runs."""
        rows = files.get_givers()
        with self._env() as env:
            ended = env["ai.queue.run.job"]._get_ended(rows)
        for row in ended:
            files.end_given(row)

    @staticmethod
    def _get_reached(workers, slugs, has_room):
        """What somebody may have missed, and is there: as of ``down``.

        Workers of a kind may have other code than the machine that missed them.
        """
        reached = {"broker", *(one["kind"] for one in workers.values())}
        if has_room:
            reached.add("memory")
        for worker in workers.values():
            reached |= {
                f"provider:{slugs[slug]}"
                for slug in worker["providers"]
                if slug in slugs
            }
        return reached

    @staticmethod
    def _get_info(client):
        info = client.info()
        return {
            "version": info.get("valkey_version") or info.get("redis_version"),
            "policy": info.get("maxmemory_policy"),
            "is_kept": bool(info.get("aof_enabled")),
            "memory": info.get("used_memory"),
            "skew": round(time.time() - get_time(client), 1),
        }

    @staticmethod
    def _get_queues(client, slugs):
        names = {slug: messages.queue_name(slug) for slug in sorted(slugs)}
        names |= {kind: queue for kind, (queue, _task) in messages.PIECES.items()}
        return [
            {"name": name, "waiting": client.llen(queue)}
            for name, queue in names.items()
        ]

    def _note_gone(self, error):
        word = type(error).__name__
        _logger.warning("Redis is not there: %s", word)
        # Where neither is there, the next turn looks again.
        with contextlib.suppress(*_DATABASE_GONE), self._env() as env:
            env["ai.queue.bridge"]._note_down("broker", word, who="bridge")

    def _resign(self):
        # Without a word another one takes over a little later.
        with contextlib.suppress(*_DATABASE_GONE), self._env() as env:
            if "ai.queue.bridge" in env:
                env["ai.queue.bridge"]._resign(self.me)
