"""Forecasts of many series: panels, back-test, weights, intervals, reasons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .backtest import priors, run_trials, summarise, weigh
from .candidates import candidates
from .explain import name_method
from .intervals import bounds
from .panel import Panel, panels
from .reasons import Reason
from .series import Forecast, Series

#: Methods that a forecast is made of when the caller names none.
AUTOMATIC = ("mean", "ses", "holt", "theta", "sba", "tsb", "imapa")


def forecast(
    series: Sequence[Series], *, methods: Sequence[str] | None = None
) -> list[Forecast]:
    """Forecast every series, in the given order."""
    chosen = tuple(methods or AUTOMATIC)
    results = [None] * len(series)
    for panel in panels(series):
        for index, result in _forecast_panel(panel, series, chosen):
            results[index] = result
    return results


def _forecast_panel(panel: Panel, series, methods):
    width, horizon = len(panel.index), panel.horizon
    zero = np.zeros(horizon)
    if not len(panel.y):
        for index in panel.index:
            yield (
                index,
                Forecast(
                    series[index].id, zero, zero, zero, zero, zero, "none", {},
                    {"error": None, "bias": None, "period_error": None, "origins": 0, "horizon": 0},
                    Reason("empty"), None,
                ),
            )
        return
    prior = priors(panel, methods)
    methods = [key for key in methods if (prior[key] > 0).any()]
    trials = run_trials(panel, methods)
    weights = weigh(panel, trials, methods)
    final = candidates(panel, methods)
    quantity = sum(weights[key] * final[key] for key in methods)
    limits = bounds(panel, trials, weights, quantity)
    summary = summarise(panel, trials, weights)
    for place, index in enumerate(panel.index):
        shares = {key: round(float(weights[key][place]), 4) for key in methods}
        shares = dict(sorted(shares.items(), key=lambda item: -item[1]))
        backtest = {key: (None if np.isnan(v[place]) else v[place].item()) for key, v in summary.items()}
        backtest["horizon"] = panel.lead if backtest["origins"] else 0
        (lo80, hi80), (lo95, hi95) = limits[0.80], limits[0.95]
        yield index, Forecast(
            series[index].id, quantity[:, place], lo80[:, place], hi80[:, place],
            lo95[:, place], hi95[:, place], name_method(shares), shares, backtest,
            Reason("mixed", {"methods": list(shares)[:3], "horizon": panel.lead, "origins": backtest["origins"]}),
            float(panel.mean[place]),
        )
