#!/usr/bin/env python3
"""How long a person waits who presses *Run AI Forecast*, over real HTTP.

    benchmarks/press.py [--presses 100] [--products 8000] [--lines 2000000]

Measured at the client, through the proxy, on a server as in production with its job
runner, so that the jobs of a press compete for the same cores. Beside it the obvious
way, one job for each product. What Odoo logs of a request tells where the time goes.
"""

import argparse
import re
import statistics
import time

import serving  # first: it makes "dev" importable

from dev import command

#: queries, seconds in SQL, seconds of the rest, as Odoo logs every request
REQUEST = re.compile(
    r"POST /web/dataset/call_button/product\.product/action_run_ai_forecast.*?"
    r" 200 - (\d+) ([\d.]+) ([\d.]+)"
)
ROUNDS = 10
HEAD = ["Press for", "p50", "p95", "most", "queries", "SQL", "Python", "HTTP"]


def main(arguments):
    """``benchmarks/press.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench press", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--presses", type=int, default=100, help="of one product")
    serving.add_size(parser)
    options = parser.parse_args(arguments)
    with serving.serving("bench_press", options) as bench:
        rows, medians = [], {}
        for name, measure in (
            ("1 product, nothing else to do", one_by_one),
            ("1 product, while jobs run", one_by_one_under_load),
            (f"{options.products:,} products", everything),
            (f"{options.products:,} products, a job each", a_job_each),
        ):
            start = bench.server.log.stat().st_size
            seconds = measure(bench, options)
            told = REQUEST.findall(bench.server.log_text(since=start))[-len(seconds) :]
            medians[name] = statistics.median(seconds)
            rows.append([name, *numbers(seconds, told)])
    print(serving.table(HEAD, rows))
    *_others, ours, obvious = medians.values()
    print(f"\nOne job for each product takes {obvious / ours:.0f} times as long.")
    return 0


def one_by_one(bench, options):
    """Each press is alone: the last one's job is done."""
    # The first request of each process builds its caches; nobody is measured by that.
    seconds = []
    for product in warm(bench)[: options.presses]:
        begun = time.perf_counter()
        run = bench.admin.press([product])
        seconds.append(time.perf_counter() - begun)
        bench.wait_ended(run)
    return seconds


def one_by_one_under_load(bench, options):
    """All slots of the channel are taken by a run of everything."""
    products = warm(bench)[: options.presses]
    seconds, runs, everything_run = [], [], None
    for product in products:
        if not everything_run or bench.run(everything_run)["state"] in serving.ENDED:
            everything_run = bench.admin.press(bench.products)
        begun = time.perf_counter()
        runs.append(bench.admin.press([product]))
        seconds.append(time.perf_counter() - begun)
    for run in [everything_run, *runs]:
        bench.wait_ended(run)
    return seconds


def everything(bench, options):
    """All products in one press, cancelled before the next."""
    warm(bench)
    seconds = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        run = bench.admin.press(bench.products)
        seconds.append(time.perf_counter() - begun)
        bench.admin.call("ai.queue.run", "action_cancel", [run])
        bench.wait_ended(run)
    return seconds


def a_job_each(bench, options):
    """The obvious way, with the means of ours: chunks of one. Once, and the last."""
    bench.admin.call("ir.config_parameter", "set_param", "ai_queue.chunk_size", "1")
    begun = time.perf_counter()
    bench.admin.press(bench.products)
    return [time.perf_counter() - begun]


def warm(bench):
    """Let every process answer once; returns the products, the pressed ones last."""
    workers = len(bench.server.processes("WorkerHTTP"))
    for product in bench.products[-4 * workers :]:
        bench.wait_ended(bench.admin.press([product]))
    return bench.products


def numbers(seconds, told):
    """The columns of a row: of our clock, and of Odoo's log (means)."""
    ranked = sorted(seconds)
    queries, sql, python = (
        statistics.mean(float(row[column]) for row in told) for column in range(3)
    )
    http = statistics.mean(seconds) - sql - python
    p95 = ranked[min(len(ranked) - 1, round(0.95 * len(ranked)))]
    times = [statistics.median(ranked), p95, ranked[-1]]
    cells = [f"{1000 * value:.0f} ms" for value in times]
    shares = [f"{1000 * value:.0f} ms" for value in (sql, python, http)]
    return [*cells, f"{queries:.0f}", *shares]


if __name__ == "__main__":
    command.run(main)
