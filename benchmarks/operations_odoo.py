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


def make_prototype(env):
    """One job as queue_job makes it, and three companies."""
    env["res.company"].create([{"name": f"Company {number}"} for number in (2, 3)])
    env["queue.job"].with_delay(description="Send something")._test_job()
    env.cr.commit()


def close_hours(env, path):
    """Count all hours once, as the cron does after the addon was installed."""
    began = time.perf_counter()
    env["ai.queue.hour"]._cron_close()
    seconds = time.perf_counter() - began
    rows = env["ai.queue.hour"].search_count([])
    Path(path).write_text(json.dumps({"seconds": seconds, "rows": rows}))


def report_refresh(env, path, rounds):
    """What a refresh of the screen takes, and the plans of its larger queries."""
    operations = env["ai.queue.operations"]
    told = {
        period: measure(
            env, lambda period=period: operations.get_figures(period), rounds
        )
        for period in PERIODS
    }
    told["totals"] = measure(env, env["ai.queue.hour"]._totals, rounds)
    told["plans"] = explain(env, lambda: operations.get_figures("week"))
    Path(path).write_text(json.dumps(told))


def measure(env, function, rounds):
    """Milliseconds of SQL and in all of one call, and its queries: the medians.

    As in a request: each time with an empty cache, and a transaction of its own.
    """
    thread = threading.current_thread()
    taken = []
    for _round in range(rounds + 1):
        env.invalidate_all()
        env.cr.rollback()
        thread.query_count, thread.query_time = 0, 0.0
        began = time.perf_counter()
        function()
        seconds = time.perf_counter() - began
        taken.append((1000 * thread.query_time, 1000 * seconds, thread.query_count))
    # The first one also reads rules, views and translations.
    sql, whole, queries = zip(*taken[1:], strict=True)
    return {
        "sql": statistics.median(sql),
        "worst": max(sql),
        "whole": statistics.median(whole),
        "queries": statistics.median(queries),
    }


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


def report_cost(env, path, plain, rounds, jobs):
    """Jobs a second with the addon and without it, by turns.

    :param str plain: a database with the same jobs, where it is not installed
    """
    registries = {"with": env.registry, "without": Registry(plain)}
    for registry in registries.values():
        perform_jobs(registry, jobs)
    seconds = {name: [] for name in registries}
    for number in range(rounds):
        # Who comes first has the caches of the processor against it.
        names = list(registries) if number % 2 else list(reversed(registries))
        for name in names:
            seconds[name].append(perform_jobs(registries[name], jobs))
    told = {
        name: {
            "wall": [wall / jobs for wall, _cpu in taken],
            "cpu": [cpu / jobs for _wall, cpu in taken],
        }
        for name, taken in seconds.items()
    }
    Path(path).write_text(json.dumps(told))


def perform_jobs(registry, count):
    """Let jobs be made, handed out, started and done; returns (seconds, of our CPU)."""
    began, cpu = time.perf_counter(), time.process_time()
    for _job in range(count):
        uuid = queue_job(registry)
        with registry.cursor() as cr:
            # What the job runner does.
            cr.execute(
                "UPDATE queue_job SET state = 'enqueued', date_enqueued = "
                "date_trunc('seconds', now() AT TIME ZONE 'UTC') WHERE uuid = %s",
                (uuid,),
            )
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            job = RunJobController._acquire_job(env, uuid)
            RunJobController._runjob(env, job)
    return time.perf_counter() - began, time.process_time() - cpu


def queue_job(registry):
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        return env["queue.job"].with_delay(channel="root.benchmark")._test_job().uuid
