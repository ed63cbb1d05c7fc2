"""What stands once on a bill: its number, order reference, currency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import currencies, dates, labels
from .invoice import Field
from .segments import Segment, Text

#: A number of a bill or an order: digits with letters, dashes, slashes, dots.
#: What a number begins and ends with: letters of alphabets that have cases, figures.
_LETTER = r"A-Za-z0-9À-žΑ-ωЀ-ӿ"
_CODE = re.compile(
    r"#?\s?((?:[A-Z]{1,4} (?=[A-Z]{0,3}/?\d))?"
    rf"[{_LETTER}][\w./-]*[{_LETTER}]|[0-9])"
    r"(?!\w)"
)
#: The groups of figures that follow the first of a number: "VR-100 442 817".
_GROUPS = re.compile(r"(?: \d{2,6})+(?=\s*$)")
#: The number of a bill that is counted by month, and might be a date.
_MONTHLY = re.compile(r"\d{1,4}/\d{1,2}/\d{4}")
#: Letters beside digits that text recognition takes for one another: O and 0, I and 1.
_LOOKS_LIKE = re.compile(r"[OIlSBZ](?=\d)|(?<=\d)[OIlSBZ]")


#: What may stand before the label of a number: "Quittung / Rechnung Nr. 31".
_PARTED = re.compile(r"[^\d:]{2,30}?(?:\s?/\s|\s[-–|]\s)")


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
# NUMBERS
# ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Code:
    segment: Segment
    start: int
    end: int
    score: float
    whole: str = ""

    @property
    def value(self):
        """The number, with the series that it stands in."""
        if self.whole:
            return self.whole
        return self.segment.text[self.start : self.end].strip(" #:.")


def number(text: Text) -> Field | None:
    """The number of the bill."""
    found = [
        code
        for label, strength in labels.NUMBER_LABELS
        for code in _labelled(text, label, strength, labels.OTHER_NUMBER)
    ]
    return _best(text, [*found, *_bare(text), *_in_series(text)])


def _bare(text):
    """The number in the block of facts of the bill: "Number" beside "Date"."""
    for segment in text.segments:
        if not labels.BARE_NUMBER.fullmatch(segment.folded):
            continue
        near = [
            *list(text.below(segment, 1.5))[:1],
            *list(text.above(segment, 1.5))[:1],
        ]
        if any(
            abs(one.x0 - segment.x0) < 2 * segment.height
            and labels.PLAIN_DATE.fullmatch(one.folded)
            for one in near
        ):
            for other in text.right_of(segment)[:1]:
                code = _code_in(other, 0, 0.8, whole=True)
                if code:
                    yield code


def _in_series(text):
    for segment in text.segments:
        match = labels.SERIES.search(segment.folded)
        if match:
            begin, end = match.start("series"), match.end()
            spans = match.span("series"), match.span("number")
            whole = " ".join(segment.text[slice(*span)] for span in spans)
            yield _Code(segment, begin, end, 0.9, whole)


def po_number(text: Text) -> Field | None:
    """The number of our purchase order that the bill refers to."""
    found = _labelled(text, labels.ORDER_LABEL, 0.95, None, anywhere=True)
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
        match = _label_in(label, segment.folded, anywhere)
        if not match:
            continue
        if other and other.search(_rest_of_label(segment.folded, match.end())):
            continue
        if other and labels.OTHER_BILL.match(segment.folded):
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


def _label_in(label, folded, anywhere):
    """Where a text has a label: at its beginning, or after "Quittung / "."""
    if anywhere:
        return label.search(folded)
    found = label.match(folded)
    if not found and (parted := _PARTED.match(folded)):
        found = label.match(folded, parted.end())
    return found


def _rest_of_label(folded, end):
    """What else a label says before its value: "invoice no. of customer"."""
    return re.split(r"[\d:]", folded[end : end + 16])[0]


def _beside(text, segment, strength):
    for other in text.right_of(segment)[:1]:
        word = labels.NUMBER_WORD.match(other.folded)
        if word and labels.BILL_TITLE.match(segment.folded):
            # The title and its number with a gap: "TAX INVOICE    No. 7"
            code = _code_in(other, word.end(), 0.9)
        else:
            code = _code_in(other, 0, strength - 0.02, whole=True)
        if code:
            return code
    for at, other in enumerate(text.below(segment, lines=2.5)):
        other = _part_under(segment, other)
        code = _code_in(other, 0, strength - 0.08 - 0.1 * at, whole=True)
        if code:
            return code
        if at == 1:
            break
    return None


def _part_under(label, segment):
    """What of a text stands under a label: two cells may be too near to tell apart."""
    if segment.x0 > label.x0 - 2 * label.height:
        return segment
    some = [one for one in segment.words if one.x1 > label.x0 and one.x0 < label.x1]
    return Segment(segment.page, segment.row, tuple(some)) if some else segment


def _code_in(segment, start, strength, whole=False):
    """The first thing after ``start`` that may be a number of a document."""
    skip = re.compile(r"[\s:#.º°-]*").match(segment.text, start)
    match = _CODE.match(segment.text, skip.end())
    if not match:
        return None
    value, end = match[1], match.end(1)
    taken = [(one.start, one.end) for one in dates.find(segment.text)]
    if any(begin <= match.start(1) < end for begin, end in taken):
        # "Faktura nr 12/03/2026": the twelfth of a month
        if whole or strength < 0.9 or not _MONTHLY.fullmatch(value):
            return None
    digits = sum(char.isdigit() for char in value)
    if not digits and "_" not in value:
        return None
    score = strength
    groups = _GROUPS.match(segment.text, end) if value[-1].isdigit() else None
    if groups and not any(begin <= groups.end() - 1 < stop for begin, stop in taken):
        end = groups.end()
    elif re.match(r" \d", segment.text[end:]) and not taken:
        score = min(score, 0.5)  # where it ends is not told
    if strength <= 0.5 and digits < 4 and len(value) < 8:
        return None
    if len(value) < 3:
        score -= 0.35
    if re.fullmatch(r"\d+[.,]\d{2}", value):
        score -= 0.5  # an amount
    if whole and end < len(segment.text.rstrip()):
        score -= 0.15
    return _Code(segment, match.start(1), end, score)


# ------------------------------------------------------------
# CURRENCY
# ------------------------------------------------------------

#: What announces the currency of a document.
_CURRENCY_LABEL = re.compile(
    r"currency|wahrung|devise|monnaie|moneda|valuta|moeda|waluta|mena\b|penznem|валута"
    r"|νομισμα|para birimi|valuutta|通貨|币种|幣別"
)


#: An amount beside two letters that may be a currency, or anything else.
_MONEY_AFTER = re.compile(r"\s?[\-–]?\s?\d[\d.,'’ ]*[.,]\d")
_MONEY_BEFORE = re.compile(r"[.,]\d+[\-–]?\s?$")


def currency(text: Text, local: str, language: str) -> Field | None:
    """The currency of the bill, where one is printed.

    :param local: the currency of the vendor's country, ``""`` where that is unknown
    """
    found = currencies.choose(_currencies(text), local, language)
    if not found:
        return None
    certain = found.certain
    if (
        by_of(text) == "ocr"
        and found.code != local
        and currencies.is_symbol(found.printed)
    ):
        certain = min(certain, 0.5)  # a picture shows $ for € for 5
    for segment in text.segments:
        for match in currencies.CURRENCY.finditer(segment.text):
            if match[0] == found.printed:
                return field_at(text, segment, *match.span(), found.code, certain)
    return None


def _currencies(text):
    for segment in text.segments:
        for match in currencies.CURRENCY.finditer(segment.text):
            start, end = match.span()
            if match[0].isalpha() and re.match(r"[-–/]\d", segment.text[end:]):
                continue  # "SR-26-071"
            beside = bool(
                re.search(r"\d[.,\-–]{0,2}\s?$", segment.text[:start])
                or re.match(r"\s?[\-–(]?\s?\d", segment.text[end:])
            )
            if (
                beside
                and currencies.is_of_letters(match[0])
                and not _MONEY_AFTER.match(segment.text[end:])
                and not _MONEY_BEFORE.search(segment.text[:start])
            ):
                continue  # "SR 2026-18"
            yield currencies.Place(
                match[0], beside, _is_announced(text, segment, start)
            )


def _is_announced(text, segment, start):
    """Whether a currency stands on the row of a total, or after its own label."""
    rows = [segment, *text.left_of(segment)[:1]]
    if any(_CURRENCY_LABEL.search(one.folded) for one in rows):
        return True
    if list(text.above(segment, 2.0)) and any(
        _CURRENCY_LABEL.fullmatch(one.folded.strip(" :"))
        for one in text.above(segment, 2.0)
    ):
        return True
    return len(segment.text) < 60 and any(
        labels.amount_kind(one.folded) in ("total", "due") for one in rows
    )
