# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How long things took, as counts in fixed buckets: small, and they can be added up."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

_STEPS = (1.0, 1.5, 2.2, 3.3, 4.7, 6.8)

#: Upper bounds of the buckets in seconds, each included: six a decade, from 0.01 s to
#: 1,000,000 s (12 days). What takes longer is in one bucket more. Never change them:
#: what is stored is counted by them.
BOUNDS = (
    *(
        round(step * 10.0**decade, 3 - decade)
        for decade in range(-2, 6)
        for step in _STEPS
    ),
    1_000_000.0,
)


class Histogram(NamedTuple):
    """Durations in seconds: how many there were in each bucket, and their sum."""

    #: one count for each of ``BOUNDS``, and one for what took longer
    counts: tuple
    sum: float

    @classmethod
    def of(cls, cells, total):
        """A histogram from what is stored.

        :param dict cells: {number of the bucket: count}; empty ones may be left out
        :param float total: sum of the durations
        """
        return cls(tuple(cells.get(number, 0) for number in range(SIZE)), float(total))

    @property
    def count(self):
        """How many durations there are."""
        return sum(self.counts)

    def cumulative(self):
        """[(upper bound, how many took at most so long)], the last for infinity.

        As a Prometheus histogram has its buckets.
        """
        bounds = (*BOUNDS, float("inf"))
        return list(zip(bounds, accumulate(self.counts), strict=True))

    def quantile(self, share):
        """The duration that this share of them did not exceed; None without any.

        Found as Prometheus' ``histogram_quantile`` does, so that a graph of the metrics
        shows the same figure: inside of the right bucket it is assumed that durations
        are spread evenly. It is never further from the truth than that bucket is wide,
        half of the value at most. Of what is beyond all bounds, the last bound is told.

        :param float share: above 0, up to 1
        """
        # Not 19.000000000000004 of 20.
        rank = round(share * self.count, 6)
        if not rank:
            return None
        before = 0
        lower = 0.0
        for upper, count in zip(BOUNDS, self.counts, strict=False):
            if count and before + count >= rank:
                return lower + (upper - lower) * (rank - before) / count
            before += count
            lower = upper
        return lower


SIZE = len(BOUNDS) + 1


@dataclass
class Tally:
    """Jobs that ended, being added up; those that are gone since are counted, too."""

    done: int = 0
    failed: int = 0
    done_left: int = 0
    failed_left: int = 0
    runs: Counter = field(default_factory=Counter)
    waits: Counter = field(default_factory=Counter)
    run_sum: float = 0.0
    wait_sum: float = 0.0

    @property
    def run_times(self):
        """A ``Histogram`` of how long jobs ran that were done."""
        return Histogram.of(self.runs, self.run_sum)

    @property
    def wait_times(self):
        """A ``Histogram`` of how long they had waited before."""
        return Histogram.of(self.waits, self.wait_sum)

    def add(self, count, state, is_left, run, wait):
        """Add jobs that are equal.

        :param str state: "done" or "failed"
        :param bool is_left: whether they are gone since
        :param run: (number of the bucket or None, sum of seconds or None)
        :param wait: the same
        """
        name = "done" if state == "done" else "failed"
        setattr(self, name, getattr(self, name) + count)
        if is_left:
            setattr(self, f"{name}_left", getattr(self, f"{name}_left") + count)
        if run[0] is not None:
            self.runs[run[0]] += count
            self.run_sum += run[1]
        if wait[0] is not None:
            self.waits[wait[0]] += count
            self.wait_sum += wait[1]

    def merge(self, other):
        """Add all that another tally has."""
        for name in ("done", "failed", "done_left", "failed_left"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.runs.update(other.runs)
        self.waits.update(other.waits)
        self.run_sum += other.run_sum
        self.wait_sum += other.wait_sum
