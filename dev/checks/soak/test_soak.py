"""Everything at work while everything breaks: nothing lost, twice, or stuck.

Forecasts through a model of which one answer in ten fails, vendor bills, their checks
by an agent, and a table kept in step with a warehouse; Celery workers ask the model and
read the bills. ``bin/bench soak --minutes 120``
does it for longer, and draws it.
"""

import json
import os

import pytest

from dev.checks.live.model import more_products, serving
from dev.checks.live.world import World
from dev.clock import Clock
from dev.process import wait_until
from dev.progress import SetupError
from dev.redis import Redis
from dev.workspace import addons_path

from .elsewhere import ADDON, Elsewhere
from .trouble import CELERY_SECONDS, CLOCK_SECONDS, RUNNER_KILLS, Trouble, Watch
from .work import Work

NAME = "soak"
ADDONS = f"ai_queue_agent,ai_queue_purchase,ai_queue_data_warehouse,{ADDON}"
MINUTES = float(os.environ.get("AI_QUEUE_SOAK_MINUTES", "15"))
#: in which something ends, of what was put off or waits for a paused model
SETTLE_SECONDS = 1200
#: about as many as the model is asked about in that time
PRODUCTS = max(1200, round(80 * MINUTES))
#: small jobs and small questions, for more of them to go wrong
PRODUCTS_A_JOB, PRODUCTS_A_QUESTION = 4, 1
FAULTS = [
    {"status": 500, "probability": 0.02},
    {"status": 503, "probability": 0.02, "retry_after_ms": 200},
    {"status": 429, "probability": 0.02, "retry_after": 1},
    {"kind": "drop_body", "probability": 0.015},
    {"kind": "drop", "probability": 0.01},
    {"kind": "broken_json", "probability": 0.015},
]
NOW = "SELECT extract(epoch FROM clock_timestamp())::float"
#: the last quarter of the time takes at most so much more memory than the second
FLAT = 1.15


@pytest.fixture
def clock(workspace):
    """The database server goes by it, and whoever gets its environment."""
    clock, cluster = Clock(workspace.directory), workspace.cluster
    workspace.stocked()
    cluster.server_environment = clock.environment()
    cluster.stop()
    cluster.start()
    yield clock
    cluster.server_environment = {}


@pytest.fixture
def broker(workspace, clock):
    directory = workspace.directory / "redis"
    with Redis(directory, environment=clock.environment()) as running:
        yield running


@pytest.fixture
def world(workspace, make_server, clock, broker):
    workspace.copy(workspace.stocked(), NAME)
    workspace.install(NAME, ADDONS, workspace.log(f"install-{NAME}"))
    server = make_server(
        NAME,
        workers=6,
        options={"addons_path": addons_path()},
        environment={"AI_QUEUE_BROKER_URL": broker.url, **clock.environment()},
    )
    yield World(server)
    server.kill()
    workspace.drop(NAME)


@pytest.mark.timeout(int(2 * MINUTES * 60) + 2 * SETTLE_SECONDS)
def test_nothing_is_lost_or_done_twice(workspace, world, broker, clock):
    seconds = MINUTES * 60
    with (
        serving(world) as model,
        more_products(world, PRODUCTS) as products,
        Elsewhere(
            world, model, broker, workspace.logs / "celery", clock.environment()
        ) as elsewhere,
    ):
        began = world.value(NOW)
        model.set(max_in_flight=6)
        model.fake.configure(faults=FAULTS, latency=0.2, jitter=0.3, seed=4711)
        work = Work(world, products)
        with (
            model.small(PRODUCTS_A_JOB, PRODUCTS_A_QUESTION),
            Watch(world, model, elsewhere) as watch,
        ):
            trouble = Trouble(world, seconds, elsewhere, clock)
            with trouble, work.under_way():
                wait_for_the_end(trouble, seconds)
            stuck = settled(world, work)
        lost, twice = list(work.lost()), list(work.twice())
        again = model.check_ledger(trouble.cut_off) if not stuck else []
        dead = elsewhere.dead()
        put_forward = world.value(NOW) - began
        in_flight = model.calls(state="lost")
        faults = sum(model.fake.stats()["faults"].values())
        answered = model.calls(state="answered")
    before, after = watch.growth()
    told = {
        "minutes": MINUTES,
        **work.counts,
        "warehouse batches": work.sync.outcome.batches,
        "answers of the model": answered,
        "failures of the model": faults,
        **{what: trouble.count(what) for _moment, what in trouble.marks},
        "Odoo started again": world.server.restarts,
        "jobs failed": world.value(
            "SELECT count(*) FROM queue_job WHERE state = 'failed'"
        ),
        "lost": len(lost),
        "twice": len(twice),
        "paid twice": len(again),
        "calls whose answer was lost": in_flight,
        "in flight at killed workers, at most": trouble.cut_off,
        "stuck": sum(stuck.values()),
        "memory, second quarter (MB)": round(before),
        "memory, last quarter (MB)": round(after),
    }
    for name, value in told.items():
        print(f"{name:34}{value:>10}")
    print("lost:", lost[:20], "twice:", twice[:20], "stuck:", stuck)
    report = {"told": told, "samples": watch.samples, "marks": trouble.marks}
    workspace.log("soak").with_suffix(".json").write_text(json.dumps(report))
    assert trouble.count("runner killed") >= RUNNER_KILLS - 2
    assert trouble.count("database killed") == trouble.count("database restarted") == 1
    assert trouble.count("disk of the log full") == 1
    assert trouble.count("Redis killed") == trouble.count("Redis restarted") == 1
    assert trouble.count("Celery worker killed") >= MINUTES * 60 // CELERY_SECONDS - 1
    assert put_forward >= CLOCK_SECONDS
    assert not dead
    assert work.counts["presses"] and work.counts["bills"] and work.counts["checks"]
    assert faults
    assert not stuck
    assert not lost
    assert not twice
    # As many as the ledger knows of whose answer it never got, and those that were
    # asked again for a worker that was killed.
    assert len(again) <= in_flight + trouble.cut_off
    assert after <= before * FLAT


def wait_for_the_end(trouble, seconds):
    """The time is over, or something broke that should not."""

    def is_over():
        if trouble.error:
            raise trouble.error
        return trouble.elapsed() >= seconds

    wait_until(is_over, "the end of the soak", seconds + 60, interval=1)


def settled(world, work):
    """Nobody works any more: what is left, when nothing has moved for long.

    A busy machine may have much left to do, which is not stuck.
    """
    world.server.wait_until_ready()
    while left := work.unfinished():
        try:
            wait_until(
                lambda known=left: work.unfinished() != known,
                "something to end",
                SETTLE_SECONDS,
                interval=2,
            )
        except SetupError:
            return left
    return {}
