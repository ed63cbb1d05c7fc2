# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class QueueJobChannel(models.Model):
    _inherit = "queue.job.channel"

    # EXTENDS queue_job_operations
    @api.model
    def _get_recommended(self, capacity):
        """Batches are short but heavy on the database: people come first."""
        recommended = super()._get_recommended(capacity)
        return {**recommended, "root.ai_warehouse": 1}
