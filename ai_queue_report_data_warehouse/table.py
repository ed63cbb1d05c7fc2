# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rows of a warehouse as people read them, and as Chart.js draws them."""

import math
from datetime import datetime, time

from odoo.tools import format_date, format_datetime
from odoo.tools.misc import formatLang

NUMBERS = ("integer", "float", "decimal")
TIMES = ("date", "datetime")
MAX_SERIES = 3
#: More than this is only a table.
MAX_BARS, MAX_POINTS = 60, 400
MAX_CELL, MAX_DIGITS = 300, 9
#: how numbers are called that count nothing and are written without separators, and
#: how large they get; those that are no labels of a chart either
LABELS, YEARS, MAX_LABEL = ("year", "quarter", "month", "week", "day"), "_year", 9999
KEY, KEYS = "id", "_id"


def as_table(env, answer):
    """An ``Answer`` of a warehouse as plain data.

    :return: ``{"columns": [{"text", "is_number"}], "rows": [[texts]], "chart": None or
        ``{"labels", "series": [{"name", "values", "texts"}], "type"}``}``
    """
    columns = [
        (name, _get_kind(name, kind, [row[place] for row in answer.rows]))
        for place, (name, kind) in enumerate(answer.columns)
    ]
    texts = [
        [
            _say(env, value, kind)
            for value, (_name, kind) in zip(row, columns, strict=False)
        ]
        for row in answer.rows
    ]
    return {
        "columns": [
            {"text": name, "is_number": kind in NUMBERS} for name, kind in columns
        ],
        "rows": texts,
        "chart": _make_chart(answer, columns, texts),
    }


def _get_kind(name, kind, values):
    """What a column is to people, who see a month where a database has its midnight."""
    if kind == "datetime":
        is_day = all(one is None or one.time() == time.min for one in values)
        return "date" if is_day else kind
    name, known = name.lower(), [one for one in values if one is not None]
    if kind in NUMBERS and all(one == int(one) for one in known):
        if name == KEY or name.endswith(KEYS):
            return "key"
        is_called_so = name in LABELS or name.endswith(YEARS)
        if is_called_so and all(0 <= one <= MAX_LABEL for one in known):
            return "label"
    return kind


def _make_chart(answer, columns, texts):
    """The first column that is no number at the axis, the numbers as bars or lines."""
    kinds = [kind for _name, kind in columns]
    at_axis = [
        place for place, kind in enumerate(kinds) if kind not in (*NUMBERS, "key")
    ]
    numbers = [place for place, kind in enumerate(kinds) if kind in NUMBERS]
    numbers = numbers[:MAX_SERIES]
    is_time = bool(at_axis) and kinds[at_axis[0]] in TIMES
    most = MAX_POINTS if is_time else MAX_BARS
    if len(at_axis) != 1 or not numbers or not 1 < len(texts) <= most:
        return None
    return {
        "type": "line" if is_time else "bar",
        "labels": [row[at_axis[0]] for row in texts],
        "series": [
            {
                "name": answer.columns[place][0],
                "values": [_number(row[place]) for row in answer.rows],
                "texts": [row[place] for row in texts],
            }
            for place in numbers
        ],
    }


def _number(value):
    """A number that JSON and Odoo know, which no decimal is."""
    return value if value is None or isinstance(value, int) else float(value)


def _say(env, value, kind):
    if value is None:
        return "–"
    if isinstance(value, bool):
        return env._("Yes") if value else env._("No")
    if kind in NUMBERS:
        return _say_number(env, _number(value))
    if kind in ("key", "label"):
        return str(int(value))
    if kind == "date":
        return format_date(env, value.date() if isinstance(value, datetime) else value)
    if isinstance(value, datetime):
        return format_datetime(env, value, dt_format="short")
    return str(value)[:MAX_CELL]


def _say_number(env, number):
    """A number with two digits after the point, a small one with two that tell."""
    digits = 0 if number == int(number) else 2
    if 0 < abs(number) < 0.1:
        digits = min(MAX_DIGITS, 1 - math.floor(math.log10(abs(number))))
    return formatLang(env, number, digits=digits)
