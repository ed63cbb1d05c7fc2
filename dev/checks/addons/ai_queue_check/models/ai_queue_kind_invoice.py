# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from .ai_queue_kind_forecast import GATE


class AiQueueKindInvoice(models.AbstractModel):
    """A reading of bills that can be stopped between reading and writing."""

    _inherit = "ai.queue.kind.invoice"

    # EXTENDS ai_queue
    def _apply(self, targets, answers, run):
        """Wait while a check holds the gate."""
        self.env.cr.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE])
        return super()._apply(targets, answers, run)
