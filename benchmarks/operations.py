#!/usr/bin/env python3
"""The Operations screen with 1,000,000 jobs, and what the addon costs the queue.

    benchmarks/operations.py [--jobs 1000000] [--rounds 15]

Two databases of its own with the same jobs, dropped at the end: one with queue_job
alone, and a copy of it in which ai_queue is then installed, as on a system that has
worked for long. SQL of a refresh for each period with the plans of its larger queries;
then jobs that are made, handed out, started and done in both, by turns.
"""

import argparse
import json
import statistics
import time

import serving  # first: it makes "dev" importable

from dev import cache, command, database, postgres
from dev.progress import SetupError, step

JOBS = 1_000_000
WAITING = 20_000
LIMIT_MS = 300
PLAIN, OURS = "bench_operations_plain", "bench_operations"
#: as the addon has them of jobs that ended while it was there
KNOWN = (
    "UPDATE queue_job SET date_state = date_started + interval '3 s', "
    "wait_time = extract(epoch FROM date_started - date_created) "
    "WHERE state IN ('done', 'failed')"
)


def main(arguments):
    """``benchmarks/operations.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench operations", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--rounds", type=int, default=15, help="refreshes to measure")
    parser.add_argument("--performed", type=int, default=1000, help="jobs on each side")
    options = parser.parse_args(arguments)
    with postgres.checkout_cluster().running() as cluster:
        try:
            bench = Bench(cluster, options)
            installed = bench.prepare()
            closed = bench.ask("close_hours")
            bench.sql(OURS, "VACUUM (ANALYZE)")
            refresh = bench.ask("report_refresh", options.rounds)
            cost = bench.ask("report_cost", PLAIN, options.performed)
        finally:
            for name in (OURS, PLAIN):
                cluster.drop_database(name)
    print_prepared(options, installed, closed)
    print_refresh(refresh)
    print_cost(cost)
    return 0


class Bench:
    """The two databases."""

    def __init__(self, cluster, options):
        self.cluster = cluster
        self.options = options
        self.directory = cache.state() / "benchmarks"
        self.plain, self.ours = (
            database.Kept(cluster, name, ("account", "queue_job"), self.directory, "")
            for name in (PLAIN, OURS)
        )

    def prepare(self):
        """Make both; returns how many seconds it took to install the addon."""
        self.plain.ensure(self.fill, anew=True)
        self.cluster.drop_database(OURS)
        with step("Copying the database"):
            self.cluster.create_database(OURS, PLAIN)
        began = time.perf_counter()
        with step("Installing ai_queue"):
            self.ours.run("-i", "ai_queue", "--stop-after-init", log="install")
        seconds = time.perf_counter() - began
        with step("Making its columns as they would be"):
            self.sql(OURS, "ALTER TABLE queue_job DISABLE TRIGGER USER", KNOWN)
            self.sql(OURS, "ALTER TABLE queue_job ENABLE TRIGGER USER")
            # Both tables as dense as each other.
            for name in (OURS, PLAIN):
                self.sql(name, "VACUUM (FULL, ANALYZE) queue_job")
        return seconds

    def fill(self):
        """The jobs."""
        self.plain.run_python(
            "from benchmarks.operations_odoo import make_prototype\n"
            "make_prototype(env)\n",
            log="prototype",
        )
        with step(f"Making {self.options.jobs:,} jobs"):
            self.psql(
                PLAIN,
                "-1",
                f"--set=jobs={self.options.jobs}",
                f"--set=waiting={min(WAITING, self.options.jobs // 50)}",
                "--file",
                serving.HERE / "operations.sql",
            )

    def ask(self, function, *arguments):
        """What a function of ``operations_odoo`` says of the database with ai_queue."""
        path = self.directory / "operations.json"
        words = ", ".join(map(repr, (str(path), *arguments)))
        with step(f"Measuring: {function}"):
            self.ours.run_python(
                f"from benchmarks.operations_odoo import {function}\n"
                f"{function}(env, {words})\n",
                log=function,
            )
        return json.loads(path.read_text())

    def sql(self, name, *statements):
        """Execute statements one by one, each on its own."""
        for statement in statements:
            self.psql(name, "--command", statement)

    def psql(self, name, *arguments):
        """Run PostgreSQL's client on a database."""
        result = self.cluster.client(
            *("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
            *(f"--dbname={name}", "--output=/dev/null", *arguments),
            check=False,
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise SetupError(f"PostgreSQL: {result.stderr.strip()}")


def print_prepared(options, installed, closed):
    """What installing on so many jobs takes."""
    print(
        f"\nInstalling ai_queue with {options.jobs:,} jobs: {installed:.0f} s in all.\n"
        f"Closing all of their hours, once: {closed['seconds']:.1f} s, "
        f"{closed['rows']:,} rows.\n"
    )


def print_refresh(told):
    """SQL of a refresh, and the plans."""
    rows = []
    for name in ("hour", "day", "week", "totals"):
        found = told[name]
        keys = ("cpu", "least", "sql", "worst", "whole")
        times = [f"{found[key]:.0f} ms" for key in keys]
        rows.append([name, *times, f"{found['queries']:.0f}"])
    head = ["refresh", "SQL: CPU", "least", "median", "most", "with Python", "queries"]
    print(serving.table(head, rows))
    # What it would take on a processor of its own: nothing is read from a disk here.
    most = max(told[name]["cpu"] for name in ("hour", "day", "week"))
    word = "under" if most < LIMIT_MS else "NOT UNDER"
    print(f"\nA refresh takes {word} {LIMIT_MS} ms of SQL.")
    for taken, query, plan in told["plans"]:
        print(f"\n{taken:.1f} ms: {' '.join(query.split())[:160]} ...\n")
        print("\n".join(f"    {line}" for line in plan))


def print_cost(told):
    """Jobs a second, side by side, and the ratio.

    Medians of single jobs: what else the machine does hits both, now and then.
    """
    rows, medians = [], {}
    for name in ("without", "with"):
        wall, odoo, backend = zip(*told[name], strict=True)
        both = map(sum, zip(odoo, backend, strict=True))
        values = list(map(statistics.median, (wall, odoo, backend, both)))
        medians[name] = values
        rows.append([f"{name} ai_queue", f"{1 / values[0]:.1f}", *map(_ms, values)])
    head = [
        "queue_job",
        "jobs a second",
        "a job",
        "CPU of Odoo",
        "of PostgreSQL",
        "both",
    ]
    print("\n" + serving.table(head, rows))
    pairs = zip(medians["with"], medians["without"], strict=True)
    more = [f"{100 * (ours / plain - 1):+.1f} %" for ours, plain in pairs]
    print(f"\nA job takes {more[0]} time with ai_queue, {more[3]} of processor time.")


def _ms(seconds):
    return f"{1000 * seconds:.2f} ms"


if __name__ == "__main__":
    command.run(main)
