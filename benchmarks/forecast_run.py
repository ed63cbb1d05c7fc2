#!/usr/bin/env python3
"""From the press to the last forecast: 8,000 products out of 2,000,000 invoice lines.

    benchmarks/forecast_run.py [--products 8000] [--lines 2000000] [--sample 100]

One press over HTTP on a server as in production, with three slots for forecasts. Clocks
around the steps of each job (``addons/ai_queue_timing``) tell what the time goes into,
the kernel tells the peak memory of the workers, and PostgreSQL the plan of the query of
demand. Beside it the obvious way, one product at a time, measured on a sample.
"""

import argparse
import json
import re
import time
from pathlib import Path

import serving  # first: it makes "dev" importable

from dev import command
from dev.server import HTTP

INDEX = "account_move_line_ai_queue_demand_idx"
SLOTS = 3
ANCHOR_SECONDS = 18 * 60
STEP = re.compile(r"ai_queue_timing\S* (\w+) took ([\d.]+) s")
STEPS = {
    "relevant": "Still relevant? (twice)",
    "gather": "History query and its periods",
    "ask": "Engine",
    "apply": "Writing forecasts",
}


def main(arguments):
    """``benchmarks/forecast_run.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench run", description=__doc__.splitlines()[0]
    )
    serving.add_size(parser)
    parser.add_argument(
        "--sample", type=int, default=100, help="products to forecast one at a time"
    )
    options = parser.parse_args(arguments)
    with serving.serving("bench_run", options, ["ai_queue_timing"]) as bench:
        first = measure(bench)
        again = measure(bench)
        memory = peak_memory(bench)
        bench.server.stop()
        told = ask_odoo(bench, options.sample)
    print_runs(first, again, memory)
    print_plan(told["plan"])
    print_obvious(told["one_at_a_time"], options, first)
    return 0


def measure(bench):
    """One run of all products: the seconds of everything."""
    start = bench.server.log.stat().st_size
    begun = time.perf_counter()
    run = bench.admin.press(bench.products)
    pressed = time.perf_counter() - begun
    row = bench.wait_ended(run)
    total = time.perf_counter() - begun
    if row["state"] != "done" or row["finished"] != len(bench.products):
        raise SystemExit(f"The run did not end well: {row}")
    steps = {}
    for name, seconds in STEP.findall(bench.server.log_text(since=start)):
        steps.setdefault(name, []).append(float(seconds))
    return {"total": total, "pressed": pressed, "steps": steps}


def peak_memory(bench):
    """Most memory that each worker has ever held, in MB, the largest first."""
    found = []
    for pid in bench.server.processes(HTTP):
        status = Path(f"/proc/{pid}/status").read_text()
        found.append(int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1000)
    return sorted(found, reverse=True)


def ask_odoo(bench, sample):
    """The plan of the query, and the seconds of the other way, from inside Odoo."""
    path = bench.kept.directory / "forecast_run.json"
    bench.kept.run_python(
        "from benchmarks.forecast_run_odoo import report\n"
        f"report(env, {str(path)!r}, {sample})\n",
        log="forecast_run",
    )
    return json.loads(path.read_text())


def print_runs(first, again, memory):
    """What the runs took, and what for."""
    for name, run in (("the first one", first), ("the next one", again)):
        print(
            f"\nFrom the press to done, {name}: {run['total']:.1f} s, "
            f"1/{ANCHOR_SECONDS / run['total']:.0f} of the published 18 minutes."
        )
        print(f"The press itself: {1000 * run['pressed']:.0f} ms.\n")
        print(serving.table(["Spent on", "s", "share"], step_rows(run)))
    largest = ", ".join(f"{value:.0f}" for value in memory[:SLOTS])
    print(f"\nPeak memory of the workers (RSS): {largest} MB.")


def step_rows(run):
    """Seconds of the three slots together by step, and their share."""
    sums = {name: sum(run["steps"][name]) for name in STEPS}
    jobs = run["steps"]["job"]
    slots = SLOTS * run["total"]
    rows = [(title, sums[name]) for name, title in STEPS.items()]
    rows += [
        ("Progress, commits", sum(jobs) - sum(sums.values())),
        (f"queue_job and idle slots ({len(jobs)} jobs)", slots - sum(jobs)),
        (f"All {SLOTS} slots", slots),
    ]
    return [
        (title, f"{seconds:.1f}", f"{seconds / slots:.0%}") for title, seconds in rows
    ]


def print_plan(plan):
    """The plan, and whether it uses the index that is made for it."""
    print("\nThe plan of the query for one job:\n")
    print("\n".join(f"    {line}" for line in plan))
    uses = any(INDEX in line for line in plan)
    print(f"\nIt {'uses' if uses else 'DOES NOT USE'} {INDEX}.")


def print_obvious(seconds, options, ours):
    """The other way, scaled from the sample."""
    whole = seconds / options.sample * options.products
    print(
        f"\nOne product at a time (search, forecast, write): {seconds:.1f} s for a "
        f"sample of {options.sample} in one process.\n"
        f"For {options.products:,} that would be "
        f"{whole / 60:.1f} minutes, and {whole / 60 / SLOTS:.1f} in three slots with a "
        f"core each: {whole / SLOTS / ours['total']:.0f} times ours."
    )


if __name__ == "__main__":
    command.run(main)
