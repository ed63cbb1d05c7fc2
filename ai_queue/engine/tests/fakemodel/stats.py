"""What the server was asked, and what it answered."""

import bisect
import threading
import time
from collections import Counter


class Stats:
    """Counts. Thread-safe.

    A question counts as answered when its whole answer was written to a client that
    was still there; as abandoned when the client was gone before.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self.reset()

    def reset(self):
        """Forget all, but what is in flight."""
        with self._lock:
            self._in_flight = getattr(self, "_in_flight", 0)
            self._max_in_flight = self._in_flight
            self._paths, self._statuses, self._faults = Counter(), Counter(), Counter()
            self._asked, self._answered, self._abandoned = (
                Counter(),
                Counter(),
                Counter(),
            )
            self._arrivals = []

    def request(self, path):
        """A request of any kind came."""
        with self._lock:
            self._paths[path] += 1

    def begin(self, asked):
        """A question came.

        :return: (how many are in flight, how many came within the last minute), both
            with this one
        """
        now = time.monotonic()
        with self._lock:
            self._in_flight += 1
            self._max_in_flight = max(self._max_in_flight, self._in_flight)
            self._asked[asked.hash] += 1
            self._arrivals.append((now, asked.tokens))
            earlier = bisect.bisect(self._arrivals, (now - 60, 0))
            return self._in_flight, len(self._arrivals) - earlier

    def end(self):
        """A question is over, whatever came of it."""
        with self._lock:
            self._in_flight -= 1

    def answered(self, asked):
        """The whole answer is being written."""
        with self._lock:
            self._answered[asked.hash] += 1

    def not_answered(self, asked):
        """It was not written after all."""
        with self._lock:
            self._answered[asked.hash] -= 1
            self._answered = +self._answered  # without those that are at zero

    def abandoned(self, asked):
        """The client went away before."""
        with self._lock:
            self._abandoned[asked.hash] += 1

    def status(self, status):
        """A response to a question was sent."""
        with self._lock:
            self._statuses[str(status)] += 1

    def fault(self, name):
        """Something went wrong as it was told to."""
        with self._lock:
            self._faults[name] += 1

    def snapshot(self, window=60.0, questions=False):
        """All numbers as plain data.

        :param window: ``busiest`` is the most that came within so many seconds
        :param questions: with one entry for every question
        """
        with self._lock:
            numbers = {
                "asked": sum(self._asked.values()),
                "distinct": len(self._asked),
                "answered": sum(self._answered.values()),
                "answered_distinct": len(self._answered),
                "answered_again": sum(self._answered.values()) - len(self._answered),
                "abandoned": sum(self._abandoned.values()),
                "in_flight": self._in_flight,
                "max_in_flight": self._max_in_flight,
                "paths": dict(self._paths),
                "statuses": dict(self._statuses),
                "faults": dict(self._faults),
                "busiest": _busiest(self._arrivals, window),
            }
            if questions:
                numbers["questions"] = {
                    name: {
                        "asked": count,
                        "answered": self._answered[name],
                        "abandoned": self._abandoned[name],
                    }
                    for name, count in self._asked.items()
                }
            return numbers


def _busiest(arrivals, window):
    most = {"seconds": window, "requests": 0, "tokens": 0}
    first = tokens = 0
    for index, (moment, count) in enumerate(arrivals):
        tokens += count
        while arrivals[first][0] <= moment - window:
            tokens -= arrivals[first][1]
            first += 1
        most["requests"] = max(most["requests"], index - first + 1)
        most["tokens"] = max(most["tokens"], tokens)
    return most
