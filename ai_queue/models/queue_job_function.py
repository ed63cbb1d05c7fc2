# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class QueueJobFunction(models.Model):
    _inherit = "queue.job.function"

    ai_queue_kind = fields.Selection(
        selection=lambda self: self.env["ai.queue.run"]._fields["kind"].selection,
        string="Kind of AI Work",
        help="Jobs of this function belong to an AI run of this kind.",
    )
