# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AiQueueRunner(models.Model):
    """What the job runner says of the server that it belongs to, and that runs the
    jobs: it need not be the one that serves people."""

    _inherit = "ai.queue.runner"

    server = fields.Json(
        readonly=True, help="Its options, as ``Server`` of checkup/facts.py has them."
    )
