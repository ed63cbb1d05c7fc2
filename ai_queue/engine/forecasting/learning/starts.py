"""How similar products sold at first, for those of which little is known.

A product starts as the products of its group did that began within the histories.
What is known of it says how many times as much as they it sells: a Poisson demand
whose level has a gamma distribution, worth `PRIOR` periods of theirs. Its own forecast
takes over by and by, until it is grown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..reasons import Reason
from ..series import Forecast, Series, seasons_of, validate

#: Periods after the first sale that are learnt; the last ones stand for all later ones.
AGES = 26
#: Periods that what is known of similar products is worth, and known periods from which
#: on a product stands on its own.
PRIOR, GROWN = 2.0, 13
#: Known periods up to which their own scatter says nothing.
SCATTERED = 3
#: Beginnings that a start is made of at least, and known periods of each.
LEAST_BEGINNINGS, LEAST_KNOWN = 5, 4
#: One of them counts as no more than this multiple of their median.
TALLEST = 5.0
#: Starts that are kept at most, those of most beginnings.
MAX_STARTS = 2_000
#: A band of prices reaches up to this multiple of its lowest.
BAND = 3.0
#: Share of similar ones that sell less in a period, or in total, than the bounds of a
#: forecast.
LEVELS = {"lo95": 0.025, "lo80": 0.1, "hi80": 0.9, "hi95": 0.975}


@dataclass(frozen=True)
class Start:
    """How some similar products sold at first.

    count: their number; demand: mean of each period after the first sale;
    periods, totals: bounds of a single period and of a total, in the order of `LEVELS`,
    as multiples of the mean.
    """

    count: int
    demand: tuple[float, ...]
    periods: tuple[float, ...]
    totals: tuple[float, ...]

    @classmethod
    def restore(cls, data) -> Start:
        """From what ``asdict`` made of one; raises what broken data raise."""
        start = cls(
            int(data["count"]),
            *(
                tuple(float(value) for value in data[name])
                for name in ("demand", "periods", "totals")
            ),
        )
        lengths = (len(start.periods), len(start.totals))
        numbers = (*start.demand, *start.periods, *start.totals)
        if not np.isfinite(numbers).all():
            raise ValueError("a start has what is no number")
        if not start.demand or lengths != (len(LEVELS), len(LEVELS)):
            raise ValueError("a start has other numbers than these")
        return start

    def outlook(self, known: np.ndarray, horizon: int) -> np.ndarray:
        """Expected demand of a product after these periods."""
        demand = np.array(self.demand)
        prior = PRIOR * demand.mean()
        usual = prior + demand[: len(known)].sum()
        times = (prior + known.sum()) / usual if usual > 0 else 1.0
        ages = np.arange(len(known), len(known) + horizon)
        return times * demand[np.minimum(ages, len(demand) - 1)]


def learn_starts(series: Sequence[Series]) -> dict[str, Start]:
    """Key -> `Start` of the groups in which enough products began."""
    found = {}
    for one in series:
        if not (one.begins and one.group):
            continue
        history = validate(one)[0]
        beginning = np.maximum(history[~np.isnan(history)][:AGES], 0.0)
        if len(beginning) >= LEAST_KNOWN:
            for key in keys_of(one):
                found.setdefault(key, []).append(beginning)
    enough = [item for item in found.items() if len(item[1]) >= LEAST_BEGINNINGS]
    enough.sort(key=lambda item: (-len(item[1]), item[0]))
    return {key: _make_start(beginnings) for key, beginnings in enough[:MAX_STARTS]}


def keys_of(one: Series) -> list[str]:
    """Under what the start of a series is kept: band of prices first, then group."""
    season = seasons_of(one)[-1]
    if not one.price or one.price <= 0:
        return [f"{season} {one.group}"]
    band = math.floor(math.log(one.price) / math.log(BAND))
    return [f"{season} {one.group} {band}", f"{season} {one.group}"]


def _make_start(beginnings):
    table = np.full((len(beginnings), AGES), np.nan)
    for row, beginning in enumerate(beginnings):
        table[row, : len(beginning)] = beginning
    means = np.nanmean(table, 1)
    highest = TALLEST * np.median(means)
    if highest > 0:
        table *= np.minimum(1.0, highest / np.maximum(means, 1e-300))[:, None]
        means = np.minimum(means, highest)
    level = means.mean()
    count = (~np.isnan(table)).sum(0)
    # Of few that are old enough, the mean of all has a say.
    demand = (np.nansum(table, 0) + 2.0 * level) / (count + 2.0)
    known = table[~np.isnan(table)]
    parts = list(LEVELS.values())
    scale = level if level > 0 else 1.0
    return Start(
        len(beginnings),
        tuple(demand.round(6).tolist()),
        tuple((np.quantile(known, parts) / scale).round(6).tolist()),
        tuple((np.quantile(means, parts) / scale).round(6).tolist()),
    )


def begin(one: Series, forecast: Forecast, starts) -> Forecast:
    """The forecast, moved towards how similar products started; the reason says it."""
    history = np.array(one.history, dtype=float)
    known = np.maximum(history[~np.isnan(history)], 0.0)
    if not one.begins or len(known) >= GROWN:
        return forecast
    start = next((starts[key] for key in keys_of(one) if key in starts), None)
    if start is None:
        return forecast
    own = len(known) / GROWN
    similar = start.outlook(known, len(forecast.quantity))
    quantity = _mix(own, forecast.quantity, similar)
    values = {"count": start.count}
    if len(known):
        note = Reason("similar_too", {**values, "share": round(100 * (1.0 - own))})
        reason = replace(forecast.reason, notes=(*forecast.reason.notes, note))
    else:
        reason = Reason("similar", values)
    return replace(
        forecast,
        quantity=quantity,
        method=forecast.method if own >= 0.5 else "similar",
        reason=reason,
        **_bounds(start, len(known), forecast, quantity),
    )


def _mix(own, theirs, similar):
    return own * theirs + (1.0 - own) * similar


def _bounds(start, known, forecast, quantity):
    """Bounds by name around a quantity: those of similar products, and by and by those
    that the forecast had."""
    own = max(0.0, (known - SCATTERED) / (GROWN - SCATTERED))
    bounds = {}
    for name, period, total in zip(LEVELS, start.periods, start.totals, strict=True):
        limit = np.minimum if name.startswith("lo") else np.maximum
        both = (("", quantity, period), ("total_", np.cumsum(quantity), total))
        for prefix, usual, ratio in both:
            bound = _mix(own, getattr(forecast, prefix + name), ratio * usual)
            bounds[prefix + name] = limit(bound, usual)
    return bounds
