# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

DEMAND_SOURCES = [("invoice", "Invoices"), ("delivery", "Deliveries")]


class ResCompany(models.Model):
    _inherit = "res.company"

    ai_queue_demand_source = fields.Selection(
        DEMAND_SOURCES,
        string="Count Demand by",
        default="invoice",
        required=True,
        help="Invoices: what was invoiced to customers. Deliveries: what left the "
        "warehouses for customers and production, less returns. Services and kits "
        "always go by invoices.",
    )
