# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..jobrunner.announce import MESSAGE


class AiQueueOperations(models.AbstractModel):
    """Telling the screens: of jobs and channels the job runner does it."""

    _inherit = "ai.queue.operations"

    @api.model
    def _bus_send_changed(self):
        """Nothing but that something changed: all read it with their own rights."""
        # Whoever changes it need not see groups.
        group = self.env.ref("ai_queue.ai_queue_group_manager").sudo()
        group._bus_send(MESSAGE, {})


class AiQueueAlert(models.Model):
    _inherit = "ai.queue.alert"

    @api.model_create_multi
    def create(self, vals_list):
        """Tell the screens."""
        self.env["ai.queue.operations"]._bus_send_changed()
        return super().create(vals_list)

    def write(self, vals):
        """Tell the screens of what opens, ends or is seen by somebody."""
        if "state" in vals:
            self.env["ai.queue.operations"]._bus_send_changed()
        return super().write(vals)
