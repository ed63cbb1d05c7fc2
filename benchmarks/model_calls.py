#!/usr/bin/env python3
"""8,000 products through a model that takes two seconds, and what that costs in time.

    benchmarks/model_calls.py [--products 8000] [--latency 2] [--sample 1500]

One press over HTTP on a server as in production, with three slots for forecasts and 20
products a request. The model server of the tests answers, and counts what is in flight.
Beside it, in the same run, the plain way, in which each of the three jobs asks one
question after the other (``addons/ai_queue_plain``), measured on fewer products.

What a run takes of the processors is counted as well, since on a machine that others
use the seconds say little of it: of Odoo's processes, of PostgreSQL's for this
database, and of the model server.
"""

import argparse
import os
import re
import statistics
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import serving  # first: it makes "dev" importable

from dev import command, process
from dev.fakemodel import FakeModel

SLOTS = 3
PER_REQUEST = 20
MODEL = "fake-large"
SAMPLED_EVERY = 0.1
PLAIN = "ai_queue_plain.one_at_a_time"
CHUNK_SIZE = "ai_queue.chunk_size"
#: requests a provider is sent at a time; the default of 8 is for the smallest accounts
IN_FLIGHT = 160
TICKS = os.sysconf("SC_CLK_TCK")
CLOCK = re.compile(r"ai_queue_plain\S* (\w+) took ([\d.]+) s")


def main(arguments):
    """``benchmarks/model_calls.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench calls", description=__doc__.splitlines()[0]
    )
    serving.add_size(parser)
    # What is measured is the way to the model and not the reading of history.
    parser.set_defaults(lines=400_000)
    parser.add_argument("--latency", type=float, default=2.0, help="of the model, s")
    parser.add_argument("--in-flight", type=int, default=IN_FLIGHT)
    parser.add_argument(
        "--sample",
        type=int,
        default=1500,
        help="products to ask about the plain way: in jobs of a third, one a slot",
    )
    options = parser.parse_args(arguments)
    with (
        serving.serving("bench_calls", options, ["ai_queue_plain"]) as bench,
        FakeModel(latency=options.latency) as fake,
    ):
        add_provider(bench, fake, options.in_flight)
        statistics_alone = alone(bench)
        # First, so that the client's libraries are loaded before ours is measured.
        set_parameter(bench, PLAIN, "1")
        # All slots have the same to do, as they would have with all products.
        set_parameter(bench, CHUNK_SIZE, str(-(-options.sample // SLOTS)))
        plain = measure(bench, fake, bench.products[: options.sample])
        set_parameter(bench, CHUNK_SIZE, False)
        set_parameter(bench, PLAIN, False)
        ours = measure(bench, fake, bench.products)
    print_ours(ours, statistics_alone, options)
    print_plain(plain, ours, options)
    return 0


def add_provider(bench, fake, in_flight):
    """Let the model server make the forecasts of the company."""
    model = {"kind": "forecast", "model": MODEL}
    values = {
        "name": "Model server",
        "base_url": fake.url,
        "max_in_flight": in_flight,
        "model_ids": [(0, 0, model)],
    }
    (provider,) = bench.admin.call("ai.queue.provider", "create", [values])
    set_company(
        bench,
        ai_queue_forecast_provider_id=provider,
        # It would double the requests.
        ai_queue_forecast_compare=False,
    )
    bench.provider = provider


def set_company(bench, **values):
    (user,) = bench.admin.call("res.users", "read", [bench.admin.uid], ["company_id"])
    bench.admin.call("res.company", "write", [user["company_id"][0]], values)


def set_parameter(bench, name, value):
    bench.admin.call("ir.config_parameter", "set_param", name, value)


def alone(bench):
    """The same run without a model: its seconds, and those of the processors."""
    set_company(bench, ai_queue_forecast_provider_id=False)
    before, begun = processors(bench), time.perf_counter()
    finish(bench, bench.admin.press(bench.products), len(bench.products))
    seconds = time.perf_counter() - begun
    used = used_since(before, processors(bench))
    set_company(bench, ai_queue_forecast_provider_id=bench.provider)
    return {"seconds": seconds, "used": used}


def finish(bench, run, count):
    row = bench.wait_ended(run)
    if row["state"] != "done" or row["finished"] != count:
        raise SystemExit(f"The run did not end well: {row}")


def measure(bench, fake, products):
    """One run of these products: its seconds, and what the model server saw."""
    fake.reset_stats()
    start = bench.server.log.stat().st_size
    before, begun = processors(bench), time.perf_counter()
    with sampling(fake) as samples:
        finish(bench, bench.admin.press(products), len(products))
        seconds = time.perf_counter() - begun
    used = used_since(before, processors(bench))
    clocks = {}
    for name, took in CLOCK.findall(bench.server.log_text(since=start)):
        clocks.setdefault(name, []).append(float(took))
    return {
        "seconds": seconds,
        "used": used,
        "samples": [(moment - begun, count) for moment, count in samples],
        "clocks": clocks,
        **fake.stats(),
    }


def processors(bench):
    """What the processes have taken of the processors so far, seconds by their ids."""
    backends = process.mentioning(f"{bench.server.database} [local]")
    seconds = {
        "Odoo": {pid: spent(pid) for pid in bench.server.processes()},
        "PostgreSQL": {pid: spent(pid) for pid in backends},
    }
    seconds["Model server"] = {os.getpid(): spent(os.getpid())}
    return seconds


def spent(pid):
    """Seconds of the processors that a process has taken; 0 when it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS


