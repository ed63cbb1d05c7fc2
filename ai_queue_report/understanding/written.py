# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a person writes days, and which years are not those of the calendar."""

from __future__ import annotations

import re

_SLASHED = re.compile(r"(?<![\w/])(\d\d?)/(\d\d?)(?=/(?:19|20)\d\d(?!\d))")
#: Years that need not be those of the calendar.
_OWN_YEAR = re.compile(
    r"(?<!\w)(?:fiscal years?|financial years?|fy|(?:geschafts|wirtschafts)jahr\w*"
    r"|exercices?)(?!\w)"
)


def put_day_first(sentence, is_month_first: bool):
    """Write 12/15/2025 as 15/12/2025, which is how dates are read here.

    :param is_month_first: how who asks writes it; no month is over 12
    """
    dates = [
        tuple(map(int, match.groups())) for match in _SLASHED.finditer(sentence.folded)
    ]
    is_month_first = is_month_first and not any(first > 12 for first, _other in dates)
    if is_month_first or any(other > 12 >= first for first, other in dates):
        sentence.folded = _SLASHED.sub(r"\2/\1", sentence.folded)


def take_own_year(sentence) -> str:
    """The word for a year that is not that of the calendar; "" without."""
    match = _OWN_YEAR.search(sentence.folded)
    if match is None:
        return ""
    sentence.take(*match.span(), "own year")
    return sentence.found.pop()[1]
