# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a job sends no more questions."""

import time

# How often a job looks whether its run was cancelled, and tells how far it is, seconds.
STOP_TICK = 1.0


class Stop:
    """Whether to send no more: the run was cancelled, or the turn of the job is over.

    The client asks often; the database is asked once in a while.
    """

    def __init__(self, is_cancelled, until, asking):
        self.is_cancelled = is_cancelled
        self.until = until
        self.asking = asking
        self.next_look = 0.0

    def __call__(self):
        now = time.monotonic()
        if now >= self.until:
            self.asking.time_is_up = True
            return True
        if not self.is_cancelled or now < self.next_look:
            return False
        self.next_look = now + STOP_TICK
        if self.is_cancelled():
            self.asking.is_cancelled = True
        return self.asking.is_cancelled
