"""How long reading may still go on."""

from __future__ import annotations

import resource
import time


class Deadline:
    """An amount of time of the processor, and by the clock so many times as much.

    Reading gives way to everybody (`worker.give_way`): where others keep the processor
    busy it takes long by the clock, and is none the worse for that.
    """

    def __init__(self, seconds: float, patience: float = 1.0):
        self._patience = patience
        self._end = time.monotonic() + seconds * patience
        self._enough = _taken() + seconds

    def left(self) -> float:
        """Seconds by the clock that are left; none when it is zero or below."""
        by_clock = self._end - time.monotonic()
        return min(by_clock, (self._enough - _taken()) * self._patience)


def _taken():
    """Seconds of the processor that this process took, and its children that ended."""
    whom = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in whom]
    return sum(one.ru_utime + one.ru_stime for one in used)
