# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rules about limits: of time, of memory, of connections to the database."""

from . import figures
from .facts import ADVICE, DANGER, WARNING, Verdict

MB = 1 << 20
#: crons work in batches that take no longer, seconds
CRON_SECONDS = 60
#: of PostgreSQL's connections, when so many are used the next may be refused
NEARLY_ALL = 0.9
#: states of a trigger that fires for ordinary sessions (pg_trigger.tgenabled)
FIRING = ("O", "A")


def check_time_real(facts):
    """Jobs end before their process is killed."""
    server, limit = facts.server, facts.server.limit_time_real
    values = {
        "limit": limit,
        "longest": round(facts.longest),
        "recommended": figures.time_real(facts),
    }
    if limit <= 0:
        # Threads are not limited then; processes are killed at once.
        case = "zero" if server.workers else "none"
        return Verdict("time_real", DANGER if server.workers else "ok", case, values)
    if facts.longest * 1.25 > limit:
        return Verdict("time_real", WARNING, "job", values)
    return Verdict("time_real", values=values)


def check_time_cpu(facts):
    """Jobs that compute may do so until they are done."""
    server = facts.server
    if not server.workers:
        # Threads have no such limit.
        return None
    recommended = max(figures.TIME_CPU, figures.time_real(facts) // 2)
    values = {
        "limit": server.limit_time_cpu,
        "longest": round(facts.longest),
        "recommended": recommended,
    }
    if server.limit_time_cpu <= 0:
        return Verdict("time_cpu", DANGER, "zero", values)
    if facts.longest > server.limit_time_cpu:
        return Verdict("time_cpu", ADVICE, "job", values)
    return Verdict("time_cpu", values=values)


def check_crons(facts):
    """Scheduled actions run: they watch, tell people and start work by the clock."""
    if facts.crons_late:
        return Verdict("crons", WARNING, "late")
    limit = facts.server.limit_time_real_cron
    if limit < 0:
        limit = facts.server.limit_time_real
    if 0 < limit < CRON_SECONDS:
        return Verdict("crons", WARNING, "short", {"limit": limit})
    return Verdict("crons")


def check_memory(facts):
    """The workers fit into the memory."""
    server = facts.server
    if not server.workers:
        return None
    soft, hard = server.limit_memory_soft, server.limit_memory_hard
    values = {
        "soft": soft // MB,
        "hard": hard // MB,
        "workers": server.workers,
        "memory": server.memory // MB,
        "needed": server.workers * soft // MB,
        "recommended_soft": figures.WORKER_MEMORY,
        "recommended_hard": 2 * figures.WORKER_MEMORY,
    }
    if 0 < hard <= soft:
        return Verdict("memory", WARNING, "order", values)
    if server.memory and server.workers * soft > server.memory:
        return Verdict("memory", ADVICE, "soft", values)
    return Verdict("memory", values=values)


def check_pool(facts):
    """A process may open as many connections as its jobs need."""
    server = facts.server
    jobs = 1 if server.workers else max(facts.root, 1)
    values = {
        "limit": server.db_maxconn,
        "needed": jobs * figures.CONNECTIONS_A_JOB,
        "jobs": jobs,
        "recommended": figures.recommended_pool(facts),
    }
    if server.db_maxconn < values["needed"]:
        return Verdict("db_maxconn", DANGER, "few", values)
    return Verdict("db_maxconn", values=values)


def check_connections(facts):
    """PostgreSQL accepts as many connections as all processes need."""
    values = {
        "limit": facts.connections,
        "used": facts.connections_used,
        "needed": figures.all_connections(facts),
        "recommended": figures.needed_connections(facts),
    }
    if facts.connections_used >= facts.connections * NEARLY_ALL:
        return Verdict("max_connections", WARNING, "used", values)
    if values["needed"] > facts.connections:
        return Verdict("max_connections", WARNING, "few", values)
    return Verdict("max_connections", values=values)


def check_idle(facts):
    """PostgreSQL lets the transaction be that holds the lock of a running job.

    It is idle for as long as the job works on other connections, or waits for others.
    """
    if not facts.idle_timeout:
        return None
    # Without a limit a job may well take as long as is recommended.
    limit = facts.server.limit_time_real
    limit = max(limit if limit > 0 else figures.TIME_REAL, figures.needed_time(facts))
    if facts.idle_timeout >= limit:
        return None
    values = {"seconds": round(facts.idle_timeout)}
    return Verdict("idle_timeout", DANGER, "short", values)


def check_trigger(facts):
    """The database tells the job runner of new jobs."""
    if not facts.trigger:
        return Verdict("trigger", DANGER, "missing")
    if facts.trigger not in FIRING:
        return Verdict("trigger", DANGER, "disabled")
    return Verdict("trigger")


LIMIT_RULES = (
    check_trigger,
    check_time_real,
    check_time_cpu,
    check_crons,
    check_pool,
    check_connections,
    check_idle,
    check_memory,
)
