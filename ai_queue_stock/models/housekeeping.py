# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.housekeeping import Part
from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

PROPOSAL_DAYS = "ai_queue.proposal_days"
DEFAULT_DAYS = {PROPOSAL_DAYS: 365}


def proposals(_env, before):
    """Proposals that were decided, or outdated, long ago."""
    return SQL("old.state <> 'open' AND old.write_date < %s", before)


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        retention = Retention(
            "ai.queue.reorder.proposal",
            proposals,
            PROPOSAL_DAYS,
            DEFAULT_DAYS[PROPOSAL_DAYS],
        )
        return [*super()._get_retentions(), retention]

    # EXTENDS ai_queue
    @api.model
    def _get_run_parts(self):
        part = Part("ai.queue.reorder.proposal", "run_id", False)
        return [*super()._get_run_parts(), part]
