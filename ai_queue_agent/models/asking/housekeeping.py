# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.housekeeping import Part
from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

from ..operations.housekeeping import CASE_DAYS, DEFAULT_DAYS
from .ai_queue_question import OPEN_STATES


def questions(_env, before):
    """Questions that were answered long ago; the messages stay in their chats."""
    return SQL("old.state NOT IN %s AND old.write_date < %s", OPEN_STATES, before)


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        days = DEFAULT_DAYS[CASE_DAYS]
        kept = Retention("ai.queue.question", questions, CASE_DAYS, days)
        return [kept, *super()._get_retentions()]

    # EXTENDS ai_queue
    @api.model
    def _get_run_parts(self):
        # Its run may go; the question goes by itself.
        part = Part("ai.queue.question", "run_id", False, "old.state <> 'pending'")
        return [*super()._get_run_parts(), part]
