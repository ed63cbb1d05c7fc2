"""What Odoo and the workers tell each other through Redis, beside Celery's messages.

A message names a call and no more. Its question lies in Redis until it is answered, and
its answer from the very moment that it is there until the ledger has it. Celery
delivers a message again whenever it is not sure; so who works on a call claims it, says
again and again that he is alive, and one that is done stays known as done for a day.

Keys, of a database ``DB`` and a call ``N``, which is named NUMBER-WORD by its number in
the ledger and what it asks::

    ai_queue:DB:question:N   what is asked; gone when it is answered or too old
    ai_queue:DB:claim:N      who works on it, for seconds at a time
    ai_queue:DB:done:N       it was answered
    ai_queue:DB:answer:N     what came of it
    ai_queue:DB:arrived      stream of calls with an answer that nobody has taken yet
    ai_queue:DB:running      hash of calls that somebody has begun with
    ai_queue:workers         hash of workers: what each says of itself

All of them expire.

Work that is no question to a model (files that are to be read, series that are to be
forecast or learnt from) has a store of its own. It goes in pieces, each known by the
hash of what is in it and of the code that works on it; a call of a job names some of
them, and is itself named ROW-KIND-WORD::

    ai_queue:DB:files:piece:H     what is in it; gone when it was worked on
    ai_queue:DB:files:result:H    what came of it
    ai_queue:DB:files:shared:H    what several pieces name: what was learnt
    ai_queue:DB:files:begins:N    how often a worker has begun with a call
    ai_queue:DB:files:given:ROW   the calls that a job has given out
    ai_queue:DB:files:givers      the jobs that have given out any
    ai_queue:DB:files:passing:ROW the pieces whose results nobody needs after that job
    ai_queue:DB:files:kept:ROW    what a job has gathered, for its next turn
"""

import json
import threading
import time
import uuid
from contextlib import contextmanager, suppress
from itertools import accumulate

import redis

from .packing import MAX_BYTES

#: A claim lasts for so long without a sign of life, and is renewed so often, seconds.
CLAIM_SECONDS = 10.0
BEAT_SECONDS = 2.5
#: Answers that nobody takes, and that a call is done, are kept for so long, seconds.
KEEP_SECONDS = 24 * 60 * 60
#: A question that no worker has begun with is not asked any more after this, seconds.
QUESTION_SECONDS = 30 * 60
#: A worker that has not been heard of for so long is gone, and forgotten, seconds.
GONE_SECONDS = 15
FORGET_SECONDS = 60 * 60
WORKERS = "ai_queue:workers"
KINDS = ("models", "documents", "forecasts")
#: Answers that are read at a time, all together, bytes.
MAX_READ = 4 * MAX_BYTES
#: Redis that does not answer in this time is not there, seconds.
ANSWERS_WITHIN = 5.0

# Only who holds a claim may renew or end it; also when there is no room for another.
_RENEW = """
local owner = redis.call('get', KEYS[1])
if owner == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
if owner then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return 1
"""
_RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""
# A question that nobody has begun with is taken back; one that is asked is not.
_WITHDRAW = """
if redis.call('exists', KEYS[1], KEYS[2]) > 0 then return 0 end
redis.call('del', KEYS[3])
redis.call('hdel', KEYS[4], ARGV[1])
return 1
"""


def connect(url, **options):
    """A client of Redis.

    :param str url: as ``redis://:PASSWORD@HOST:6379/0``; ``rediss://`` for TLS
    """
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        # What is no text was not written by a worker, and stops nobody.
        encoding_errors="replace",
        socket_connect_timeout=ANSWERS_WITHIN,
        socket_timeout=options.pop("socket_timeout", ANSWERS_WITHIN),
        health_check_interval=30,
        **options,
    )


