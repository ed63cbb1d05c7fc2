"""A forecast with other quantities: how its intervals go with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .intervals import GROUND
from .series import Forecast


def move(forecast: Forecast, quantity: np.ndarray) -> Forecast:
    """The forecast with other quantities (>= 0), its bounds moved along.

    They keep their distance where the quantity falls, and grow with it where it rises,
    with a ground of `GROUND` of the mean of the history on both sides of the ratio.
    """
    ground = GROUND * max(forecast.history_mean or 0.0, 0.0)
    count = np.arange(1, len(quantity) + 1)
    old, new = np.cumsum(forecast.quantity), np.cumsum(quantity)
    totals = _moved(forecast, "total_", old, new, ground * count)
    return replace(
        forecast,
        quantity=quantity,
        **_moved(forecast, "", forecast.quantity, quantity, ground),
        # How much wider they are changes from total to total; none of them may fall.
        **{name: np.maximum.accumulate(bound) for name, bound in totals.items()},
    )


def _moved(forecast, prefix, old, new, ground):
    """Bounds by name, around `new` instead of `old`."""
    below = old + ground
    ratio = (new + ground) / np.where(below > 0, below, 1.0)
    wider = np.where(below > 0, np.maximum(ratio, 1.0), 1.0)
    moved = {}
    for level in ("80", "95"):
        low, high = f"{prefix}lo{level}", f"{prefix}hi{level}"
        floor = getattr(forecast, low)
        # Where nothing at all may be sold, that is as true of another quantity.
        raised = np.maximum(new - wider * (old - floor), 0.0)
        moved[low] = np.where(floor > 0, raised, 0.0)
        moved[high] = new + wider * (getattr(forecast, high) - old)
    return moved
