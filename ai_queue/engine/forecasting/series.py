"""The plain data that the forecast engine takes and gives, and its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import InvalidSeries
from .reasons import Reason

#: Natural season length of a frequency: a week of days, a year of weeks or months.
NATURAL_SEASON = {"D": 7, "W": 52, "M": 12}
DAYS_OF_YEAR = 365

#: What a valid series looks like; `validate` holds every series against it.
SCHEMA = {
    "freq": tuple(NATURAL_SEASON),
    "history": {"max_length": 20_000, "max_abs": 1e15},
    "horizon": {"min": 1, "max": 1_000},
    "season": {"min": 1, "max": 1_000},
    "columns": {"max_count": 50, "max_abs": 1e15},
}


@dataclass(frozen=True)
class Series:
    """One demand history and how far ahead it is to be forecast.

    id: any text; it comes back in the `Forecast`.
    freq: "D", "W" or "M".
    history: demand per period, oldest first. ``nan`` or ``None`` is a period
        that was not observed (shop closed, no record), which is not zero demand.
        Negative values are net returns.
    horizon: number of periods to forecast, right after the history.
    season: periods in a season; ``None`` takes the natural one of `freq`
        (D 7, W 52, M 12), 1 says that there is none.
    columns: what is known ahead, as name -> (past values, future values) with
        ``len(history)`` and ``horizon`` values: price, promotion, holiday.
        ``nan`` or ``None`` there means unknown.
    sold_before: whether the product sold before the history begins. Zeros at the
        beginning are then periods without demand; with False they are from before it
        was sold and do not count; None leaves it to the pace of later sales.
    begins: whether the history begins with the first sale of the product.
    phase: which period of its longest season the first one of the forecast is, from 0
        on (the week of the year); None where that is not known.
    group, price: what makes products similar; "" and None where that is not known.
    notes: what the caller has done to the history, for the reason of the forecast.
    """

    id: str
    freq: str
    history: Sequence[float | None]
    horizon: int
    season: int | None = None
    columns: Mapping[str, tuple[Sequence, Sequence]] = field(default_factory=dict)
    sold_before: bool | None = None
    begins: bool = False
    phase: int | None = None
    group: str = ""
    price: float | None = None
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """Expected demand of one series.

    quantity: expected demand per period, array of `horizon` values >= 0.
    lo80, hi80, lo95, hi95: bounds per period; a period's demand lies inside with
        80 % and 95 % probability. lo95 <= lo80 <= quantity <= hi80 <= hi95.
    total_lo80, total_hi80, total_lo95, total_hi95: bounds of the running total: the
        n-th value is for the demand of the first n periods together (a lead time of
        n periods), the last one for the whole horizon. Same order, around the
        running total of `quantity`; never falling.
    method: key of `METHODS`; "ensemble" where no single method carries most of
        the weight, "none" where there is nothing to forecast from.
    weights: method key -> share in the forecast, largest first, sum 1.
    backtest: what the same procedure would have missed in the past:
        "error": mean absolute error of the total over the tested horizon, as a
            ratio of the mean total demand (0.2 = 20 % off); None without demand
        "bias": mean error of that total, same ratio (+ = forecast too high)
        "period_error": mean absolute error per period over mean demand (WAPE)
        "origins": number of past forecasts tried (0 = history too short)
        "horizon": periods that each of them looked ahead
    reason: why the method was chosen.
    history_mean: mean of the observed demand, None when there was none.
    """

    id: str
    quantity: np.ndarray
    lo80: np.ndarray
    hi80: np.ndarray
    lo95: np.ndarray
    hi95: np.ndarray
    total_lo80: np.ndarray
    total_hi80: np.ndarray
    total_lo95: np.ndarray
    total_hi95: np.ndarray
    method: str
    weights: dict[str, float]
    backtest: dict[str, float | int | None]
    reason: Reason
    history_mean: float | None


def validate(series: Series) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Hold a series against `SCHEMA`.

    Returns its history as a float array (``nan`` = not observed) and its columns
    as name -> array of ``len(history) + horizon`` values. Raises `InvalidSeries`
    with a sentence that says what to put right.
    """
    if series.freq not in SCHEMA["freq"]:
        known = ", ".join(SCHEMA["freq"])
        _refuse(series, f"unknown frequency {series.freq!r} (known: {known})")
    _check_count(series, "horizon", series.horizon)
    if series.season is not None:
        _check_count(series, "season", series.season)
    _validate_traits(series)
    if series.sold_before not in (None, True, False):
        _refuse(series, f"sold_before must be yes or no, not {series.sold_before!r}")
    limits = SCHEMA["history"]
    history = _to_floats(series, "history", series.history, limits["max_abs"])
    if len(history) > limits["max_length"]:
        _refuse(series, f"a history is limited to {limits['max_length']} periods")
    return history, _validate_columns(series, len(history))


