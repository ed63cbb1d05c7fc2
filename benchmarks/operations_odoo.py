"""The part of ``benchmarks/operations.py`` that runs inside of Odoo."""

import json
import statistics
import threading
import time
from pathlib import Path
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import Cursor

from odoo.addons.queue_job.controllers.main import RunJobController

PERIODS = ("hour", "day", "week")
#: queries that take less are shown without their plan (ms)
SHOWN_MS = 2.0
#: jobs that are not counted: they fill the caches
WARM = 20


def make_prototype(env):
    """One job as queue_job makes it, and three companies."""
    env["res.company"].create([{"name": f"Company {number}"} for number in (2, 3)])
    env["queue.job"].with_delay(description="Send something")._test_job()
    env.cr.commit()


def close_hours(env, path):
    """Count all hours once, as the cron does after the addon was installed."""
    began = time.perf_counter()
    env["queue.job.hour"]._cron_close()
    seconds = time.perf_counter() - began
    rows = env["queue.job.hour"].search_count([])
    Path(path).write_text(json.dumps({"seconds": seconds, "rows": rows}))


def report_refresh(env, path, rounds):
    """What a refresh of the screen takes, and the plans of its larger queries."""
    operations = env["queue.job.operations"]
    told = {
        period: measure(
            env, lambda period=period: operations.get_figures(period), rounds
        )
        for period in PERIODS
    }
    told["totals"] = measure(env, env["queue.job.hour"]._totals, rounds)
    told["plans"] = explain(env, lambda: operations.get_figures("week"))
    Path(path).write_text(json.dumps(told))


def measure(env, function, rounds):
    """Milliseconds of SQL and in all of one call, and its queries: the medians.

    As in a request: each time with an empty cache. The processor time of PostgreSQL is
    a mean: it tells what the queries take also while other work keeps the machine.
    """
    thread = threading.current_thread()
    taken = []
    env.cr.execute("SET max_parallel_workers_per_gather = 0")
    function()
    before = backend_seconds(env.cr)
    for _round in range(rounds):
        env.invalidate_all()
        thread.query_count, thread.query_time = 0, 0.0
        began = time.perf_counter()
        function()
        seconds = time.perf_counter() - began
        taken.append((1000 * thread.query_time, 1000 * seconds, thread.query_count))
    cpu = 1000 * (backend_seconds(env.cr) - before) / rounds
    sql, whole, queries = zip(*taken, strict=True)
    return {
        "cpu": cpu,
        "least": min(sql),
        "sql": statistics.median(sql),
        "worst": max(sql),
        "whole": statistics.median(whole),
        "queries": statistics.median(queries),
    }


def backend_seconds(cr):
    """Processor time that the process of our connection has taken so far."""
    cr.execute("SELECT pg_backend_pid()")
    [(pid,)] = cr.fetchall()
    # In nanoseconds; what "stat" tells is rounded to a hundredth of a second.
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def explain(env, function):
    """[(milliseconds, plan)] of the queries that take longest."""
    asked = []
    execute = Cursor.execute

    def listen(cursor, query, *args, **kwargs):
        began = time.perf_counter()
        result = execute(cursor, query, *args, **kwargs)
        asked.append((1000 * (time.perf_counter() - began), cursor._obj.query.decode()))
        return result

    env.invalidate_all()
    with patch.object(Cursor, "execute", listen):
        function()
    plans = []
    for taken, query in sorted(asked, reverse=True):
        if taken < SHOWN_MS and len(plans) >= 3:
            break
        # The text that was just executed.
        env.cr._obj.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + query)
        plans.append((taken, query, [line for (line,) in env.cr._obj.fetchall()]))
    return plans


# ---------------------------------------------------------------------------
# What the addon costs the queue
# ---------------------------------------------------------------------------


def report_cost(env, path, plain, count):
    """What a job takes with the addon and without it: one here, one there, by turns.

    :param str plain: a database with the same jobs, where it is not installed
    :param int count: jobs of each
    """
    registries = {"with": env.registry, "without": Registry(plain)}
    # An open transaction would keep dead rows from being cleaned up, on one side only.
    env.cr.rollback()
    taken = {name: [] for name in registries}
    for number in range(WARM + count):
        # Who comes second finds other things in the caches of the processor.
        names = list(registries) if number % 2 else list(reversed(registries))
        for name in names:
            taken[name].append(perform_job(registries[name]))
    told = {name: taken[name][WARM:] for name in registries}
    Path(path).write_text(json.dumps(told))


def perform_job(registry):
    """One job, from ``with_delay`` to done.

    :return: (seconds, processor seconds of this process, and of its connection)
    """
    with registry.cursor() as cr:
        # The pool gives the same one to each of the transactions below.
        before = backend_seconds(cr)
    began, cpu = time.perf_counter(), time.process_time()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        uuid = env["queue.job"].with_delay(channel="root.benchmark")._test_job().uuid
    with registry.cursor() as cr:
        # What the job runner does.
        cr.execute(
            "UPDATE queue_job SET state = 'enqueued', date_enqueued = "
            "date_trunc('seconds', now() AT TIME ZONE 'UTC') WHERE uuid = %s",
            (uuid,),
        )
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        RunJobController._runjob(env, RunJobController._acquire_job(env, uuid))
    taken = time.perf_counter() - began, time.process_time() - cpu
    with registry.cursor() as cr:
        return *taken, backend_seconds(cr) - before
