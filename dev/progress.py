"""What the set-up tells the person who waits for it, in plain sentences.

Everything goes to the standard error output: the standard output belongs to the
command that is being prepared (``bin/odoo shell`` may be piped).
"""

import sys
import threading
import time
from contextlib import contextmanager

_lock = threading.Lock()


class SetupError(Exception):
    """The machine cannot be prepared; the message says why and what to do."""


def say(sentence):
    """Print one line at once, whole, even while other threads print."""
    with _lock:
        print(sentence, file=sys.stderr, flush=True)


@contextmanager
def step(what):
    """Announce ``what``, and say how long it took when it is done.

    Two lines rather than one that grows: steps run side by side.
    """
    say(f"{what} …")
    started = time.monotonic()
    yield
    say(f"{what}: done in {duration(time.monotonic() - started)}")


def duration(seconds):
    """``75.2`` → ``"1 min 15 s"``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def megabytes(size):
    """Bytes as a person reads them."""
    return f"{max(1, round(size / 1e6))} MB"
