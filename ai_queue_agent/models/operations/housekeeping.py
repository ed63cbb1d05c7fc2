# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.ai_queue_run import ENDED_STATES
from odoo.addons.ai_queue.models.runs.housekeeping import Part
from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

PROPOSAL_DAYS = "ai_queue.agent_proposal_days"
CASE_DAYS = "ai_queue.agent_case_days"
DEFAULT_DAYS = {PROPOSAL_DAYS: 730, CASE_DAYS: 180}


def proposals(_env, before):
    """Proposals that were decided, or outdated, long ago."""
    return SQL("old.state <> 'open' AND old.write_date < %s", before)


def cases(_env, before):
    """Cases that ended long ago; their proposals stay."""
    return SQL("old.state IN %s AND old.write_date < %s", ENDED_STATES, before)


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        return [
            Retention(
                "ai.queue.proposal",
                proposals,
                PROPOSAL_DAYS,
                DEFAULT_DAYS[PROPOSAL_DAYS],
            ),
            Retention("ai.queue.agent.case", cases, CASE_DAYS, DEFAULT_DAYS[CASE_DAYS]),
            *super()._get_retentions(),
        ]

    # EXTENDS ai_queue
    @api.model
    def _get_run_parts(self):
        return [
            *super()._get_run_parts(),
            Part("ai.queue.proposal", "run_id", False),
            Part(
                "ai.queue.agent.case",
                "run_id",
                False,
                "old.state NOT IN ('pending', 'started')",
            ),
        ]
