# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_price_tolerance = fields.Float(
        related="company_id.ai_queue_price_tolerance", readonly=False
    )
    ai_queue_price_tolerance_amount = fields.Monetary(
        related="company_id.ai_queue_price_tolerance_amount",
        readonly=False,
        currency_field="ai_queue_approval_currency_id",
    )
    ai_queue_quantity_tolerance = fields.Float(
        related="company_id.ai_queue_quantity_tolerance", readonly=False
    )
    ai_queue_extra_tolerance = fields.Monetary(
        related="company_id.ai_queue_extra_tolerance",
        readonly=False,
        currency_field="ai_queue_approval_currency_id",
    )
