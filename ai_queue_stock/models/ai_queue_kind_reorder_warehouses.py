# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

import numpy as np

from odoo import models

from odoo.addons.ai_queue.engine.forecasting import Series
from odoo.addons.ai_queue.models.forecast.ai_queue_kind_forecast import FREQUENCIES

from .. import demand, sold_out


class AiQueueKindReorder(models.AbstractModel):
    """What each warehouse delivered of the products that several of them deliver."""

    _inherit = "ai.queue.kind.reorder"

    def _gather_own(self, products):
        """Histories of warehouses, up to the running period, which nobody knows yet.

        :return: {product id: {warehouse id: (``Series`` of all that left it, of what
            went to no other warehouse)}}; mostly, both are the same one
        """
        if not products:
            return {}
        company = self.env.company
        granularity = company.ai_queue_forecast_granularity
        forecasts = self.env["ai.queue.kind.forecast"]
        running = forecasts._current_period_start(granularity)
        length = company.ai_queue_forecast_history
        starts = [
            forecasts._shift(running, granularity, -back)
            for back in range(length, -1, -1)
        ]
        histories = defaultdict(lambda: np.zeros((2, length)))
        rows = demand.by_warehouse(self.env, products, granularity, starts[0], running)
        place = {start: number for number, start in enumerate(starts)}
        for product_id, warehouse_id, start, sold, leaving in rows:
            histories[product_id, warehouse_id][:, place[start]] = leaving, sold
        empty = demand.sold_out_periods(self.env, products, starts, per_warehouse=True)
        found = defaultdict(dict)
        for key, both in histories.items():
            product_id, warehouse_id = key
            flags = np.array([start in empty.get(key, ()) for start in starts[:-1]])
            leaving, sold = (
                self._own_series(key, history, flags, granularity) for history in both
            )
            if (both[0] == both[1]).all():
                sold = leaving
            found[product_id][warehouse_id] = leaving, sold
        return found

    def _own_series(self, key, history, empty, granularity):
        """From the first delivery on."""
        known = history[:0]
        if history.any():
            first = np.flatnonzero(history)[0]
            known = sold_out.hide(history[first:], empty[first:], granularity)
            known = np.append(known, np.nan)
        return Series(
            id=key,
            freq=FREQUENCIES[granularity],
            history=known,
            horizon=self.env.company.ai_queue_forecast_horizon,
            sold_before=True,
        )
