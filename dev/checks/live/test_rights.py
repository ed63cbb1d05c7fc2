"""What comes in by RPC gets no further than its rights, whatever context it forges."""

import itertools

import pytest

from dev.client import Refused

FORGED = [
    {},
    {"job_uuid": "forged"},
    {"queue_job__no_delay": True},
    {"ai_queue__run": 1},
    {"ai_queue__run_job": 1, "ai_queue__job_uuid": "forged"},
]
PATHS = ["call_kw", "call_button"]
MODELS = ["product.product", "product.template"]


@pytest.mark.parametrize("login", ["admin", "buyer0", "clerk"])
def test_the_job_method_is_for_nobody(world, login):
    client = world.client(login)
    for path, model, context in itertools.product(PATHS, MODELS, FORGED):
        with pytest.raises(Refused) as refusal:
            client.post(
                f"/web/dataset/{path}/{model}/run_ai_demand_forecast",
                {
                    "model": model,
                    "method": "run_ai_demand_forecast",
                    "args": [[1]],
                    "kwargs": {"context": context},
                },
            )
        assert refusal.value.name == "odoo.exceptions.AccessError"
    assert_nothing_happened(world)


def test_a_press_never_does_the_work_itself(world):
    """It would hang at the gate; so the answer is the proof."""
    (buyer,) = world.buyers(1)
    products = world.products[:2]
    for context in FORGED:
        world.sql("DELETE FROM ai_queue_forecast")
        with world.gate():
            run = buyer.press(products, **context)
            world.wait_for(world.at_gate, "the job to start", run_id=run)
            assert world.forecasts(products) == {}
            assert world.jobs(run) == {"started": 1}
        world.wait_done(run)
        world.assert_whole(run, products)


def test_without_the_role_nobody_starts_a_run(world):
    clerk = world.client("clerk")
    for context in FORGED:
        with pytest.raises(Refused, match="AI Queue / User"):
            clerk.press(world.products[:1], **context)
    assert_nothing_happened(world)


def test_runs_and_forecasts_are_not_for_everybody(world):
    clerk = world.client("clerk")
    for model in ("ai.queue.run", "ai.queue.run.job", "ai.queue.forecast"):
        with pytest.raises(Refused) as refusal:
            clerk.call(model, "search_read", [], ["id"])
        assert refusal.value.name == "odoo.exceptions.AccessError"


def test_products_of_another_company_are_out_of_reach(world):
    (buyer,) = world.buyers(1)
    other = world.value("SELECT id FROM res_company WHERE name = 'Other Company'")
    stranger = world.client("stranger")
    values = {"name": "Foreign", "company_id": other}
    foreign = stranger.call("product.product", "create", [values])
    for contexts in ({}, {"allowed_company_ids": [other]}):
        with pytest.raises(Refused) as refusal:
            buyer.press(foreign, **contexts)
        assert refusal.value.name == "odoo.exceptions.AccessError"
    with pytest.raises(Refused):
        buyer.press([*world.products[:1], *foreign])
    assert_nothing_happened(world)
    stranger.call("product.product", "unlink", foreign)


def test_runs_of_another_company_are_invisible(world):
    (buyer,) = world.buyers(1)
    stranger = world.client("stranger")
    products = world.products[:2]  # products of no company belong to both
    own, theirs = buyer.press(products), stranger.press(products)
    assert own != theirs
    world.wait_done(own)
    world.wait_done(theirs)
    for client, run, foreign in ((buyer, own, theirs), (stranger, theirs, own)):
        both = [("id", "in", [run, foreign])]
        assert client.call("ai.queue.run", "search", both) == [run]
        for method in ("action_cancel", "action_retry", "action_open_records"):
            with pytest.raises(Refused) as refusal:
                client.call("ai.queue.run", method, [foreign])
            assert refusal.value.name == "odoo.exceptions.AccessError"
        runs = client.call("ai.queue.forecast", "search_read", [], ["run_id"])
        assert {row["run_id"][0] for row in runs} == {run}


def test_nobody_writes_runs(world):
    run = world.admin.press(world.products[:1])
    world.wait_done(run)
    (buyer,) = world.buyers(1)
    for client in (world.admin, buyer):
        for model in ("ai.queue.run", "ai.queue.run.job"):
            (record,) = client.call(model, "search", [], limit=1)
            with pytest.raises(Refused):
                client.call(model, "write", [record], {"state": "pending"})
            with pytest.raises(Refused):
                client.call(model, "create", {"name": "forged"})


def test_only_the_quantity_of_a_forecast_can_be_written(world):
    (buyer,) = world.buyers(1)
    world.wait_done(buyer.press(world.products[:1]))
    row, *_rest = buyer.call("ai.queue.forecast", "search", [])
    for values in ({"method": "naive"}, {"quantity": 1.0, "run_id": False}):
        with pytest.raises(Refused) as refusal:
            buyer.call("ai.queue.forecast", "write", [row], values)
        assert refusal.value.name == "odoo.exceptions.AccessError"


def test_the_proxy_keeps_the_entrance_of_the_jobs_shut(world):
    status, _text = world.admin.request("/queue_job/runjob?job_uuid=forged", "{}")
    assert status == 404


def assert_nothing_happened(world):
    """No run, no job and no forecast came of it."""
    active = "SELECT count(*) FROM {} WHERE state IN ('pending', 'started', 'enqueued')"
    assert world.value(active.format("ai_queue_run")) == 0
    assert world.value(active.format("queue_job")) == 0
    assert world.value("SELECT count(*) FROM ai_queue_forecast") == 0
