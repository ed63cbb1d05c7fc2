# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import AccessError, UserError

from .ai_queue_bill_alike import VENDOR


class AccountMove(models.Model):
    """One answer for many bills: what holds for one holds for those like it."""

    _inherit = "account.move"

    def count_ai_alike(self):
        """How many other bills of the same vendor wait for a review."""
        self.ensure_one()
        self._check_may_review()
        reading = self.ai_reading_id
        if self.state != "draft" or not reading:
            return 0
        return len(reading._find_alike(VENDOR, None, 0))

    def action_apply_ai_to_alike(self):
        """Fill in the other bills of this vendor that wait, as a person did this one.

        They get its vendor and, in lines that are about the same, its products,
        accounts and taxes. What somebody has typed into them stays.
        """
        self.ensure_one()
        self._check_may_review("write")
        if not self.partner_id:
            raise UserError(self.env._("Choose the vendor first."))
        count = self.count_ai_alike()
        if not count:
            raise UserError(self.env._("No other bill of this vendor waits."))
        reading = self.ai_reading_id
        reading._learn_vendor()
        reading._queue_alike(VENDOR)
        return self._say_ai_queued(
            self.env._(
                "%(count)s other bills of %(vendor)s are filled in like this one.",
                count=count,
                vendor=self.partner_id.display_name,
            )
        )

    def action_create_ai_vendors(self):
        """Make partners of the vendors of many bills, and fill in the bills anew."""
        self._check_may_review("write")
        if not self.env["res.partner"].has_access("create"):
            raise AccessError(
                self.env._(
                    "You may not create vendors. Ask an administrator for the role "
                    "Contact Creation."
                )
            )
        bills = self.filtered("ai_vendor_proposal")
        if not bills:
            raise UserError(self.env._("The vendors of these bills are already known."))
        for readings in bills.ai_reading_id.grouped("company_id").values():
            readings._queue_vendors()
        return self._say_ai_queued(
            self.env._(
                "The vendors of %(count)s bills are being created.", count=len(bills)
            )
        )

    def _say_ai_queued(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
