"""Tax on a bill: the rows of its rates, and what is included in a total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

from . import labels
from .invoice import Field, TaxAmount
from .money import Amount, field_of
from .numbers import cents
from .segments import Text

ZERO = Decimal(0)
#: A tax beyond this share of the amount is no tax.
HIGHEST_RATE = Decimal("0.35")
_RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?[%％]")


def rows(text: Text, found: Sequence[Amount], step: Decimal) -> list[TaxAmount]:
    """Rows that print a rate, a base and the tax of that base.

    Told by arithmetic: base times rate is the tax, to the smallest coin.

    :param step: the smallest coin of the currency
    """
    by_row: dict[int, list[Amount]] = {}
    for amount in found:
        by_row.setdefault(amount.segment.row, []).append(amount)
    result, seen = [], set()
    for amounts in by_row.values():
        one = _row(text, amounts, step)
        if not one:
            continue
        key = (one.rate.value, one.base.value)
        if key not in seen:
            seen.add(key)
            result.append(one)
    return result


def _row(text, amounts, step):
    rates = [
        one
        for one in amounts
        if one.percent or (not one.currency and 0 < one.value <= 30)
    ]
    sums = [one for one in amounts if one.money]
    for rate in sorted(rates, key=lambda one: not one.percent):
        pairs = sorted(combinations(sums, 2), key=_gap)
        for base, tax in pairs:
            if rate in (base, tax) or not tax.value:
                continue
            for bigger, smaller in ((base, tax), (tax, base)):
                exact = cents(bigger.value * rate.value / 100)
                if abs(exact - smaller.value) <= step and abs(smaller.value) > 0:
                    return TaxAmount(
                        field_of(rate, 0.9, text),
                        field_of(bigger, 0.9, text),
                        field_of(smaller, 0.9, text),
                    )
    return None


def _gap(pair):
    """How far apart two amounts stand: of several bases the nearest is the one."""
    one, other = pair
    return abs(one.box.x0 - other.box.x0)


def sums(text: Text, found: Sequence[Amount], step: Decimal):
    """What all rows per rate come to, those free of tax too: (untaxed, tax).

    A row has its rate, the amount without tax, the tax, and with it or not.
    """
    by_row: dict[int, list[Amount]] = {}
    for amount in found:
        by_row.setdefault(amount.segment.row, []).append(amount)
    parts = {}
    for amounts in by_row.values():
        money = [one.value for one in amounts if one.money]
        rest = [one for one in amounts if not one.money]
        one = _row(text, amounts, step)
        if one:
            parts[one.rate.value, one.base.value] = one.amount.value
        elif ZERO in money and len(money) > 1 and len(set(money)) == 2:
            if all(not one.value for one in rest) and len(rest) < 2:
                parts[ZERO, max(money, key=abs)] = ZERO
    if len(parts) < 2:
        return None
    return sum((base for _rate, base in parts), ZERO), sum(parts.values(), ZERO)


def rates(found: Sequence[Amount], some: Sequence[TaxAmount]) -> set[Decimal]:
    """The rates that a document prints, as shares."""
    printed = {one.value / 100 for one in found if one.percent and 0 < one.value < 35}
    return printed | {one.rate.value / 100 for one in some}


def are_named(text):
    """Whether there is a row for tax, even if its amount cannot be read."""
    return any(
        labels.amount_kind(segment.folded) == "tax" and len(segment.text) < 25
        for segment in text.segments
    )


def none_printed(text):
    """The dash, or the word, that a bill prints in the place of tax."""
    for segment in text.segments:
        if labels.amount_kind(segment.folded) != "tax":
            continue
        for other in text.right_of(segment)[:1]:
            if re.fullmatch(r"[-–—]+|nil|none|n/?a", other.folded):
                by = "ocr" if text.source == "ocr" else "text"
                return Field(ZERO, other.text, other.box(), by, 0.8)
    return None


# ------------------------------------------------------------
# TAX THAT A TOTAL INCLUDES
# ------------------------------------------------------------


def included(total: Decimal, taxes, found: Sequence[Amount], step: Decimal, ties: bool):
    """The tax in a total, where the page prints no amount without it.

    Proven where the taxes at their rates come to the total again. Where they do not,
    but the lines come to the total, a part of it may be free of tax.

    :param taxes: candidates whose label says tax
    :param ties: the lines come to the total
    :return: (tax, confidence), or ``None`` where this cannot be its tax
    """
    taxes = [one for one in taxes if one.value and (one.value > 0) == (total > 0)]
    tax = sum((one.value for one in taxes), ZERO)
    if not tax or abs(tax) > abs(total - tax) * HIGHEST_RATE:
        return None
    shares = [rate_of(one, found) for one in taxes]
    if all(shares):
        gross = [
            one.value * (1 + rate) / rate
            for one, rate in zip(taxes, shares, strict=True)
        ]
        slack = sum(step * (1 + rate) / rate for rate in shares)
        if abs(sum(gross) - total) <= slack:
            return tax, 0.9
        if ties and abs(sum(gross)) < abs(total):
            return tax, 0.6
        return tax, 0.5 if ties else 0.4
    if ties:
        return tax, 0.6
    return (tax, 0.7) if len(taxes) == 1 and is_whole(total - tax, tax, step) else None


def rate_of(candidate, found: Sequence[Amount]) -> Decimal | None:
    """The rate, as a share, that stands in the label or the row of a tax."""
    match = _RATE.search(candidate.label)
    if match:
        rate = Decimal(match[1].replace(",", "."))
    else:
        row = candidate.amount.segment.row
        some = {one.value for one in found if one.percent and one.segment.row == row}
        rate = some.pop() if len(some) == 1 else ZERO
    return rate / 100 if 0 < rate < 35 else None


def is_whole(untaxed: Decimal, tax: Decimal, step: Decimal) -> bool:
    """Whether a tax is a whole number of percent, to the smallest coin."""
    rate = (tax / untaxed * 100).quantize(Decimal(1))
    return 3 <= rate <= 27 and abs(untaxed * rate / 100 - tax) <= step
