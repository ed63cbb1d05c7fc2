# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The job runner says that it is there, how its channels are, and how its server is.

One row for each process in ``queue_job_runner`` of each database, written on the
connection that the runner has anyway. One that stands by says so in the first database
in which another one works.
"""

import json
import os
import socket
import time
from contextlib import closing
from datetime import datetime, timezone

from odoo.addons.queue_job.jobrunner import runner

from ..checkup import server
from .live_channels import HOST_RELOADS, origin, spec_of, walk

# With the next turn of the runner that is every ten seconds, or a little more.
BEAT_SECONDS = 9

# Its newest column: a server may be started with new code before the database is
# updated, and has to run the jobs of that as well.
HAS_TABLE = """
    SELECT EXISTS (SELECT FROM pg_attribute
                    WHERE attrelid = to_regclass('queue_job_runner')
                      AND attname = 'is_standby' AND NOT attisdropped)
"""
BEAT = """
    INSERT INTO queue_job_runner
           (name, pid, date_started, date_seen, database_count, origin, channels,
            server, notifications, is_standby)
    VALUES (%(name)s, %(pid)s, %(date_started)s,
            date_trunc('second', now() AT TIME ZONE 'UTC'),
            %(database_count)s, %(origin)s, %(channels)s, %(server)s,
            %(notifications)s, %(is_standby)s)
    ON CONFLICT (name, pid) DO UPDATE
       SET date_started = excluded.date_started,
           date_seen = excluded.date_seen,
           database_count = excluded.database_count,
           origin = excluded.origin,
           channels = excluded.channels,
           server = excluded.server,
           notifications = excluded.notifications,
           is_standby = excluded.is_standby
"""


class Heartbeat:
    """The sign of life of one runner, from when it was elected."""

    def __init__(self):
        self.vals = {**describe_process(), "is_standby": False}
        #: {database: whether its notifications arrive}, as echo.py finds out
        self.notifications = {}
        self._version = None
        self._next = 0.0

    def beat(self, job_runner):
        """Write the rows when it is time, or when the tree of channels has changed."""
        now = time.monotonic()
        live = job_runner._operations_channels
        if now < self._next and live.version == self._version:
            return
        self._next = now + BEAT_SECONDS
        self._version = live.version
        count = len(job_runner.db_by_name)
        for db in job_runner.db_by_name.values():
            vals = {
                **self.vals,
                "database_count": count,
                "channels": json.dumps(describe(live, db.db_name)),
                "notifications": self.notifications.get(db.db_name),
            }
            write(db.conn, vals)


class Standby:
    """The sign of life of a process while another one is the job runner."""

    def __init__(self):
        self._vals = None
        self._next = 0.0

    def beat(self, connection):
        """Write the row when it is time."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + BEAT_SECONDS
        if not self._vals or self._vals["pid"] != os.getpid():
            self._vals = {
                **describe_process(),
                "database_count": 0,
                "channels": None,
                "notifications": None,
                "is_standby": True,
            }
        write(connection, self._vals)

    def end(self):
        """It works now, and says at once when it does no longer."""
        self._next = 0.0


def describe_process():
    """What a row says of the process that writes it."""
    return {
        "name": socket.gethostname(),
        "pid": os.getpid(),
        "date_started": datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None),
        "origin": origin(),
        "server": json.dumps(server.describe().to_json()),
    }


def write(connection, vals):
    """Write the row of a process, where the database has a place for it."""
    with closing(connection.cursor()) as cr:
        cr.execute(HAS_TABLE)
        if cr.fetchone()[0]:
            cr.execute(BEAT, vals)


def describe(live, db_name):
    """The tree of channels as one of the databases may know it.

    :return: {full name: {"spec": how it works now, "base": by odoo.conf or the
        environment, "others": by the other databases together (each a list as a
        ``Spec``, or None), "running": jobs, "waiting": jobs}}; counts are of all
        databases
    """
    return {
        channel.fullname: {
            "spec": spec_of(channel),
            "base": live.base.get(channel.fullname),
            "others": live.others(db_name, channel.fullname),
            "running": len(channel._running),
            "waiting": len(channel._queue),
        }
        for channel in walk(live.manager)
    }


# ---------------------------------------------------------------------------
# What is changed of the host
# ---------------------------------------------------------------------------

_acquire_master_lock = runner.Database._acquire_master_lock
_initialize_databases = runner.QueueJobRunner.initialize_databases
_run_jobs = runner.QueueJobRunner.run_jobs
standby = Standby()


def acquire_master_lock(self):
    """One that is not elected says that it is there."""
    try:
        _acquire_master_lock(self)
    except runner.MasterElectionLost:
        standby.beat(self.conn)
        raise


def initialize_databases(self):
    """Once it is elected, a new life begins."""
    _initialize_databases(self)
    standby.end()
    self._operations_heartbeat = Heartbeat()


def run_jobs(self):
    """First the jobs, then the sign of life: it holds up nothing that can start."""
    _run_jobs(self)
    if not hasattr(self, "_operations_heartbeat"):
        self._operations_heartbeat = Heartbeat()
    self._operations_heartbeat.beat(self)


if not HOST_RELOADS:
    runner.Database._acquire_master_lock = acquire_master_lock
    runner.QueueJobRunner.initialize_databases = initialize_databases
    runner.QueueJobRunner.run_jobs = run_jobs
