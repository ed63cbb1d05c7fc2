# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that died are found in seconds, also while nothing else happens in the queue.

queue_job looks for them whenever its runner turns: when a job changes, else when the
next postponed job is due, else after 60 seconds. So a job that waits a quarter of an
hour for its next try can hide a dead one for as long, which keeps its place in the
channel.
"""

from odoo.addons.queue_job.jobrunner import channels, runner

# Also often enough to keep the sessions of the runner: see lease.py.
LOOK_SECONDS = 2

_get_wakeup_time = channels.ChannelManager.get_wakeup_time


def get_wakeup_time(manager):
    """When the runner has to turn next, at the latest (seconds since 1970)."""
    latest = runner._odoo_now() + LOOK_SECONDS
    return min(_get_wakeup_time(manager) or latest, latest)


channels.ChannelManager.get_wakeup_time = get_wakeup_time
