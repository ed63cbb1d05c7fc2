# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The job runner says that it is there, how its channels are, and how its server is.

One row for each process in ``queue_job_runner`` of each database, written on the
connection that the runner has anyway.
"""

import json
import os
import socket
import time
from contextlib import closing
from datetime import datetime, timezone

from odoo.addons.queue_job.jobrunner import runner

from ..checkup import server
from .dead_jobs import LOOK_SECONDS
from .live_channels import HOST_RELOADS, origin, spec_of, walk

# The runner turns at least every LOOK_SECONDS, so that none of its turns is left out.
BEAT_SECONDS = LOOK_SECONDS - 1

# Its newest column: a server may be started with new code before the database is
# updated, and has to run the jobs of that as well.
HAS_TABLE = """
    SELECT EXISTS (SELECT FROM pg_attribute
                    WHERE attrelid = to_regclass('queue_job_runner')
                      AND attname = 'notifications' AND NOT attisdropped)
"""
BEAT = """
    INSERT INTO queue_job_runner
           (name, pid, date_started, date_seen, database_count, origin, channels,
            server, notifications)
    VALUES (%(name)s, %(pid)s, %(date_started)s,
            date_trunc('second', now() AT TIME ZONE 'UTC'),
            %(database_count)s, %(origin)s, %(channels)s, %(server)s,
            %(notifications)s)
    ON CONFLICT (name, pid) DO UPDATE
       SET date_started = excluded.date_started,
           date_seen = excluded.date_seen,
           database_count = excluded.database_count,
           origin = excluded.origin,
           channels = excluded.channels,
           server = excluded.server,
           notifications = excluded.notifications
"""


class Heartbeat:
    """The sign of life of one runner."""

    def __init__(self):
        self.vals = {
            "name": socket.gethostname(),
            "pid": os.getpid(),
            "date_started": datetime.now(timezone.utc).replace(
                microsecond=0, tzinfo=None
            ),
            "origin": origin(),
            "server": json.dumps(server.describe().to_json()),
        }
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
            with closing(db.conn.cursor()) as cr:
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

_run_jobs = runner.QueueJobRunner.run_jobs


def run_jobs(self):
    """First the jobs, then the sign of life: it holds up nothing that can start."""
    _run_jobs(self)
    # In the process that runs it: the object is made before the fork.
    if not hasattr(self, "_operations_heartbeat"):
        self._operations_heartbeat = Heartbeat()
    self._operations_heartbeat.beat(self)


if not HOST_RELOADS:
    runner.QueueJobRunner.run_jobs = run_jobs
