"""One order is no trend: single periods that stand out, brought back among the others.

A period stands out when its demand lies far above or below that of the few sales
around it, as measured by how the sales of the series usually scatter, and when the
period next to it does not. A change of level is thus believed from its second period
on; at the end, where nobody knows what comes after, from its third. What comes back a
season later is a pattern and stays, and so does what stands out too often to be an
exception.

Sizes are compared as logarithms, against a running median (Tukey 1977, Exploratory
Data Analysis); the scatter is shrunk towards a usual one, so that a short history
must be left further to stand out.
"""

from __future__ import annotations

import numpy as np

#: Sales before and after a period that it is compared with.
NEIGHBOURS = 4
#: Sales around it that a period needs to be called odd.
LEAST = 4
#: Scatter (in logs) from which a period is odd, and never below this distance.
FAR, LEAST_FAR = 4.0, float(np.log(2.5))
#: Scatter before any is known, and its weight in observations.
USUAL_SCATTER, USUAL_WEIGHT = 0.7, 4.0
#: Share of the sales that may be odd: what is more frequent belongs to the demand.
RARE = 0.02
#: Low periods are odd only where fewer than this share of periods are empty.
SELDOM_EMPTY = 0.1
#: Added to demand before the logarithm of low periods, as a share of the mean.
OFFSET = 0.2


def calm(y, seen, seasons):
    """Demand (T, N) with odd periods at the edge of what is usual, and their mask."""
    odd = np.zeros(y.shape, bool)
    known = seen > 0
    calmed = y.copy()
    sold = known & (y > 0)
    _tame(calmed, odd, y, sold, seasons, 1.0)
    count = np.maximum(known.sum(0), 1)
    steady = sold.sum(0) >= (1.0 - SELDOM_EMPTY) * count
    if steady.any():
        offset = OFFSET * calmed.sum(0) / count
        lifted = np.where(known, calmed + offset, 0.0)
        low = calmed + offset
        _tame(low, odd, lifted, known & steady, seasons, -1.0)
        calmed = np.where(known & steady, np.maximum(low - offset, 0.0), calmed)
    return calmed, odd


def _tame(calmed, odd, y, used, seasons, sign):
    """Bring the odd periods of one side back, in place."""
    logs = np.log(np.where(used, y, 1.0))
    doubtful = _has_extreme(logs, used, sign)
    if not doubtful.any():
        return
    logs, used = logs[:, doubtful], used[:, doubtful]
    centre, distance = _distances(logs, used, sign)
    scatter = _scatter(distance, used)
    limit = np.maximum(FAR * scatter, LEAST_FAR)
    found = _isolated(distance, used, limit)
    found &= ~_comes_back(distance, limit, seasons)
    found &= found.sum(0) <= np.maximum(1.0 + RARE * used.sum(0), 2.0)
    usual = np.exp(centre + sign * scatter)
    calmed[:, doubtful] = np.where(found, usual, calmed[:, doubtful])
    odd[:, doubtful] |= found


def _has_extreme(logs, used, sign):
    """Series of which the extreme is far enough from the middle to look closer."""
    extreme = np.where(used, sign * logs, -np.inf).max(0, initial=-np.inf)
    middle = (logs * used).sum(0) / np.maximum(used.sum(0), 1)
    return (extreme - sign * middle > 0.5 * LEAST_FAR) & (used.sum(0) > LEAST)


def _distances(logs, used, sign):
    """Running median and distance from it (T, N); ``nan`` where nothing is known."""
    rows, width = logs.shape
    # Sales move together, in their order, so that neighbours are sales, not periods.
    order = np.argsort(used, axis=0, kind="stable")
    packed = np.take_along_axis(np.where(used, logs, np.nan), order, 0)
    edge = np.full((NEIGHBOURS, width), np.nan)
    wide = np.concatenate((edge, packed, edge))
    around = np.stack(
        [
            wide[shift : shift + rows]
            for shift in range(2 * NEIGHBOURS + 1)
            if shift != NEIGHBOURS
        ]
    )
    count = (~np.isnan(around)).sum(0)
    around.sort(0)  # nan comes last
    low = np.take_along_axis(around, np.maximum(count - 1, 0)[None] // 2, 0)[0]
    high = np.take_along_axis(
        around, np.minimum(count // 2, 2 * NEIGHBOURS - 1)[None], 0
    )[0]
    middle = np.where(count >= LEAST, 0.5 * (low + high), np.nan)
    centre = np.full(logs.shape, np.nan)
    np.put_along_axis(centre, order, middle, 0)
    centre[~used] = np.nan
    return centre, sign * (logs - centre)


def _scatter(distance, used):
    """Usual distance (N,), without the few largest."""
    count = used.sum(0)
    size = np.sort(np.where(np.isnan(distance), np.inf, np.abs(distance)), axis=0)
    kept = np.isfinite(size).sum(0) - np.floor(1.0 + RARE * count)
    inside = np.arange(len(size))[:, None] < kept
    square = (np.where(inside, size, 0.0) ** 2).sum(0)
    kept = np.maximum(kept, 0)
    return np.sqrt((square + USUAL_WEIGHT * USUAL_SCATTER**2) / (kept + USUAL_WEIGHT))


def _isolated(distance, used, limit):
    """Periods that stand out and whose neighbouring sales do not; at the end also two
    of them together."""
    far = np.nan_to_num(distance, nan=-np.inf)
    order = np.argsort(used, axis=0, kind="stable")
    packed = np.take_along_axis(far, order, 0)
    near = np.full(packed.shape, -np.inf)
    near[1:] = packed[:-1]
    near[:-1] = np.maximum(near[:-1], packed[1:])
    alone = (packed > limit) & (near < 0.5 * limit)
    if len(packed) > 2:
        pair = (packed[-2:] > limit).all(0) & (packed[-3] < 0.5 * limit)
        alone[-2:] |= pair
    found = np.zeros(used.shape, bool)
    np.put_along_axis(found, order, alone, 0)
    return found & used


def _comes_back(distance, limit, seasons):
    """Periods one season before or after which demand stood out as well."""
    raised = np.nan_to_num(distance, nan=-np.inf) > 0.5 * limit
    back = np.zeros(raised.shape, bool)
    for season in seasons:
        if season < 2:
            continue
        slack = 1 if season >= 12 else 0
        if season % 7 and season > 100:
            slack = 3
        for shift in range(season - slack, season + slack + 1):
            back[shift:] |= raised[:-shift]
            back[:-shift] |= raised[shift:]
    return back
