# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from odoo.addons.queue_job_operations.durations import describe_duration
from odoo.addons.queue_job_operations.models.queue_job_operations_tiles import FEW


class QueueJobOperations(models.AbstractModel):
    """How long people are at a bill, on the Operations screen."""

    _inherit = "queue.job.operations"

    # EXTENDS queue_job_operations
    def _get_tiles(self, period, counts, active, runner):
        tiles = super()._get_tiles(period, counts, active, runner)
        if self.env["ai.queue.bill.reading"].has_access("read"):
            tiles += self._get_tiles_review(period)
        return tiles

    def _get_tiles_review(self, period):
        """What half of the reviewed bills took at most; nothing while none was."""
        readings = self.env["ai.queue.bill.reading"]
        pace = readings._get_pace(period.start, period.end)
        if not pace.count:
            return []
        domain = readings._get_reviewed_domain(
            fields.Datetime.to_string(period.start),
            fields.Datetime.to_string(period.end),
        )
        return [
            self._make_tile(
                "review",
                self.env._("Review of a Bill (median)"),
                pace.median,
                describe_duration(self.env, pace.median),
                self._get_list_action(
                    self.env._("Reviewed Bills"), "ai.queue.bill.reading", list(domain)
                ),
                format="duration",
                detail=self.env._("%s bills", self._say_number(pace.count)),
                few=pace.count < FEW,
            )
        ]
