#!/usr/bin/env python3
"""Time and memory of the forecast engine on a catalogue of made-up products.

    benchmarks/forecast_speed.py [--products 8000] [--weeks 104] [--horizon 8]

One process, one thread, all in one call: steady, seasonal, trending, intermittent,
lumpy and new products. Prints what the time is spent on, and beside it the way that
is obvious and slow: one product at a time.
"""

import argparse
import os
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "ai_queue"))

from engine.forecasting import Series, core, forecast  # noqa: E402

#: Phase -> the functions of `core` that make it.
PHASES = {
    "back-test (forecasts from the past)": ("run_trials",),
    "weights and errors": ("priors", "weigh", "summarise"),
    "final forecasts": ("candidates",),
    "intervals": ("bounds", "total_bounds"),
    "reasons": ("Explainer",),
}
#: Products forecast one at a time, to know what that would cost.
SAMPLE = 40


def catalogue(products, weeks, horizon, seed=1):
    """Made-up products: 45 % seasonal, 15 % trending, 25 % intermittent, ..."""
    source = np.random.default_rng(seed)
    time_axis = np.arange(weeks)
    for number in range(products):
        kind = number % 20
        level = source.lognormal(3, 1)
        if kind < 9:
            swing = source.uniform(0.2, 0.6)
            phase = source.integers(52)
            level *= 1 + swing * np.sin(2 * np.pi * (time_axis - phase) / 52)
        elif kind < 12:
            level *= 1 + source.uniform(-0.4, 0.8) * time_axis / weeks
        demand = source.poisson(level, weeks).astype(float)
        if 12 <= kind < 17:
            demand *= source.random(weeks) < source.uniform(0.1, 0.4)
        elif kind < 19 and kind >= 17:
            demand = source.negative_binomial(0.3, 0.03, weeks).astype(float)
        elif kind == 19:
            demand = demand[-source.integers(3, 30) :]
        yield Series(str(number), "W", demand, horizon)


def timed(spent, phase, function):
    """The function, with its time added to what a phase has spent."""

    def wrapper(*arguments, **options):
        started = time.process_time()
        try:
            return function(*arguments, **options)
        finally:
            spent[phase] += time.process_time() - started

    return wrapper


def measure(series):
    """Seconds (processor) per phase, and in all; phases add up to all."""
    spent = defaultdict(float)
    originals = {
        name: getattr(core, name) for names in PHASES.values() for name in names
    }
    for phase, names in PHASES.items():
        for name in names:
            setattr(core, name, timed(spent, phase, originals[name]))
    started = time.process_time()
    try:
        core.forecast(series)
    finally:
        for name, original in originals.items():
            setattr(core, name, original)
    total = time.process_time() - started
    spent["checking, arranging, answering"] = total - sum(spent.values())
    return spent, total


def main(arguments=None):
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--products", type=int, default=8000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--horizon", type=int, default=8)
    options = parser.parse_args(arguments)
    series = list(catalogue(options.products, options.weeks, options.horizon))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent, total = measure(series)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.process_time()
    for one in series[:SAMPLE]:
        forecast([one])
    alone = (time.process_time() - started) / SAMPLE * len(series)
    print(
        f"{len(series):,} products, {options.weeks} weeks, horizon {options.horizon}, "
        "one thread, processor seconds\n"
    )
    print("| phase | seconds | share |\n| --- | --- | --- |")
    for phase, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"| {phase} | {seconds:.2f} | {100 * seconds / total:.0f} % |")
    print(f"| **all in one call** | **{total:.2f}** | |")
    times = f"{alone:.0f} | {alone / total:.0f} x"
    print(f"| one product at a time, from {SAMPLE} | {times} |")
    print(
        f"\nMemory at most {after:.0f} MB, of which {before:.0f} MB were there before."
    )


if __name__ == "__main__":
    main()
