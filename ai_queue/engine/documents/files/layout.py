"""Lines and reading order of words by where they stand."""

from __future__ import annotations

from .shapes import Word

#: share of the lower word's height that must overlap for two words to share a line
OVERLAP = 0.5


def lines(words) -> list[list[Word]]:
    """Words as lines, from the top down; each line from left to right.

    Words that stand side by side make a line however far they are apart: the cells of
    a table row, and an address beside a date.
    """
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


def reading_order(words) -> list[Word]:
    """Words line by line, each line from left to right."""
    return [word for line in lines(words) for word in line]


def _beside(line, word):
    near = min(line, key=lambda other: abs(other.x0 - word.x0))
    shared = min(near.bottom, word.bottom) - max(near.top, word.top)
    return shared > OVERLAP * min(near.bottom - near.top, word.bottom - word.top)


def _middle(line):
    return sum(word.top + word.bottom for word in line) / len(line)
