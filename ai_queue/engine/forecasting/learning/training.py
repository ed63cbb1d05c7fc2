"""Training: one model per kind of series, and its share by a back-test of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core import forecast
from ..panel import panels
from ..series import Series
from .features import CATEGORICAL, features, levels
from .model import (
    LEAST_SERIES,
    MAX_BYTES,
    Learned,
    Part,
    is_available,
    kind_of,
    numbered,
)
from .starts import learn_starts

#: Rows to learn from, at most: bounds time and memory.
MAX_ROWS = 250_000
#: Series to learn from, at most; from more, every n-th is taken.
MAX_SERIES = 20_000
#: Known periods before the first point of the past that is learnt from.
LEAST_PAST = 6
#: Points of the past that are learnt from, at most, latest first.
MAX_POINTS = 104
#: Groups of products that are told apart, and how many series one needs for that.
MAX_GROUPS, LEAST_OF_GROUP = 200, 10
#: Targets beyond this multiple of the level teach nothing but chance.
TALLEST = 20.0
#: Power of its level with which a series counts: large ones matter more to a buyer.
INFLUENCE = 0.75
ROUNDS = 150
SETTINGS = {
    # Many zeros and a long tail, and the mean is what is wanted (Tweedie 1984).
    "objective": "tweedie",
    "tweedie_variance_power": 1.3,
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.7,
    "lambda_l2": 5.0,
    "cat_l2": 50.0,
    "max_bin": 127,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
#: Shares that are tried, and the part of the error that the best must take away.
SHARES, LEAST_GAIN = np.linspace(0.0, 0.8, 9), 0.015


def train(series: Sequence[Series]) -> Learned | None:
    """Learn from all series; None where there is nothing worth learning.

    How new products start is learnt in any case; all else needs `lightgbm` (see
    `is_available`). There a kind of series is left out where there are fewer than
    `LEAST_SERIES`, where the history is too short, or where its back-test shows no gain
    over the statistics. Gives the same result for the same series in the same order.
    Raises `InvalidSeries`.
    """
    step = -(-len(series) // MAX_SERIES)
    taken = list(series)[:: max(step, 1)]
    groups = {}
    for panel in panels(taken):
        groups.setdefault(kind_of(panel), []).append(panel)
    starts = learn_starts(taken)
    parts, left = {}, MAX_BYTES // 2
    for kind, members in groups.items() if is_available() else ():
        part = _train_kind(members, taken)
        if part and len(part.trees) < left:
            left -= len(part.trees)
            parts[kind] = part
    return Learned(parts, starts) if parts or starts else None


def _train_kind(members, series):
    if sum(len(panel.index) for panel in members) < LEAST_SERIES:
        return None
    horizon = max(panel.horizon for panel in members)
    tested = max(panel.lead for panel in members)
    groups = _common_groups(members)
    trees = _fit(members, tested, tested, groups)
    part = Part(trees, 1.0, tested, groups) if trees else None
    share = _share(members, series, part, tested) if part else 0.0
    if not share:
        return None
    trees = _fit(members, horizon, 0, groups)
    return Part(trees, share, horizon, groups) if trees else None


def _common_groups(members):
    """The groups of products of which there are enough, largest first."""
    count = Counter(group for panel in members for group in panel.group if group)
    order = sorted(count.items(), key=lambda item: (-item[1], item[0]))
    return tuple(one for one, many in order[:MAX_GROUPS] if many >= LEAST_OF_GROUP)


def _fit(members, horizon, held_back, groups):
    """Trees that foresee up to `horizon` periods, without the last `held_back`."""
    import lightgbm  # optional, and slow to import

    width = sum(len(panel.index) for panel in members)
    longest = max(len(panel.y) for panel in members) - held_back
    points = min(MAX_POINTS, max(longest - LEAST_PAST, 0))
    stride = max(1, -(-width * points * horizon // MAX_ROWS))
    how = {"points": points, "stride": stride, "groups": numbered(groups)}
    rows = [_rows(panel, horizon, held_back, **how) for panel in members]
    rows = [row for row in rows if row is not None]
    if not rows or sum(len(row[1]) for row in rows) < 20 * SETTINGS["min_data_in_leaf"]:
        return None
    x, y, weight = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    if not y.any():
        return None  # nothing was sold after what they would have to foresee it from
    data = lightgbm.Dataset(
        x,
        y,
        weight=weight,
        categorical_feature=[CATEGORICAL] if groups else [],
        free_raw_data=True,
    )
    return lightgbm.train(dict(SETTINGS), data, ROUNDS).model_to_string()


def _rows(panel, horizon, held_back, points, stride, groups):
    """Features, targets and weights of all points of the past of a panel."""
    end = len(panel.y) - held_back
    found = []
    for number in range(points):
        row = end - 1 - number
        if row < LEAST_PAST:
            break
        # Of all steps ahead every n-th, another one at each point.
        steps = np.arange(1 + (number % stride), min(horizon, end - row) + 1, stride)
        if not len(steps):
            continue
        level = levels(panel, row)
        places = row - 1 + steps
        usable = (panel.seen[:row].sum(0) >= LEAST_PAST) & (level > 0)
        usable = usable & (panel.seen[places] > 0)
        target = panel.y[places] / np.where(level > 0, level, 1.0)
        weight = np.broadcast_to(level**INFLUENCE, target.shape)
        found.append(
            (
                features(panel, row, steps, groups)[usable],
                np.minimum(target[usable], TALLEST),
                weight[usable],
            )
        )
    if not found:
        return None
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def _share(members, series, part, lead):
    """Share that would have foreseen the last periods best, by total and by period."""
    learned, plain, truth, seen = [], [], [], []
    for panel in members:
        row = len(panel.y) - lead
        enough = (panel.span - lead >= LEAST_PAST) & (panel.seen[row:].sum(0) > 0)
        if panel.lead < lead or row < LEAST_PAST or not enough.any():
            continue
        found = part.predict(panel.before(lead))[:lead]
        then = _as_series(panel, series, row, lead)
        plain.append(np.array([one.quantity for one in forecast(then)]).T[:, enough])
        learned.append(found[:, enough])
        truth.append(panel.y[row:][:, enough])
        seen.append(panel.seen[row:][:, enough])
    if not learned:
        return 0.0
    parts = (np.concatenate(one, 1) for one in (learned, plain, truth, seen))
    learned, plain, truth, seen = parts
    losses = np.array(
        [
            _loss(share * learned + (1.0 - share) * plain, truth, seen)
            for share in SHARES
        ]
    )
    best = int(np.argmin(losses))
    gained = losses[0] - losses[best] > LEAST_GAIN * losses[0] + 1e-9
    return round(float(SHARES[best]), 3) if gained else 0.0


def _loss(found, truth, seen):
    """Error of totals, plus error by period: both as shares of all demand."""
    error = (found - truth) * seen
    demand = max(float((truth * seen).sum()), 1e-300)
    periods = max(float(seen.sum()), 1.0)
    total = np.abs(error.sum(0)).sum() / demand
    return total + np.sqrt((error**2).sum() / periods) * periods / demand


def _as_series(panel, series, row, lead):
    """The series of a panel as they were `lead` periods ago."""
    history = np.where(panel.seen > 0, panel.sold, np.nan)
    result = []
    for place, index in enumerate(panel.index):
        rows = slice(min(int(panel.first[place]), row), row)
        columns = {
            name: (column[rows, place], column[row : row + lead, place])
            for name, column in zip(panel.names, panel.columns, strict=True)
        }
        then = replace(
            series[index],
            history=history[rows, place],
            horizon=lead,
            columns=columns,
            sold_before=True,  # its beginning has been settled
        )
        result.append(then)
    return result
