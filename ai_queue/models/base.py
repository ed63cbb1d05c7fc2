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
