"""Lines of text from what a network says of every few pixels of them.

The network gives, for steps from left to right, how likely each letter is, or none
(Graves et al., "Connectionist Temporal Classification", ICML 2006). The same letter in
steps that follow each other is one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

#: share of a line's blanks, in heights of its letters, from which a blank parts words
#: though no blank was read
GAP = 1.0
#: ink is darker than this share of the way from the darkest to the paper
DARK = 0.5
#: Tills print them so close that no blank is seen.
_DAY_AND_TIME = re.compile(
    r"(?<!\d)(?:\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})"
    r"(?=[0-2]?\d:[0-5]\d)"
)
#: What these networks make of signs for which Latin letters have their own.
_PLAIN = {
    "。": ".",
    "、": ",",
    "〜": "~",
    "・": "·",
    "‑": "-",
    "−": "-",
    "–": "-",
    "—": "-",
    "―": "-",
    "‘": "'",
    "’": "'",
    "′": "'",
    "“": '"',
    "”": '"',
    "【": "[",
    "】": "]",
    "〔": "[",
    "〕": "]",
    "《": "«",
    "》": "»",
    "￥": "¥",
}


@dataclass(frozen=True)
class Token:
    """A word of a line, in pixels of its strip."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    confidence: float


@dataclass(frozen=True)
class Line:
    """What was read in a strip: as it is, and with Western letters only."""

    strip: Image.Image = field(repr=False, compare=False)
    any: tuple
    western: tuple = field(repr=False)

    @property
    def letters(self):
        """How many letters were read."""
        return sum(len(one.text) for one in self.any)

    @property
    def confidence(self):
        """Mean of all letters, 0..1."""
        total = sum(len(one.text) * one.confidence for one in self.any)
        return total / self.letters if self.any else 0.0


class Alphabet:
    """The letters that a network knows, in its order."""

    def __init__(self, letters):
        # the first of its classes is "none", the last the blank
        self.letters = ["", *letters, " "]
        self.is_wide = np.array([_is_wide(letter) for letter in self.letters])
        self.plain = [_plain(letter) for letter in self.letters]

    def line(self, chances, strip) -> Line:
        """A `Line` from the chances of every letter at every step of a strip."""
        chances = chances[:, : len(self.letters)]
        ink = _ink(strip)
        # steps beyond the strip are those of longer ones that were read with it
        pitch = max(1.0, 8.0)
        steps = min(len(chances), int(np.ceil(strip.width / pitch)) + 1)
        best = chances[:steps].argmax(axis=1)
        found = self._tokens(chances, best, pitch, ink)
        western = found
        if self.is_wide[best].any():
            best = np.where(self.is_wide, 0, chances[:steps]).argmax(axis=1)
            western = self._tokens(chances, best, pitch, ink)
        return Line(strip, found, western)

    def _tokens(self, chances, best, pitch, ink):
        new = np.flatnonzero((best != 0) & (np.diff(best, prepend=0) != 0))
        runs = []
        for at in new:
            end = at
            while end + 1 < len(best) and best[end + 1] == best[at]:
                end += 1
            sure = float(chances[at : end + 1, best[at]].max())
            runs.append((self.plain[best[at]], at * pitch, (end + 1) * pitch, sure))
        words = [part for word in _words(runs, ink) for part in _parted(word)]
        return tuple(_in_band(words))


def plain(text) -> str:
    """A text without accents; letters that only look like two stay."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def is_wide(text) -> bool:
    """Whether it has letters that are written without blanks."""
    return any(_is_wide(letter) for letter in text)


def _is_wide(letter):
    return (
        len(letter) == 1
        and unicodedata.east_asian_width(letter) in "WF"
        and (unicodedata.category(letter) in ("Lo", "Lm", "So"))
    )


def _plain(letter):
    if letter in _PLAIN:
        return _PLAIN[letter]
    if len(letter) == 1 and "！" <= letter <= "～":
        return chr(ord(letter) - 0xFEE0)
    return letter


def _ink(strip):
    """Where a strip has letters: an array of rows of truths."""
    grey = np.asarray(strip, np.float32)
    dark, paper, light = np.percentile(grey, (2, 50, 98))
    if paper - dark < light - paper:
        # light letters on a dark field
        return grey > paper + DARK * (light - paper)
    return grey < paper - DARK * (paper - dark)


def _words(runs, ink):
    """Tokens of the letters of a line."""
    columns = ink.any(axis=0)
    rows = np.flatnonzero(ink.sum(axis=1) > 0)
    tall = (rows[-1] - rows[0] + 1) if len(rows) else ink.shape[0]
    word, left, blank = [], 0.0, False
    for run in runs:
        text, x0, _x1, _sure = run
        if text == " ":
            blank = True
            continue
        if word:
            start, end = _gap(columns, word[-1][1], run[2])
            if blank or end - start > GAP * tall:
                yield _token(word, left, start, ink)
                word, left = [], end
        elif blank or not left:
            left = _first(columns, max(0.0, x0 - tall), x0)
        word.append(run)
        blank = False
    if word:
        last = word[-1][2]
        beyond = np.flatnonzero(columns[int(last) : int(last + tall / 2)])
        end = last + (beyond[-1] + 1 if len(beyond) else 0)
        yield _token(word, left, min(end, ink.shape[1]), ink)


def _parted(word):
    """A day and a time without a blank between them as two words."""
    found = _DAY_AND_TIME.search(word.text)
    if not found:
        return [word]
    at = found.end()
    x = word.x0 + (word.x1 - word.x0) * at / len(word.text)
    return [
        replace(word, text=word.text[:at], x1=x),
        replace(word, text=word.text[at:], x0=x),
    ]


def _in_band(tokens):
    """Tokens at least as high as most of their line: a dash is no small print."""
    if not tokens:
        return
    sizes = np.array([len(one.text) for one in tokens])
    top = np.median(np.repeat([one.top for one in tokens], sizes))
    bottom = np.median(np.repeat([one.bottom for one in tokens], sizes))
    for one in tokens:
        yield replace(
            one,
            top=float(min(one.top, top)),
            bottom=float(max(one.bottom, bottom)),
        )


def _first(columns, begin, end):
    """The first inked column between two."""
    found = np.flatnonzero(columns[int(begin) : int(end) + 8])
    return float(int(begin) + found[0]) if len(found) else float(end)


def _gap(columns, begin, end):
    """The widest run of columns without ink between two places."""
    begin, end = int(begin), min(int(np.ceil(end)), len(columns))
    inked = np.flatnonzero(np.concatenate([[True], columns[begin:end], [True]]))
    widths = np.diff(inked)
    if not len(widths) or widths.max() <= 1:
        middle = (begin + end) / 2
        return middle, middle
    at = int(widths.argmax())
    return float(begin + inked[at]), float(begin + inked[at + 1] - 1)


def _token(word, x0, x1, ink):
    rows = np.flatnonzero(ink[:, int(x0) : max(int(x0) + 1, int(np.ceil(x1)))].any(1))
    top, bottom = (rows[0], rows[-1] + 1) if len(rows) else (0, ink.shape[0])
    sure = [run[3] for run in word]
    return Token(
        "".join(run[0] for run in word),
        float(x0),
        float(max(x1, x0 + 1)),
        float(top),
        float(bottom),
        (sum(sure) / len(sure) + min(sure)) / 2,
    )
