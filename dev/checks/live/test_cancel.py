"""Cancel, Retry, and work that really fails."""

import pytest

from dev.client import Refused

#: so many of the 60 products come through before the gate is opened
FIRST = 40


def test_cancel_in_the_middle_and_finish_later(world):
    with world.parameter("ai_queue.chunk_size", "1"):
        with world.gate(world.products[FIRST:]):
            run = world.admin.press(world.products)
            world.wait_for(lambda: world.at_gate() == 3, "three jobs at work")
            # The run itself follows a moment after its jobs.
            before = world.jobs(run)["done"]
            assert world.admin.call("ai.queue.run", "action_cancel", [run])
            # Those at the gate finish what they have in hand, and then stop.
            assert world.jobs(run)["started"] == 3
        row = world.wait_ended(run)
        assert row["state"] == "cancelled"
        assert row["finished"] == before + 3
        jobs = world.jobs(run)
        assert jobs == {"done": before + 3, "cancelled": 60 - before - 3}
        # What was finished is kept.
        assert len(world.forecasts(world.products)) == before + 3
        assert world.admin.call("ai.queue.run", "action_retry", [run])
    world.wait_done(run)
    world.assert_whole(run, world.products)


def test_cancel_under_load(world):
    """Jobs start and end all the time while the run is cancelled."""
    (buyer,) = world.buyers(1)
    with world.parameter("ai_queue.chunk_size", "1"):
        with world.gate(world.products[FIRST:]):
            run = buyer.press(world.products)
            world.wait_in_the_middle(run)
            assert buyer.call("ai.queue.run", "action_cancel", [run])
        row = world.wait_ended(run)
    assert row["state"] == "cancelled"
    assert 0 < row["finished"] < 60
    assert set(world.jobs(run)) == {"done", "cancelled"}
    assert len(world.forecasts(world.products)) == row["finished"]


def test_two_people_cancel_at_once(world):
    with world.parameter("ai_queue.chunk_size", "1"):
        (buyer,) = world.buyers(1)
        with world.gate(world.products[FIRST:]):
            run = buyer.press(world.products)
            world.wait_in_the_middle(run)
            world.together(
                [
                    lambda one=one: one.call("ai.queue.run", "action_cancel", [run])
                    for one in (buyer, world.admin)
                ]
            )
        assert world.wait_ended(run)["state"] == "cancelled"


def test_only_who_started_it_and_managers_cancel(world):
    one, two = world.buyers(2)
    with world.gate():
        run = one.press(world.products[:1])
        for method in ("action_cancel", "action_retry"):
            with pytest.raises(Refused, match="Only Buyer0"):
                two.call("ai.queue.run", method, [run])
    world.wait_done(run)


def test_a_source_that_fails(world):
    """Another addon's source of demand refuses one product, and is then repaired."""
    broken, *others = products = world.products[:6]
    with world.parameter("ai_queue.chunk_size", "2"):
        with world.parameter("ai_queue_check.broken_product_id", str(broken)):
            run = world.admin.press(products)
            row = world.wait_ended(run)
        assert row == {
            "state": "failed",
            "total": 6,
            "finished": 4,
            "skipped": 0,
            "failed": 2,
        }
        (said,) = world.admin.call("ai.queue.run", "read", [run], ["failure_summary"])
        assert said["failure_summary"] == "The source of demand does not answer."
        assert set(world.forecasts(products)) == set(others[1:])
        # The same products can be pressed again at once: the failed run is no more.
        assert world.admin.call("ai.queue.run", "action_retry", [run])
        world.wait_done(run)
    world.assert_whole(run, products)
