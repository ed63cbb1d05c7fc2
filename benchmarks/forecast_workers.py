#!/usr/bin/env python3
"""Forecasts that Odoo calculates itself, and those that workers calculate.

    benchmarks/forecast_workers.py [--products 2000] [--lines 500000] [--workers 2]

One press over HTTP on a server as in production, with statistics alone, after all
products have been learnt from once: calculated in its own jobs, and by workers behind a
real Redis. What takes the processors is told by who takes it.
"""

import argparse
import time
from contextlib import ExitStack

import serving  # first: it makes "dev" importable
from model_calls import set_parameter, spent, used_since

from dev import command, process, redis, server, workers

ADDON = "ai_queue_celery"
NAME = "bench_forecast_workers"
SWITCH = f"{ADDON}.forecasts"
#: of each, after one that does not count
RUNS = 3


def main(arguments):
    """``benchmarks/forecast_workers.py``: returns the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks/forecast_workers.py")
    serving.add_size(parser)
    parser.set_defaults(products=2000, lines=500_000)
    parser.add_argument("--workers", type=int, default=2, help="one process each")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        copy = stack.enter_context(serving.copied(NAME, options, [ADDON]))
        broker = stack.enter_context(redis.Redis(copy.directory / "redis"))
        environment = {"AI_QUEUE_BROKER_URL": broker.url}
        odoo_server = server.Server(
            copy.cluster,
            NAME,
            copy.directory,
            options=copy.options,
            environment=environment,
        )
        stack.enter_context(odoo_server)
        bench = serving.Bench(odoo_server, copy.kept)
        bridge = workers.Bridge(copy.directory / "bridge.log", odoo_server, broker.url)
        stack.enter_context(bridge)
        some = [
            workers.Worker(
                copy.directory / f"worker-{n}.log",
                *(broker.url, (), 1, f"m{n}", "forecasts"),
            )
            for n in range(options.workers)
        ]
        for worker in some:
            stack.enter_context(worker)
        process.wait_until(lambda: count_workers(bench) >= len(some), "workers", 180)
        who = {"bridge": bridge, "some": some, "broker": broker}
        found = {False: [], True: []}
        for number in range(RUNS + 1):
            # In turn, so that what else the machine does is much the same for both.
            for is_there, rows in found.items():
                row = measure(bench, is_there, **who)
                if number:
                    rows.append(row)
    print_table(found, options)
    return 0


def count_workers(bench):
    """How many workers are there."""
    return bench.admin.call(
        "ai.queue.worker", "search_count", [("kind", "=", "forecasts")]
    )


def measure(bench, is_there, bridge, some, broker):
    """One run of all products: its seconds, and those of the processors."""
    set_parameter(bench, SWITCH, "True" if is_there else False)

    def processors():
        backends = process.mentioning(f"{bench.server.database} [local]")
        elsewhere = [pid for worker in some for pid in process.session(worker.pid)]
        return {
            "Odoo": {pid: spent(pid) for pid in bench.server.processes()},
            "PostgreSQL": {pid: spent(pid) for pid in backends},
            "bridge": {pid: spent(pid) for pid in process.session(bridge.pid)},
            "Redis": {broker.pid: spent(broker.pid)},
            "workers": {pid: spent(pid) for pid in elsewhere},
        }

    before, begun = processors(), time.perf_counter()
    row = bench.wait_ended(bench.admin.press(bench.products))
    seconds = time.perf_counter() - begun
    used = used_since(before, processors())
    if row["state"] != "done" or row["finished"] != len(bench.products):
        raise SystemExit(f"The run did not end well: {row}")
    where = "by workers" if is_there else "by Odoo"
    print(f"{where}: {seconds:.1f} s, Odoo's processor {used['Odoo']:.1f} s")
    return {"by the clock": seconds, **used}


def print_table(found, options):
    """The middle one of each, and how they compare."""
    rows = []
    for name in found[False][0]:
        here, there = (
            sorted(row[name] for row in found[is_there])[RUNS // 2]
            for is_there in (False, True)
        )
        ratio = f"{there / here:.2f}" if here > 0.05 else ""
        rows.append((name, f"{here:.2f}", f"{there:.2f}", ratio))
    print(f"\n{options.products} products, {options.workers} workers, seconds:\n")
    head = ["", "calculated by Odoo", "by workers", "times"]
    print(serving.table(head, rows))


if __name__ == "__main__":
    command.run(main)
