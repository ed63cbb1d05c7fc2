# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The job runner tells the Operations screens that jobs or channels have changed.

It hears of every change anyway (``NOTIFY queue_job``), once that is committed, and
there is one runner: so jobs pay nothing for it, and however many change, a database
gets one message a second at most. The last change is never left out. Without a runner
the screens look by themselves now and then.
"""

import logging
from contextlib import closing

import psycopg2

from odoo import sql_db
from odoo.tools import SQL

from odoo.addons.bus.models.bus import ODOO_NOTIFY_FUNCTION, json_dump
from odoo.addons.queue_job.jobrunner import channels, runner

_logger = logging.getLogger(__name__)

MESSAGE = "queue_job/operations_changed"
SECONDS = 1.0

# Nobody where the addon is not installed.
WHO = """
    SELECT res_id FROM ir_model_data
     WHERE module = 'queue_job' AND name = 'group_queue_job_manager'
       AND EXISTS (SELECT FROM ir_module_module
                    WHERE name = 'queue_job_operations' AND state = 'installed')
"""
POST = """
    INSERT INTO bus_bus (channel, message, create_date, write_date)
    VALUES (%s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
"""


class Announcer:
    """What one runner has to tell, and when."""

    def __init__(self):
        self._changed = set()
        self._told = {}

    def note(self, db_name):
        """Something has changed there."""
        self._changed.add(db_name)

    def get_due(self):
        """When the next message is due (seconds since 1970); None without one."""
        return min(map(self._get_time, self._changed), default=None)

    def announce(self, databases, now):
        """Send what is due.

        :param databases: {name: ``runner.Database``}, the connected ones
        """
        for name in sorted(self._changed):
            if name not in databases:
                self._changed.remove(name)
            elif self._get_time(name) <= now:
                self._changed.remove(name)
                self._told[name] = now
                send(databases[name])

    def _get_time(self, name):
        return self._told.get(name, 0.0) + SECONDS


def send(db):
    """Leave the message in the bus of a database, for managers of the job queue.

    What fails here must not hold up any job: the screens look by themselves, too.
    """
    try:
        with closing(db.conn.cursor()) as cr:
            cr.execute(WHO)
            for (group_id,) in cr.fetchall():
                channel = [db.db_name, "res.groups", group_id]
                message = {"type": MESSAGE, "payload": {}}
                cr.execute(POST, (json_dump(channel), json_dump(message)))
                _wake(channel)
    except (psycopg2.DataError, psycopg2.IntegrityError, psycopg2.ProgrammingError):
        # Only what the database refuses. A lost connection is for the runner to mend.
        _logger.warning("Screens are not told of changed jobs", exc_info=True)


def _wake(channel):
    """Let the servers deliver what is in the bus; they listen in another database."""
    try:
        with sql_db.db_connect("postgres").cursor() as cr:
            function = SQL.identifier(ODOO_NOTIFY_FUNCTION)
            cr.execute(SQL("SELECT %s('imbus', %s)", function, json_dump([channel])))
    except psycopg2.Error:
        _logger.warning("The bus was not told of changed jobs", exc_info=True)


# ---------------------------------------------------------------------------
# What is changed of the host
# ---------------------------------------------------------------------------

_init = runner.QueueJobRunner.__init__
_process_notifications = runner.QueueJobRunner.process_notifications
_run_jobs = runner.QueueJobRunner.run_jobs
_get_wakeup_time = channels.ChannelManager.get_wakeup_time


def init(self, *args, **kwargs):
    """The channels know when to wake the runner: they are asked for it."""
    _init(self, *args, **kwargs)
    self.channel_manager._operations_announcer = Announcer()


def process_notifications(self):
    """Note where something has changed, before it is forgotten."""
    for name, db in self.db_by_name.items():
        if db.conn.notifies:
            self.channel_manager._operations_announcer.note(name)
    _process_notifications(self)


def run_jobs(self):
    """First the jobs."""
    _run_jobs(self)
    announcer = self.channel_manager._operations_announcer
    announcer.announce(self.db_by_name, runner._odoo_now())


def get_wakeup_time(manager):
    """When the runner has to turn next (seconds since 1970)."""
    times = _get_wakeup_time(manager), manager._operations_announcer.get_due()
    return min(filter(None, times), default=None)


# Of a manager without a runner.
channels.ChannelManager._operations_announcer = Announcer()
runner.QueueJobRunner.__init__ = init
runner.QueueJobRunner.process_notifications = process_notifications
runner.QueueJobRunner.run_jobs = run_jobs
channels.ChannelManager.get_wakeup_time = get_wakeup_time
