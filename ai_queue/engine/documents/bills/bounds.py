"""How large a number of a document may be, and how it is spelt in data.

Documents come from strangers: ``1E+999999`` or a thousand digits would keep a process
busy for minutes. Every number is held to these bounds where it is read, so that all
that comes after may compute with it.
"""

from __future__ import annotations

import re
from decimal import Decimal

#: Digits before and after the decimal point. Unit prices of some formats have ten
#: decimals, and programs that compute with floats print up to seventeen.
WHOLE, PART = 15, 20
#: Characters of a number, signs and exponent included.
_LONGEST = 64
_NUMBER = re.compile(
    rf"[+-]?(?:\d{{1,{_LONGEST}}}(?:\.\d{{0,{_LONGEST}}})?|\.\d{{1,{_LONGEST}}})"
    r"(?:[eE][+-]?\d{1,2})?",
    re.ASCII,
)


def bounded(value: Decimal) -> Decimal | None:
    """The number, ``None`` when it is none that a bill can mean.

    :return: without an exponent in its spelling, so that it never prints as ``1E+1``
    """
    if not value.is_finite():
        return None
    if value and not -PART <= value.adjusted() < WHOLE:
        return None
    _sign, digits, exponent = value.as_tuple()
    if -exponent > PART or len(digits) > WHOLE + PART:
        return None
    return value if exponent <= 0 else Decimal(f"{value:f}")


def decimal(text: str) -> Decimal | None:
    """The number that a text of a data format (XML, JSON) spells; ``None`` for none.

    A point separates decimals and nothing separates thousands, as XML Schema and JSON
    have it.
    """
    text = text.strip() if len(text) <= 4 * _LONGEST else ""
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        return None
    return bounded(Decimal(text))
