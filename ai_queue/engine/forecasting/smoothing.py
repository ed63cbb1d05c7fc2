"""Exponential smoothing, damped trend and Theta, for many series at once.

Arrays are time by series: `y` (T, N) with zeros where nothing was observed and
`seen` (T, N), 1.0 where it was. Loops run over the T periods.
"""

import numpy as np

ALPHAS = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.65, 0.9])


def first_values(y, seen):
    """First observed value of each series (0 where there is none)."""
    first = np.argmax(seen > 0, axis=0)
    return y[first, np.arange(y.shape[1])]


def ses_levels(y, seen, alphas, warm=True):
    """Simple exponential smoothing for several smoothing parameters.

    With `warm` the parameter is at least 1/n at the n-th observation, so that the
    level starts as the running mean instead of hanging on the first value.
    Returns the last level and the mean squared one-step error, both (G, N).
    """
    alphas = alphas[:, None]
    level = np.repeat(first_values(y, seen)[None], len(alphas), 0)
    sse = np.zeros_like(level)
    count = np.zeros(y.shape[1])
    for value, known in zip(y, seen, strict=True):
        count += known
        error = (value - level) * known
        sse += error * error
        step = np.maximum(alphas, 1.0 / np.maximum(count, 1.0)) if warm else alphas
        level += step * error
    return level, sse / np.maximum(count, 1.0)


def pick(values, errors):
    """Of the G candidates of each series, the one with the smallest error."""
    return np.take_along_axis(values, np.argmin(errors, axis=0)[None], 0)[0]


def ses(y, seen, horizon):
    """Simple exponential smoothing, parameter by one-step squared error."""
    level, error = ses_levels(y, seen, ALPHAS)
    return np.repeat(pick(level, error)[None], horizon, 0)


HOLT_GRID = np.array(
    [
        (a, b, phi)
        for a in (0.1, 0.3, 0.6)
        for b in (0.05, 0.2)
        for phi in (0.85, 0.95)
    ]
)


def holt(y, seen, horizon):
    """Damped linear trend, parameters by one-step squared error."""
    alpha, beta, phi = (column[:, None] for column in HOLT_GRID.T)
    level = np.repeat(first_values(y, seen)[None], len(HOLT_GRID), 0)
    trend = np.zeros_like(level)
    sse = np.zeros_like(level)
    count = np.zeros(y.shape[1])
    for value, known in zip(y, seen, strict=True):
        count += known
        started = count > 0
        trend *= np.where(started, phi, 1.0)
        level += np.where(started, trend, 0.0)
        error = (value - level) * known
        sse += error * error
        step = np.maximum(alpha, 1.0 / np.maximum(count, 1.0))
        level += step * error
        trend += np.where(count > 1, beta * alpha, 0.0) * error
    best = np.argmin(sse, axis=0)[None]
    level = np.take_along_axis(level, best, 0)
    trend = np.take_along_axis(trend, best, 0)
    phi = HOLT_GRID[best[0], 2]
    damped = np.cumsum(phi[None] ** np.arange(1, horizon + 1)[:, None], axis=0)
    return level + trend * damped


def theta(y, seen, horizon):
    """Theta as exponential smoothing with half of the linear trend as drift."""
    level, error = ses_levels(y, seen, ALPHAS[2:])
    best = np.argmin(error, axis=0)
    level = np.take_along_axis(level, best[None], 0)[0]
    alpha = ALPHAS[2:][best]
    count = seen.sum(0)
    time = np.arange(len(y))[:, None]
    safe = np.maximum(count, 1.0)
    mean_t = (time * seen).sum(0) / safe
    mean_y = (y * seen).sum(0) / safe
    spread = (((time - mean_t) ** 2) * seen).sum(0)
    slope = ((time - mean_t) * (y - mean_y) * seen).sum(0) / np.maximum(spread, 1.0)
    steps = np.arange(horizon)[:, None] + (1 - (1 - alpha) ** count) / alpha
    return level + 0.5 * slope * np.where(count > 2, steps, 0.0)
