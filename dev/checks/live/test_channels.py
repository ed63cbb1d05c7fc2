"""Channels are tuned while all runs; the runner is seen, and missed when it is gone."""

import os
import signal
import time

import pytest

from dev.process import signal_all, wait_until
from dev.server import RUNNER

from .flight import Flight
from .limits import SILENT_SECONDS, short_limits
from .world import CHANNEL, HEAL_SECONDS
from .world import CHECK_CHANNEL as NAME

WORK_SECONDS = 0.4
#: from press to effect, of which the answer of the server is a part
PROMPT_SECONDS = 1.0
#: long enough to see jobs come and go under a new capacity
LOOK_SECONDS = 3.0
#: until a runner that is gone is missed, on a busy machine
ALARM_SECONDS = SILENT_SECONDS + 60


@pytest.fixture
def root(world):
    """The root channel, which must let more through than it does by odoo.conf."""
    root = world.value("SELECT id FROM queue_job_channel WHERE name = 'root'")
    world.admin.call(CHANNEL, "write", [root], {"capacity": 5})
    return root


@pytest.mark.alone
def test_capacity_follows_under_load(world, channel, root, pictures, capsys):
    write = {"capacity": 3}
    world.admin.call(CHANNEL, "write", [channel], write)
    enqueue(world, 200)
    seconds = {}
    with Flight(world, NAME) as flight:
        wait_in_flight(world, flight, 3)
        look(flight, limit=3)
        for before, capacity in ((3, 1), (1, 5)):
            pressed = flight.mark(f"capacity {capacity}")
            world.admin.call(CHANNEL, "write", [channel], {"capacity": capacity})
            wait_in_flight(world, flight, capacity)
            look(flight, limit=capacity)
            seconds[f"to {capacity}"] = effect(flight, pressed, before, capacity)
        pressed = flight.mark("paused")
        world.admin.call(CHANNEL, "action_pause", [channel])
        wait_in_flight(world, flight, 0)
        look(flight, limit=0)
        seconds["to paused"] = last_start(flight, pressed) - pressed
        assert waiting(world) > 0
        pressed = flight.mark("resumed")
        world.admin.call(CHANNEL, "action_resume", [channel])
        wait_in_flight(world, flight, 5)
        seconds["to resumed"] = flight.starts(pressed)[0][0] - pressed
        look(flight, limit=5)
    flight.draw(pictures / "channels.svg", f"Jobs of {NAME} in flight")
    words = ", ".join(f"{what} {value:.3f} s" for what, value in seconds.items())
    with capsys.disabled():
        print(f"\nfrom press to effect: {words}")
    assert len(flight.samples) > 500
    assert max(seconds.values()) < PROMPT_SECONDS


def test_channels_survive_a_restart_of_the_server(world, channel, root):
    world.admin.call(CHANNEL, "write", [channel], {"capacity": 2})
    world.server.kill_odoo()
    world.server.start_odoo()
    enqueue(world, 20)
    with Flight(world, NAME) as flight:
        wait_in_flight(world, flight, 2)
        look(flight, limit=2)
    assert reported_soon(world, NAME, 2)
    assert reported_soon(world, "root", 5)


def test_channels_survive_the_death_of_the_runner(world, channel, root):
    world.admin.call(CHANNEL, "write", [channel], {"capacity": 1})
    (pid,) = world.server.kill_processes(RUNNER)
    enqueue(world, 10)
    with Flight(world, NAME) as flight:
        wait_in_flight(world, flight, 1)
        look(flight, limit=1)
    latest = "SELECT pid FROM queue_job_runner ORDER BY date_seen DESC, id DESC LIMIT 1"
    world.wait_for(lambda: world.value(latest) != pid, "the next runner")


def test_channels_survive_a_restart_of_the_database(world, channel, root):
    world.admin.call(CHANNEL, "write", [channel], {"capacity": 1})
    world.server.cluster.kill()
    world.server.cluster.start()
    enqueue_until_answered(world, 10)
    with Flight(world, NAME) as flight:
        wait_in_flight(world, flight, 1)
        look(flight, limit=1)


def test_what_is_taken_back_follows_odoo_conf(world, channel, root):
    assert reported_soon(world, "root", 5)
    world.admin.call(CHANNEL, "action_follow_conf", [root])
    assert reported_soon(world, "root", 4)


