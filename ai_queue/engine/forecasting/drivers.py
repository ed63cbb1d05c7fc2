"""What price and promotion do to demand, for many series at once.

A ridge regression of log demand on the columns (Hoerl & Kennard 1970, Technometrics
12), one batched solve for all series. A column's whole range is expected to move
log demand by about `EXPECTED`, and is believed beyond that as far as the data insist.
"""

import numpy as np

#: Prior standard deviation of the effect of a column's whole range, in logs .
EXPECTED = 2.0
#: How far beyond its known range, in parts of it, a future value is believed.
BEYOND = 0.25


def driver_effects(x, seen, columns):
    """Additive effect of the columns on log demand `x`, (T + horizon, N).

    columns: (P, T + horizon, N), ``nan`` where unknown (taken as typical).
    Returns also the largest effect that each column had on its own, (P, N).
    """
    rows, width = x.shape
    if not len(columns):
        return np.zeros((columns.shape[1], width)), np.zeros((0, width))
    design = prepare(columns, seen)
    past = design[:, :rows] * seen
    count = np.maximum(seen.sum(0), 1.0)
    centred = (x - x.sum(0) / count) * seen
    gram = np.einsum("atn,btn->nab", past, past)
    joint = np.einsum("atn,tn->na", past, centred)
    penalty = np.eye(len(columns)) / EXPECTED**2
    variance = (centred**2).sum(0) / count
    for _ in range(2):  # the noise that is left sets the penalty of the second pass
        slopes = np.linalg.solve(
            gram + (variance[:, None, None] + 1e-9) * penalty, joint[..., None]
        )[..., 0]
        effect = np.einsum("na,atn->tn", slopes, design)
        left = (centred - effect[:rows]) * seen
        variance = (left**2).sum(0) / count
    reach = np.abs(slopes.T) * np.ptp(design, axis=1)
    return effect, reach


def prepare(columns, seen):
    """Columns as comparable numbers: filled, logged where positive, centred, scaled.

    A column that never moves in the past, or that only counts time, becomes 0.
    """
    rows = len(seen)
    known = np.where(seen > 0, columns[:, :rows], np.nan)
    filled = _fill(columns, known)
    positive = filled.min(1) > 0
    logs = np.log(np.where(positive[:, None], filled, 1.0))
    filled = np.where(positive[:, None], logs, filled)
    past = filled[:, :rows]
    inside = seen[None] > 0
    low = np.where(inside, past, np.inf).min(1)
    high = np.where(inside, past, -np.inf).max(1)
    reach = np.where(np.isfinite(high - low), high - low, 0.0)
    use = (reach > 1e-12) & ~_only_counts(past, seen)
    low, high = low - BEYOND * reach, high + BEYOND * reach
    low, high = np.where(use, low, 0.0), np.where(use, high, 0.0)
    middle = (past * seen).sum(1) / np.maximum(seen.sum(0), 1.0)
    scale = np.where(use, reach, 1.0)
    inside_range = np.clip(filled, low[:, None], high[:, None])
    scaled = (inside_range - middle[:, None]) / scale[:, None]
    return np.where(use[:, None], scaled, 0.0)


def _fill(columns, known):
    """Unknown values become the typical one of the past (its median)."""
    order = np.sort(known, axis=1)
    count = (~np.isnan(known)).sum(1)
    place = np.maximum(count - 1, 0) // 2
    typical = np.take_along_axis(order, place[:, None], 1)[:, 0]
    typical = np.where(count > 0, typical, 0.0)
    return np.where(np.isnan(columns), typical[:, None], columns)


def _only_counts(past, seen):
    """Whether a column rises or falls in every single period, like a week number."""
    steps = np.diff(past, axis=1)
    pairs = (seen[1:] * seen[:-1] > 0)[None]
    rises = ((steps > 0) | ~pairs).all(1)
    falls = ((steps < 0) | ~pairs).all(1)
    return (rises | falls) & (pairs.sum(1) >= 4)
