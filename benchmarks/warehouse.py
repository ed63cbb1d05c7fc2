#!/usr/bin/env python3
"""A table of invoice lines into a warehouse: the first load, then changes.

    benchmarks/warehouse.py [--target duckdb postgresql] [--lines 2000000]
    benchmarks/warehouse.py --soak 1800

Measured at a server as in production, whose jobs load batch after batch: rows a second
from *Start* to *In step* (and to the Parquet file), beside a mere COPY of the same rows
just before and after it; the processor's time that takes, how much the largest worker
takes, what people who read lists notice of it, how long a change takes until a query in
the warehouse could see it, and what the triggers add to a write.

``--soak`` is another thing: for so many seconds everything goes wrong that can, then
both sides are compared.
"""

import argparse
import itertools
import os
import re
import statistics
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import people
import serving  # first: it makes "dev" importable

from dev import command, postgres, process
from dev.server import HTTP
from dev.warehouse_soak import Soak

ADDON = "ai_queue_data_warehouse"
TARGETS = ("duckdb", "postgresql")
KILL_SECONDS = 20
TRIES, CHANGED, BULK = 25, 1000, 200_000
#: who reads lists of products meanwhile, how often, and how long without anything else
READERS, PACE, IDLE_SECONDS = 3, 1.0, 20
USER = ("base.group_user", "ai_queue.ai_queue_group_user")
TICKS = os.sysconf("SC_CLK_TCK")
TRIGGER = "ai_queue_change_update"
DUCKDB = TARGETS[0]
#: the columns of the usual dataset, as they lie in the table
COPY = """
    SET max_parallel_workers_per_gather = 0;
    COPY (
        SELECT id, move_id, name, product_id, account_id, partner_id, quantity,
               product_uom_id, price_unit, discount, price_subtotal, balance,
               currency_id, date, parent_state, company_id, create_date, write_date
          FROM account_move_line WHERE display_type = 'product'
    ) TO STDOUT WITH (FORMAT csv)
"""
#: the triggers of a dataset note it, since it has this column
TOUCH = """
    UPDATE account_move_line SET name = name || 'x' WHERE id IN (
        SELECT id FROM account_move_line WHERE display_type = 'product'
         ORDER BY id LIMIT {count})
"""


