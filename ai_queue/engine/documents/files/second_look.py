"""Words that were hardly read on a page, read once more, larger and by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from . import tesseract

#: mean confidence of a run of words below which it is looked at again
DOUBTED = 0.7
#: by how much the second reading must be surer to take the place of the first
SURER = 0.08
#: how much larger it is read, and the height of letters in pixels that is aimed at
LARGEST, TALL = 3.0, 40
#: runs of one page that are looked at again, and pixels of all of them together
MOST, PIXELS = 40, 3_000_000
#: white around each run, in pixels
MARGIN = 20
#: of the height of a line: the gap within a run, and what is taken around it
GAP, AROUND = 1.5, 0.25


@dataclass(frozen=True)
class _Run:
    """Neighbouring words of a row, and where they are in the picture of all runs."""

    first: int
    words: tuple
    box: tuple
    scale: float = 1.0
    top: int = 0
    height: int = 0


def again(words, picture, names, seconds):
    """Words of a page, where the doubted ones are read a second time.

    :param words: `Seen`, in the order in which they were read
    :param picture: in which they were read
    :param names: languages
    :param seconds: as long as it may take
    :return: a list of the same kind; the same words when nothing was surer
    :raise OcrError: as `tesseract.words`
    """
    runs = _runs(words, picture.size)
    if not runs:
        return words
    sheet, runs = _sheet(picture, runs)
    found = tesseract.words(sheet, names, seconds, tesseract.RECEIPT)
    replaced = {}
    for run in runs:
        mine = [
            word
            for word in found
            if run.top <= (word.top + word.bottom) / 2 < run.top + run.height
        ]
        if (
            mine
            and _mean(mine) > _mean(run.words) + SURER
            and _is_same_length(mine, run)
        ):
            replaced[run.first] = (len(run.words), [_placed(one, run) for one in mine])
    return _merged(words, replaced)


def _mean(words):
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters


def _is_same_length(found, run):
    """Whether about as much was read: else a part of it was lost, or noise was read."""
    before = sum(len(word.text) for word in run.words)
    now = sum(len(word.text) for word in found)
    return 0.6 * before <= now <= 1.5 * before + 2


def _runs(words, size):
    """Runs of neighbours of which at least one is doubted, the most doubted first."""
    rows, row = [], []
    for at, word in enumerate(words):
        if row and not _are_neighbours(words[at - 1], word):
            rows.append(row)
            row = []
        row.append((at, word))
    rows.append(row)
    runs = []
    for row in filter(None, rows):
        members = tuple(word for _at, word in row)
        if min(word.confidence for word in members) >= DOUBTED:
            continue
        runs.append(_Run(row[0][0], members, _box(members, size)))
    runs.sort(key=lambda run: min(word.confidence for word in run.words))
    return sorted(runs[:MOST], key=lambda run: run.first)


def _are_neighbours(one, other):
    tall = max(one.height, 1)
    is_level = abs(one.top + one.bottom - other.top - other.bottom) < tall
    return is_level and -tall < other.x0 - one.x1 < GAP * tall


def _box(words, size):
    around = round(AROUND * max(word.bottom - word.top for word in words)) + 1
    return (
        max(0, min(word.x0 for word in words) - 2 * around),
        max(0, min(word.top for word in words) - around),
        min(size[0], max(word.x1 for word in words) + 2 * around),
        min(size[1], max(word.bottom for word in words) + around),
    )


def _band(piece):
    """The rows of a piece in which its letters stand: (first, behind the last).

    Where small print and large stand in a row, boxes are as tall as the row, and hold
    parts of the rows around it.
    """
    grey = np.asarray(piece)
    low, high = int(grey.min()), int(grey.max())
    ink = (grey < (low + high) / 2).sum(axis=1)
    rows = np.flatnonzero(np.diff(np.concatenate([[0], ink > 0, [0]])))
    bands = list(zip(rows[::2].tolist(), rows[1::2].tolist(), strict=True))
    # What touches the border is the rest of something else.
    whole = [band for band in bands if band[0] > 0 and band[1] < len(ink)] or bands
    if not whole:
        return 0, len(ink)
    middle = len(ink) / 2
    first, last = min(
        whole,
        key=lambda band: (
            max(band[0] - middle, middle - band[1], 0),
            -ink[band[0] : band[1]].sum(),
        ),
    )
    # Dots and accents are bands of their own.
    room = (last - first) // 2
    near = [band for band in whole if band[1] > first - room and band[0] < last + room]
    return min(band[0] for band in near), max(band[1] for band in near)


def _sheet(picture, runs):
    """All runs below each other on white, and where each is there."""
    pieces, placed, top, width, pixels = [], [], MARGIN, 0, 0
    for run in runs:
        x0, y0, x1, y1 = run.box
        first, last = _band(picture.crop(run.box))
        around = max(2, round(AROUND * (last - first)))
        box = (x0, max(y0, y0 + first - around), x1, min(y1, y0 + last + around))
        piece = picture.crop(box)
        scale = max(1.0, min(LARGEST, TALL / max(last - first, 1)))
        size = [max(1, round(side * scale)) for side in piece.size]
        pixels += size[0] * (size[1] + MARGIN)
        if pixels > PIXELS:
            break
        pieces.append((piece.resize(size, Image.Resampling.LANCZOS), top))
        placed.append(replace(run, box=box, scale=scale, top=top, height=size[1]))
        top += size[1] + MARGIN
        width = max(width, size[0])
    sheet = Image.new("L", (width + 2 * MARGIN, top), 255)
    for piece, at in pieces:
        sheet.paste(piece, (MARGIN, at))
    return sheet, placed


def _placed(word, run):
    """A word of the sheet where it is on the page."""

    def x(value):
        return round(run.box[0] + (value - MARGIN) / run.scale)

    def y(value):
        return round(run.box[1] + (value - run.top) / run.scale)

    return replace(
        word,
        x0=x(word.x0),
        x1=x(word.x1),
        top=y(word.top),
        bottom=y(word.bottom),
        height=run.words[0].height,
    )


def _merged(words, replaced):
    merged, at = [], 0
    while at < len(words):
        count, others = replaced.get(at, (1, [words[at]]))
        merged += others
        at += count
    return merged
