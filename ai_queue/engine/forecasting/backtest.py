"""Rolling back-test: what each method would have missed in the past.

From several points of the past, everything is forecast again with what was known
then, effects of season and columns included. Methods are judged on the total over
the lead, in error and in bias: what a buyer orders on. Error per period alone would
prefer to forecast zero for whatever sells in less than half of the periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .candidates import candidates
from .panel import Panel

#: Methods that a forecast is made of when the caller names none.
AUTOMATIC = (
    "mean",
    "moving_average",
    "seasonal_mean",
    "ses",
    "holt",
    "theta",
    "croston",
    "sba",
    "tsb",
    "imapa",
)
#: Points of the past to forecast from, at most.
ORIGINS = 6
#: Observed periods that a method needs before such a point.
LEAST_HISTORY = 6
#: Weight of a method falls with this power of its error, as origins grow many.
POWER = 5.5
#: Share of the mean error of all methods that is added to each: tames lucky ones.
DAMPER = 0.1
#: Observations at which a trend, and what methods missed in the past, count half; up
#: to which plain averages have more of a say; and how steeply that changes.
SETTLED, TOLD, THIN, STEEPNESS = 30.0, 24.0, 28.0, 3.0
#: Sales to be expected in all trials with which these tell half.
FEW = 1.5


@dataclass(frozen=True)
class Trial:
    """One point of the past: forecasts and truth of the `lead` periods after it.

    forecasts: method -> (lead, N); actual, seen: (lead, N); able: (N,) 1.0 where the
    history before was long enough; age: periods between it and now.
    """

    forecasts: dict[str, np.ndarray]
    actual: np.ndarray
    seen: np.ndarray
    able: np.ndarray
    age: int

    def mixed(self, weights):
        """The weighted forecast, (lead, N)."""
        return sum(weights[key] * value for key, value in self.forecasts.items())


def run_trials(panel: Panel, needed) -> list[Trial]:
    """Forecast again from up to `ORIGINS` points of the past, latest first.

    needed: as in `candidates`.
    """
    lead = panel.lead
    step = lead if lead <= 4 else (lead + 1) // 2
    least = max(LEAST_HISTORY, lead // 2)
    trials = []
    for number in range(ORIGINS):
        offset = lead + number * step
        able = panel.span - offset >= least
        if not able.any():
            break
        past = panel.before(offset)
        forecasts = candidates(past, needed).forecasts
        rows = slice(len(past.y), len(past.y) + lead)
        trials.append(
            Trial(
                {key: value[:lead] for key, value in forecasts.items()},
                panel.y[rows],
                panel.seen[rows],
                able.astype(float) * (panel.seen[rows].sum(0) > 0),
                offset,
            )
        )
    return trials


def priors(panel: Panel, methods) -> dict[str, np.ndarray]:
    """Weight of each method before its past errors are known, (N,) each.

    By the share of periods without demand, as in the classification of Syntetos,
    Boylan & Croston 2005 (JORS 56), without its hard borders: trends are seen where
    something sells in every period; methods for intermittent demand take over as
    zeros grow. Where columns explain the ups and downs, trends are left to them.
    """
    zeros = panel.zero_share
    full = np.ones_like(zeros)
    # A trend needs some history to be told from noise.
    thin = 1.0 - _evidence(panel, THIN)
    settled = _evidence(panel, SETTLED)
    trend = settled * (0.0 if len(panel.columns) else 1.0)
    table = {
        "mean": full if len(panel.columns) else 0.35 * (1.0 - zeros) + 0.5 * thin,
        "moving_average": zeros + 0.5 * thin,
        "naive": 0.0 * full,
        "seasonal_naive": 0.0 * full,
        "ses": full,
        "holt": 1.7 * (1.0 - zeros) * trend,
        "theta": 1.1 * (1.0 - zeros**2) * trend,
        "sba": 0.15 * zeros,
        "tsb": 0.5 * zeros,
        "adida": 0.0 * full,
        "imapa": 0.3 * zeros + 1.7 * thin,
    }
    regular = panel.regular
    table = {key: (1.0 - regular) * value for key, value in table.items()}
    table["croston"] = regular
    part = panel.part_of_season
    table = {key: (1.0 - part) * value for key, value in table.items()}
    table["seasonal_mean"] = part
    chosen = {key: table[key] for key in methods}
    total = sum(chosen.values())
    return {
        key: np.where(total > 0, value / np.where(total > 0, total, 1.0), 1.0)
        for key, value in chosen.items()
    }


def weigh(trials: list[Trial], prior, panel) -> dict[str, np.ndarray]:
    """Weight of each method, (N,) each, sum 1: its prior times its past accuracy."""
    weights, methods = dict(prior), list(prior)
    if trials and len(methods) > 1:
        count = sum(trial.able for trial in trials)
        errors = {key: _total_error(trials, key) for key in methods}
        typical = sum(weights[key] * errors[key] for key in methods)
        typical = typical / sum(weights.values())
        power = POWER * count / (count + 2.0) * _evidence(panel, TOLD)
        power = power * _tested(trials, panel)
        for key in methods:
            ratio = (errors[key] + DAMPER * typical) / np.where(
                typical > 0, typical, 1.0
            )
            trusted = np.where(typical > 0, np.maximum(ratio, 1e-3) ** -power, 1.0)
            weights[key] = weights[key] * trusted
    total = sum(weights.values())
    return {key: value / total for key, value in weights.items()}


def _tested(trials, panel):
    """How much the trials can tell (N,), 0 to 1, by how many sales they should hold.

    Of what sells once a year most hold none, and who always says zero is right there.
    """
    rows = len(panel.y)
    age = np.max([trial.age * trial.able for trial in trials], axis=0)
    inside = rows - np.arange(rows)[:, None] <= age
    expected = (inside * panel.seen).sum(0) * (1.0 - panel.zero_share)
    return expected / (expected + FEW)


def _total_error(trials, key):
    """Mean absolute error plus absolute mean error of the total over the lead."""
    count = np.maximum(sum(trial.able for trial in trials), 1.0)
    errors = [
        ((trial.forecasts[key] - trial.actual) * trial.seen).sum(0) * trial.able
        for trial in trials
    ]
    return (sum(np.abs(error) for error in errors) + np.abs(sum(errors))) / count


def _evidence(panel, half):
    """How much a history tells (N,), 0 to 1: 0.5 with `half` observations."""
    known = (panel.count / half) ** STEEPNESS
    return known / (1.0 + known)


def summarise(panel, trials, weights) -> dict[str, np.ndarray]:
    """What the weighted forecast missed: arrays (N,), ``nan`` without demand."""
    width = len(panel.index)
    absolute, signed, single, demand = (np.zeros(width) for _ in range(4))
    for trial in trials:
        error = (trial.mixed(weights) - trial.actual) * trial.seen * trial.able
        absolute += np.abs(error.sum(0))
        signed += error.sum(0)
        single += np.abs(error).sum(0)
        demand += (trial.actual * trial.seen * trial.able).sum(0)
    safe = np.where(demand > 0, demand, np.nan)
    return {
        "error": absolute / safe,
        "bias": signed / safe,
        "period_error": single / safe,
        "origins": sum((trial.able for trial in trials), np.zeros(width)).astype(int),
    }
