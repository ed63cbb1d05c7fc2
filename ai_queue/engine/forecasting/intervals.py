"""Intervals from what the same procedure missed in the past.

Two views of the uncertainty, mixed by the share of periods without demand.

Steady demand: the back-test leaves, per series, ratios of what was sold to what was
forecast. Their quantiles, laid around the new forecast and widened with the
horizon as the past errors grew with theirs, give bounds as skewed as demand is.

Intermittent demand: a forecast of 0.3 means that something sells in some periods.
The chance of a demand is the forecast over the mean size, and the sizes are those
that were seen: a distribution with the forecast as its mean.

Demand cannot fall below zero. Where the lower bound reaches it, the lower tail is
empty, and the upper bound is the `level` quantile, so that the interval still holds
what it says.
"""

from __future__ import annotations

import numpy as np

#: Levels, with the standard normal quantiles of (1 + level) / 2 and of the level.
LEVELS = ((0.80, 1.281552, 0.841621), (0.95, 1.959964, 1.644854))
#: Share of mean demand added to both sides of a ratio, so that zeros can be compared.
GROUND = 0.25
#: Expected error (in logs) before any is known, and its weight in observations.
PRIOR_SPREAD, PRIOR_WEIGHT = 0.5, 0.5
#: Observations at which the shape of the past errors counts half, against a normal.
SHAPE_WEIGHT = 15.0
#: Degrees of freedom before the first origin; each origin adds one.
LEAST_FREEDOM = 4.0
#: Age in leads at which a past error counts half.
HALF_LIFE = 6.0
#: From the first share of empty periods on the intermittent view has a say, from the
#: second on it alone decides.
INTERMITTENT = (0.2, 0.5)
#: Place of equal sizes between the first (0) and the last (1) of them.
TIES = 0.6
#: A chance of demand is known about as well as from this many periods; it is pulled
#: by the weight of one more towards the usual chance of intermittent demand.
CHANCE_WEIGHT, USUAL_CHANCE = 12.0, 0.3


def bounds(panel, trials, weights, quantity):
    """Lower and upper bounds, level -> ((H, N), (H, N)), around `quantity` (H, N)."""
    start, end = INTERMITTENT
    part = np.clip((panel.zero_share - start) / (end - start), 0.0, 1.0)
    some = part > 0
    errors = _Errors(panel, trials, weights)
    sizes = _Sizes(panel.y[:, some], panel.seen[:, some])
    result, inner_low, inner_high = {}, quantity, quantity
    for level, normal, cut in LEVELS:
        low, high = errors.interval(quantity, level, normal, cut)
        sparse = sizes.interval(quantity[:, some], level)
        low[:, some] += part[some] * (sparse[0] - low[:, some])
        high[:, some] += part[some] * (sparse[1] - high[:, some])
        inner_low = np.clip(low, 0.0, inner_low)
        inner_high = np.maximum(high, inner_high)
        result[level] = inner_low, inner_high
    return result


class _Errors:
    """Past errors of the weighted forecast, as logarithms of ratios."""

    def __init__(self, panel, trials, weights):
        self.ground = GROUND * panel.mean + (panel.mean <= 0)
        width = len(panel.index)
        lead = panel.lead
        logs, mass = [np.zeros((0, lead, width))], [np.zeros((0, lead, width))]
        for trial in trials:
            ratio = (trial.actual + self.ground) / (trial.mixed(weights) + self.ground)
            worth = 0.5 ** ((trial.age / lead - 1) / HALF_LIFE)
            logs.append(np.log(ratio)[None])
            mass.append((trial.seen * trial.able * worth)[None])
        logs, mass = np.concatenate(logs), np.concatenate(mass)
        self.growth = _growth(logs, mass, panel.horizon)
        logs = (logs / self.growth[:lead]).reshape(-1, width)
        mass = mass.reshape(-1, width)
        origins = sum((trial.able for trial in trials), np.zeros(width))
        if not origins.all():  # too short for a trial: the swings of the history
            swings = np.log((panel.y + self.ground) / (panel.mean + self.ground))
            logs = np.concatenate((logs, swings * panel.seen))
            mass = np.concatenate((mass, panel.seen * (origins == 0)))
        self.total = mass.sum(0)
        self.spread = np.sqrt(
            ((logs**2 * mass).sum(0) + PRIOR_SPREAD**2 * PRIOR_WEIGHT)
            / (self.total + PRIOR_WEIGHT)
        )
        self.freedom = LEAST_FREEDOM + origins
        order = np.argsort(np.where(mass > 0, logs, np.inf), axis=0)
        self.logs = np.take_along_axis(logs, order, 0)
        self.mass = np.take_along_axis(mass, order, 0)

    def interval(self, quantity, level, normal, cut):
        """Lower and upper bounds (H, N)."""
        tail = (1.0 - level) / 2.0
        low = self._bound(quantity, tail, -normal)
        high = self._bound(quantity, 1.0 - tail, normal)
        return low, np.where(low <= 0, self._bound(quantity, level, cut), high)

    def _bound(self, quantity, share, normal):
        shape = self.total / (self.total + SHAPE_WEIGHT)
        log = (1.0 - shape) * normal * self.spread
        if len(self.logs):
            log = log + shape * weighted_quantile(self.logs, self.mass, share)
        log = log * student_factor(normal, self.freedom)
        return (quantity + self.ground) * np.exp(log * self.growth) - self.ground


