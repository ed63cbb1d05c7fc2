"""Lines and reading order of words by where they stand."""

from __future__ import annotations

from .shapes import Word

#: A word of so many letters that is so many times as high as wide is on its side.
LETTERS, LYING = 3, 2.0
#: share of the lower word's height that must overlap for two words to share a line
OVERLAP = 0.5


def lines(words) -> list[list[Word]]:
    """Words as lines, from the top down; each line from left to right.

    Words that stand side by side make a line however far they are apart: the cells of
    a table row, and an address beside a date. What runs up or down the page comes last,
    column by column: it is beside everything, and belongs to none of it.
    """
    level, lying = [], []
    for word in words:
        (lying if _lies(word) else level).append(word)
    return _rows(level) + _columns(lying)


def reading_order(words) -> list[Word]:
    """Words line by line, each line from left to right."""
    return [word for line in lines(words) for word in line]


def _rows(words):
    found = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom, word.x0)):
        for line in reversed(found[-4:]):
            if _beside(line, word):
                line.append(word)
                break
        else:
            found.append([word])
    found.sort(key=_middle)
    return [sorted(line, key=lambda word: word.x0) for line in found]


def _columns(words):
    """Words on their side; those of a column are in the order in which they came."""
    found = []
    for word in words:
        for column in found:
            if column[0].x0 < word.x1 and word.x0 < column[0].x1:
                column.append(word)
                break
        else:
            found.append([word])
    return sorted(found, key=lambda column: column[0].x0)


def _lies(word):
    tall, wide = word.bottom - word.top, word.x1 - word.x0
    return len(word.text) >= LETTERS and tall > LYING * wide


def _beside(line, word):
    near = min(line, key=lambda other: abs(other.x0 - word.x0))
    shared = min(near.bottom, word.bottom) - max(near.top, word.top)
    return shared > OVERLAP * min(near.bottom - near.top, word.bottom - word.top)


def _middle(line):
    return sum(word.top + word.bottom for word in line) / len(line)
