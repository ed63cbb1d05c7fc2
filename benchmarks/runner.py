"""What live channels and the heartbeat cost the job runner.

    bin/odoo shell -d DATABASE --no-http < benchmarks/runner.py

DATABASE is one with ai_queue that no server serves. Turns of the runner's own loop on
real notifications, with and without what ai_queue adds to it, by turns; then the price
of one heartbeat and of one change of a channel.
"""

import statistics
import time
from unittest.mock import patch

from odoo.addons.queue_job.jobrunner import runner
from odoo.addons.queue_job_operations.jobrunner import heartbeat, live_channels

ROUNDS, TURNS, BEATS, LOADS = 15, 400, 200, 100
#: measured with queue_job alone on two cores (enqueued, started, done and its lock)
JOBS_A_SECOND, TURNS_A_JOB = 28, 4
BEAT_SECONDS = heartbeat.BEAT_SECONDS


def turns(job_runner):
    """Processor seconds of one turn, on average."""
    begun = time.process_time()
    for number in range(TURNS):
        env.cr.execute("SELECT pg_notify('queue_job', %s)", [f"nobody {number}"])  # noqa: F821
        env.cr.commit()  # noqa: F821
        job_runner.process_notifications()
        job_runner.run_jobs()
        for db in job_runner.db_by_name.values():
            db.conn.poll()
    return (time.process_time() - begun) / TURNS


def without(job_runner):
    """The same with the host's own methods."""
    with (
        patch.object(
            runner.QueueJobRunner,
            "process_notifications",
            live_channels._process_notifications,
        ),
        patch.object(runner.QueueJobRunner, "run_jobs", heartbeat._run_jobs),
        patch.object(runner.ChannelManager, "remove_job", live_channels._remove_job),
    ):
        return turns(job_runner)


def seconds_of(function, times):
    """Seconds of one call, the median of many."""
    taken = []
    for _time in range(times):
        begun = time.perf_counter()
        function()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def beat(job_runner):
    """One heartbeat that is due."""
    job_runner._operations_heartbeat._next = 0.0
    job_runner._operations_heartbeat.beat(job_runner)


def measure(job_runner):
    job_runner.initialize_databases()
    job_runner.run_jobs()
    pairs = [(without(job_runner), turns(job_runner)) for _round in range(ROUNDS)]
    plain = statistics.median(pair[0] for pair in pairs)
    ours = statistics.median(pair[1] for pair in pairs)
    beats = seconds_of(lambda: beat(job_runner), BEATS)
    live = job_runner._operations_channels
    databases = list(job_runner.db_by_name.values())
    loads = seconds_of(lambda: live.load(databases), LOADS)
    a_second = JOBS_A_SECOND * TURNS_A_JOB * (ours - plain) + beats / BEAT_SECONDS
    print(f"a turn of queue_job alone    {plain * 1e6:8.0f} us")
    print(f"a turn with ai_queue         {ours * 1e6:8.0f} us")
    print(f"a heartbeat (every {BEAT_SECONDS} s)     {beats * 1e6:8.0f} us")
    print(f"reading changed channels     {loads * 1e6:8.0f} us")
    print(
        f"of each second at {JOBS_A_SECOND} jobs per second, ai_queue takes the runner "
        f"{a_second * 100:.3f} %"
    )


job_runner = runner.QueueJobRunner()
with patch.object(
    runner.QueueJobRunner,
    "get_db_names",
    lambda self: [env.cr.dbname],  # noqa: F821
):
    measure(job_runner)
job_runner.close_databases()
