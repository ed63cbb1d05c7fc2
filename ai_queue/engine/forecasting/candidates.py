"""What every method forecasts for a panel.

Demand is looked at on two scales. On the log scale, effects of season, price and
promotion multiply, and one odd week does not carry the level away; but logs see
little of zeros. On the plain scale zeros count fully. Both scales share the same
effects, and smoothing methods mix the two: the more zeros, the more plain scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import intermittent
from .drivers import driver_effects
from .panel import Panel
from .seasonality import LONG, seasonal_effects
from .smoothing import SETTLED, Past, Trust, damped_trend, smooth

#: Added to demand before the logarithm where there are zeros, as a share of the mean.
OFFSET = 0.2
#: Share of the bias of a back-transformed logarithm that is corrected (Duan 1983,
#: JASA 78, corrects all of it; the part that is noise is left out). Less where columns
#: explain demand: there the peaks, which decide about the mean, are explained.
SMEARING, SMEARING_EXPLAINED = 0.71, 1 / 3
#: No forecast goes beyond this multiple of the highest demand seen.
CEILING = 5.0
#: Of the weight of a fast reaction, how much a single observation would take away.
CAUTION = 16.0
#: Methods that are averaged over both scales.
SMOOTH = ("mean", "ses", "theta")
#: Methods of `intermittent`.
FLAT = ("moving_average", "croston", "sba", "tsb", "adida", "imapa")
#: Those that add demand up with fixed weights.
LINEAR = ("moving_average", "imapa")
#: Demand is divided by no effect smaller than this.
LEAST_EFFECT = 0.05


@dataclass(frozen=True)
class Outlook:
    """What methods forecast for a panel, and what they have in common.

    forecasts: method -> (horizon, N), >= 0.
    seasons: per season, its additive effect (T + horizon, N) on the log of demand.
    drivers: (P, N) largest effect that each column had, in logs.
    """

    forecasts: dict[str, np.ndarray]
    seasons: list[np.ndarray]
    drivers: np.ndarray


def candidates(panel: Panel, needed: dict[str, np.ndarray]) -> Outlook:
    """Forecasts of methods.

    needed: method -> mask (N,) of the series that it is wanted for; elsewhere its
    forecast is meaningless.
    """
    scales = _Scales(panel)
    share = 0.5 * panel.zero_share
    found = scales.log_forecasts(needed)
    for key, value in scales.plain_forecasts(needed, share > 0).items():
        known = key in found
        found[key] = (1.0 - share) * found[key] + share * value if known else value
    ceiling = CEILING * panel.y.max(0, initial=0.0)
    return Outlook(
        {key: np.clip(found[key], 0.0, ceiling) for key in needed},
        scales.seasons,
        scales.reach,
    )


class _Scales:
    """A panel with the effects of season and columns taken out, on both scales."""

    def __init__(self, panel: Panel):
        self.panel = panel
        rows, seen = len(panel.y), panel.seen
        mean = panel.mean
        zeros = panel.zero_share > 0
        self.offset = np.where(zeros, OFFSET * mean, 0.0) + (mean <= 0)
        x = np.log(np.where(seen > 0, panel.y + self.offset, 1.0))
        drivers, self.reach = driver_effects(x, seen, panel.columns)
        self.effects = drivers
        self.x = (x - drivers[:rows]) * seen
        self.seasons = []
        # Which single week of a year a now-and-then order falls in is chance.
        detail = np.clip(1.0 - 2.0 * panel.zero_share, 0.0, 1.0)
        for season in panel.seasons:
            effect = seasonal_effects(
                self.x, seen, panel.first, season, panel.horizon, detail
            )
            self.x = (self.x - effect[:rows]) * seen
            self.effects = self.effects + effect
            self.seasons.append(effect)
        positive = ((panel.y > 0) * seen).sum(0)
        # With little evidence, react slowly.
        caution = CAUTION / np.maximum(panel.count, 1.0)
        self.log_trust = Trust(np.clip(positive / 4, 2, 8), caution)
        self.plain_trust = Trust(np.clip(positive / 6, 1, 8), 1.0 + caution)

    def log_forecasts(self, needed):
        """Forecasts of the smoothing methods, computed on the log scale."""
        panel, x, seen = self.panel, self.x, self.panel.seen
        if not {"mean", "ses", "theta", "holt"} & set(needed):
            return {}
        past = Past(x, seen, panel.lead)
        found, level = smooth(past, panel.horizon, self.log_trust)
        count = np.maximum(panel.count, 1.0)
        found["mean"] = np.repeat((x.sum(0) / count)[None], panel.horizon, 0)
        if "holt" in needed:
            found["holt"] = damped_trend(past, panel.horizon, self.log_trust)
        lift = self._smearing(past, level) ** (
            SMEARING_EXPLAINED if len(panel.columns) else SMEARING
        )
        future = self.effects[len(x) :]
        roof = np.log(2 * CEILING * (panel.y.max(0, initial=0.0) + self.offset))
        return {
            key: np.exp(np.minimum(value + future, roof)) * lift - self.offset
            for key, value in found.items()
            if key in needed
        }

    def _smearing(self, past, level):
        """Mean of demand over its back-transformed one-step forecasts, (N,)."""
        settled = past.seen[1:] * (past.count[:-1] >= SETTLED)
        error = np.minimum(past.x[1:] - level[:-1], 3.0)
        total = (np.exp(error) * settled).sum(0)
        return (total + 3.0) / (settled.sum(0) + 3.0)

    def plain_forecasts(self, needed, mixed):
        """Forecasts on demand divided by its effects.

        Of the smoothing methods for the series of the mask `mixed` (N,) only.
        """
        panel, seen = self.panel, self.panel.seen
        rows = len(panel.y)
        factor, z = self._factors()
        found = {}
        if mixed.any() and set(SMOOTH) & set(needed):
            trust = self.plain_trust.only(mixed)
            past = Past(z[:, mixed], seen[:, mixed], panel.lead)
            values, _ = smooth(past, panel.horizon, trust)
            values["mean"] = past.x.sum(0) / np.maximum(past.seen.sum(0), 1.0)
            for key in set(SMOOTH) & set(needed):
                found[key] = _spread(values[key], mixed)
        for key in FLAT:
            if key in needed and needed[key].any():
                level = self._flat(key, needed[key], factor[:rows], z)
                found[key] = _spread(level, needed[key])
        if "naive" in needed:
            found["naive"] = _last_seen(z, seen)
        found = {key: value * factor[rows:] for key, value in found.items()}
        if "seasonal_naive" in needed:
            found["seasonal_naive"] = _last_season(panel)
        if "seasonal_mean" in needed:
            found["seasonal_mean"] = _past_seasons(panel)
        return found

    def _factors(self):
        """What effects multiply demand by (T + horizon, N), and demand without it."""
        panel, seen = self.panel, self.panel.seen
        rows, count = len(panel.y), np.maximum(panel.count, 1.0)
        factor = np.exp(self.effects)
        usual = (factor[:rows] * seen).sum(0) / count
        factor /= np.where(usual > 0, usual, 1.0)
        z = panel.y / np.maximum(factor[:rows], LEAST_EFFECT)
        # What is divided out where nothing sold does not come back by itself.
        told = z.sum(0) * (factor[:rows] * seen).sum(0)
        kept = panel.y.sum(0) * count
        factor *= np.where(told > 0, kept / np.where(told > 0, told, 1.0), 1.0)
        return factor, z

    def _flat(self, key, wanted, factor, z):
        """Level (n,) by a method of `intermittent` for the n series of a mask."""
        method, seen = getattr(intermittent, key), self.panel.seen[:, wanted]
        if key not in LINEAR or not self.effects.any():
            return method(z[:, wanted], seen)
        # The same weights for demand and effects: a mistaken effect does no harm.
        level = method(self.panel.y[:, wanted], seen)
        usual = method(factor[:, wanted] * seen, seen)
        return level / np.maximum(usual, LEAST_EFFECT)


def _spread(values, mask):
    """Values of the series of a mask as values of all series, 0 elsewhere."""
    result = np.zeros(values.shape[:-1] + mask.shape)
    result[..., mask] = values
    return result


def _last_seen(z, seen):
    last = len(z) - 1 - np.argmax(seen[::-1] > 0, axis=0)
    return z[last, np.arange(z.shape[1])]


def _last_season(panel):
    """Demand one season before; the mean where that was not observed."""
    rows, season = len(panel.y), panel.seasons[0]
    back = rows - season + np.arange(panel.horizon) % season
    there = back >= 0
    row = np.where(there, back, 0)
    known = (panel.seen[row] > 0) & there[:, None]
    return np.where(known, panel.y[row], panel.mean)


def _past_seasons(panel):
    """Mean demand of the same periods of all seasons, in long ones with a little of
    their neighbours; the mean where none of them was observed."""
    season, rows = panel.seasons[-1], len(panel.y)
    total, known = np.zeros((2, panel.horizon, panel.y.shape[1]))
    near = ((-1, 0.25), (0, 0.5), (1, 0.25)) if season >= LONG else ((0, 1.0),)
    for shift, share in near:
        for back in range(season, rows + season, season):
            place = rows + np.arange(panel.horizon) % season - back + shift
            there = ((place >= 0) & (place < rows))[:, None]
            row = np.clip(place, 0, rows - 1)
            total += share * there * panel.y[row] * panel.seen[row]
            known += share * there * panel.seen[row]
    return np.where(known > 0, total / np.where(known > 0, known, 1.0), panel.mean)
