# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class QueueJobChannelSetting(models.TransientModel):
    """How one channel works, as somebody has it before them in the settings.

    What they did not change is left alone: others tune channels meanwhile.
    """

    _name = "queue.job.channel.setting"
    _description = "Channel in the Settings"
    _order = "id"
    _rec_name = "channel_id"

    settings_id = fields.Many2one("res.config.settings", index=True, ondelete="cascade")
    channel_id = fields.Many2one("queue.job.channel", required=True, ondelete="cascade")
    name = fields.Char(related="channel_id.complete_name")
    capacity = fields.Integer(help="How many jobs may run at a time.")
    throttle = fields.Integer(
        string="Gap (s)",
        help="Minimum seconds between the starts of two jobs.",
    )
    paused = fields.Boolean(
        help="No job starts; running jobs finish.",
    )
    shown = fields.Json(help="The values when the settings were opened.")
    source = fields.Char(related="channel_id.capacity_source", string="Comes From")

    @api.model
    def _prepare_lines(self):
        """The values of a line for each channel of ours."""
        lines = []
        for channel in self.env["queue.job.channel"]._get_ours():
            values = {
                "capacity": channel.effective_capacity,
                "throttle": channel.throttle,
                "paused": channel.can_resume,
            }
            lines.append({"channel_id": channel.id, **values, "shown": values})
        return lines

    def _apply(self):
        """Let hold what was changed: with the rights of who changed it."""
        for line in self:
            shown = line.shown or {}
            vals = {
                name: line[field]
                for field, name in (
                    ("capacity", "effective_capacity"),
                    ("throttle", "throttle"),
                )
                if line[field] != shown.get(field)
            }
            if vals:
                line.channel_id.write(vals)
            if line.paused and not shown.get("paused"):
                line.channel_id.action_pause()
            elif shown.get("paused") and not line.paused:
                line.channel_id.action_resume()
