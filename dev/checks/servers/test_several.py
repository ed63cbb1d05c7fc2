"""Several job servers on one database: one works, the next takes over in seconds."""

import signal
import time
from contextlib import contextmanager

import pytest

from dev.checks.live.world import CHANNEL, HEAL_SECONDS, World
from dev.network import Computer
from dev.process import on_this_machine, signal_all, wait_until
from dev.server import RUNNER
from dev.workspace import addons_path

DATABASE = "several"
NAME = "root.ai_forecasting"
#: what is promised, and for how long a busy machine is waited for
TAKEOVER_SECONDS, PATIENCE = 10, 90
#: TCP gives up after 25 s, queue_job looks for dead jobs, and they run
FOUND_SECONDS = 25 + HEAL_SECONDS
#: of root.ai_forecasting, see odoo.conf
CAPACITY = 3
HOLDER = """
    SELECT split_part(application_name, '-', 2)::int
      FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND datname = current_database()
       AND objid = 2293787760715711918 & 4294967295
"""
SEEN = """
    SELECT pid, channels FROM queue_job_runner WHERE NOT is_standby
     ORDER BY date_seen DESC, id DESC LIMIT 1
"""
CHUNKS = "ai_queue.chunk_size"


@pytest.fixture(scope="module")
def pair(workspace, make_server):
    """Two servers of the same database: the one that works, and the one that waits."""
    workspace.copy(workspace.company(), DATABASE)
    first = server(make_server, "several_first")
    second = server(make_server, "several_second", is_standby=True)
    worlds = World(first), World(second)
    yield worlds
    for each in (first, second):
        each.kill()
    workspace.drop(DATABASE)


def test_both_are_named(pair):
    first, second = pair
    wait_until(lambda: waits(second), "the second one", PATIENCE)
    assert works(first)
    figures = first.admin.call("queue.job.operations", "get_figures", "hour")
    for each in pair:
        assert port(each) in figures["runner"]["sentence"]
    ((severity, what),) = findings(first, "standby")
    assert severity == "ok" and port(second) in what
    assert not findings(first, "runners")


@pytest.mark.parametrize("trouble", ["killed", "frozen"])
def test_the_other_one_takes_over(pair, trouble):
    """What ran on the dead one is done once, and what is set reaches the new one."""
    one, other = pair if works(pair[0]) else reversed(pair)
    wait_until(lambda: waits(other), "the one that stands by", PATIENCE)
    with trouble_of(one, trouble) as begin, other.parameter(CHUNKS, "10"):
        with one.gate() as gate:
            run = other.admin.press(other.products)
            other.wait_for(other.at_gate, "jobs at work", run_id=run)
            began = begin()
            wait_until(lambda: works(other), "the next one", PATIENCE)
            taken = time.monotonic() - began
            gate.close()
        channel = channel_id(other)
        other.admin.call(CHANNEL, "write", [channel], {"capacity": 1})
        wait_until(lambda: spec(other) == 1, "the new capacity", PATIENCE)
        other.admin.call(CHANNEL, "action_follow_conf", [channel])
    # What was at work on a frozen server has to end there: its locks are alive.
    other.wait_done(run, FOUND_SECONDS)
    other.assert_whole(run, other.products)
    assert taken < on_this_machine(TAKEOVER_SECONDS)
    wait_until(lambda: waits(one), "the old one to stand by", 2 * PATIENCE)
    assert works(other)


@pytest.fixture
def cable(workspace, make_server):
    """Two servers of one database, the one that works behind a cable of its own."""
    if not Computer.is_possible():
        pytest.skip("only root may make a network that can be pulled out")
    with (
        Computer("aiq-srv") as computer,
        on_network(workspace.cluster, computer),
    ):
        workspace.copy(workspace.company(), "lost")
        there = World(
            make_server(
                "lost",
                label="lost_there",
                workers=4,
                address=computer.address,
                prefix=computer.prefix,
                options={"addons_path": addons_path()},
                environment={"PGHOST": computer.here},
            )
        )
        here = World(server(make_server, "lost_here", database="lost", is_standby=True))
        wait_until(lambda: waits(here) and works(there), "both", PATIENCE)
        yield here, there, computer
        for each in (here, there):
            each.server.kill()
        workspace.drop("lost")


