# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

#: What the web client asks for while it shows something that runs change.
RUNS = "ai_queue.runs"


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    # EXTENDS bus
    def _build_bus_channel_list(self, channels):
        """Announce changes of runs to users who look at runs, and may.

        To tell a tab of a browser takes the server some milliseconds. Told to everybody
        with the role, jobs would slow down the pages of people who look elsewhere.
        """
        is_looking = RUNS in channels
        channels = super()._build_bus_channel_list(
            [channel for channel in channels if channel != RUNS]
        )
        if is_looking and self.env.user.has_group("ai_queue.ai_queue_group_user"):
            # Nobody needs the right to see groups to be in one.
            group = self.env.ref("ai_queue.ai_queue_group_user").sudo()
            channels.append((group, RUNS))
        return channels
