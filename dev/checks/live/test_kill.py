"""Kill anything in the middle of a run of 60 products: it ends by itself, and well.

Nobody helps: the checks kill, bring back what does not come back by itself, and wait.
"""

import os
import signal

import psycopg2
import pytest

from dev.process import wait_until_gone
from dev.server import HTTP, RUNNER

from .world import HEAL_SECONDS

SECONDS = 60
#: so many of the 60 products come through before the gate is opened
FIRST = 40


@pytest.fixture
def pressed(world):
    """A run of 60 products, a job for each, which does not end yet: run and gate."""
    chunks = world.parameter("ai_queue.chunk_size", "1")
    with chunks, world.gate(world.products[FIRST:]) as gate:
        yield world.admin.press(world.products), gate


@pytest.fixture
def stopped_run(world, pressed):
    """The same, stopped in its middle with three jobs at work."""
    run, gate = pressed
    world.wait_for(lambda: world.at_gate() == 3, "three jobs at work", run_id=run)
    assert_in_the_middle(world, run)
    yield run, gate


def test_kill_one_worker(world, stopped_run):
    run, gate = stopped_run
    ((job, pid),) = started(world, run)[:1]
    kill_worker(world, pid)
    assert_in_the_middle(world, run)
    wait_found_dead(world, job, pid)
    gate.close()
    assert_heals(world, run)
    assert world.value("SELECT retry FROM queue_job WHERE uuid = %s", job) > 1


def test_a_job_that_takes_long_to_begin_holds_up_no_other(world):
    """Its row is locked meanwhile, and it looks as if it had died."""
    run = world.admin.press(world.products[:1])
    world.wait_done(run, SECONDS)
    with world.connect() as connection, connection.cursor() as cursor:
        # The job runner looks every two seconds, and may be sooner.
        world.wait_for(lambda: begin_slowly(world, run, cursor), "the job to begin")
        other = world.admin.press(world.products[1:2])
        world.wait_done(other, SECONDS)
        cursor.execute("UPDATE queue_job SET state = 'done' WHERE state = 'enqueued'")
    world.wait_done(run, SECONDS)


def test_kill_every_worker_when_no_job_follows(world):
    """Nothing happens in the queue any more that would wake up the runner."""
    with world.parameter("ai_queue.chunk_size", "1"), world.gate():
        products = world.products[:3]
        run = world.admin.press(products)
        world.wait_for(lambda: world.at_gate() == 3, "three jobs at work", run_id=run)
        jobs = started(world, run)
        for _job, pid in jobs:
            kill_worker(world, pid)
        assert world.run(run)["finished"] == 0
    world.wait_ended(run, HEAL_SECONDS)
    world.assert_whole(run, products)


def test_kill_the_job_runner(world, pressed):
    run, gate = pressed
    world.wait_in_the_middle(run)
    assert world.server.kill_processes(RUNNER)
    assert_in_the_middle(world, run)
    gate.close()
    assert_heals(world, run)


def test_kill_the_whole_server(world, stopped_run):
    run, gate = stopped_run
    ((job, pid), *_) = started(world, run)
    world.server.kill_odoo()
    assert_in_the_middle(world, run)
    world.server.start_odoo()
    wait_found_dead(world, job, pid)
    gate.close()
    assert_heals(world, run)


def test_kill_postgresql(world, pressed):
    run, _gate = pressed
    world.wait_in_the_middle(run)
    world.server.cluster.kill()
    world.server.cluster.start()
    assert_in_the_middle(world, run)
    assert_heals(world, run)


def test_kill_one_database_process(world, stopped_run):
    """PostgreSQL then drops all its connections, and recovers."""
    run, _gate = stopped_run
    pid = working_backends(world)[0]
    ours = world.value("SELECT pg_backend_pid()")
    os.kill(pid, signal.SIGKILL)
    wait_until_gone([pid, ours], SECONDS)
    wait_for_database(world)
    assert_in_the_middle(world, run)
    assert_heals(world, run)


def test_end_the_connection_that_works(world, stopped_run):
    run, gate = stopped_run
    end_connection(world, working_backends(world)[0])
    gate.close()
    assert_heals(world, run)


def test_end_the_connection_that_holds_the_job(world, stopped_run):
    run, gate = stopped_run
    end_connection(world, holding_backends(world)[0])
    gate.close()
    assert_heals(world, run)


# ---------------------------------------------------------------------- helpers


def started(world, run):
    """The jobs of a run that are at work: (uuid, process id of the worker)."""
    return world.sql(
        "SELECT uuid, worker_pid FROM queue_job "
        "WHERE ai_queue_run_id = %s AND state = 'started'",
        run,
    )


def kill_worker(world, pid):
    assert pid in world.server.processes(HTTP)
    os.kill(pid, signal.SIGKILL)
    wait_until_gone([pid], SECONDS)


def wait_found_dead(world, job, pid):
    """Wait until another process is at the job, which only the gate holds up."""
    query = (
        "SELECT state = 'started' AND worker_pid <> %s FROM queue_job WHERE uuid = %s"
    )
    world.wait_for(
        lambda: world.value(query, pid, job), "the job to be found dead", HEAL_SECONDS
    )


def begin_slowly(world, run, cursor):
    """Let a job of a run be one that begins since a minute, its row locked."""
    world.sql(
        "UPDATE queue_job SET state = 'enqueued', date_enqueued = "
        "now() AT TIME ZONE 'UTC' - interval '1 minute' WHERE ai_queue_run_id = %s",
        run,
    )
    query = "SELECT state FROM queue_job WHERE ai_queue_run_id = %s FOR UPDATE"
    cursor.execute(query, [run])
    if cursor.fetchone() == ("enqueued",):
        return True
    cursor.connection.rollback()
    return False


def working_backends(world):
    """The database processes in which jobs ask for demand."""
    return [
        pid
        for (pid,) in world.sql(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        )
    ]


def holding_backends(world):
    """The database processes that say: this job is being performed."""
    return [
        pid
        for (pid,) in world.sql(
            "SELECT pid FROM pg_locks "
            "WHERE relation = 'queue_job_lock'::regclass AND mode = 'RowShareLock'"
        )
    ]


def end_connection(world, pid):
    assert world.value("SELECT pg_terminate_backend(%s)", pid)
    wait_until_gone([pid], SECONDS)


def wait_for_database(world):
    def answers():
        try:
            return world.value("SELECT 1")
        except psycopg2.OperationalError:
            return False

    world.wait_for(answers, "PostgreSQL to recover", SECONDS)


def assert_in_the_middle(world, run):
    """Some of the jobs are done and some are not."""
    jobs = world.jobs(run)
    assert 0 < jobs.get("done", 0) < len(world.products), jobs


def assert_heals(world, run):
    world.wait_ended(run, HEAL_SECONDS)
    world.assert_whole(run, world.products)