class _Sizes:
    """The sizes of demand that were seen, each with its place among them."""

    def __init__(self, y, seen):
        sold = (y > 0) & (seen > 0)
        self.count = np.maximum(sold.sum(0), 1)
        self.mean = y.sum(0) / self.count
        values = np.sort(np.where(sold, y, np.inf), axis=0)
        # Equal sizes share one place, about the middle of theirs: an interval then
        # includes or leaves out all of them, whichever is nearer to what it promises
        # (mid-distribution; Parzen 2004, Statistical Science 19), and the shorter
        # interval where both are about as near.
        rows = np.arange(len(values))[:, None]
        fresh = np.ones(values.shape, bool)
        fresh[1:] = values[1:] != values[:-1]
        start = np.maximum.accumulate(np.where(fresh, rows, 0), axis=0)
        closing = np.roll(fresh, -1, axis=0)
        closing[-1] = True
        end = np.where(closing, rows + 1, len(values))
        end = np.minimum.accumulate(end[::-1], axis=0)[::-1]
        place = (start + TIES * (end - start)) / self.count
        place[np.isinf(values)] = np.inf
        self.values = np.where(np.isinf(values), 0.0, values)
        self.place = place

    def interval(self, quantity, level):
        """Lower and upper bounds (H, N)."""
        mean = np.where(self.mean > 0, self.mean, 1.0)
        chance = np.minimum(quantity / mean, 1.0)
        known = chance > 0
        chance = (CHANCE_WEIGHT * chance + USUAL_CHANCE) / (CHANCE_WEIGHT + 1.0) * known
        scale = np.maximum(quantity / mean, 1.0)
        tail = (1.0 - level) / 2.0
        low = self._quantiles(tail, chance)
        high = self._quantiles(1.0 - tail, chance)
        cut = self._quantiles(level, chance)
        return low * scale, np.where(low <= 0, cut, high) * scale

    def _quantiles(self, share, chance):
        """Quantiles (H, N) of demands that come with the chances (H, N).

        Nothing lies between no demand and the smallest one that was seen.
        """
        rows = []
        seen = np.isfinite(self.place)
        place = np.where(seen, self.place, 0.0)
        for each in chance:
            places = np.where(seen & (each > 0), 1.0 - each + each * place, np.inf)
            value = interpolate(self.values, places, share)
            rows.append(np.where(share < places[0], 0.0, value))
        return np.array(rows).reshape(chance.shape)


def _growth(logs, mass, horizon):
    """How the spread grows with the horizon, (horizon, N), 1.0 at the first period.

    The variance is taken as a line in the horizon; its slope comes from the later
    against the earlier half of the back-tested periods, shrunk towards none.
    """
    lead, width = logs.shape[1:]
    half = lead // 2
    if not half or not len(logs):
        return np.ones((horizon, width))

    def variance(rows):
        weight = mass[:, rows].sum((0, 1))
        return ((logs**2 * mass)[:, rows].sum((0, 1))) / np.maximum(weight, 1e-300)

    early, late = variance(slice(0, half)), variance(slice(lead - half, lead))
    known = mass.sum((0, 1))
    trust = known / (known + 20.0)
    ratio = np.where(early > 0, late / np.where(early > 0, early, 1.0), 1.0)
    ratio = np.clip(ratio, 1.0, 4.0) ** trust
    near, far = (half - 1) / 2.0, lead - 1 - (half - 1) / 2.0
    slope = (ratio - 1.0) / np.maximum(far - ratio * near, 0.25 * far)
    return np.sqrt(1.0 + slope * np.arange(horizon)[:, None])


def student_factor(normal, freedom):
    """Quantile of Student's t over that of the normal (Abramowitz & Stegun 26.7.5)."""
    square = normal * normal
    first = (square + 1.0) / (4.0 * freedom)
    second = (5.0 * square * square + 16.0 * square + 3.0) / (96.0 * freedom**2)
    return 1.0 + first + second


def weighted_quantile(values, mass, share):
    """Quantile (N,) of each column of sorted `values` (M, N) with weights `mass`.

    Each value sits in the middle of its mass, with straight lines between. Values
    without mass come last and do not count.
    """
    middle = np.cumsum(mass, 0) - 0.5 * mass
    total = mass.sum(0)
    middle = np.where(mass > 0, middle / np.where(total > 0, total, 1.0), np.inf)
    return interpolate(values, middle, share)


def interpolate(values, places, share):
    """Value (N,) at `share` between the sorted places of `values`, (M, N) both."""
    known = np.isfinite(places)
    last = np.maximum(known.sum(0) - 1, 0)
    above = (places < share).sum(0)
    upper, lower = np.minimum(above, last), np.clip(above - 1, 0, last)
    column = np.arange(values.shape[1])
    places = np.where(known, places, 0.0)
    left, right = places[lower, column], places[upper, column]
    gap = right - left
    part = np.clip((share - left) / np.where(gap > 0, gap, 1.0), 0.0, 1.0)
    start, end = values[lower, column], values[upper, column]
    return start + part * (end - start)
