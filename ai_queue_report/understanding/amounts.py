# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Amounts that something is over, under or between."""

from __future__ import annotations

import re

from .text import stem

_WORDS = {
    ">": (
        "more than|greater than|bigger than|larger than|higher than|over|above"
        "|exceeding|mehr als|grosser als|großer als|hoher als|grosser|großer"
        "|oberhalb von|uber|plus de"
        "|superieure?s? a|au dessus de|depassant|de plus de|>"
    ),
    ">=": (
        "at least|no less than|mindestens|wenigstens|au moins|au minimum|>="
        "|not less than"
    ),
    "<": (
        "less than|smaller than|lower than|under|below|weniger als|kleiner als|kleiner"
        "|niedriger als|unterhalb von|unter|moins de|inferieure?s? a|en dessous de|sous"
        "|<"
    ),
    "<=": "at most|no more than|not more than|hochstens|maximal|au plus|au maximum|<=",
}
#: These stand before a year as well.
_BEFORE_YEARS = ("over", "uber", "above", "under", "unter", "sous", "below")
_YEARS = range(1990, 2100)
_NUMBER = r"\d[\d.,]*(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d+)?"
_TIMES = {
    "thousand": r"k|thousand|tsd\.?|tausend|mille|milliers?",
    "million": r"m|mio\.?|millions?|millionen",
}
_BIG = "|".join(_TIMES.values())
_MONEY = r"€|\$|£|eur(?:os?)?|usd|chf|gbp|dollars?|pounds?|franken|francs?"


def _amount(name):
    return (
        rf"(?:(?P<{name}before>{_MONEY})\s*)?(?P<{name}>{_NUMBER})\s?"
        rf"(?P<{name}big>(?:{_BIG})(?!\w))?\s*(?P<{name}after>(?:{_MONEY})(?!\w))?"
    )


#: "over 1,000 €", "between 100 and 500 euros"
AMOUNTS = re.compile(
    r"(?<![\w.,])(?:(?P<words>"
    + "|".join(sorted("|".join(_WORDS.values()).split("|"), key=len, reverse=True))
    + r")\s*(?:the\s+|als\s+|de\s+|a\s+)?"
    + _amount("one")
    + r"|(?:between|zwischen|entre)\s+"
    + _amount("low")
    + r"\s+(?:and|und|et)\s+"
    + _amount("high")
    + r")(?![\w.,/%-]*\d)(?![\w%])"
)


def bounds_of(match):
    """[(operator, amount)] of a match of ``AMOUNTS``; None when it is a time."""
    if match["low"]:
        low, high = _value(match, "low"), _value(match, "high")
        if not (_is_money(match, "low") or _is_money(match, "high")) and (
            low in _YEARS or high in _YEARS or "." in match["low"].strip(".")[:3]
        ):
            return None
        return [(">=", min(low, high)), ("<=", max(low, high))]
    value, words = _value(match, "one"), match["words"]
    if words in _BEFORE_YEARS and value in _YEARS and not _is_money(match, "one"):
        return None
    for operator, known in _WORDS.items():
        if any(re.fullmatch(one, words) for one in known.split("|")):
            return [(operator, value)]
    return None


def is_counted_ahead(match, after, lexicon) -> bool:
    """Whether what follows is counted: "more than 5 orders"."""
    name = "high" if match["low"] else "one"
    if _is_money(match, name):
        return False
    words = re.match(r"\s*([^\W\d_]+)", after)
    tags = lexicon.phrases.get((stem(words[1]),), ()) if words else ()
    return any(
        tag.kind in ("topic", "dimension") or tag.value == "quantity" for tag in tags
    )


def _is_money(match, name):
    return bool(match[f"{name}before"] or match[f"{name}after"] or match[f"{name}big"])


def _value(match, name):
    """A number as people write it: 1,000.50 and 1.000,50 and 1 000,50."""
    digits = re.sub(r"\s", "", match[name]).rstrip(".,")
    parts = re.split(r"[.,]", digits)
    if len(parts) > 1 and len(parts[-1]) != 3:
        number = float("".join(parts[:-1]) + "." + parts[-1])
    else:
        number = int("".join(parts))
    for factor, words in ((1000, _TIMES["thousand"]), (10**6, _TIMES["million"])):
        if match[f"{name}big"] and re.fullmatch(words, match[f"{name}big"]):
            number *= factor
    return int(number) if number == int(number) else number
