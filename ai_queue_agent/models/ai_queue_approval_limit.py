# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class AiQueueApprovalLimit(models.Model):
    """Who may approve vendor bills from an amount on."""

    _name = "ai.queue.approval.limit"
    _description = "Approval Limit of Vendor Bills"
    _order = "company_id, amount desc, id"
    _rec_name = "amount"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        string="From",
        required=True,
        help="Bills from this total on, with taxes, in the currency of the company.",
    )
    user_ids = fields.Many2many("res.users", string="May Approve", required=True)

    _amount_uniq = models.UniqueIndex(
        "(company_id, amount)", "There is a limit for this amount already. Change it."
    )
    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "A limit must be above zero."
    )

    @api.model
    def _of_company(self, company):
        """The limits of a company, the highest first."""
        # Who may approve has to be known to whoever proposes.
        return self.sudo().search([("company_id", "=", company.id)])

    def _reached_by(self, amount):
        """Of these, the highest that an amount reaches; empty when it reaches none."""
        return self.filtered(lambda limit: amount >= limit.amount)[:1]
