# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How long a job may ask before its worker would be killed for its time."""

import threading

from odoo.tools import config, real_time

# A job is through this long before its worker would be killed, seconds.
MARGIN = 30.0
# Without such a limit a job sends for this long before it gives its turn to others.
SENDING_SECONDS = 600.0


def sending_seconds(request_timeout):
    """How long a job sends questions before it gives way, seconds.

    What is under way at the end is still waited for, and the worker is killed at its
    time limit. What the job has done before it asks, such as reading a slow file, has
    taken its share of that.
    """
    limit = config["limit_time_real"]
    if not limit or limit < 0:
        return SENDING_SECONDS
    return max(limit - _seconds_at_work() - MARGIN - request_timeout, 1.0)


def _seconds_at_work():
    """How long the HTTP request of this thread has been running; 0 elsewhere."""
    # ``odoo.http.Application`` notes when each request began.
    begun = getattr(threading.current_thread(), "perf_t0", None)
    return max(real_time() - begun, 0.0) if begun else 0.0


def longest_request(limit=None):
    """How long a request may take for a job to have time for more than one, seconds.

    :param limit: of the time of the process (s); that of this one by default
    """
    limit = config["limit_time_real"] if limit is None else limit
    if not limit or limit < 0:
        return SENDING_SECONDS
    return max((limit - MARGIN) / 2, limit / 4)


def needed_time(request_timeout):
    """The time limit (s) of a process under which such requests are not cut short."""
    return 2 * request_timeout + MARGIN if request_timeout else 0.0
