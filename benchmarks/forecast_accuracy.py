#!/usr/bin/env python3
"""Accuracy of the forecast engine on real demand, by published protocols.

Reads the sets of ../shared/data/demand beside the repository (its README.md explains
protocols and metrics) and prints per set what we reach, the naive forecast and the
best of the baselines on the same series, what others published, and the ratios.

    benchmarks/forecast_accuracy.py [SET ...] [--half 0|1] [--learn] [--last N]

Every window of a rolling protocol is a series of its own that ends where the window
begins, so nothing of the future can leak.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "demand"
sys.path.insert(0, str(ROOT / "ai_queue"))

from engine.forecasting import Series, forecast, learning  # noqa: E402

# ------------------------------------------------------------
# PROTOCOLS: records of a set -> (series, truth) pairs
# ------------------------------------------------------------


def floats(values):
    """A list with ``null`` as a float array with ``nan``."""
    return np.array([np.nan if value is None else value for value in values], float)


def single_origin(records, options):
    """One forecast per series from the end of ``train``."""
    for one in records:
        history = floats(one["train"])
        if options.get("drop_nulls"):
            history = history[~np.isnan(history)]
        series = Series(one["id"], one["freq"], history, one["horizon"], one["season"])
        yield series, floats(one["test"])


def pasta_daily(records, options):
    """Seven rolling windows of 30 days over the last 210."""
    for one in records:
        y = floats(one["train"] + one["test"])
        promo = floats(one["x"]["promo_train"] + one["x"]["promo_test"])
        for start in range(len(y) - 210, len(y), 30):
            known = {"promo": (promo[:start], promo[start : start + 30])}
            known = known if options.get("columns") else {}
            series = Series(one["id"], "D", y[:start], 30, 7, known)
            yield series, y[start : start + 30]


def pasta_weekly(records, options):
    """260 blocks of seven days, four rolling windows of eight weeks."""
    for one in records:
        days = np.nan_to_num(floats(one["train"] + one["test"]))[:1820]
        promo = floats(one["x"]["promo_train"] + one["x"]["promo_test"])[:1820]
        y = days.reshape(260, 7).sum(1)
        share = np.nan_to_num(promo).reshape(260, 7).mean(1)
        for start in range(228, 260, 8):
            known = {"promo": (share[:start], share[start : start + 8])}
            known = known if options.get("columns") else {}
            series = Series(one["id"], "W", y[:start], 8, None, known)
            yield series, y[start : start + 8]


def orange_juice(records, options):
    """Twelve rounds; weeks +2 and +3 are scored, columns known for +1 to +3."""
    for one in records:
        extra = one["x"]
        week = np.array(extra["week_train"] + extra["week_test"])
        y = floats(one["train"] + one["test"])
        columns = {
            name: floats(extra[name + "_train"] + extra[name + "_test"])
            for name in ("price", "avg_price", "deal", "feat")
        }
        place = {number: at for at, number in enumerate(week.tolist())}
        for last in range(135, 158, 2):
            past = week <= last
            rows = [place.get(number) for number in range(last + 1, last + 4)]
            known = {
                name: (column[past], _at(column, rows))
                for name, column in columns.items()
            }
            known = known if options.get("columns") else {}
            truth = _at(y, rows)
            truth[0] = np.nan
            yield Series(one["id"], "W", y[past], 3, 52, known), truth


def _at(values, rows):
    return np.array([np.nan if row is None else values[row] for row in rows])


#: Name -> folder, protocol, its options, file of baselines, lag of MASE, the metrics
#: that decide, key of the anchors that were published for the full public set.
SETS = {
    "m3_monthly": (
        "m3_monthly", single_origin, {}, "baselines.json", 12,
        ("sMAPE", "MASE"), ("m3_monthly",),
    ),
    "pasta_weekly": (
        "pasta_daily", pasta_weekly, {}, "baselines_weekly.json", 1,
        ("MASE", "NRMSE", "ND"), ("gift_eval", "sets", "pasta_weekly"),
    ),
    "pasta_weekly promo": (
        "pasta_daily", pasta_weekly, {"columns": True}, "baselines_weekly.json", 1,
        ("MASE", "NRMSE", "ND"), ("gift_eval", "sets", "pasta_weekly"),
    ),
    "pasta_daily": (
        "pasta_daily", pasta_daily, {}, "baselines.json", 1,
        ("MASE", "NRMSE", "ND"), ("gift_eval", "sets", "pasta_daily"),
    ),
    "pasta_daily promo": (
        "pasta_daily", pasta_daily, {"columns": True}, "baselines.json", 1,
        ("MASE", "NRMSE", "ND"), ("gift_eval", "sets", "pasta_daily"),
    ),
    "carparts_monthly": (
        "carparts_monthly", single_origin, {"drop_nulls": True}, "baselines.json", 12,
        ("NRMSE", "ND_cum"), ("gift_eval", "sets", "carparts_monthly"),
    ),
    "ukretail_weekly": (
        "ukretail_weekly", single_origin, {}, "baselines.json", 1,
        ("ND", "RMSSE", "ND_cum"), None,
    ),
    "uci_weekly": (
        "uci_weekly", single_origin, {}, "baselines.json", 1,
        ("ND", "RMSSE", "ND_cum"), None,
    ),
    "oj_weekly": (
        "oj_weekly", orange_juice, {}, "baselines.json", 1,
        ("MAPE", "WAPE"), ("oj_weekly", "MAPE"),
    ),
    "oj_weekly columns": (
        "oj_weekly", orange_juice, {"columns": True}, "baselines.json", 1,
        ("MAPE", "WAPE"), ("oj_weekly", "MAPE"),
    ),
}  # fmt: skip


def load(name, half=None):
    """The (series, truth) pairs of a set, or of every second of its series."""
    folder, protocol, options = SETS[name][:3]
    with open(DATA / folder / "series.jsonl", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    records = records if half is None else records[half::2]
    pairs = protocol(records, options)
    return [pair for pair in pairs if not np.isnan(pair[1]).all()]


# ------------------------------------------------------------
# METRICS
# ------------------------------------------------------------


def measure(pairs, forecasts, lag):
    """All metrics of (series, truth) pairs and what was forecast for them."""
    truth = [truth for _, truth in pairs]
    guess = [
        np.where(np.isnan(actual), np.nan, result.quantity)
        for actual, result in zip(truth, forecasts, strict=True)
    ]
    y, f = np.concatenate(truth), np.concatenate(guess)
    y, f = y[~np.isnan(y)], f[~np.isnan(y)]
    error, size = np.abs(y - f), np.abs(y) + np.abs(f)
    off = [abs(np.nansum(g) - np.nansum(t)) for g, t in zip(guess, truth, strict=True)]
    return {
        "sMAPE": np.mean(200 * error / np.where(size > 0, size, 1.0)),
        "MASE": scaled(pairs, forecasts, lag, 1),
        "RMSSE": scaled(pairs, forecasts, 1, 2),
        "ND": error.sum() / y.sum(),
        "WAPE": error.sum() / y.sum(),
        "NRMSE": np.sqrt((error**2).mean()) / y.mean(),
        "ND_cum": sum(off) / y.sum(),
        "MAPE": 100 * np.mean(error[y > 0] / y[y > 0]),
        "bias": f.sum() / y.sum() - 1,
        "in80": inside(pairs, forecasts, "lo80", "hi80"),
        "in95": inside(pairs, forecasts, "lo95", "hi95"),
        "total80": total_inside(pairs, forecasts),
    }


def scaled(pairs, forecasts, lag, power):
    """MASE (power 1) or RMSSE (power 2): mean over the series that have a scale."""
    ratios = []
    for (series, truth), result in zip(pairs, forecasts, strict=True):
        history = np.asarray(series.history)
        if power == 2:
            history = history[np.argmax(history > 0) :]
        steps = np.abs(history[lag:] - history[:-lag]) ** power
        scale = np.nanmean(steps) if np.isfinite(steps).any() else 0.0
        if scale > 0:
            missed = np.nanmean(np.abs(truth - result.quantity) ** power)
            ratios.append((missed / scale) ** (1 / power))
    return np.mean(ratios)


def inside(pairs, forecasts, low, high):
    """Share of the scored periods whose demand lies in the interval."""
    hits = []
    for (_, truth), result in zip(pairs, forecasts, strict=True):
        lower, upper = getattr(result, low) - 1e-9, getattr(result, high) + 1e-9
        hits.append(((truth >= lower) & (truth <= upper))[~np.isnan(truth)])
    return np.concatenate(hits).mean()


def total_inside(pairs, forecasts):
    """Share of the series whose total over the horizon lies in its 80 % interval."""
    hits = [
        result.total_lo80[-1] - 1e-9 <= truth.sum() <= result.total_hi80[-1] + 1e-9
        for (_, truth), result in zip(pairs, forecasts, strict=True)
        if not np.isnan(truth).any()
    ]
    return np.mean(hits) if hits else np.nan


# ------------------------------------------------------------
# TABLE
# ------------------------------------------------------------


def together(series):
    """Forecasts of the statistics with what all series have in common."""
    return learning.combine(series, forecast(series), learning.train(series))


def shorten(pairs, last):
    """The pairs that have so many periods of history, and no more than that."""
    return [
        (
            replace(
                series,
                history=series.history[-last:],
                columns={
                    name: (past[-last:], future)
                    for name, (past, future) in series.columns.items()
                },
            ),
            truth,
        )
        for series, truth in pairs
        if len(series.history) >= last
    ]


def run(name, half=None, forecaster=forecast, last=None):
    """Forecast and measure one set; returns metrics and seconds."""
    pairs = load(name, half)
    if last:
        pairs = shorten(pairs, last)
    started = time.perf_counter()
    forecasts = forecaster([series for series, _ in pairs])
    seconds = time.perf_counter() - started
    return measure(pairs, forecasts, SETS[name][4]), seconds


def published(name, metric):
    """Best published value of a metric on the full set, and who reached it."""
    key = SETS[name][6]
    if key is None:
        return "–"
    with open(DATA / "published_anchors.json", encoding="utf-8") as file:
        node = json.load(file)
    for part in key:
        node = node[part]
    if name == "m3_monthly":
        node = node.get(f"recomputed_{metric}_all_1428", {})
    elif key[0] == "gift_eval":
        node = {who: row[metric] for who, row in node.items() if metric in row}
    elif metric != key[-1]:
        node = {}
    if not node:
        return "–"
    who = min(node, key=node.get)
    return f"{node[who]:.3f} {who}"


def table(name, half=None, forecaster=forecast, last=None):
    """Lines of the table of one set."""
    folder, _, _, file, _, metrics, _ = SETS[name]
    found, seconds = run(name, half, forecaster, last)
    baselines = json.loads((DATA / folder / file).read_text())["results"]["dev"]
    for number, metric in enumerate(metrics):
        rivals = {
            who: row[metric]
            for who, row in baselines.items()
            if metric in row and who != "Zero" and not who.startswith("HGB")
        }
        best = min(rivals, key=rivals.get)
        ours, naive = found[metric], rivals["Naive"]
        row = (
            f"| {name if not number else '':18} | {metric:6} | {ours:7.3f} "
            f"| {naive:7.3f} | {ours / naive:4.2f} | {rivals[best]:7.3f} {best} "
            f"| {ours / rivals[best]:4.2f} | {published(name, metric)} "
        )
        extras = ("bias", "in80", "in95", "total80")
        rest = [f"{100 * found[key]:.1f} %" for key in extras] + [f"{seconds:.1f}"]
        yield row + "| " + " | ".join(rest if not number else [""] * 5) + " |"


def main(arguments=None):
    """Print the table of the asked sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", help=", ".join(SETS))
    parser.add_argument(
        "--half", type=int, choices=(0, 1), help="only every second series of a set"
    )
    parser.add_argument(
        "--learn",
        action="store_true",
        help="also learn what the series of a set have in common (needs lightgbm)",
    )
    parser.add_argument(
        "--last", type=int, help="only so many periods of each history (baselines: all)"
    )
    options = parser.parse_args(arguments)
    if options.learn and not learning.is_available():
        parser.error("--learn needs lightgbm: pip install lightgbm")
    if not DATA.is_dir():
        sys.exit(f"The demand sets are not here ({DATA}): nothing to measure.")
    unknown = set(options.sets) - set(SETS)
    if unknown:
        parser.error(f"no such set: {', '.join(sorted(unknown))}")
    print(
        "| set | metric | ours | naive | ratio | best baseline, same series | ratio "
        "| best published, full set | bias | in 80 % | in 95 % | total in 80 % "
        "| seconds |"
    )
    print("|" + " --- |" * 13)
    for name in options.sets or SETS:
        forecaster = together if options.learn else forecast
        for line in table(name, options.half, forecaster, options.last):
            print(line, flush=True)


if __name__ == "__main__":
    main()
