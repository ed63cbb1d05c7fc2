# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that died are found in seconds, also while nothing else happens in the queue.

queue_job looks for them whenever its runner turns: when a job changes, else when the
next postponed job is due, else after 60 seconds. So a job that waits a quarter of an
hour for its next try can hide a dead one for as long, which keeps its place in the
channel.

And it waits for each row that it looks at. A job that begins holds its row while it
waits for that of its run: as long as it does, no job of anybody would be handed out.
"""

from odoo.addons.queue_job.jobrunner import channels, runner

# Also often enough to keep the sessions of the runner: see lease.py.
LOOK_SECONDS = 2

#: A row that somebody writes belongs to somebody who lives, or is looked at again soon.
FREE = """
    AND id IN (
        SELECT id FROM queue_job
         WHERE state IN ('enqueued', 'started')
           FOR NO KEY UPDATE SKIP LOCKED
    )
"""

_get_wakeup_time = channels.ChannelManager.get_wakeup_time
_query_requeue_dead_jobs = runner.Database._query_requeue_dead_jobs


def get_wakeup_time(manager):
    """When the runner has to turn next, at the latest (seconds since 1970)."""
    latest = runner._odoo_now() + LOOK_SECONDS
    return min(_get_wakeup_time(manager) or latest, latest)


def query_requeue_dead_jobs(database):
    """As the host's, for rows that nobody writes just now."""
    query = _query_requeue_dead_jobs(database)
    return query.replace("RETURNING", f"{FREE} RETURNING")


channels.ChannelManager.get_wakeup_time = get_wakeup_time
runner.Database._query_requeue_dead_jobs = query_requeue_dead_jobs
