"""Several nodes have one job runner: when it dies, the next one takes over."""

from concurrent.futures import ThreadPoolExecutor

from dev.process import wait_until

from .world import CHANNEL, HEAL_SECONDS, World

NAME = "root.ai_processing"


def test_the_next_node_takes_over_with_the_same_channels(world, make_server):
    """Of two nodes one is elected; when it dies, the other one reads the database."""
    channel = channel_id(world)
    world.admin.call(CHANNEL, "write", [channel], {"capacity": 1})
    options = world.server._options
    with ThreadPoolExecutor() as pool:
        # Ready only when its runner is elected, that is after the other's death.
        starting = pool.submit(
            make_server,
            world.server.database,
            label="second",
            workers=2,
            queue_job={"channels": f"root:3,{NAME}:3"},
            options=options,
        )
        wait_until(lambda: (world.server.directory.parent / "second").exists(), "it", 9)
        (first,) = {pid for pid, _tree in runners(world)[:1]}
        world.server.kill_odoo()
        second = starting.result(HEAL_SECONDS)
    try:
        reported = world.wait_for(
            lambda: runners(world)[0][0] != first and runners(world)[0], "the second"
        )
        assert reported[1]["root"]["spec"][0] == 3
        assert reported[1][NAME]["base"][0] == 3
        assert reported[1][NAME]["spec"][0] == 1
    finally:
        second.stop()
        world.server.start_odoo()
    world.admin.call(CHANNEL, "action_follow_conf", [channel])


# ---------------------------------------------------------------------- helpers


def channel_id(world: World):
    """The id of the channel."""
    return world.value(
        "SELECT id FROM queue_job_channel WHERE complete_name = %s", NAME
    )


def runners(world):
    """What the runners said, the last one first: (process, tree of channels)."""
    return world.sql(
        "SELECT pid, channels FROM queue_job_runner ORDER BY date_seen DESC, id DESC"
    )
