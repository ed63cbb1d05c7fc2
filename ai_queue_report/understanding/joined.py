# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is asked for side by side: "revenue and margin", "orders, revenue"."""

from __future__ import annotations

import re
from itertools import pairwise

_JOIN = re.compile(
    r"\W*(?:,|&|(?<!\w)(?:and|und|et|sowie|plus)(?!\w))\W*"
    r"(?:(?:the|how much|die|der|das|den|wie viel|le|la|les|l|d|de|des|du)(?!\w)\W*)*$"
)
#: These say where something else begins.
_DIVIDES = {"by", "without", "instead"}


def find_joined(reader) -> dict[int, list]:
    """The figures that stand beside one another, joined by a comma or an "and".

    :return: {place of words: [what is found of the figures beside them]}
    """
    beside = {}
    for figure, other in pairwise(_find_figures(reader)):
        between = _between(reader, figure[-1].end, other[0].start)
        # "Sales by product and margin": what it is split by is no measure.
        is_measure = other[0].value("measure") and not other[0].value("topic")
        if _JOIN.match(between) or (is_measure and _JOIN.search(between)):
            for these, those in ((figure, other), (other, figure)):
                for one in these:
                    beside.setdefault(one.start, []).extend(those)
    return beside


def _find_figures(reader):
    """Measures and clear topics; "number of orders" is one."""
    figures = []
    for one in reader.found:
        if figures and is_counted(reader, figures[-1][-1], one):
            figures[-1].append(one)
        elif one.value("measure") or (
            one.value("topic") and not reader.topic_of(one).noun
        ):
            figures.append([one])
    return figures


def is_counted(reader, count, one) -> bool:
    """Whether words are what "number of" right before them counts."""
    if count.value("measure") != "count" or count.end > one.start:
        return False
    between = reader.sentence.folded[count.end : one.start]
    return not re.search(r"\w\W+\w+\W+\w|[,;\x01]", between)


def _between(reader, start, end):
    """The words between two places, without those that go with the second."""
    folded = reader.sentence.folded
    for one in reader.found:
        kinds = {tag.kind for tag in one.tags}
        if kinds <= {"mark", "state"} and one.value("mark") not in _DIVIDES:
            folded = (
                folded[: one.start] + " " * (one.end - one.start) + folded[one.end :]
            )
    return folded[start:end]