def used_since(before, after):
    """Seconds of the processors between the two, by who took them."""
    return {
        name: sum(max(0, pids[pid] - before[name].get(pid, 0.0)) for pid in pids)
        for name, pids in after.items()
    }


@contextmanager
def sampling(fake):
    """A list that grows by (moment, requests in flight) until the block ends."""
    samples, is_over = [], threading.Event()

    def sample():
        while not is_over.wait(SAMPLED_EVERY):
            samples.append((time.perf_counter(), fake.stats()["in_flight"]))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        is_over.set()
        thread.join()


def print_ours(ours, statistics_alone, options):
    """The run, and how much was in flight when."""
    asking = [count for _moment, count in ours["samples"] if count]
    print(
        f"\n{options.products:,} products, {ours['answered']} requests of up to "
        f"{PER_REQUEST} products, {options.latency:g} s each: "
        f"{ours['seconds']:.1f} s from the press to done.\n"
        f"The same run without a model: {statistics_alone['seconds']:.1f} s.\n"
        f"In flight: {statistics.mean(asking):.0f} on average while there were any, "
        f"{ours['max_in_flight']} at most (limit {options.in_flight}).\n"
    )
    print(serving.table(["Second", "in flight, average", "most"], over_time(ours)))
    rows = [
        (name, f"{seconds:.1f}", f"{statistics_alone['used'][name]:.1f}")
        for name, seconds in ours["used"].items()
    ]
    head = ["Seconds of the processors", "with the model", "without"]
    print("\n" + serving.table(head, rows) + "\n")
    names = {"_admit": "Admission", "_on_answer": "Settlement and progress"}
    rows = [
        (title, len(took), f"{1000 * statistics.median(took):.1f}", f"{sum(took):.1f}")
        for name, title in names.items()
        if (took := ours["clocks"].get(name))
    ]
    print(serving.table(["A call costs", "times", "ms, median", "s, all"], rows))


def over_time(ours):
    """What was in flight, in up to twelve parts of the run."""
    width = max(1, round(ours["seconds"] / 12))
    parts = {}
    for moment, count in ours["samples"]:
        parts.setdefault(int(moment // width) * width, []).append(count)
    return [
        (f"{start}-{start + width}", f"{statistics.mean(counts):.0f}", max(counts))
        for start, counts in sorted(parts.items())
    ]


def print_plain(plain, ours, options):
    """The other way, scaled from the sample."""
    whole = plain["seconds"] * options.products / options.sample
    print(
        f"\nOne request at a time in each of {SLOTS} jobs: {plain['seconds']:.1f} s "
        f"for {options.sample:,} products ({plain['answered']} requests, at most "
        f"{plain['max_in_flight']} in flight), {sum(plain['used'].values()):.1f} s of "
        f"the processors.\n"
        f"For {options.products:,} that would be {whole:.0f} s: "
        f"{whole / ours['seconds']:.1f} times ours."
    )


if __name__ == "__main__":
    command.run(main)
