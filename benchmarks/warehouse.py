#!/usr/bin/env python3
"""A table of invoice lines into a warehouse: the first load, then changes.

    benchmarks/warehouse.py [--target duckdb] [--products 8000] [--lines 2000000]
    benchmarks/warehouse.py --soak 1800

Measured at a server as in production, whose jobs load batch after batch: rows a second
from *Start* to *In step*, how much the largest worker takes, how long a change takes
until a query in the warehouse could see it, and what the triggers add to a write.

``--soak`` is another thing: for so many seconds everything goes wrong that can, then
both sides are compared.
"""

import argparse
import re
import statistics
import threading
import time
from pathlib import Path

import serving  # first: it makes "dev" importable

from dev import command, process
from dev.server import HTTP
from dev.warehouse_soak import Soak

ADDON = "ai_queue_data_warehouse"
KILL_SECONDS = 20
TRIES, CHANGED, BULK = 15, 1000, 200_000
#: the triggers of a dataset note it, since it has this column
TOUCH = """
    UPDATE account_move_line SET name = name || 'x' WHERE id IN (
        SELECT id FROM account_move_line WHERE display_type = 'product'
         ORDER BY id LIMIT {count})
"""


def main(arguments):
    """``benchmarks/warehouse.py``: returns the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks/warehouse.py")
    parser.add_argument("--target", choices=("duckdb", "postgresql"), default="duckdb")
    parser.add_argument("--batch", type=int, default=50_000, help="rows a batch")
    parser.add_argument("--soak", type=int, metavar="SECONDS")
    serving.add_size(parser)
    options = parser.parse_args(arguments)
    with serving.serving("bench_warehouse", options, modules=(ADDON,)) as bench:
        if options.soak:
            return soak(bench, options.soak)
        print(serving.table(["What", "Figure"], measure(bench, options)))
    return 0


def soak(bench, seconds):
    outcome = Soak(bench.server, KILL_SECONDS).run(seconds)
    print(outcome)
    return 1 if outcome.different or outcome.twice or outcome.unknown else 0


def measure(bench, options):
    """Rows of the table."""
    idle = cost(bench)
    dataset = make(bench, options)
    with Memory(bench.server) as memory:
        seconds = load(bench, dataset)
    (row,) = bench.admin.call("ai.queue.dataset", "read", dataset, ["rows_total"])
    rows = row["rows_total"]
    yield "rows", f"{rows:,.0f}"
    yield "first load", f"{seconds:.0f} s"
    yield "rows a second", f"{rows / seconds:,.0f}"
    yield "largest worker before", f"{memory.before:.0f} MB"
    yield "largest worker while it loads", f"{memory.most:.0f} MB"
    for count in (1, CHANGED):
        yield (
            f"change of {count:,} rows → in the warehouse",
            f"{change(bench, dataset, count):.1f} s",
        )
    with_triggers = cost(bench)
    for name in idle:
        before, after = idle[name], with_triggers[name]
        yield (
            f"{name} without → with triggers",
            f"{before * 1000:.0f} → {after * 1000:.0f} ms ({after / before - 1:+.1%})",
        )


def make(bench, options):
    """The dataset of invoice lines as *Add the Usual Datasets* makes it."""
    vals = {"name": "Bench", "type": options.target, "schema": "bench"}
    if options.target == "duckdb":
        vals["file_name"] = "bench.duckdb"
    else:
        vals |= postgresql(bench)
    call = bench.admin.call
    warehouse = call("ai.queue.warehouse", "create", [vals])
    (row,) = call("ai.queue.warehouse", "read", warehouse, ["file_path"])
    if row["file_path"]:
        Path(row["file_path"]).unlink(missing_ok=True)
    call("ai.queue.warehouse", "action_add_usual", warehouse)
    domain = [("warehouse_id", "=", warehouse[0]), ("table", "=", "invoice_lines")]
    dataset = call("ai.queue.dataset", "search", domain)
    call("ai.queue.dataset", "write", dataset, {"batch_rows": options.batch})
    return dataset


def postgresql(bench):
    """Another database of the same server, through a port of its own."""
    from dev.warehouse_soak import Gate

    name = "bench_warehouse_target"
    cluster = bench.server.cluster
    cluster.drop_database(name)
    cluster.create_database(name)
    return {
        "host": "127.0.0.1",
        "port": Gate(cluster, share=0).port,
        "database": name,
        "login": cluster.environment()["PGUSER"],
        "password": "none",
        "sslmode": "disable",
    }


def load(bench, dataset):
    begun = time.perf_counter()
    bench.admin.call("ai.queue.dataset", "action_start", dataset)
    wait(bench, dataset)
    return time.perf_counter() - begun


def wait(bench, dataset):
    def is_in_step():
        (row,) = bench.admin.call(
            "ai.queue.dataset", "read", dataset, ["state", "waiting", "error"]
        )
        assert row["state"] != "failed", row["error"]
        return row["state"] == "live" and not row["waiting"]

    process.wait_until(is_in_step, "the dataset in step", 3600, interval=0.2)


def change(bench, dataset, count):
    """Seconds until a change of so many rows is in the warehouse: the middle of three.

    By SQL: the cron that looks at the log is not waited for, people's own writes press.
    """
    lines = bench.admin.call(
        "account.move.line",
        "search",
        [("display_type", "=", "product")],
        limit=count,
    )
    took = []
    for turn in range(3):
        begun = time.perf_counter()
        bench.admin.call("account.move.line", "write", lines, {"name": f"Turn {turn}"})
        wait(bench, dataset)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def cost(bench):
    """{what is written: seconds, the least of some tries}, all of it rolled back."""
    found = {}
    for count, tries in ((CHANGED, TRIES), (BULK, 3)):
        statement = TOUCH.format(count=count)
        times = [_time(bench, statement) for _try in range(tries)]
        found[f"UPDATE of {count:,} lines"] = min(times)
    return found


def _time(bench, statement):
    # explain.analyze counts triggers, and leaves out the start of psql
    plan = bench.server.cluster.execute(
        f"BEGIN; EXPLAIN (ANALYZE, TIMING OFF) {statement}; ROLLBACK",
        bench.server.database,
    )
    return float(re.search(r"Execution Time: ([\d.]+)", plan)[1]) / 1000


class Memory:
    """What the largest worker has resident, looked at again and again."""

    def __init__(self, server):
        self.server, self.before, self.most = server, 0.0, 0.0
        self._ending = threading.Event()

    def __enter__(self):
        self.before = self._look()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def __exit__(self, *_raised):
        self._ending.set()
        self._watcher.join()

    def _watch(self):
        while not self._ending.wait(0.2):
            self.most = max(self.most, self._look())

    def _look(self):
        sizes = [0.0]
        for pid in self.server.processes(HTTP):
            try:
                text = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue  # it has ended
            if found := re.search(r"VmRSS:\s+(\d+)", text):
                sizes.append(int(found[1]) / 1000)
        return max(sizes)


if __name__ == "__main__":
    command.run(main)
