# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

from odoo import models
from odoo.tools import SQL

from ...engine.forecasting.learning import GROWN

# What was made longer ago and never sold is not new, but does not sell.
NEW_PERIODS = GROWN
# Where more than this share of the products is as young as that, they were brought in
# from elsewhere.
MOST_NEW = 0.5


class AiQueueKindForecast(models.AbstractModel):
    """What makes products similar, and new ones start like others."""

    _inherit = "ai.queue.kind.forecast"

    # EXTENDS ai_queue
    def _gather(self, targets):
        requests = super()._gather(targets)
        begins = self._get_beginning(requests)
        like = self._get_like(targets)
        products = {product.id: product for product in targets}
        return [
            replace(
                one,
                begins=one.id in begins,
                phase=_get_phase(one),
                group=str(products[one.id].categ_id.id or ""),
                price=products[one.id].lst_price or None,
                like=like.get(one.id),
            )
            for one in requests
        ]

    def _get_beginning(self, requests):
        """Ids of the products whose history begins with their first sale.

        Those that never sold only as long as they are new.
        """
        longest = self.env.company.ai_queue_forecast_history
        # The last period of a history is the running one.
        sold = {one.id for one in requests if 0 < len(one.history) <= longest}
        silent = [one.id for one in requests if not len(one.history)]
        return sold | (self._get_new(silent) if silent else set())

    def _get_new(self, product_ids):
        """Which of these products were made of late, one after the other."""
        granularity = self.env.company.ai_queue_forecast_granularity
        since = self._shift(
            self._current_period_start(granularity), granularity, -NEW_PERIODS
        )
        self.env["product.product"].flush_model(["active"])
        self.env.cr.execute(
            SQL(
                """
                SELECT array_agg(id) FILTER (
                           WHERE create_date >= %(since)s AND id = ANY(%(ids)s)),
                       avg((create_date >= %(since)s)::int)
                  FROM product_product
                 WHERE active
                """,
                since=since,
                ids=product_ids,
            )
        )
        ((new, share),) = self.env.cr.fetchall()
        return set(new or ()) if (share or 0) <= MOST_NEW else set()

    def _get_like(self, targets):
        """What the products that people have named sold.

        :return: {product id: (name, history)} of the products with another one
        """
        named = targets.filtered("ai_forecast_like_id")
        others = named.ai_forecast_like_id._filtered_access("read")
        if not others:
            return {}
        histories = {
            one.id: one.history for one in super()._gather(others) if len(one.history)
        }
        return {
            product.id: (other.display_name, histories[other.id])
            for product in named
            if (other := product.ai_forecast_like_id).id in histories
        }


def _get_phase(one):
    """Week or month of the year, from 0 on, of the first period that is forecast."""
    if one.freq == "M":
        return one.start.month - 1
    return one.start.isocalendar().week - 1
