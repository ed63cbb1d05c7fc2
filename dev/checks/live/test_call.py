"""Another addon calls the job method in its own way, from a button of its own."""


def test_the_call_of_another_addon(world):
    (buyer,) = world.buyers(1)
    products = world.products[:3]
    last = world.value("SELECT coalesce(max(id), 0) FROM ai_queue_run")
    buyer.call("product.product", "action_check_forecast", products)
    ((run, state, user, origin, total),) = world.sql(
        "SELECT id, state, user_id, origin, total FROM ai_queue_run WHERE id > %s", last
    )
    assert (user, origin, total) == (buyer.uid, "code", 3)
    assert state in ("pending", "started", "done")
    job = world.sql(
        "SELECT channel, priority, max_retries FROM queue_job "
        "WHERE ai_queue_run_id = %s",
        run,
    )
    assert job == [("root.ai_processing", 5, 3)]
    world.wait_done(run)
    world.assert_whole(run, products)
    # And the buyer sees it among the runs.
    assert buyer.call("ai.queue.run", "search", [("id", "=", run)]) == [run]


def test_the_call_with_nothing_special(world):
    """Templates, and the channel of the job function."""
    (buyer,) = world.buyers(1)
    last = world.value("SELECT coalesce(max(id), 0) FROM ai_queue_run")
    products = world.products[:1]
    buyer.call("product.product", "action_check_forecast_of_template", products)
    run = world.value("SELECT id FROM ai_queue_run WHERE id > %s", last)
    channel = "SELECT channel FROM queue_job WHERE ai_queue_run_id = %s"
    assert world.value(channel, run) == "root.ai_forecasting"
    world.wait_done(run)
    world.assert_whole(run, products)
