# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

BATCH_DAYS = "ai_queue_data_warehouse.batch_days"
DEFAULT_DAYS = {BATCH_DAYS: 30}


def batches(_env, before):
    """Batches that came to their end; one that failed stays until it is loaded."""
    return SQL(
        "old.state IN ('done', 'cancelled') AND coalesce(old.date_done, old.write_date)"
        " < %s",
        before,
    )


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        retention = Retention(
            "ai.queue.dataset.batch", batches, BATCH_DAYS, DEFAULT_DAYS[BATCH_DAYS]
        )
        return [*super()._get_retentions(), retention]
