"""What a document is: a bill, or one of the other things that arrive beside bills."""

from __future__ import annotations

import re

from . import dates
from .facts import field_at
from .invoice import BILLS, OTHERS, Field
from .segments import Text
from .vocabulary import LETTER, pattern

_KINDS = ("credit_note", *(kind for kind in (*BILLS, *OTHERS) if kind != "credit_note"))
#: A bill that the buyer writes for the vendor: German calls it Gutschrift, too.
_SELF = re.compile(r"self-?\s?bill|selbst ausgestellt|autofactur")
#: What names the number of a document, and not the document.
_CODE = re.compile(r"[#:]?\s*[\w./-]*\d[\w./-]*")
#: "2. Mahnung"
_ORDINAL = re.compile(r"[\W\d]*")
#: A title stands in one of so many rows from the top.
_HEAD = 25
#: Scores that make a title: of a bill, and of anything else.
_TITLE, _OTHER_TITLE = 2.0, 3.0
#: A word that is longer is no part of another label: "Kontoauszug".
_TELLING = 9
#: A document with fewer words than this may be a bill that was read badly.
_LETTER = 25


def doc_type(text: Text) -> Field:
    """Which of `BILLS` and `OTHERS` a document is.

    The title decides: the word that stands alone, in the largest letters, at the top.
    An invoice when nothing says otherwise.
    """
    usual = _usual_height(text)
    best, best_score, weak, bills = None, _TITLE, None, 0
    for segment in text.segments:
        match, kind = _named(segment.folded)
        if not match or (kind == "credit_note" and _SELF.search(segment.folded)):
            continue
        score = _score(text, segment, match, kind, usual)
        if kind in OTHERS and not _is_title(text, segment, match, kind, score, usual):
            if weak is None and _is_numbered_title(text, segment, match, kind):
                weak = segment, match, kind
            continue
        if kind == "invoice" and not _names_a_bill(segment, match, kind):
            continue
        bills += kind in BILLS
        if score > best_score:
            best, best_score = (segment, match, kind), score
    if best is None and not bills and text.source == "text":
        best = weak
    if best is None:
        return Field("invoice", by="solved", confidence=0.5)
    segment, match, kind = best
    return field_at(text, segment, *match.span(), kind, 0.9)


def is_letter(text: Text, kind: Field) -> bool:
    """Whether a document without a title is so long that it is surely no bill."""
    words = sum(len(segment.words) for segment in text.segments)
    return kind.by == "solved" and words >= _LETTER and text.source == "text"


def _named(folded):
    """The kind that a text names first; of two that begin together the longer."""
    found = None
    for kind in _KINDS:
        match = pattern(kind).search(folded)
        if match and (
            found is None
            or match.start() < found[0].start()
            or (match.start() == found[0].start() and match.end() > found[0].end())
        ):
            found = match, kind
    return found or (None, "")


def _share(segment, kind):
    """How much of a text, but for figures before it, names the kind."""
    begin = _ORDINAL.match(segment.folded).end()
    named = sum(len(match[0]) for match in pattern(kind).finditer(segment.folded))
    return min(1.0, named / max(len(segment.text) - begin, 1))


def _score(text, segment, match, kind, usual):
    begin = _ORDINAL.match(segment.folded).end()
    share = _share(segment, kind)
    at_top = 1 - segment.top / text.heights[segment.page]
    first = 1.0 if segment.page == min(text.heights) else 0.0
    size = min(1.5, max(0.0, segment.height / usual - 1))
    score = share * 2 + at_top + first + size
    if match.start() > begin:
        score -= 0.5
    return score - 1.5 if not size and _heads_a_column(text, segment) else score


def _heads_a_column(text, segment):
    """Whether it stands in a row of several texts without a figure."""
    some = text.rows[segment.row].segments
    return len(some) > 2 and not any(re.search(r"\d", one.text) for one in some)


def _is_numbered_title(text, segment, match, kind):
    """ "Angebot Nr. 7", where a document has no other title."""
    first = match.start() == 0 and segment.row < _HEAD
    named = match[0].strip()
    telling = kind not in ("order", "statement", "other")
    telling = telling or " " in named
    telling = telling or (kind == "statement" and len(named) > _TELLING)
    beside = " ".join(one.text for one in text.right_of(segment)[:1])
    numbered = _CODE.search(segment.text, match.end()) or _CODE.search(beside)
    return first and telling and bool(numbered)


def _is_title(text, segment, match, kind, score, usual):
    """Whether it is what the document calls itself, and no label of a number."""
    share = _share(segment, kind)
    large = segment.height > 1.2 * usual
    rest = segment.text[match.end() :].strip()
    row = text.rows[segment.row]
    if len(row.segments) > 3 or (share < 0.5 and not large):
        return False
    if re.search(rf"{LETTER}{{6}}", segment.folded[: match.start()]):
        return False  # "project statement"
    if ":" in rest or (not large and _labels_a_value(text, segment, rest)):
        return False
    return score > _OTHER_TITLE and (large or segment.text.isupper() or share > 0.6)


def _names_a_bill(segment, match, kind):
    """Whether it is more than the mention of a bill: "the invoice follows"."""
    if _share(segment, kind) > 0.3:
        return True
    rest = segment.folded[match.end() :].lstrip(" -.:")
    numbered = pattern("number").match(rest) or _CODE.match(rest)
    return not match.start() and bool(numbered)


def _labels_a_value(text, segment, rest):
    """Whether a number stands where the value of a label does."""
    if rest:
        return bool(pattern("number").match(rest.lower().lstrip(" -")))
    beside = text.right_of(segment)[:1] or list(text.below(segment, 1.2))[:1]
    return any(
        _CODE.fullmatch(one.text) and not next(dates.find(one.text), None)
        for one in beside
    )


def _usual_height(text):
    heights = sorted(segment.height for segment in text.segments)
    return max(heights[len(heights) // 2], 0.1)
