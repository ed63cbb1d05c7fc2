# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

from odoo import models
from odoo.tools import SQL

from .. import demand, sold_out


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
        empty = demand.sold_out_periods(self.env, goods, starts[::-1])
        return [
            replace(one, history=_hide(one.history, starts, empty[one.id], granularity))
            if one.id in empty
            else one
            for one in requests
        ]


def _hide(history, starts, empty, granularity):
    """A history without the periods that say nothing.

    :param starts: first days of its periods, the last one first
    :param empty: first days of the periods without stock
    """
    flags = [start in empty for start in starts[: len(history)]]
    return sold_out.hide(history, flags[::-1], granularity)
