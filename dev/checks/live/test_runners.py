"""Job runners in other shapes: several nodes, several databases, a late addon."""

from concurrent.futures import ThreadPoolExecutor

from dev.client import Client
from dev.process import wait_until
from dev.workspace import TEMPLATE, base

from .test_channels import CHANNEL
from .world import HEAL_SECONDS, World

NAME = "root.ai_processing"
SECONDS = 30


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


def test_databases_that_share_a_runner_share_the_strictest(workspace, make_server):
    names = ("multi_a", "multi_b")
    for name in names:
        workspace.copy(workspace.template(), name)
    options = {"db_name": ",".join(names), "dbfilter": "^multi_"}
    server = make_server(names[0], workers=2, options=options)
    one, two = (DatabaseOf(server, name) for name in names)
    one.set(5)
    one.wait_spec(5)
    two.set(3)
    for database in (one, two):
        database.wait_spec(3)
    assert "another database sets less" in one.source()
    sharing = one.client.call("queue.job.runner", "get_status")["sharing"]
    assert "other databases (1)" in sharing and names[1] not in sharing
    two.client.call(CHANNEL, "action_follow_conf", [two.channel])
    one.wait_spec(5)
    assert one.source() == "Set here to 5, root allows fewer"
    server.stop()
    for name in names:
        workspace.drop(name)


def test_an_addon_that_is_installed_later_is_followed(workspace, make_server):
    workspace.copy(base(TEMPLATE), "late")
    server = make_server("late", workers=2)
    admin = Client(server.url, "late", "admin", "admin")
    modules = "ir.module.module"
    module = admin.call(modules, "search", [("name", "=", "ai_queue")])
    admin.call(modules, "button_immediate_install", module)
    late = DatabaseOf(server, "late")
    late.wait_spec(2)
    late.set(1)
    late.wait_spec(1)
    server.stop()
    workspace.drop("late")


# ---------------------------------------------------------------------- helpers


class DatabaseOf:
    """One of the databases of a server, as its administrator sees it."""

    def __init__(self, server, name):
        self.client = Client(server.url, name, "admin", "admin")
        self.cluster, self.name = server.cluster, name
        domain = [("complete_name", "=", NAME)]
        (self.channel,) = self.client.call(CHANNEL, "search", domain)

    def set(self, capacity):
        """Set the capacity of the channel."""
        self.client.call(CHANNEL, "write", [self.channel], {"capacity": capacity})

    def source(self):
        """What the screen says of where the capacity comes from."""
        (row,) = self.client.call(CHANNEL, "read", [self.channel], ["capacity_source"])
        return row["capacity_source"]

    def wait_spec(self, capacity):
        """Wait until the runner says that the channel works with this capacity."""
        query = (
            f"SELECT channels -> '{NAME}' -> 'spec' ->> 0 FROM queue_job_runner "
            "ORDER BY date_seen DESC, id DESC LIMIT 1"
        )
        wait_until(
            lambda: self.cluster.execute(query, self.name) == str(capacity),
            f"{NAME}:{capacity} in {self.name}",
            SECONDS,
            detail=lambda: self.cluster.execute(query, self.name),
        )


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
