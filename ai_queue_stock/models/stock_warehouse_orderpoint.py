# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class StockWarehouseOrderpoint(models.Model):
    _inherit = "stock.warehouse.orderpoint"

    def write(self, vals):
        """A proposal for numbers that are no longer these says so."""
        result = super().write(vals)
        if vals.keys() & {"product_min_qty", "product_max_qty", "active", "trigger"}:
            # Whoever changes a rule need not see what was proposed for it.
            proposals = self.env["ai.queue.reorder.proposal"].sudo()
            open_ones = proposals.search(
                [("orderpoint_id", "in", self.ids), ("state", "=", "open")]
            )
            open_ones._outdate_changed()
        return result

    def action_propose_reorder(self):
        """Queue proposals for these rules, and say where to see them."""
        return self.product_id.action_propose_reorder()

    @api.readonly
    def get_ai_reorder_data(self):
        """Stock, demand and numbers of the rule, for the chart of its form."""
        self.ensure_one()
        self.check_access("read")
        return self.env["ai.queue.kind.reorder"]._get_chart(self)
