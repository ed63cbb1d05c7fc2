# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

MAX_MEASURES = 3
MAX_GROUPS = 3
MAX_FILTERS = 10
MAX_VALUES = 50
MAX_TEXT = 200
MAX_LIMIT = 1000
#: So many units a period may be long.
MAX_COUNT = 1000
#: Days of other years are slips: the day after the last of them has to be one, too.
YEARS = range(1900, 3000)
AGGREGATES = ("sum", "avg", "min", "max", "count_distinct")
GRANULARITIES = ("day", "week", "month", "quarter", "year")
UNITS = GRANULARITIES
PERIODS = ("this", "last", "last_n", "next_n", "to_date", "between")
OPERATORS = (
    *("=", "!=", ">", ">=", "<", "<="),
    *("in", "not in", "ilike", "not ilike", "set", "not set"),
)
COMPARES = ("previous", "last_year")
CHARTS = ("bar", "line", "pie", "pivot", "list", "number")
COUNT = "__count"
_MODEL = re.compile(r"[a-z][a-z0-9_.]{0,62}")
_FIELD = re.compile(r"[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62}){0,2}")
_PLAIN = {"anyOf": [{"type": t} for t in ("string", "number", "boolean")]}


def _object(properties, optional=()):
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _or_null(schema):
    return {"anyOf": [schema, {"type": "null"}]}


_NAME = {"type": "string", "maxLength": 128}
_DAY = {"type": "string", "maxLength": 10}
#: The shape as JSON schema, closed as models are held to it.
SCHEMA = _object(
    {
        "model": {"type": "string", "maxLength": 64},
        "measures": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_MEASURES,
            "items": _object(
                {
                    "field": _NAME,
                    "aggregate": _or_null({"type": "string", "enum": list(AGGREGATES)}),
                }
            ),
        },
        "group_by": {
            "type": "array",
            "maxItems": MAX_GROUPS,
            "items": _object(
                {
                    "field": _NAME,
                    "granularity": _or_null(
                        {"type": "string", "enum": list(GRANULARITIES)}
                    ),
                }
            ),
        },
        "filters": {
            "type": "array",
            "maxItems": MAX_FILTERS,
            "items": _object(
                {
                    "field": _NAME,
                    "operator": {"type": "string", "enum": list(OPERATORS)},
                    "value": {
                        "anyOf": [
                            {"type": "string", "maxLength": MAX_TEXT},
                            {"type": "number"},
                            {"type": "boolean"},
                            {"type": "array", "maxItems": MAX_VALUES, "items": _PLAIN},
                            {"type": "null"},
                        ]
                    },
                }
            ),
        },
        "period": _or_null(
            _object(
                {
                    "field": _NAME,
                    "kind": {"type": "string", "enum": list(PERIODS)},
                    "unit": _or_null({"type": "string", "enum": list(UNITS)}),
                    "count": _or_null({"type": "integer"}),
                    "since": _or_null(_DAY),
                    "until": _or_null(_DAY),
                }
            )
        ),
        "compare": _or_null({"type": "string", "enum": list(COMPARES)}),
        "order": _or_null(
            _object(
                {
                    "by": {"type": "string", "enum": ["measure", "group"]},
                    "direction": {"type": "string", "enum": ["asc", "desc"]},
                }
            )
        ),
        "limit": _or_null({"type": "integer"}),
        "chart": {"type": "string", "enum": list(CHARTS)},
    }
)


class SpecificationError(ValueError):
    """Data that is no specification.

    ``code``: what is wrong, a word; ``values``: what it is about, plain texts.
    """

    def __init__(self, code: str, **values: Any):
        super().__init__(code, values)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Measure:
    """What is counted or added up. The field ``__count`` counts records."""

    field: str
    aggregate: str | None = None


@dataclass(frozen=True)
class Group:
    """What it is split by; ``granularity`` for days and times only."""

    field: str
    granularity: str | None = None


@dataclass(frozen=True)
class Filter:
    """What is left of the records. ``set`` and ``not set`` have no value.

    A value of a field that points to records is a name, several names, or ids.
    """

    field: str
    operator: str
    value: Any = None


@dataclass(frozen=True)
class Period:
    """A time on a field, relative to the day on which it is read, or between days."""

    field: str
    kind: str
    unit: str | None = None
    count: int | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Order:
    """By what the groups are sorted: ``measure`` (the first one) or ``group``."""

    by: str = "measure"
    direction: str = "desc"


@dataclass(frozen=True)
class Specification:
    """A question as data."""

    model: str
    measures: tuple[Measure, ...]
    group_by: tuple[Group, ...] = ()
    filters: tuple[Filter, ...] = ()
    period: Period | None = None
    compare: str | None = None
    order: Order | None = None
    limit: int | None = None
    chart: str = "bar"


