"""Two years of invoices for the articles of the catalogue, the same for a seed.

``history(end, seed)`` draws every article's demand in its own pattern and lets the
customers order it on the day when the van comes by. All randomness of an article comes
from a generator seeded with its code, so that a new article changes no other.
"""

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta

from .catalogue import CUSTOMERS, SKUS, Customer, Pack, Pattern, Sku

WEEKS = 104
SEED = 19

#: share of a week's fresh demand per working day, Monday to Saturday
FRESH_WEEK = (0.15, 0.12, 0.13, 0.16, 0.25, 0.19)

#: one invoice of so many is followed by a credit note for goods that came back
ONE_RETURN_IN = 30

#: every first of January prices go up by this
YEARLY_INCREASE = 0.03

#: how much a week differs from its expectation beyond counting noise (1/√40 ≈ 16 %)
EVENNESS = 40

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """``quantity`` packs of an article, at ``price`` per pack, without tax."""

    sku: Sku
    pack: Pack
    quantity: int
    price: float

    @property
    def units(self):
        return self.quantity * self.pack.factor


@dataclass(frozen=True)
class Invoice:
    """A customer invoice, or the credit note for returned goods."""

    customer: Customer
    day: date
    lines: tuple[Line, ...]
    is_return: bool = False


def history(end, seed=SEED, weeks=WEEKS):
    """All invoices of the ``weeks`` full weeks before the week of ``end`` and of that
    week up to ``end``, in the order of their days."""
    monday = end - timedelta(days=end.weekday())
    start = monday - weeks * _WEEK
    baskets = {}
    for sku in SKUS:
        rng = random.Random(f"{seed}/{sku.code}")
        demand = _Demand(sku, start, end, rng)
        for customer, day, units in _orders(sku, demand, weeks + 1, rng):
            if day <= end:
                line = _line(sku, customer, units, price_at(sku, day, end))
                baskets.setdefault((day, customer), []).append(line)
    rng = random.Random(f"{seed}/returns")
    invoices = []
    for day, customer in sorted(baskets, key=lambda key: (key[0], key[1].name)):
        invoice = Invoice(customer, day, tuple(baskets[day, customer]))
        invoices.append(invoice)
        if rng.randrange(ONE_RETURN_IN) == 0:
            invoices.append(_credit_note(invoice, end, rng))
    return sorted(invoices, key=lambda invoice: invoice.day)


def demand(sku, weeks, end, seed):
    """What is asked for of one article, in units, on each day of so many weeks up to
    ``end``, which is a Sunday."""
    rng = random.Random(seed)
    start = end - weeks * _WEEK + timedelta(days=1)
    days = [0] * 7 * weeks
    for _customer, day, units in _orders(
        sku, _Demand(sku, start, end, rng), weeks, rng
    ):
        days[(day - start).days] += units
    return days


def price_at(sku, day, today):
    """The price of one unit on ``day``: the catalogue's price is today's."""
    return sku.price / (1 + YEARLY_INCREASE) ** (today.year - day.year)


