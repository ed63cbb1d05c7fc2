"""Odoo behind pgbouncer, without processes of its own, and jobs on several servers."""

import pytest

from dev import server as servers
from dev.checks.live.world import HEAL_SECONDS, World
from dev.pgbouncer import Pooler
from dev.workspace import addons_path

DEAF_SECONDS = 120


@pytest.fixture
def database(workspace):
    """The trading people and their products, in a database of its own."""
    name = "shapes"
    workspace.copy(workspace.company(), name)
    yield name
    workspace.drop(name)


@pytest.fixture
def start(database, make_server):
    """``start(label, …)``: a server of the database, ended with the check."""
    started = []

    def make(label, *, workers=3, options=(), **values):
        options = {"addons_path": addons_path(), **dict(options)}
        server = make_server(
            database, label=label, workers=workers, options=options, **values
        )
        started.append(server)
        return World(server)

    yield make
    for server in started:
        server.kill()


def test_one_process_for_everything_runs_jobs_and_says_so(start):
    """``workers = 0``: threads, and the job runner is one of them."""
    world = start("threads", workers=0)
    run = world.admin.press(world.products)
    world.wait_done(run)
    world.assert_whole(run, world.products)
    ((severity, what, _line),) = findings(world, "workers")
    assert severity == "warning" and "workers = 0" in what


def test_a_pooler_in_session_mode_is_as_good_as_none(workspace, start):
    with Pooler(workspace.cluster, workspace.logs / "session", "session") as pooler:
        world = start("session", environment=through(pooler))
        run = world.admin.press(world.products)
        world.wait_done(run)
        world.assert_whole(run, world.products)
        world.wait_for(lambda: heard(world) == "arrive", "notifications", DEAF_SECONDS)
        assert not problem(world)


def test_a_pooler_in_transaction_mode_needs_a_line_and_says_which(workspace, start):
    """Without the line jobs may not start, and it is said; with it all is well."""
    directory = workspace.logs / "transaction"
    with Pooler(workspace.cluster, directory, "transaction") as pooler:
        world = start("transaction", environment=through(pooler), is_standby=True)
        world.wait_for(
            lambda: "jobrunner_db_host" in problem(world),
            "the refusal that names the line",
            DEAF_SECONDS,
        )
        ((severity, _what, line),) = findings(world, "runner")
        assert severity == "danger" and "jobrunner_db_host" in line
        world.server.kill()

    # What is left in a pool of transactions may hold the lock of the runner for long.
    with Pooler(workspace.cluster, directory, "transaction") as pooler:
        host = workspace.cluster.environment()["PGHOST"]
        world = start(
            "direct",
            environment=through(pooler),
            queue_job={"jobrunner_db_host": host, "jobrunner_db_port": 5432},
        )
        run = world.admin.press(world.products)
        world.wait_done(run)
        world.assert_whole(run, world.products)
        world.wait_for(lambda: heard(world) == "arrive", "notifications", DEAF_SECONDS)


def test_jobs_are_spread_over_servers_and_one_may_die(start, tmp_path):
    """The runner asks a balancer, which leaves out a server that is gone."""
    (port,) = servers.free_ports(1)
    ask = {"host": "127.0.0.1", "port": port, "channels": "root:6,root.ai_processing:6"}
    first = start("spread_one", workers=4, queue_job=ask)
    second = start("spread_two", workers=4, queue_job=ask, is_standby=True)
    worlds = (first, second)
    addresses = [each.server.odoo_url.removeprefix("http://") for each in worlds]
    with servers.balancing(tmp_path, port, addresses):
        with first.parameter("ai_queue.chunk_size", "2"):
            run = first.admin.press(first.products)
            first.wait_done(run)
            ran = [asked(each) for each in worlds]
            assert all(ran), ran
            again = first.admin.press(first.products)
        second.server.kill_odoo()
        first.wait_done(again, HEAL_SECONDS)
        first.assert_whole(again, first.products)


# ---------------------------------------------------------------------- helpers


def through(pooler):
    # They come before the options of the same meaning.
    return {"PGHOST": pooler.host, "PGPORT": str(pooler.port)}


def problem(world):
    """What is said of the job runner; empty when all is well."""
    return world.admin.call("queue.job.runner", "get_status")["problem"] or ""


def heard(world):
    """Whether the runner hears its own notifications."""
    rows = world.sql(
        "SELECT notifications FROM queue_job_runner WHERE NOT is_standby "
        "ORDER BY date_seen DESC, id DESC LIMIT 1"
    )
    return rows and rows[0][0]


def findings(world, key):
    """(severity, what, line) of what the check-up says of one rule."""
    model = "queue.job.checkup.finding"
    domain = world.admin.call(model, "action_check", [])["domain"]
    names = ["severity", "what", "line"]
    rows = world.admin.call(model, "search_read", [*domain, ("key", "=", key)], names)
    return [tuple(row[name] for name in names) for row in rows]


def asked(world):
    """How many jobs this server was asked to run."""
    return world.server.log_text().count("/queue_job/runjob")
