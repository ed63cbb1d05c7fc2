"""Words from the characters of a PDF page, wherever they stand and whichever way."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from itertools import groupby, pairwise

import pypdfium2.raw as c

from .layout import lines
from .shapes import Word

#: a gap in a line that separates words, as a share of the height of the font
GAP = 0.24
#: a gap below which two pieces are one word even when drawn apart
TOUCH = 0.06
#: how far a character may stand off the line of the one before it, likewise
STEP = 0.45
#: widest gap between the letters of a s p a c e d word, likewise
SPACED = 1.1
#: so many letters in a row make it one
SPACED_LETTERS = 4
#: characters of a page that are taken at most
MOST = 60_000
_PRIVATE = ((0xE000, 0xF8FF), (0xF0000, 0x10FFFF), (0xFFFD, 0xFFFF), (0x1, 0x1F))
#: soft hyphens, joiners and marks of direction: nothing to be seen
_UNSEEN = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
_TRANSLATE = {**_UNSEEN, **_LIGATURES}


@dataclass
class _Char:
    """A character with its box: ``x`` along its line, ``y`` across it, downwards."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float


class _Frame:
    """How places in a page's own space become points from its upper left corner."""

    # PDFium turns and crops the page as its dictionary says; asking it where three
    # points go gives that transformation without doing it a second time here.
    SCALE = 100
    FAR = 1000

    def __init__(self, page):
        self.width, self.height = page.get_size()
        places = ((0, 0), (self.FAR, 0), (0, self.FAR))
        self.origin, right, up = (self._ask(page, *place) for place in places)
        self.right, self.up = (
            [(place[axis] - self.origin[axis]) / self.FAR for axis in (0, 1)]
            for place in (right, up)
        )

    def _ask(self, page, x, y):
        size = (max(1, round(side * self.SCALE)) for side in (self.width, self.height))
        left, top = ctypes.c_int(), ctypes.c_int()
        c.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, left, top)
        return left.value / self.SCALE, top.value / self.SCALE

    @property
    def turn(self):
        """Quarters clockwise by which the page is shown turned."""
        return round(math.degrees(math.atan2(self.right[1], self.right[0])) / 90) % 4

    def box(self, rectangle):
        """``(x0, top, x1, bottom)`` of a rectangle in the page's own space."""
        xs, ys = zip(
            self._place(rectangle.left, rectangle.bottom),
            self._place(rectangle.right, rectangle.top),
            strict=True,
        )
        return min(xs), min(ys), max(xs), max(ys)

    def _place(self, x, y):
        return (
            self.origin[axis] + self.right[axis] * x + self.up[axis] * y
            for axis in (0, 1)
        )


def words(page) -> tuple[tuple[Word, ...], int, int, bool]:
    """``(words, characters, unknown, cut)`` of a PDFium page, upright as it is shown.

    The words are in reading order; those that stand on their side come last, in the
    order of the file.
    ``unknown``: how many characters have no meaning in Unicode. ``cut``: whether there
    are more than `MOST`.
    """
    textpage = page.get_textpage()
    try:
        total = c.FPDFText_CountChars(textpage)
        frame = _Frame(page)
        chars = list(_chars(textpage, frame, min(total, MOST)))
    finally:
        textpage.close()
    seen = [char for char in chars if char]
    unknown = sum(_is_unknown(char[1].text) for char in seen)
    upright, turned = [], []
    for turn, run in groupby(chars, key=lambda char: char[0] if char else None):
        if turn is not None:
            found = _words([char for _, char in run])
            (turned if turn else upright).extend(_shown(found, turn))
    found = _unspaced(_touching(upright)) + turned
    visible = (word for word in found if word.x1 > 0 and word.x0 < frame.width)
    return tuple(visible), len(seen), unknown, total > MOST


