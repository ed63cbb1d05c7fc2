"""Exponential smoothing, damped trend and Theta for many series at once.

Loops run over the periods, never over the series. Parameters are not searched for:
each method runs with a few settings side by side, and the settings are averaged by
how well they foresaw the mean of the next `lead` periods from many points of the
past. That is the cumulative error that a buyer feels, and averaging is steadier than
picking (Kourentzes, Petropoulos & Trapero 2014, IJF 30).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

#: Smoothing parameters of the level that run side by side.
ALPHAS = np.array([0.05, 0.12, 0.28, 0.55, 0.9])
#: (level, trend, damping) parameters of the damped trend.
TRENDS = np.array(
    [(a, b, phi) for a in (0.15, 0.4) for b in (0.1, 0.3) for phi in (0.87, 0.97)]
)
#: A series is judged from this many observations on.
SETTLED = 3
#: Squared errors further apart than this are not told apart.
_FAR = 1e12


@dataclass(frozen=True)
class Past:
    """Series to be smoothed, and the points of their past to judge settings by.

    x, seen: (T, N) values, 0.0 where nothing was observed, and 1.0 where it was.
    lead: periods ahead that count.
    """

    x: np.ndarray
    seen: np.ndarray
    lead: int

    @cached_property
    def count(self) -> np.ndarray:
        """(T, N) observations up to each period."""
        return np.cumsum(self.seen, 0)

    @cached_property
    def first(self) -> np.ndarray:
        """(N,) first observed value, 0 where there is none."""
        row = np.argmax(self.seen > 0, axis=0)
        return self.x[row, np.arange(self.x.shape[1])]

    @cached_property
    def points(self) -> slice:
        """Rows after which the next `lead` periods are foreseen.

        About six to a lead: what overlaps more says little new.
        """
        last = len(self.x) - self.lead - 1
        step = max(1, self.lead // 6)
        first = last - max(0, last - SETTLED + 1) // step * step
        return slice(max(first, 0), max(last + 1, 0), step)

    @cached_property
    def rows(self) -> np.ndarray:
        """The rows of `points`."""
        return np.arange(len(self.x))[self.points]

    @cached_property
    def ahead(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and number of observations (points, N) in the lead after each point.

        Number 0 where the point is too early to judge.
        """
        total, later = np.cumsum(self.x, 0), self.rows + self.lead
        settled = self.count[self.points] >= SETTLED
        count = (self.count[later] - self.count[self.points]) * settled
        mean = (total[later] - total[self.points]) / np.maximum(count, 1.0)
        return mean, count

    def errors(self, foreseen):
        """Squared error (G, N) of forecasts per period (points, G, N)."""
        mean, count = self.ahead
        error = foreseen - mean[:, None]
        if count.size and not count.min() == count.max() > 0:
            error *= count[:, None]  # else the same everywhere
        return np.einsum("tgn,tgn->gn", error, error)

    def gains(self, alphas, warm=True):
        """Smoothing parameter of every period, (G, 1) or (G, N) a row.

        With `warm` it is at least 1/n at the n-th observation, so that a level
        starts as the running mean instead of hanging on the first value; 0 where
        nothing is seen.
        """
        alphas = np.asarray(alphas)[:, None]
        # Rows from which on nothing is missing and the running mean has ended.
        steady = self.seen.all(1)
        if warm:
            least = 1.0 / np.maximum(self.count, 1.0)
            steady &= least.max(1, initial=0.0) <= alphas.min()
        for row, plain in enumerate(steady.tolist()):
            if plain:
                yield alphas
            elif warm:
                yield np.maximum(alphas, least[row]) * self.seen[row]
            else:
                yield alphas * self.seen[row]

    @cached_property
    def slopes(self) -> np.ndarray:
        """(points + 1, N) least-squares slope of all up to each point and the end."""
        rows = np.append(self.rows, len(self.x) - 1)
        time = np.arange(len(self.x), dtype=float)[:, None] - len(self.x)
        count = np.maximum(self.count[rows], 1.0)
        timed = time * self.seen
        sum_t, sum_x = np.cumsum(timed, 0)[rows], np.cumsum(self.x, 0)[rows]
        spread = np.cumsum(time * timed, 0)[rows] - sum_t * sum_t / count
        joint = np.cumsum(time * self.x, 0)[rows] - sum_t * sum_x / count
        return np.where(count > 2, joint / np.maximum(spread, 1e-9), 0.0)


