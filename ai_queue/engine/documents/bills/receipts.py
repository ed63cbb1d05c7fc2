"""What only till receipts print: what was handed over, and what was given back."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from .numbers import cents
from .text import fold

_CENT = Decimal("0.01")
#: rows below the total in which both stand
_NEAR = 12
#: rows between both where only what was handed over is called by its name
_NEXT = 2
#: The same row says what an amount is, though dirt stands between the words and it.
_HANDED = re.compile(
    r"\b(?:cash|tender\w*|paid|pay|payment|visa|master ?card|card|bar|gegeben|especes"
    r"|contant\w*|contanti|efectivo|numerario|dinheiro|kontant\w*|gotowka|hotove)\b"
)
_BACK = re.compile(
    r"\b(?:change|wechselgeld|ruckgeld|zuruck|rendu|monnaie|wisselgeld|terug|resto"
    r"|cambio|troco|vuelto|reszta|vaxel|tilbage|byttepenge|vraceno)\b"
)
#: What neither of them can be.
_NEITHER = ("total", "due", "untaxed", "tax", "rounding", "discount", "charge")


def paid_total(text, options):
    """The amount that is what was handed over less what was given back.

    That is as good a proof as a receipt has: three numbers that tie, of which a row
    calls one by its name.

    :param options: `amounts.Candidate`, in the order in which they stand
    :return: the last of them that was printed before both; ``None`` without a proof
    """
    for at, back in reversed(list(enumerate(options))):
        if back.kind in _NEITHER or back.value < 0:
            continue
        for handed in reversed(options[:at]):
            if back.place - handed.place > _NEAR:
                break
            if handed.kind in _NEITHER or handed.value <= back.value:
                continue
            total = _printed(options, handed, handed.value - back.value)
            if total and _is_named(text, total, handed, back):
                return total
    return None


def _is_named(text, total, handed, back):
    """Whether the rows of both say what they are; or one, where the rest leaves no
    doubt."""
    gives = bool(_HANDED.search(fold(text.rows[handed.place].text)))
    returns = bool(_BACK.search(fold(text.rows[back.place].text)))
    if gives and returns:
        return True
    if not back.value or not (gives or returns):
        return False
    near = back.place - handed.place <= _NEXT
    return returns or (near and total.kind in ("total", "due"))


def _printed(options, handed, value: Decimal):
    """The last amount of a value that stands above another, best with a label."""
    above = [
        one
        for one in options
        if one.value == value and 0 < handed.place - one.place <= _NEAR
    ]
    named = [one for one in above if one.kind in ("total", "due")]
    return (named or above or [None])[-1]


_RATE = re.compile(r"(\d{1,2}(?:[.,]\d)?) ?%")


def with_held_tax(options):
    """The same, where what calls itself a total and is the tax in it becomes tax.

    "Total included GST @ 6 %: 1.09" below 19.20 is the tax that the 19.20 hold.
    """
    return [
        replace(one, kind="tax") if _is_held_tax(one, options) else one
        for one in options
    ]


def _is_held_tax(one, options):
    printed = _RATE.search(one.label) if one.kind == "total" else None
    rate = Decimal(printed[1].replace(",", ".")) if printed else 0
    return bool(rate) and any(
        other.value > one.value > 0
        and abs(cents(other.value * rate / (100 + rate)) - one.value) <= _CENT
        for other in options
    )
