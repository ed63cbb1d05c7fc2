#!/usr/bin/env python3
"""Accuracy of the forecast engine on real demand, by published protocols.

Reads the sets of ../shared/data/demand beside the repository (its README.md
explains protocols and metrics) and prints a table per set: ours, naive, the best
baseline, the published anchors, and the ratios between them.

    benchmarks/forecast_accuracy.py [SET ...] [--half 0|1]
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "demand"
sys.path.insert(0, str(ROOT / "ai_queue"))

from engine.forecasting import Series, forecast  # noqa: E402

#: One scored forecast: history that it saw, truth (nan = not scored), Forecast.
CASES = {}


def floats(values):
    """A list with ``null`` as a float array with ``nan``."""
    return np.array([np.nan if v is None else v for v in values], float)


def load(name, half=None):
    """The records of a set, or every second one of them."""
    with open(DATA / name / "series.jsonl", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return records if half is None else records[half::2]


def single_origin(records):
    """One forecast per series from the end of ``train``: (series, truth)."""
    for one in records:
        history = floats(one["train"])
        if one["id"].startswith("CARPARTS"):  # its protocol drops the nulls
            history = history[~np.isnan(history)]
        yield (
            Series(one["id"], one["freq"], history, one["horizon"], one["season"]),
            floats(one["test"]),
        )


def pasta_daily(records, columns=True):
    """Seven rolling windows of 30 days over the last 210."""
    for one in records:
        y = floats(one["train"] + one["test"])
        promo = floats(one["x"]["promo_train"] + one["x"]["promo_test"])
        for start in range(len(y) - 210, len(y), 30):
            known = {"promo": (promo[:start], promo[start : start + 30])}
            yield (
                Series(one["id"], "D", y[:start], 30, 7, known if columns else {}),
                y[start : start + 30],
            )


def pasta_weekly(records, columns=False):
    """260 blocks of seven days, four rolling windows of eight weeks."""
    for one in records:
        days = np.nan_to_num(floats(one["train"] + one["test"]))[:1820]
        promo = floats(one["x"]["promo_train"] + one["x"]["promo_test"])[:1820]
        y = days.reshape(260, 7).sum(1)
        share = np.nanmean(promo.reshape(260, 7), axis=1)
        for start in range(228, 260, 8):
            known = {"promo": (share[:start], share[start : start + 8])}
            yield (
                Series(one["id"], "W", y[:start], 8, None, known if columns else {}),
                y[start : start + 8],
            )


def oj(records, columns=True):
    """Twelve rounds; weeks +2 and +3 are scored, columns known for +1 to +3."""
    names = ("price", "avg_price", "deal", "feat")
    for one in records:
        week = np.array(one["x"]["week_train"] + one["x"]["week_test"])
        y = floats(one["train"] + one["test"])
        values = {
            name: floats(one["x"][name + "_train"] + one["x"][name + "_test"])
            for name in names
        }
        for last in range(135, 158, 2):
            past = week <= last
            ahead = np.array([last + 1, last + 2, last + 3])
            at = {w: i for i, w in enumerate(week)}
            rows = [at.get(w) for w in ahead]
            truth = np.array([np.nan if i is None else y[i] for i in rows])
            truth[0] = np.nan
            known = {
                name: (
                    column[past],
                    np.array([np.nan if i is None else column[i] for i in rows]),
                )
                for name, column in values.items()
            }
            yield (
                Series(one["id"], "W", y[past], 3, 52, known if columns else {}),
                truth,
            )


SETS = {
    "m3_monthly": ("m3_monthly", single_origin),
    "carparts_monthly": ("carparts_monthly", single_origin),
    "ukretail_weekly": ("ukretail_weekly", single_origin),
    "uci_weekly": ("uci_weekly", single_origin),
    "pasta_daily": ("pasta_daily", pasta_daily),
    "pasta_weekly": ("pasta_daily", pasta_weekly),
    "oj_weekly": ("oj_weekly", oj),
}
MASE_LAG = defaultdict(lambda: 1, m3_monthly=12, carparts_monthly=12)


def measure(name, pairs, forecasts):
    """All metrics of one set from (series, truth) pairs and their forecasts."""
    pairs = [(s, t, f) for (s, t), f in zip(pairs, forecasts, strict=True)]
    pairs = [p for p in pairs if not np.isnan(p[1]).all()]
    truth = [t for _, t, _ in pairs]
    guess = [np.where(np.isnan(t), np.nan, f.quantity) for _, t, f in pairs]
    y, f = np.concatenate(truth), np.concatenate(guess)
    known = ~np.isnan(y)
    y, f = y[known], f[known]
    error = np.abs(y - f)
    size = np.abs(y) + np.abs(f)
    with np.errstate(divide="ignore", invalid="ignore"):
        smape = np.where(size > 0, 200 * error / size, 0.0)
        mape = 100 * error / y
    total = y.sum()
    cumulative = sum(
        abs(np.nansum(g) - np.nansum(t)) for g, t in zip(guess, truth, strict=True)
    )
    return {
        "n": len(pairs),
        "sMAPE": smape.mean(),
        "MASE": mean_scaled(pairs, MASE_LAG[name], 1),
        "RMSSE": mean_scaled(pairs, 1, 2),
        "ND": error.sum() / total,
        "NRMSE": np.sqrt((error**2).mean()) / y.mean(),
        "ND_cum": cumulative / total,
        "bias": f.sum() / total - 1,
        "MAPE": mape[np.isfinite(mape)].mean(),
        "WAPE": error.sum() / total,
        "cover80": coverage(pairs, "lo80", "hi80"),
        "cover95": coverage(pairs, "lo95", "hi95"),
    }


def mean_scaled(pairs, lag, power):
    """MASE (power 1) or RMSSE (power 2), mean over the series with a scale."""
    ratios = []
    for series, truth, result in pairs:
        history = np.asarray(series.history)
        if power == 2:
            history = history[np.argmax(history > 0) :]
        steps = np.abs(history[lag:] - history[:-lag]) ** power
        scale = np.nanmean(steps) if np.isfinite(steps).any() else 0.0
        if scale > 0:
            error = np.nanmean(np.abs(truth - result.quantity) ** power)
            ratios.append((error / scale) ** (1 / power))
    return float(np.mean(ratios))


def coverage(pairs, low, high):
    """Share of the scored periods whose demand lies inside the interval."""
    inside = scored = 0
    for _, truth, result in pairs:
        known = ~np.isnan(truth)
        lower, upper = getattr(result, low)[known], getattr(result, high)[known]
        inside += ((truth[known] >= lower - 1e-9) & (truth[known] <= upper + 1e-9)).sum()
        scored += known.sum()
    return inside / scored


def run(name, half=None, forecaster=forecast, **options):
    """Forecast and measure one set; returns metrics and seconds."""
    folder, protocol = SETS[name]
    pairs = list(protocol(load(folder, half), **options))
    started = time.perf_counter()
    forecasts = forecaster([series for series, _ in pairs])
    seconds = time.perf_counter() - started
    return measure(name, pairs, forecasts), seconds
