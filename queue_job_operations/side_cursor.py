# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Cursors beside the one of a request or a job: what they write is there at once."""

from contextlib import contextmanager

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo.api import SUPERUSER_ID, Environment

from .lost_network import bound


@contextmanager
def side_env(env):
    """An environment on a cursor of its own, committed at the end, with all rights.

    Its transaction is READ COMMITTED: it sees what others have committed meanwhile, and
    waits for a row rather than fail on it.

    :param env: of the same registry; user and context are kept
    """
    with _side_cursor(env.registry) as cr:
        yield env(cr=cr, su=True)


@contextmanager
def process_env(registry):
    """As `side_env`, for a process that has neither a request nor a job.

    What was changed in other processes is known in it.

    :param registry: of the database
    """
    with _side_cursor(registry) as cr:
        registry.check_signaling(cr)
        # Of the registry as it is now.
        yield Environment(cr, SUPERUSER_ID, {})


@contextmanager
def _side_cursor(registry):
    with registry.cursor() as cr:
        # Inside a test the cursor is shared and its transaction has begun.
        if cr.connection.get_transaction_status() == TRANSACTION_STATUS_IDLE:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            bound(cr)
        yield cr
