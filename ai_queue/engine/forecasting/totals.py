"""Intervals of the total over the first periods: what a buyer orders on.

Errors of the periods do not simply add up. Where the level is wrong, they all go the
same way and the total is as uncertain as its periods; where they are chance, they even
out; where a standing order comes a week late, they cancel. How much they do is measured
by the back-test: the error of one period against that of the total over the lead, with
a power of the number of periods between (as in the variance-time plot of self-similar
series; Beran 1994, Statistics for Long-Memory Processes).

A total is taken as gamma distributed, which is as skewed as sums of orders are and
never below zero (Burgin 1975, ORQ 26). The lower bound is zero where it may well be
that nothing is ordered at all; the upper bound stays where a tenth (at 80 %) or a
fortieth (at 95 %) lies above it: what a buyer who wants to be short that seldom stocks.
"""

from __future__ import annotations

import numpy as np

from .intervals import GROUND, HALF_LIFE, LEAST_FREEDOM, LEVELS, student_factor

#: Expected error of a level (as a share) before any is known; how many past totals it
#: is worth that errors even out as usual.
PRIOR_LEVEL, PRIOR_WEIGHT = 0.1, 2.0
#: The future is less certain than the past that the weights were made for.
WIDER = 1.05
#: What is further ahead is less certain: power of the variance beside evening out.
GROWTH = 0.25
#: Uncertainty (variance as a share) of how many orders to expect.
DOUBT = 0.5
#: Periods of the history that count beside those that were forecast in the past.
HISTORY_WEIGHT = 2.0
#: Power with which errors even out: where nothing tells, and its bounds.
USUAL_POWER, POWERS = 0.35, (-0.3, 1.8)
#: Beyond the tested lead, errors even out at most like chance, and at least so much.
FAR_POWERS = (-0.3, 0.7)


def total_bounds(panel, trials, weights, quantity):
    """Bounds of the running total, level -> ((H, N), (H, N)), around `quantity`."""
    count = np.arange(1, len(quantity) + 1)[:, None]
    expected = np.cumsum(quantity, 0)
    errors = _TotalErrors(panel, trials, weights)
    deviation = WIDER * errors.spread(count) * (expected + count * errors.ground)
    empty = _chance_of_none(panel, expected)
    result, inner_low, inner_high = {}, expected, expected
    for level, normal, _cut in LEVELS:
        wide = student_factor(normal, errors.freedom)
        low = _gamma(expected, deviation, -normal * wide)
        low = np.where(empty > (1.0 - level) / 2.0, 0.0, low)
        high = _gamma(expected, deviation, normal * wide)
        inner_low = np.minimum(np.maximum.accumulate(low, 0), inner_low)
        inner_high = np.maximum(np.maximum.accumulate(high, 0), inner_high)
        result[level] = inner_low, inner_high
    return result


class _TotalErrors:
    """Past errors of single periods and of totals, as shares of the forecast."""

    def __init__(self, panel, trials, weights):
        self.lead = panel.lead
        self.ground = GROUND * panel.mean + (panel.mean <= 0)
        width = len(panel.index)
        single, periods, total, totals = np.zeros((4, width))
        for trial in trials:
            forecast = trial.mixed(weights)
            seen = trial.seen * trial.able
            count = np.maximum(seen.sum(0), 1.0)
            scale = (forecast * seen).sum(0) / count + self.ground
            error = (trial.actual - forecast) * seen / scale
            mass = trial.able * 0.5 ** ((trial.age / self.lead - 1) / HALF_LIFE)
            single += mass * (error**2).sum(0)
            periods += mass * seen.sum(0)
            total += mass * (error.sum(0) / count) ** 2
            totals += mass
        self.freedom = LEAST_FREEDOM + sum(
            (trial.able for trial in trials), np.zeros(width)
        )
        swing = _swing(panel) / (panel.mean + self.ground) ** 2
        self.single = (single + HISTORY_WEIGHT * (swing + PRIOR_LEVEL**2)) / (
            periods + HISTORY_WEIGHT
        )
        # Standing orders that come a week late even out sooner than chance.
        usual = self.single / self.lead ** (USUAL_POWER + panel.regular)
        self.total = (total + PRIOR_WEIGHT * usual) / (totals + PRIOR_WEIGHT)
        power = np.full(width, USUAL_POWER)
        if self.lead > 1:
            power = np.log(self.single / self.total) / np.log(self.lead)
        self.power = np.clip(power - GROWTH, *POWERS)

    def spread(self, count):
        """Standard deviation of the mean error of so many periods, (H, N)."""
        near = np.minimum(count, self.lead)
        start = self.total * self.lead**self.power if self.lead > 1 else self.single
        variance = start * near**-self.power
        far = np.clip(self.power, *FAR_POWERS)
        return np.sqrt(variance * (np.maximum(count, self.lead) / self.lead) ** -far)


def _chance_of_none(panel, expected):
    """Chance (H, N) that nothing at all is ordered, by the usual size of an order.

    Orders that come by chance at an uncertain rate: negative binomial.
    """
    orders = ((panel.y > 0) * panel.seen).sum(0)
    size = panel.y.sum(0) / np.maximum(orders, 1.0)
    number = expected / np.where(size > 0, size, 1.0)
    chance = (1.0 + DOUBT * number) ** (-1.0 / DOUBT)
    # What sells in nearly every period does not stop by chance.
    seldom = np.minimum(2.0 * panel.zero_share, 1.0)
    return chance * seldom * (1.0 - panel.regular)


def _swing(panel):
    """Variance (N,) of demand from one known period to the next."""
    pairs = panel.seen[1:] * panel.seen[:-1]
    step = (panel.y[1:] - panel.y[:-1]) * pairs
    return 0.5 * (step**2).sum(0) / np.maximum(pairs.sum(0), 1.0)


def _gamma(mean, deviation, normal):
    """Quantiles of gamma distributions at a standard normal one.

    Wilson & Hilferty 1931, PNAS 17.
    """
    shape = (mean / np.where(deviation > 0, deviation, 1.0)) ** 2
    known = (deviation > 0) & (mean > 0)
    part = 1.0 / (9.0 * np.where(known, np.maximum(shape, 1e-3), 1.0))
    root = np.maximum(1.0 - part + normal * np.sqrt(part), 0.0)
    return np.where(known, mean * root**3, mean)