def parse(data: Any) -> Specification:
    """The specification that data says, checked for its shape and nothing else.

    :param data: as of ``SCHEMA``; keys that may be null may be left out
    :raise SpecificationError: with a code and what it is about
    """
    data = _keys(data, SCHEMA, needed=("model", "measures"))
    measures = tuple(_measure(one) for one in _list(data["measures"], "measures"))
    groups = tuple(_group(one) for one in _list(data.get("group_by"), "group_by"))
    filters = tuple(_filter(one) for one in _list(data.get("filters"), "filters"))
    if not measures:
        raise SpecificationError("no_measure")
    for what, some, most in (
        ("measures", measures, MAX_MEASURES),
        ("group_by", groups, MAX_GROUPS),
        ("filters", filters, MAX_FILTERS),
    ):
        if len(some) > most:
            raise SpecificationError(f"many_{what}", count=len(some), most=most)
        if what != "filters" and len(set(some)) != len(some):
            raise SpecificationError("twice", name=what)
    limit = data.get("limit")
    if limit is not None and not _is_count(limit, MAX_LIMIT):
        raise SpecificationError("limit", value=_shown(limit), most=MAX_LIMIT)
    specification = Specification(
        model=_matching(data["model"], _MODEL, "model"),
        measures=measures,
        group_by=groups,
        filters=filters,
        period=_period(data.get("period")),
        compare=_one_of(data.get("compare"), (None, *COMPARES), "compare"),
        order=_order(data.get("order")),
        limit=limit,
        chart=_one_of(data.get("chart") or "bar", CHARTS, "chart"),
    )
    if specification.compare and not specification.period:
        raise SpecificationError("compare_without_period")
    return specification


def as_data(specification: Specification) -> dict[str, Any]:
    """The specification as plain data, all keys given."""
    one = specification
    return {
        "model": one.model,
        "measures": [
            {"field": each.field, "aggregate": each.aggregate} for each in one.measures
        ],
        "group_by": [
            {"field": each.field, "granularity": each.granularity}
            for each in one.group_by
        ],
        "filters": [
            {"field": each.field, "operator": each.operator, "value": each.value}
            for each in one.filters
        ],
        "period": vars(one.period).copy() if one.period else None,
        "compare": one.compare,
        "order": vars(one.order).copy() if one.order else None,
        "limit": one.limit,
        "chart": one.chart,
    }


def _keys(data, schema, needed=()):
    if not isinstance(data, dict):
        raise SpecificationError("shape", value=_shown(data))
    if strange := sorted(map(str, data.keys() - schema["properties"].keys())):
        raise SpecificationError("strange_key", name=_shown(strange[0]))
    for name in needed:
        if data.get(name) in (None, "", []):
            raise SpecificationError("missing", name=name)
    return data


def _list(value, name):
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise SpecificationError("shape", value=name)
    return value


def _items(name):
    return SCHEMA["properties"][name]["items"]


def _measure(data):
    data = _keys(data, _items("measures"), needed=("field",))
    if data["field"] == COUNT:
        return Measure(COUNT)
    aggregate = _one_of(data.get("aggregate"), (None, *AGGREGATES), "aggregate")
    return Measure(_matching(data["field"], _FIELD, "field"), aggregate or "sum")


def _group(data):
    data = _keys(data, _items("group_by"), needed=("field",))
    return Group(
        _matching(data["field"], _FIELD, "field"),
        _one_of(data.get("granularity"), (None, *GRANULARITIES), "granularity"),
    )


def _filter(data):
    data = _keys(data, _items("filters"), needed=("field", "operator"))
    operator = _one_of(data["operator"], OPERATORS, "operator")
    value = data.get("value")
    if operator in ("set", "not set"):
        value = None
    elif operator in ("in", "not in"):
        if not isinstance(value, list | tuple) or not 0 < len(value) <= MAX_VALUES:
            raise SpecificationError("value", name=data["field"], most=MAX_VALUES)
        value = [_plain(one, data["field"]) for one in value]
    else:
        value = _plain(value, data["field"])
    return Filter(_matching(data["field"], _FIELD, "field"), operator, value)


def _plain(value, field):
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float) and abs(value) < 1e15:
        return value
    if isinstance(value, str) and len(value) <= MAX_TEXT and "\x00" not in value:
        return value
    raise SpecificationError("value", name=_shown(field), most=MAX_VALUES)


def _period(data):
    if data is None:
        return None
    schema = SCHEMA["properties"]["period"]["anyOf"][0]
    data = _keys(data, schema, needed=("field", "kind"))
    kind = _one_of(data["kind"], PERIODS, "kind")
    field = _matching(data["field"], _FIELD, "field")
    if kind == "between":
        since, until = (_day(data.get(name)) for name in ("since", "until"))
        if not (since or until):
            raise SpecificationError("missing", name="since")
        if since and until and since > until:
            raise SpecificationError("days", since=since, until=until)
        return Period(field, kind, since=since, until=until)
    unit = _one_of(data.get("unit"), UNITS, "unit")
    count = data.get("count") or 1
    if not _is_count(count, MAX_COUNT):
        raise SpecificationError("count", value=_shown(count), most=MAX_COUNT)
    return Period(field, kind, unit, count if kind in ("last_n", "next_n") else 1)


def _order(data):
    if data is None:
        return None
    data = _keys(data, SCHEMA["properties"]["order"]["anyOf"][0])
    return Order(
        _one_of(data.get("by") or "measure", ("measure", "group"), "by"),
        _one_of(data.get("direction") or "desc", ("asc", "desc"), "direction"),
    )


def _day(value):
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise SpecificationError("day", value=_shown(value)) from None
    if day.year not in YEARS:
        raise SpecificationError("day", value=_shown(value))
    return day.isoformat()


def _is_count(value, most):
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most


def _one_of(value, choices, name):
    if not isinstance(value, str | None) or value not in choices:
        raise SpecificationError("choice", name=name, value=_shown(value))
    return value


def _matching(value, pattern, name):
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise SpecificationError("name", name=name, value=_shown(value))
    return value


def _shown(value):
    return str(value)[:60]
