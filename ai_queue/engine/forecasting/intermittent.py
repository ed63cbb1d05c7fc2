"""Methods for demand that comes now and then, for many series at once.

Arrays are (T, N) as in `smoothing`; demand is >= 0. Each returns the expected
demand per period, (N,): these methods forecast a flat line.
"""

import numpy as np

from .smoothing import Past, level_paths

#: Periods that are added up at most by temporal aggregation, and the numbers of
#: periods that IMAPA takes.
DEEPEST = 8
DEPTHS = (1, 2, 4, 8)
SLOW = np.array([0.1])
#: Periods of the moving average.
RECENT = 12


def moving_average(y, seen):
    """Mean of the last periods, all with the same weight."""
    return y[-RECENT:].sum(0) / np.maximum(seen[-RECENT:].sum(0), 1.0)


def croston(y, seen, alpha=0.1):
    """Smoothed demand size over smoothed interval (Croston 1972, ORQ 23)."""
    width = y.shape[1]
    size, gap, since = np.zeros(width), np.ones(width), np.zeros(width)
    started = np.zeros(width, bool)
    for value, known in zip(y, seen, strict=True):
        since += known
        sold = value > 0
        step = np.where(started, alpha, 1.0) * sold
        size += step * (value - size)
        gap += step * (since - gap)
        since = np.where(sold, 0.0, since)
        started |= sold
    return size / gap


def sba(y, seen, alpha=0.1):
    """Croston without its upward bias (Syntetos & Boylan 2005, IJF 21)."""
    return (1.0 - alpha / 2.0) * croston(y, seen, alpha)


def tsb(y, seen, size_alpha=0.2, chance_alpha=0.1, warm=True):
    """Demand size times the chance of a demand, the latter updated every period.

    Teunter, Syntetos & Babai 2011, EJOR 214: follows a product that dies. With
    `warm` the chance starts as the running share of periods with demand.
    """
    width = y.shape[1]
    size, chance = np.zeros(width), np.zeros(width)
    count = np.zeros(width)
    started = np.zeros(width, bool)
    for value, known in zip(y, seen, strict=True):
        sold = value > 0
        count += known
        least = 1.0 / np.maximum(count, 1.0) if warm else count == 1
        chance += np.maximum(chance_alpha, least) * known * (sold - chance)
        size += np.where(started, size_alpha, 1.0) * sold * (value - size)
        started |= sold
    return size * chance


def aggregated_levels(y, seen, depths):
    """Levels (len(depths), N) of demand added up over so many periods, per period."""
    levels = []
    for depth in depths:
        blocks = -(-len(y) // depth)
        pad = ((blocks * depth - len(y), 0), (0, 0))
        shape = (blocks, depth, y.shape[1])
        total = np.pad(y, pad).reshape(shape).sum(1)
        weight = np.pad(seen, pad).reshape(shape).sum(1)
        rate = total / np.maximum(weight, 1.0)
        known = (weight > 0).astype(float)
        levels.append(level_paths(Past(rate, known, 1), SLOW)[-1, 0])
    return np.array(levels)


def adida(y, seen):
    """Level at the aggregation that leaves few zeros.

    Nikolopoulos et al. 2011, JORS 62: as many periods as lie between demands.
    """
    interval = seen.sum(0) / np.maximum(((y > 0) * seen).sum(0), 1.0)
    depth = np.clip(np.rint(interval), 1, DEEPEST).astype(int)
    levels = aggregated_levels(y, seen, range(1, DEEPEST + 1))
    return levels[depth - 1, np.arange(y.shape[1])]


def imapa(y, seen):
    """Mean of the levels at several aggregations.

    Petropoulos & Kourentzes 2015, JORS 66.
    """
    return aggregated_levels(y, seen, DEPTHS).mean(0)
