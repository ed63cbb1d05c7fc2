# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import AccessError


class AccountMove(models.Model):
    """Who may approve vendor bills of which amount, whichever way they are posted."""

    _inherit = "account.move"

    def _check_ai_queue_limit(self):
        """Raise unless the current user may approve bills of these amounts."""
        missing = self._get_ai_queue_missing_approvers()
        for move, limit in missing.items():
            raise AccessError(
                self.env._(
                    "%(bill)s needs the approval of %(people)s.",
                    bill=move.display_name,
                    people=", ".join(limit.user_ids.mapped("name")),
                )
            )

    def _get_ai_queue_missing_approvers(self):
        """Bills that others have to approve: {move: ``ai.queue.approval.limit``}.

        Whatever rights the code has: whoever it works for is asked about.
        """
        missing = {}
        bills = self.filtered(lambda move: move._is_ai_queue_bill())
        for company, moves in bills.grouped("company_id").items():
            limits = self.env["ai.queue.approval.limit"]._of_company(company)
            for move in moves if limits else ():
                limit = limits._reached_by(move._get_ai_queue_amount())
                if limit and self.env.user not in limit.user_ids:
                    missing[move] = limit
        return missing

    def _get_ai_queue_amount(self):
        """What approving this costs at most, in the currency of the company.

        A bill has a rate of its own, which its clerk may write: so the usual one of
        that day counts as well.
        """
        self.ensure_one()
        day = self.invoice_date or fields.Date.context_today(self)
        usual = self.currency_id._convert(
            self.amount_total, self.company_currency_id, self.company_id, day
        )
        return max(abs(self.amount_total_signed), abs(usual))

    # EXTENDS account
    def write(self, vals):
        """Where the company says so, limits bind everybody who posts, also by RPC."""
        posted = self.browse()
        if vals.get("state") == "posted":
            posted = self.filtered(
                lambda move: (
                    move.state != "posted"
                    and move.sudo().company_id.ai_queue_approval_is_binding
                )
            )
        result = super().write(vals)
        # After it: what is written at once with the state counts.
        posted._check_ai_queue_limit()
        return result

    # EXTENDS account
    def _autopost_bill(self):
        """What another person has to approve stays a draft, and is no error."""
        company = self.sudo().company_id
        if (
            company.ai_queue_approval_is_binding
            and self._get_ai_queue_missing_approvers()
        ):
            return None
        return super()._autopost_bill()
