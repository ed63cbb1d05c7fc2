# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools import SQL


class AiQueueKindForecast(models.AbstractModel):
    """What a warehouse knows of demand, prices and promotions."""

    _inherit = "ai.queue.kind.forecast"

    def _get_read_rows(self, purpose, products):
        """A query of (reading, product, day, value) of the current company."""
        return SQL(
            """
            SELECT reading.id AS reading_id, row.product_id, row.date AS day, row.value
              FROM ai_queue_reading_row AS row
              JOIN ai_queue_reading AS reading ON reading.id = row.reading_id
             WHERE row.reason IS NULL AND reading.active
               AND reading.date_read IS NOT NULL
               AND reading.purpose = %(purpose)s
               AND reading.company_id = %(company)s
               AND row.product_id = ANY(%(products)s)
            """,
            purpose=purpose,
            company=self.env.company.id,
            products=products.ids,
        )

    # EXTENDS ai_queue
    def _get_demand_query(self, products, granularity, since, until):
        return SQL(
            """
            SELECT product_id, period, sum(quantity)
              FROM (SELECT * FROM (%(known)s) AS known (product_id, period, quantity)
                    UNION ALL
                    SELECT product_id, date_trunc(%(granularity)s, day)::date, value
                      FROM (%(read)s) AS read
                     WHERE day >= %(since)s AND day < %(until)s) AS both_sides
             GROUP BY product_id, period
            """,
            known=super()._get_demand_query(products, granularity, since, until),
            granularity=granularity,
            read=self._get_read_rows("demand", products),
            since=since,
            until=until,
        )

    # EXTENDS ai_queue
    def _get_sold_before(self, products, since):
        known = super()._get_sold_before(products, since)
        self.env.cr.execute(
            SQL(
                "SELECT DISTINCT product_id FROM (%s) AS read "
                "WHERE day < %s AND value > 0",
                self._get_read_rows("demand", products),
                since,
            )
        )
        return known | {product_id for (product_id,) in self.env.cr.fetchall()}

    # EXTENDS ai_queue
    def _get_columns(self, products, granularity, since, until, horizon):
        """Prices and promotions by period: the mean of its days that are known."""
        columns = super()._get_columns(products, granularity, since, until, horizon)
        end = self._shift(until, granularity, horizon)
        self.env.cr.execute(
            SQL(
                """
                SELECT reading_id, product_id, date_trunc(%s, day)::date, avg(value)
                  FROM (%s) AS read WHERE day >= %s AND day < %s GROUP BY 1, 2, 3
                """,
                granularity,
                self._get_read_rows("column", products),
                since,
                end,
            )
        )
        rows = self.env.cr.fetchall()
        if not rows:
            return columns
        names = self.env["ai.queue.reading"].sudo().browse({row[0] for row in rows})
        names = {reading.id: reading.name for reading in names}
        length = int(self._period_index([until], granularity, since)[0])
        places = self._period_index([row[2] for row in rows], granularity, since)
        for (reading_id, product_id, _day, value), place in zip(
            rows, places, strict=True
        ):
            known = columns.setdefault(product_id, {}).setdefault(
                names[reading_id], ([None] * length, [None] * horizon)
            )
            half, index = (0, place) if place < length else (1, place - length)
            known[half][index] = float(value)
        return columns
