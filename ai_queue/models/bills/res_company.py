# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ai_queue_invoice_provider_id = fields.Many2one(
        "ai.queue.provider",
        string="Read Bills With",
        ondelete="restrict",
        help="Empty: built-in reading, which sends no data anywhere.",
    )
