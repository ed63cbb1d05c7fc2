# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The last report by the lines of its documents, or the other way round.

What is invoiced by customer is in invoices, and by product in their lines.
"""

from __future__ import annotations

from dataclasses import replace

from ..specification import Measure
from ..specification.shape import COUNT
from .conditions import make

#: How subjects end that are another side of one that is called the same.
_SIDES = ("_line", "_order")


def find_kin(lexicon, subject) -> list:
    """The subjects that are other sides of one."""
    name = _name(subject)
    others = lexicon.subjects.values()
    return [one for one in others if _name(one) == name and one.key != subject.key]


def _name(subject):
    for side in _SIDES:
        if subject.key.endswith(side):
            return subject.key.removesuffix(side)
    return subject.key


def move(before, subject, other):
    """A specification of a subject as one of its kin; None when not all of it is there.

    By what it is split may be another thing then, see ``find_strange``.
    """
    measures = [_move_measure(one, subject, other) for one in before.measures]
    groups = [_move_group(one, subject, other) or one for one in before.group_by]
    filters = _move_filters(before.filters, subject, other)
    period = before.period
    if period and period.field == subject.date:
        period = replace(period, field=other.date)
    elif period:
        return None
    if None in measures or filters is None:
        return None
    return replace(
        before,
        model=other.model,
        measures=tuple(measures),
        group_by=tuple(groups),
        filters=tuple(filters),
        period=period,
    )


def find_strange(specification, subject) -> list:
    """By what a specification is split that its subject does not have."""
    known = {*subject.dimensions.values(), *subject.dates.values(), subject.date}
    return [one for one in specification.group_by if one.field not in known]


def _move_measure(one, subject, other):
    """A sum, or how many there are: the average of lines is another one."""
    for concept, made in subject.measures.items():
        if concept not in other.measures or _make(made) != one:
            continue
        return _make(other.measures[concept])
    return None


def _make(made):
    name, aggregate = made if isinstance(made, tuple) else (made, "sum")
    return Measure(COUNT) if name == COUNT else Measure(name, aggregate)


def _move_group(one, subject, other):
    if one.granularity and one.field == subject.date:
        return replace(one, field=other.date)
    return None if one.granularity else _move_field(one, subject, other)


def _move_field(one, subject, other):
    """A split or a condition by what it is called here and there."""
    for concept, name in subject.dimensions.items():
        if name == one.field and concept in other.dimensions:
            return replace(one, field=other.dimensions[concept])
    return None


def _move_filters(filters, subject, other):
    """All of them; None when one of them is not known there."""
    own, usual = make(subject.filters), make(subject.usual)
    moved = make(other.filters)
    if all(one in filters for one in usual):
        moved += make(other.usual)
    else:
        usual = []
    rest = [one for one in filters if one not in own and one not in usual]
    moved += [_move_field(one, subject, other) for one in rest]
    return None if None in moved else moved
