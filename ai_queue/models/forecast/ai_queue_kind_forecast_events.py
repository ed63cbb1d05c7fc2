# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

import numpy as np

from odoo import models

from ...engine.forecasting import Reason

PROMOTION = "promotion"


class AiQueueKindForecast(models.AbstractModel):
    """What people know of certain periods: promotions and exceptional demand."""

    _inherit = "ai.queue.kind.forecast"

    # EXTENDS ai_queue
    def _gather(self, targets):
        """A period of exceptional demand is unknown: nobody knows what else sold."""
        requests = super()._gather(targets)
        length = max((len(one.history) for one in requests), default=0)
        starts = self._get_period_starts(length)
        exceptional = self.env["ai.queue.forecast.event"]._get_days(
            "exceptional", targets, starts[0], starts[-1]
        )
        return [
            _leave_out(one, _shares(starts, exceptional[one.id]))
            if one.id in exceptional and len(one.history)
            else one
            for one in requests
        ]

    # EXTENDS ai_queue
    def _get_columns(self, products, granularity, since, until, horizon):
        """The share of the days of a period on which there is a promotion."""
        columns = super()._get_columns(products, granularity, since, until, horizon)
        length = int(self._period_index([until], granularity, since)[0])
        starts = [
            self._shift(since, granularity, number)
            for number in range(length + horizon + 1)
        ]
        events = self.env["ai.queue.forecast.event"]
        promotions = events._get_days(PROMOTION, products, since, starts[-1])
        for product_id, days in promotions.items():
            shares = _shares(starts, days).tolist()
            columns.setdefault(product_id, {})[PROMOTION] = (
                shares[:length],
                shares[length:],
            )
        return columns

    def _get_period_starts(self, length):
        """First days of the periods of a history, and the one behind its last."""
        granularity = self.env.company.ai_queue_forecast_granularity
        start = self._next_period_start(granularity)
        return [
            self._shift(start, granularity, -back) for back in range(length, -1, -1)
        ]


def _shares(starts, days):
    """Of each period the share of its days that lie in one of these.

    :param starts: first days of the periods, and the one behind the last
    :param days: list of (first day, day behind the last)
    """
    first = np.array(starts[:-1], dtype="datetime64[D]")
    behind = np.array(starts[1:], dtype="datetime64[D]")
    share = np.zeros(len(first))
    for begin, end in days:
        inside = np.minimum(behind, np.datetime64(end))
        inside = inside - np.maximum(first, np.datetime64(begin))
        share += np.maximum(inside.astype(int), 0) / (behind - first).astype(int)
    return np.minimum(share, 1.0)


def _leave_out(one, shares):
    """A series in which periods with exceptional days are not a number."""
    history = np.asarray(one.history, dtype=float)
    hidden = (shares[len(shares) - len(history) :] > 0) & ~np.isnan(history)
    if not hidden.any() or hidden.sum() == (~np.isnan(history)).sum():
        return one
    note = Reason("exceptional", {"periods": int(hidden.sum())})
    return replace(
        one, history=np.where(hidden, np.nan, history), notes=(*one.notes, note)
    )
