"""Exponential smoothing, damped trend and Theta for many series at once.

Arrays are (T, N), time by series; `seen` is 1.0 where `x` was observed, and `x` is
0.0 elsewhere. Loops run over the T periods. Parameters are not searched for: each
method runs with a few settings side by side, (G, N) at a time, and the settings are
averaged by how well they foresaw the mean of the next `lead` periods from every
point of the past. That is the cumulative error that a buyer feels, and averaging
is steadier than picking (Kourentzes, Petropoulos & Trapero 2014, IJF 30).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Smoothing parameters of the level that run side by side.
ALPHAS = np.array([0.04, 0.1, 0.2, 0.35, 0.6, 0.9])
#: (level, trend, damping) parameters of the damped trend.
TRENDS = np.array(
    [(a, b, phi) for a in (0.1, 0.25, 0.5) for b in (0.1, 0.3) for phi in (0.87, 0.97)]
)
#: Origins count as evidence from this many observations on.
SETTLED = 3
_FAR = 1e12


@dataclass(frozen=True)
class Trust:
    """How much the past error of a setting decides about its weight.

    power: (N,) weight falls with this power of the squared error.
    caution: prior weight of a level parameter a is (1 - a) to this power: with
        little evidence, react slowly.
    """

    power: np.ndarray
    caution: float

    def weights(self, errors: np.ndarray, alphas: np.ndarray) -> np.ndarray:
        """Weights (G, N), sum 1, from squared errors (G, N)."""
        least = errors.min(0)
        flat = np.where(errors > 0, _FAR, 1.0)
        ratio = np.where(least > 0, errors / np.where(least > 0, least, 1.0), flat)
        weights = np.minimum(ratio, _FAR) ** -self.power
        weights *= ((1.0 - alphas) ** self.caution)[:, None]
        return weights / weights.sum(0)


def first_values(x, seen):
    """First observed value of each series (0 where there is none)."""
    first = np.argmax(seen > 0, axis=0)
    return x[first, np.arange(x.shape[1])]


def level_paths(x, seen, alphas, warm=True):
    """Simple exponential smoothing: the level after each period, (T, G, N).

    Brown 1959. With `warm`, the parameter is at least 1/n at the n-th observation,
    so that the level starts as the running mean instead of hanging on the first
    value.
    """
    alphas = alphas[:, None]
    paths = np.empty((len(x), len(alphas), x.shape[1]))
    level = np.repeat(first_values(x, seen)[None], len(alphas), 0)
    count = np.zeros(x.shape[1])
    for row, (value, known) in enumerate(zip(x, seen, strict=True)):
        count += known
        step = np.maximum(alphas, 1.0 / np.maximum(count, 1.0)) if warm else alphas
        level = level + step * ((value - level) * known)
        paths[row] = level
    return paths


def trend_paths(x, seen, lead):
    """Damped trend: mean of the next `lead` periods as seen after each period.

    Gardner & McKenzie 1985, Management Science 31. Returns (T, G, N) and the last
    level and trend, (G, N) each.
    """
    alpha, beta, phi = (column[:, None] for column in TRENDS.T)
    damped = damping(TRENDS[:, 2], lead).mean(1)[:, None]
    paths = np.empty((len(x), len(TRENDS), x.shape[1]))
    level = np.repeat(first_values(x, seen)[None], len(TRENDS), 0)
    trend = np.zeros_like(level)
    count = np.zeros(x.shape[1])
    gain = alpha * beta
    for row, (value, known) in enumerate(zip(x, seen, strict=True)):
        count += known
        trend *= phi
        level = level + trend
        error = (value - level) * known
        level += np.maximum(alpha, 1.0 / np.maximum(count, 1.0)) * error
        trend += gain * (error * (count > 1))
        paths[row] = level + trend * damped
    return paths, level, trend


def damping(phi, periods):
    """Sums phi + ... + phi^h for h = 1 .. periods, one row per phi."""
    return np.cumsum(phi[:, None] ** np.arange(1, periods + 1), axis=1)


def slopes(x, seen):
    """Least-squares slope of all that was observed up to each period, (T, N)."""
    time = np.arange(len(x), dtype=float)[:, None] - len(x)
    count = np.maximum(np.cumsum(seen, 0), 1.0)
    sum_t, sum_x = np.cumsum(time * seen, 0), np.cumsum(x, 0)
    spread = np.cumsum(time * time * seen, 0) - sum_t * sum_t / count
    joint = np.cumsum(time * x, 0) - sum_t * sum_x / count
    return np.where(count > 2, joint / np.maximum(spread, 1e-9), 0.0)


def lead_errors(paths, x, seen, lead):
    """Mean squared error (G, N) of paths against the mean of the next periods."""
    if len(x) <= lead:
        return np.zeros(paths.shape[1:])
    demand, known = np.cumsum(x, 0), np.cumsum(seen, 0)
    ahead = known[lead:] - known[:-lead]
    total = demand[lead:] - demand[:-lead]
    ahead = ahead * (known[:-lead] >= SETTLED)
    total = total * (known[:-lead] >= SETTLED)
    error = paths[:-lead] * ahead[:, None]
    error -= total[:, None]
    return np.einsum("tgn,tgn->gn", error, error)


def smooth(x, seen, horizon, lead, trust):
    """Smoothed forecasts: method -> (horizon, N), and the level path (T, N).

    Theta is exponential smoothing with half of the linear trend as drift
    (Assimakopoulos & Nikolopoulos 2000, IJF 16; Hyndman & Billah 2003, IJF 19).
    """
    paths = level_paths(x, seen, ALPHAS)
    weights = trust.weights(lead_errors(paths, x, seen, lead), ALPHAS)
    level = np.einsum("gn,tgn->tn", weights, paths)

    slope = slopes(x, seen)
    alphas = ALPHAS[1:, None]
    known = np.cumsum(seen, 0)[:, None]
    lag = (1.0 - (1.0 - alphas) ** known) / alphas
    drift = paths[:, 1:]
    drift += 0.5 * slope[:, None] * lag
    errors = lead_errors(
        drift + 0.25 * (lead - 1) * slope[:, None], x, seen, lead
    )
    weights = trust.weights(errors, ALPHAS[1:])
    base = (weights * drift[-1]).sum(0)
    steps = np.arange(horizon)[:, None]
    forecasts = {
        "ses": np.repeat(level[-1:], horizon, 0),
        "theta": base + 0.5 * slope[-1] * steps,
    }
    return forecasts, level


def damped_trend(x, seen, horizon, lead, trust):
    """Forecasts (horizon, N) with a trend that fades."""
    paths, level, trend = trend_paths(x, seen, lead)
    weights = trust.weights(lead_errors(paths, x, seen, lead), TRENDS[:, 0])
    sums = damping(TRENDS[:, 2], horizon)
    moving = np.einsum("gn,gh->hn", weights * trend, sums)
    return (weights * level).sum(0) + moving
