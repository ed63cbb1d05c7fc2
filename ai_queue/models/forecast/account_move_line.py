# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Covers the demand query of ai.queue.kind.forecast: what was invoiced of a
    # product is read from the index alone, not from a wide table row by row.
    _ai_queue_demand_idx = models.Index(
        "(product_id, company_id, invoice_date) "
        "INCLUDE (move_id, quantity, product_uom_id, price_subtotal) "
        "WHERE parent_state = 'posted' AND display_type = 'product' "
        "AND product_id IS NOT NULL"
    )
