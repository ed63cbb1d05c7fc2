"""Series and forecasts as lines of JSON.

A line in: ``id``, ``freq`` (D, W, M), ``season`` (optional), ``horizon``,
``train`` (``null`` = not observed) and optionally ``x`` with ``<name>_train`` and
``<name>_test``. Other keys are ignored.

A line out: ``id``, ``forecast``, ``lo80``, ``hi80``, ``lo95``, ``hi95``, ``method``,
``backtest``, ``weights``, ``reason``.
"""

import json
import math

from ..errors import InvalidSeries
from .series import Forecast, Series

PAST, FUTURE = "_train", "_test"
DIGITS = 6


def parse_line(line: str) -> Series:
    """One line as a `Series`; raises `InvalidSeries` with what is wrong with it.

    A ``<name>_test`` shorter than the horizon is filled up with "unknown", a
    longer one is cut; a ``<name>_train`` must be as long as ``train``.
    """
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InvalidSeries(f"not JSON: {error}") from None
    if not isinstance(record, dict):
        raise InvalidSeries("not a JSON object")
    missing = [key for key in ("id", "freq", "horizon", "train") if key not in record]
    if missing:
        raise InvalidSeries(f"missing: {', '.join(missing)}")
    if not isinstance(record["train"], list):
        raise InvalidSeries("train must be a list of numbers")
    return Series(
        id=str(record["id"]),
        freq=record["freq"],
        history=record["train"],
        horizon=record["horizon"],
        season=record.get("season"),
        columns=_parse_columns(record.get("x") or {}, record["horizon"]),
    )


def _parse_columns(extra, horizon):
    if not isinstance(extra, dict):
        raise InvalidSeries("x must be an object of lists")
    names = [key[: -len(PAST)] for key in extra if key.endswith(PAST)]
    columns = {}
    for name in names:
        past, future = extra[name + PAST], extra.get(name + FUTURE, [])
        if not isinstance(past, list) or not isinstance(future, list):
            raise InvalidSeries(f"x: {name} must be lists of numbers")
        if isinstance(horizon, int):
            future = future[:horizon] + [None] * (horizon - len(future))
        columns[name] = (past, future)
    return columns


def format_line(forecast: Forecast) -> str:
    """A `Forecast` as one line of strict JSON."""
    return json.dumps(
        {
            "id": forecast.id,
            "forecast": _numbers(forecast.quantity),
            "lo80": _numbers(forecast.lo80),
            "hi80": _numbers(forecast.hi80),
            "lo95": _numbers(forecast.lo95),
            "hi95": _numbers(forecast.hi95),
            "method": forecast.method,
            "backtest": {
                key: _round(value) for key, value in forecast.backtest.items()
            },
            "weights": {key: _round(value) for key, value in forecast.weights.items()},
            "reason": forecast.reason.text,
        },
        allow_nan=False,
        ensure_ascii=False,
    )


def _numbers(values):
    return [_round(float(value)) for value in values]


def _round(value):
    """Six significant digits of the fraction: short lines, nothing lost."""
    if not isinstance(value, float) or not value:
        return value
    places = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
    return round(value, places)