def test_a_network_that_is_lost(cable):
    """The lock of its runner is free within seconds, and those of its jobs soon."""
    here, there, computer = cable
    with here.parameter(CHUNKS, "10"):
        with here.gate():
            run = here.admin.press(here.products)
            # No other one begins any more.
            here.wait_for(
                lambda: here.at_gate() == CAPACITY, "jobs at work", run_id=run
            )
            taken = pull_out(computer, here)
        here.wait_done(run, FOUND_SECONDS)
    here.assert_whole(run, here.products)
    again = here.value(
        "SELECT count(*) FROM queue_job WHERE ai_queue_run_id = %s AND retry > 1", run
    )
    assert again == CAPACITY
    assert taken < on_this_machine(TAKEOVER_SECONDS)
    computer.plug_in()
    wait_until(lambda: waits(there), "the old one to stand by", FOUND_SECONDS)
    assert works(here)


def test_a_network_that_is_lost_while_jobs_begin(cable):
    """What is noted as started holds the lock of the run, which all others want."""
    here, there, computer = cable
    channel = channel_id(here)
    here.admin.call(CHANNEL, "write", [channel], {"capacity": 1})
    wait_until(lambda: spec(there) == 1, "the capacity", PATIENCE)
    with here.parameter(CHUNKS, "10"):
        with here.gate(), here.connect() as connection:
            run = here.admin.press(here.products)
            here.wait_for(here.at_gate, "a job at work", run_id=run)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM ai_queue_run WHERE id = %s FOR UPDATE", [run]
                )
            here.admin.call(CHANNEL, "write", [channel], {"capacity": 3})
            here.wait_for(
                lambda: any("ai_queue_run " in query for query, *_ in here.stuck()),
                "jobs that begin",
                run_id=run,
            )
            # From then on it is one of those that begin who has it.
            computer.pull_out()
            connection.rollback()
            wait_until(lambda: works(here), "the next one", PATIENCE)
        here.wait_done(run, FOUND_SECONDS)
    here.assert_whole(run, here.products)


# ---------------------------------------------------------------------- helpers


def server(make_server, label, database=DATABASE, **values):
    return make_server(
        database,
        label=label,
        workers=4,
        options={"addons_path": addons_path()},
        **values,
    )


def pull_out(computer, other):
    """Take the network away; returns after how many seconds the other one works."""
    computer.pull_out()
    began = time.monotonic()
    wait_until(lambda: works(other), "the next one", PATIENCE)
    return time.monotonic() - began


@contextmanager
def trouble_of(world, trouble):
    """Yields what begins it, which returns when it did."""
    processes = world.server.processes()

    def begin():
        began = time.monotonic()
        if trouble == "killed":
            world.server.kill_odoo()
        else:
            signal_all(world.server.processes(RUNNER), signal.SIGSTOP)
        return began

    try:
        yield begin
    finally:
        if trouble == "killed":
            world.server._is_standby = True
            world.server.start_odoo()
        else:
            signal_all(processes, signal.SIGCONT)


@contextmanager
def on_network(cluster, computer):
    """The database server is reached from another computer, too."""
    rules = cluster.data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"{before}\nhost all all {computer.address}/32 trust\n")
    restart(cluster, computer.here)
    try:
        yield
    finally:
        rules.write_text(before)
        restart(cluster, "")


def restart(cluster, addresses):
    # Of the role that may; the other users of the cluster connect again.
    cluster.execute(
        f"ALTER SYSTEM SET listen_addresses = '{addresses}'", role="postgres"
    )
    cluster.stop()
    cluster.start()


def works(world):
    """Whether it is the runner of this server that PostgreSQL knows as elected."""
    holders = [pid for (pid,) in world.sql(HOLDER)]
    return bool(set(holders) & set(world.server.processes(RUNNER)))


def waits(world):
    """Whether the runner of this server says that it stands by."""
    return bool(
        world.sql(
            "SELECT 1 FROM queue_job_runner WHERE is_standby AND pid = ANY(%s) "
            "AND date_seen > now() AT TIME ZONE 'UTC' - interval '20 seconds'",
            world.server.processes(RUNNER),
        )
    )


def spec(world):
    """The capacity of our channel, as the runner of this server says it works."""
    ((pid, channels),) = world.sql(SEEN)
    if pid in world.server.processes(RUNNER):
        return (channels or {}).get(NAME, {}).get("spec", [None])[0]
    return None


def channel_id(world):
    """Our channel, as a record."""
    return world.value(
        "SELECT id FROM queue_job_channel WHERE complete_name = %s", NAME
    )


def port(world):
    return world.server.odoo_url.rpartition(":")[2]


def findings(world, key):
    """(severity, what) of what the check-up says of one rule."""
    model = "queue.job.checkup.finding"
    domain = world.admin.call(model, "action_check", [])["domain"]
    domain = [*domain, ("key", "=", key)]
    rows = world.admin.call(model, "search_read", domain, ["severity", "what"])
    return [(row["severity"], row["what"]) for row in rows]
