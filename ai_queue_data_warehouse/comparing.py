# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Both sides of a dataset, compared: by counts and checksums of days and of ranges of
keys, then row by row where a range differs."""

from dataclasses import dataclass, replace

from .targets import Span

#: keys that are compared by their sum; of ranges that differ, row by row
RANGE = 10_000
#: no rows, and the sum of their hashes
NOTHING = (0, 0)


@dataclass
class Tally:
    """What was found of a day, or of a range of keys.

    here, there: rows, and the sum of their hashes; missing, left, old: rows that are
    not in the warehouse, only there, or there as they were before
    """

    here: tuple = NOTHING
    there: tuple = NOTHING
    missing: int = 0
    left: int = 0
    old: int = 0

    @property
    def is_equal(self):
        return self.here == self.there

    @property
    def differing(self):
        return self.missing + self.left + self.old


class Comparison:
    """One look at both sides. What is on its way, or is known not to fit, differs and
    is no difference.

    :param target: ``targets.Target``, whose transaction has begun
    :param apart: keys that are no difference
    :param column: tells the day of a row; None where none does
    """

    def __init__(self, target, table, extraction, apart, column=None):
        self.target, self.table, self.extraction = target, table, extraction
        self.apart, self.column = apart, column
        #: {number of the range: ``Tally``}, {day: ``Tally``}
        self.ranges, self.days = {}, {}
        #: days that differ though every hash is right
        self.moved = []

    @property
    def rows(self):
        """How many there are in Odoo."""
        return sum(tally.here[0] for tally in self.ranges.values())

    @property
    def totals(self):
        """(missing, left over, old) of all"""
        tallies = self.ranges.values()
        if not any(tally.differing for tally in tallies):
            # nothing but days that somebody has changed in the warehouse
            tallies = self.days.values()
        found = [(tally.missing, tally.left, tally.old) for tally in tallies]
        return tuple(map(sum, zip(*found, strict=True))) if found else (0, 0, 0)

    def run(self, keys=(), days=()):
        """Compare, and yield the keys that differ, range by range.

        :param keys: (lowest, highest) key to look at; () for all
        :param days: (day,) to look at; () for all
        """
        span = Span(keys, self.column, days)
        ranges, by_day = self.extraction.get_sums(RANGE, span)
        self.ranges = _lay(ranges, self.target.get_sums(self.table, RANGE, span))
        if self.column:
            self.days = _lay(by_day, self.target.get_day_sums(self.table, span))
        for number, tally in sorted(self.ranges.items()):
            if not tally.is_equal:
                yield self._compare_rows(number, span)
        self._find_days()

    def _compare_rows(self, number, span):
        low, high = number * RANGE, (number + 1) * RANGE - 1
        if span.keys:
            low, high = max(low, span.keys[0]), min(high, span.keys[1])
        span = replace(span, keys=(low, high))
        here = self.extraction.get_rows(span)
        there = self.target.get_rows(self.table, span)
        differing = {key for key, _row in here.items() ^ there.items()} - self.apart
        for key in differing:
            kind = "old"
            if key not in there:
                kind = "missing"
            elif key not in here:
                kind = "left"
            days = {rows[key][1] for rows in (here, there) if key in rows}
            self._count(kind, number, days)
        return differing

    def _count(self, kind, number, days):
        """One row that differs; it may be of one day here, and of another one there."""
        tallies = [self.ranges[number]]
        if self.column:
            tallies += [self.days.setdefault(day, Tally()) for day in days]
        for tally in tallies:
            setattr(tally, kind, getattr(tally, kind) + 1)

    def _find_days(self):
        """Days that differ though every hash is right: somebody has changed them."""
        for day, tally in () if self.apart else self.days.items():
            away = abs(tally.here[0] - tally.there[0])
            if away and not tally.differing:
                tally.old = away
                self.moved.append(day)

    def find_moved(self):
        """Yield the keys of these days that differ: row by row, which takes longer."""
        for day in self.moved:
            sides = (self.target, self.table, self.extraction, self.apart, self.column)
            yield from Comparison(*sides).run(days=(day,))


def _lay(here, there):
    """The sums of both sides beside each other."""
    return {
        name: Tally(here.get(name, NOTHING), there.get(name, NOTHING))
        for name in here.keys() | there.keys()
    }