@dataclass(frozen=True)
class Trust:
    """How much the past error of a setting decides about its weight.

    power: (N,) weight falls with this power of the squared error.
    caution: prior weight of a level parameter a is (1 - a) to this power: with
        little evidence, react slowly.
    """

    power: np.ndarray
    caution: np.ndarray

    def only(self, chosen: np.ndarray) -> Trust:
        """The trust of the series of a mask."""
        return Trust(self.power[chosen], self.caution[chosen])

    def weights(self, errors: np.ndarray, alphas: np.ndarray) -> np.ndarray:
        """Weights (G, N), sum 1, from squared errors (G, N)."""
        least = errors.min(0)
        flat = np.where(errors > 0, _FAR, 1.0)
        ratio = np.where(least > 0, errors / np.where(least > 0, least, 1.0), flat)
        weights = np.minimum(ratio, _FAR) ** -self.power
        weights *= (1.0 - alphas)[:, None] ** self.caution
        return weights / weights.sum(0)


def level_paths(past: Past, alphas, warm=True):
    """Simple exponential smoothing: the level after each period, (T, G, N).

    Brown 1959; `warm` as in `Past.gains`.
    """
    x = past.x
    paths = np.empty((len(x), len(alphas), x.shape[1]))
    level = np.repeat(past.first[None], len(alphas), 0)
    error = np.empty_like(level)
    for row, (value, gain) in enumerate(zip(x, past.gains(alphas, warm), strict=True)):
        np.subtract(value, level, out=error)
        error *= gain
        level = np.add(level, error, out=paths[row])
    return paths


def trend_paths(past: Past):
    """Damped trend: mean of the next `lead` periods as seen from `past.points`.

    Gardner & McKenzie 1985, Management Science 31. Returns (points, G, N) and the
    last level and trend, (G, N) each.
    """
    alpha, beta, phi = (column[:, None] for column in TRENDS.T)
    damped = damping(TRENDS[:, 2], past.lead).mean(1)[:, None]
    x = past.x
    place = {row: number for number, row in enumerate(past.rows.tolist())}
    foreseen = np.empty((len(place), len(TRENDS), x.shape[1]))
    level = np.repeat(past.first[None], len(TRENDS), 0)
    trend, error = np.zeros_like(level), np.empty_like(level)
    moving = past.seen * (past.count > 1)
    turn = alpha * beta
    rows = zip(x, moving, past.gains(TRENDS[:, 0]), strict=True)
    for row, (value, moves, gain) in enumerate(rows):
        trend *= phi
        level += trend
        np.subtract(value, level, out=error)
        level += gain * error
        error *= turn
        error *= moves
        trend += error
        if row in place:
            foreseen[place[row]] = level + trend * damped
    return foreseen, level, trend


def damping(phi, periods):
    """Sums phi + ... + phi^h for h = 1 .. periods, one row per phi."""
    return np.cumsum(phi[:, None] ** np.arange(1, periods + 1), axis=1)


def smooth(past: Past, horizon, trust):
    """Smoothed forecasts: method -> (horizon, N), and the level path (T, N).

    Theta is exponential smoothing with half of the linear trend as drift
    (Assimakopoulos & Nikolopoulos 2000, IJF 16; Hyndman & Billah 2003, IJF 19).
    """
    paths = level_paths(past, ALPHAS)
    weights = trust.weights(past.errors(paths[past.points]), ALPHAS)
    level = np.einsum("gn,tgn->tn", weights, paths)

    slope = 0.5 * past.slopes
    drift = slope[:, None] * _lags(past, ALPHAS[1:])
    foreseen = drift[:-1] + (0.5 * (past.lead - 1) * slope[:-1])[:, None]
    foreseen += paths[past.points, 1:]
    weights = trust.weights(past.errors(foreseen), ALPHAS[1:])
    base = (weights * (paths[-1, 1:] + drift[-1])).sum(0)
    forecasts = {
        "ses": np.repeat(level[-1:], horizon, 0),
        "theta": base + slope[-1] * np.arange(horizon)[:, None],
    }
    return forecasts, level


def _lags(past, alphas):
    """How many periods a level lags behind a line, (points + 1, G, N or 1)."""
    known = past.count[np.append(past.rows, len(past.x) - 1)]
    if (known == known[:, :1]).all():
        known = known[:, :1]
    return (1.0 - (1.0 - alphas[:, None]) ** known[:, None]) / alphas[:, None]


def damped_trend(past: Past, horizon, trust):
    """Forecasts (horizon, N) with a trend that fades."""
    foreseen, level, trend = trend_paths(past)
    weights = trust.weights(past.errors(foreseen), TRENDS[:, 0])
    sums = damping(TRENDS[:, 2], horizon)
    moving = np.einsum("gn,gh->hn", weights * trend, sums)
    return (weights * level).sum(0) + moving
