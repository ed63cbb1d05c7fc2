# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    ai_queue_price_tolerance = fields.Float(
        string="Price Tolerance (%)",
        default=2.0,
        help="A bill may be dearer than its order by this share, per line. 0: not at "
        "all.",
    )
    ai_queue_price_tolerance_amount = fields.Monetary(
        string="And at Most",
        default=25.0,
        currency_field="currency_id",
        help="And by no more than this amount per line, in the company's currency.",
    )
    ai_queue_quantity_tolerance = fields.Float(
        string="Quantity Tolerance (%)",
        default=0.0,
        help="More than was received may be billed by this share, per line.",
    )
    ai_queue_extra_tolerance = fields.Monetary(
        string="Not Ordered, at Most",
        default=0.0,
        currency_field="currency_id",
        help="What was not ordered, as freight, may cost so much per bill, without "
        "taxes. 0: nothing.",
    )

    @api.constrains(
        "ai_queue_price_tolerance",
        "ai_queue_price_tolerance_amount",
        "ai_queue_quantity_tolerance",
        "ai_queue_extra_tolerance",
    )
    def _check_ai_queue_tolerances(self):
        for company in self:
            shares = (
                company.ai_queue_price_tolerance,
                company.ai_queue_quantity_tolerance,
            )
            amounts = (
                company.ai_queue_price_tolerance_amount,
                company.ai_queue_extra_tolerance,
            )
            if min(*shares, *amounts) < 0 or max(shares) > 100:
                raise ValidationError(
                    self.env._(
                        "Choose tolerances from 0 to 100 %, and amounts from zero on."
                    )
                )
