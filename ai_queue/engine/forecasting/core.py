"""Forecasts of many series: panels, back-test, weights, intervals, reasons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import UnknownMethod
from .backtest import AUTOMATIC, priors, run_trials, summarise, weigh
from .candidates import candidates
from .catalogue import METHODS
from .explain import Explainer, name_method
from .intervals import bounds
from .panel import Panel, panels
from .reasons import Reason
from .series import Forecast, Series
from .totals import total_bounds

#: Columns are named in the reason from this effect (in logs) on.
TOLD = 0.02
#: Keys of `METHODS` that stand for what came of the others.
NO_CHOICE = {"ensemble", "similar", "none"}
#: Shares below this are left out of the weights of a forecast.
SMALL = 0.005


def forecast(
    series: Sequence[Series], *, methods: Sequence[str] | None = None
) -> list[Forecast]:
    """Forecast every series; the answers come in the same order.

    methods: keys of `METHODS` to choose from or to mix, without "ensemble", "similar"
    and "none"; by default all that suit. A series' forecast does not depend on the
    other series of the call.

    Raises `InvalidSeries` for the first series that `validate` refuses, and
    `UnknownMethod`.
    """
    chosen = AUTOMATIC if methods is None else tuple(dict.fromkeys(methods))
    unknown = set(chosen) - set(METHODS) | set(chosen) & NO_CHOICE
    if unknown or not chosen:
        names = ", ".join(sorted(unknown)) or "none given"
        raise UnknownMethod(f"No such forecast method: {names}.")
    results = [None] * len(series)
    for panel in panels(series):
        one_panel = _forecast_panel if len(panel.y) else _nothing_known
        for index, values in one_panel(panel, chosen):
            one, reason = series[index], values["reason"]
            values["reason"] = replace(reason, notes=(*reason.notes, *one.notes))
            results[index] = Forecast(id=one.id, **values)
    return results


def _nothing_known(panel: Panel, methods):
    """Series without a single observation."""
    for index in panel.index:
        values = dict(
            zip(_ARRAYS, np.zeros((len(_ARRAYS), panel.horizon)), strict=True)
        )
        values["method"], values["weights"] = "none", {}
        values["backtest"] = _backtest({}, 0, panel.lead)
        values["reason"], values["history_mean"] = Reason("empty"), None
        yield index, values


def _forecast_panel(panel: Panel, methods):
    prior = {key: value for key, value in priors(panel, methods).items() if value.any()}
    needed = {key: value > 0 for key, value in prior.items()}
    trials = run_trials(panel, needed)
    weights = weigh(trials, prior, panel)
    outlook = candidates(panel, needed)
    quantity = sum(weights[key] * outlook.forecasts[key] for key in prior)
    limits = bounds(panel, trials, weights, quantity)
    totals = total_bounds(panel, trials, weights, quantity)
    arrays = [quantity, *limits[0.80], *limits[0.95], *totals[0.80], *totals[0.95]]
    arrays = np.array(arrays).transpose(2, 0, 1)
    explainer = Explainer(
        panel, outlook.seasons, quantity, _told_columns(panel, outlook.drivers)
    )
    summary = {
        key: value.tolist() for key, value in summarise(panel, trials, weights).items()
    }
    shares = np.array([weights[key] for key in prior]).T.round(4).tolist()
    means = (panel.sold.sum(0) / np.maximum(panel.count, 1.0)).tolist()
    for place, index in enumerate(panel.index):
        share = _sorted_shares(dict(zip(prior, shares[place], strict=True)))
        method = name_method(share)
        origins = summary["origins"][place]
        numbers = {key: value[place] for key, value in summary.items()}
        values = dict(zip(_ARRAYS, arrays[place].copy(), strict=True))
        values["method"], values["weights"] = method, share
        values["backtest"] = _backtest(numbers, origins, panel.lead)
        values["reason"] = explainer.reason(place, method, share, origins)
        values["history_mean"] = means[place]
        yield index, values


#: Attributes of `Forecast` in the order in which they are computed.
_ARRAYS = ("quantity", "lo80", "hi80", "lo95", "hi95")
_ARRAYS += ("total_lo80", "total_hi80", "total_lo95", "total_hi95")


def _sorted_shares(shares):
    """Weights, largest first, without the negligible ones, sum 1."""
    kept = {key: value for key, value in shares.items() if value >= SMALL}
    total = sum(kept.values())
    order = sorted(kept.items(), key=lambda item: -item[1])
    return {key: round(value / total, 4) for key, value in order}


def _backtest(numbers, origins, lead):
    """The `Forecast.backtest` of one series; ``nan`` becomes None."""
    result = {"error": None, "bias": None, "period_error": None}
    for key in result:
        value = numbers.get(key)
        if value is not None and not math.isnan(value):
            result[key] = value
    return {**result, "origins": origins, "horizon": lead if origins else 0}


def _told_columns(panel, reach):
    """Names of the columns that moved the forecast of each series."""
    moved = (reach >= TOLD).T.tolist()
    return [
        [name for name, told in zip(panel.names, row, strict=True) if told]
        for row in moved
    ]
