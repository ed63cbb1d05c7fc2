# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What the settings say of the job runner and its channels."""

    _inherit = "res.config.settings"

    ai_queue_root_capacity = fields.Integer(
        string="Jobs at a Time",
        compute="_compute_ai_queue_channels",
        inverse="_inverse_ai_queue_root_capacity",
        help="In all channels together.",
    )
    ai_queue_root_source = fields.Char(
        string="Comes From", compute="_compute_ai_queue_channels"
    )
    ai_queue_runner_problem = fields.Text(compute="_compute_ai_queue_channels")

    def _compute_ai_queue_channels(self):
        # Settings open for administrators of other apps, too.
        root = self.env.ref("queue_job.channel_root").sudo()
        for settings in self:
            settings.ai_queue_root_capacity = root.effective_capacity
            settings.ai_queue_root_source = root.ai_queue_source
            settings.ai_queue_runner_problem = root.ai_queue_problem

    def _inverse_ai_queue_root_capacity(self):
        root = self.env.ref("queue_job.channel_root")
        for settings in self:
            # Saving other settings sets nothing here.
            if settings.ai_queue_root_capacity != root.sudo().effective_capacity:
                root.effective_capacity = settings.ai_queue_root_capacity
