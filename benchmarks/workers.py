#!/usr/bin/env python3
"""What the hand-off of questions to Celery workers costs, and what workers gain.

    benchmarks/workers.py [--products 400] [--latency 5] [--places 4] [--only cost]

One press over HTTP on a server as in production, a question a product, answered by the
model server of the tests: asked by Odoo itself, and by 1, 2 and 4 workers behind a real
Redis, each with so many places. Each of these has the same to do, and the model takes
its time, so that the cores of this machine are not what is measured. Beside it the same
with a model that answers at once, where nothing but the way takes time.
"""

import argparse
import os
import time
from contextlib import ExitStack

import serving  # first: it makes "dev" importable
from model_calls import add_provider, set_parameter, spent, used_since

from dev import command, process, redis, server, workers
from dev.fakemodel import FakeModel

ADDON = "ai_queue_celery"
NAME = "bench_workers"
WORKERS = (1, 2, 4)
SLUG = "MODEL_SERVER"
SWITCH = f"{ADDON}.models"
#: of the model that answers at once: in flight at a time, either way
FAST_PLACES = 16
#: of the model that takes its time: as many questions for each place
QUESTIONS_A_PLACE = 15


def main(arguments):
    """``benchmarks/workers.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench celery", description=__doc__.splitlines()[0]
    )
    serving.add_size(parser)
    parser.set_defaults(products=400, lines=20_000)
    parser.add_argument("--latency", type=float, default=5.0, help="of the model, s")
    parser.add_argument("--places", type=int, default=4, help="of each worker")
    parser.add_argument("--only", choices=("cost", "gain"), help="one of the two")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        copy = stack.enter_context(serving.copied(NAME, options, [ADDON]))
        broker = stack.enter_context(redis.Redis(copy.directory / "redis"))
        odoo_server = server.Server(
            copy.cluster,
            NAME,
            copy.directory,
            options=copy.options,
            environment={"AI_QUEUE_BROKER_URL": broker.url},
        )
        stack.enter_context(odoo_server)
        fake = stack.enter_context(FakeModel(latency=options.latency))
        bench = Workers(serving.Bench(odoo_server, copy.kept), fake, broker, options)
        stack.enter_context(bench.bridge)
        bench.warm_up()
        if options.only != "gain":
            print_cost(*bench.measure_cost())
        if options.only != "cost":
            print_gain(bench.measure_gain(), options)
    return 0


class Workers:
    """A server with a provider, a bridge, and workers for as long as needed."""

    def __init__(self, bench, fake, broker, options):
        self.bench, self.fake, self.broker, self.options = bench, fake, broker, options
        self.directory = bench.server.directory
        self.bridge = workers.Bridge(
            self.directory / "bridge.log", bench.server, broker.url
        )
        add_provider(bench, fake, 1)
        set_parameter(bench, "ai_queue.products_per_request", "1")

    def warm_up(self):
        """Libraries are loaded, and what products have in common is learnt."""
        self.fake.configure(latency=0.0)
        self._run(FAST_PLACES, 0)

    def measure_cost(self):
        """With a model that answers at once: (asked by Odoo, asked by workers)."""
        here = self._run(FAST_PLACES, 0)
        self._run(FAST_PLACES, 2)
        return here, self._run(FAST_PLACES, 2)

    def measure_gain(self):
        """With a model that takes its time: {workers: (by Odoo, by workers)}."""
        self.fake.configure(latency=self.options.latency)
        found = {}
        for count in WORKERS:
            places = count * self.options.places
            some = self.bench.products[: places * QUESTIONS_A_PLACE]
            found[count] = (
                self._run(places, 0, some),
                self._run(places, count, some),
            )
        return found

    def _run(self, places, count, products=None):
        """One run of products, all by default; 0 workers: asked by Odoo."""
        bench = self.bench
        products = products or bench.products
        bench.admin.call(
            "ai.queue.provider", "write", [bench.provider], {"max_in_flight": places}
        )
        set_parameter(bench, SWITCH, "True" if count else False)
        # Else the answers of the last run would do.
        set_parameter(bench, "ai_queue.answer_fresh_hours", "0")
        with ExitStack() as stack:
            for number in range(count):
                log = self.directory / f"worker-{number}.log"
                each = workers.Worker(
                    log,
                    self.broker.url,
                    {SLUG: self.fake.url},
                    -(-places // count),
                    f"m{number}",
                )
                stack.enter_context(each)
            process.wait_until(lambda: self._has_workers(count), "the workers", 120)
            self.fake.reset_stats()
            before, begun = self._processors(), time.perf_counter()
            run = bench.admin.press(products)
            row = bench.wait_ended(run)
            seconds = time.perf_counter() - begun
            used = used_since(before, self._processors())
        if row["state"] != "done" or row["finished"] != len(products):
            raise SystemExit(f"The run did not end well: {row}")
        asked = self.fake.stats()["answered"]
        load = os.getloadavg()[0]
        print(
            f"{count or 'no'} workers: {asked} questions in {seconds:.1f} s, load "
            f"{load:.0f}",
            flush=True,
        )
        return {"seconds": seconds, "asked": asked, "used": used}

    def _has_workers(self, count):
        here = [("state", "=", "here"), ("date_seen", ">", time_ago(8))]
        return not count or (
            self.bench.admin.call("ai.queue.worker", "search_count", here) >= count
        )

    def _processors(self):
        backends = process.mentioning(f"{self.bench.server.database} [local]")
        bridge = process.session(self.bridge.pid)
        return {
            "Odoo": {pid: spent(pid) for pid in self.bench.server.processes()},
            "PostgreSQL": {pid: spent(pid) for pid in backends},
            "Bridge": {pid: spent(pid) for pid in bridge},
            "Redis": {self.broker.pid: spent(self.broker.pid)},
        }


def time_ago(seconds):
    """A moment as Odoo's domains have it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - seconds))


