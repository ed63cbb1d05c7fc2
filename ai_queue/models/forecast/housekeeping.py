# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

from ..runs.housekeeping import Part

FORECAST_DAYS = "ai_queue.forecast_days"
DEFAULT_DAYS = {FORECAST_DAYS: 730}
#: What a person fixed by hand stays at least so long after the end of its period.
MANUAL_DAYS = 365


def forecasts(_env, before):
    """Periods that are long over; and periods to come of which nothing was heard since.

    The latter are those of products that are not forecast any more. What a person fixed
    by hand goes only when its period is long over, by a year at least.
    """
    today = fields.Date.today()
    manual = min(before.date(), fields.Date.subtract(today, days=MANUAL_DAYS))
    return SQL(
        """
        (old.date_end < %(before)s
         AND (old.is_manual IS NOT TRUE OR old.date_end < %(manual)s)
         OR old.date_end >= %(today)s
         AND old.write_date < %(before)s AND old.is_manual IS NOT TRUE)
        """,
        before=before.date(),
        manual=manual,
        today=today,
    )


#: The last learning of a company stays; older ones only as long as somebody may ask.
LEARNING_DAYS = 14


def learnings(_env, before):
    """Learnings after which the company has learnt anew."""
    return SQL(
        """
        old.create_date < %s AND EXISTS (
            SELECT FROM ai_queue_forecast_learning AS later
             WHERE later.company_id = old.company_id
               AND later.granularity = old.granularity
               AND later.id > old.id)
        """,
        before,
    )


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        retention = Retention(
            "ai.queue.forecast", forecasts, FORECAST_DAYS, DEFAULT_DAYS[FORECAST_DAYS]
        )
        learning = Retention(
            "ai.queue.forecast.learning", learnings, days=LEARNING_DAYS
        )
        return [*super()._get_retentions(), retention, learning]

    # EXTENDS ai_queue (runs)
    @api.model
    def _get_run_parts(self):
        # The next run writes the periods to come, and must not meet us there.
        is_free = "old.date_end < %(today)s"
        part = Part("ai.queue.forecast", "run_id", False, is_free)
        learning = Part("ai.queue.forecast.learning", "run_id", False)
        return [*super()._get_run_parts(), part, learning]
