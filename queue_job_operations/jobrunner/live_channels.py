# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Channels of the running job runner follow what is set in its databases.

A database says that its channels have changed by ``NOTIFY queue_job, 'reload'``, which
is what queue_job 18.0.4 does; a runner without this addon takes it for a job that is
gone. All databases are read again then, and whenever the runner (re)connects.
"""

import logging
import os
from contextlib import closing

from odoo.addons.queue_job.jobrunner import channels, queue_job_config, runner

from .channel_rules import NO_LIMIT, Spec, effective, wanted

_logger = logging.getLogger(__name__)

RELOAD = "reload"

# queue_job does it by itself where it has this.
HOST_RELOADS = hasattr(channels, "RELOAD_PAYLOAD")

HAS_COLUMNS = """
    SELECT count(*) = 4
      FROM pg_attribute
     WHERE attrelid = to_regclass('queue_job_channel') AND NOT attisdropped
       AND attname IN ('capacity', 'sequential', 'throttle', 'paused')
"""
# Not those without a name: the host would take them for root.
WISHES = """
    SELECT complete_name, capacity, sequential, throttle, paused
      FROM queue_job_channel
     WHERE complete_name = 'root' OR starts_with(complete_name, 'root.')
"""
OF_CHANNELS = """
    state IN %s AND EXISTS (
        SELECT 1 FROM unnest(%s) AS moved(name)
         WHERE channel IN (moved.name, substr(moved.name, 6))
            OR starts_with(channel, moved.name || '.')
    )
"""


class LiveChannels:
    """The channels of one runner: what its start gave them, and what databases want.

    :param manager: the ``ChannelManager``, configured by odoo.conf or the environment
    """

    def __init__(self, manager):
        self.manager = manager
        #: by full name of the channel, as odoo.conf or the environment has them
        self.base = {channel.fullname: spec_of(channel) for channel in walk(manager)}
        #: {database: {full name of the channel: Spec}}, also of those that set nothing
        self.wishes = {}
        #: counts the changes of the tree
        self.version = 0

    def load(self, databases):
        """Read what these databases set, and let it hold from now on.

        :param databases: the connected ``runner.Database`` of this runner
        """
        self.wishes = {db.db_name: read_wishes(db) for db in databases}
        known = {channel.fullname for channel in walk(self.manager)}
        names = known.union(self.base, *self.wishes.values())
        changes = [self._apply(name) for name in sorted(names)]
        if any(changes):
            self.version += 1
            self._take_back()
        new = sorted(names - known)
        if new:
            for db in databases:
                self._move_jobs(db, new)

    def others(self, db_name, name):
        """What the other databases want of a channel; None when they set nothing."""
        wishes = [
            by_name.get(name, NO_LIMIT)
            for other, by_name in self.wishes.items()
            if other != db_name
        ]
        return wanted(self.base.get(name), wishes)

    def _apply(self, name):
        """Configure a channel; whether that changed anything."""
        wishes = [by_name.get(name, NO_LIMIT) for by_name in self.wishes.values()]
        spec = effective(self.base.get(name), wishes)
        channel = self.manager.get_channel_by_name(name, autocreate=True)
        before = spec_of(channel)
        if spec == before:
            return False
        channel.configure({"name": channel.name, **spec._asdict()})
        if spec.throttle != before.throttle:
            # The host would wait for the end of a pause that is no more, without
            # sleeping once that is past.
            channel._pause_until = 0
        _logger.info("Channel changed: %s", channel)
        return True

    def _take_back(self):
        """Let jobs that were not sent to Odoo yet wait in their own channels again.

        The host hands the backlog of a channel on to the channel above as long as there
        is room: one without a capacity hands on all of it, and a pause, a capacity or a
        gap that comes later would not act on what is gone. What may go on is handed on
        again with the next turn.
        """
        sent = self.manager.get_channel_by_name("root")._running
        for job in list(self.manager._jobs_by_uuid.values()):
            if job not in sent and job in job.channel._running:
                job.channel.set_pending(job)

    def _move_jobs(self, db, names):
        """Let jobs of new channels go there: until now they waited somewhere else."""
        # Parameters only, through the host's own cursor.
        with db.select_jobs(OF_CHANNELS, (channels.NOT_DONE, names)) as cr:
            for job_data in cr:
                self.manager.notify(db.db_name, *job_data)


def walk(manager):
    """All channels of a manager, parents first."""
    found = [manager.get_channel_by_name("root")]
    for channel in found:
        found += channel.children.values()
    return found


def spec_of(channel):
    """How a channel of the host works at present."""
    return Spec.of(
        channel.capacity, channel.sequential, channel.throttle, channel.paused
    )


def read_wishes(db):
    """{full name of the channel: Spec} of a database; {} where the addon is not."""
    with closing(db.conn.cursor()) as cr:
        cr.execute(HAS_COLUMNS)
        if not cr.fetchone()[0]:
            return {}
        cr.execute(WISHES)
        return {name: Spec.of(*values) for name, *values in cr.fetchall()}


def origin():
    """Where the runner of this process has its channels from, at its start."""
    if os.environ.get("ODOO_QUEUE_JOB_CHANNELS"):
        return "environment"
    return "file" if queue_job_config.get("channels") else "default"


# ---------------------------------------------------------------------------
# What is changed of the host
# ---------------------------------------------------------------------------

_init = runner.QueueJobRunner.__init__
_initialize_databases = runner.QueueJobRunner.initialize_databases
_process_notifications = runner.QueueJobRunner.process_notifications
_remove_job = channels.ChannelManager.remove_job


def init(self, *args, **kwargs):
    """Remember what odoo.conf or the environment said."""
    _init(self, *args, **kwargs)
    self._operations_channels = LiveChannels(self.channel_manager)


def initialize_databases(self):
    """Once connected, also again after an error: as the databases say by now."""
    _initialize_databases(self)
    self._operations_channels.load(list(self.db_by_name.values()))


def process_notifications(self):
    """Before the next jobs are chosen: as the databases say by now."""
    _process_notifications(self)
    manager = self.channel_manager
    if manager._operations_reload:
        manager._operations_reload = False
        self._operations_channels.load(list(self.db_by_name.values()))


def remove_job(self, uuid):
    """Payloads that name no job arrive here, wherever the host read them."""
    if uuid == RELOAD:
        self._operations_reload = True
    else:
        _remove_job(self, uuid)


if not HOST_RELOADS:
    runner.QueueJobRunner.__init__ = init
    runner.QueueJobRunner.initialize_databases = initialize_databases
    runner.QueueJobRunner.process_notifications = process_notifications
    channels.ChannelManager._operations_reload = False
    channels.ChannelManager.remove_job = remove_job
