# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The shape of what questions can be about."""

from __future__ import annotations

from dataclasses import dataclass, field

#: The measure that is how many records there are.
COUNT = "__count"


@dataclass(frozen=True)
class Subject:
    """A way to answer questions about something.

    ``filters``: what makes it this subject: (field, operator, value). ``usual``: what
    is meant unless a state is named. ``date``: the field that a time is about.
    ``measures``: concept of ``words.MEASURES`` to field, or to (field, aggregate); the
    first one is meant when none is named. ``dimensions``: concept of
    ``words.DIMENSIONS`` to field. ``states``: concept of ``words.STATES`` to (filters,
    whether these stand instead of the usual ones, measure that is then meant).
    """

    key: str
    model: str
    date: str = ""
    filters: tuple = ()
    usual: tuple = ()
    measures: dict = field(default_factory=dict)
    dimensions: dict = field(default_factory=dict)
    states: dict = field(default_factory=dict)
    #: concept of ``words.DATES`` → field: another date that a time may be about
    dates: dict = field(default_factory=dict)
    #: measure → state that it goes with unless another one is named
    implied: dict = field(default_factory=dict)
    #: whether a record is one document with an amount: "the largest order", "invoices
    #: over 1,000"
    is_document: bool = False
    #: whether its amounts are negative: those that are paid out
    is_negative: bool = False

    def turns(self, measure) -> bool:
        """Whether the largest of a ``Measure`` is the lowest: of amounts that are paid
        out, and not of how many there are."""
        is_count = measure.field == COUNT or measure.aggregate == "count_distinct"
        return self.is_negative and not is_count
