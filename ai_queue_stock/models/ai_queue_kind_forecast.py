# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

import numpy as np

from odoo import models
from odoo.tools import SQL

from .. import demand

# A product that was never in stock in more than these periods is not kept in stock: it
# is ordered when it is sold, and its empty shelf says nothing.
LEAST_PERIODS_IN_STOCK = 3
# What was sold out for longer is not carried any more: nobody asks for it.
LONGEST_SOLD_OUT = {"week": 26, "month": 6}


class AiQueueKindForecast(models.AbstractModel):
    _inherit = "ai.queue.kind.forecast"

    # ------------------------------------------------------------
    # DEMAND BY DELIVERIES
    # ------------------------------------------------------------

    def _get_delivered(self, products):
        """Of these products, those whose demand the company counts by deliveries.

        Services are never delivered, and of a kit only its components are.
        """
        if self.env.company.ai_queue_demand_source != "delivery":
            return products.browse()
        goods = products.filtered(lambda product: product.type == "consu")
        return goods - goods._ai_queue_kits()

    # EXTENDS ai_queue
    def _get_demand_query(self, products, granularity, since, until):
        delivered = self._get_delivered(products)
        rest = products - delivered
        queries = []
        if rest or not delivered:
            queries.append(super()._get_demand_query(rest, granularity, since, until))
        if delivered:
            demand.flush(self.env)
            flows = demand.flows(self.env, delivered, since, until)
            queries.append(
                SQL(
                    """
                    SELECT product_id, date_trunc(%(granularity)s, day)::date AS period,
                           sum(quantity)
                      FROM (%(flows)s) AS flow
                     WHERE NOT is_transfer
                     GROUP BY product_id, period
                    """,
                    granularity=granularity,
                    flows=flows,
                )
            )
        return SQL(" UNION ALL ").join(SQL("(%s)", query) for query in queries)

    # EXTENDS ai_queue
    def _get_sold_before(self, products, since):
        delivered = self._get_delivered(products)
        known = super()._get_sold_before(products - delivered, since)
        if delivered:
            known |= demand.delivered_before(self.env, delivered, since)
        return known

    # EXTENDS ai_queue
    def _count_free_refunds(self, products, since, until):
        invoiced = products - self._get_delivered(products)
        return super()._count_free_refunds(invoiced, since, until)

    # ------------------------------------------------------------
    # SOLD OUT
    # ------------------------------------------------------------

    # EXTENDS ai_queue
    def _gather(self, targets):
        """A period in which a product was sold out is unknown: nobody could buy it."""
        requests = super()._gather(targets)
        length = max((len(one.history) for one in requests), default=0)
        goods = targets.filtered("is_storable")
        if length < 2 or not goods:
            return requests
        granularity = self.env.company.ai_queue_forecast_granularity
        # The last period of a history is the running one, which is not over.
        running = self._current_period_start(granularity)
        starts = [self._shift(running, granularity, -back) for back in range(length)]
        sold_out = demand.sold_out_periods(self.env, goods, starts[::-1])
        longest = LONGEST_SOLD_OUT[granularity]
        return [
            replace(one, history=_hide(one.history, starts, sold_out[one.id], longest))
            if one.id in sold_out
            else one
            for one in requests
        ]


def _hide(history, starts, sold_out, longest):
    """A history in which periods without stock, and with less demand than usual, are
    not a number.

    :param starts: first day of its periods, the last one first
    :param sold_out: first days of the periods without stock
    :param longest: how many of them in a row are believed
    """
    known = np.asarray(history, dtype=float)
    empty = np.array([start in sold_out for start in starts[: len(known)]])[::-1]
    in_stock = known[~empty & ~np.isnan(known)]
    if len(in_stock) < LEAST_PERIODS_IN_STOCK:
        return history
    hidden = empty & (known < in_stock.mean())
    for first, last in _stretches(hidden):
        if last - first > longest:
            hidden[first:last] = False
    return np.where(hidden, np.nan, known)


def _stretches(flags):
    """(first, behind the last) of the places in a row that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return edges.reshape(-1, 2).tolist()
