"""A provider that is set up wrongly: products get the statistics, and the run says in a
sentence why, and what to do.

What cannot get better is not tried again.
"""

import pytest

PRODUCTS_A_JOB = 20
JOBS = 3
#: what a job may have under way before the first refusal is there
IN_FLIGHT = 8


@pytest.fixture(autouse=True)
def small(model):
    """A question for each product."""
    with model.small(PRODUCTS_A_JOB):
        yield


def test_a_wrong_path(world, model):
    model.set(base_url=model.fake.url.replace("/v1", "/v2"))
    assert "often ends in /v1" in refused(world, model)


def test_a_wrong_key(world, model):
    model.fake.configure(key="the right one")
    model.set(api_key="another one")
    run, sentence = press(world, model)
    assert "does not accept the key" in sentence
    assert "Enter a valid key" in sentence
    assert "another one" not in sentence
    assert_asked_once(world, model, run)
    # What the sentence said helps.
    model.set(api_key="the right one")
    assert_helped(world)


def test_an_unknown_model(world, model):
    model.fake.configure(models=("another-model",))
    sentence = refused(world, model)
    assert "does not know the model fake-large" in sentence
    assert "Choose another one" in sentence


def test_a_page_in_place_of_a_model(world, model):
    model.fake.configure(faults=[{"kind": "html", "probability": 1.0}])
    assert "is a web page and not a model" in refused(world, model)


@pytest.mark.parametrize(
    "url, said",
    [
        ("http://127.0.0.1:1/v1", "There is no connection to 127.0.0.1:1."),
        ("http://no-such-host.invalid/v1", "no-such-host.invalid is not known"),
    ],
)
def test_nobody_at_an_address_where_nobody_ever_was(world, model, url, said):
    model.set(base_url=url, breaker_failures=2, breaker_pause=600)
    run, sentence = press(world, model)
    assert said in sentence
    assert "the base URL of the provider" in sentence
    assert_one_attempt_a_job(world, run)
    assert model.calls() == model.calls(requests=1, state="failed")
    assert model.breaker()[0] == "closed"
    # What the sentence said helps.
    model.set(base_url=model.fake.url)
    assert_helped(world)


def test_nobody_at_the_address_any_more(world, model):
    """That passes, so the work waits; the run says for what, and how to help."""
    first = world.products[:PRODUCTS_A_JOB]
    world.wait_done(world.admin.press(first))
    model.set(breaker_failures=2, breaker_pause=600)
    with model.fake.away():
        run = world.admin.press(world.products)
        assert_waits(world, run)
    model.call("action_reset_breaker", [model.id])
    world.wait_done(run)
    world.assert_whole(run, world.products)
    assert model.fake.stats()["answered"] == len(world.products)


@pytest.mark.parametrize(
    "kind, said",
    [
        ("nonsense", "did not answer in the form that was asked for"),
        ("wrong_schema", "does not fit what was asked for"),
        ("refusal", "declined to answer"),
    ],
)
def test_a_model_that_talks_nonsense(world, model, kind, said):
    """The statistics stay, the forecasts are marked so, and the run says why."""
    model.fake.configure(faults=[{"kind": kind, "probability": 1.0}])
    run, sentence = press(world, model)
    assert said in sentence
    assert "model may" in sentence
    # Nonsense is asked about once more, with what was wrong; a refusal is not.
    times = 1 if kind == "refusal" else 2
    assert model.fake.stats()["asked"] == times * len(world.products)
    assert model.calls(state="failed") == len(world.products)
    assert_one_attempt_a_job(world, run)


# ---------------------------------------------------------------------- helpers


def press(world, model):
    """A run of all products that does without the model; its id, and what it says."""
    run = world.admin.press(world.products)
    world.wait_done(run)
    world.assert_whole(run, world.products)
    assert world.sql(
        "SELECT DISTINCT assistance, quantity = quantity_statistics "
        "FROM ai_queue_forecast WHERE run_id = %s",
        run,
    ) == [("rejected", True)]
    ((row),) = world.admin.call("ai.queue.run", "read", [run], ["remark_summary"])
    count = len(world.products)
    begin, _colon, sentence = row["remark_summary"].partition(": ")
    assert begin == f"{count} of {count}"
    assert sentence and "\n" not in sentence
    assert "Traceback" not in sentence and "Error" not in sentence
    return run, sentence


def assert_helped(world):
    """The next run of all products has the model's forecasts."""
    run = world.admin.press(world.products)
    world.wait_done(run)
    world.assert_whole(run, world.products)
    assert world.sql(
        "SELECT DISTINCT assistance FROM ai_queue_forecast WHERE run_id = %s", run
    ) == [("assisted",)]


def refused(world, model):
    run, sentence = press(world, model)
    assert_asked_once(world, model, run)
    return sentence


def assert_asked_once(world, model, run):
    """Nobody tried again: not the job, and not the client within it."""
    assert_one_attempt_a_job(world, run)
    sent = sum(model.fake.stats()["paths"].values())
    assert JOBS <= sent <= JOBS * IN_FLIGHT
    assert sent == model.calls(requests=1)
    assert model.calls(state="asking") == 0


def assert_one_attempt_a_job(world, run):
    assert (
        world.value("SELECT count(*) FROM ai_queue_run_attempt WHERE run_id = %s", run)
        == JOBS
    )


def assert_waits(world, run):
    """All jobs that have questions left wait for the breaker, in one sentence."""
    world.wait_for(
        lambda: world.value(
            "SELECT count(*) FROM ai_queue_run_job WHERE run_id = %s "
            "AND state = 'pending' AND waits_for LIKE 'breaker:%%'",
            run,
        )
        == JOBS - 1,
        "all jobs to wait",
        run_id=run,
    )
    ((row),) = world.admin.call("ai.queue.run", "read", [run], ["waiting_summary"])
    sentence = row["waiting_summary"]
    assert "There is no connection to 127.0.0.1:" in sentence
    assert "the base URL of the provider is right" in sentence
    assert "\n" not in sentence
