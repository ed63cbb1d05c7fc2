"""Small helpers for text that people printed."""

from __future__ import annotations

import re
import unicodedata

_SPELLED = str.maketrans("äöüßæøœłđðþıς’", "aousaoolddtiσ'")
#: Scripts that put no blanks between words: kana, Chinese characters, Hangul.
_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
CJK = re.compile(f"[{_CJK}]")
#: A letter or a digit of a script that does put blanks.
WORD_CHAR = rf"[^\W{_CJK}]"
_WORDS = re.compile(rf"[^\W\d_]{{2}}|[{_CJK}]")


def has_words(text: str) -> bool:
    """Whether a text says something, and is not only figures and signs."""
    return bool(_WORDS.search(text))


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
    if "\uac00" <= char <= "\ud7af":
        return char  # Hangul has no accents, and would fall apart into letters
    char = char.lower()[:1]
    char = char.translate(_SPELLED)
    return unicodedata.normalize("NFKD", char)[:1] or char


def squeeze(text: str) -> str:
    """Letters and digits only, upper case, no accents: for comparing names."""
    return re.sub(r"[\W_]", "", fold(text)).upper()
