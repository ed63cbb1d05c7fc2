# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database of ``db_name`` that is not there keeps no other one from its jobs.

The host connects to all of them or works for none. A name that was mistyped, or whose
database was dropped, is left out here until it is there.
"""

import logging
import time
from contextlib import closing

import psycopg2

from odoo.addons.queue_job.jobrunner import runner

_logger = logging.getLogger(__name__)

#: how often a database that was left out is looked for again
LOOK_SECONDS = 30.0
THERE = "SELECT datname FROM pg_database WHERE datallowconn"


def find_missing(names):
    """Those of these databases that do not exist, or let nobody in.

    Sure only when another one says so: they all may be away for a moment.
    """
    refused, there = [], None
    for name in names:
        try:
            connection = psycopg2.connect(**runner._connection_info_for(name))
        except psycopg2.OperationalError:
            refused.append(name)
            continue
        with closing(connection), connection.cursor() as cr:
            cr.execute(THERE)
            there = {found for (found,) in cr.fetchall()}
    return [name for name in refused if there is not None and name not in there]


def is_there(name):
    """Whether a database lets us in."""
    try:
        psycopg2.connect(**runner._connection_info_for(name)).close()
    except psycopg2.OperationalError:
        return False
    return True


# ---------------------------------------------------------------------------
# What is changed of the host
# ---------------------------------------------------------------------------

_get_db_names = runner.QueueJobRunner.get_db_names
_initialize_databases = runner.QueueJobRunner.initialize_databases
_process_notifications = runner.QueueJobRunner.process_notifications


def get_db_names(self):
    """Without those that are not there."""
    return [
        name for name in _get_db_names(self) if name not in self._operations_missing
    ]


def initialize_databases(self):
    """Once more without those that are not there, if any kept it from connecting."""
    if time.monotonic() >= self._operations_look_again:
        self._operations_missing = ()
    try:
        _initialize_databases(self)
    except psycopg2.OperationalError:
        missing = find_missing(_get_db_names(self))
        if not missing:
            raise
        # Who waits to be elected comes by every moment.
        if missing != self._operations_told:
            _logger.warning("No database %s: its jobs are not run", ", ".join(missing))
        self.close_databases()
        self._operations_told = missing
        self._operations_missing = missing
        self._operations_look_again = time.monotonic() + LOOK_SECONDS
        _initialize_databases(self)


def process_notifications(self):
    """And connect to all anew when one that was missing is there."""
    _process_notifications(self)
    if self._operations_missing and time.monotonic() >= self._operations_look_again:
        self._operations_look_again = time.monotonic() + LOOK_SECONDS
        if any(map(is_there, self._operations_missing)):
            self._operations_look_again = 0.0
            self._operations_told = ()
            self.close_databases()
            self.initialize_databases()


runner.QueueJobRunner._operations_missing = ()
runner.QueueJobRunner._operations_told = ()
runner.QueueJobRunner._operations_look_again = 0.0
runner.QueueJobRunner.get_db_names = get_db_names
runner.QueueJobRunner.initialize_databases = initialize_databases
runner.QueueJobRunner.process_notifications = process_notifications
