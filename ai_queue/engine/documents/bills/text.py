"""Small helpers for text that people printed."""

from __future__ import annotations

import re
import unicodedata

_SPELLED = str.maketrans(
    {"ä": "a", "ö": "o", "ü": "u", "ß": "s", "æ": "a", "ø": "o", "œ": "o", "’": "'"}
)


def fold(text: str) -> str:
    """``text`` in lower case and without accents, **as long as before**.

    So a place in the folded text is the same place in the text itself.
    """
    if text.isascii():
        return text.lower()
    return "".join(_fold(char) for char in text)


def _fold(char):
    if char < "\x80":
        return char.lower()
    if char.isspace():
        return " "
    char = char.lower()[:1]
    char = char.translate(_SPELLED)
    return unicodedata.normalize("NFKD", char)[:1] or char


def squeeze(text: str) -> str:
    """Letters and digits only, upper case, no accents: for comparing names."""
    return re.sub(r"[^A-Z0-9]", "", fold(text).upper())
