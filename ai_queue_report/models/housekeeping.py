# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.housekeeping import Part
from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

REPORT_DAYS = "ai_queue.report_days"
DEFAULT_DAYS = 90


def questions(_env, before):
    """Questions of long ago that nobody keeps."""
    return SQL(
        "old.is_favorite IS NOT TRUE AND old.state NOT IN ('pending', 'started') "
        "AND old.write_date < %s",
        before,
    )


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        return [
            Retention("ai.queue.report", questions, REPORT_DAYS, DEFAULT_DAYS),
            *super()._get_retentions(),
        ]

    # EXTENDS ai_queue
    @api.model
    def _get_run_parts(self):
        return [*super()._get_run_parts(), Part("ai.queue.report", "run_id", False)]
