# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Nobody is at one bill for longer: a clock that says so was forgotten.
MOST_SECONDS = 3600.0


class Pace(NamedTuple):
    """Of the bills that were reviewed in a time: how many, and half took less (s)."""

    count: int
    median: float


class AiQueueBillReading(models.Model):
    """How long people need for a bill."""

    _inherit = "ai.queue.bill.reading"

    review_seconds = fields.Float(
        string="Seconds of Review",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="How long people had the bill open while they reviewed one after the "
        "other, without the time in which they did nothing.",
    )
    date_reviewed = fields.Datetime(
        string="Reviewed", readonly=True, index="btree_not_null"
    )

    def _note_review(self, seconds):
        """Add the time that a person was at this bill."""
        self.ensure_one()
        seconds = min(max(float(seconds), 0.0), MOST_SECONDS)
        # Users have no right to write readings but by this way.
        self.sudo().write(
            {
                "review_seconds": min(self.review_seconds + seconds, MOST_SECONDS),
                "date_reviewed": fields.Datetime.now(),
            }
        )

    @api.model
    def _get_reviewed_domain(self, start, end):
        """The bills that people went through in a time, and that are settled."""
        return (
            Domain("state", "=", "done")
            & Domain("review_seconds", ">", 0)
            & Domain("date_reviewed", ">=", start)
            & Domain("date_reviewed", "<", end)
        )

    @api.model
    def _get_pace(self, start, end):
        """The `Pace` of the bills that the user may see."""
        domain = self._get_reviewed_domain(start, end)
        domain &= Domain("company_id", "in", self.env.companies.ids)
        query = self._search(domain)
        seconds = self._field_to_sql(self._table, "review_seconds", query)
        ((count, median),) = self.env.execute_query(
            query.select(
                SQL("count(*)"),
                SQL("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", seconds),
            )
        )
        return Pace(count, median or 0.0)

    @api.model
    def _get_pace_of_today(self):
        now = fields.Datetime.now()
        zone = self.env.tz
        morning = pytz.utc.localize(now).astimezone(zone)
        morning = morning.replace(hour=0, minute=0, second=0, microsecond=0)
        start = morning.astimezone(pytz.utc).replace(tzinfo=None)
        return self._get_pace(start, fields.Datetime.add(now, seconds=1))
