"""How things are written for a model, and foreign text made harmless.

Names that go to a model and sentences that come back were written by others.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np

#: Significant digits of the numbers that are shown.
DIGITS = 4
#: Digits behind the point, at most.
MAX_DECIMALS = 12
#: Separators, control, format, private, unassigned characters and lone surrogates:
#: some cannot be stored, others hide text or turn its direction.
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
#: Format characters without which Persian and Hindi are misspelled.
_JOINERS = {"\u200c", "\u200d"}
_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>")
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
_ADDRESS = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|www\.|javascript:|mailto:)\S*", re.I)
_EMPHASIS = re.compile(r"[*`#]+|(?<!\w)_+|_+(?!\w)")


def one_line(text: str | None, size: int) -> str:
    """Any text as one line of visible characters, at most ``size`` of them."""
    text = "".join(
        " "
        if unicodedata.category(character) in _INVISIBLE and character not in _JOINERS
        else character
        for character in str(text or "")[: 20 * size]
    )
    text = " ".join(text.split())
    return text if len(text) <= size else f"{text[: size - 1].rstrip()}…"


def plain_sentence(text: str, size: int) -> str | None:
    """What a model wrote, as plain text: no markup, no addresses, or None if empty.

    Wherever it is shown it is shown as text; that nothing in it would work as
    markup even elsewhere is a second lock on that door.
    """
    text, before = one_line(text, 10 * size), None
    while text != before:  # taking a tag out may leave another one
        before, text = text, _TAG.sub("", text)
    text = _ADDRESS.sub("…", _TAG_LIKE.sub("< ", text))
    return one_line(_EMPHASIS.sub("", text), size) or None


def opaque_id(place: int) -> str:
    """How a model knows the subject at this place of a question."""
    return f"p{place + 1}"


def numbers(values) -> list[int | float | None]:
    """Numbers as they are shown: short, whole where they are, None for unknown."""
    array = np.array(values, dtype=float)
    size = np.abs(np.where(np.isnan(array) | (array == 0), 1.0, array))
    # No digit left of the point is lost: who sold 12,345 did not sell 12,350.
    digits = np.clip(DIGITS - 1 - np.floor(np.log10(size)), 0, MAX_DECIMALS)
    # A whole number over a power of ten is the float that is written with few digits.
    power = 10.0**digits
    return [
        None if value != value else int(value) if value.is_integer() else value
        for value in (np.round(array * power) / power).tolist()
    ]
