"""The parts of an address as it is printed: street, postal code, town, state."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Postal codes that stand before their town: 70173, D-70173, 1017 AB, 00-950, 111 22.
_BEFORE = (
    r"(?:[A-Z]{1,3}[- ])?"
    r"(?:\d{4} ?[A-Z]{2}(?= )|\d{2}-\d{3}|\d{4}-\d{3}|\d{5}-\d{3}|\d{3} \d{2}|\d{4,6})"
)
#: And behind it: SW1A 1AA, M5V 2T6, 62704-1234, 2000.
_BEHIND = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
    r"|\d{5}(?:-\d{4})?|\d{6}|\d{3} \d{3}|\d{4})"
)
_TOWN = r"[^\W\d_][^\d,]*"
_CODE_TOWN = re.compile(rf"(?P<rest>.*?)\s*\b(?P<zip>{_BEFORE}) (?P<city>{_TOWN})")
_TOWN_CODE = re.compile(
    rf"(?P<city>{_TOWN}?)[ ,]+(?:(?P<state>[A-Z]{{2,3}})\.?[ ,]+)?(?P<zip>{_BEHIND})"
)
#: A line that is no more than state and postal code, behind the town.
_STATE_CODE = re.compile(rf"(?:(?P<state>[A-Z]{{2,3}})\.? )?(?P<zip>{_BEHIND})")
#: Letters of the country before a postal code.
_COUNTRY = re.compile(r"^[A-Z]{1,3}[- ](?=\d)")
_PIECES = re.compile(r"\s*[\n;|•·]\s*|,\s+|\s+[-–]\s+")


class Address(NamedTuple):
    """What is not printed is an empty text."""

    street: str = ""
    street2: str = ""
    zip: str = ""
    city: str = ""
    state: str = ""


def split(printed: str) -> Address:
    """The parts of an address; the town is the last piece with a postal code.

    What stands behind it (the country) is left out, for it is known by its code.
    """
    pieces = [" ".join(one.split()) for one in _PIECES.split(printed or "")]
    pieces = [one for one in pieces if one]
    for at in reversed(range(len(pieces))):
        found = _find_town(pieces, at)
        if found:
            lines, town = found
            return Address(*_streets(lines), **town)
    return Address(*_streets(pieces))


def _find_town(pieces, at):
    """(the pieces before the town, its parts); None when this piece is no town."""
    piece, before = pieces[at], pieces[:at]
    match = _CODE_TOWN.fullmatch(piece)
    # A house number of five digits stands before a street too.
    if match and (at or match["rest"]):
        code = _COUNTRY.sub("", match["zip"])
        rest = [match["rest"].rstrip(" ,-")] if match["rest"] else []
        return [*before, *rest], {"zip": code, "city": match["city"].strip()}
    match = _STATE_CODE.fullmatch(piece)
    if match and at > 1 and not any(one.isdigit() for one in before[-1]):
        return before[:-1], _town(match, before[-1])
    match = _TOWN_CODE.fullmatch(piece)
    if match and at:
        return before, _town(match, match["city"])
    return None


def _town(match, city):
    state = match["state"] or ""
    return {"zip": match["zip"], "city": city.strip(" ,"), "state": state}


def _streets(lines):
    return (lines[0] if lines else ""), ", ".join(lines[1:])
