# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .housekeeping import DEFAULT_DAYS, RUN_DAYS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_run_days = fields.Integer(
        string="Keep Runs (days)",
        config_parameter=RUN_DAYS,
        default=DEFAULT_DAYS[RUN_DAYS],
    )

    # EXTENDS queue_job_operations
    def _get_number_prefixes(self):
        return (*super()._get_number_prefixes(), "ai_queue_")