def test_a_paused_channel_holds_up_a_run_and_says_so(world, channel):
    forecasting = world.value(
        "SELECT id FROM queue_job_channel WHERE complete_name = 'root.ai_forecasting'"
    )
    world.admin.call(CHANNEL, "action_pause", [forecasting])
    (buyer,) = world.buyers(1)
    run = buyer.press(world.products[:3])
    with Flight(world, "root.ai_forecasting") as flight:
        look(flight, limit=0)
    (row,) = buyer.call("ai.queue.run", "read", [run], ["state", "hold_summary"])
    assert row["state"] == "pending"
    assert "root.ai_forecasting is paused" in row["hold_summary"]
    world.admin.call(CHANNEL, "action_resume", [forecasting])
    world.wait_done(run)
    (row,) = buyer.call("ai.queue.run", "read", [run], ["hold_summary"])
    assert not row["hold_summary"]


def test_a_runner_that_is_gone_is_missed(world, make_server):
    """People are served by another server meanwhile, as with the Docker services."""
    web = make_server(
        world.server.database,
        label="web",
        workers=2,
        queue_job={"channels": "root:0"},
        **short_limits(),
    )
    there = type(world.admin)(web.url, web.database, "admin", "admin")
    world.wait_for(lambda: status(there)["problem"] is False, "the runner to be seen")
    began = time.monotonic()
    world.server.kill_odoo()
    try:
        run = there.press(world.products[:2])
        problem = wait_until(
            lambda: status(there)["problem"], "the alarm", ALARM_SECONDS
        )
        assert "No job runner has reported for" in problem
        # not before it has missed signs of life: the last was a moment before
        assert time.monotonic() - began > SILENT_SECONDS / 2
        (row,) = there.call("ai.queue.run", "read", [run], ["hold_summary"])
        # For a moment longer, by now.
        assert "No job runner has reported for" in row["hold_summary"]
    finally:
        world.server.start_odoo()
    world.wait_done(run, HEAL_SECONDS)
    world.wait_for(lambda: status(there)["problem"] is False, "the runner to be seen")
    web.stop()


def test_a_runner_that_hangs_loses_its_place_and_comes_back(world):
    (pid,) = world.wait_for(lambda: world.server.processes(RUNNER), "the runner")
    os.kill(pid, signal.SIGSTOP)
    try:
        problem = wait_until(
            lambda: status(world.admin)["problem"], "the alarm", ALARM_SECONDS
        )
        assert "No job runner has reported for" in problem
    finally:
        signal_all([pid], signal.SIGCONT)
    world.wait_for(lambda: not status(world.admin)["problem"], "the runner to be back")


# ---------------------------------------------------------------------- helpers


def enqueue(world, count):
    """Jobs that take some time each, in our channel."""
    product = world.products[:1]
    world.admin.call(
        "product.product", "action_check_channel", product, NAME, count, WORK_SECONDS
    )


def enqueue_until_answered(world, count):
    """The same, as soon as the server has found its database again."""

    def is_enqueued():
        try:
            enqueue(world, count)
        except Exception:  # whatever a server says whose database is away
            return False
        return True

    world.wait_for(is_enqueued, "an answer of the server")


def wait_in_flight(world, flight, count):
    """Wait until so many jobs are in flight, also after a server or database died."""
    world.wait_for(lambda: flight.now() == count, f"{count} in flight", HEAL_SECONDS)


def look(flight, limit):
    """Watch for a while that no more than ``limit`` jobs are in flight."""
    since = time.time()
    wait_until(lambda: time.time() > since + LOOK_SECONDS, "time", LOOK_SECONDS * 2)
    assert max(len(ids) for _moment, ids in flight.between(since)) <= limit


def effect(flight, pressed, before, capacity):
    """Seconds from a press, between two capacities, to its effect.

    After it, no job starts above the new capacity.
    """
    if capacity > before:
        reached = [m for m, ids in flight.between(pressed) if len(ids) == capacity]
        return reached[0] - pressed
    above = [moment for moment, count in flight.starts(pressed) if count > capacity]
    # Never above what was allowed before, not even in between.
    assert max(len(ids) for _moment, ids in flight.between(pressed)) <= before
    return max(above, default=pressed) - pressed


def last_start(flight, pressed):
    return max([moment for moment, _count in flight.starts(pressed)], default=pressed)


def waiting(world):
    return world.value(
        "SELECT count(*) FROM queue_job WHERE channel = %s AND state = 'pending'", NAME
    )


def reported(world, name):
    """What the runner said last of a channel."""
    return world.value(
        "SELECT channels -> %s FROM queue_job_runner ORDER BY date_seen DESC, id DESC "
        "LIMIT 1",
        name,
    )


def reported_soon(world, name, capacity):
    return world.wait_for(
        lambda: (reported(world, name) or {"spec": [None]})["spec"][0] == capacity,
        f"{name}:{capacity}",
    )


def status(client):
    return client.call("queue.job.runner", "get_status")
