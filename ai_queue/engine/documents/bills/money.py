"""Every number on a page that may be money, with the label that says what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from . import dates, numbers
from .currencies import CURRENCY, code, is_shared
from .invoice import Field
from .segments import Segment, Text
from .text import fold, has_words

#: How far over an amount its label may stand, in rows.
_COLUMN = 6.0
#: Headers of columns that say no more than that there are amounts below.
_PLAIN = re.compile(
    r"(?:amount|amt|betrag|montant|bedrag|importo|importe|valor|price|belopp|belob|belop"
    r"|kwota|wartosc|castka|iznos|znesek|tutar|金額|金额)(?![^\W\d_])"
)
#: The header of a column is no longer than this.
_HEADER = 30
#: Words between a label and its amount: "tax 7 % of 100.00 7.00".
_LINKS = frozenset("of on at von auf aus sur de op van su di sobre x eur usd".split())
_BROKEN = re.compile(
    r"(?:[A-Z]{0,3}|\W{0,3})\s?(?P<number>\d{1,6}(?:[.,] ?\d{3})*"
    r"(?:[.,:] ?|\s)(?:\d\d|[oO]{2}|\d[oO]))\W{0,3}"
)
#: Words beside a number that make it something else than money.
_UNIT_AFTER = re.compile(r"\s?(?:[%％]|v\. ?h\.|percent|prozent|pour ?cent)")

#: "%20", as Turkish has it; the sign of "19 % 20.00" is that of the 19.
_UNIT_BEFORE = re.compile(r"(?<!\d)(?<!\d\s)[%％]$")


@dataclass(frozen=True, eq=False)
class Amount:
    """A number in a segment.

    ``values``: what it may mean, the likeliest first. ``money``: printed as money is,
    with two decimals or a currency. ``percent``: followed by a percent sign.
    """

    segment: Segment
    start: int
    end: int
    text: str
    values: tuple[Decimal, ...]
    money: bool
    percent: bool
    currency: bool

    @property
    def value(self) -> Decimal:
        """The likeliest meaning."""
        return self.values[0]

    @cached_property
    def box(self):
        """Where it stands."""
        return self.segment.box(self.start, self.end)


def decimal_mark(text: Text, decimals: int = 2) -> str:
    """The decimal mark that the amounts of a document agree on."""
    texts = (_without_dates(one.text) for one in text.segments)
    return numbers.decimal_mark(texts, decimals)


def _without_dates(text):
    for printed in dates.find(text):
        text = (
            text[: printed.start]
            + "x" * (printed.end - printed.start)
            + text[printed.end :]
        )
    return text


def find(text: Text, decimals: int = 2) -> list[Amount]:
    """All numbers of a document, in reading order, dates and phone numbers left out.

    :param decimals: of the currency of the document
    """
    mark = decimal_mark(text, decimals)
    return [
        amount
        for segment in text.segments
        for amount in in_segment(segment, mark, decimals)
    ]


def in_segment(segment: Segment, mark: str = "", decimals: int = 2) -> list[Amount]:
    """The numbers of one segment."""
    found = []
    content = _without_dates(segment.text)
    if len(re.sub(r"\D", "", content)) > 24:
        return found  # identifiers and running text full of numbers
    spans = [match.span() for match in CURRENCY.finditer(content)]
    plain = _mended(content) if segment.confidence < 1 else content
    for start, end in spans:  # a currency that touches its number
        plain = plain[:start] + " " * (end - start) + plain[end:]
    for match in numbers.NUMBER.finditer(plain):
        start, end = match.span()
        start += len(match[0]) - len(match[0].lstrip())
        text = plain[start:end].strip()
        values = numbers.readings(text, mark, decimals)
        if not values or re.match(r"0\d", text):
            continue
        beside = any(
            0 <= start - e <= 1 or 0 <= s - end <= 1 or start <= s < end
            for s, e in spans
        )
        percent = bool(
            _UNIT_AFTER.match(plain, end) or _UNIT_BEFORE.search(plain[:start])
        )
        money = not percent and (beside or numbers.has_cents(text, decimals))
        found.append(Amount(segment, start, end, text, values, money, percent, beside))
    return found


def _mended(content):
    """A number alone in its cell, where text recognition broke it.

    "4. 60", "92:80" (no time of the day), "6 50", "32. oo", "RN43. 40" (a currency
    that was misread). As long as before, so that places stay.
    """
    match = _BROKEN.fullmatch(content)
    if not match:
        return content
    start, end = match.span("number")
    whole, cents = re.split(r"[.,:;\s]\s?(?=\w{2}$)", match["number"])
    if ":" in match["number"] and int(whole) < 24 and cents < "60":
        return content
    joined = f"{whole.replace(' ', '')}.{cents.lower().replace('o', '0')}"
    if len(joined) > end - start:
        return content
    return " " * start + joined.ljust(end - start) + " " * (len(content) - end)


def is_foreign(amount: Amount, currency: str) -> bool:
    """Whether an amount is printed in another currency than ``currency``."""
    if not amount.currency or not currency:
        return False
    for match in CURRENCY.finditer(amount.segment.text):
        start, end = match.span()
        if 0 <= amount.start - end <= 1 or 0 <= start - amount.end <= 1:
            if not is_shared(match[0]):
                return code(match[0]) not in (currency, None)
    return False


def label_of(text: Text, amount: Amount) -> str:
    """The folded text that names an amount: before it, left of it, or above it."""
    segment = amount.segment
    own = _words(segment.text[: amount.start])
    if own:
        return own
    for other in text.left_of(segment):
        words = _words(other.text)
        if words and words not in _LINKS:
            return words
    for other in text.above(segment, lines=_COLUMN):
        words = _words(other.text)
        if words:  # the header of a column of numbers
            if len(words) > _HEADER or any(char.isdigit() for char in words):
                return ""
            if _PLAIN.match(words):
                return ""
            return words
    return ""


def _words(printed):
    """A text, folded, without its currencies; empty when it holds no word."""
    folded = fold(CURRENCY.sub(" ", printed))
    # "I.V.A." is a word.
    folded = _SPELLED.sub(lambda match: match[0].replace(".", ""), folded)
    return folded.strip(" :：.-") if has_words(folded) else ""


_SPELLED = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W\d_]))?")


def field_of(amount: Amount, confidence: float, text: Text) -> Field:
    """An amount as a field of an invoice."""
    by = "ocr" if text.source == "ocr" else "text"
    confidence *= min(1.0, 0.3 + amount.segment.confidence)
    return Field(amount.value, amount.text, amount.box, by, confidence)
