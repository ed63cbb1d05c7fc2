# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResCurrency(models.Model):
    _inherit = "res.currency"

    # EXTENDS base
    def write(self, vals):
        """Bills that waited for a currency to be activated are looked at again."""
        result = super().write(vals)
        if vals.get("active"):
            readings = self.env["ai.queue.bill.reading"]
            # Whoever activates a currency need not see bills.
            readings.sudo().search(
                [
                    ("is_current", "=", True),
                    ("state", "=", "review"),
                    ("move_id.state", "=", "draft"),
                    ("move_id.currency_id", "in", self.ids),
                ]
            )._reconsider()
        return result
