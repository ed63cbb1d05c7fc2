"""A dataset kept in step while everything goes wrong, and both sides compared.

People write and delete, transactions stay open for long, workers are killed, and one in
ten connections to the warehouse breaks off. The warehouse is another database of the
same PostgreSQL server, behind a gate that does the breaking.
"""

import random
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from .client import Client, Refused
from .process import wait_until
from .server import HTTP

WAREHOUSE = "warehouse_soak"
MARK, SCHEMA, TABLE = "soak", "odoo", "partners"
COLUMNS = ("name", "ref", "city")
#: of the connections, so many break off; within so many bytes
BROKEN, BYTES = 0.1, 40_000
CHUNK = 65_536
ROWS, WRITERS, PAUSE = 400, 2, 0.3
LONG_SECONDS, SETTLE_SECONDS, BATCHES_SECONDS = 8, 300, 300
#: What was killed and broken off several times in a row is put off for a long time.
SOONER = """
    UPDATE queue_job SET eta = NULL WHERE state = 'pending'
       AND eta > (now() AT TIME ZONE 'UTC') + interval '30 seconds'
"""


@dataclass
class Outcome:
    """What went on, and what is different in the end: (id, …) of the rows."""

    seconds: float = 0
    statements: int = 0
    transactions: int = 0
    kills: int = 0
    connections: int = 0
    broken: int = 0
    batches: int = 0
    attempts: int = 0
    rows: int = 0
    settled: float = 0
    different: tuple = ()
    twice: tuple = ()
    unknown: tuple = ()


class Gate:
    """A port that leads to a PostgreSQL server, and breaks off one in ten times."""

    def __init__(self, cluster, share=BROKEN):
        self.path = str(cluster.host / ".s.PGSQL.5432")
        self.share, self.connections, self.broken = share, 0, 0
        self._random = random.Random(7)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        with suppress(OSError):  # it was closed
            while True:
                client, _address = self._listener.accept()
                self.connections += 1
                left = None
                if self._random.random() < self.share:
                    self.broken += 1
                    left = self._random.randrange(BYTES)
                self._connect(client, left)

    def _connect(self, client, left):
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.path)
        except OSError:
            client.close()
            return
        for source, target, most in ((client, server, left), (server, client, None)):
            threading.Thread(
                target=self._copy, args=(source, target, most), daemon=True
            ).start()

    def _copy(self, source, target, most):
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if most is not None:
                    most -= len(data)
                    if most < 0:
                        break
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


