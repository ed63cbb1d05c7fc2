"""What stands once on a bill: its kind, number, dates, order reference, currency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from . import currencies, dates, labels
from .invoice import Field
from .segments import Segment, Text

#: A number of a bill or an order: digits with letters, dashes, slashes, dots.
_CODE = re.compile(
    r"#?\s?((?:[A-Z]{1,4} (?=\d))?[A-Za-z0-9][\w./-]*[A-Za-z0-9]|[0-9])(?![\w])"
)
#: Letters beside digits that text recognition takes for one another: O and 0, I and 1.
_LOOKS_LIKE = re.compile(r"[OIlSBZ](?=\d)|(?<=\d)[OIlSBZ]")
#: A bill that the buyer writes for the vendor: German calls it Gutschrift, too.
_SELF = re.compile(r"self-?\s?bill|selbst ausgestellt|autofactur")
_DAYS = re.compile(
    r"(?:net|netto|within|innerhalb|innert|sous|dans|binnen|entro|en|em|terms?:?)\s*"
    r"(?:von )?(\d{1,3})\s*(?:days?|tagen?|jours?|dagen|giorni|dias)"
    r"|(\d{1,3})\s*(?:days?|tage?|jours?|dagen|giorni|dias)\s*(?:net|netto|rein)"
)


def by_of(text: Text) -> str:
    """How the words were read, for a field's ``by``."""
    return "ocr" if text.source == "ocr" else "text"


def field_at(text: Text, segment: Segment, start: int, end: int, value, confidence):
    """A field for the characters ``start`` to ``end`` of a segment."""
    words = segment.words_of(start, end)
    sure = min((word.confidence for word in words), default=1.0)
    printed = segment.text[start:end]
    confidence *= min(1.0, 0.3 + sure)
    return Field(value, printed, segment.box(start, end), by_of(text), confidence)


# ------------------------------------------------------------
# KIND
# ------------------------------------------------------------


def doc_type(text: Text) -> Field:
    """Whether it is an invoice, a credit note or a receipt.

    The title decides: the word that stands alone, in the largest letters, at the top.
    An invoice when nothing says otherwise.
    """
    best, best_score = None, 0.0
    for segment in text.segments:
        for kind, pattern in (
            ("credit_note", labels.CREDIT),
            ("receipt", labels.RECEIPT),
            ("invoice", labels.INVOICE),
        ):
            match = pattern.search(segment.folded)
            if not match or (kind == "credit_note" and _SELF.search(segment.folded)):
                continue
            share = (match.end() - match.start()) / len(segment.text)
            page_height = text.heights[segment.page]
            at_top = 1 - segment.top / page_height
            first = 1.0 if segment.page == min(text.heights) else 0.0
            score = share * 2 + at_top + first + segment.height / 20
            if match.start():
                score -= 0.5
            if score > best_score:
                best, best_score = (segment, match, kind), score
            break
    if best is None or best_score < 2.0:
        return Field("invoice", by="solved", confidence=0.5)
    segment, match, kind = best
    return field_at(text, segment, *match.span(), kind, 0.9)


# ------------------------------------------------------------
# NUMBERS
# ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Code:
    segment: Segment
    start: int
    end: int
    score: float

    @property
    def value(self):
        return self.segment.text[self.start : self.end].strip(" #:.")


def number(text: Text) -> Field | None:
    """The number of the bill."""
    found = [
        code
        for label, strength in labels.NUMBER_LABELS
        for code in _labelled(text, label, strength, labels.OTHER_NUMBER)
    ]
    return _best(text, found)


def po_number(text: Text) -> Field | None:
    """The number of our purchase order that the bill refers to."""
    found = []
    for label, strength in labels.PO_LABELS:
        found += _labelled(text, label, strength, None, anywhere=True)
    found = [code for code in found if any(char.isdigit() for char in code.value)]
    return _best(text, found)


def _best(text, found):
    found = [code for code in found if code.score > 0.2]
    if not found:
        return None
    values = [code.value for code in found]
    best = max(found, key=lambda code: code.score + 0.05 * values.count(code.value))
    certain = min(0.98, best.score)
    if by_of(text) == "ocr" and _LOOKS_LIKE.search(best.value):
        certain = min(certain, 0.5)
    return field_at(text, best.segment, best.start, best.end, best.value, certain)


def _labelled(text, label, strength, other, anywhere=False) -> Iterator[_Code]:
    """The codes that a label announces: after it, right of it, or below it."""
    for segment in text.segments:
        match = (label.search if anywhere else label.match)(segment.folded)
        if not match:
            continue
        if anywhere and match.start() and segment.folded[match.start() - 1].isalpha():
            continue
        named = segment.folded[match.start() : match.end() + 12]
        if other and other.search(named):
            continue
        inside = _code_in(segment, match.end(), strength)
        if inside:
            yield inside
            continue
        rest = segment.folded[match.end() :].strip(" :.#-")
        if len(rest) > 2 and (anywhere or re.search(r"\d|\s", rest)):
            continue
        near = _beside(text, segment, strength - (0.1 if len(rest) > 2 else 0))
        if near:
            yield near


