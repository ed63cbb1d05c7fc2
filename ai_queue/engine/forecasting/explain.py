"""Which method a forecast is named after, and why: in the codes of `reasons`."""

from __future__ import annotations

import numpy as np

from .panel import Panel
from .reasons import Reason

#: A method with this share of the weight is named alone.
MAJORITY = 0.6
#: In a mix, methods with this share of the weight are named.
MENTION = 0.15
#: The best part of a season is mentioned from this much above the weakest on, a
#: trend from this change over the horizon on.
SWING, CHANGE = 0.15, 0.05
#: Demand is called intermittent from this share of empty periods on.
EMPTY = 0.25
#: Orders are called regular from this measure of `Panel.regular` on.
REGULAR = 0.5
#: A product is called faded when it has not sold for this many usual intervals.
FADED = 4.0


def name_method(weights: dict[str, float]) -> str:
    """The method that carries most of the weight, or "ensemble"."""
    key, share = next(iter(weights.items()))
    return key if share >= MAJORITY else "ensemble"


class Explainer:
    """Reasons for the forecasts of a panel."""

    def __init__(self, panel: Panel, effects, quantity, names):
        """
        effects: per season, its additive effect (T + horizon, N) on log demand.
        quantity: (horizon, N) the forecasts.
        names: (N) lists of the columns that had an effect.
        """
        self.panel, self.names = panel, names
        rows = len(panel.y)
        self.count = panel.count
        self.empty = panel.zero_share
        self.total = panel.sold.sum(0)
        self.constant = _is_constant(panel)
        self.swings = [np.exp(np.ptp(effect, axis=0)) - 1.0 for effect in effects]
        self.change = _change(quantity / np.exp(sum(effects)[rows:]))
        sold = panel.sold > 0
        # Periods that are not known are not periods without a sale.
        later = np.cumsum(panel.seen[::-1], 0)[::-1] - panel.seen
        self.silent = np.where(sold, later, self.count).min(0, initial=np.inf)
        self.unknown = rows - np.max(
            np.where(panel.seen > 0, np.arange(1, rows + 1)[:, None], 0), axis=0
        )
        self.interval = self.count / np.maximum(sold.sum(0), 1)

    def reason(self, place: int, method: str, weights, origins: int) -> Reason:
        """Why the series at `place` is forecast with these weights."""
        periods = int(self.count[place])
        if not self.total[place]:
            return Reason("all_zero", {"periods": periods}, self._returns(place))
        if self.constant[place] and periods > 1:
            return Reason("constant", {}, self._returns(place))
        methods = [key for key, share in weights.items() if share >= MENTION]
        methods = methods or list(weights)[:1]
        values = {"horizon": int(self.panel.lead), "origins": int(origins)}
        if not origins:
            main = Reason("short", {"periods": periods, "methods": methods})
        elif method != "ensemble":
            main = Reason("chosen", {"method": method, **values})
        else:
            main = Reason("mixed", {"methods": methods, **values})
        return Reason(main.code, main.values, self._notes(place))

    def _notes(self, place):
        panel, notes = self.panel, []
        change = self.change[place]
        for season, swings in zip(panel.seasons, self.swings, strict=True):
            if swings[place] >= SWING:
                swing = round(100 * float(swings[place]))
                notes.append(Reason("seasonal", {"season": season, "swing": swing}))
        if abs(change) >= CHANGE:
            code = "trend_up" if change > 0 else "trend_down"
            notes.append(Reason(code, {"change": round(100 * abs(float(change)))}))
        if self.empty[place] >= EMPTY:
            share = round(100 * (1 - float(self.empty[place])))
            notes.append(Reason("intermittent", {"share": share}))
        if panel.regular[place] >= REGULAR:
            pause = round(float(panel.pause[place]), 1)
            notes.append(Reason("regular", {"periods": f"{pause:g}"}))
        if panel.odd[place]:
            notes.append(Reason("outliers", {"periods": int(panel.odd[place])}))
        if self.unknown[place]:
            notes.append(Reason("unknown", {"periods": int(self.unknown[place])}))
        if self.silent[place] >= FADED * max(self.interval[place], 1.0):
            notes.append(Reason("faded", {"periods": int(self.silent[place])}))
        if panel.late[place]:
            notes.append(Reason("new", {"periods": int(panel.span[place])}))
        if self.names[place]:
            notes.append(Reason("drivers", {"columns": self.names[place]}))
        return (*notes, *self._returns(place))

    def _returns(self, place):
        return (Reason("returns"),) if self.panel.returns[place] else ()


def _is_constant(panel):
    seen = panel.seen > 0
    low = np.where(seen, panel.y, np.inf).min(0)
    high = np.where(seen, panel.y, -np.inf).max(0)
    return high - low <= 1e-9 * np.maximum(np.abs(high), 1e-300)


def _change(level):
    """Relative change (N,) of a level over the periods of the horizon, (H, N)."""
    start = level[0]
    return np.where(start > 0, level[-1] / np.where(start > 0, start, 1.0) - 1.0, 0.0)
