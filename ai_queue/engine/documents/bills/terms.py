"""The date of a bill, and the day when it is due: printed, or by its terms."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from . import dates, labels
from .facts import by_of, field_at
from .invoice import Field
from .segments import Segment, Text
from .text import has_words, squeeze
from .vocabulary import pattern, source

#: Countries that print the month before the day.
_MONTH_FIRST = frozenset(("US", "PH"))
#: Where one term of payment ends and the next begins.
_CLAUSE = re.compile(
    rf"[;,]|\.(?=\s|$)(?:(?<!\d\.)|(?<=\d{{4}}\.))|/(?=\D)|{source('either')}"
)
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_DAYS = re.compile(rf"(?<![\d.,])(\d{{1,3}})\s*(?:{source('days')}|d\b)")
_NET = re.compile(
    r"(?<![^\W\d_])net(?:to|t)?\s*(\d{1,3})(?![.,]?\d|\s?(?:[%€$£]|kg|eur))"
)
#: "2/10 net 30", "2/10, n/30": the discount, its days, and those without.
_DISCOUNT_AND_NET = re.compile(
    r"(?<![\d/.])\d{1,2}(?:[.,]\d{1,2})?\s?%?\s?/\s?\d{1,2}[\s,]+n(?:et)?[\s/]*(\d{1,3})(?![\d/.])"
)
_PERCENT = re.compile(r"\d\s?[%％]")
#: Where a narrow column may break a date, and what is left of it below.
_BROKEN = re.compile(
    r"\d[\s.,]*(?:de |of )?[^\W\d_]{3,}\.?(?: del?)?$|\d{1,2},?$|\d[-/.]$"
)
_REST = re.compile(r"(?:del? )?(?:\d{4}|\d{1,2}(?:[-/.]\d{2,4})?)(?![\d.,%])")
#: A sentence that is longer than this is no term of payment.
_LONG = 220
#: How sure a date is whose day and month are a guess: a person looks at it.
_GUESSED = 0.5
#: Nobody gives more days than this.
_MOST_DAYS = 365


@dataclass(frozen=True, eq=False)
class _Dated:
    segment: Segment
    printed: dates.Printed
    kind: str


def bill_dates(
    text: Text, country: str, language: str = "", number: Field | None = None
):
    """The date of the bill and the day when it is due.

    :param country: of the vendor, for the order of day and month
    :param language: of the document, for names of months that mean two
    :param number: of the bill, which may look like a date
    :return: (field of the date, field of the due date), ``None`` where there is none
    """
    found = [one for one in _dated(text, language) if not _is_number(one, number)]
    found = [one for one in found if not _is_of_another(one, number)]
    us_order = _month_first(found, country)
    is_told = bool(country) or language not in ("", "en") or _shows_order(found)
    kinds = ("bill", "date", "", "paid", "inside")
    bill = _choose(text, found, kinds, us_order, is_told)
    due = _choose(text, found, ("due",), us_order, is_told)
    if due and bill and due.value == bill.value and due.box == bill.box:
        due = None
    if bill and not due:
        due = _by_terms(text, bill.value)
    return bill, due


def _is_number(dated, number):
    if number is None or number.box is None:
        return False
    place = dated.segment.box(dated.printed.start, dated.printed.end)
    return place == number.box


def _is_of_another(dated, number):
    """Whether it follows the number of another bill: "for invoice 7 of 3 May"."""
    if number is None:
        return False
    before = dated.segment.folded[: dated.printed.start]
    match = labels.NUMBERED_BILL.search(before)
    return bool(match) and squeeze(match["code"]) not in squeeze(number.value)


def month_first(text: Text, country: str) -> bool:
    """Whether the dates of a document are printed month first."""
    return _month_first(_dated(text, ""), country)


# ------------------------------------------------------------
# DATES
# ------------------------------------------------------------


def _dated(text, language):
    found = []
    for segment in text.segments:
        some = list(dates.find(segment.text, language))
        wrapped = _wrapped(text, segment, language) if not some else None
        if wrapped:
            segment, some = wrapped
        for printed in sorted(some, key=lambda one: one.start):
            kind = _date_kind(text, segment, printed)
            found.append(_Dated(segment, printed, kind))
    return found


def _wrapped(text, segment, language):
    """A date that a narrow column breaks: its year, or its last figures, are below.

    :return: (segment of both rows, its dates), ``None`` where there is none
    """
    if not _BROKEN.search(segment.folded):
        return None
    for below in list(text.below(segment, lines=1.0))[:1]:
        if not _REST.match(below.folded):
            return None
        both = Segment(segment.page, segment.row, segment.words + below.words)
        some = [
            one
            for one in dates.find(both.text, language)
            if one.start < len(segment.text) < one.end
        ]
        return (both, some) if some else None
    return None


def _date_kind(text, segment, printed):
    """What a date is by its clause, the words before it, left of it, or above it."""
    before = segment.folded[: printed.start]
    clause = _clause_at(segment.folded, printed.start)
    if _is_discount(clause):
        return "other"
    if has_words(before):
        if _has_discount(segment.folded):
            return "due"  # what is left beside the date of the discount
        kind = labels.date_kind(before[-60:]) or "inside"
        return _kind_of_label(text, segment, kind)
    for other in text.left_of(segment)[:1]:
        if has_words(other.folded):
            if _is_discount(other.folded):
                return "other"
            if pattern("no_discount").fullmatch(other.folded.strip(" :.")):
                return "due"  # a table of terms
            kind = labels.date_kind(_whole_label(text, other, segment))
            if kind:
                return kind
    for at, other in enumerate(text.above(segment, lines=2.5)):
        kind = labels.date_kind(other.folded)
        if kind:
            return kind
        if at == 1 or not list(dates.find(other.text)):
            break
    return ""


def _kind_of_label(text, segment, kind):
    """ "Order:" beside "AB-26 of 12 May": what the label says, and not the "of"."""
    if kind not in ("date", "inside"):
        return kind
    for other in text.left_of(segment)[:1]:
        if other.folded.rstrip().endswith(":"):
            return labels.date_kind(other.folded) or kind
    return kind


def _whole_label(text, label, value):
    """A label with its second row, which a narrow column puts under the first."""
    if label.folded.endswith((":", ".")):
        return label.folded
    for below in list(text.below(label, lines=1.0))[:1]:
        beside = text.right_of(below)
        mine = not beside or set(beside[0].words) <= set(value.words)
        if re.search(r"\d", below.text) or abs(below.x0 - label.x0) > label.height:
            break
        if mine:
            return f"{label.folded} {below.folded}"
    return label.folded


def _choose(text, found, kinds, us_order, is_told):
    """The first date of the first kind that there is, in reading order.

    :param us_order: whether the month comes first
    :param is_told: whether anything on the document tells that
    """
    for rank, kind in enumerate(kinds):
        some = [one for one in found if one.kind == kind]
        if not some:
            continue
        one = some[0]
        confidence = (0.95, 0.85, 0.6, 0.6, 0.5)[rank]
        if one.printed.ambiguous:
            confidence -= 0.05
            printed = one.segment.text[one.printed.start : one.printed.end]
            # 03/04/2026 is two days a month apart. Only the day precedes a dot.
            if not is_told and "." not in printed:
                confidence = min(confidence, _GUESSED)
        value = one.printed.value(us_order)
        return field_at(
            text, one.segment, one.printed.start, one.printed.end, value, confidence
        )
    return None


def _shows_order(found):
    """Whether one of the dates makes sense in one order only."""
    printed = [one.printed for one in found]
    return any(one.day_first is None or one.month_first is None for one in printed)


def _month_first(found, country):
    """Whether dates are printed month first: only with evidence."""
    printed = [one.printed for one in found]
    if any(one.day_first is None for one in printed):
        return True
    if any(one.month_first is None for one in printed):
        return False
    return country in _MONTH_FIRST


# ------------------------------------------------------------
# TERMS OF PAYMENT
# ------------------------------------------------------------


def _clauses(folded):
    """(begin, text) of the clauses of a sentence: what stands in brackets is one."""
    outside = _BRACKETS.sub(lambda match: " " * len(match[0]), folded)
    inside = [(match.start(1), match[1]) for match in _BRACKETS.finditer(folded)]
    for begin, text in ((0, outside), *inside):
        start = 0
        for match in _CLAUSE.finditer(text):
            yield begin + start, text[start : match.start()]
            start = match.end()
        yield begin + start, text[start:]


def _clause_at(folded, place):
    for start, clause in _clauses(folded):
        end = start + len(clause)
        if start <= place < end and clause[place - start] == folded[place]:
            return clause
    return ""


def _is_discount(clause):
    return bool(pattern("discount").search(clause) or _PERCENT.search(clause))


def _has_discount(folded):
    """Whether one of the terms of a sentence offers a discount for an early payment."""
    if len(folded) > _LONG or not pattern("discount").search(folded):
        return bool(len(folded) <= _LONG and _PERCENT.search(folded) and _pays(folded))
    return any(
        _is_discount(clause) and re.search(r"\d", clause)
        for _start, clause in _clauses(folded)
    )


def _pays(folded):
    """Whether a sentence is about payment."""
    concepts = ("terms", "due_date", "discount")
    return bool(_NET.search(folded)) or any(
        pattern(concept).search(folded) for concept in concepts
    )


def _by_terms(text, bill):
    """The day that the printed terms of payment come to."""
    best = None
    for segment in text.segments:
        if len(segment.text) > _LONG:
            continue
        left = " ".join(one.folded for one in text.left_of(segment)[:1])
        if not _pays(segment.folded) and not _pays(left):
            continue
        for found in _terms_of(text, segment, bill):
            if best is None or found.value > best.value:
                best = found
    return best


def _terms_of(text, segment, bill):
    """The due dates that the clauses of a segment give, those of discounts left out."""
    folded = segment.folded
    for start, clause in _clauses(folded):
        if _is_discount(clause):
            continue
        match = _DISCOUNT_AND_NET.search(clause)
        if not match:
            for begin, stop, value in dates.after(clause, bill):
                yield _solved(text, segment, start + begin, start + stop, value)
        match = match or _DAYS.search(clause) or _NET.search(clause)
        if match and int(match[1]) <= _MOST_DAYS:
            value = bill + timedelta(int(match[1]))
            if pattern("month_end").search(folded):
                value = _month_end(value)
            yield _solved(text, segment, *(start + at for at in match.span()), value)
        elif at_once := pattern("at_once").search(clause):
            span = (start + at for at in at_once.span())
            yield _solved(text, segment, *span, bill)


def _solved(text, segment, start, end, value) -> Field:
    found = field_at(text, segment, start, end, value, 0.8)
    return replace(found, by="solved" if by_of(text) == "text" else "ocr")


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
