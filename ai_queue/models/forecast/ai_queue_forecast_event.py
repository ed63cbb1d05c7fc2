# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models

DAY = timedelta(days=1)


class AiQueueForecastEvent(models.Model):
    """A time in which some products sell unlike on other days, and why."""

    _name = "ai.queue.forecast.event"
    _description = "Promotion or Exceptional Period"
    _order = "date_start desc, id desc"
    _rec_name = "reason"

    kind = fields.Selection(
        [("promotion", "Promotion"), ("exceptional", "Exceptional Demand")],
        required=True,
        default="promotion",
        help="Promotion: forecasts find out what promotions of the product have "
        "brought in the past, and expect as much of those ahead. Exceptional demand, "
        "as an order for a project: it will not come again, and what sold meanwhile "
        "does not count.",
    )
    reason = fields.Char(required=True)
    product_ids = fields.Many2many(
        "product.product",
        "ai_queue_forecast_event_product_rel",
        "event_id",
        "product_id",
        string="Products",
        required=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="Until", required=True)

    _dates_in_order = models.Constraint(
        "CHECK(date_start <= date_end)", "A period ends after it begins."
    )

    @api.model
    def _get_days(self, kind, products, since, until):
        """On which days there is an event of a kind in the current company.

        :param date until: the first day that does not count
        :return: {product id: list of (first day, day behind the last)}
        """
        events = self.search(
            [
                ("kind", "=", kind),
                ("company_id", "=", self.env.company.id),
                ("product_ids", "in", products.ids),
                ("date_start", "<", until),
                ("date_end", ">=", since),
            ],
            order="date_start",
        )
        days = {}
        for event in events:
            # There is no day behind the last one of the calendar.
            behind = min(event.date_end, until) + DAY
            # By SQL the product may be one that the reader must not see: it is none of
            # those asked for then.
            for product_id in event.sudo().product_ids.ids:
                days.setdefault(product_id, []).append((event.date_start, behind))
        return {one: days[one] for one in products.ids if one in days}
