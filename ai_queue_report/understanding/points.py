# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A day, week, month, quarter, half or year in words, and which days it has.

Read from folded text, see ``text.fold``.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from ..specification.period import start_of
from . import words

ONE_DAY = timedelta(days=1)
_MONTHS = (
    r"januar[yi]?|janner|jan|janvier",
    r"februar[yi]?|feb|fevrier|fev",
    r"march|mar|marz|mars",
    r"april|apr|avril|avr",
    r"may|mai",
    r"june|juni?|juin",
    r"july|juli?|juillet",
    r"august|aug|aout",
    r"september|sept?|septembre",
    r"october|oct|oktober|okt|octobre",
    r"november|nov|novembre",
    r"december|dec|dezember|dez|decembre",
)
MONTH = "(?:" + "|".join(_MONTHS) + ")"
YEAR = r"(?:19|20)\d\d"
_ORDINALS = (
    r"first|1st|1\.?|erste[ns]?|premier|1er",
    r"second|2nd|2\.?|zweite[ns]?|deuxieme|2e",
    r"third|3rd|3\.?|dritte[ns]?|troisieme|3e",
    r"fourth|4th|4\.?|vierte[ns]?|quatrieme|4e",
)
_ORDINAL = "(?:" + "|".join(_ORDINALS) + ")"
OF = r"(?:(?:of|in|de|du|des|le|im|l)\s+)*"
_WEEK = r"(?:kw|cw|wk|(?:calendar )?week|(?:kalender)?woche|semaine|sem\.?)"
_QUARTER = r"(?:quarter|quartals?|trimestre)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
#: A day, week, month, quarter, half or year: what a time can begin or end with.
POINT = (
    rf"(?:\d{{4}}-\d\d?-\d\d?"
    rf"|{_DAY}\.\s?(?:0?[1-9]|1[0-2])\.(?!\s?\d)"
    rf"|\d\d?[./]\s?\d\d?[./]\s?{YEAR}"
    rf"|\d\d?(?:st|nd|rd|th|er|\.)?\s+(?:of\s+)?{MONTH}\.?\s+{YEAR}"
    rf"|{MONTH}\s+\d\d?(?:st|nd|rd|th)?,?\s+{YEAR}"
    rf"|\d\d?(?:st|nd|rd|th|er|\.)\s*{MONTH}\b"
    rf"|{MONTH}\.?(?:[\s/-]+{OF}{YEAR})?"
    rf"|{YEAR}-\d\d(?!\d)|(?:0?[1-9]|1[0-2])[./]{YEAR}"
    rf"|{_WEEK}\s*\d\d?(?:\s*/?\s*{OF}{YEAR})?"
    rf"|{YEAR}\s*/?\s*{_WEEK}\s*\d\d?"
    rf"|[qt]\s?[1-4](?:\s*[/-]?\s*{OF}{YEAR})?"
    rf"|{YEAR}\s*[/-]?\s*[qt][1-4]"
    rf"|{_QUARTER}\s+[1-4](?:\s*/?\s*{OF}{YEAR})?"
    rf"|{_ORDINAL}\s+{_QUARTER}(?:\s+{OF}{YEAR})?"
    rf"|(?:h|hj|s|halbjahr|semestre)\s?[12](?:\s*/?\s*{OF}{YEAR})?"
    rf"|{_ORDINAL}\s+(?:half(?:\s+year)?|halbjahre?s?|semestre)(?:\s+{OF}{YEAR})?"
    rf"|{YEAR})"
)
_TH = r"(?:st|nd|rd|th|er|\.)?"


def _get_ranks():
    """The words for the best and the worst, as they are folded and inflected."""
    ranks = set()
    for by_language in (words.MARKS["top"], words.MARKS["bottom"]):
        for phrase in "|".join(by_language.values()).split("|"):
            for form in (phrase, phrase.replace("ss", "ß")):
                ranks |= {f"{form}{ending}" for ending in ("", "n", "r", "s")}
    return sorted(ranks)


def _not_after(texts):
    """Nothing of these before it; Python wants each look back to have one length."""
    lengths = sorted({len(text) for text in texts})
    some = ("|".join(one for one in texts if len(one) == length) for length in lengths)
    return "".join(f"(?<!{one})" for one in some)


_RANKS = _get_ranks()
#: A day without a year, where the number can be nothing else: not "top 5 March" and not
#: "March 5 best customers".
DAY_ALONE = (
    rf"(?:{_not_after([f'{rank} ' for rank in _RANKS])}"
    rf"{_DAY}{_TH}\s+(?:of\s+)?{MONTH}\b"
    rf"|{MONTH}\.?\s{_DAY}(?:st|nd|rd|th)?(?!\w|[.,:/-]\d|\s*%)"
    rf"(?!\s+(?:{'|'.join(_RANKS)})(?!\w)))"
    rf"(?!\.?,?\s+{YEAR})"
)
_TO = (
    r"(?:\s+(?:to|until|till|through|bis(?: zu[mr]?)?|a|au)\s+|\s*[-–—]\s*|(?<=\.)\s+)"
)
_AND = r"\s+(?:and|und|et)\s+"
_ARTICLE = r"(?:(?:the|le|dem|den)\s+)?"
#: Two days of one month: "1 to 15 March", "between 1 and 15 March", "March 1-15".
DAYS = tuple(
    before
    + rf"(?P<since>{_DAY}){_TH}{join}{_ARTICLE}"
    + rf"(?P<until>{_DAY}{_TH}\s*(?:of\s+)?(?P<month>{MONTH})\.?(?:,?\s+{YEAR})?)"
    for before, join in (
        (rf"(?:between|zwischen|entre)\s+{_ARTICLE}", _AND),
        (rf"(?:(?:from|vom|von|du|de)\s+{_ARTICLE})?", _TO),
    )
) + (
    rf"(?:from\s+)?(?P<month>{MONTH})\s(?P<since>{_DAY})(?:st|nd|rd|th)?{_TO}"
    rf"(?P<until>{_DAY}(?:st|nd|rd|th)?(?:,?\s+{YEAR})?)(?!\s+(?:of\s+)?{MONTH})",
)


