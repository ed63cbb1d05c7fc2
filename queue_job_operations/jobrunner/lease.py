# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of several job servers one works, and the next takes over within ten seconds.

queue_job elects its runner by a lock of a database session. The session of a killed
process ends at once. That of a computer that lost its network, or of a process that
hangs, would keep the lock: for hours, or for ever. So PostgreSQL itself ends a session
in which the runner has asked nothing for a while, and one that is alive asks more
often. A runner that comes back finds its connection closed before it can hand out a
job, and stands by.
"""

import time
from contextlib import closing

from odoo.addons.queue_job.jobrunner import channels, runner

from .dead_jobs import LOOK_SECONDS

#: PostgreSQL ends the session of a runner that has asked nothing for so long
LEASE_SECONDS = 7
#: how often one that stands by tries to become the one that works
STAND_BY_SECONDS = 1.5
#: The other side of a lost network: after so long the runner gives up its connection.
TCP = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}
# Before PostgreSQL 14 there is no such setting; TCP's own then finds the lost network.
BOUND = """
    SELECT set_config(setting.name, bound.value, false)
      FROM (VALUES ('idle_session_timeout', %s),
                   ('tcp_keepalives_idle', '3'),
                   ('tcp_keepalives_interval', '2'),
                   ('tcp_keepalives_count', '2')) AS bound(name, value)
      JOIN pg_settings AS setting ON setting.name = bound.name
"""


def bound(db):
    """Let PostgreSQL end the session of a database when its runner is gone."""
    with closing(db.conn.cursor()) as cr:
        cr.execute(BOUND, (f"{LEASE_SECONDS}s",))


class Lease:
    """Keeps all sessions of a runner while it is busy with one of its databases."""

    def __init__(self, job_runner):
        self._runner = job_runner
        self._next = 0.0

    def keep(self):
        """Ask every database for a sign of life, when it is time."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + LOOK_SECONDS
        for db in self._runner.db_by_name.values():
            db.keep_alive()


# ---------------------------------------------------------------------------
# What is changed of the host
# ---------------------------------------------------------------------------

_connection_info_for = runner._connection_info_for
_init = runner.QueueJobRunner.__init__
_initialize_databases = runner.QueueJobRunner.initialize_databases
_notify = channels.ChannelManager.notify
_sleep = runner.QueueJobRunner.sleep


def connection_info_for(db_name):
    """Notice a lost network in seconds; what the configuration says comes first."""
    return {**TCP, **_connection_info_for(db_name)}


def init(self, *args, **kwargs):
    """Let the manager of its channels, which is told of every job, keep the lease."""
    _init(self, *args, **kwargs)
    self._operations_stands_by = False
    self.channel_manager._operations_lease = Lease(self)


def notify(self, *args, **kwargs):
    """A hundred thousand jobs may be read in a row."""
    _notify(self, *args, **kwargs)
    if self._operations_lease:
        self._operations_lease.keep()


def initialize_databases(self):
    """Once elected in all databases: with a session that ends when this runner does."""
    try:
        _initialize_databases(self)
    except runner.MasterElectionLost:
        self._operations_stands_by = True
        raise
    self._operations_stands_by = False
    for db in self.db_by_name.values():
        bound(db)


def sleep(self, seconds):
    """One that stands by looks more often than one that recovers from an error."""
    if self._operations_stands_by:
        seconds = min(seconds, STAND_BY_SECONDS)
    _sleep(self, seconds)


runner._connection_info_for = connection_info_for
channels.ChannelManager._operations_lease = None
channels.ChannelManager.notify = notify
runner.QueueJobRunner.__init__ = init
runner.QueueJobRunner.initialize_databases = initialize_databases
runner.QueueJobRunner.sleep = sleep