def main(arguments):
    """``benchmarks/warehouse.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench warehouse", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--target", nargs="+", choices=TARGETS, default=TARGETS)
    parser.add_argument("--batch", type=int, default=50_000, help="rows a batch")
    parser.add_argument("--soak", type=int, metavar="SECONDS")
    serving.add_size(parser)
    options = parser.parse_args(arguments)
    # A long one may go on while others are measured.
    name = "bench_warehouse_soak" if options.soak else "bench_warehouse"
    with serving.serving(name, options, modules=(ADDON,)) as bench:
        if options.soak:
            return soak(bench, options.soak)
        for target in options.target:
            rows = measure(bench, target, options)
            print(serving.table([f"Into {target}", "Figure"], rows), flush=True)
    return 0


def soak(bench, seconds):
    outcome = Soak(bench.server, KILL_SECONDS).run(seconds)
    print(outcome)
    return 1 if outcome.different or outcome.twice or outcome.unknown else 0


def measure(bench, target, options):
    """Rows of the table."""
    dataset = make(bench, target, options)
    begun_load = os.getloadavg()[0]
    copied = [copy(bench)]
    with reading(bench, options) as moments:
        before = people.span(IDLE_SECONDS)
        with Watch(bench.server) as watch:
            begun = time.monotonic()
            load(bench, dataset)
            meanwhile = (begun, time.monotonic())
            parquet = wait_parquet(bench, dataset, begun) if target == DUCKDB else 0
        after = people.span(IDLE_SECONDS)
    copied.append(copy(bench))
    seconds = meanwhile[1] - meanwhile[0]
    (row,) = bench.admin.call("ai.queue.dataset", "read", dataset, ["rows_total"])
    rows = row["rows_total"]
    yield "rows", f"{rows:,.0f}"
    yield "first load", f"{seconds:.0f} s"
    yield "rows a second", f"{rows / seconds:,.0f}"
    if parquet:
        yield "rows a second, to the Parquet file", f"{rows / parquet:,.0f}"
    raw = statistics.mean(copied)
    yield (
        "a mere COPY of these rows, before and after",
        f"{copied[0]:.0f} and {copied[1]:.0f} s ({raw / seconds:.0%} of the load)",
    )
    for name, spent in watch.spent.items():
        share = f"{spent / rows * 1e6:.1f} s a million rows"
        yield f"processor, {name}", f"{spent:.1f} s, {share}"
    yield (
        "load of the machine before, after",
        (f"{begun_load:.1f}, {os.getloadavg()[0]:.1f}"),
    )
    yield "largest worker before", f"{watch.before:.0f} MB"
    yield "largest worker while it loads", f"{watch.most:.0f} MB"
    idle = people.figures(moments(), [before, after])
    busy = people.figures(moments(), [meanwhile])
    yield (
        "pages that people read, idle → meanwhile",
        f"{idle.rate:.2f} → {busy.rate:.2f} a second ({busy.rate / idle.rate:.1%})",
    )
    yield (
        "one page, median and 95 %, idle → meanwhile",
        f"{idle.p50 * 1000:.0f}, {idle.p95 * 1000:.0f} → "
        f"{busy.p50 * 1000:.0f}, {busy.p95 * 1000:.0f} ms",
    )
    for count in (1, CHANGED):
        yield (
            f"change of {count:,} rows → in the warehouse",
            f"{change(bench, dataset, count):.1f} s",
        )
    # Triggers do not know the target: they are measured once.
    is_last = target == options.target[-1]
    for count, tries in ((CHANGED, TRIES), (BULK, 3)) if is_last else ():
        without, with_them = cost(bench, count, tries)
        yield (
            f"UPDATE of {count:,} lines without → with triggers",
            f"{without * 1000:.0f} → {with_them * 1000:.0f} ms "
            f"({with_them / without - 1:+.1%})",
        )
    bench.admin.call("ai.queue.dataset", "action_stop", dataset)


def copy(bench):
    """Seconds that PostgreSQL takes to write the columns of the dataset as a file."""
    cluster = bench.server.cluster
    begun = time.perf_counter()
    cluster.client(
        *("psql", "--no-psqlrc", "--quiet", f"--username={postgres.USER}"),
        *("--output=/dev/null", "--set=ON_ERROR_STOP=1"),
        *(f"--dbname={bench.server.database}", "--command", COPY),
        check=True,
    )
    return time.perf_counter() - begun


def wait_parquet(bench, dataset, begun):
    """Seconds from the start until the Parquet file is there."""

    def is_written():
        (row,) = bench.admin.call("ai.queue.dataset", "read", dataset, ["date_parquet"])
        return bool(row["date_parquet"])

    process.wait_until(is_written, "the Parquet file", 600, interval=0.2)
    return time.monotonic() - begun


@contextmanager
def reading(bench, options):
    """People who read; a function that tells what each request took so far."""
    crowd = people.hire(bench.admin, bench.server.url, READERS, USER)
    pages = itertools.cycle(range(max(1, options.products // people.PAGE)))
    readers = [
        people.Person(
            client,
            lambda who: people.read_products(who, next(pages)),
            pace=PACE,
            offset=PACE / READERS * number,
        )
        for number, client in enumerate(crowd)
    ]
    for client in crowd * 10:
        people.read_products(client, next(pages))
    for reader in readers:
        reader.start()
    try:
        yield lambda: [each for reader in readers for each in reader.moments]
    finally:
        for reader in readers:
            reader.stop()


def make(bench, target, options):
    """The dataset of invoice lines as *Add the Usual Datasets* makes it."""
    vals = {"name": f"Bench {target}", "type": target, "schema": "bench"}
    if target == DUCKDB:
        vals |= {"file_name": "bench.duckdb", "parquet": True}
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
    """Seconds from the end of a write of so many rows until they are in the warehouse:
    the middle of three."""
    lines = bench.admin.call(
        "account.move.line",
        "search",
        [("display_type", "=", "product")],
        limit=count,
    )
    took = []
    for turn in range(3):
        bench.admin.call("account.move.line", "write", lines, {"name": f"Turn {turn}"})
        begun = time.perf_counter()
        wait(bench, dataset)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def cost(bench, count, tries):
    """Seconds that a statement takes without and with triggers, by turns: the median of
    each; all of it rolled back."""
    statement = TOUCH.format(count=count)
    times = {False: [], True: []}
    for _try, is_on in itertools.product(range(tries), (False, True)):
        times[is_on].append(_time(bench, statement, is_on))
    return tuple(map(statistics.median, times.values()))


def _time(bench, statement, is_on):
    off = "" if is_on else f"ALTER TABLE account_move_line DISABLE TRIGGER {TRIGGER};"
    # It counts triggers, and leaves out the start of psql.
    plan = bench.server.cluster.execute(
        f"BEGIN; {off} EXPLAIN (ANALYZE, TIMING OFF) {statement}; ROLLBACK",
        bench.server.database,
    )
    return float(re.search(r"Execution Time: ([\d.]+)", plan)[1]) / 1000


class Watch:
    """What the largest worker has resident, and the processor's time that Odoo and
    PostgreSQL spend; looked at again and again."""

    def __init__(self, server):
        self.server, self.before, self.most = server, 0.0, 0.0
        self._first, self._last = {}, {}
        self._ending = threading.Event()

    @property
    def spent(self):
        """{who: seconds}"""
        return {
            name: sum(
                seconds - self._first.get((name, pid), 0.0)
                for (owner, pid), seconds in self._last.items()
                if owner == name
            )
            for name in ("Odoo", "PostgreSQL")
        }

    def __enter__(self):
        self.before = self._look_at_memory()
        self._look_at_time()
        self._first = dict(self._last)
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def __exit__(self, *_raised):
        self._ending.set()
        self._watcher.join()
        self._look_at_time()

    def _watch(self):
        while not self._ending.wait(0.2):
            self.most = max(self.most, self._look_at_memory())
            self._look_at_time()

    def _look_at_memory(self):
        sizes = [0.0]
        for pid in self.server.processes(HTTP):
            try:
                text = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue  # it has ended
            if found := re.search(r"VmRSS:\s+(\d+)", text):
                sizes.append(int(found[1]) / 1000)
        return max(sizes)

    def _look_at_time(self):
        parent = self.server.cluster.pid()
        workers = set(self.server.processes())
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(") ")[2].split()
            except OSError:
                continue  # it has ended
            pid = int(path.parent.name)
            name = "Odoo" if pid in workers else "PostgreSQL"
            if pid in workers or int(fields[1]) == parent:
                self._last[name, pid] = (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    command.run(main)
