"""What a transfer is to say: the payment reference, with its check where it has one."""

from __future__ import annotations

import re

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from . import dates
from .facts import field_at
from .identifiers import compact
from .invoice import Field
from .segments import Text
from .vocabulary import pattern, source

#: ISO 11649: RF, two check digits, up to 21 letters and digits.
_CREDITOR = re.compile(r"(?<![A-Z0-9])RF\d{2}(?: ?[A-Z0-9]){1,21}(?![A-Za-z0-9])")
#: Belgium: +++090/9337/55493+++.
_BELGIAN = re.compile(r"[+*]{3}\s?(\d{3})\s?/\s?(\d{4})\s?/\s?(\d{5})\s?[+*]{3}")
#: Switzerland: 27 digits, in groups of five from the right.
_SWISS = re.compile(r"(?<!\d)\d{2} ?(?:\d{5} ?){4}\d{5}(?!\d)")
_CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
_LABEL = re.compile(rf"{source('payment_reference')}\s*[:.#]?\s*")
#: A reference as the value of its label: a code, or groups of digits.
_VALUE = re.compile(r"[A-Z+*]{0,4}\s?\d[\dA-Za-z /.+*-]{0,60}")
_MOST = 140


def payment_reference(text: Text) -> Field | None:
    """The reference that the bill asks for; those with a check of their own first."""
    for segment in text.segments:
        for printed, check in (
            (_BELGIAN, _is_belgian),
            (_CREDITOR, _is_creditor),
            (_SWISS, _is_swiss),
        ):
            for match in printed.finditer(segment.text):
                if check(match[0]):
                    value = " ".join(match[0].split())
                    return field_at(text, segment, *match.span(), value, 0.97)
    return _labelled(text)


def _is_belgian(printed):
    digits = re.sub(r"\D", "", printed)
    return (int(digits[:10]) % 97 or 97) == int(digits[10:])


def _is_creditor(printed):
    value = compact(printed)
    try:
        mod_97_10.validate(value[4:] + value[:4])
    except ValidationError:
        return False
    return True


def _is_swiss(printed):
    carry = 0
    digits = re.sub(r"\D", "", printed)
    for digit in digits[:-1]:
        carry = _CARRY[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(digits[-1])


def _labelled(text):
    for segment in text.segments:
        match = _LABEL.match(segment.folded)
        if not match:
            continue
        rest = segment.text[match.end() :]
        announced = match[0].rstrip()[-1:] == ":"
        if rest:
            found = _value(text, segment, match.end(), announced)
        else:
            others = text.right_of(segment)[:1] or list(text.below(segment, 2.0))[:1]
            found = next(
                (
                    one
                    for one in (_value(text, other, 0, False) for other in others)
                    if one
                ),
                None,
            )
        if found:
            return found
    return None


def _value(text, segment, start, free):
    """What stands at a place as a reference.

    :param free: words are one, too, where they hold a number
    """
    printed = segment.text[start:].strip()
    code = _VALUE.fullmatch(printed)
    if not code and not (free and re.search(r"\d", printed) and len(printed) <= _MOST):
        return None
    if next(dates.find(printed), None) or pattern("days").search(
        segment.folded[start:]
    ):
        return None
    if re.fullmatch(r"[\d\s]+[.,]\d{2}", printed):
        return None  # an amount
    begin = segment.text.index(printed, start)
    return field_at(text, segment, begin, begin + len(printed), printed, 0.85)
