"""What people notice of AI work: reads of product lists while others press AI buttons.

    bin/bench isolation [--rounds 3] [--seconds 15]

Four web workers behind nginx. Four people read lists of products without pause, six
press an AI button all the time: each as soon as the model could have answered the last
press, or has, and not all in the same moment. The model takes 5 s. All ten have a tab
open with its websocket. Three
ways, one after the other, each on a server of its own:

- the call in the request: the button asks the model and waits;
- ``with_delay``: the button queues a plain job, which the same web workers run;
- ours: *Run AI Forecast*, deployed as recommended (``systemd/``): jobs have an Odoo of
  their own.

Times without presses come before, between and after those with them, in each way: the
ratios are to these. Prints a table and draws ``isolation.svg``.
"""

import argparse
import itertools
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import isolation_picture
import people
import serving

from dev import addons, deployment, server
from dev.client import Client
from dev.fakemodel import FakeModel
from dev.process import wait_until
from dev.progress import step

DATABASE = "bench_isolation"
WORKERS, READERS, PRESSERS = 4, 4, 6
CAPACITY = "root:4,root.ai_processing:2,root.ai_forecasting:2"
LATENCY = 5.0
MODEL = "fake-large"
ADDON, URL = "ai_queue_obvious", "ai_queue_obvious.url"
#: what the form of a product asks for, where the button is; lists do not
RUNS = ("ai_queue.runs",)
USER = ("base.group_user", "ai_queue.ai_queue_group_user")
PICTURE = Path(__file__).with_suffix(".svg")
HEAD = ["Way", "reads/s, idle", "reads/s", "of idle", "p50", "p95", "of idle"]
HEAD += ["502, 504", "other errors", "presses", "press p50", "press p95", "most"]
#: demanded of ours
READS, P95, PRESS = 0.95, 1.2, 0.25
#: what the last jobs may take once nobody presses any more
DRAIN_SECONDS = 300
WARM_SECONDS, WARM_PACE = 4, 0.3


