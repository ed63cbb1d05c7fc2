"""Dates as they are printed; names of months by Unicode's CLDR."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from .text import fold, has_words

#: The languages whose months are known, those that share a name with another last:
#: *listopad* is November in most, October in Croatian.
LANGUAGES = tuple(
    "en de fr es it nl pt sv da nb fi pl cs sk hu ro bg el tr sl et lv lt uk ru sr ca"
    " gl eu is id ms vi th ko ja zh hr".split()
)
#: Spellings of months that are printed but are no locale's.
_ALSO = {
    1: "jaenner",
    3: "maerz mrz",
    8: "augustus",
    9: "sept setembro",
    10: "okt",
}


@lru_cache(maxsize=1)
def _months() -> dict[str, dict[str, int]]:
    """Folded name -> language -> month (CLDR), full names and abbreviations."""
    found: dict[str, dict[str, int]] = {}
    for language in LANGUAGES:
        months = Locale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    _keep(found, name, language, number)
    for number, names in _ALSO.items():
        for name in names.split():
            _keep(found, name, "", number)
    return found


def _keep(found, name, language, number):
    name = fold(name).strip(". ")
    if has_words(name) and not re.search(r"\d", name):
        found.setdefault(name, {}).setdefault(language, number)


def _month(name, language):
    """The number of a month in a language, else in the first that has its name."""
    numbers = _months()[re.sub(r"\s+", " ", name)]
    return numbers.get(language) or next(iter(numbers.values()))


@lru_cache(maxsize=1)
def _patterns():
    names = sorted(_months(), key=len, reverse=True)
    name = "|".join(map(re.escape, names))
    return (*_PATTERNS, *(re.compile(pattern % {"name": name}) for pattern in _NAMED))


#: Text recognition loses the blank between a date and the time beside it.
_BEFORE = r"(?:(?<![\d.,/-])|(?<=:[0-5]\d))"
_TIME = r"(?=[012]?\d:[0-5]\d)"
_PATTERNS = (
    # 2014-07-03 · 2014/07/03 · 2014.07.03
    re.compile(
        rf"{_BEFORE}(?P<y>\d{{4}})\s?([-/.])\s?(?P<m>\d{{1,2}})\s?\2\s?"
        rf"(?P<d>\d{{1,2}})(?:(?!\d)|{_TIME})"
    ),
    # 03.07.2014 · 3/7/14 · 03-07-2014
    re.compile(
        rf"{_BEFORE}(?P<a>\d{{1,2}})\s?([-/.])\s?(?P<b>\d{{1,2}})\s?\2\s?"
        rf"(?P<y>(?:19|20)\d\d|'?\d\d)(?:(?![\d]|[.,/-]\d)|{_TIME})"
    ),
    # 2026年3月5日 · 2026년 3월 5일
    re.compile(
        r"(?<!\d)(?P<y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]?"
    ),
    # 令和8年3月5日
    re.compile(
        r"令和\s?(?P<era>\d{1,2}|元)\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?日?"
    ),
)
_NAMED = (
    # 7. Mai 2014 · 15-Jan-20 · 1er mars 2021 · 15 de enero de 2020 · 5 май 2026 г.
    r"(?<![\d.,])(?P<d>\d{1,2})\s?(?:st|nd|rd|th|er|e|\.|º|°)?[\s./-]*"
    r"(?:de\s|of\s)?(?P<n>%(name)s)[\s.,/-]*(?:de\s|del\s)?"
    rf"(?P<y>\d{{4}}|'?\d{{2}})(?:(?!\d)|{_TIME})",
    # January 5, 2020 · Jan 5th 2020
    r"(?<![^\W\d_])(?P<n>%(name)s)\.?\s?(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s.,/-]+"
    rf"(?P<y>\d{{4}}|'\d{{2}})(?:(?!\d)|{_TIME})",
    # 2026. március 5. · 2026 March 5
    r"(?<![\d.,])(?P<y>\d{4})[\s.,/-]{1,3}(?P<n>%(name)s)[\s.,/-]{1,3}(?P<d>\d{1,2})"
    r"(?!\d)",
)
#: A day without its year, as terms of payment print it: 15.03. · 15/3
_NO_YEAR = re.compile(
    r"(?<![\d.,/])(?P<d>\d{1,2})([./])\s?(?P<m>\d{1,2})(?:\2|(?![\d.,/%]))(?!\d)"
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


def find(text: str, language: str = "") -> Iterator[Printed]:
    """The dates in ``text``, pattern by pattern.

    :param language: of the document, for the name of a month that means two
    """
    if not re.search(r"\d", text):
        return
    folded = fold(text)
    taken = []
    for pattern in _patterns():
        for match in pattern.finditer(folded):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            printed = _read(match, language)
            if printed:
                taken.append(match.span())
                yield printed


def _read(match, language):
    found = match.groupdict()
    year = _year(found)
    if "a" in found:
        first, second = int(found["a"]), int(found["b"])
        orders = (year, second, first), (year, first, second)
    else:
        month = _month(found["n"], language) if "n" in found else int(found["m"])
        orders = ((year, month, int(found["d"])),) * 2
    day_first, month_first = map(_date, orders)
    if day_first is None and month_first is None:
        return None
    return Printed(*match.span(), day_first, month_first)


def _year(found):
    if "era" in found:
        return 2018 + (1 if found["era"] == "元" else int(found["era"]))
    digits = found["y"].lstrip("'")
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if year < 70 else 1900
    return year


def after(text: str, start: datetime.date) -> Iterator[tuple[int, int, datetime.date]]:
    """The days that are printed without a year, as the next such days from ``start``.

    :return: (begin, end, date) of each
    """
    for match in _NO_YEAR.finditer(text):
        month, day = int(match["m"]), int(match["d"])
        for year in (start.year, start.year + 1):
            value = _date((year, month, day))
            if value and value >= start:
                yield *match.span(), value
                break


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
