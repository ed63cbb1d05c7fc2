"""Reorder proposals of 60 products: what is killed or cancelled half-way ends well, and
nothing is proposed twice."""

import os
import signal

import pytest

from dev.process import wait_until_gone
from dev.server import HTTP

from .limits import short_limits
from .shop import Shop
from .world import HEAL_SECONDS

DATABASE = "live_reorder"
SECONDS = 60
#: so many of the 60 products come through before the gate is opened
FIRST = 40


@pytest.fixture(scope="module")
def _shop(workspace, make_server):
    workspace.copy(workspace.stocked(), DATABASE)
    server = make_server(DATABASE, workers=6, **short_limits())
    yield Shop(server)
    server.kill()
    workspace.drop(DATABASE)


@pytest.fixture
def shop(_shop):
    """The running system, with a job for each product."""
    with _shop.parameter("ai_queue.chunk_size", "1"):
        yield _shop
    _shop.reset()


@pytest.fixture
def stopped_run(shop):
    """A run that is stopped in its middle with three jobs at work: run and gate."""
    with shop.gate(shop.products[FIRST:]) as gate:
        run = shop.propose()
        shop.wait_for(lambda: shop.at_gate() == 3, "three jobs at work", run_id=run)
        yield run, gate


def test_kill_a_worker(shop, stopped_run):
    run, gate = stopped_run
    ((job, pid),) = started(shop, run)[:1]
    assert pid in shop.server.processes(HTTP)
    os.kill(pid, signal.SIGKILL)
    wait_until_gone([pid], SECONDS)
    wait_found_dead(shop, job, pid)
    gate.close()
    shop.wait_ended(run, HEAL_SECONDS)
    shop.assert_proposed(run)
    assert shop.value("SELECT retry FROM queue_job WHERE uuid = %s", job) > 1


def test_kill_the_whole_server(shop):
    """Wherever its jobs are: before, in or after writing their proposals."""
    with shop.gate(shop.products[FIRST:]):
        run = shop.propose()
        shop.wait_in_the_middle(run)
        shop.server.kill_odoo()
    before = shop.proposed(run)
    assert 0 < len(before) < len(shop.rules)
    shop.server.start_odoo()
    shop.wait_ended(run, HEAL_SECONDS)
    shop.assert_proposed(run)


def test_cancel_and_finish_later(shop, stopped_run):
    run, gate = stopped_run
    before = shop.jobs(run)["done"]
    assert shop.admin.call("ai.queue.run", "action_cancel", [run])
    gate.close()
    row = shop.wait_ended(run)
    assert row["state"] == "cancelled"
    # Those at work finish what they have in hand, and it is kept.
    assert row["finished"] == before + 3
    assert set(shop.proposed(run).values()) == {1}
    assert len(shop.proposed(run)) == before + 3
    assert shop.admin.call("ai.queue.run", "action_retry", [run])
    shop.wait_done(run)
    shop.assert_proposed(run)


def test_the_next_run_leaves_one_proposal_to_decide(shop):
    first = shop.propose()
    assert shop.propose() == first, "the same work twice"
    shop.wait_done(first)
    second = shop.propose()
    shop.wait_done(second)
    shop.assert_proposed(second)
    states = shop.sql(
        "SELECT DISTINCT state, outdated_by FROM ai_queue_reorder_proposal "
        "WHERE run_id = %s",
        first,
    )
    assert states == [("outdated", "run")]


# ---------------------------------------------------------------------- helpers


def started(shop, run):
    """The jobs of a run that are at work: (uuid, process id of the worker)."""
    return shop.sql(
        "SELECT uuid, worker_pid FROM queue_job "
        "WHERE ai_queue_run_id = %s AND state = 'started'",
        run,
    )


def wait_found_dead(shop, job, pid):
    """Wait until another process is at the job, which only the gate holds up."""
    query = (
        "SELECT state = 'started' AND worker_pid <> %s FROM queue_job WHERE uuid = %s"
    )
    shop.wait_for(
        lambda: shop.value(query, pid, job), "the job to be found dead", HEAL_SECONDS
    )
