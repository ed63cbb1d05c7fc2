"""When an invoice is due, by the words of its terms of payment."""

from __future__ import annotations

import datetime
import re

from .. import dates
from ..invoice import Field, value_of
from ..text import fold
from .source import field, solved

#: A part of the terms with one of these is about a discount for paying early, or about
#: interest for paying late.
_NOT_DUE = re.compile(
    r"%|skonto|discount|rabat|escompte|sconto|dto\b|descuento|desconto|korting"
    r"|alennus|skont|sleva|interest|zins|interet|interess|rente|korko|penal|mora\b"
)
_DAYS = re.compile(
    r"(?<!\d)(\d{1,3})\s*(?:calendar\s+|kalender)?"
    r"(?:days?|tagen?|t\.|jours?|dager?|dagar|dage|dagen|giorni|gg\b|dias|dni|dnu|dnech"
    r"|nap|napon|paivaa|pv\b|zile|dana|gun)"
)
_PARTS = re.compile(r"[;\n#]|\.\s|,\s")
#: Days after which nothing is due.
_LONGEST = 366


def due_date(notes, date: Field | None) -> Field | None:
    """The due date that terms name, as a date or in days after the invoice.

    :param notes: texts of the terms; parts about a discount or interest do not count
    :param date: the date of the invoice
    """
    parts = [part for note in notes for part in _PARTS.split(note)]
    parts = [part for part in parts if not is_discount(part)]
    for part in parts:
        value = dates.parse(part)
        if value:
            return field(value, part.strip())
    for part in parts:
        match = _DAYS.search(fold(part))
        if match and date:
            return after(date, int(match[1]))
    return None


def is_discount(text: str) -> bool:
    """Whether terms are about a discount or interest."""
    return bool(_NOT_DUE.search(fold(text)))


def after(date: Field | None, days: int | None) -> Field | None:
    """So many days after a date; ``None`` when they are too many to mean that."""
    start = value_of(date)
    if start is None or days is None or not 0 <= days <= _LONGEST:
        return None
    return solved(start + datetime.timedelta(days=int(days)))
