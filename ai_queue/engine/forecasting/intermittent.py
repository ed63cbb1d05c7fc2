"""Methods for demand that comes now and then."""

import numpy as np

from .smoothing import ses_levels

ALPHA = np.array([0.1])


def croston(y, seen, horizon, alpha=0.1):
    """Croston: smoothed demand size over smoothed interval between demands."""
    size = np.zeros(y.shape[1])
    gap = np.ones(y.shape[1])
    since = np.zeros(y.shape[1])
    started = np.zeros(y.shape[1], bool)
    for value, known in zip(y, seen, strict=True):
        since += known
        sold = value > 0
        first = sold & ~started
        size = np.where(first, value, np.where(sold, size + alpha * (value - size), size))
        gap = np.where(first, since, np.where(sold, gap + alpha * (since - gap), gap))
        since = np.where(sold, 0.0, since)
        started |= sold
    return np.repeat((size / gap)[None], horizon, 0)


def sba(y, seen, horizon, alpha=0.1):
    """Croston without its upward bias: the factor 1 - alpha / 2."""
    return (1 - alpha / 2) * croston(y, seen, horizon, alpha)


def tsb(y, seen, horizon, alpha=0.2, beta=0.1):
    """TSB: demand size times probability of a demand, updated in every period."""
    started = np.zeros(y.shape[1], bool)
    size = np.zeros(y.shape[1])
    count = np.zeros(y.shape[1])
    chance = np.zeros(y.shape[1])
    for value, known in zip(y, seen, strict=True):
        sold = value > 0
        count += known
        step = np.maximum(beta, 1.0 / np.maximum(count, 1.0)) * known
        chance += step * (sold - chance)
        first = sold & ~started
        size = np.where(first, value, np.where(sold, size + alpha * (value - size), size))
        started |= sold
    return np.repeat((size * chance)[None], horizon, 0)


def imapa(y, seen, horizon, top=8):
    """Mean of smoothed levels at several temporal aggregations."""
    top = min(top, len(y))
    total = 0.0
    for k in range(1, top + 1):
        blocks = len(y) // k
        cut = len(y) - blocks * k
        sums = y[cut:].reshape(blocks, k, -1).sum(1)
        weight = seen[cut:].reshape(blocks, k, -1).sum(1)
        rate = sums / np.maximum(weight, 1.0)
        level, error = ses_levels(rate, (weight > 0).astype(float), ALPHA)
        total = total + level[0]
    return np.repeat((total / top)[None], horizon, 0)
