"""The columns of a table: what its header says, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .money import Amount
from .segments import Row, Text
from .vocabulary import pattern

#: Column -> the concepts of `labels.ini` that name it. Of two that are as long the
#: first counts.
_COLUMNS = (
    ("amount", ("value",)),
    ("discount", ("off",)),
    ("price", ("price",)),
    ("quantity", ("quantity",)),
    ("tax", ("rate",)),
    ("unit", ("unit",)),
    ("text", ("text",)),
    ("code", ("code",)),
    ("date", ("date", "other_date", "bill_date")),
)
#: How many units a price is for.
_BASE = re.compile(
    r"(?:basis|base)menge|price per 1(?!\d)|preiseinheit|price unit|(?<![^\W\d_])pe$"
)
#: "Price/1000", "Preis je 100": for how many units the prices of a column are.
_PER = re.compile(
    r"(?:/|(?<![^\W\d_])(?:per|je|pro|par|por))\s?(100|1[.,'’ ]?000)(?!\d)"
)
#: Which of two headers that stand above one another, or in one, tells more.
_TELLING = ("base", "discount", "price", "quantity", "amount", "tax", "unit")
_TELLING += ("text", "code", "date")
_RANK = {name: rank for rank, name in enumerate(_TELLING)}
#: A word that makes an amount beside tax the one with it, or the one without.
_SIDES = ("net", "gross")
#: Columns whose headers stand apart even where only a blank is between them.
_APART_NAMES = {"quantity", "price", "amount"}
_APART_PAIRS = ({"unit", "text"}, {"code", "quantity"})


@dataclass(frozen=True, eq=False)
class Column:
    """A column by its header: one of the names above, and its place."""

    name: str
    x0: float
    x1: float
    gross: bool = False
    per: int = 1

    def distance(self, x0, x1):
        """How badly a thing fits under the header: 0 where they overlap."""
        if min(x1, self.x1) - max(x0, self.x0) > 0:
            return 0.0
        return max(x0 - self.x1, self.x0 - x1)

    def off(self, box):
        """How far a number is from it: overlap first, then the nearer edges."""
        apart = self.distance(box.x0, box.x1)
        edges = min(
            abs(box.x1 - self.x1),
            abs(box.x0 - self.x0),
            abs((box.x0 + box.x1) - (self.x0 + self.x1)) / 2,
        )
        return (apart, edges)


def header(
    text: Text, at: int, by_row: Mapping[int, Sequence[Amount]]
) -> tuple[list[Column] | None, int]:
    """The columns of a header that begins in a row, and the row after it.

    A header may take several rows; none of them holds money.
    """
    first = text.rows[at]
    columns, widest, end = [], 0, at
    while end < len(text.rows) and end - at < 6:
        row = text.rows[end]
        above = text.rows[end - 1] if end > at else row
        if row.page != first.page or row.top - above.bottom > 1.5 * row.height:
            break
        if ":" in row.text:
            break  # a label with its value, and no header
        numbers = [one for one in by_row.get(end, ()) if not one.percent]
        if len(numbers) > 1 or any(one.money for one in numbers):
            break
        some = _columns(row)
        if end > at and (not some or _is_sentence(row, some)):
            break
        columns += some
        widest = max(widest, len(some))
        end += 1
    columns = _merged(columns)
    names = {one.name for one in columns}
    numeric = names & {"quantity", "price", "amount"}
    enough = len(numeric) >= 2 or (numeric and "text" in names and "amount" in names)
    if "tax" in names and not names & {"text", "code", "quantity", "unit"}:
        return None, at  # the table of the rates
    if not enough or widest < 2 or not columns:
        return None, at
    return columns, end


def _is_sentence(row, some):
    """The description of the first line, which has one of the words of a header."""
    return (
        len(row.segments) == 1
        and len(row.text.split()) > 2
        and {one.name for one in some} <= {"text"}
    )


def is_header(row: Row) -> bool:
    """Whether a row looks like the header of a table."""
    return len(_columns(row)) > 2


def _columns(row: Row):
    """The headers of columns in a row, each with its place."""
    found = []
    for segment in row.segments:
        if len(segment.text) > 60:
            continue
        for start, end, name in _combined(segment, _hits(segment.folded)):
            box = segment.box(start, end)
            words = segment.folded[start:end]
            gross = bool(pattern("gross").search(words))
            found.append(Column(name, box.x0, box.x1, gross, units_of(words)))
    return found


def units_of(folded: str) -> int:
    """For how many units a price is, by what stands in its header or beside it."""
    match = _PER.search(folded)
    return int(re.sub(r"\D", "", match[1])) if match else 1


@lru_cache(maxsize=2048)
def _hits(folded):
    """(begin, end, column) of the words of headers in a text; the longest count."""
    found = [(*match.span(), "base") for match in _BASE.finditer(folded)]
    for name, concepts in _COLUMNS:
        found += [(*m.span(), name) for m in pattern(*concepts).finditer(folded)]
    found.sort(key=lambda hit: hit[0] - hit[1])
    hits = []
    for start, end, name in found:
        if not any(start < other[1] and other[0] < end for other in hits):
            hits.append((start, end, name))
    return sorted(hits)


def _best_of(words, names):
    """The column that several words name together: "VAT amount" is tax."""
    if {"tax", "amount"} <= names and not pattern(*_SIDES).search(words):
        return "tax"
    return min(names, key=_RANK.get)


def _combined(segment, hits):
    """Hits of one segment: several headers that stand close, or one of many words.

    "Unit Price" is one header, "BTW Prijs incl. BTW" are two: blanks that are wider
    than the others of the segment separate them.
    """
    if not hits:
        return []
    if len(hits) == 1:
        return [(0, len(segment.text), hits[0][2])]
    words = segment.words
    gaps = [b.x0 - a.x1 for a, b in zip(words, words[1:], strict=False)]
    narrow = min(gaps, default=0)
    starts, at = [0], 0
    begins = {hit[0]: hit[2] for hit in hits}
    for word, gap in zip(words, gaps, strict=False):
        before, at = at, at + len(word.text) + 1
        percent = word.text.endswith("%") and begins.get(at) in _APART_NAMES
        pair = {begins.get(before), begins.get(at)}
        if percent or pair in _APART_PAIRS or (len(pair) == 2 and pair <= _APART_NAMES):
            starts.append(at)
        elif gap > 1.6 * max(narrow, 0.1) and gap > 0.35 * segment.height:
            starts.append(at)
    result = []
    for start, end in zip(starts, [*starts[1:], len(segment.text)], strict=True):
        inside = [hit for hit in hits if start <= hit[0] < end]
        if inside:
            names = {hit[2] for hit in inside}
            result.append((start, end, _best_of(segment.folded[start:end], names)))
    return result


def _merged(columns):
    """Headers above one another are one column; the more telling name wins."""
    merged = []
    for one in columns:
        for at, other in enumerate(merged):
            if other.distance(one.x0, one.x1) == 0:
                best = min(other, one, key=lambda column: _RANK[column.name])
                merged[at] = Column(
                    best.name,
                    min(one.x0, other.x0),
                    max(one.x1, other.x1),
                    one.gross or other.gross,
                    max(one.per, other.per),
                )
                break
        else:
            merged.append(one)
    return _one_amount(merged)


def _is_net_and_gross(columns):
    """Whether amounts with tax stand beside those without, and prices have none."""
    sides = {one.gross for one in columns if one.name == "amount"}
    return len(sides) > 1 and not any(
        one.gross for one in columns if one.name == "price"
    )


def _one_amount(columns):
    """Of several amounts the last is the line's; one before the price is a quantity."""
    columns = sorted(columns, key=lambda one: one.x0)
    names = [one.name for one in columns]
    if names.count("amount") > 1 and _is_net_and_gross(columns):
        columns = [one for one in columns if one.name != "amount" or not one.gross]
        names = [one.name for one in columns]
    if names.count("amount") < 2:
        return columns
    last = len(names) - 1 - names[::-1].index("amount")
    if "quantity" not in names and "price" in names:
        first = names.index("amount")
        if first < names.index("price"):
            one = columns[first]
            columns[first] = Column("quantity", one.x0, one.x1)
    return [one for at, one in enumerate(columns) if one.name != "amount" or at == last]
