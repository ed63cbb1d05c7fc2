# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AiQueueKind(models.AbstractModel):
    _inherit = "ai.queue.kind"

    def _get_provider(self):
        """For ``_ask``: who does this kind of work for the current company."""
        kind = self._name.removeprefix("ai.queue.kind.")
        return self.env.company._get_ai_queue_provider(kind)
