# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class QueueJobChannel(models.Model):
    _inherit = "queue.job.channel"

    # EXTENDS queue_job_operations
    @api.model
    def _get_ours(self):
        """Root, and the channels of AI work: those that came with an addon of AI Queue,
        and those that its jobs were moved to."""
        data = self.env["ir.model.data"].sudo()
        records = data.search(
            [
                ("module", "=like", "ai_queue%"),
                ("model", "in", ("queue.job.channel", "queue.job.function")),
            ]
        )
        ids = {"queue.job.channel": [], "queue.job.function": []}
        for record in records:
            ids[record.model].append(record.res_id)
        functions = self.env["queue.job.function"].browse(ids["queue.job.function"])
        ours = self.browse(ids["queue.job.channel"]) | functions.exists().channel_id
        return (self.env.ref("queue_job.channel_root") | ours.exists()).sorted(
            "complete_name"
        )

    # EXTENDS queue_job_operations
    @api.model
    def _get_recommended(self, capacity):
        """Questions to models wait more than they work; forecasts leave a place to
        others."""
        return {
            **super()._get_recommended(capacity),
            "root.ai_processing": max(1, capacity // 2),
            "root.ai_forecasting": max(1, capacity - 1),
        }
