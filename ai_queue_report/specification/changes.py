# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import copy
from typing import Any

from .shape import COUNT, SpecificationError

#: part of the sentence → where it is in a specification
_LISTS = {"measure": "measures", "group": "group_by", "filter": "filters"}
#: at the place of a number: one more
NEW = "new"


def change(data: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A specification in which one part is another one, or gone.

    What comes out is to be checked: nothing of the value is looked at here.

    :param data: a specification as plain data, which stays as it is
    :param key: a part of the sentence: ``measure:0``, ``group:0``, ``filter:0`` (or
        ``measure:new`` …), ``period``, ``compare``, ``order``, ``chart``
    :param value: what a specification has at this place (a period without its field
        keeps it; an order may have ``limit``); None takes the part away
    :raise SpecificationError: there is no such part
    """
    data = copy.deepcopy(data)
    if key in ("period", "order") and not isinstance(value, dict | None):
        raise SpecificationError("shape", value=str(value)[:60])
    part, _colon, place = key.partition(":")
    if part in _LISTS:
        _change_list(data.setdefault(_LISTS[part], []), key, place, value)
        data["measures"] = data.get("measures") or [{"field": COUNT}]
    elif part == "period":
        _change_period(data, value)
    elif part == "order":
        value = dict(value or {})
        data["limit"] = value.pop("limit", None)
        data["order"] = value or None
    elif part == "compare" or (part == "chart" and value):
        data[part] = value
    else:
        raise SpecificationError("choice", name="part", value=key[:60])
    return data


def _change_list(items, key, place, value):
    if place == NEW:
        items.append(value)
        return
    if not place.isdecimal() or int(place) >= len(items):
        raise SpecificationError("choice", name="part", value=key[:60])
    items[int(place) : int(place) + 1] = [] if value is None else [value]


def _change_period(data, value):
    if value is None:
        # Nothing is left that could be compared.
        data["period"] = data["compare"] = None
        return
    field = (data.get("period") or {}).get("field")
    data["period"] = {"field": field, **value}
