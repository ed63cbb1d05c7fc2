# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command, api, fields, models


class ResConfigSettings(models.TransientModel):
    """The channels of AI work, in the settings."""

    _inherit = "res.config.settings"

    ai_queue_channel_ids = fields.One2many(
        "ai.queue.channel.setting",
        "settings_id",
        string="Channels",
        groups="ai_queue.ai_queue_group_manager",
    )
    ai_queue_runner_problem = fields.Text(compute="_compute_ai_queue_runner")

    def _compute_ai_queue_runner(self):
        # Settings open for administrators of other apps, too.
        problem = self.env["ai.queue.runner"].sudo()._describe_problem()
        self.ai_queue_runner_problem = problem

    @api.model
    def default_get(self, fields):
        """The channels as they work now."""
        values = super().default_get(fields)
        if "ai_queue_channel_ids" in fields and self.env.user.has_group(
            "ai_queue.ai_queue_group_manager"
        ):
            lines = self.env["ai.queue.channel.setting"]._prepare_lines()
            values["ai_queue_channel_ids"] = [Command.create(vals) for vals in lines]
        return values

    def set_values(self):
        """What was changed of the channels holds for the running job runner, too."""
        result = super().set_values()
        if self.env.user.has_group("ai_queue.ai_queue_group_manager"):
            self.ai_queue_channel_ids._apply()
        return result
