"""Words of PDF pages that hold their text, through PDFium."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as c

from .layout import reading_order
from .shapes import Page, Word

#: a gap in a line that separates words, as a share of the height of the font
GAP = 0.24
#: how far a character may stand off the line of the one before it, likewise
STEP = 0.45


@dataclass
class _Char:
    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    angle: int


class _Frame:
    """How places in a page's own space become points from its upper left corner."""

    # PDFium turns and crops the page as its dictionary says; asking it where three
    # points go gives that transformation without doing it a second time here.
    SCALE = 100

    def __init__(self, page):
        self.width, self.height = page.get_size()
        origin, right, up = (self._ask(page, *p) for p in ((0, 0), (1000, 0), (0, 1000)))
        self.x0, self.y0 = origin
        self.xx, self.xy = ((b - a) / 1000 for a, b in zip(origin, right, strict=True))
        self.yx, self.yy = ((b - a) / 1000 for a, b in zip(origin, up, strict=True))

    def _ask(self, page, x, y):
        size = (max(1, round(side * self.SCALE)) for side in (self.width, self.height))
        left, top = ctypes.c_int(), ctypes.c_int()
        c.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, left, top)
        return left.value / self.SCALE, top.value / self.SCALE

    def box(self, left, bottom, right, top):
        """``(x0, top, x1, bottom)`` of a rectangle in the page's own space."""
        corners = [self._place(left, bottom), self._place(right, top)]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def _place(self, x, y):
        return (
            self.x0 + self.xx * x + self.yx * y,
            self.y0 + self.xy * x + self.yy * y,
        )


def read_page(page, number):
    """The `Page` of a PDFium page, by the text that it holds."""
    frame = _Frame(page)
    textpage = page.get_textpage()
    words = list(_words(_chars(textpage, frame)))
    textpage.close()
    words = tuple(reading_order(words))
    source = "text" if words else "none"
    return Page(number, frame.width, frame.height, words, source)


def _chars(textpage, frame):
    """The characters in the order of the file; ``None`` for what separates them."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    loose = c.FS_RECTF()
    for index in range(c.FPDFText_CountChars(textpage)):
        text = chr(c.FPDFText_GetUnicode(textpage, index))
        if text.isspace() or text == "\0":
            yield None
            continue
        c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        # the loose box has the height of the font, the tight one that of the glyph
        c.FPDFText_GetLooseCharBox(textpage, index, loose)
        box = frame.box(loose.left, loose.bottom, loose.right, loose.top)
        angle = round(math.degrees(c.FPDFText_GetCharAngle(textpage, index)) / 90) % 4
        yield _Char(text, *box, c.FPDFText_GetFontSize(textpage, index), angle)


def _words(chars):
    word = []
    for char in chars:
        if char is None or (word and not _continues(word[-1], char)):
            if word:
                yield _joined(word)
            word = []
        if char is not None:
            word.append(char)
    if word:
        yield _joined(word)


def _continues(before, char):
    height = max(before.bottom - before.top, char.bottom - char.top, 1.0)
    gap = char.x0 - before.x1
    step = abs((char.bottom + char.top) - (before.bottom + before.top)) / 2
    return -height < gap < GAP * height and step < STEP * height


def _joined(word):
    return Word(
        "".join(char.text for char in word),
        min(char.x0 for char in word),
        min(char.top for char in word),
        max(char.x1 for char in word),
        max(char.bottom for char in word),
        1.0,
        max(char.bottom - char.top for char in word),
    )


def open_pdf(data):
    """A PDFium document; the caller closes it."""
    return pdfium.PdfDocument(data)
