#!/usr/bin/env python3
"""What grows with the number of products and of jobs, and how fast.

    benchmarks/growth.py [--products 1000,10000,100000] [--jobs 10000,100000,1000000]

Each size has a database of its own, dropped at the end. No server runs: what is
measured is what a request or a cron does in Odoo, its time, its queries and how much
memory it takes. A press makes real runs and jobs; what the jobs would have done is
written by SQL. What takes more than its share of a tenfold size is named, by the time
of processors, Odoo's and the database's: others may be at work on the machine.
"""

import argparse
import json
import math

import operations  # first: it makes "dev" importable
import serving

from dev import cache, command, database, postgres
from dev.progress import SetupError, step

BASE, NAME = "bench_growth_base", "bench_growth"
#: a step that takes this much more than the ratio of the sizes grows faster than linear
TOLERANCE = 1.5
#: what takes less is noise; below this, so is what a larger size is compared with, as
#: processors are counted in hundredths of a second
LEAST_SECONDS, FLOOR_SECONDS = 0.1, 0.05
WAITING_SHARE = 50


def main(arguments):
    """``benchmarks/growth.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench growth", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--products", default="1000,10000,100000")
    parser.add_argument("--jobs", default="10000,100000,1000000")
    parser.add_argument(
        "--runs", type=int, default=2000, help="runs of one job each, all retried"
    )
    options = parser.parse_args(arguments)
    tables = []
    with postgres.checkout_cluster().running() as cluster:
        bench = Bench(cluster)
        for what, sizes in (("products", options.products), ("jobs", options.jobs)):
            told = {
                size: bench.measure(what, size, options)
                for size in map(int, filter(None, sizes.split(",")))
            }
            tables.append((what, told))
    worse = []
    for what, told in filter(lambda each: each[1], tables):
        print_table(what, told)
        worse += [f"{what}: {line}" for line in faster_than_linear(told)]
    print("\nFaster than linear: " + ("; ".join(worse) or "nothing"))
    return 0


class Bench:
    """Databases of different sizes."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.directory = cache.state() / "benchmarks"
        self.base = database.Kept(
            cluster, BASE, ("account", "ai_queue"), self.directory, ""
        )
        self.kept = database.Kept(cluster, NAME, (), self.directory, "")
        self.base.ensure(lambda: None)

    def measure(self, what, size, options):
        """{step: {"seconds", "queries", "memory"}} of one size."""
        path = self.directory / "growth.json"
        self.cluster.drop_database(NAME)
        self.cluster.create_database(NAME, BASE)
        try:
            with step(f"Making {size:,} {what}"):
                if what == "jobs":
                    self._fill(size)
                else:
                    self._ask("make_products", size)
                self._psql("--command", "VACUUM (ANALYZE)")
            with step(f"Measuring with {size:,} {what}"):
                self._ask(f"report_{what}", str(path), size, options.runs)
            return json.loads(path.read_text())
        finally:
            self.cluster.drop_database(NAME)

    def _fill(self, size):
        self.kept.run_python(
            "from benchmarks.operations_odoo import make_prototype\n"
            "make_prototype(env)\n",
            log="prototype",
        )
        self._psql(
            *("-1", f"--set=jobs={size}"),
            f"--set=waiting={size // WAITING_SHARE}",
            *("--file", serving.HERE / "operations.sql"),
        )
        triggers = "ALTER TABLE queue_job {} TRIGGER USER"
        self._psql(
            *("--command", triggers.format("DISABLE")),
            *("--command", operations.KNOWN),
            *("--command", triggers.format("ENABLE")),
        )

    def _ask(self, function, *arguments):
        words = ", ".join(map(repr, arguments))
        self.kept.run_python(
            f"from benchmarks.growth_odoo import {function}\n"
            f"{function}(env, {words})\n",
            log=function,
        )

    def _psql(self, *arguments):
        result = self.cluster.client(
            *("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
            *(f"--dbname={NAME}", "--output=/dev/null", *arguments),
            check=False,
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise SetupError(f"PostgreSQL: {result.stderr.strip()}")


def print_table(what, told):
    """Seconds (of processors), queries and memory of each step, a column each size."""
    head = [what, *(f"{size:,}" for size in told)]
    rows = []
    for name in next(iter(told.values()), {}):
        cells = []
        for found in told.values():
            each = found[name]
            cells.append(
                f"{each['seconds']:.2f} s ({each['processor']:.2f}), "
                f"{each['queries']:,} queries, {each['memory']:.0f} MB"
            )
        rows.append([name, *cells])
    print("\n" + serving.table(head, rows))


def faster_than_linear(told):
    """A sentence for each step that takes more than its share of a larger size."""
    sizes = sorted(told)
    for small, large in zip(sizes, sizes[1:], strict=False):
        for name, found in told[large].items():
            seconds = found["processor"]
            before = max(told[small][name]["processor"], FLOOR_SECONDS)
            ratio = seconds / before
            if seconds > LEAST_SECONDS and ratio > TOLERANCE * large / small:
                power = math.log(ratio) / math.log(large / small)
                yield (
                    f"{name} takes {ratio:.0f} times as long for {large:,} as for "
                    f"{small:,} (power {power:.1f})"
                )


if __name__ == "__main__":
    command.run(main)
