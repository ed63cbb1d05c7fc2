"""Goods, customers and vendors by chance, and weeks in which they are reordered.

They are the articles of the company of ``bin/demo``, whose demand it draws as well. All
randomness of a product comes from a generator seeded with its number, so that more
products change none. What cannot be delivered at once is lost, and nobody writes it
down: who orders sees what was sold.
"""

import math
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from dev.company import sales
from dev.company.catalogue import SKUS, Pattern

HISTORY_WEEKS = 104
WARM_UP_WEEKS = 13
REVIEW_DAYS, CYCLE_DAYS, SERVICE_LEVEL = 7, 14, 0.95
PROMISED_DAYS = (5, 7, 14, 14, 21, 28)
MULTIPLES = (1, 1, 1, 6, 12)
#: A person orders the first lot of what is new.
ARTICLES = [sku for sku in SKUS if sku.pattern is not Pattern.NEW]
#: the last day, a Sunday
END = date(2026, 3, 29)
#: receipts of each vendor before the first review
EARLIER_RECEIPTS = 8
#: so many tell what a vendor takes
OWN_RECEIPTS = 3


@dataclass(frozen=True)
class Goods:
    """A product, its customers and its vendor."""

    number: int
    pattern: str
    #: what is asked for on each day, from a Monday on
    demand: np.ndarray
    cost: float
    promised_days: int
    #: how long each order really takes, by the week in which it is placed
    lead_days: np.ndarray
    #: how long those took that came before
    earlier: tuple
    multiple: int


def goods(number, weeks, seed):
    """A product for so many weeks, the same one whatever else there is."""
    rng = np.random.default_rng([seed, number])
    sku = ARTICLES[number % len(ARTICLES)]
    # The same article sells more in one shop than in another.
    sku = replace(sku, level=sku.level * math.exp(rng.normal(0, 0.5)))
    demand = sales.demand(sku, weeks, END, f"{seed}/{number}")
    promised = int(rng.choice(PROMISED_DAYS))
    late = rng.gamma(1.0, rng.uniform(0.02, 0.25), weeks + EARLIER_RECEIPTS)
    took = np.maximum(1, np.rint(promised * (1 + late))).astype(int)
    return Goods(
        number=number,
        pattern=sku.pattern.value,
        demand=np.array(demand),
        cost=sku.cost,
        promised_days=promised,
        lead_days=took[EARLIER_RECEIPTS:],
        earlier=tuple(took[:EARLIER_RECEIPTS].tolist()),
        multiple=sku.pack.factor,
    )


@dataclass
class Shop:
    """What is in stock and on its way of each product, and what became of demand."""

    goods: list
    policy: object
    history_weeks: int = HISTORY_WEEKS
    decisions: list = field(default_factory=list)

    def __post_init__(self):
        self.days = len(self.goods[0].demand)
        self.first_day = 7 * self.history_weeks
        count = len(self.goods)
        self.demand = np.array([one.demand for one in self.goods])
        self.sold = self.demand.copy().astype(float)
        self.is_empty = np.zeros((count, self.days), dtype=bool)
        self.stock = np.zeros((count, self.days))
        self.arriving = np.zeros((count, self.days + 730))
        self.receipts = [list(one.earlier) for one in self.goods]
        self.due = [[] for _one in self.goods]
        self.on_order = np.zeros(count)
        # Everybody begins with what lasts until the first order has come.
        last = self.demand[:, self.first_day - 91 : self.first_day].mean(1)
        promised = np.array([one.promised_days for one in self.goods])
        self.on_hand = np.ceil(last * (promised + REVIEW_DAYS + CYCLE_DAYS))

    def run(self):
        """Live through all days after the history."""
        for day in range(self.first_day, self.days):
            self._receive(day)
            if (day - self.first_day) % REVIEW_DAYS == 0:
                self._order(day)
            self.is_empty[:, day] = self.on_hand <= 0
            self.sold[:, day] = np.minimum(self.demand[:, day], self.on_hand)
            self.on_hand -= self.sold[:, day]
            self.stock[:, day] = self.on_hand
        return self

    def _receive(self, day):
        come = self.arriving[:, day]
        self.on_hand += come
        self.on_order -= come
        for own, due in zip(self.receipts, self.due, strict=True):
            own += [took for when, took in due if when == day]

    def _order(self, day):
        position = self.on_hand + self.on_order
        ordered = self.policy(self, day, position)
        self.decisions.append(ordered)
        self.on_order += ordered
        for row, one in enumerate(self.goods):
            if ordered[row] > 0:
                took = int(one.lead_days[day // 7])
                self.arriving[row, day + took] += ordered[row]
                self.due[row].append((day + took, took))

    # ------------------------------------------------------------
    # WHAT WHO ORDERS CAN KNOW
    # ------------------------------------------------------------

    def weeks_sold(self, day):
        """What was sold in each whole week before a day, (products, weeks)."""
        return self.sold[:, : day // 7 * 7].reshape(len(self.goods), -1, 7).sum(2)

    def weeks_empty(self, day):
        """Whether nothing was there on half of the days of a week or more."""
        empty = self.is_empty[:, : day // 7 * 7].reshape(len(self.goods), -1, 7)
        return 2 * empty.sum(2) >= 7

    def leads(self):
        """Mean and standard deviation of the days that orders took, where that is
        known; else what was promised."""
        found = [
            (np.mean(own), np.std(own, ddof=1))
            if len(own) >= OWN_RECEIPTS
            else (one.promised_days, 0.0)
            for one, own in zip(self.goods, self.receipts, strict=True)
        ]
        return np.array(found).T

    # ------------------------------------------------------------
    # WHAT CAME OF IT
    # ------------------------------------------------------------

    def result(self, chosen=lambda own: True):
        """What counts, from the end of the first weeks on.

        :param chosen: whether a product counts
        """
        rows = [row for row, own in enumerate(self.goods) if chosen(own)]
        scored = slice(self.first_day + 7 * WARM_UP_WEEKS, self.days)
        asked, sold = self.demand[rows, scored], self.sold[rows, scored]
        cost = np.array([self.goods[row].cost for row in rows])
        stock = self.stock[rows, scored].mean(1)
        wanted = asked.sum(1) > 0
        each = sold.sum(1)[wanted] / asked.sum(1)[wanted]
        total, worth = asked.sum(), (cost @ asked).sum()
        return {
            "fill": sold.sum() / total if total else 1.0,
            "fill_value": (cost @ sold).sum() / worth if worth else 1.0,
            "fill_each": each.mean() if wanted.any() else 1.0,
            "stock": stock.sum(),
            "value": cost @ stock,
            "orders": sum((one[rows] > 0).sum() for one in self.ordered()),
        }

    def ordered(self):
        """What was ordered at each review that counts."""
        return self.decisions[WARM_UP_WEEKS:]
