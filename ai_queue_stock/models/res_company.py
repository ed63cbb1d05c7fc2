# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
    ai_queue_reorder_nightly = fields.Boolean(
        string="Propose Every Night", default=True
    )
    ai_queue_service_level = fields.Float(
        string="Service Level",
        default=0.95,
        help="In how many of 100 order cycles nothing shall be missing, unless the "
        "product category says otherwise.",
    )
    ai_queue_review_days = fields.Integer(
        string="Days Between Reviews",
        default=7,
        help="How long it takes until orders are looked at again, unless the product "
        "category says otherwise.",
    )
    ai_queue_cycle_days = fields.Integer(
        string="Days an Order Lasts",
        default=14,
        help="For how many days an order shall last, unless the product category "
        "says otherwise.",
    )
    ai_queue_reorder_auto = fields.Boolean(string="Accept Small Changes by Itself")
    ai_queue_reorder_auto_change = fields.Float(string="Change of at Most", default=0.2)
    ai_queue_reorder_auto_value = fields.Monetary(
        string="Stock Worth at Most",
        default=500.0,
        currency_field="currency_id",
    )

    @api.constrains(
        "ai_queue_service_level", "ai_queue_review_days", "ai_queue_cycle_days"
    )
    def _check_ai_queue_reorder(self):
        for company in self:
            if not 0.5 <= company.ai_queue_service_level <= 0.999:
                raise ValidationError(
                    self.env._("Choose a service level between 50 % and 99.9 %.")
                )
            days = company.ai_queue_review_days, company.ai_queue_cycle_days
            if min(days) < 0 or max(days) > 365:
                raise ValidationError(
                    self.env._("Choose between 0 and 365 days for an order.")
                )
