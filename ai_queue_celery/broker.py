# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Redis as Odoo reaches it: where it is comes from outside, never from the database.

Of the environment, or else of odoo.conf, for its password is in it::

    AI_QUEUE_BROKER_URL=rediss://:s3cret@redis.example.com:6379/0

    [ai_queue_celery]
    broker_url = rediss://:s3cret@redis.example.com:6379/0

What is special in a password is percent-encoded: / as %2F, @ as %40, # as %23.
"""

import contextlib
import hashlib
import logging
import os
import threading

import redis

from odoo.addons.queue_job_operations.conf import get_option

from .worker import messages, packing, store

_logger = logging.getLogger(__name__)

VARIABLE, SECTION, OPTION = "AI_QUEUE_BROKER_URL", "ai_queue_celery", "broker_url"
#: config parameter that tells a neutralized copy from the database it was made of
COPY = "ai_queue_celery.copy"
LARGEST_ID = 2**31 - 1
_brokers = {}
_lock = threading.Lock()


class BrokerGone(Exception):
    """Redis is not there, or does not take anything."""


def get_lacking(error):
    """What an error says is not to be had: as of ``down`` of ``ai.queue.bridge``."""
    full = redis.exceptions.OutOfMemoryError
    is_full = isinstance(error, full) or isinstance(error.__cause__, full)
    return "memory" if is_full else "broker"


def get_url():
    """Where Redis is; None where nobody has said it."""
    return os.environ.get(VARIABLE) or get_option(SECTION, OPTION)


def get_problem():
    """Why nothing can be known of Redis: "unknown" where nobody has said where it is,
    "unreadable" where that is no address; "" where it is one."""
    if not get_url():
        return "unknown"
    return "" if get() else "unreadable"


def get():
    """The `Broker` of this process; None where nobody has said where Redis is, or not
    so that it can be understood."""
    url = get_url()
    if not url:
        return None
    with _lock:
        # A process may have been forked since: connections are not to be shared.
        known = os.getpid(), url
        if known not in _brokers:
            _brokers.clear()
            _brokers[known] = _make(url)
        return _brokers[known]


def _make(url):
    found = None
    if messages.is_address(url):
        # Parts of the password might be in what it says of an option.
        with contextlib.suppress(ValueError, TypeError, redis.RedisError):
            found = Broker(url)
            found.client.connection_pool.make_connection()
            return found
    _logger.error("The address of Redis cannot be read: percent-encode its password")
    return None


def name_question(call_id, key):
    """How a call is named in Redis: by its number and what it asks.

    A database that was set back gives its numbers anew, to other questions.
    """
    return f"{call_id}-{key[:12]}"


def get_call_id(name):
    """The number in such a name; None for what is none."""
    number = name.partition("-")[0]
    is_id = number.isdecimal() and len(number) <= 10 and int(number) <= LARGEST_ID
    return int(number) if is_id else None


class Broker:
    """One Redis with the workers behind it."""

    def __init__(self, url):
        self.url = url
        self.client = store.connect(url)
        self._app = None

    def describe(self):
        """Where it is, without the password."""
        return messages.describe(self.url)

    def store_of(self, env):
        """What concerns this database: `worker.store.Store`."""
        parameters = env["ir.config_parameter"].sudo()
        # A copy that was neutralized may have kept the name and the uuid.
        marks = map(parameters.get_param, ("database.uuid", COPY))
        parts = [env.cr.dbname, *(mark[:8] for mark in marks if mark)]
        return store.Store(self.client, "-".join(parts))

    def send(self, name, provider, calls):
        """Give out calls whose questions are there.

        :param str name: of the database, as of its store
        :param str provider: the slug of who is to be asked
        :raise BrokerGone: some may have been given out
        """
        messages_of = [(messages.ASK, [name, call]) for call in calls]
        self._send(messages.queue_name(provider), messages_of)

    def files_of(self, found):
        """The store of the pieces of work of the same database: files, and series."""
        return store.Store(self.client, f"{found.database}:files")

    def send_files(self, name, calls):
        """As `send`, for pieces of work: each to the queue of its kind.

        :param calls: as of `name_call`; what is no such name is left alone
        """
        for call in calls:
            kind = call.split("-")[1:2]
            if kind and kind[0] in messages.PIECES:
                queue, task = messages.PIECES[kind[0]]
                self._send(queue, [(task, [name, call])])

    @staticmethod
    def get_ready(workers):
        """The kinds of pieces that somebody works on just now, with the code of this
        Odoo.

        :param workers: as of ``worker.store.get_workers``
        """
        said = {(worker["kind"], worker["code"]) for worker in workers.values()}
        return {
            kind
            for kind, code in said
            if kind in messages.PIECES and code == packing.get_code_of(kind)
        }

    @staticmethod
    def name_call(row, kind, digests):
        """The name of a call: the same pieces of the same job are the same one, however
        often it comes.

        :param row: number of the job
        :param str kind: key of ``worker.messages.PIECES``
        """
        word = hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()[:16]
        return f"{row}-{kind}-{word}"

    def _send(self, queue, tasks):
        from kombu.exceptions import OperationalError

        if not self._app:
            self._app = messages.make_app(self.url)
            options = self._app.conf.broker_transport_options
            # Whoever waits here holds a worker of Odoo's.
            options.update(max_retries=1, interval_start=0, socket_timeout=5)
        try:
            with self._app.producer_pool.acquire(block=True, timeout=5) as producer:
                for task, arguments in tasks:
                    self._app.send_task(
                        task,
                        args=arguments,
                        queue=queue,
                        producer=producer,
                        retry=False,
                    )
        except (OperationalError, OSError, redis.RedisError) as error:
            raise BrokerGone(type(error).__name__) from error