def main(arguments):
    """``benchmarks/isolation.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench isolation", description=__doc__.splitlines()[0]
    )
    serving.add_size(parser)
    # A page of the list is 80 products: more of them tell nothing more.
    parser.set_defaults(products=2000, lines=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="with presses")
    parser.add_argument("--seconds", type=float, default=15, help="of one, or between")
    parser.add_argument("--way", action="append", choices=WAYS, help="only these")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    parser.add_argument(
        "--everything", action="store_true", help="with all addons installed"
    )
    options = parser.parse_args(arguments)
    modules = [ADDON, *(addons.found() if options.everything else ())]
    results = {}
    with (
        serving.copied(DATABASE, options, modules) as copy,
        FakeModel(latency=LATENCY) as fake,
    ):
        for name in options.way or WAYS:
            with step(f"Measuring: {WAYS[name].title}"):
                results[name] = measure(WAYS[name], copy, fake, options)
    print(serving.table(HEAD, [row(WAYS[name], one) for name, one in results.items()]))
    isolation_picture.draw(
        [(WAYS[name].title, one) for name, one in results.items()], options.picture
    )
    print(f"\nPicture: {options.picture}")
    if "ours" not in results:
        return 0
    misses = judge(results["ours"])
    print("\n" + ("\n".join(misses) or "Ours keeps what is demanded of it."))
    return 1 if misses else 0


class Way:
    """One way to ask a model at the press of a button."""

    def __init__(self, title, method, start):
        self.title = title
        self.method = method
        self.start = start


@contextmanager
def together(copy):
    """One Odoo: its web workers run the jobs as well."""
    with server.Server(
        copy.cluster,
        DATABASE,
        copy.directory / "together",
        workers=WORKERS,
        options=copy.options,
        queue_job={"channels": CAPACITY},
    ) as web:
        yield web


@contextmanager
def apart(copy):
    """The recommended deployment."""
    with deployment.running(
        copy.cluster,
        DATABASE,
        copy.directory,
        options=copy.options,
        channels=CAPACITY,
    ) as (web, _jobs):
        if len(web.processes(server.HTTP)) != WORKERS:
            raise SystemExit(f"The deployment has not {WORKERS} web workers.")
        yield web


WAYS = {
    "request": Way("the call in the request", "action_ask_in_request", together),
    "delay": Way("with_delay, same workers", "action_ask_with_delay", together),
    "ours": Way("ours, jobs apart", "action_run_ai_forecast", apart),
}


# ------------------------------------------------------------
# MEASURING
# ------------------------------------------------------------


def measure(way, copy, fake, options):
    """One way: all moments of reading and pressing, and when nobody pressed.

    :return: dict of ``idle`` and ``busy`` (lists of (from, to)), ``reads`` and
        ``presses`` (lists of ``Moment``), ``jobs`` (how many were done meanwhile),
        ``messages`` (how many arrived at all tabs)
    """
    with way.start(copy) as web, ExitStack() as stack:
        admin = Client(web.url, DATABASE, "admin", "admin")
        choose_model(admin, fake)
        crowd = people.hire(admin, web.url, READERS + PRESSERS, USER)
        products = admin.call(
            "product.product", "search", [("default_code", "=like", "A%")], order="id"
        )
        last = bus_id(copy.cluster)
        tabs = [
            stack.enter_context(
                people.Tab(client, web.url, last, RUNS if number >= READERS else ())
            )
            for number, client in enumerate(crowd)
        ]
        pressing, leafing = threading.Event(), threading.Event()
        readers = [
            people.Person(client, reading(len(products), number), is_on=leafing)
            for number, client in enumerate(crowd[:READERS])
        ]
        buttons = iter(products)  # each once: an equal question is not asked twice
        pressers = [
            people.Person(
                client,
                button(way, buttons),
                pace=LATENCY,
                is_on=pressing,
                offset=LATENCY / PRESSERS * number,
            )
            for number, client in enumerate(crowd[READERS:])
        ]
        warm(admin, copy.cluster, way, crowd, products, fake)
        # Else PostgreSQL finds out halfway what the warm-up wrote, and plans anew.
        copy.cluster.execute("VACUUM (ANALYZE)", DATABASE)
        for person in (*readers, *pressers):
            stack.enter_context(person)
        idle, busy, jobs = phases(admin, copy.cluster, (leafing, pressing), options)
    return {
        "idle": idle,
        "busy": busy,
        "reads": [moment for person in readers for moment in person.moments],
        "presses": [moment for person in pressers for moment in person.moments],
        "jobs": jobs,
        "messages": sum(tab.count for tab in tabs),
    }


def phases(admin, cluster, doing, options):
    """Without presses, with them, without …: the spans of both, and jobs done.

    :param doing: the events that let people read, and press
    """
    leafing, pressing = doing
    idle, busy, jobs = [], [], 0
    leafing.set()
    idle.append(people.span(options.seconds))
    for _round in range(options.rounds):
        before = jobs_done(cluster)
        pressing.set()
        busy.append(people.span(options.seconds))
        pressing.clear()
        jobs += jobs_done(cluster) - before
        # Jobs get what people leave: so they are left to end alone.
        leafing.clear()
        end_jobs(admin, cluster)
        leafing.set()
        idle.append(people.span(options.seconds))
    return idle, busy, jobs


def reading(count, number):
    """Somebody who leafs through the list, each beginning on another page."""
    pages = itertools.cycle(range(max(1, count // people.PAGE)))
    for _skipped in range(number * 5):
        next(pages)
    return lambda client: people.read_products(client, next(pages))


def button(way, products):
    """Somebody who presses the button of one product after the other."""
    return lambda client: people.press(client, way.method, next(products))


def warm(admin, cluster, way, crowd, products, fake):
    """Let every process answer all kinds of requests, so that its caches are full."""
    fake.configure(latency=0.0)
    buttons = reversed(products)
    with ExitStack() as stack:
        for number, client in enumerate(crowd):
            acts = (reading(len(products), number), button(way, buttons))
            act = acts[number >= READERS]
            stack.enter_context(people.Person(client, act, pace=WARM_PACE))
        time.sleep(WARM_SECONDS)
    end_jobs(admin, cluster)
    fake.configure(latency=LATENCY)


# ------------------------------------------------------------
# THE SYSTEM
# ------------------------------------------------------------


def choose_model(admin, fake):
    """Let both addons ask the model server."""
    admin.call("ir.config_parameter", "set_param", URL, fake.url)
    (user,) = admin.call("res.users", "read", [admin.uid], ["company_id"])
    name = "Model server"
    providers = admin.call("ai.queue.provider", "search", [("name", "=", name)])
    if not providers:
        line = {"kind": "forecast", "model": MODEL}
        values = {"name": name, "base_url": fake.url, "model_ids": [(0, 0, line)]}
        providers = admin.call("ai.queue.provider", "create", [values])
    values = {
        "ai_queue_forecast_provider_id": providers[0],
        "ai_queue_forecast_compare": False,
    }
    admin.call("res.company", "write", [user["company_id"][0]], values)


def end_jobs(admin, cluster):
    """Nobody waits for the rest of it: only what runs comes to its end."""
    runs = admin.call(
        "ai.queue.run", "search", [("state", "in", ("pending", "started"))]
    )
    if runs:
        admin.call("ai.queue.run", "action_cancel", runs)
    jobs = admin.call("queue.job", "search", [("state", "=", "pending")])
    if jobs:
        admin.call("queue.job", "button_cancelled", jobs)
    wait_until(lambda: not jobs_left(cluster), "the end of all jobs", DRAIN_SECONDS)


def value(cluster, query):
    """The one number that a query gives."""
    return int(cluster.execute(query, DATABASE))


def jobs_left(cluster):
    """How many jobs wait or run."""
    return value(
        cluster,
        "SELECT count(*) FROM queue_job "
        "WHERE state NOT IN ('done', 'failed', 'cancelled')",
    )


def jobs_done(cluster):
    """How many jobs were done so far."""
    return value(cluster, "SELECT count(*) FROM queue_job WHERE state = 'done'")


def bus_id(cluster):
    """The last message of the bus, after which a tab listens."""
    return value(cluster, "SELECT coalesce(max(id), 0) FROM bus_bus")


# ------------------------------------------------------------
# WHAT CAME OF IT
# ------------------------------------------------------------


def row(way, result):
    """The cells of one way."""
    idle, busy, presses = all_figures(result)
    gateway = busy.gateway + presses.gateway
    return [
        way.title,
        f"{idle.rate:.1f}",
        f"{busy.rate:.1f}",
        f"**{busy.rate / idle.rate:.0%}**",
        milliseconds(busy.p50),
        milliseconds(busy.p95),
        f"**{busy.p95 / idle.p95:.2f}**",
        gateway,
        busy.other + presses.other,
        presses.count,
        milliseconds(presses.p50),
        milliseconds(presses.p95),
        milliseconds(presses.most),
    ]


def all_figures(result):
    """Of reads without presses and with them, and of all presses."""
    begun = [(begin, end + DRAIN_SECONDS) for begin, end in result["busy"]]
    return (
        people.figures(result["reads"], result["idle"]),
        people.figures(result["reads"], result["busy"]),
        # each press that was begun counts, whenever it was answered
        people.figures(result["presses"], begun[:1] and [(begun[0][0], begun[-1][1])]),
    )


def milliseconds(seconds):
    """As a cell shows it."""
    return f"{1000 * seconds:,.0f} ms"


def judge(result):
    """What ours misses of what is demanded: sentences."""
    idle, busy, presses = all_figures(result)
    errors = sum(one.gateway + one.other for one in (idle, busy, presses))
    demands = {
        f"Reads are below {READS:.0%} of idle.": busy.rate >= READS * idle.rate,
        f"The p95 of reads is above {P95} times idle.": busy.p95 <= P95 * idle.p95,
        f"A press took {PRESS} s or more.": presses.most < PRESS,
        "Requests failed.": not errors,
    }
    return [sentence for sentence, is_kept in demands.items() if not is_kept]
