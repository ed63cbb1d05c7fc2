"""What every method forecasts for a panel.

Demand is looked at on two scales. On the log scale, effects of season, price and
promotion multiply, and one odd week does not carry the level away; but logs see
little of zeros. On the plain scale zeros count fully. Both scales share the same
effects, and smoothing methods mix the two: the more zeros, the more plain scale.
"""

from __future__ import annotations

import numpy as np

from . import intermittent
from .drivers import driver_effects
from .panel import Panel
from .seasonality import seasonal_effects
from .smoothing import SETTLED, Trust, damped_trend, smooth

#: Added to demand before the logarithm where there are zeros, as a share of the mean.
OFFSET = 0.2
#: Share of the bias of a back-transformed logarithm that is corrected (Duan 1983,
#: JASA 78, corrects all of it; the part that is noise is left out).
SMEARING = 2 / 3
#: No forecast goes beyond this multiple of the highest demand seen.
CEILING = 5.0
#: Methods that are averaged over both scales.
SMOOTH = ("mean", "ses", "theta")


def candidates(panel: Panel, methods) -> dict[str, np.ndarray]:
    """Forecasts (horizon, N) >= 0 of the asked `methods`, without "ensemble"."""
    scales = _Scales(panel)
    found = {}
    if {"mean", "ses", "theta", "holt"} & set(methods):
        found.update(scales.log_forecasts("holt" in methods))
    plain = scales.plain_forecasts(methods)
    share = 0.5 * panel.zero_share
    for key in SMOOTH:
        if key in methods:
            found[key] = (1.0 - share) * found[key] + share * plain.pop(key)
    found.update(plain)
    ceiling = CEILING * panel.y.max(0, initial=0.0)
    return {key: np.clip(found[key], 0.0, ceiling) for key in methods}


class _Scales:
    """A panel with the effects of season and columns taken out, on both scales."""

    def __init__(self, panel: Panel):
        self.panel = panel
        rows, seen = len(panel.y), panel.seen
        mean = panel.mean
        zeros = panel.zero_share > 0
        self.offset = np.where(zeros, OFFSET * mean, 0.0) + (mean <= 0)
        x = np.log(np.where(seen > 0, panel.y + self.offset, 1.0))
        drivers = driver_effects(x, seen, panel.columns)
        if not len(panel.columns):
            drivers = np.zeros((rows + panel.horizon, x.shape[1]))
        x = (x - drivers[:rows]) * seen
        season = seasonal_effects(x, seen, panel.first, panel.season, panel.horizon)
        self.x = (x - season[:rows]) * seen
        self.effects = drivers + season
        positive = ((panel.y > 0) * seen).sum(0)
        self.log_trust = Trust(np.clip(positive / 4, 2, 8), caution=0.0)
        self.plain_trust = Trust(np.clip(positive / 6, 1, 8), caution=1.0)

    def log_forecasts(self, with_trend):
        """Forecasts of the smoothing methods, computed on the log scale."""
        panel, x, seen = self.panel, self.x, self.panel.seen
        found, level = smooth(x, seen, panel.horizon, panel.lead, self.log_trust)
        count = np.maximum(panel.count, 1.0)
        found["mean"] = np.repeat((x.sum(0) / count)[None], panel.horizon, 0)
        if with_trend:
            found["holt"] = damped_trend(
                x, seen, panel.horizon, panel.lead, self.log_trust
            )
        lift = self._smearing(level) ** SMEARING
        future = self.effects[len(x) :]
        roof = np.log(2 * CEILING * (panel.y.max(0, initial=0.0) + self.offset))
        return {
            key: np.exp(np.minimum(value + future, roof)) * lift - self.offset
            for key, value in found.items()
        }

    def _smearing(self, level):
        """Mean of demand over its back-transformed one-step forecasts, (N,)."""
        seen = self.panel.seen
        settled = seen[1:] * (np.cumsum(seen, 0)[:-1] >= SETTLED)
        error = np.minimum(self.x[1:] - level[:-1], 3.0)
        total = (np.exp(error) * settled).sum(0)
        return (total + 3.0) / (settled.sum(0) + 3.0)

    def plain_forecasts(self, methods):
        """Forecasts of all other methods, on demand divided by the effects."""
        panel, seen = self.panel, self.panel.seen
        rows, horizon = len(panel.y), panel.horizon
        factor = np.exp(self.effects)
        usual = (factor[:rows] * seen).sum(0) / np.maximum(panel.count, 1.0)
        factor /= np.where(usual > 0, usual, 1.0)
        z = panel.y / np.maximum(factor[:rows], 0.05)
        found = {}
        if set(SMOOTH) & set(methods):
            found, _ = smooth(z, seen, horizon, panel.lead, self.plain_trust)
            found["mean"] = z.sum(0) / np.maximum(panel.count, 1.0)
        for key in ("croston", "sba", "tsb", "adida", "imapa"):
            if key in methods:
                found[key] = getattr(intermittent, key)(z, seen)
        if "naive" in methods:
            found["naive"] = _last_seen(z, seen)
        found = {key: value * factor[rows:] for key, value in found.items()}
        if "seasonal_naive" in methods:
            found["seasonal_naive"] = _last_season(panel)
        return found


def _last_seen(z, seen):
    last = len(z) - 1 - np.argmax(seen[::-1] > 0, axis=0)
    return z[last, np.arange(z.shape[1])]


def _last_season(panel):
    """Demand one season before; the mean where that was not observed."""
    rows, season = len(panel.y), panel.season
    back = rows - season + np.arange(panel.horizon) % season
    there = back >= 0
    row = np.where(there, back, 0)
    known = (panel.seen[row] > 0) & there[:, None]
    return np.where(known, panel.y[row], panel.mean)