class _Demand:
    """How many units of one article are asked for, week by week and day by day."""

    def __init__(self, sku, start, end, rng):
        self.sku = sku
        self.start = start
        self.days = (end - start).days
        self.rng = rng
        # New articles came 4 to 8 weeks ago, dead ones went 29 to 45 weeks ago.
        self.launch = end - rng.randint(28, 56) * timedelta(days=1)
        self.end_of_sale = end - rng.randint(203, 315) * timedelta(days=1)

    def of_week(self, monday):
        """Units in the week that begins on ``monday``."""
        middle = monday + timedelta(days=3)
        if self.sku.pattern is Pattern.INTERMITTENT:
            return self._seldom(probability=min(0.35, 0.7 * self.sku.level))
        if self.sku.pattern is Pattern.LUMPY:
            return self._lump(probability=0.2)
        return self._count(self.sku.level * self._course(middle))

    def of_day(self, day):
        """Units on one working day, for what is ordered fresh."""
        return self._count(self.sku.level * FRESH_WEEK[day.weekday()])

    def _course(self, day):
        """The expected demand of the day as a multiple of the article's level."""
        passed = (day - self.start).days / self.days
        match self.sku.pattern:
            case Pattern.RISING:
                return 0.45 + 1.1 * passed
            case Pattern.FALLING:
                return 1.6 - 1.2 * passed
            case Pattern.YEARLY:
                return 0.12 + 2 * _bump(day, self.sku.season)
            case Pattern.NEW:
                age = (day - self.launch).days / 7
                return max(0, min(1, (age + 1) / 4))
            case Pattern.DEAD:
                weeks_left = (self.end_of_sale - day).days / 7
                return max(0, min(1, weeks_left / 12))
        return 1

    def _count(self, mean):
        """A whole number around ``mean``: Poisson, with a gamma distributed mean."""
        if mean <= 0:
            return 0
        return _poisson(mean * self.rng.gammavariate(EVENNESS, 1 / EVENNESS), self.rng)

    def _seldom(self, probability):
        if self.rng.random() >= probability:
            return 0
        return 1 + _poisson(max(0, self.sku.level / probability - 1), self.rng)

    def _lump(self, probability):
        if self.rng.random() >= probability:
            return 0
        spread = 0.9
        centre = math.log(self.sku.level / probability) - spread**2 / 2
        return max(1, round(self.rng.lognormvariate(centre, spread)))


def _orders(sku, demand, weeks, rng):
    """(customer, day, units) of one article, over ``weeks`` weeks."""
    for week in range(weeks):
        monday = demand.start + week * _WEEK
        if sku.pattern is Pattern.WEEKDAY:
            for weekday in range(len(FRESH_WEEK)):
                day = monday + timedelta(days=weekday)
                buyers = [c for c in CUSTOMERS if c.fresh and c.weekday == weekday]
                for who, units in _split(demand.of_day(day), buyers):
                    yield who, day, units
        else:
            units = demand.of_week(monday)
            packs = math.ceil(units / sku.pack.factor)
            buyers = rng.sample(CUSTOMERS, min(rng.randint(1, 2), packs))
            for who, share in _split(units, buyers):
                yield who, monday + timedelta(days=who.weekday), share


def _split(units, buyers):
    """Deal ``units`` out to the buyers by their size, whole and without a rest."""
    total = sum(who.size for who in buyers)
    dealt, so_far = 0, 0.0
    for who in buyers:
        so_far += who.size
        share = round(units * so_far / total) - dealt
        dealt += share
        if share:
            yield who, share


def _line(sku, customer, units, price):
    """Ordered by the pack; a small customer's order may be less than a pack."""
    packs = round(units / sku.pack.factor)
    small = customer.size < 1 and sku.pack is Pack.DOZEN
    if packs == 0 or small:
        return Line(sku, Pack.UNIT, units, round(price, 2))
    return Line(sku, sku.pack, packs, round(price * sku.pack.factor, 2))


def _credit_note(invoice, end, rng):
    """Some of the goods of one or two lines come back a few days later."""
    lines = rng.sample(invoice.lines, min(rng.randint(1, 2), len(invoice.lines)))
    returned = tuple(
        Line(
            line.sku,
            line.pack,
            math.ceil(line.quantity * rng.uniform(0.1, 0.6)),
            line.price,
        )
        for line in lines
    )
    day = min(invoice.day + timedelta(days=rng.randint(1, 4)), end)
    return Invoice(invoice.customer, day, returned, is_return=True)


def _bump(day, season):
    """1 on the season's peak day, towards 0 with the distance from it."""
    distance = abs(day.timetuple().tm_yday - season.peak)
    distance = min(distance, 365 - distance)
    return math.exp(-0.5 * (distance / season.width) ** 2)


def _poisson(mean, rng):
    """Knuth's method; a normal approximation where that takes too many steps."""
    if mean > 60:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
