"""What all products have in common is learnt before a large run; killed on the way."""

import os
import signal
from contextlib import contextmanager

import pytest

from dev.process import wait_until_gone
from dev.server import HTTP

from .world import HEAL_SECONDS

SECONDS = 90


@contextmanager
def learning_first(world):
    """Runs of 60 products learn before they forecast, and nothing is learnt yet."""
    world.sql("DELETE FROM ai_queue_forecast_learning")
    with world.parameter("ai_queue.learning_products", "60"):
        yield


@pytest.fixture
def pressed(world):
    """A run of all products whose company is stopped while it learns, and the gate."""
    with learning_first(world), world.gate() as gate:
        run = world.admin.press(world.products)
        learns = world.value("SELECT max(id) FROM ai_queue_run WHERE kind = 'learning'")
        world.wait_for(lambda: world.at_gate() == 1, "the company to learn", SECONDS)
        yield run, learns, gate
        gate.close()
        world.wait_ended(run, HEAL_SECONDS)
        world.wait_ended(learns, HEAL_SECONDS)


def learnt(world):
    return world.value("SELECT count(*) FROM ai_queue_forecast_learning")


def wait_until_put_off(world, run):
    query = (
        "SELECT bool_and(waits_for LIKE 'learning:%%') FROM ai_queue_run_job "
        "WHERE run_id = %s"
    )
    world.wait_for(lambda: world.value(query, run), "the forecasts to wait", SECONDS)


def test_forecasts_wait_until_it_is_learnt(world, pressed):
    run, learns, gate = pressed
    wait_until_put_off(world, run)
    assert world.run(run)["finished"] == 0
    gate.close()
    world.wait_done(learns)
    # They are woken: the next look of their own would come half a minute later.
    world.wait_done(run)
    world.assert_whole(run, world.products)
    assert learnt(world) == 1


def test_killed_half_way(world, pressed):
    run, learns, gate = pressed
    wait_until_put_off(world, run)
    job, pid = world.sql(
        "SELECT uuid, worker_pid FROM queue_job WHERE ai_queue_run_id = %s", learns
    )[0]
    assert pid in world.server.processes(HTTP)
    os.kill(pid, signal.SIGKILL)
    wait_until_gone([pid], SECONDS)
    assert learnt(world) == 0
    gate.close()
    world.wait_ended(learns, HEAL_SECONDS)
    world.wait_done(run, HEAL_SECONDS)
    world.assert_whole(run, world.products)
    assert learnt(world) == 1
    assert world.value("SELECT retry FROM queue_job WHERE uuid = %s", job) > 1


def test_cancelled_half_way(world, pressed):
    run, learns, gate = pressed
    wait_until_put_off(world, run)
    world.admin.call("ai.queue.run", "action_cancel", [learns])
    gate.close()
    assert world.wait_ended(learns)["state"] == "cancelled"
    world.wait_done(run)
    world.assert_whole(run, world.products)
    assert learnt(world) == 0


def test_pressed_twice(world, pressed):
    run, learns, gate = pressed
    other = world.admin.press(world.products)
    assert other == run
    count = "SELECT count(*) FROM ai_queue_run WHERE kind = 'learning' AND id >= %s"
    assert world.value(count, learns) == 1
    gate.close()
    world.wait_done(run)
    # What has just been learnt serves the next press.
    world.wait_done(world.admin.press(world.products))
    assert world.value(count, learns) == 1
    assert learnt(world) == 1