def _beside(text, segment, strength):
    for other in text.right_of(segment)[:1]:
        code = _code_in(other, 0, strength - 0.02, whole=True)
        if code:
            return code
    for at, other in enumerate(text.below(segment, lines=2.5)):
        code = _code_in(other, 0, strength - 0.08 - 0.1 * at, whole=True)
        if code:
            return code
        if at == 1:
            break
    return None


def _code_in(segment, start, strength, whole=False):
    """The first thing after ``start`` that may be a number of a document."""
    skip = re.compile(r"[\s:#.º°-]*").match(segment.text, start)
    match = _CODE.match(segment.text, skip.end())
    if not match:
        return None
    value = match[1]
    taken = [(one.start, one.end) for one in dates.find(segment.text)]
    if any(begin <= match.start(1) < end for begin, end in taken):
        return None
    digits = sum(char.isdigit() for char in value)
    if not digits and "_" not in value:
        return None
    score = strength
    if strength <= 0.5 and digits < 4 and len(value) < 8:
        return None
    if len(value) < 3:
        score -= 0.35
    if re.fullmatch(r"\d+[.,]\d{2}", value):
        score -= 0.5  # an amount
    if whole and match.end() < len(segment.text.rstrip()):
        score -= 0.15
    return _Code(segment, match.start(1), match.end(1), score)


# ------------------------------------------------------------
# DATES
# ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Dated:
    segment: Segment
    printed: dates.Printed
    kind: str


def bill_dates(text: Text, country: str, currency: str):
    """The date of the bill and the day when it is due.

    :param country: of the vendor, for the order of day and month
    :param currency: of the bill, for the same
    :return: (field of the date, field of the due date), ``None`` where there is none
    """
    found = _dated(text)
    us_order = _month_first(text, found, country, currency)
    bill = _choose(text, found, ("bill", "date", "", "paid", "inside"), us_order)
    due = _choose(text, found, ("due",), us_order)
    if due and bill and due.value == bill.value and due.box == bill.box:
        due = None
    return bill, due


def month_first(text: Text, country: str, currency: str) -> bool:
    """Whether the dates of a document are printed month first."""
    return _month_first(text, _dated(text), country, currency)


def _dated(text):
    found = []
    for segment in text.segments:
        for printed in dates.find(segment.text):
            kind = _date_kind(text, segment, printed)
            found.append(_Dated(segment, printed, kind))
    return found


def _date_kind(text, segment, printed):
    """What a date is by the words before it, left of it, or above it."""
    before = segment.folded[: printed.start]
    if re.search(r"[a-z]{2}", before):
        return labels.date_kind(before[-60:]) or "inside"
    for other in text.left_of(segment)[:1]:
        if re.search(r"[a-z]{2}", other.folded):
            kind = labels.date_kind(other.folded)
            if kind:
                return kind
    for at, other in enumerate(text.above(segment, lines=2.5)):
        kind = labels.date_kind(other.folded)
        if kind:
            return kind
        if at == 1 or not list(dates.find(other.text)):
            break
    return ""


def _choose(text, found, kinds, us_order):
    """The first date of the first kind that there is, in reading order."""
    for rank, kind in enumerate(kinds):
        some = [one for one in found if one.kind == kind]
        if not some:
            continue
        one = some[0]
        confidence = (0.95, 0.85, 0.6, 0.6, 0.5)[rank]
        if one.printed.ambiguous:
            confidence -= 0.05
        value = one.printed.value(us_order)
        return field_at(
            text, one.segment, one.printed.start, one.printed.end, value, confidence
        )
    return None


def _month_first(text, found, country, currency):
    """Whether dates are printed month first: only with evidence."""
    firm = [one.printed for one in found]
    if any(one.day_first is None for one in firm):
        return True
    if any(one.month_first is None for one in firm):
        return False
    if country:
        return country == "US"
    return currency == "USD" and _american(text)


#: "New York, NY 10001": how an address in the US ends.
_US_ADDRESS = re.compile(r"\b[A-Z]{2},? \d{5}(?:-\d{4})?\b")


def _american(text):
    return any(_US_ADDRESS.search(segment.text) for segment in text.segments)


def is_american(text: Text) -> bool:
    """Whether an address of the United States is printed."""
    return _american(text)


def terms_days(text: Text) -> int | None:
    """The days that the terms of payment give, where they are printed as a number."""
    for segment in text.segments:
        match = _DAYS.search(segment.folded)
        if match:
            return int(match[1] or match[2])
    return None


def due_by_terms(text: Text, bill: date) -> date | None:
    """The day that the printed terms of payment come to."""
    days = terms_days(text)
    return bill + timedelta(days) if days is not None else None


# ------------------------------------------------------------
# CURRENCY
# ------------------------------------------------------------


def currency(text: Text, country: str) -> Field | None:
    """The currency of the bill, where one is printed."""
    found = currencies.find((one.text for one in text.segments), country)
    if not found:
        return None
    code, printed = found
    for segment in text.segments:
        at = segment.text.find(printed)
        if at >= 0:
            confidence = 0.75 if printed == "$" else 0.95
            return field_at(text, segment, at, at + len(printed), code, confidence)
    return None
