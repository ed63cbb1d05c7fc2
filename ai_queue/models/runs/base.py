# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class Base(models.AbstractModel):
    _inherit = "base"

    # EXTENDS queue_job
    @api.model
    def _job_prepare_context_before_enqueue_keys(self):
        """The on-fail method of a job has only the stored context to know the job."""
        keys = super()._job_prepare_context_before_enqueue_keys()
        return (*keys, "ai_queue__job_uuid")

    def _ai_queue_on_fail(self, exc_info=None, exc_name=None, exc_message=None):
        """Note on the run why its job failed for good: the ``on_fail_method`` of every
        job function with a kind."""
        self.env["ai.queue.kind"]._on_fail(exc_name, exc_message)
