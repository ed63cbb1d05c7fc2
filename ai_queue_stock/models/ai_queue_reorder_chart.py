# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter
from datetime import timedelta
from math import ceil

import numpy as np

from odoo import fields, models

from ..reordering import Z_80, Z_95, first_short, path
from .ai_queue_kind_reorder import forecast_own, outlooks_of

# As far as the chart looks ahead at least and at most, in days.
LEAST_DAYS, MOST_DAYS = 28, 180


class AiQueueKindReorder(models.AbstractModel):
    """What the chart of a reordering rule shows."""

    _inherit = "ai.queue.kind.reorder"

    def _get_chart(self, orderpoint):
        """Stock, demand and numbers of a rule day by day; the caller may read it.

        :return: dict of ``unit``, ``minimum``, ``maximum``, ``points`` (list of
            ``date``, ``stock``, ``coming``, ``demand``, ``lo80``, ``hi80``, ``lo95``,
            ``hi95``: stock and its bounds at the end of the day, if nothing is
            ordered), ``date_short``, ``date_arrival`` (of an order of today),
            ``proposal`` (``id``, ``minimum``, ``maximum``, ``reason``; or None) and
            ``problem`` (a sentence where nothing can be shown, else None)
        """
        company = orderpoint.company_id
        kind = self.with_company(company)
        product = orderpoint.product_id.with_company(company)
        values = {
            "unit": orderpoint.product_uom.name,
            "minimum": orderpoint.product_min_qty,
            "maximum": orderpoint.product_max_qty,
            "points": [],
            "date_short": None,
            "date_arrival": None,
            "proposal": kind._get_chart_proposal(orderpoint),
            "problem": None,
        }
        places, left = kind._gather_places(product)
        place = next(
            (one for one in places[product.id] if one.orderpoint_id == orderpoint.id),
            None,
        )
        outlook = kind._gather_outlooks(product).get(product.id)
        if place and outlook:
            # Of one product and a few warehouses: milliseconds.
            own = kind._gather_own(product) if place.share is None else {}
            own = forecast_own(own).get(product.id, {})
            [outlook] = outlooks_of([place], outlook, own)
        if place is None:
            [reason, *_others] = left[product.id] or ["second"]
            values["problem"] = kind._get_reasons()[reason]
        elif outlook is None:
            values["problem"] = self.env._(
                "There is no forecast of this product yet. Run one on its form."
            )
        else:
            values |= kind._get_chart_points(place, outlook)
        return values

    def _get_chart_points(self, place, outlook):
        today = fields.Date.context_today(self)
        span = ceil(place.lead_days + place.review_days + place.cycle_days)
        days = min(max(span, LEAST_DAYS), MOST_DAYS)
        stock = path(place, outlook, days)
        demand = np.diff(outlook.expected(np.arange(days + 1)), prepend=0.0)
        coming = Counter()
        for day, quantity in place.coming:
            coming[day] += quantity
        margins = [
            (outlook.margin(day, Z_80), outlook.margin(day, Z_95)) if day else (0, 0)
            for day in range(days + 1)
        ]
        points = []
        for day in range(days + 1):
            near, far = margins[day]
            points.append(
                {
                    "date": today + timedelta(days=day),
                    "stock": float(stock[day]),
                    "coming": float(coming.get(day, 0.0)),
                    "demand": float(demand[day]),
                    "lo80": float(stock[day]) - near,
                    "hi80": float(stock[day]) + near,
                    "lo95": float(stock[day]) - far,
                    "hi95": float(stock[day]) + far,
                }
            )
        days_short = first_short(stock)
        short = None if days_short is None else today + timedelta(days=days_short)
        arrival = today + timedelta(days=ceil(place.lead_days))
        return {"points": points, "date_short": short, "date_arrival": arrival}

    def _get_chart_proposal(self, orderpoint):
        proposals = self.env["ai.queue.reorder.proposal"]
        if not proposals.has_access("read"):
            return None
        proposal = proposals.search(
            [("orderpoint_id", "=", orderpoint.id), ("state", "=", "open")], limit=1
        )
        if not proposal:
            return None
        return {
            "id": proposal.id,
            "minimum": proposal.minimum,
            "maximum": proposal.maximum,
            "reason": proposal.reason,
        }