class Store:
    """What concerns one database of Odoo.

    :param client: as of `connect`
    :param str database: by which name Odoo and the workers know it
    """

    def __init__(self, client, database):
        self.client = client
        self.database = database
        self._renew = client.register_script(_RENEW)
        self._release = client.register_script(_RELEASE)
        self._withdraw = client.register_script(_WITHDRAW)

    def key(self, name, call=None):
        """The key of something of a call, or of all calls together."""
        parts = ("ai_queue", self.database, name, *([] if call is None else [call]))
        return ":".join(map(str, parts))

    # ------------------------------------------------------------ Odoo's side

    def put_questions(self, questions):
        """Leave questions for the workers; again, it changes nothing.

        :param dict questions: call -> as `packing.pack_question` made it
        """
        with self.client.pipeline(transaction=False) as pipe:
            for call, text in questions.items():
                pipe.set(self.key("question", call), text, ex=QUESTION_SECONDS)
            pipe.execute()

    def withdraw(self, call):
        """Take a question back.

        :return: whether it is certain that nobody asks it, or has asked it
        """
        names = ("claim", "done", "question")
        keys = [*(self.key(name, call) for name in names), self.key("running")]
        return bool(self._withdraw(keys=keys, args=[call]))

    def look(self, calls):
        """How calls are.

        :return: {call: "answered", "running", "done" (and the answer was taken, or is
            lost), "begun" (by a worker that says nothing any more, or for a moment),
            "waiting" or "unknown"}
        """
        names = ("answer", "claim", "done")
        with self.client.pipeline(transaction=False) as pipe:
            for call in calls:
                for name in names:
                    pipe.exists(self.key(name, call))
                pipe.hexists(self.key("running"), call)
                pipe.exists(self.key("question", call))
            found = iter(pipe.execute())
        words = ("answered", "running", "done", "begun", "waiting")
        known = {}
        for call in calls:
            marks = [next(found) for _word in words]
            # One that was begun and has no question is of no use to anybody.
            marks[3] = marks[3] and marks[4]
            known[call] = next(
                (word for word, is_so in zip(words, marks, strict=True) if is_so),
                "unknown",
            )
        return known

    def count_arrived(self):
        """How many answers nobody has taken yet."""
        return self.client.xlen(self.key("arrived"))

    def get_arrived(self, count):
        """Answers that nobody has taken yet, the oldest first.

        :return: list of (entry for `forget`, call, its text or None)
        """
        found = self.client.xread({self.key("arrived"): "0"}, count=count)
        if isinstance(found, dict):  # newer clients
            found = list(found.items())
        entries = found[0][1] if found else []
        if entries and isinstance(entries[0], list):
            entries = entries[0]
        if not entries:
            return []
        calls = [values.get("call", "") for _entry, values in entries]
        texts = self._read_answers(calls)
        return [
            (entry, call, text)
            for (entry, _values), call, text in zip(entries, calls, texts, strict=False)
        ]

    def get_answers(self, calls):
        """What came of some calls, whether anybody said that it is there or not.

        :return: {call: text}
        """
        calls = list(calls)
        texts = zip(calls, self._read_answers(calls), strict=False)
        return {call: text for call, text in texts if text is not None}

    def _read_answers(self, calls):
        """The answers to the first of these calls, as many as are read at a time: ""
        for one that is larger than any may be."""
        names = [self.key("answer", call) for call in calls]
        with self.client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.strlen(name)
            sizes = [min(size, MAX_BYTES + 1) for size in pipe.execute()]
        names = names[: sum(upto <= MAX_READ for upto in accumulate(sizes))]
        fit = [
            name for name, size in zip(names, sizes, strict=False) if size <= MAX_BYTES
        ]
        found = dict(zip(fit, self.client.mget(fit) if fit else (), strict=True))
        return [found.get(name, "") for name in names]

    def forget(self, entries, calls):
        """These answers are in the ledger."""
        with self.client.pipeline(transaction=False) as pipe:
            if entries:
                pipe.xdel(self.key("arrived"), *entries)
            if calls:
                pipe.delete(*(self.key("answer", call) for call in calls))
            pipe.execute()

    def find_abandoned(self):
        """Calls that somebody has begun with who is not there any more."""
        calls = self.client.hkeys(self.key("running"))
        with self.client.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.exists(self.key("claim", call))
                pipe.exists(self.key("question", call))
            found = pipe.execute()
        abandoned = []
        for call, is_claimed, is_asked in zip(
            calls, found[::2], found[1::2], strict=True
        ):
            if not is_asked and not is_claimed:
                self.client.hdel(self.key("running"), call)
            elif not is_claimed:
                abandoned.append(call)
        return abandoned

    # ------------------------------------------------------------ pieces, both sides

    def put_pieces(self, pieces):
        """Leave pieces of work.

        :param dict pieces: hash -> what is in it, as text
        """
        with self.client.pipeline(transaction=False) as pipe:
            for digest, text in pieces.items():
                pipe.set(self.key("piece", digest), text, ex=QUESTION_SECONDS)
            pipe.execute()

    def get_piece(self, digest):
        """What is in a piece; None when it is not to be worked on any more."""
        return self.client.get(self.key("piece", digest))

    def put_result(self, digest, text, seconds=KEEP_SECONDS):
        """Leave what came of a piece, for as long as it may be asked for again."""
        with self._making_room(self.key("piece", digest)) as pipe:
            pipe.set(self.key("result", digest), text, ex=int(seconds))

    @contextmanager
    def _making_room(self, name):
        """Write what came of something in place of it, all or nothing.

        Yields a pipeline, which is executed at the end. Redis that is full refuses all
        of it, although it is to be fuller by less.
        """
        with self.client.pipeline(transaction=True) as pipe:
            yield pipe
            commands = list(pipe.command_stack)
            pipe.delete(name)
            try:
                pipe.execute()
            except redis.exceptions.OutOfMemoryError:
                self.client.delete(name)
                pipe.command_stack = commands
                pipe.execute()

    def has_room(self):
        """Whether Redis has room for work: one half is for what comes of it."""
        info = self.client.info("memory")
        return not info.get("maxmemory") or info["used_memory"] < info["maxmemory"] / 2

    def get_result(self, digest):
        """What came of a piece; None when nobody has worked on it."""
        return self.client.get(self.key("result", digest))

    def get_missing(self, digests):
        """Those of these pieces that nobody has worked on."""
        digests = list(digests)
        with self.client.pipeline(transaction=False) as pipe:
            for digest in digests:
                pipe.exists(self.key("result", digest))
            found = pipe.execute()
        return [one for one, is_done in zip(digests, found, strict=True) if not is_done]

    def put_shared(self, digest, pack):
        """Leave what pieces name, unless it is there: then for as long again.

        :param pack: function that makes the text of it
        """
        name = self.key("shared", digest)
        if not self.client.expire(name, 2 * QUESTION_SECONDS):
            self.client.set(name, pack(), ex=2 * QUESTION_SECONDS)

    def get_shared(self, digest):
        """What pieces name by this hash; None when it is not there any more."""
        return self.client.get(self.key("shared", digest))

    def note_given(self, row, call, passing=()):
        """A job gives out a call.

        :param row: its number
        :param passing: hashes of pieces whose results nobody needs after it
        :return: how many different calls it has given out by now
        """
        sets = {"givers": [row], "given": [call], "passing": list(passing)}
        with self.client.pipeline(transaction=True) as pipe:
            for name, members in sets.items():
                if members:
                    key = self.key(name, None if name == "givers" else row)
                    pipe.sadd(key, *members)
                    pipe.expire(key, KEEP_SECONDS)
            pipe.scard(self.key("given", row))
            return pipe.execute()[-1]

    def get_givers(self):
        """Numbers of the jobs that have given out something, as texts."""
        return self.client.smembers(self.key("givers"))

    def take_back(self, row):
        """What a job has given out and nobody has begun with is not to be worked on."""
        for call in self.client.smembers(self.key("given", row)):
            self.withdraw(call)

    def end_given(self, row):
        """A job has ended: all is taken back, and nothing of it is left."""
        self.take_back(row)
        passing = self.client.smembers(self.key("passing", row))
        names = [self.key(name, row) for name in ("given", "passing", "kept")]
        names += [
            self.key(name, one) for one in passing for name in ("piece", "result")
        ]
        with self.client.pipeline(transaction=True) as pipe:
            pipe.srem(self.key("givers"), row)
            pipe.delete(*names)
            pipe.execute()

    def put_kept(self, row, text):
        """Keep what a job has gathered for its next turn."""
        self.client.set(self.key("kept", row), text, ex=2 * QUESTION_SECONDS)

    def get_kept(self, row):
        """What a job has kept; None for nothing."""
        return self.client.get(self.key("kept", row))

    def count_begins(self, call):
        """Begin with a call; how often that was done by now."""
        with self.client.pipeline(transaction=True) as pipe:
            pipe.incr(self.key("begins", call))
            pipe.expire(self.key("begins", call), KEEP_SECONDS)
            return pipe.execute()[0]

    # ------------------------------------------------------------ a worker's side

    def is_done(self, call):
        """Whether somebody has answered it already."""
        return bool(self.client.exists(self.key("done", call)))

    def get_question(self, call):
        """What is asked, as `packing.pack_question` made it; None when it is not to be
        asked any more."""
        return self.client.get(self.key("question", call))

    @contextmanager
    def claim(self, call):
        """Be the one who works on a call, until the block ends.

        Yields whether that is so: if not, another one is at it. Should he die, the call
        is found, since it stands among those that were begun.
        """
        owner, name = uuid.uuid4().hex, self.key("claim", call)
        lasts = int(CLAIM_SECONDS * 1000)
        with self.client.pipeline(transaction=False) as pipe:
            pipe.hset(self.key("running"), call, owner)
            pipe.expire(self.key("running"), KEEP_SECONDS)
            pipe.execute()
        if not self.client.set(name, owner, px=lasts, nx=True):
            yield False
            return
        ended = threading.Event()
        beat = threading.Thread(
            target=self._beat, args=(name, owner, lasts, ended), daemon=True
        )
        beat.start()
        try:
            yield True
        finally:
            ended.set()
            beat.join()
            # Else it ends by itself.
            with suppress(redis.RedisError):
                self._release(keys=[name], args=[owner])

    def forget_begun(self, call):
        """Who has claimed a call has found nothing to do."""
        self.client.hdel(self.key("running"), call)

    def _beat(self, name, owner, lasts, ended):
        while not ended.wait(BEAT_SECONDS):
            try:
                self._renew(keys=[name], args=[owner, lasts])
            except redis.RedisError:
                continue  # it may be there again the next time

    def put_answer(self, call, text):
        """Leave what came of a call, all of it or nothing; again, it changes nothing.

        :raise redis.RedisError: it is not there
        """
        with self._making_room(self.key("question", call)) as pipe:
            pipe.set(self.key("answer", call), text, ex=KEEP_SECONDS)
            pipe.set(self.key("done", call), 1, ex=KEEP_SECONDS)
            pipe.xadd(self.key("arrived"), {"call": call})
            pipe.expire(self.key("arrived"), KEEP_SECONDS)
            pipe.hdel(self.key("running"), call)