class Soak:
    """See above; ``run`` does it.

    :param float kill_seconds: a worker is killed as often; None: by nobody
    :param tolerated: exceptions of the database server, where somebody restarts it
    :param float pause: of a writer; who creates rows for hours has to take their time,
        for each update is of a share of all
    """

    def __init__(self, server, kill_seconds, tolerated=(), pause=PAUSE):
        self.server, self.cluster = server, server.cluster
        self.kill_seconds, self.tolerated = kill_seconds, tolerated
        self.pause = pause
        self.admin = Client(server.url, server.database, "admin", "admin")
        self.outcome = Outcome()
        self._dataset = None
        self._ending = threading.Event()
        self._lock = threading.Lock()

    def run(self, seconds, batches=0):
        """Let it go on for so long, and see what became of it: ``Outcome``.

        :param int batches: and until so many are there, however slow the machine is
        """
        with self.under_way():
            time.sleep(seconds)
            wait_until(
                lambda: len(self._find_done()) >= batches,
                f"{batches} batches",
                BATCHES_SECONDS,
                interval=1,
            )
        self.outcome.seconds = seconds
        return self.outcome

    def _find_done(self):
        """The keys of the batches that are done."""
        return self._list(
            "SELECT key FROM ai_queue_dataset_batch WHERE state = 'done' "
            f"AND dataset_id = {self._dataset}",
            self.server.database,
        )

    @contextmanager
    def under_way(self):
        """It goes on until the block ends; then ``outcome`` tells what became of it."""
        self.cluster.drop_database(WAREHOUSE)
        self.cluster.create_database(WAREHOUSE)
        gate = Gate(self.cluster)
        try:
            self._create(range(ROWS))
            dataset = self._start(gate)
            self._dataset = dataset[0]
            with self._trouble():
                yield
            began = time.monotonic()
            self._settle(dataset)
            self.outcome.settled = time.monotonic() - began
        finally:
            gate.close()
        self.outcome.connections, self.outcome.broken = gate.connections, gate.broken
        self._compare(dataset)

    def _create(self, numbers):
        vals = [{"name": f"Soak {n}", "ref": MARK, "city": "0"} for n in numbers]
        self.admin.call("res.partner", "create", vals)

    def _start(self, gate):
        user = self.cluster.environment()["PGUSER"]
        warehouse = self.admin.call(
            "ai.queue.warehouse",
            "create",
            [
                {
                    "name": "Soak",
                    "type": "postgresql",
                    "host": "127.0.0.1",
                    "port": gate.port,
                    "database": WAREHOUSE,
                    "login": user,
                    "password": "none",
                    "sslmode": "disable",
                    "schema": SCHEMA,
                }
            ],
        )
        [model] = self.admin.call("ir.model", "search", [("model", "=", "res.partner")])
        domain = [("model_id", "=", model), ("name", "in", COLUMNS)]
        found = self.admin.call("ir.model.fields", "search", domain)
        dataset = self.admin.call(
            "ai.queue.dataset",
            "create",
            [
                {
                    "name": "Soak",
                    "warehouse_id": warehouse[0],
                    "model_id": model,
                    "table": TABLE,
                    "domain": repr([("ref", "=", MARK)]),
                    "batch_rows": 2_000,
                    "gap_seconds": 1,
                    "field_ids": [(0, 0, {"field_id": each}) for each in found],
                }
            ],
        )
        self.admin.call("ai.queue.dataset", "action_start", dataset)
        return dataset

    # ---------------------------------------------------------------- trouble

    @contextmanager
    def _trouble(self):
        workers = [
            *(threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)),
            threading.Thread(target=self._stay_open),
        ]
        if self.kill_seconds:
            workers.append(threading.Thread(target=self._kill))
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            self._ending.set()
            for worker in workers:
                worker.join()

    def _write(self, number):
        dice = random.Random(number)
        while not self._ending.is_set():
            rest = dice.randrange(1, 17)
            what = dice.choice(("update", "update", "delete", "create"))
            if what == "update":
                self._execute(
                    f"UPDATE res_partner SET city = '{dice.random()}' "
                    f"WHERE ref = '{MARK}' AND id % 17 = {rest}"
                )
            elif what == "delete":
                self._execute(
                    "DELETE FROM res_partner WHERE id IN (SELECT id FROM res_partner "
                    f"WHERE ref = '{MARK}' AND id % 17 = {rest} LIMIT 5)"
                )
            else:
                with suppress(OSError, Refused):  # its worker was killed
                    self._create(range(10))
                    self._count("statements")
            self._ending.wait(self.pause)

    def _stay_open(self):
        """What was written first is committed last."""
        number = 0
        while not self._ending.is_set():
            number += 1
            self._execute(
                f"BEGIN; UPDATE res_partner SET city = 'late {number}' "
                f"WHERE ref = '{MARK}' AND id % 17 = 0; "
                f"SELECT pg_sleep({LONG_SECONDS}); COMMIT",
                "transactions",
            )

    def _kill(self):
        while not self._ending.wait(self.kill_seconds):
            self.outcome.kills += len(self.server.kill_processes(HTTP))

    def _execute(self, statement, what="statements"):
        with suppress(*self.tolerated):
            self.cluster.execute(statement, self.server.database)
            self._count(what)

    def _count(self, what):
        with self._lock:
            setattr(self.outcome, what, getattr(self.outcome, what) + 1)

    # ----------------------------------------------------------------- the end

    def _settle(self, dataset):
        """Nobody writes any more: it comes to its end, without its longest breaks."""
        self.server.wait_until_ready()

        def is_quiet():
            with suppress(OSError, Refused):
                self.cluster.execute(SOONER, self.server.database)
                (row,) = self.admin.call(
                    "ai.queue.dataset", "read", dataset, ["state", "waiting"]
                )
                return row["state"] == "live" and not row["waiting"]
            return False

        wait_until(is_quiet, "the end of all changes", SETTLE_SECONDS, interval=1)

    def _compare(self, dataset):
        outcome = self.outcome
        listed = ", ".join(("id", *COLUMNS))
        here = self._rows(
            f"SELECT {listed} FROM res_partner WHERE ref = '{MARK}' AND active",
            self.server.database,
        )
        there = self._rows(f"SELECT {listed} FROM {SCHEMA}.{TABLE}", WAREHOUSE)
        outcome.rows, outcome.different = len(here), tuple(here ^ there)
        keys = self._list(f"SELECT key FROM {SCHEMA}._ai_queue_batch", WAREHOUSE)
        outcome.twice = tuple(sorted({key for key in keys if keys.count(key) > 1}))
        done = self._find_done()
        outcome.batches = len(done)
        outcome.unknown = tuple(set(done) ^ set(keys))
        (attempts,) = self._list(
            f"SELECT sum(attempt) FROM ai_queue_dataset_batch "
            f"WHERE dataset_id = {dataset[0]}",
            self.server.database,
        )
        outcome.attempts = int(attempts)

    def _list(self, query, database):
        return self.cluster.execute(query, database).splitlines()

    def _rows(self, query, database):
        return set(self._list(query, database))
