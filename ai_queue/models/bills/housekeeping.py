# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

from ..runs.ai_queue_run import ENDED_STATES
from ..runs.housekeeping import Part

BILL_DAYS = "ai_queue.bill_days"
DEFAULT_DAYS = {BILL_DAYS: 730}


def bill_readings(_env, before):
    """Readings that came to an end, of bills that are no drafts any more.

    Of a draft only what the last reading has replaced goes.
    """
    return SQL(
        """
        old.state IN %(ended)s
        AND coalesce(old.date_result, old.date_read, old.write_date) < %(before)s
        AND (old.is_current IS NOT TRUE OR EXISTS (
            SELECT FROM account_move AS move
             WHERE move.id = old.move_id AND move.state <> 'draft'))
        """,
        ended=ENDED_STATES,
        before=before,
    )


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        retention = Retention(
            "ai.queue.bill.reading", bill_readings, BILL_DAYS, DEFAULT_DAYS[BILL_DAYS]
        )
        return [*super()._get_retentions(), retention]

    # EXTENDS ai_queue (runs)
    @api.model
    def _get_run_parts(self):
        is_free = "old.state NOT IN ('pending', 'started')"
        part = Part("ai.queue.bill.reading", "run_id", False, is_free)
        return [*super()._get_run_parts(), part]
