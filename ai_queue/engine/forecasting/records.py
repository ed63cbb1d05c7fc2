"""Series and forecasts as lines of JSON.

A line in: ``id``, ``freq`` (D, W, M), ``season`` (optional), ``horizon``, ``train``
(``null`` = not observed) and optionally ``x`` with ``<name>_train`` and
``<name>_test``, the columns that are known ahead. ``sold_before`` (optional) says
whether zeros at the beginning of ``train`` are periods without demand (true: it sold
before) or from before the first sale (false). Other keys are ignored.

A line out: ``id``, ``forecast``, ``lo80``, ``hi80``, ``lo95``, ``hi95`` (bounds of each
period), ``total_lo80``, ``total_hi80``, ``total_lo95``, ``total_hi95`` (bounds of the
total of the first n periods, n = 1, 2, ... up to the horizon), ``method``,
``backtest``, ``weights``, ``reason``.

For a model, where one is asked, a line in may also have ``name``, ``category`` and
``start``, the first day of the first period of ``train``. The line out then also has
``assisted`` (whether the forecast is the model's), ``rejected`` (why not) and, where a
back-test was asked for, ``backtest_assisted`` (``baseline`` and ``assisted``, the
errors of both from one same point of the past).
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from ..errors import InvalidSeries
from .series import Forecast, Series

PAST, FUTURE = "_train", "_test"
#: Attributes of `Forecast` with bounds, in the order in which they are written.
BOUNDS = ("lo80", "hi80", "lo95", "hi95")
BOUNDS += tuple(f"total_{name}" for name in BOUNDS)
#: Significant digits of the numbers that are written.
DIGITS = 6


def parse_line(line: str) -> Series:
    """One line as a `Series`; raises `InvalidSeries` with what is wrong with it.

    ``<name>_train`` must be as long as ``train``. Of a ``<name>_test`` longer than
    the horizon the first values are taken. A shorter one is filled up with "unknown":
    at its end, or, where another column counts time (like a week number), at the
    periods that this column leaves out.
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
        id=record["id"],
        freq=record["freq"],
        history=record["train"],
        horizon=record["horizon"],
        season=record.get("season"),
        columns=_parse_columns(record.get("x") or {}, record["horizon"]),
        sold_before=record.get("sold_before"),
    )


def parse_description(line: str) -> dict[str, Any]:
    """What a line that `parse_line` takes says for a model.

    Returns ``name`` and ``category``, empty where there is none, and ``start``, the
    first day of ``train``, None where it is no date.
    """
    record = json.loads(line)
    try:
        start = date.fromisoformat(record.get("start"))
    except (TypeError, ValueError):
        start = None
    texts = {key: record.get(key) for key in ("name", "category")}
    return {"start": start, **{key: str(text or "") for key, text in texts.items()}}


def _parse_columns(extra, horizon):
    if not isinstance(extra, dict):
        raise InvalidSeries("x must be an object of lists")
    columns = {}
    for name in (key[: -len(PAST)] for key in extra if key.endswith(PAST)):
        past, future = extra[name + PAST], extra.get(name + FUTURE, [])
        if not isinstance(past, list) or not isinstance(future, list):
            raise InvalidSeries(f"x: {name} must be lists of numbers")
        columns[name] = (past, future)
    if not isinstance(horizon, int) or horizon < 1:
        return columns  # validation says what is wrong with it
    clocks = list(filter(None, map(_steps_ahead, columns.values())))
    return {
        name: (past, _place(future, horizon, clocks))
        for name, (past, future) in columns.items()
    }


def _steps_ahead(column):
    """Which coming period each future value of a time index is for, or None."""
    past, future = column
    values = [*past, *future]
    whole = all(
        isinstance(value, (int, float)) and value == value // 1 for value in values
    )
    if not (whole and past and future):
        return None
    if any(later <= earlier for earlier, later in itertools.pairwise(values)):
        return None
    return [int(value - past[-1]) - 1 for value in future]


def _place(future, horizon, clocks):
    """Future values at their periods, None where there is none."""
    if len(future) >= horizon:
        return future[:horizon]
    steps = range(len(future))
    for clock in clocks:
        if len(clock) == len(future) and clock[-1] < horizon:
            steps = clock
    placed = [None] * horizon
    for step, value in zip(steps, future, strict=True):
        placed[step] = value
    return placed


def format_line(forecast: Forecast, more: Mapping[str, Any] | None = None) -> str:
    """A `Forecast` as one line of strict JSON, with ``more`` keys at its end."""
    return json.dumps(
        {
            "id": forecast.id,
            "forecast": _numbers(forecast.quantity),
            **{name: _numbers(getattr(forecast, name)) for name in BOUNDS},
            "method": forecast.method,
            "backtest": {
                key: _round(value) for key, value in forecast.backtest.items()
            },
            "weights": {key: _round(value) for key, value in forecast.weights.items()},
            "reason": forecast.reason.text,
            **(more or {}),
        },
        allow_nan=False,
        ensure_ascii=False,
    )


def _numbers(values):
    return [_round(float(value)) for value in values]


def _round(value):
    if not isinstance(value, float) or not value:
        return value
    return round(value, max(0, DIGITS - 1 - math.floor(math.log10(abs(value)))))
