"""Job runners in other shapes: several databases, an addon that comes late."""

from dev.checks.live.chatter import drop
from dev.checks.live.world import CHANNEL
from dev.client import Client
from dev.process import wait_until
from dev.workspace import TEMPLATE, base

NAME = "root.ai_processing"
SECONDS = 60
#: each look is a program of its own
LOOK_SECONDS = 0.3


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
    server.kill()
    for name in names:
        workspace.drop(name)


def test_a_database_that_is_dropped_stops_no_other_one(workspace, make_server):
    names = ("multi_stays", "multi_goes")
    for name in names:
        workspace.copy(workspace.template(), name)
    options = {"db_name": ",".join(names), "dbfilter": "^multi_"}
    server = make_server(names[0], workers=2, options=options)
    one = DatabaseOf(server, names[0])
    one.set(1)
    one.wait_spec(1)
    workspace.drop(names[1])
    one.set(2)
    one.wait_spec(2)
    # It is found when it is there again.
    workspace.copy(workspace.template(), names[1])
    DatabaseOf(server, names[1]).wait_spec(2, 3 * SECONDS)
    server.kill()
    for name in names:
        workspace.drop(name)


def test_an_addon_that_is_installed_later_is_followed(workspace, make_server):
    workspace.copy(base(TEMPLATE), "late")
    server = make_server("late", workers=2)
    admin = Client(server.url, "late", "admin", "admin")
    # The server has loaded it for all: until then all is as it was.
    bill = admin.call("account.move", "create", [{"move_type": "in_invoice"}])
    drop(admin, bill[0], b"%PDF-1.4")
    assert admin.request("/queue_job/health", None, method="GET")[0] == 404
    modules = "ir.module.module"
    module = admin.call(modules, "search", [("name", "=", "ai_queue")])
    admin.call(modules, "button_immediate_install", module)
    late = DatabaseOf(server, "late")
    late.wait_spec(2)
    late.set(1)
    late.wait_spec(1)
    server.kill()
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

    def wait_spec(self, capacity, seconds=SECONDS):
        """Wait until the runner says that the channel works with this capacity."""
        query = (
            f"SELECT channels -> '{NAME}' -> 'spec' ->> 0 FROM queue_job_runner "
            "ORDER BY date_seen DESC, id DESC LIMIT 1"
        )
        wait_until(
            lambda: self.cluster.execute(query, self.name) == str(capacity),
            f"{NAME}:{capacity} in {self.name}",
            seconds,
            interval=LOOK_SECONDS,
            detail=lambda: self.cluster.execute(query, self.name),
        )
