#!/usr/bin/env python3
"""Reordering played through: what is missing, and what lies in stock for that.

    benchmarks/reorder.py [--products 261] [--weeks 52] [--seed 19] [--sample 6]

Products of all patterns, whose vendors are late by chance, are reordered every Monday:
by the proposals of ``ai_queue_stock`` (its own code, and the engine's forecasts), by a
usual rule of thumb, and as Odoo suggests. What cannot be delivered is lost. All start
with the same stock; the first 13 weeks do not count.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import serving  # first: it makes "dev" importable

from dev import command

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "ai_queue"), str(ROOT / "ai_queue_stock")]

import sold_out  # noqa: E402
from engine.forecasting import Series, forecast  # noqa: E402
from reorder_world import (  # noqa: E402
    CYCLE_DAYS,
    HISTORY_WEEKS,
    REVIEW_DAYS,
    SERVICE_LEVEL,
    WARM_UP_WEEKS,
    Shop,
    goods,
)
from reordering import Outlook, Place, propose  # noqa: E402

HORIZON = 8
HISTORY = 156
MONTH_DAYS = 365.25 / 12
NORMAL_95 = 1.645


def up(quantity, multiples):
    """Quantities in whole multiples."""
    return np.ceil(np.maximum(quantity, 0) / multiples - 1e-6) * multiples


def multiples_of(shop):
    """What each product is ordered in."""
    return np.array([one.multiple for one in shop.goods])


class Proposals:
    """Our proposals, all of them accepted; Odoo orders by the rules."""

    def __init__(self, level=SERVICE_LEVEL):
        self.level = level
        self.minimum = self.maximum = None

    def __call__(self, shop, day, position):
        count = len(shop.goods)
        if self.minimum is None:
            self.minimum, self.maximum = np.zeros((2, count))
        outlooks = self.outlooks(shop, day)
        for row, (place, outlook) in enumerate(
            zip(self.places(shop), outlooks, strict=True)
        ):
            proposal = outlook and propose(place, outlook)
            if proposal:
                self.minimum[row] = proposal.minimum
                self.maximum[row] = proposal.maximum
        wanted = up(self.maximum - position, multiples_of(shop))
        return np.where(position < self.minimum, wanted, 0)

    def outlooks(self, shop, day):
        """As ``ai.queue.kind.reorder`` makes them: the running week is unknown."""
        histories = shop.weeks_sold(day)[:, -HISTORY:]
        empty = shop.weeks_empty(day)[:, -HISTORY:]
        series = [
            Series(
                str(row),
                "W",
                self.history(history, flags),
                HORIZON,
                sold_before=True,
            )
            for row, (history, flags) in enumerate(zip(histories, empty, strict=True))
        ]
        return [
            Outlook(
                quantity=tuple(answer.quantity.tolist()),
                upper_80=tuple(answer.total_hi80.tolist()),
                upper_95=tuple(answer.total_hi95.tolist()),
                period_days=7.0,
                first_days=7,
                error=answer.backtest.get("error"),
            )
            if answer.method != "none"
            else None
            for answer in forecast(series)
        ]

    def history(self, sold, empty):
        """From the first sale on, with the running week at its end."""
        first = int((sold > 0).argmax())
        known = sold_out.hide(sold[first:], empty[first:], "week")
        return np.append(known, np.nan) if sold.any() else np.zeros(0)

    def places(self, shop):
        """Rules as they are, with what vendors took."""
        leads, deviations = shop.leads()
        for row, one in enumerate(shop.goods):
            yield Place(
                product_id=one.number,
                warehouse_id=1,
                location_id=1,
                orderpoint_id=1,
                minimum=self.minimum[row],
                maximum=self.maximum[row],
                lead_days=leads[row],
                lead_deviation=deviations[row],
                review_days=REVIEW_DAYS,
                cycle_days=CYCLE_DAYS,
                service_level=self.level,
                multiple=one.multiple if one.multiple > 1 else 0.0,
            )


class Thumb:
    """The mean of 13 weeks, and what 95 of 100 cycles need by its deviation."""

    def __init__(self, normal=NORMAL_95, weeks=13):
        self.normal = normal
        self.weeks = weeks

    def __call__(self, shop, day, position):
        weeks = shop.weeks_sold(day)[:, -self.weeks :]
        leads, late = shop.leads()
        mean, deviation = weeks.mean(1), weeks.std(1, ddof=1)
        periods = (leads + REVIEW_DAYS) / 7
        spread = np.sqrt(periods * deviation**2 + (mean * late / 7) ** 2)
        minimum = np.ceil(mean * periods + self.normal * spread - 1e-6)
        maximum = minimum + np.ceil(mean * CYCLE_DAYS / 7 - 1e-6)
        wanted = up(maximum - position, multiples_of(shop))
        return np.where(position < minimum, wanted, 0)


class Suggestion:
    """Odoo's own suggestion of purchases: what the last 30 days would need in so many
    days, less what is there and on its way."""

    def __call__(self, shop, day, position):
        leads, _deviations = shop.leads()
        monthly = shop.sold[:, day - 30 : day].sum(1)
        days = np.rint(leads + REVIEW_DAYS + CYCLE_DAYS)
        wanted = np.ceil(monthly * days / MONTH_DAYS - position - 1e-6)
        return up(wanted, multiples_of(shop))


def main(arguments):
    """``benchmarks/reorder.py``: returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench reorder", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--products", type=int, default=261)
    parser.add_argument("--weeks", type=int, default=52, help="that count")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--level", type=float, default=SERVICE_LEVEL)
    parser.add_argument(
        "--sample", type=int, default=6, help="products for Odoo itself; 0: none"
    )
    options = parser.parse_args(arguments)
    weeks = HISTORY_WEEKS + WARM_UP_WEEKS + options.weeks
    articles = [
        goods(number, weeks, options.seed) for number in range(options.products)
    ]
    policies = {
        f"proposals, service level {options.level:.0%}": Proposals(options.level),
        "13 weeks + 95 %": Thumb(),
        "Odoo's suggestion, 30 days": Suggestion(),
    }
    shops = {name: Shop(articles, policy).run() for name, policy in policies.items()}
    print_policies(shops)
    print_patterns(shops)
    if options.sample:
        return print_sample(options)
    return 0


