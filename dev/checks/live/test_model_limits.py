"""What a provider may be asked, with three jobs in three processes that all want to.

Budgets, limits a minute, requests in flight and the breaker hold across processes, and
whoever has to wait goes on the moment that is over.
"""

import pytest

QUESTIONS = 60
PRODUCTS_A_JOB = 10
JOBS = QUESTIONS // PRODUCTS_A_JOB
#: slots in root.ai_forecasting
SLOTS = 3
#: one question is sent so often before it counts as a failure
TRIES = 4
MINUTE = 60
#: put off for longer than any check takes
LONG = 600


@pytest.fixture(autouse=True)
def small(model):
    """A question for each product."""
    with model.small(PRODUCTS_A_JOB):
        yield


def test_the_budget_of_the_day(world, model):
    """Not a token more is reserved than there are; work goes on when it is raised."""
    world.pass_midnight()
    budget = spent_today(world) + 20_000
    model.set_company(ai_queue_budget_tokens=budget)
    model.fake.configure(latency=0.3)
    most = 0

    def rest_waits():
        nonlocal most
        most = max(most, spent_today(world))
        jobs = world.jobs(run)
        return waiting(world, run, "budget") == JOBS - jobs.get("done", 0)

    run = world.admin.press(world.products)
    world.wait_for(rest_waits, "the rest to wait for the budget", run_id=run)
    assert budget - 5_000 < most <= budget
    some = model.fake.stats()["answered"]
    assert 0 < some < QUESTIONS
    assert "budget" in summary(world, run, "waiting_summary")
    assert_put_off(world, run)
    model.set_company(ai_queue_budget_tokens=budget + 1_000_000)
    world.wait_done(run)
    world.assert_whole(run, world.products)
    assert model.check_ledger() == []


def test_requests_a_minute_and_at_a_time(world, model):
    """The model server, which has a clock of its own, never counts more."""
    model.set(requests_per_minute=45, max_in_flight=5)
    model.fake.configure(latency=0.4)
    run = world.admin.press(world.products)
    world.wait_done(run, 4 * MINUTE)
    # Some seconds less: requests are on their way for longer on a busy machine.
    stats = model.fake.stats(window=MINUTE - 5)
    assert stats["busiest"]["requests"] == 45
    assert stats["max_in_flight"] == 5
    assert model.check_ledger() == []


def test_the_same_question_of_two_runs(world, model):
    """Two jobs in two processes come to it at the same moment: it is asked once."""
    model.fake.configure(latency=0.5)
    first, second = world.buyers(2)
    with world.parameter("ai_queue.chunk_size", "20"), world.gate() as gate:
        runs = world.together(
            [
                lambda: first.press(world.products[:20]),
                lambda: second.press(world.products[:40]),
            ]
        )
        world.wait_for(lambda: world.at_gate() == SLOTS, "three jobs at work")
        gate.close()
        for run in runs:
            world.wait_done(run)
    assert model.check_ledger() == []
    assert model.fake.stats()["answered"] == 40
    world.assert_forecast(world.products[:40])


def test_a_provider_that_is_down(world, model):
    """It is paused and tried with one request at a time, until it is back."""
    model.set(breaker_failures=3, breaker_pause=2)
    model.fake.configure(latency=0.2, faults=[{"kind": "drop", "probability": 1.0}])
    run = world.admin.press(world.products)
    wait_for_pause(world, model, run)
    retried = attempts(world, run, "retried")
    model.fake.reset_stats()
    world.wait_for(lambda: pauses(world, model) >= 3, "two failed probes", run_id=run)
    stats, probes = model.fake.stats(), pauses(world, model)
    assert stats["max_in_flight"] == 1
    # Probe by probe, of whichever question is next.
    assert stats["distinct"] <= probes
    assert stats["asked"] <= TRIES * probes
    assert attempts(world, run, "retried") == retried <= SLOTS
    assert "is paused" in summary(world, run, "waiting_summary")
    assert_put_off(world, run, tries=1)
    model.fake.configure(faults=[])
    world.wait_done(run)
    world.assert_whole(run, world.products)
    assert model.check_ledger() == []
    assert model.breaker()[0] == "closed"


def test_the_breaker_is_reset_by_hand(world, model):
    """Nothing is sent while it is open, and everything at once when it is reset."""
    model.set(breaker_failures=3, breaker_pause=LONG)
    model.fake.configure(faults=[{"status": 500, "probability": 1.0}])
    run = world.admin.press(world.products)
    wait_for_pause(world, model, run)
    world.wait_for(
        lambda: waiting(world, run, "breaker") == JOBS, "all jobs to wait", run_id=run
    )
    model.fake.configure(faults=[])
    model.fake.reset_stats()
    model.call("action_reset_breaker", [model.id])
    world.wait_done(run)
    world.assert_whole(run, world.products)
    assert model.fake.stats()["asked"] == QUESTIONS
    assert model.check_ledger() == []


# ---------------------------------------------------------------------- helpers


def spent_today(world):
    """Tokens of the company that are spent or reserved."""
    return world.value(
        "SELECT coalesce(sum(tokens), 0) FROM ai_queue_call "
        "WHERE budget_date = (SELECT max(date) FROM ai_queue_budget)"
    )


def waiting(world, run, what):
    """How many jobs of a run are put off until that is there."""
    return world.value(
        "SELECT count(*) FROM ai_queue_run_job WHERE run_id = %s "
        "AND state = 'pending' AND waits_for LIKE %s",
        run,
        f"{what}:%",
    )


def summary(world, run, field):
    ((row),) = world.admin.call("ai.queue.run", "read", [run], [field])
    return row[field]


def attempts(world, run, outcome):
    return world.value(
        "SELECT count(*) FROM ai_queue_run_attempt WHERE run_id = %s AND outcome = %s",
        run,
        outcome,
    )


def assert_put_off(world, run, tries=0):
    """No job has failed, and none has lost more than so many tries by waiting."""
    assert set(world.jobs(run)) <= {"pending", "started", "enqueued", "done"}
    most = world.value(
        "SELECT max(retry) FROM queue_job WHERE ai_queue_run_id = %s "
        "AND state <> 'done'",
        run,
    )
    assert most <= tries


def pauses(world, model):
    return world.value(
        "SELECT coalesce(pauses, 0) FROM ai_queue_provider_state "
        "WHERE provider_id = %s",
        model.id,
    )


def wait_for_pause(world, model, run):
    """Until the provider is paused, and nobody is at a question any more."""
    world.wait_for(lambda: pauses(world, model) >= 1, "a pause", run_id=run)
    world.wait_for(
        lambda: not (model.calls(state="asking") or model.fake.stats()["in_flight"]),
        "the end of all requests",
        run_id=run,
    )
