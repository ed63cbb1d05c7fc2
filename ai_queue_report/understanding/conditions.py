# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Conditions of a specification: made, put together, and put in place of others."""

from __future__ import annotations

from dataclasses import replace

from ..specification import Filter

#: Conditions on what is left out.
OUT = ("!=", "not in")


def make(conditions) -> list[Filter]:
    """Conditions of a subject or state as those of a specification."""
    return [
        Filter(name, operator, list(value) if isinstance(value, tuple) else value)
        for name, operator, value in conditions
    ]


def without_others(subject, filters, new) -> list[Filter]:
    """Conditions without those of states that others now stand instead of.

    What was overdue is neither unpaid nor due any more when it is paid, and a draft is
    none of these.
    """
    values = {one.field: key_of(one) for one in new}
    keys = set(map(key_of, filters))

    def is_replaced(conditions):
        return any(values.get(one[0], one) != one for one in conditions)

    usual = keys & keys_of(subject.usual)
    gone = set()
    for conditions, _instead, _measure in subject.states.values():
        state = keys_of(conditions)
        if state <= keys and (is_replaced(state) or is_replaced(usual)):
            gone |= state
    return [
        one for one in filters if one.field not in values and key_of(one) not in gone
    ]


def measure_of_states(subject, filters) -> str:
    """The measure that is meant by the states that some conditions are; "" for none."""
    keys = set(map(key_of, filters))
    for conditions, _instead, measure in subject.states.values():
        if measure and keys_of(conditions) <= keys:
            return measure
    return ""


def key_of(one) -> tuple:
    """A condition as one that can be in a set."""
    value = tuple(one.value) if isinstance(one.value, list) else one.value
    return one.field, one.operator, value


def keys_of(conditions) -> set[tuple]:
    """Conditions of a subject or state, as `key_of` has those of a specification."""
    return set(map(key_of, make(conditions)))


def both(one, other):
    """A condition with the values of two."""
    values = []
    for each in (one, other):
        some = each.value if isinstance(each.value, list | tuple) else [each.value]
        values += [value for value in some if value not in values]
    if len(values) == 1:
        return other
    return replace(
        other, operator=OUT[1] if other.operator in OUT else "in", value=values
    )


def without_values(one, out) -> list[Filter]:
    """A condition without the values that another one leaves out; [] when none stay."""
    some, gone = (
        each.value if isinstance(each.value, list) else [each.value]
        for each in (one, out)
    )
    stay = [value for value in some if value not in gone]
    if len(stay) > 1:
        return [replace(one, value=stay)]
    return [replace(one, operator="=", value=value) for value in stay]


def merged(filters):
    """Two names of one field are either of them."""
    merged = {}
    for one in filters:
        merged.setdefault((one.field, one.operator), []).append(one.value)
    for (name, operator), values in merged.items():
        if len(values) == 1:
            yield Filter(name, operator, values[0])
        else:
            yield Filter(name, "in" if operator == "=" else "not in", values)
