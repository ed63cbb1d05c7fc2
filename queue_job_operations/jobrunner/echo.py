# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The job runner tests whether notifications of its databases reach it.

It lives by them: behind pgbouncer in transaction mode ``LISTEN`` is lost, and jobs wait
for ever although the runner turns and every query of it works. So with each sign of
life it notifies itself, over a connection such as Odoo has for jobs, and sees whether
that arrives while it waits for nothing else. Only the time counts in which it really
waited: one that is busy, or held up by a lock, hears late of what came at once.
"""

import logging
import time
import uuid

import psycopg2

from odoo import sql_db

from odoo.addons.queue_job.jobrunner import channels, runner

from .heartbeat import BEAT_SECONDS
from .live_channels import HOST_RELOADS

_logger = logging.getLogger(__name__)

PREFIX = "echo:"
# A notification wakes the runner at once. One that only comes along with the next query
# of the runner was lost: that query is two seconds away, and may go elsewhere.
ARRIVES_SECONDS = 1.5
# A process may be stopped for a while, with its computer.
LOST_IN_A_ROW = 2


class Echo:
    """The notifications that one runner sends to itself from one database."""

    def __init__(self):
        #: "arrive" or "lost"; None until it is known
        self.outcome = None
        self._payload = None
        self._next = 0.0
        self._waited = 0.0
        self._lost = 0

    def is_due(self, now):
        """Whether it is time for the next one, and the last cannot come any more."""
        return now >= self._next and not (
            self._payload and self._waited <= ARRIVES_SECONDS
        )

    def start(self, now):
        """Judge the last one, if it never came; return the payload of the next."""
        if self._payload:
            self._note(False)
        self._payload, self._waited = f"{PREFIX}{uuid.uuid4()}", 0.0
        self._next = now + BEAT_SECONDS
        return self._payload

    def give_up(self):
        """It could not be sent: that says nothing of what arrives."""
        self._payload = None

    def wait(self, seconds):
        """So long the runner has done nothing but wait for notifications."""
        self._waited += seconds

    def hear(self, payload):
        """One has arrived; those of other processes and of earlier times are none."""
        if payload == self._payload:
            self._payload = None
            self._note(self._waited <= ARRIVES_SECONDS)

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


def take(notifies, echo):
    """Take the echoes out of what a connection has received: they name no job."""
    for notification in list(notifies):
        payload = getattr(notification, "payload", "")
        if payload.startswith(PREFIX):
            notifies.remove(notification)
            echo.hear(payload)


def check(job_runner):
    """Send the next echoes when it is time, and say what became of the last ones."""
    outcomes = job_runner._operations_heartbeat.notifications
    for db in job_runner.db_by_name.values():
        echo = _echo_of(db)
        if echo.is_due(time.monotonic()):
            payload = echo.start(time.monotonic())
            try:
                send(db.db_name, payload)
            except psycopg2.Error:
                echo.give_up()
                _logger.warning("The job runner cannot notify itself", exc_info=True)
        outcomes[db.db_name] = echo.outcome


def _echo_of(db):
    # With the connection: a new one begins anew.
    if not hasattr(db, "_operations_echo"):
        db._operations_echo = Echo()
    return db._operations_echo


# ---------------------------------------------------------------------------
# What is changed of the host
# ---------------------------------------------------------------------------

_process_notifications = runner.QueueJobRunner.process_notifications
_remove_job = channels.ChannelManager.remove_job
_run_jobs = runner.QueueJobRunner.run_jobs
_wait_notification = runner.QueueJobRunner.wait_notification


def process_notifications(self):
    """Before anybody takes the echoes for changed jobs, and those that have arrived
    while somebody read of jobs."""
    for db in self.db_by_name.values():
        take(db.conn.notifies, _echo_of(db))
    _process_notifications(self)
    heard = self.channel_manager._operations_heard
    while heard:
        payload = heard.pop()
        for db in self.db_by_name.values():
            _echo_of(db).hear(payload)


def remove_job(self, uuid):
    """Payloads that name no job arrive here, wherever the host read them."""
    if uuid.startswith(PREFIX):
        self._operations_heard.append(uuid)
    else:
        _remove_job(self, uuid)


def run_jobs(self):
    """Last of all, as the runner goes to sleep then, which an echo interrupts."""
    _run_jobs(self)
    check(self)


def wait_notification(self):
    """Measure how long it waits."""
    since = time.monotonic()
    _wait_notification(self)
    waited = time.monotonic() - since
    for db in self.db_by_name.values():
        _echo_of(db).wait(waited)


if not HOST_RELOADS:
    runner.QueueJobRunner.process_notifications = process_notifications
    runner.QueueJobRunner.run_jobs = run_jobs
    runner.QueueJobRunner.wait_notification = wait_notification
    # One thread reads and writes it.
    channels.ChannelManager._operations_heard = []
    channels.ChannelManager.remove_job = remove_job
