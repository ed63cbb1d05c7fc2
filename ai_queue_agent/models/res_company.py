# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    ai_queue_approval_auto = fields.Boolean(string="Post Approved Bills by Itself")
    ai_queue_approval_auto_amount = fields.Monetary(
        string="Bill of at Most",
        default=500.0,
        currency_field="currency_id",
        help="Bills up to this total, taxes included, are posted as soon as the rules "
        "approve them.",
    )
    ai_queue_approval_is_binding = fields.Boolean(
        string="Limits Hold for Every Way to Post",
        help="Also where somebody presses Confirm on a bill, or another program posts "
        "it. What another person has to approve stays a draft.",
    )
    ai_queue_approval_limit_ids = fields.One2many(
        "ai.queue.approval.limit", "company_id", string="Who Approves From"
    )

    @api.constrains("ai_queue_approval_auto_amount")
    def _check_ai_queue_approval(self):
        if any(company.ai_queue_approval_auto_amount < 0 for company in self):
            raise ValidationError(
                self.env._("Enter an amount from zero on up to which bills are posted.")
            )
