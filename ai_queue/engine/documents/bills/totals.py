"""Which amount is the total, where it is told by its label and not by a sum."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

from .invoice import Field
from .money import field_of

ZERO = Decimal(0)


def loudest(options, line_sums):
    """The amount that calls itself the total the loudest."""
    best, best_score = None, 0.0
    for at, one in enumerate(options):
        score = {"total": 1.0, "due": 0.75, "untaxed": 0.3}.get(one.kind, 0.0)
        if not score or not one.value:
            continue
        rounds = _rounds(options, one)
        score = 1.0 if rounds else score
        score += 0.1 * at / len(options)
        if one.value in line_sums:
            score += 0.3
        if any(other is not one and other.value == one.value for other in options):
            score += 0.1
        if rounds or _is_paid_with(options, one):
            score += 0.4
        if not one.amount.money:
            score -= 0.5
        if score > best_score:
            best, best_score = one, score
    return best


def _is_paid_with(options, total):
    """Whether the change is what was given less this total, as on till receipts."""
    place = total.place
    later = [one for one in options if one.place > place]
    changes = [one for one in later if "change" in one.label or one.kind == "paid"]
    given = {one.value for one in later if one not in changes[-1:]}
    return bool(changes) and any(
        one.value and total.value + one.value in given for one in changes[-1:]
    )


def only(options, text):
    """The one amount of a document that prints no other."""
    some = [one for one in options if one.amount.money and one.value]
    if len({one.value for one in some}) != 1:
        return None
    return field_of(some[0].amount, 0.45, text)


def by_change(options):
    """The total of a till receipt: what was given, less the change."""
    paid = [one for one in options if one.kind == "paid"]
    changes = [one for one in paid if "change" in one.label]
    given = [one for one in paid if "change" not in one.label]
    if not changes or not given or given[-1].value <= changes[-1].value:
        return None
    total = given[-1].value - changes[-1].value
    return Field(total, by="solved", confidence=0.4)


def _rounds(options, total):
    """Whether it is an earlier total with the printed rounding."""
    steps = {one.value for one in options if one.kind == "rounding" and one.value}
    return any(
        other.value + step == total.value or other.value - step == total.value
        for other in options
        if other.place < total.place and other.kind in ("total", "untaxed", "due")
        for step in steps
        if abs(step) < Decimal("0.1")
    )


def is_contradicted(options, total):
    """Whether a later total is nearly, and not quite, this one."""
    return any(
        one.kind == "total"
        and one.place > total.place
        and 0 < abs(one.value - total.value) < abs(total.value) / 100
        for one in options
    )


def rounded(options, total):
    """The total after the printed rounding, where there is one."""
    for one in reversed(options):
        if one.kind in ("total", "due", "untaxed") and one.value != total.value:
            if abs(one.value - total.value) < Decimal("0.1") and _rounds(options, one):
                return one
    return None


def labelled(options, value):
    """The last amount that is called total, or due, and comes to a value."""
    for one in reversed(options):
        if one.kind in ("total", "due") and one.value == value:
            return one
    return None


def changes(options):
    """What the discounts and charges of a document, or some of them, come to."""
    steps = [
        -abs(one.value) if one.kind == "discount" else one.value
        for one in options
        if one.kind in ("discount", "charge") and one.value
    ][:6]
    return {
        sum(some, ZERO)
        for count in range(1, len(steps) + 1)
        for some in combinations(steps, count)
    }


def between(options, subtotal, untaxed):
    """What the amounts between the subtotal of the lines and the untaxed come to."""
    some = [one for one in options if one.kind == "untaxed"]
    first = [one for one in some if one.value == subtotal]
    last = [one for one in some if one.value == untaxed]
    if not first or not last or first[0].place >= last[-1].place:
        return set()
    rows = [
        one
        for one in options
        if first[0].place < one.place < last[-1].place and one.amount.money
    ]
    if not rows or any(one.kind not in ("", "charge", "discount") for one in rows):
        return set()
    if len({one.place for one in rows}) < len(rows):
        return set()
    return {
        sum((-abs(x.value) if x.kind == "discount" else x.value for x in rows), ZERO)
    }
