#!/usr/bin/env python3
"""8,000 products through a model that takes two seconds, and what that costs in time.

    benchmarks/model_calls.py [--products 8000] [--latency 2] [--sample 1500]

One press over HTTP on a server as in production, with three slots for forecasts and 20
products a request. The model server of the tests answers, and counts what is in flight.
Beside it the plain way, in which each of the three jobs asks one question after the
other (``addons/ai_queue_plain``), measured on fewer products.
"""

import argparse
import re
import statistics
import threading
import time
from contextlib import contextmanager

import serving  # first: it makes "dev" importable

from dev import command
from dev.fakemodel import FakeModel

SLOTS = 3
PER_REQUEST = 20
MODEL = "fake-large"
SAMPLED_EVERY = 0.1
PLAIN = "ai_queue_plain.one_at_a_time"
#: requests a provider is sent at a time; the default of 8 is for the smallest accounts
IN_FLIGHT = 96
CLOCK = re.compile(r"ai_queue_plain\S* (\w+) took ([\d.]+) s")


def main(arguments):
    """``benchmarks/model_calls.py``: returns the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks/model_calls.py")
    serving.add_size(parser)
    # What is measured is the way to the model and not the reading of history.
    parser.set_defaults(lines=400_000)
    parser.add_argument("--latency", type=float, default=2.0, help="of the model, s")
    parser.add_argument("--in-flight", type=int, default=IN_FLIGHT)
    parser.add_argument(
        "--sample",
        type=int,
        default=1500,
        help="products to ask about the plain way: jobs of 500, one a slot",
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
        plain = measure(bench, fake, bench.products[: options.sample])
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
    """Seconds of the same run without a model."""
    set_company(bench, ai_queue_forecast_provider_id=False)
    begun = time.perf_counter()
    finish(bench, bench.admin.press(bench.products), len(bench.products))
    seconds = time.perf_counter() - begun
    set_company(bench, ai_queue_forecast_provider_id=bench.provider)
    return seconds


def finish(bench, run, count):
    row = bench.wait_ended(run)
    if row["state"] != "done" or row["finished"] != count:
        raise SystemExit(f"The run did not end well: {row}")


def measure(bench, fake, products):
    """One run of these products: its seconds, and what the model server saw."""
    fake.reset_stats()
    start = bench.server.log.stat().st_size
    begun = time.perf_counter()
    with sampling(fake) as samples:
        finish(bench, bench.admin.press(products), len(products))
        seconds = time.perf_counter() - begun
    clocks = {}
    for name, took in CLOCK.findall(bench.server.log_text(since=start)):
        clocks.setdefault(name, []).append(float(took))
    return {
        "seconds": seconds,
        "samples": [(moment - begun, count) for moment, count in samples],
        "clocks": clocks,
        **fake.stats(),
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
        f"The same run without a model: {statistics_alone:.1f} s.\n"
        f"In flight: {statistics.mean(asking):.0f} on average while there were any, "
        f"{ours['max_in_flight']} at most (limit {options.in_flight}).\n"
    )
    print(serving.table(["Second", "in flight, average", "most"], over_time(ours)))
    names = {"_admit": "Admission", "_on_answer": "Settlement and progress"}
    rows = [
        (title, len(took), f"{1000 * statistics.median(took):.1f}", f"{sum(took):.1f}")
        for name, title in names.items()
        if (took := ours["clocks"].get(name))
    ]
    print("\n" + serving.table(["A call costs", "times", "ms, median", "s, all"], rows))


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
        f"{plain['max_in_flight']} in flight).\n"
        f"For {options.products:,} that would be {whole:.0f} s: "
        f"{whole / ours['seconds']:.1f} times ours."
    )


if __name__ == "__main__":
    command.run(main)
