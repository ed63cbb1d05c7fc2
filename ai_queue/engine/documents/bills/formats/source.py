"""The elements of an electronic invoice, and the fields that are made of them.

Elements are found by their local names, so that prefixes and the versions in namespaces
do not matter.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from .. import bounds, identifiers
from ..invoice import Adjustment, Field, Invoice, Party, value_of

ZERO = Decimal(0)
HUNDRED = Decimal(100)
#: What looks like an IBAN, right or wrong: nothing else is one with wrong digits.
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)", re.ASCII)
#: Characters of a text that are taken.
_LONGEST = 2000
#: Values that could not be read and are named.
_MOST_UNREAD = 10


class Node:
    """An element, or none: what is asked of a missing one is empty.

    A path has the local names of the steps, ``|`` between alternatives of one step, and
    may end in an attribute (``@name``).

    :ivar unread: the names of values in this file that are there and cannot be read
    """

    def __init__(self, element=None, unread: list[str] | None = None):
        self.element = element
        self.unread = [] if unread is None else unread

    def __bool__(self):
        return self.element is not None

    @property
    def name(self) -> str:
        """The local name of the element."""
        return _local(self.element.tag) if self else ""

    def all(self, path: str) -> list[Node]:
        """The elements at a path."""
        found = [self.element] if self else []
        for step in path.split("/"):
            names = [f"{{*}}{name}" for name in step.split("|")]
            found = [child for one in found for child in one.iterchildren(*names)]
        return [Node(one, self.unread) for one in found]

    def first(self, *paths: str) -> Node:
        """The first element at the first path that has one."""
        for path in paths:
            for node in self.all(path):
                return node
        return Node(None, self.unread)

    def texts(self, path: str) -> Iterator[str]:
        """The texts at a path that are not empty, blanks squeezed."""
        path, at, attribute = path.partition("@")
        nodes = self.all(path.rstrip("/")) if path else [self]
        for node in nodes:
            text = node.attribute(attribute) if at else node.element.text
            text = " ".join((text or "")[:_LONGEST].split())
            if text:
                yield text

    def attribute(self, name: str) -> str:
        """An attribute by its local name, empty when it is not there."""
        if not self:
            return ""
        for key, value in self.element.items():
            if _local(key) == name:
                return value
        return ""

    def text(self, *paths: str) -> str:
        """The text at the first path that has one; of the element itself for none."""
        for path in paths or ("",):
            found = self.texts(path) if path else self._own()
            for text in found:
                return text
        return ""

    def _own(self):
        if self and self.element.text:
            yield " ".join(self.element.text[:_LONGEST].split())

    def string(self, *paths: str) -> Field | None:
        """A text as a field."""
        return field(self.text(*paths))

    def number(self, *paths: str) -> Decimal | None:
        """A number; one that cannot be read is noted in ``unread``."""
        for path in paths:
            text = self.text(path)
            if not text:
                continue
            value = bounds.decimal(text)
            if value is None and len(self.unread) < _MOST_UNREAD:
                self.unread.append(re.split(r"[/|@]", path)[-1])
            return value
        return None

    def amount(self, *paths: str) -> Field | None:
        """A number as a field."""
        value = self.number(*paths)
        return None if value is None else field(value, self.text(*paths))

    def date(self, *paths: str) -> Field | None:
        """A date as a field: ``2024-07-31``, with or without dashes and a time."""
        for path in paths:
            for text in self.texts(path):
                value = day(text)
                if value:
                    return field(value, text)
        return None


def _local(tag):
    return tag.rpartition("}")[2]


def day(text: str) -> datetime.date | None:
    """The date that a text begins with; years that no bill is of are fillers."""
    match = _DAY.match(text)
    if not match or not 1950 <= int(match[1]) <= 2100:
        return None
    try:
        return datetime.date(*map(int, match.groups()))
    except ValueError:
        return None


def field(value, text: str = "") -> Field | None:
    """A value of the file as a field; ``None`` when it is empty."""
    return None if value in (None, "") else Field(value, text or str(value), by="xml")


def solved(value: Decimal | None) -> Field | None:
    """A value that was computed from others of the file."""
    return None if value is None else Field(value, by="solved")


def joined(*texts: str) -> Field | None:
    """The lines of a text that has several, the empty ones left out."""
    return field("\n".join(text for text in texts if text))


def described(name: str, description: str) -> Field | None:
    """What a line is called, and what more is said of it."""
    return joined(name, description if description != name else "")


def compact(item: Field | None) -> Field | None:
    """A number without the blanks that it is printed with."""
    return field(item.value.replace(" ", ""), item.text) if item else None


def nonzero(item: Field | None) -> Field | None:
    """An amount that formats ask for also where it is zero, which says nothing."""
    return item if item and item.value else None


def total(items: Iterable[Field | Decimal | None]) -> Decimal:
    """The sum of what is there."""
    values = [one.value if isinstance(one, Field) else one for one in items]
    return sum((one for one in values if one is not None), ZERO)


def doc_type(kind: str, code: str = "") -> Field:
    """The kind of document, and the code that says so."""
    return Field(kind, code or kind, by="xml")


def adjustment(
    amount: Decimal,
    rate: Field | None = None,
    category: Field | None = None,
    reason: Field | None = None,
    text: str = "",
) -> Adjustment:
    """A discount (below zero) or charge of the whole document."""
    kind = "allowance" if amount < 0 else "charge"
    return Adjustment(kind, field(amount, text), rate, category, reason)


def percent(part: Decimal | None, whole: Decimal | None) -> Field | None:
    """What a part is of a whole in percent, with up to four decimals, if that is exact.

    Rounded to the cent the percentage must give the part again.
    """
    if not part or not whole:
        return None
    value = round(HUNDRED * part / whole, 4)
    again = round(whole * value / HUNDRED, 2)
    if abs(again - part) > Decimal("0.01"):
        return None
    return solved(bounds.bounded(value.normalize()))


def set_accounts(party: Party, values: Iterable[str]) -> None:
    """Set the accounts of a party: the first one is the one to pay to.

    One that is no IBAN by its form is kept as it is and has no check digits.
    """
    values = list(values)
    forms = [identifiers.compact(value) for value in values]
    ibans = [one for one in forms if _IBAN.fullmatch(one)]
    valid = [one for one in ibans if identifiers.is_valid_iban(one)]
    if ibans:
        party.iban = field(ibans[0], values[forms.index(ibans[0])])
    party.ibans = tuple(dict.fromkeys(valid))
    others = [
        value for value, one in zip(values, forms, strict=True) if one not in ibans
    ]
    party.account = field(next(iter(others), None))


def set_payee(invoice: Invoice, name: Field | None) -> None:
    """Set who is to be paid, where that is not the vendor."""
    vendor = value_of(invoice.vendor.name) or ""
    if name and identifiers.compact(name.value) != identifiers.compact(vendor):
        invoice.payee = Party(name=name, iban=invoice.vendor.iban)
