# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From a forecast to the minimum and maximum of a reordering rule: numbers alone.

The minimum has to last from the day on which stock falls below it until what is ordered
then has arrived, in as many cases as the service level says. Orders are looked at now
and then only: until that day, stock has fallen below the minimum by a part of what
sells between two reviews, and by more where it sells in lumps. What is needed is taken
as gamma distributed, by the forecast's interval of the total; it varies more where the
vendor comes irregularly. The maximum is what is expected in an order cycle above that.
"""

from dataclasses import dataclass, replace
from math import ceil, exp, pi, sqrt
from statistics import NormalDist

import numpy as np

# One of ten totals lies above the upper bound at 80 %, one of forty above that at 95 %.
Z_80, Z_95 = NormalDist().inv_cdf(0.90), NormalDist().inv_cdf(0.975)
# Changes below this share of both numbers are not worth anybody's time.
SMALL_CHANGE = 0.05
# As far ahead as stock is played through, in days.
FARTHEST = 730
# From here on, parts of a unit are not worth a thought.
WHOLE = 10.0
# What rounding leaves of a number of pieces.
TINY = 1e-6

NOT_SHORT, SHORT_SOON, SHORT_BEFORE, SHORT_NOW = "0", "1", "2", "3"


@dataclass(frozen=True)
class Outlook:
    """The expected demand for a product in a company, or in one of its warehouses, from
    the next period on.

    quantity: of each period; upper_80, upper_95: upper bounds of the running total.
    period_days: how long a period is; first_days: days from today until the first one.
    error: of the forecast, as a share of the demand; None where it is not known.
    share: which part this is of the company's demand, to be told.
    """

    quantity: tuple
    upper_80: tuple
    upper_95: tuple
    period_days: float
    first_days: int
    error: float | None = None
    share: float = 1.0

    def scaled(self, share):
        """A part of this."""
        return replace(
            self,
            quantity=tuple(share * one for one in self.quantity),
            upper_80=tuple(share * one for one in self.upper_80),
            upper_95=tuple(share * one for one in self.upper_95),
            share=share * self.share,
        )

    def expected(self, days):
        """Demand of the next days, also for an array of them.

        The rest of the running period sells as the first one that is forecast; what
        lies behind the last one as all of them on average.
        """
        quantity = np.asarray(self.quantity, dtype=float)
        knots = self.first_days + self.period_days * np.arange(len(quantity) + 1)
        begun = quantity[0] / self.period_days * self.first_days
        totals = begun + np.concatenate(([0.0], np.cumsum(quantity)))
        usual = quantity.mean() / self.period_days
        days = np.asarray(days, dtype=float)
        inside = np.interp(days, [0.0, *knots], [0.0, *totals])
        return inside + np.maximum(days - knots[-1], 0.0) * usual

    def margin(self, days, normal):
        """What the demand of the next days exceeds the expected one by, at a standard
        normal quantile.

        Roots of the third degree of gamma distributed totals lie on a line over normal
        quantiles (Wilson and Hilferty, 1931): the two bounds that are known make it.
        """
        total = np.cumsum(self.quantity)
        periods = days / self.period_days
        place = np.arange(1, len(total) + 1)
        expected, high, highest = (
            float(np.interp(periods, place, values))
            for values in (total, self.upper_80, self.upper_95)
        )
        share = (normal - Z_80) / (Z_95 - Z_80)
        if expected <= TINY:
            return max(0.0, high + share * (highest - high))
        root, farther = np.cbrt(high / expected), np.cbrt(highest / expected)
        ratio = max(0.0, root + share * (farther - root)) ** 3
        # Less than a period evens out less than a whole one.
        uneven = sqrt(1.0 / periods) if 0 < periods < 1 else 1.0
        return max(0.0, ratio - 1.0) * uneven * float(self.expected(days))


@dataclass(frozen=True)
class Place:
    """A product at a location: what is there, how it comes, how it is ordered.

    minimum, maximum: of its rule, 0 where there is none.
    share: of the company's demand; None where its warehouse has a forecast of its own.
    lead_days: from the order to the arrival; lead_deviation: standard deviation of it.
    lead: "promised", "measured" or "vendor", whose receipts are ``receipts``.
    least, multiple: of an order; rounding: of the unit of the product.
    coming, leaving: (days from today, quantity) that is on its way, that is promised.
    """

    product_id: int
    warehouse_id: int
    location_id: int
    orderpoint_id: int | None = None
    vendor_id: int | None = None
    minimum: float = 0.0
    maximum: float = 0.0
    share: float | None = 1.0
    lead_days: float = 0.0
    promised_days: float = 0.0
    lead_deviation: float = 0.0
    lead: str = "promised"
    receipts: int = 0
    review_days: float = 7.0
    cycle_days: float = 14.0
    service_level: float = 0.95
    least: float = 0.0
    multiple: float = 0.0
    rounding: float = 1.0
    on_hand: float = 0.0
    coming: tuple = ()
    leaving: tuple = ()
    cost: float = 0.0


@dataclass(frozen=True)
class Proposal:
    """What the rule of a place should be, and what speaks for it."""

    place: Place
    minimum: float
    maximum: float
    # from below the minimum until the order is there: on average, at the service level
    expected: float
    upper: float
    days_short: int | None
    urgency: str
    value_change: float
    shortage_avoided: float
    change: float
    error: float | None
    share: float


def propose(place: Place, outlook: Outlook) -> Proposal | None:
    """What to order by at a place; None where the rule is as it should be."""
    need, longest = _needs(place, outlook)
    upper = need.quantile(place.service_level)
    minimum = _round_up(upper, place.rounding)
    maximum = minimum
    if upper > TINY:
        days = place.lead_days + place.review_days
        cycle = outlook.expected(np.array([days, days + place.cycle_days]))
        maximum += _order(place, float(cycle[1] - cycle[0]))
        # Where an order lasts for less than it takes until the next one.
        least = longest.quantile(place.service_level)
        maximum = max(maximum, _round_up(least, place.rounding))
    if place.orderpoint_id and _is_small(place, minimum, maximum):
        return None
    days_short = _days_short(place, outlook)
    avoided = need.missing(place.minimum) - need.missing(minimum)
    was, becomes = place.minimum + place.maximum, minimum + maximum
    return Proposal(
        place=place,
        minimum=minimum,
        maximum=maximum,
        expected=need.expected,
        upper=upper,
        days_short=days_short,
        urgency=_urgency(place, days_short),
        value_change=(becomes - was) / 2.0 * place.cost,
        shortage_avoided=avoided,
        change=abs(becomes - was) / was if was else 1.0,
        error=outlook.error,
        share=outlook.share,
    )


@dataclass(frozen=True)
class Need:
    """What sells in a time that is not known for sure: mean and variance."""

    expected: float
    variance: float

    def quantile(self, level):
        """What is enough in this share of all cases, and on average at least."""
        normal = max(0.0, NormalDist().inv_cdf(level))
        if self.expected <= TINY:
            return self.expected + normal * sqrt(self.variance)
        # Of a gamma distribution (Wilson and Hilferty, 1931).
        part = self.variance / (9.0 * self.expected**2)
        root = max(0.0, 1.0 - part + normal * sqrt(part))
        return self.expected * max(1.0, root**3)

    def missing(self, stock):
        """What is missing on average where so much is there."""
        return _shortage(stock, self.expected, sqrt(self.variance))


def _needs(place, outlook):
    """The ``Need`` from below the minimum until the order is there, and that of the
    whole lead and review time.

    By how much stock has fallen below the minimum at a review, on average and around
    that: of what sells between two reviews the second moment over twice the first, and
    the third over thrice the first (Silver, Pyke and Thomas 2017, Inventory and
    Production Management in Supply Chains), where that is gamma distributed.
    """
    lead, review = place.lead_days, place.review_days
    days = lead + review
    until, whole = outlook.expected(np.array([lead, days])).tolist()
    between = whole - until
    # The tail that is asked for tells the spread, as far as it is one.
    normal = max(Z_80, NormalDist().inv_cdf(place.service_level))
    variance = (outlook.margin(days, normal) / normal) ** 2
    late = (whole / days * place.lead_deviation) ** 2 if days else 0.0
    uneven = (outlook.margin(review, Z_80) / Z_80 / between) ** 2 if between else 0.0
    below = between * (1.0 + uneven) / 2.0
    spread = between**2 * (1.0 + uneven) * (1.0 + 2.0 * uneven) / 3.0 - below**2
    of_lead = variance * lead / days if days else 0.0
    need = Need(until + below, of_lead + spread + late)
    return need, Need(whole, variance + late)


def _order(place, cycle):
    """An order for a cycle: not below the least one, in whole multiples."""
    quantity = _round_up(max(cycle, place.least), place.rounding)
    return _round_up(quantity, place.multiple) if place.multiple > 0 else quantity


def _round_up(quantity, step):
    if step <= 0:
        return quantity
    if step < 1 and quantity >= WHOLE:
        step = 1.0
    # Steps as 0.01 are no whole numbers of the computer.
    return round(max(0, ceil(quantity / step - TINY)) * step, 9)


def _is_small(place, minimum, maximum):
    return (
        abs(minimum - place.minimum) <= SMALL_CHANGE * place.minimum
        and abs(maximum - place.maximum) <= SMALL_CHANGE * place.maximum
    )


def path(place: Place, outlook: Outlook, days: int):
    """Stock at the end of each of the next days, from today on, if nothing is ordered.

    What is promised to customers is a part of the demand that is expected, unless it is
    more.
    """
    ahead = np.arange(days + 1)
    leaving = _running(place.leaving, days)
    demand = np.maximum(outlook.expected(ahead), leaving)
    return place.on_hand + _running(place.coming, days) - demand


def _running(dated, days):
    total = np.zeros(days + 1)
    for day, quantity in dated:
        if day <= days:
            total[max(0, int(day))] += quantity
    return np.cumsum(total)


def _days_short(place, outlook):
    """In how many days the stock is used up, None if in none that matters."""
    days = place.lead_days + place.review_days + place.cycle_days
    return first_short(path(place, outlook, min(ceil(days), FARTHEST)))


def first_short(stock):
    """The first day of a ``path`` at whose end something is missing, or None.

    What is used up to the last piece is not missing, whatever floats leave of it.
    """
    [short] = np.nonzero(stock < -TINY)
    return int(short[0]) if len(short) else None


def _urgency(place, days_short):
    if days_short is None:
        return NOT_SHORT
    if days_short <= 1:
        return SHORT_NOW
    if days_short <= place.lead_days:
        return SHORT_BEFORE
    return SHORT_SOON


def _shortage(stock, expected, deviation):
    """What is expected to be missing when so much is there for a normal demand."""
    if deviation <= TINY:
        return max(0.0, expected - stock)
    far = (stock - expected) / deviation
    density = exp(-far * far / 2.0) / sqrt(2.0 * pi)
    return deviation * (density - far * (1.0 - NormalDist().cdf(far)))