def print_cost(here, there):
    """What the way to the workers takes of each question."""
    rows = [
        (
            name,
            f"{here['used'][name] / here['asked'] * 1e3:.1f}",
            f"{there['used'][name] / there['asked'] * 1e3:.1f}",
        )
        for name in here["used"]
    ]
    totals = [
        sum(each["used"].values()) / each["asked"] * 1e3 for each in (here, there)
    ]
    clocks = [each["seconds"] / each["asked"] * 1e3 for each in (here, there)]
    rows.append(("all of them", *(f"{total:.1f}" for total in totals)))
    rows.append(("by the clock", *(f"{clock:.1f}" for clock in clocks)))
    print(f"\nA model that answers at once, {FAST_PLACES} at a time, 2 workers:\n")
    print(serving.table(["ms a question", "asked by Odoo", "by workers"], rows))
    print(
        f"\nThe hand-off costs {totals[1] - totals[0]:.1f} ms of the processors a "
        f"question, {clocks[1] - clocks[0]:.1f} ms by the clock."
    )


def print_gain(gain, options):
    """How much faster more workers are."""
    first = [_rate(each) for each in gain[WORKERS[0]]]
    rows = []
    for count, each in gain.items():
        here, there = map(_rate, each)
        rows.append(
            (
                count,
                count * options.places,
                *(f"{here:.2f}", f"{here / first[0]:.2f}"),
                *(f"{there:.2f}", f"{there / first[1]:.2f}"),
            )
        )
    print(
        f"\nA model that takes {options.latency:g} s, {options.places} places each:\n"
    )
    head = ["Workers", "places", "by Odoo alone, a second", "times one"]
    print(serving.table([*head, "by workers, a second", "times one"], rows))


def _rate(run):
    return run["asked"] / run["seconds"]


if __name__ == "__main__":
    command.run(main)
