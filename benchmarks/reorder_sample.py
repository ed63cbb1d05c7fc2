"""The same weeks in Odoo itself: do its proposals order what the simulation orders?"""

import json
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from reorder_world import Shop, goods

from dev import cache, database, postgres

HISTORY_WEEKS, WEEKS = 52, 12
PROMISED_DAYS = 7
MODULES = ("ai_queue_stock", "purchase_stock")
SHOWN = 5


class Sample(NamedTuple):
    """What Odoo decided, and how often the simulation did the same."""

    agreed: int
    decisions: int
    orders: int
    differences: list


def articles(count, seed):
    """Products of different patterns, whose first weeks were delivered on Wednesdays.

    Nothing is known of their vendor before, so that the first receipts are measured.
    """
    found = []
    for number in np.linspace(0, 80, count, dtype=int).tolist():
        one = goods(number, HISTORY_WEEKS + WEEKS, seed)
        took = np.rint(one.lead_days * PROMISED_DAYS / one.promised_days)
        by_week = one.demand.reshape(-1, 7).copy()
        past = by_week[:HISTORY_WEEKS]
        past[:, 2], past[:, [0, 1, 3, 4, 5, 6]] = past.sum(1), 0
        found.append(
            replace(
                one,
                demand=by_week.ravel(),
                promised_days=PROMISED_DAYS,
                lead_days=np.maximum(1, took).astype(int),
                earlier=(),
            )
        )
    return found


def compare(policy, count, seed):
    """What Odoo and the simulation order each week.

    :return: ``Sample``
    """
    shop = Shop(articles(count, seed), policy, HISTORY_WEEKS)
    first_stock = shop.on_hand.tolist()
    shop.run()
    told = _ask_odoo(shop, first_stock)
    lines, agreed = [], 0
    for week, (ours, theirs) in enumerate(zip(shop.decisions, told, strict=True)):
        for one, our, their in zip(shop.goods, ours.tolist(), theirs, strict=True):
            agreed += our == their
            if our != their:
                lines.append(
                    f"week {week}, product {one.number} ({one.pattern}): "
                    f"the simulation orders {our:g}, Odoo {their:g}"
                )
    theirs = [count for week in told for count in week]
    orders = sum(count > 0 for count in theirs)
    return Sample(agreed, len(theirs), orders, lines[:SHOWN])


def _ask_odoo(shop, first_stock):
    """What Odoo orders of each product at each review."""
    directory = cache.state() / "benchmarks"
    path = directory / "reorder.json"
    directory.mkdir(parents=True, exist_ok=True)
    told = [
        {
            "number": one.number,
            "demand": one.demand.tolist(),
            "cost": one.cost,
            "promised_days": one.promised_days,
            "lead_days": one.lead_days.tolist(),
            "multiple": one.multiple,
            "stock": stock,
        }
        for one, stock in zip(shop.goods, first_stock, strict=True)
    ]
    path.write_text(json.dumps({"goods": told, "first_day": shop.first_day}))
    with postgres.checkout_cluster().running() as cluster:
        kept = database.Kept(cluster, "bench_reorder", MODULES, directory, "reorder")
        kept.ensure(lambda: None)
        kept.run_python(
            f"from benchmarks.reorder_odoo import live\nlive(env, {str(path)!r})\n",
            log="reorder",
        )
    return json.loads(path.read_text())
