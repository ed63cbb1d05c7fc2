"""The answer of a model held against the text of the document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..files.shapes import Document
from . import (
    currencies,
    dates,
    identifiers,
    local,
    money,
    numbers,
    parties,
    places,
    terms,
)
from .invoice import OTHERS, Field, Invoice, Line, Own, value_of
from .segments import Segment, Text, text_of
from .text import fold

#: Confidence of a value of the model that stands in the text; where local reading
#: found the same; and where there is no text to compare with.
STANDS, AGREED, UNPROVEN = 0.8, 0.97, 0.4
_AMOUNTS = ("amount_untaxed", "amount_tax", "amount_total")


class Verified:
    """Turns an answer into an invoice; see `model.read_answer`."""

    def __init__(
        self,
        document: Document,
        data: Mapping[str, Any],
        own: Own,
        pages: tuple[int, int] | None,
    ):
        self.data = data
        self.own = own
        self.text: Text = text_of(document, pages)
        self.local = local.read_words(document, own, pages)
        self.country = local.country(
            self.text, self.local, local.language_of(self.text)
        )
        digits = currencies.decimals(value_of(self.local.currency) or "")
        self.mark = money.decimal_mark(self.text, digits)
        self.invented: list[str] = []

    def invoice(self) -> Invoice:
        """What the model says and the text proves, solved and completed."""
        found = replace(self.local, vendor=replace(self.local.vendor))
        found.buyer = replace(self.local.buyer)
        if value_of(self.local.doc_type) not in OTHERS:
            kind = self.data["document_kind"]
            found.doc_type = Field(kind, by="model", confidence=STANDS)
        self._parties(found)
        found.number = self._words("invoice_number", found.number)
        found.po_number = self._words("po_number", found.po_number)
        found.currency = self._currency(found)
        self._dates(found)
        self._amounts(found)
        self._lines(found)
        found.notes = (
            *self.local.notes,
            *(f"invented:{name}" for name in dict.fromkeys(self.invented)),
        )
        return found

    # ------------------------------------------------------------
    # HEADER
    # ------------------------------------------------------------

    def _parties(self, found):
        name = self._words("vendor_name", found.vendor.name)
        if name and parties.is_own(name.value, self.own):
            name = self.local.vendor.name
        found.vendor.name = name
        vat = self._words("vendor_vat", found.vendor.vat, identifiers.compact)
        ours = {identifiers.compact(value) for value in self.own.vats}
        found.vendor.vat = vat if vat and vat.value not in ours else None
        iban = self._words("vendor_iban", found.vendor.iban, identifiers.compact)
        ours = {identifiers.compact(value) for value in self.own.ibans}
        own_iban = iban and iban.value in ours
        found.vendor.iban = self.local.vendor.iban if own_iban else iban
        found.vendor.address = self._words("vendor_address", found.vendor.address)
        found.buyer.name = self._words("buyer_name", found.buyer.name)

    def _words(self, name, other, form=lambda value: value):
        """A string of the answer as a field, where it stands in the text."""
        printed = self._printed(name)
        if not printed:
            return other
        place = self._place(printed)
        if place is None:
            if self.text.rows:
                self.invented.append(name)
                return other
            return self._field(form(printed), printed, None, other)
        return self._field(form(printed), printed, place, other)

    def _printed(self, name):
        return " ".join(self.data[name].split())

    def _place(self, printed):
        return _find(self.text, printed)

    def _field(self, value, printed, place, other):
        confidence = STANDS if place else UNPROVEN
        if other and _same(other.value, value):
            confidence = AGREED
        box = None
        if place:
            segment, start, end = place
            box = self.text.on_page(segment.box(start, end))
        return Field(value, printed, box, "model", confidence)

    def _currency(self, found):
        printed = self._printed("currency")
        code = currencies.code(printed, places.currency_of(self.country))
        if not code or (found.currency and found.currency.value == code):
            return found.currency
        place = _find(self.text, printed)
        if not place and self.text.rows:
            self.invented.append("currency")
            return found.currency
        return self._field(code, printed, place, None)

    def _dates(self, found):
        month_first = terms.month_first(self.text, self.country)
        for name, attribute in (("invoice_date", "date"), ("due_date", "due_date")):
            printed = self._printed(name)
            value = dates.parse(printed, month_first) if printed else None
            place = _find(self.text, printed) if value else None
            if value and (place or not self.text.rows):
                other = getattr(self.local, attribute)
                setattr(found, attribute, self._field(value, printed, place, other))
            elif printed:
                self.invented.append(name)

    # ------------------------------------------------------------
    # AMOUNTS AND LINES
    # ------------------------------------------------------------

    def _amounts(self, found):
        """The amounts of the model where they tie; else the ones that were solved."""
        read = {name: self._amount(name, self.data[name]) for name in _AMOUNTS}
        if not read["amount_total"]:
            return
        values = [value_of(read[name]) for name in _AMOUNTS]
        ties = None not in values and values[0] + values[1] == values[2]
        solved = [value_of(getattr(self.local, name)) for name in _AMOUNTS]
        solved_ties = None not in solved and solved[0] + solved[1] == solved[2]
        if solved_ties and not ties:
            return
        for name in _AMOUNTS:
            item, other = read[name], getattr(self.local, name)
            if item and other and item.value == other.value:
                item = replace(item, confidence=AGREED)
            setattr(found, name, item)
        found.adjustments = self.local.adjustments if values == solved else []

    def _amount(self, name, printed):
        """An amount of the answer as a field, where its digits stand in the text."""
        printed = " ".join(printed.split())
        match = numbers.NUMBER.search(currencies.CURRENCY.sub(" ", printed))
        if not match:
            return None
        value = numbers.parse(match[0].strip(), self.mark)
        if value is None:
            return None
        place = _find(self.text, match[0].strip())
        if not place and self.text.rows:
            self.invented.append(name)
            return None
        return self._field(value, printed, place, None)

    def _lines(self, found):
        lines = [self._line(line) for line in self.data["lines"]]
        lines = [line for line in lines if line.amount]
        goals = {value_of(found.amount_untaxed), value_of(found.amount_total)} - {None}
        if lines and (_total(lines) in goals or _total(self.local.lines) not in goals):
            found.lines = self._completed(lines)
            total = value_of(found.amount_total)
            untaxed = value_of(found.amount_untaxed)
            found.lines_tax_included = _total(lines) == total and total != untaxed

    def _completed(self, lines):
        """Lines with what local reading found of the same ones, in the same order."""
        others = self.local.lines
        if [value_of(one.amount) for one in lines] != [
            value_of(one.amount) for one in others
        ]:
            return lines
        for line, other in zip(lines, others, strict=True):
            for name in ("description", "quantity", "unit_price", "discount"):
                setattr(line, name, getattr(line, name) or getattr(other, name))
        return lines

    def _line(self, data):
        line = Line()
        for name in ("quantity", "unit_price", "discount", "tax_rate", "amount"):
            setattr(line, name, self._amount("lines", data[name]))
        printed = " ".join(data["description"].split())
        place = _find(self.text, printed) if printed else None
        if printed and (place or not self.text.rows or _mostly(self.text, printed)):
            line.description = self._field(printed, printed, place, None)
        return line


def _total(lines):
    return sum(value_of(line.amount) for line in lines if line.amount)


def _same(one, other):
    if isinstance(one, str) and isinstance(other, str):
        return _squeezed(one) == _squeezed(other)
    return one == other


def _squeezed(text):
    return re.sub(r"\s", "", fold(text))


def _find(text: Text, printed: str) -> tuple[Segment, int, int] | None:
    """Where a string stands: blanks and case do not matter, word borders do.

    A string that runs over several segments is found with its first part.
    """
    wanted = _squeezed(printed)
    if not wanted:
        return None
    for segment in text.segments:
        place = _inside(segment, wanted)
        if place:
            return place
    return _across(text, wanted) if " " in printed else None


def _across(text, wanted):
    """A string of several words that runs over segments, or into the next rows."""
    for at, row in enumerate(text.rows):
        near = text.rows[at : at + 4]
        joined = "".join(_squeezed(one.text) for one in near)
        start = joined.find(wanted)
        end = start + len(wanted)
        if (
            0 <= start < len(_squeezed(row.text))
            and _ends(joined[start - 1 : start], wanted[0])
            and _ends(wanted[-1], joined[end : end + 1])
        ):
            first = row.segments[0]
            return first, 0, len(first.text)
    return None


def _inside(segment, wanted):
    places = [at for at, char in enumerate(segment.folded) if not char.isspace()]
    squeezed = "".join(segment.folded[at] for at in places)
    start = squeezed.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        before = squeezed[start - 1 : start]
        after = squeezed[end : end + 1]
        begin, last = places[start], places[end - 1] + 1
        opens = not segment.folded[begin - 1 : begin].strip() or not begin
        closes = not segment.folded[last : last + 1].strip()
        if (opens or _differ(before, wanted[0])) and (
            closes or _differ(wanted[-1], after)
        ):
            return segment, begin, last
        start = squeezed.find(wanted, start + 1)
    return None


def _ends(one, other):
    """Whether two neighbouring characters may belong to different numbers."""
    return not (one.isdigit() and other.isdigit())


def _differ(one, other):
    """Whether two characters that touch belong to different words or numbers."""
    return _ends(one, other) and not (one.isalpha() and other.isalpha())


def _mostly(text, printed):
    """Whether nearly all words of a description stand in the document."""
    known = {fold(word.text) for one in text.segments for word in one.words}
    words = [fold(word) for word in printed.split()]
    return sum(word in known for word in words) >= 0.8 * len(words)
