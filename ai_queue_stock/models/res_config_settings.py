# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_demand_source = fields.Selection(
        related="company_id.ai_queue_demand_source", readonly=False, required=True
    )