def _validate_traits(series):
    """Season, phase and price of a series."""
    if series.phase is not None:
        is_whole = isinstance(series.phase, (int, np.integer))
        if not is_whole or series.phase < 0:
            _refuse(series, f"phase must be a whole number, not {series.phase!r}")
    price = series.price
    is_number = isinstance(price, (int, float, np.number))
    if price is not None and not (is_number and np.isfinite(price)):
        _refuse(series, f"price must be a number, not {price!r}")


def seasons_of(series: Series) -> tuple[int, ...]:
    """Season lengths of a valid series, in periods, shortest first.

    Days have a week and, unless the caller says that there is no season, a year.
    """
    season = NATURAL_SEASON[series.freq] if series.season is None else series.season
    if series.freq == "D" and 1 < season < DAYS_OF_YEAR:
        return season, DAYS_OF_YEAR
    return (season,)


def _validate_columns(series, length):
    limits = SCHEMA["columns"]
    if not isinstance(series.columns, Mapping):
        _refuse(series, "columns must map a name to (past values, future values)")
    if len(series.columns) > limits["max_count"]:
        _refuse(series, f"more than {limits['max_count']} columns")
    columns = {}
    for name, parts in series.columns.items():
        try:
            past, future = parts
        except (TypeError, ValueError):
            _refuse(series, f"column {name!r} must be (past values, future values)")
        past = _to_floats(series, f"column {name!r}", past, limits["max_abs"])
        future = _to_floats(series, f"column {name!r}", future, limits["max_abs"])
        for part, values, wanted in (
            ("past", past, length),
            ("future", future, series.horizon),
        ):
            if len(values) != wanted:
                _refuse(
                    series,
                    f"column {name!r} has {len(values)} {part} values, not {wanted}",
                )
        columns[str(name)] = np.concatenate((past, future))
    return columns


def _check_count(series, name, value):
    limits = SCHEMA[name]
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        _refuse(series, f"{name} must be a whole number, not {value!r}")
    if not limits["min"] <= value <= limits["max"]:
        span = f"{limits['min']} to {limits['max']}"
        _refuse(series, f"{name} must be {span}, not {value}")


def _to_floats(series, name, values, max_abs):
    try:
        array = np.array(values, dtype=float)  # None becomes nan
    except (TypeError, ValueError):
        _refuse(series, f"{name} holds something that is not a number")
    except OverflowError:  # a whole number of hundreds of digits
        _refuse(series, f"{name} holds a value beyond {max_abs:g}")
    if array.ndim != 1:
        _refuse(series, f"{name} must be a flat list of numbers")
    if np.isinf(array).any():
        _refuse(series, f"{name} holds an infinite value")
    if array.size and np.nanmax(np.abs(array), initial=0.0) > max_abs:
        _refuse(series, f"{name} holds a value beyond {max_abs:g}")
    return array


def _refuse(series, sentence):
    raise InvalidSeries(f"Series {series.id!r}: {sentence}.", series_id=series.id)
