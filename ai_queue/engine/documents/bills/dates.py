"""Dates as they are printed, in the languages that bills of Europe and the US use."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .text import fold

#: Month -> how it begins in English, German, French, Dutch, Italian, Spanish and
#: Portuguese, folded (lower case, no accents).
_MONTHS = (
    "jan gen ene",
    "feb fev fevr",
    "mar maer mrz maart mars",
    "apr avr abr",
    "may mai mei mag",
    "jun juin giu",
    "jul juil lug",
    "aug aou ago",
    "sep set",
    "oct okt ott out",
    "nov",
    "dec dez dic",
)
_FULL = (
    "january januar janvier januari gennaio enero janeiro jaenner",
    "february februar fevrier februari febbraio febrero fevereiro",
    "march maerz marz mars maart marzo marco",
    "april avril aprile abril",
    "may mai mei maggio mayo maio",
    "june juni juin giugno junio junho",
    "july juli juillet luglio julio julho",
    "august aout augustus agosto",
    "september septembre settembre septiembre setembro sept",
    "october oktober octobre ottobre octubre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre dicembre diciembre dezembro",
)
_NUMBER_OF = {
    name: number
    for number, names in enumerate(zip(_MONTHS, _FULL, strict=True), 1)
    for name in " ".join(names).split()
}
_NAME = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))

_PATTERNS = (
    # 2014-07-03 · 2014/07/03 · 2014.07.03
    re.compile(
        r"(?<![\d.,/-])(?P<y>\d{4})\s?([-/.])\s?(?P<m>\d{1,2})\s?\2\s?(?P<d>\d{1,2})(?![\d])"
    ),
    # 03.07.2014 · 3/7/14 · 03-07-2014
    re.compile(
        r"(?<![\d.,/-])(?P<a>\d{1,2})\s?([-/.])\s?(?P<b>\d{1,2})\s?\2\s?"
        r"(?P<y>\d{4}|'?\d{2})(?![\d]|[.,/-]\d)"
    ),
    # 7. Mai 2014 · 15-Jan-20 · 1er mars 2021 · 15 de enero de 2020
    re.compile(
        rf"(?<![\d.,])(?P<d>\d{{1,2}})\s?(?:st|nd|rd|th|er|e|\.|º|°)?[\s./-]*"
        rf"(?:de\s|of\s)?(?P<n>{_NAME})[\s.,/-]*(?:de\s|del\s)?"
        rf"(?P<y>\d{{4}}|'?\d{{2}})(?!\d)"
    ),
    # January 5, 2020 · Jan 5th 2020
    re.compile(
        rf"(?<![a-z])(?P<n>{_NAME})\.?\s?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s.,/-]+"
        rf"(?P<y>\d{{4}}|'\d{{2}})(?!\d)"
    ),
)


@dataclass(frozen=True)
class Printed:
    """A date in a text: where it stands, and which dates it may mean.

    ``day_first`` and ``month_first`` differ where both are possible; one of them is
    ``None`` where it is not.
    """

    start: int
    end: int
    day_first: datetime.date | None
    month_first: datetime.date | None

    @property
    def ambiguous(self) -> bool:
        """Whether the order of day and month makes a difference."""
        return (
            self.day_first is not None
            and self.month_first is not None
            and self.day_first != self.month_first
        )

    def value(self, month_first: bool = False) -> datetime.date:
        """The date, day before month unless told otherwise or impossible."""
        one, other = self.day_first, self.month_first
        return (other or one) if month_first else (one or other)


def find(text: str) -> Iterator[Printed]:
    """The dates in ``text``, from left to right."""
    folded = fold(text)
    taken = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            printed = _read(match)
            if printed:
                taken.append(match.span())
                yield printed


def _read(match):
    found = match.groupdict()
    year = int(found["y"].lstrip("'"))
    if len(found["y"].lstrip("'")) == 2:
        year += 2000 if year < 70 else 1900
    if "a" in found:
        first, second = int(found["a"]), int(found["b"])
        orders = (year, second, first), (year, first, second)
    else:
        month = _NUMBER_OF[found["n"]] if "n" in found else int(found["m"])
        orders = ((year, month, int(found["d"])),) * 2
    day_first, month_first = map(_date, orders)
    if day_first is None and month_first is None:
        return None
    return Printed(*match.span(), day_first, month_first)


def _date(order):
    year, month, day = order
    if not 1950 <= year <= 2100:
        return None
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def parse(text: str, month_first: bool = False) -> datetime.date | None:
    """The first date in ``text``."""
    for printed in sorted(find(text), key=lambda one: one.start):
        return printed.value(month_first)
    return None
