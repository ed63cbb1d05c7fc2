# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The jobs of a computer that lost its network are found, as those of a killed process.

A job at work holds the lock of a row, by which the job runner sees that it lives; and
whatever belongs to it holds locks that other jobs wait for, such as that of its run. Of
a computer that is gone PostgreSQL hears nothing, and by default asks after two hours.
In all transactions of a job, from its acquisition (``controllers.run_job``) to its end,
it asks sooner.
"""

from contextlib import contextmanager

from odoo.addons.queue_job.job import Job

#: after so many seconds without a word PostgreSQL asks, and so often
IDLE_SECONDS, INTERVAL_SECONDS, COUNT = 10, 5, 3
#: the same for what PostgreSQL itself has sent, in milliseconds
SENT_MS = 1000 * (IDLE_SECONDS + INTERVAL_SECONDS * COUNT)
# A connection without TCP takes no notice.
BOUND = f"""
    SELECT set_config('tcp_keepalives_idle', '{IDLE_SECONDS}', %(is_local)s),
           set_config('tcp_keepalives_interval', '{INTERVAL_SECONDS}', %(is_local)s),
           set_config('tcp_keepalives_count', '{COUNT}', %(is_local)s),
           set_config('tcp_user_timeout', '{SENT_MS}', %(is_local)s)
"""


def bound(cr, is_local=True):
    """Let PostgreSQL notice soon when nobody is at the other end of a transaction.

    :param is_local: for this transaction only, or also for those that follow on the
        same connection
    """
    cr.execute(BOUND, {"is_local": is_local})


# ---------------------------------------------------------------------------
# What is changed of the host
# ---------------------------------------------------------------------------

_in_temporary_env = Job.in_temporary_env
_lock = Job.lock


def lock(self):
    """As the host does, in the transaction in which the job is performed.

    A job may commit on its way, and go on. That others use the connection after it,
    bound as it is, harms nobody.
    """
    bound(self.env.cr, is_local=False)
    return _lock(self)


@contextmanager
def in_temporary_env(self):
    """As the host does: what notes that a job failed, or is put off."""
    with _in_temporary_env(self):
        bound(self.env.cr)
        yield


Job.in_temporary_env = in_temporary_env
Job.lock = lock