def is_month(text: str) -> bool:
    """Whether a text is what a month is called in one of the languages."""
    return bool(re.fullmatch(MONTH, text))


def ends_in_day(text: str, after: str) -> bool:
    """Whether a text ends with a day: "between 1 and 15" before "March"."""
    is_day = re.search(rf"(?<![\d.,]){_DAY}{_TH}$", text.strip())
    return bool(is_day and re.match(rf"\s*(?:of\s+)?{MONTH}(?!\w)", after))


def days_of(text: str, today: date, ahead: bool = False) -> tuple[date, date]:
    """The first and the last day of a day, week, month, quarter, half or year in words.

    :param today: what has no year is the last one of its kind that has begun
    :param ahead: or else the next one that has not ended
    """
    years = re.findall(rf"(?<!\d){YEAR}(?!\d)", text)
    if not years:
        # "q42025" and "kw122025" are no words, but "2025q4" is written so.
        years = re.findall(rf"^{YEAR}(?=[qt])", text)
    year = int(years[-1]) if years else None
    rest = re.sub(YEAR, " ", text) if years else text
    if match := re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", text):
        return _day(*map(int, match.groups()))
    if match := re.fullmatch(rf"(\d\d?)[./]\s?(\d\d?)[./]\s?({YEAR})", text):
        day, month, year = map(int, match.groups())
        return _day(year, month, day)
    if match := re.fullmatch(r"(\d\d?)\.\s?(\d\d?)\.", text):
        day, month = map(int, match.groups())
        return _nearest(lambda y: _day(y, month, day), None, today, ahead)
    if match := re.fullmatch(rf"({YEAR})-(\d\d)|(\d\d?)[./]({YEAR})", text):
        year, month = int(match[1] or match[4]), int(match[2] or match[3])
        return _day(year, month, 1)[0], _month_end(year, min(max(month, 1), 12))
    if match := re.search(rf"{_WEEK}\s*(\d\d?)", rest):
        return _nearest(lambda y: _week(y, int(match[1])), year, today, ahead)
    if match := re.search(r"(?<![a-z])[qt]\s?([1-4])", rest):
        return _nearest(lambda y: _quarter(y, int(match[1])), year, today, ahead)
    if re.search(r"quart|trimestre", rest):
        return _nearest(lambda y: _quarter(y, _ordinal(rest)), year, today, ahead)
    if match := re.search(r"(?<![a-z])(?:h|hj|s|halbjahr|semestre)\s?([12])", rest):
        return _nearest(lambda y: _half(y, int(match[1])), year, today, ahead)
    if re.search(r"half|halbjahr|semestre", rest):
        return _nearest(lambda y: _half(y, _ordinal(rest)), year, today, ahead)
    for month, names in enumerate(_MONTHS, 1):
        if re.search(rf"(?<![a-z])(?:{names})(?![a-z])", rest):
            return _nearest(lambda y: _in_month(rest, y, month), year, today, ahead)  # noqa: B023
    return date(year, 1, 1), date(year, 12, 31)


def _nearest(make, year, today, ahead):
    """What was made of a year; without a year, the last or the next one."""
    if year is not None:
        return make(year)
    made = make(today.year)
    if ahead:
        return make(today.year + 1) if made[1] < today else made
    return make(today.year - 1) if made[0] > today else made


def _week(year, place):
    weeks = date(year, 12, 28).isocalendar().week
    first = date.fromisocalendar(year, min(max(place, 1), weeks), 1)
    return first, first + 6 * ONE_DAY


def _half(year, place):
    first = date(year, 6 * min(place, 2) - 5, 1)
    return first, first + relativedelta(months=6) - ONE_DAY


def _month_end(year, month):
    return date(year, month, 1) + relativedelta(months=1) - ONE_DAY


def _in_month(text, year, month):
    days = re.findall(r"(?<!\d)\d\d?(?!\d)", text)
    if days:
        return _day(year, month, int(days[0]))
    return date(year, month, 1), _month_end(year, month)


def _ordinal(text):
    for place, names in enumerate(_ORDINALS, 1):
        if re.match(rf"(?:{names})\s", text):
            return min(place, 4)
    # "quarter 3"
    if match := re.search(r"[a-z]\s+([1-4])(?!\d)", text):
        return int(match[1])
    return 1


def _day(year, month, day):
    try:
        one = date(year, month, day)
    except ValueError:
        # 31 April: its month is known.
        first = date(year, min(max(month, 1), 12), 1)
        return first, first + relativedelta(months=1) - ONE_DAY
    return one, one


def _quarter(year, place):
    first = start_of("quarter", date(year, 3 * place, 1))
    return first, first + relativedelta(months=3) - ONE_DAY
