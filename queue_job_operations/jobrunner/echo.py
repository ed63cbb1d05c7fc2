# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The job runner tests whether notifications of its databases reach it.

It lives by them: behind pgbouncer in transaction mode ``LISTEN`` is lost, and jobs wait
for ever although the runner turns and every query of it works. So with each sign of
life it notifies itself, over a connection such as Odoo has for jobs, and sees whether
that arrives while it waits for nothing else.
"""

import logging
import time
import uuid
from contextlib import closing

import psycopg2

from odoo import sql_db

from odoo.addons.queue_job.jobrunner import runner

from .heartbeat import BEAT_SECONDS
from .live_channels import HOST_RELOADS

_logger = logging.getLogger(__name__)

PREFIX = "echo:"
# A notification wakes the runner at once. One that only comes along with the next query
# of the runner was lost: that query may be 10 seconds away, or go elsewhere.
ARRIVES_SECONDS = 5.0
# One may be late because the runner was busy.
LOST_IN_A_ROW = 2

HAS_COLUMN = """
    SELECT EXISTS (SELECT FROM pg_attribute
                    WHERE attrelid = to_regclass('queue_job_runner')
                      AND attname = 'notifications' AND NOT attisdropped)
"""
NOTE = """
    UPDATE queue_job_runner SET notifications = %s
     WHERE name = %s AND pid = %s AND notifications IS DISTINCT FROM %s
"""


class Echo:
    """The notifications that one runner sends to itself from one database."""

    def __init__(self):
        #: "arrive" or "lost"; None until it is known
        self.outcome = None
        self._payload = None
        self._sent = 0.0
        self._lost = 0

    def is_due(self, now):
        """Whether it is time for the next one."""
        return not self._sent or now >= self._sent + BEAT_SECONDS

    def start(self, now):
        """Judge the last one, if it never came; return the payload of the next."""
        if self._payload:
            self._note(False)
        self._payload, self._sent = f"{PREFIX}{uuid.uuid4()}", now
        return self._payload

    def give_up(self):
        """It could not be sent: that says nothing of what arrives."""
        self._payload = None

    def hear(self, payload, now):
        """One has arrived; those of other processes and of earlier times are none."""
        if payload == self._payload:
            self._payload = None
            self._note(now - self._sent <= ARRIVES_SECONDS)

    def _note(self, arrived):
        self._lost = 0 if arrived else self._lost + 1
        if arrived:
            self.outcome = "arrive"
        elif self._lost >= LOST_IN_A_ROW:
            self.outcome = "lost"


def send(db_name, payload):
    """Notify the job runner as a job does.

    :raise psycopg2.Error: no connection
    """
    with sql_db.db_connect(db_name).cursor() as cr:
        cr.execute("SELECT pg_notify('queue_job', %s)", (payload,))


def take(notifies, echo, now):
    """Take the echoes out of what a connection has received: they name no job."""
    for notification in list(notifies):
        payload = getattr(notification, "payload", "")
        if payload.startswith(PREFIX):
            notifies.remove(notification)
            echo.hear(payload, now)


def check(job_runner):
    """Send the next echoes when it is time, and write what became of the last ones."""
    for db in job_runner.db_by_name.values():
        echo = _echo_of(db)
        if not echo.is_due(time.monotonic()):
            continue
        payload = echo.start(time.monotonic())
        note(db, job_runner._operations_heartbeat.vals, echo.outcome)
        try:
            send(db.db_name, payload)
        except psycopg2.Error:
            echo.give_up()
            _logger.warning("The job runner cannot notify itself", exc_info=True)


def _echo_of(db):
    # With the connection: a new one begins anew.
    if not hasattr(db, "_operations_echo"):
        db._operations_echo = Echo()
    return db._operations_echo


def note(db, vals, outcome):
    """Write the outcome beside the sign of life, where the database has a place."""
    with closing(db.conn.cursor()) as cr:
        cr.execute(HAS_COLUMN)
        if cr.fetchone()[0]:
            cr.execute(NOTE, (outcome, vals["name"], vals["pid"], outcome))


# ---------------------------------------------------------------------------
# What is changed of the host
# ---------------------------------------------------------------------------

_process_notifications = runner.QueueJobRunner.process_notifications
_run_jobs = runner.QueueJobRunner.run_jobs


def process_notifications(self):
    """Before anybody takes the echoes for changed jobs."""
    now = time.monotonic()
    for db in self.db_by_name.values():
        take(db.conn.notifies, _echo_of(db), now)
    _process_notifications(self)


def run_jobs(self):
    """Last of all, as the runner goes to sleep then, which an echo interrupts."""
    _run_jobs(self)
    check(self)


if not HOST_RELOADS:
    runner.QueueJobRunner.process_notifications = process_notifications
    runner.QueueJobRunner.run_jobs = run_jobs