def print_policies(shops):
    """What came of each policy, for all products together."""
    head = ["policy", "fill rate", "of the value", "mean of products"]
    head += ["pieces in stock", "stock at cost", "orders"]
    results = {name: shop.result() for name, shop in shops.items()}
    rows = [
        [
            name,
            *(f"{one[key]:.3f}" for key in ("fill", "fill_value", "fill_each")),
            *(f"{one[key]:,.0f}" for key in ("stock", "value", "orders")),
        ]
        for name, one in results.items()
    ]
    print(serving.table(head, rows))


def print_patterns(shops):
    """Fill rate and pieces in stock by the pattern of demand."""
    patterns = sorted({one.pattern for one in next(iter(shops.values())).goods})
    rows = []
    for pattern in patterns:
        cells = []
        for shop in shops.values():
            one = shop.result(lambda own, wanted=pattern: own.pattern == wanted)
            cells += [f"{one['fill']:.3f}", f"{one['stock']:,.0f}"]
        rows.append([pattern, *cells])
    head = ["demand"]
    for name in shops:
        head += [f"{name}: fill rate", "pieces"]
    print("\n" + serving.table(head, rows))


def print_sample(options):
    """Let Odoo itself live through some weeks, and compare what it orders."""
    from reorder_sample import compare

    policy = Proposals(SERVICE_LEVEL)
    sample = compare(policy, options.sample, options.seed)
    print(
        f"\nOdoo itself, {options.sample} products, {sample.decisions} decisions, of "
        f"them {sample.orders} orders: {sample.agreed} the same as in the simulation."
    )
    print("\n".join(sample.differences))
    return 0 if sample.agreed == sample.decisions else 1


if __name__ == "__main__":
    command.run(main)
