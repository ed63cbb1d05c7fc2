"""A normal run, seen from all sides: channels, websocket, log."""

import json
import re

import websocket

#: where changes of runs are told, to those who ask for them
RUNS = "ai_queue.runs"
CAPACITY = {"root": 4, "root.ai_processing": 2, "root.ai_forecasting": 3}
NOISE = re.compile(r" (ERROR|CRITICAL) |Traceback|bad query")
#: until a websocket tells something, on a busy machine
SECONDS = 120


def test_the_log_of_a_run_is_clean(world):
    size = world.server.log.stat().st_size
    (buyer,) = world.buyers(1)
    with world.parameter("ai_queue.chunk_size", "1"):
        run = buyer.press(world.products)
        world.wait_done(run)
    again = buyer.press(world.products)
    world.wait_done(again)
    world.assert_whole(again, world.products)
    text = world.server.log_text(since=size)
    assert "/queue_job/runjob" in text
    assert not [line for line in text.splitlines() if NOISE.search(line)]


def test_channels_are_never_over_full(world):
    """Two channels have more to do than they may; the database says what runs."""
    seen = []
    with world.parameter("ai_queue.chunk_size", "1"):
        with world.gate():
            # One job for each product in one channel, and one each in the other.
            run = world.admin.press(world.products)
            for product in world.products[:12]:
                world.admin.call("product.product", "action_check_forecast", [product])
            world.wait_for(lambda: world.at_gate() == CAPACITY["root"], "four jobs")
            seen.append(running(world))

        def is_done():
            seen.append(running(world))
            return world.run(run)["state"] == "done"

        world.wait_for(is_done, "the end", run_id=run)
    for counts in seen:
        for channel, capacity in CAPACITY.items():
            assert counts[channel] <= capacity
    # They were used to the full, or this would tell nothing.
    assert len(seen) > 20
    for channel, capacity in CAPACITY.items():
        assert max(counts[channel] for counts in seen) == capacity


def test_the_websocket_tells_that_a_run_has_changed(world):
    (buyer,) = world.buyers(1)
    last = world.value("SELECT coalesce(max(id), 0) FROM bus_bus")
    connection = open_websocket(world, buyer, last)
    with world.parameter("ai_queue.chunk_size", "10"):
        run = buyer.press(world.products)
        messages = []
        while not any(kind == "ai_queue/run_ended" for kind, _payload in messages):
            messages += receive(connection)
    connection.close()
    changes = [payload for kind, payload in messages if kind == "ai_queue/run_changed"]
    assert changes and all(payload == {"id": run} for payload in changes)
    (ended,) = [payload for kind, payload in messages if kind == "ai_queue/run_ended"]
    assert (ended["id"], ended["state"], ended["finished"]) == (run, "done", 60)


def test_the_bus_tells_nobody_more_than_ids(world):
    """All that is sent, to whomever: ids to the role; the rest to who pressed.

    Administrators are also told that something has changed, but not what.
    """
    (buyer,) = world.buyers(1)
    last = world.value("SELECT coalesce(max(id), 0) FROM bus_bus")
    world.wait_done(buyer.press(world.products))
    group, managers = (
        world.value(
            "SELECT res_id FROM ir_model_data WHERE module = 'ai_queue' AND name = %s",
            f"ai_queue_group_{role}",
        )
        for role in ("user", "manager")
    )
    partner = world.value("SELECT partner_id FROM res_users WHERE id = %s", buyer.uid)
    channels = {
        "ai_queue/run_changed": ["res.groups", group, RUNS],
        "ai_queue/run_ended": ["res.partner", partner],
    }
    sent = world.sql("SELECT channel, message FROM bus_bus WHERE id > %s", last)
    ours = [
        (json.loads(channel), json.loads(message))
        for channel, message in sent
        if "ai_queue/" in message
    ]
    for_screens = [
        (channel[1:], message["payload"])
        for channel, message in ours
        if message["type"] == "queue_job/operations_changed"
    ]
    assert all(sent == (["res.groups", managers], {}) for sent in for_screens)
    ours = [pair for pair in ours if "operations_changed" not in pair[1]["type"]]
    assert {message["type"] for _channel, message in ours} == set(channels)
    for channel, message in ours:
        assert channel[1:] == channels[message["type"]]
        if message["type"] == "ai_queue/run_changed":
            assert set(message["payload"]) == {"id"}


# ---------------------------------------------------------------------- helpers


def running(world):
    """How many jobs are handed out or at work now, by channel, all under ``root``."""
    counts = dict.fromkeys(CAPACITY, 0)
    for channel, count in world.sql(
        "SELECT channel, count(*) FROM queue_job "
        "WHERE state IN ('enqueued', 'started') GROUP BY channel"
    ):
        counts[channel] += count
        counts["root"] += count
    return counts


def open_websocket(world, client, last):
    """The bus as the web client opens it that shows runs, through the proxy."""
    connection = websocket.create_connection(
        world.server.url.replace("http", "ws") + "/websocket",
        origin=world.server.url,
        cookie=f"session_id={client.cookie}",
        timeout=SECONDS,
    )
    subscription = {"channels": [RUNS], "last": last}
    connection.send(json.dumps({"event_name": "subscribe", "data": subscription}))
    return connection


def receive(connection):
    """The next notifications: (type, payload)."""
    return [
        (notification["message"]["type"], notification["message"]["payload"])
        for notification in json.loads(connection.recv())
    ]
