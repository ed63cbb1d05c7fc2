# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

RESULT_DAYS = "ai_queue.board_result_days"
MAILING_DAYS = "ai_queue.board_mailing_days"
DEFAULT_DAYS = {RESULT_DAYS: 30, MAILING_DAYS: 90}


def results(_env, before):
    """What nobody has looked at for long; it is made anew when somebody does."""
    return SQL("old.date_looked < %s", before)


def mailings(_env, before):
    """E-mails that are through."""
    return SQL(
        "old.state NOT IN ('pending', 'sending') AND old.write_date < %s", before
    )


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        return [
            Retention(
                "ai.queue.board.result", results, RESULT_DAYS, DEFAULT_DAYS[RESULT_DAYS]
            ),
            Retention(
                "ai.queue.board.mailing",
                mailings,
                MAILING_DAYS,
                DEFAULT_DAYS[MAILING_DAYS],
            ),
            *super()._get_retentions(),
        ]