def _chars(textpage, frame, count):
    """``(quarters clockwise, _Char)`` in the file's order; ``None`` between words."""
    loose = c.FS_RECTF()
    for index in range(count):
        code = c.FPDFText_GetUnicode(textpage, index)
        text = chr(code).translate(_TRANSLATE) if code else "\ufffd"
        if not text:
            continue
        if text.isspace():
            yield None
            continue
        # the loose box has the height of the font, the tight one that of the letter
        c.FPDFText_GetLooseCharBox(textpage, index, loose)
        x0, top, x1, bottom = frame.box(loose)
        angle = max(0.0, c.FPDFText_GetCharAngle(textpage, index))
        # counted clockwise by PDFium, as the turn of the page is
        turn = (round(math.degrees(angle) / 90) + frame.turn) % 4
        if turn == 1:
            x0, top, x1, bottom = top, -x1, bottom, -x0
        elif turn == 2:
            x0, top, x1, bottom = -x1, -bottom, -x0, -top
        elif turn == 3:
            x0, top, x1, bottom = -bottom, x0, -top, x1
        yield turn, _Char(text, x0, top, x1, bottom)


def _shown(found, turn):
    """Words along their own lines as words on the page."""
    for word in found:
        x0, top, x1, bottom = word.x0, word.top, word.x1, word.bottom
        if turn == 1:
            x0, top, x1, bottom = -bottom, x0, -top, x1
        elif turn == 2:
            x0, top, x1, bottom = -x1, -bottom, -x0, -top
        elif turn == 3:
            x0, top, x1, bottom = top, -x1, bottom, -x0
        yield Word(word.text, x0, top, x1, bottom, 1.0, word.size, turn)


def _words(chars):
    word = []
    for char in chars:
        if word and not _continues(word[-1], char):
            yield _joined(word)
            word = []
        word.append(char)
    if word:
        yield _joined(word)


def _continues(before, char):
    height = max(before.bottom - before.top, char.bottom - char.top, 1.0)
    gap = char.x0 - before.x1
    step = abs((char.bottom + char.top) - (before.bottom + before.top)) / 2
    return -height < gap < GAP * height and step < STEP * height


def _joined(pieces):
    """One `Word` of characters, or of words, that follow each other."""
    return Word(
        "".join(piece.text for piece in pieces),
        round(min(piece.x0 for piece in pieces), 2),
        round(min(piece.top for piece in pieces), 2),
        round(max(piece.x1 for piece in pieces), 2),
        round(max(piece.bottom for piece in pieces), 2),
        1.0,
        round(max(piece.bottom - piece.top for piece in pieces), 2),
    )


def _touching(found):
    """Lines of words in which pieces drawn apart, but without a gap, are one."""
    for line in lines(found):
        merged = [line[0]]
        for word in line[1:]:
            before = merged[-1]
            gap = word.x0 - before.x1
            if _alike(before, word) and -TOUCH < gap / max(before.size, 1.0) < TOUCH:
                merged[-1] = _joined((before, word))
            else:
                merged.append(word)
        yield merged


def _alike(one, other):
    """Whether two pieces may be of one word, and not a figure and its small cents.

    Drawn fonts have boxes of the letters, not of the font: "$" is higher than "1".
    """
    most, least = max(one.size, other.size), min(one.size, other.size)
    if most - least < 0.2 * one.size:
        return True
    apart = abs(one.top + one.bottom - other.top - other.bottom) / 2
    return least > 0.6 * most and apart < 0.15 * most


def _unspaced(found):
    """Words in reading order, with s p a c e d ones made whole."""
    result = []
    for line in found:
        run = []
        for word in [*line, None]:
            if word and _is_spaced(run, word):
                run.append(word)
                continue
            result += [_joined(run)] if len(run) >= SPACED_LETTERS else run
            run = []
            if word:
                run = [word]
    return result


def _is_spaced(run, word):
    if not run:
        return True
    letters = len(run[-1].text) == len(word.text) == 1 and (run[-1].text + word.text)
    gap = word.x0 - run[-1].x1
    if not letters or not letters.isalpha() or gap > SPACED * word.size:
        return False
    widths = [after.x0 - before.x1 for before, after in pairwise(run)]
    return not widths or abs(gap - widths[0]) < 0.35 * word.size


def _is_unknown(text):
    return any(low <= ord(text[0]) <= high for low, high in _PRIVATE)
