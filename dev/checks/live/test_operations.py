"""The Operations screen of a running system: told in time, and told the truth."""

import json
import time

import pytest

from .test_channels import WORK_SECONDS, enqueue
from .test_run import open_websocket, receive
from .world import CHANNEL
from .world import CHECK_CHANNEL as NAME

OPERATIONS = "queue.job.operations"
MESSAGE = "queue_job/operations_changed"


@pytest.fixture
def manager(world):
    return world.client("admin")


def test_screens_hear_of_changes_once_a_second(world, manager, channel):
    """However many jobs change; the last change of all is not left out."""
    world.admin.call(CHANNEL, "write", [channel], {"capacity": 2})
    last = last_message(world)
    began = time.time()
    enqueue(world, 12)
    world.wait_for(lambda: unfinished(world) == 0, "the end of the jobs")
    ended = world.value("SELECT max(date_done) FROM queue_job WHERE channel = %s", NAME)
    world.wait_for(
        lambda: world.value(
            "SELECT count(*) FROM bus_bus WHERE id > %s AND create_date >= %s "
            "AND message LIKE %s",
            *(last, ended, f"%{MESSAGE}%"),
        ),
        "the message of the last job",
    )
    took = time.time() - began
    assert took > 6 * WORK_SECONDS
    assert 1 < len(messages(world, last)) <= took + 2


def test_the_websocket_tells_administrators(world, manager):
    connection = open_websocket(world, manager, last_message(world))
    world.admin.press(world.products[:1])
    found = []
    while MESSAGE not in [kind for kind, _payload in found]:
        found += receive(connection)
    connection.close()
    assert dict(found)[MESSAGE] == {}


def test_nobody_else_is_told_or_may_look(world, manager):
    (buyer,) = world.buyers(1)
    last = last_message(world)
    world.wait_done(buyer.press(world.products[:1]))
    world.wait_for(lambda: messages(world, last), "the message")
    group = world.value(
        "SELECT res_id FROM ir_model_data "
        "WHERE module = 'queue_job' AND name = 'group_queue_job_manager'"
    )
    for channel_of_bus, payload in messages(world, last):
        assert channel_of_bus[1:] == ["res.groups", group]
        assert payload == {}
    with pytest.raises(Exception, match="Only managers of the job queue"):
        buyer.call(OPERATIONS, "get_figures", "day")


def test_figures_are_what_their_lists_have(world, manager, channel):
    world.admin.call(CHANNEL, "action_pause", [channel])
    enqueue(world, 7)
    world.wait_done(manager.press(world.products[:2]))
    figures = manager.call(OPERATIONS, "get_figures", "hour")
    tiles = {tile["key"]: tile for tile in figures["tiles"]}
    bars = figures["chart"]["buckets"]
    assert tiles["waiting"]["value"] == 7
    counts = {
        "waiting": tiles["waiting"]["value"],
        "running": tiles["running"]["value"],
        "done": sum(bar["done"] for bar in bars),
        "failure_rate": sum(bar["failed"] for bar in bars),
    }
    for key, count in counts.items():
        assert listed(manager, tiles[key]["action"]) == count, key
    for row in figures["channels"]:
        for state in ("waiting", "running"):
            action = manager.call(OPERATIONS, "get_channel_action", row["id"], state)
            assert listed(manager, action) == row[state]
    assert manager.call(OPERATIONS, "count_waiting", channel) == 7
    result = manager.call(OPERATIONS, "cancel_waiting", channel)
    assert (result["cancelled"], result["left"]) == (7, 0)
    assert unfinished(world) == 0


# ---------------------------------------------------------------------- helpers


def last_message(world):
    return world.value("SELECT coalesce(max(id), 0) FROM bus_bus")


def messages(world, last):
    """(channel of the bus, payload) of each message since then."""
    rows = world.sql("SELECT channel, message FROM bus_bus WHERE id > %s", last)
    sent = [(json.loads(to), json.loads(message)) for to, message in rows]
    return [
        (to, message["payload"]) for to, message in sent if message["type"] == MESSAGE
    ]


def unfinished(world):
    return world.value(
        "SELECT count(*) FROM queue_job WHERE channel = %s "
        "AND state IN ('pending', 'enqueued', 'started')",
        NAME,
    )


def listed(client, action):
    """How many records the list of an action has."""
    return client.call(action["res_model"], "search_count", action["domain"])
