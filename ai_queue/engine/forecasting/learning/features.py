"""What a model sees of a series at a point of time, in multiples of its own level."""

from __future__ import annotations

import numpy as np

#: Single periods and means of so many periods that are shown.
LAGS, WINDOWS = 6, (2, 4, 8, 13, 26, 52)
#: Periods whose mean is the level of a series, and the share of its whole mean in it.
RECENT, WHOLE = 13, 0.3
#: Multiples of the level beyond this are not told apart.
HIGHEST = 20.0
#: Features that come before those of the columns.
NAMES = (
    *(f"lag_{number}" for number in range(1, LAGS + 1)),
    *(f"mean_{window}" for window in WINDOWS),
    "scatter",
    "empty_recently",
    "empty",
    "silent",
    "age",
    "step",
    "season_ago",
    "around_season_ago",
    "seasons_ago",
    "phase_sin",
    "phase_cos",
    "price",
    "group",
)
#: The feature that is a name and no amount, for LightGBM.
CATEGORICAL = NAMES.index("group")


def levels(panel, row):
    """Level (N,) of each series when `row` rows are known, 0 where nothing sold."""
    y, seen = panel.y[:row], panel.seen[:row]

    def mean(rows):
        return y[-rows:].sum(0) / np.maximum(seen[-rows:].sum(0), 1.0)

    return (1.0 - WHOLE) * mean(RECENT) + WHOLE * mean(row)


def features(panel, row, steps, groups):
    """Features (len(steps), N, F) of the periods `row - 1 + step`, from `row` rows.

    groups: group of products -> its number.
    """
    y = np.where(panel.seen[:row] > 0, panel.y[:row], np.nan)
    level = levels(panel, row)
    scaled = np.minimum(y / np.where(level > 0, level, np.nan), HIGHEST)
    seen = panel.seen[:row]
    common = [_back(scaled, number) for number in range(1, LAGS + 1)]
    common += [_mean(scaled, seen, window) for window in WINDOWS]
    common += _shape(panel, scaled, seen, row)
    season = panel.seasons[-1]
    numbers = np.array([groups.get(one, np.nan) for one in panel.group], float)
    traits = [np.log(np.where(panel.price > 0, panel.price, np.nan)), numbers]
    result = []
    for step in steps:
        place = row - 1 + step
        turn = 2 * np.pi * ((place - len(panel.y) + panel.phase) % season) / season
        own = [
            np.full(y.shape[1], float(step)),
            _at(scaled, place - season),
            _around(scaled, seen, place - season),
            _at(scaled, place - 2 * season),
            np.sin(turn),
            np.cos(turn),
            *traits,
        ]
        result.append(np.stack([*common, *own, *_columns(panel, row, place)], 1))
    return np.array(result)


def _shape(panel, scaled, seen, row):
    """Scatter, shares of empty periods, periods since the last sale, age."""
    sold = (panel.y[:row] > 0) & (seen > 0)
    recent = np.nan_to_num(scaled[-RECENT:])
    count = np.maximum(seen[-RECENT:].sum(0), 1.0)
    middle = recent.sum(0) / count
    square = (seen[-RECENT:] * (recent - middle) ** 2).sum(0) / count
    later = np.cumsum(seen[::-1], 0)[::-1] - seen
    age = seen.sum(0)
    return [
        np.sqrt(square),
        1.0 - sold[-RECENT:].sum(0) / count,
        1.0 - sold.sum(0) / np.maximum(age, 1.0),
        np.where(sold, later, age).min(0, initial=1e4),
        age,
    ]


def _back(scaled, number):
    return _at(scaled, len(scaled) - number)


def _at(scaled, place):
    if 0 <= place < len(scaled):
        return scaled[place]
    return np.full(scaled.shape[1], np.nan)


def _mean(scaled, seen, window):
    count = seen[-window:].sum(0)
    total = np.nan_to_num(scaled[-window:]).sum(0)
    return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)


def _around(scaled, seen, place):
    """Mean of the periods up to one before and after a place."""
    rows = slice(max(place - 1, 0), max(place + 2, 0))
    return _mean(scaled[rows], seen[rows], 3)


def _columns(panel, row, place):
    """Each column at a period and how far it lies from its mean of the past."""
    for column in panel.columns:
        past = np.where(panel.seen[:row] > 0, column[:row], np.nan)
        known = ~np.isnan(past)
        mean = np.nan_to_num(past).sum(0) / np.maximum(known.sum(0), 1)
        yield column[place]
        yield column[place] - mean
