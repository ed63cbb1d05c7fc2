"""Amounts, dates and numbers that were not read surely, read again by another reader.

Two readers that were made differently rarely misread a figure alike. Where both say the
same it is surer; where they differ the first has a third look at the word alone, and
when that settles nothing either, the word is doubted. Of figures that were read surely
nothing is asked: on till receipts it is nearly always Tesseract that errs on them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from PIL import Image, ImageOps

from . import tesseract

#: sureness from which a word is not read again, and from which it is never replaced
SURE, KEPT = 0.97, 0.8
#: words that are read again, the most doubted first, and how long they may be
MOST, LONGEST = 60, 40
#: figures from which a word is an amount, a date or a number
FIGURES = 2
#: white around each word and what of its line is taken on both sides, pixels
MARGIN, AROUND = 16, 8
#: share of the doubt that is left where both agree
LEFT = 0.3
#: sureness of what a third look took from the other reader, and of what none settled
SETTLED, DOUBTED = 0.72, 0.4
#: by how much wider the word is for the third look
WIDER = 1.2
#: What a reader adds or leaves out at the edges of a figure, and means nothing.
_EDGES = re.compile(r"^[^\w+-]+|[^\w%]+$")


@dataclass(frozen=True)
class _Asked:
    """A word of a line, and where its picture is on the sheet."""

    line: int
    token: int
    piece: Image.Image
    top: int = 0


def checked(lines, networks, names, deadline):
    """Lines of which the figures were compared with what Tesseract reads.

    :param lines: `letters.Line`
    :param networks: `ppocr.Networks`, for the third look
    :param names: languages for Tesseract
    :param deadline: `Deadline` of all
    :return: a list of the same lines, with other confidences and some other words
    :raise OcrError: Tesseract failed, or no time is left
    """
    asked = _asked(lines)
    if not asked:
        return lines
    sheet, asked = _sheet(asked)
    found = tesseract.words(sheet, names, deadline.left(), tesseract.RECEIPT)
    tokens = {}
    differ = []
    for one in asked:
        token = lines[one.line].western[one.token]
        other = _text(found, one)
        if not other:
            continue
        if _figures(other) == _figures(token.text):
            sure = 1 - LEFT * (1 - token.confidence)
            tokens[one.line, one.token] = replace(token, confidence=sure)
        else:
            differ.append((one, token, other))
    thirds = networks.read_strips([_apart(one.piece) for one, *_ in differ], deadline)
    for (one, token, other), third in zip(differ, thirds, strict=True):
        tokens[one.line, one.token] = _settled(token, other, third)
    return [_with(line, at, tokens) for at, line in enumerate(lines)]


def _settled(token, other, third):
    """A token on which two readers differ, after a third look."""
    text = "".join(one.text for one in third.western)
    if _figures(text) == _figures(token.text):
        return token
    if _figures(text) == _figures(other) and token.confidence < KEPT:
        return replace(token, text=text, confidence=SETTLED)
    return replace(token, confidence=min(DOUBTED, token.confidence))


def _asked(lines):
    """The words with figures, the most doubted of them if there are many."""
    found = [
        (token.confidence, at, number)
        for at, line in enumerate(lines)
        for number, token in enumerate(line.western)
        if token.confidence < SURE
        and len(token.text) <= LONGEST
        and sum(letter.isdigit() for letter in token.text) >= FIGURES
    ]
    return [
        _Asked(at, number, _piece(lines[at].strip, lines[at].western[number]))
        for _confidence, at, number in sorted(sorted(found)[:MOST], key=lambda a: a[1:])
    ]


def _piece(strip, token):
    box = (
        max(0, round(token.x0) - AROUND),
        0,
        min(strip.width, round(token.x1) + AROUND),
        strip.height,
    )
    return ImageOps.autocontrast(strip.crop(box), cutoff=1)


def _sheet(asked):
    """All pieces below each other on white, and where each is there."""
    width = max(one.piece.width for one in asked) + 2 * MARGIN
    height = asked[0].piece.height + MARGIN
    sheet = Image.new("L", (width, MARGIN + height * len(asked)), 255)
    placed = []
    for number, one in enumerate(asked):
        top = MARGIN + number * height
        sheet.paste(one.piece, (MARGIN, top))
        placed.append(replace(one, top=top))
    return sheet, placed


def _text(found, one):
    """What was read on the sheet where a piece is, without blanks."""
    mine = [
        word
        for word in found
        if one.top <= (word.top + word.bottom) / 2 < one.top + one.piece.height
    ]
    return "".join(word.text for word in sorted(mine, key=lambda word: word.x0))


def _apart(piece):
    """The piece as it was not seen before: wider, and with white around it."""
    size = max(1, round(piece.width * WIDER)), piece.height
    piece = piece.resize(size, Image.Resampling.BICUBIC)
    return ImageOps.expand(piece, (AROUND, 0), fill=255)


def _figures(text):
    """What must be the same; a point and a comma look alike, and mean the same."""
    return _EDGES.sub("", text).upper().replace(",", ".")


def _with(line, at, tokens):
    changed = tuple(
        tokens.get((at, number), token) for number, token in enumerate(line.western)
    )
    # where nothing but Western letters was read, both are the same
    both = changed if line.any is line.western else line.any
    return replace(line, western=changed, any=both)
