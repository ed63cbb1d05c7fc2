"""What a worker does with a message."""

import functools
import logging
import multiprocessing
import time

import redis
from engine import client, forecasting
from engine.client.causes import fault
from engine.documents.files import reading
from engine.documents.files.shapes import Limits
from engine.errors import EngineError, ModelError, Unreadable
from engine.forecasting import learning

from . import packing, providers, series
from .store import KEEP_SECONDS, QUESTION_SECONDS, Store

_logger = logging.getLogger(__name__)

#: An answer is paid for: Redis that restarts, or is full, is waited for, seconds; for
#: as long as nobody asks again.
PUT_SECONDS = QUESTION_SECONDS
PUT_TICK = 0.5
#: How many times as long as the work itself one file may take by the clock.
FILE_PATIENCE = 5.0
#: What so many workers have begun with and none has ended is left to Odoo: it may be
#: what they die of.
MOST_BEGINS = 6
#: Models that a process keeps of those that it was told to calculate with.
MODELS = 4
#: A process that was killed while it counted holds up nobody, seconds.
COUNT_WITHIN = 1.0


class Counters:
    """How much the processes of this worker have done, all together."""

    def __init__(self):
        self._counts = {name: multiprocessing.Value("q") for name in ("done", "failed")}

    def get(self, name):
        """How many of these; read without a lock, which a killed process may hold."""
        return self._counts[name].get_obj().value

    def add(self, name):
        """One more of these: "done" or "failed"."""
        count = self._counts[name]
        is_ours = count.get_lock().acquire(timeout=COUNT_WITHIN)
        count.get_obj().value += 1
        if is_ours:
            count.get_lock().release()


COUNTERS = Counters()
#: hash -> ``Learned``, the oldest first; one thread of a process calculates at a time
_MODELS = {}


def ask(connection, database, call, machine=""):
    """Ask the question of a call, unless somebody has or does.

    :param connection: client of Redis
    :param str database: as of `store.Store`
    :param str call: its name
    :param str machine: the name of this one, for errors
    :return: a word that says what came of it, for the log
    """
    return _work_on(
        connection, database, call, functools.partial(_answer, machine=machine)
    )


def read(connection, database, call):
    """Read the files of a call; as `ask`."""
    return _work_on(connection, database, call, _do_pieces("documents", _read_file))


def calculate(connection, database, call):
    """Forecast the series of a call, or learn from them; as `ask`."""
    return _work_on(connection, database, call, _do_pieces("forecasts", _calculate))


def _work_on(connection, database, call, perform):
    """Do the work of a call, unless somebody has or does, or it was taken back.

    :param perform: function of (store, call, what is asked) that returns what came of
        it, as text, and a word for it
    """
    store = Store(connection, database)
    if store.is_done(call):
        return "done before"
    with store.claim(call) as is_ours:
        if not is_ours:
            return "taken"
        # What is claimed cannot be taken back: read before, it might have been since.
        # And somebody may have ended it between the first look and the claim.
        text = store.get_question(call)
        if text is None or store.is_done(call):
            store.forget_begun(call)
            return "withdrawn"
        outcome, word = perform(store, call, text)
        _put(functools.partial(store.put_answer, call, outcome), call)
    COUNTERS.add("done" if word in ("answered", "worked off") else "failed")
    return word


def _answer(_store, call, text, machine):
    """What came of a question, as text, and a word for it.

    Whatever goes wrong comes back as an error: a question that ends in none would be
    given out, and paid, again and again.
    """
    try:
        result = _ask(text, call)
        if isinstance(result, ModelError):
            return packing.pack_error(result, machine), result.cause
        return packing.pack_answer(result), "answered"
    except packing.TooLarge:
        error = fault("too_much")
    except Exception:
        _logger.exception("Call %s could not be asked", call)
        error = fault("server_error", status=500)
    error.maybe_paid = True
    return packing.pack_error(error, machine), error.cause


def _ask(text, call):
    """The ``engine.client.Answer``, or the error."""
    question, provider, limits = packing.unpack_question(text, client, call)
    endpoint = providers.make_endpoint(client, provider, limits)
    if not endpoint:
        return fault("no_connection", host=f"AI_QUEUE_BASE_URL_{provider.upper()}")
    batch = client.ask_many(endpoint, [question], in_flight=1)
    return batch.answers.get(call) or batch.errors.get(call) or batch.halt


def _do_pieces(kind, perform):
    """For `_work_on`: work on those pieces of a call that nobody has worked on.

    :param perform: function of (store, what is in a piece) that returns what came of
        it, as text, and for how long that is kept, in seconds
    """

    def do(store, call, text):
        if store.count_begins(call) > MOST_BEGINS:
            _logger.error("Call %s is left to Odoo: workers do not end it", call)
            return "", "given up"
        digests = packing.unpack_call(text, kind)
        for digest in store.get_missing(digests):
            piece = store.get_piece(digest)
            if piece is not None:
                _do_piece(store, digest, piece, perform)
        return "", "worked off" if digests else "not understood"

    return do


def _do_piece(store, digest, piece, perform):
    """Work on one; what cannot be done or sent is left to Odoo, which does it itself
    and says what is wrong with it."""
    try:
        result, seconds = perform(store, piece)
    except redis.RedisError:
        raise  # it is given out again
    except packing.TooLarge:
        _logger.warning("What came of piece %s is too large to be sent.", digest)
    except Exception:
        _logger.exception("Piece %s could not be worked on", digest)
    else:
        _put(functools.partial(store.put_result, digest, result, seconds), digest)


def _read_file(_store, piece):
    limits = Limits(patience=FILE_PATIENCE)
    try:
        document = reading.read(packing.unpack_file(piece), limits=limits)
        return packing.pack_document(document), KEEP_SECONDS
    except Unreadable as error:
        return packing.pack_unreadable(error), KEEP_SECONDS


def _calculate(store, piece):
    some, task, digest = series.unpack_series(piece, forecasting)
    if task == series.LEARN:
        found = learning.train(some)
        content = found.to_bytes() if found else b""
        return series.pack_learned(content), series.KEEP_SECONDS
    learned = _get_learned(store, digest) if digest else None
    forecasts = learning.combine(some, forecasting.forecast(some), learned)
    return series.pack_forecasts(forecasts), series.KEEP_SECONDS


def _get_learned(store, digest):
    """What was learnt, from Redis once a process."""
    if digest not in _MODELS:
        text = store.get_shared(digest)
        if text is None:
            raise EngineError("What was learnt is not there any more.")
        content = series.unpack_learned(text)
        if series.get_hash(content) != digest:
            raise EngineError("This is not what was learnt.")
        while len(_MODELS) >= MODELS:
            del _MODELS[next(iter(_MODELS))]
        _MODELS[digest] = learning.Learned.from_bytes(content)
    return _MODELS[digest]


def _put(put, what):
    """Leave something in Redis, also when that is away for a while."""
    until = time.monotonic() + PUT_SECONDS
    while True:
        try:
            put()
            return
        except redis.RedisError:
            if time.monotonic() > until:
                raise
            _logger.warning("What came of %s waits for Redis.", what)
            time.sleep(PUT_TICK)
