"""What a person means who points at a place of a page: a date, a number, some words.

The same parsers as for reading bills, with what the whole document tells of its dates
and numbers (`hints`), which a page alone may not.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from ..files.shapes import Document, Page, Word
from . import currencies, dates, local, money, terms
from .facts import by_of
from .invoice import Field, Invoice, value_of
from .segments import LONGEST_WORD, Segment, Text, box_of, run_of, text_of

#: What may be asked for: one word, as a number of a bill is; words that stand together;
#: a date; a number, without its currency.
KINDS = ("code", "phrase", "date", "number")
#: How far beside a word a click still means it, in points.
NEAR = 3.0
#: What stands around a word but is none of it.
_AROUND = " ,;:()[]|"
#: So many words of a frame count: no value of a bill has more.
MOST_FRAMED = 300
#: So many pages tell how the dates and numbers of all are to be read.
HINTING = 5


@dataclass(frozen=True)
class Hints:
    """What a document tells of how its dates and numbers are to be read.

    ``decimals``: of its currency.
    """

    language: str = ""
    month_first: bool = False
    decimal_mark: str = ""
    decimals: int = 2


def hints(document: Document, invoice: Invoice) -> Hints:
    """The `Hints` of a document from which an invoice was read."""
    text = text_of(document, (1, HINTING))
    language = local.language_of(text)
    country = value_of(invoice.vendor.country) or ""
    digits = currencies.decimals(value_of(invoice.currency) or "")
    return Hints(
        language,
        terms.month_first(text, country),
        money.decimal_mark(text, digits),
        digits,
    )


def pick(
    page: Page,
    place: tuple[float, float, float, float],
    kind: str,
    hint: Hints = Hints(),  # noqa: B008
) -> Field | None:
    """What stands at a place of a page.

    :param place: left, upper, right and lower edge in points; a point where it has no
        size
    :param kind: one of `KINDS`
    :param hint: of the document
    :return: a `Field` with a value of this kind; ``None`` where there is none
    """
    words = _words_at(page, place)
    if not words:
        return None
    is_point = place[0] == place[2] and place[1] == place[3]
    run = run_of(page, words[0]) if is_point else tuple((one, one) for one in words)
    segment = Segment(page.number, 0, tuple(upright for upright, _shown in run))
    at = _span_of(segment, run, words[0]) if is_point else (0, len(segment.text))
    found = _FINDERS[kind](segment, at, hint)
    if found is None:
        return None
    value, start, end = found
    held = segment.words_of(start, end)
    shown = [one for upright, one in run if any(upright is other for other in held)]
    text = Text((), {}, {}, page.source)
    sure = min(one.confidence for one in shown)
    printed = segment.text[start:end]
    return Field(value, printed, box_of(shown, page.number), by_of(text), sure)


def _words_at(page, place) -> list[Word]:
    x0, top, x1, bottom = place
    if (x0, top) == (x1, bottom):
        near = [one for one in page.words if _distance(one, x0, top) <= NEAR]
        return sorted(near, key=lambda one: _distance(one, x0, top))[:1]
    inside = (
        one
        for one in page.words
        if x0 <= (one.x0 + one.x1) / 2 <= x1
        and top <= (one.top + one.bottom) / 2 <= bottom
    )
    return list(islice(inside, MOST_FRAMED))


def _distance(word, x, y):
    aside = max(word.x0 - x, 0.0, x - word.x1)
    return max(aside, word.top - y, y - word.bottom)


def _span_of(segment, run, word):
    """Where in the text of a segment a word stands."""
    at = 0
    for upright, shown in run:
        if shown is word:
            return at, at + len(upright.text)
        at += len(upright.text) + 1
    return 0, len(segment.text)


# ------------------------------------------------------------
# KINDS
# ------------------------------------------------------------


def _code(segment, at, _hint):
    return _stripped(segment.text, *at)


def _phrase(segment, _at, _hint):
    return _stripped(segment.text, 0, len(segment.text))


def _stripped(text, start, end) -> tuple[Any, int, int] | None:
    part = text[start:end]
    start += len(part) - len(part.lstrip(_AROUND))
    part = part.strip(_AROUND)
    return (part, start, start + len(part)) if part else None


def _date(segment, at, hint):
    found = list(dates.find(segment.text, hint.language))
    one = _nearest(found, at)
    return one and (one.value(hint.month_first), one.start, one.end)


def _number(segment, at, hint):
    found = money.in_segment(segment, hint.decimal_mark, hint.decimals)
    one = _nearest(found, at)
    return one and (one.value, one.start, one.end)


def _nearest(found, at):
    """The one that the word belongs to, else the only one beside it."""
    start, end = at
    held = [one for one in found if one.start < end and start < one.end]
    if held:
        return held[0]
    return found[0] if len(found) == 1 else None


_FINDERS = {"code": _code, "phrase": _phrase, "date": _date, "number": _number}


# ------------------------------------------------------------
# KEPT
# ------------------------------------------------------------

#: So many pages and words of each are kept: nobody clicks through more.
MOST_PAGES, MOST_WORDS = 60, 4000


def kept(document: Document, invoice: Invoice) -> dict[str, Any]:
    """The words of a document as plain data for JSON, to `pick` from later."""
    return {
        "hints": asdict(hints(document, invoice)),
        "pages": [_kept_page(page) for page in document.pages[:MOST_PAGES]],
    }


def _kept_page(page):
    words = [
        [
            word.text,
            *(round(edge, 1) for edge in (word.x0, word.top, word.x1, word.bottom)),
            round(word.confidence, 2),
            round(word.size, 1),
            word.turn,
        ]
        for word in page.words[:MOST_WORDS]
        if len(word.text) <= LONGEST_WORD
    ]
    return {**vars(page), "words": words}


def page_of(data: dict[str, Any], number: int) -> Page | None:
    """A page of what was `kept`; ``None`` where there is none of this number."""
    for page in data["pages"]:
        if page["number"] == number:
            return Page(**{**page, "words": tuple(Word(*one) for one in page["words"])})
    return None


def hints_of(data: dict[str, Any]) -> Hints:
    """The `Hints` of what was `kept`."""
    return Hints(**data["hints"])