def wait_for_arrived(client, stores, seconds):
    """Wait until one of these has an answer that nobody has taken yet.

    :return: whether there is one
    """
    names = {each.key("arrived"): "0" for each in stores}
    return bool(client.xread(names, count=1, block=max(1, int(seconds * 1000))))


def say_hello(client, name, values):
    """Tell the others of a worker; its time is that of Redis, the same for all."""
    text = json.dumps({**values, "seen": get_time(client)})
    with client.pipeline(transaction=False) as pipe:
        pipe.hset(WORKERS, name, text)
        pipe.expire(WORKERS, KEEP_SECONDS)
        pipe.execute()


def say_goodbye(client, name):
    """A worker has ended in order."""
    client.hdel(WORKERS, name)


def get_workers(client):
    """What the workers say of themselves that are there.

    :return: {name: dict}, with ``age``, the seconds since
    """
    now, found = get_time(client), {}
    for name, text in client.hgetall(WORKERS).items():
        try:
            values = _read_worker(text)
        except (ValueError, KeyError, TypeError, ArithmeticError):
            continue  # of another version, or not of a worker at all
        values["age"] = now - values["seen"]
        if values["age"] > FORGET_SECONDS:
            client.hdel(WORKERS, name)
        elif abs(values["age"]) <= GONE_SECONDS:
            found[_read_text(name)] = values
    return found


def _read_worker(text):
    said = json.loads(text)
    values = {name: read(said[name]) for name, read in _SAID.items()}
    if values["kind"] not in KINDS:
        raise ValueError("There is no such kind of worker.")
    return values


def _read_text(value):
    return str(value)[:100].replace("\0", "")


def _read_count(value):
    return max(0, min(int(value), 10**9))


#: what a worker says of itself
_SAID = {
    **dict.fromkeys(("host", "kind", "code"), _read_text),
    **dict.fromkeys(
        ("version", "concurrency", "running", "done", "failed"), _read_count
    ),
    **dict.fromkeys(("clock", "seen"), float),
    "providers": lambda names: [_read_text(name) for name in names],
}


def clock():
    """The time of this machine, seconds since 1970."""
    return time.time()


def get_time(client):
    """The time of Redis, seconds since 1970."""
    seconds, micro = client.time()
    return seconds + micro / 1e6
