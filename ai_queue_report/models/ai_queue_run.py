# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AiQueueRun(models.Model):
    _inherit = "ai.queue.run"

    kind = fields.Selection(
        selection_add=[("report", "Reports")], ondelete={"report": "cascade"}
    )
