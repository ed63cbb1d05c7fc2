# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Words of a question, whatever accents, case and endings they are written with."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

#: What has been understood is overwritten by this.
TAKEN = "\x01"
#: A letter that no word of ours has.
_KEPT = "\u01bf"
_WORD = re.compile(r"[^\W_]+(?:[.%][^\W_]+)*")
_ENDINGS = ("ern", "en", "er", "es", "em", "ne", "e", "n", "s", "x")


def fold(text: str) -> str:
    """Small letters without accents; each character stays in its place."""
    folded = []
    for character in text:
        plain = unicodedata.normalize("NFKD", character)[0].lower()
        if plain in "'’`´‘":
            plain = " "
        folded.append(plain if len(plain) == 1 else plain[0])
    # A hyphen is part of a date, and else stands between words.
    return re.sub(r"(?<!\d)-|-(?!\d)", " ", "".join(folded))


def stem(word: str) -> str:
    """A word without its ending, roughly: the same for its forms."""
    word = word.replace("ß", "ss")
    for _turn in range(2):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 4:
                word = word[: -len(ending)]
                break
    # "category" and "categories"
    return word[:-1] + "i" if word.endswith("y") and len(word) > 4 else word


def stems(text: str) -> tuple[str, ...]:
    """The stems of the words of a text."""
    return tuple(stem(word) for word in _WORD.findall(fold(text)))


@dataclass
class Sentence:
    """A question that is taken apart: what is understood of it is taken out."""

    text: str
    folded: str = ""
    found: list = field(default_factory=list)

    def __post_init__(self):
        self.folded = fold(self.text)

    def take(self, start, end, meaning):
        """Words that were understood, and as what."""
        self.found.append((start, self.text[start:end].strip(" ,.?!"), meaning))
        self.folded = self.folded[:start] + TAKEN * (end - start) + self.folded[end:]

    def keep(self, start, end):
        """Words that name something, whatever else they may mean."""
        kept = re.sub(r"\w", _KEPT, self.folded[start:end])
        self.folded = self.folded[:start] + kept + self.folded[end:]

    def words(self):
        """The words that are left: (start, end, stem)."""
        return [
            (match.start(), match.end(), stem(match[0]))
            for match in _WORD.finditer(self.folded)
        ]
