# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    # Covers the demand query: what left for customers is read product by product, over
    # years, and most of what a table of moves has is of other products and states.
    _ai_queue_demand_idx = models.Index(
        "(product_id, company_id, date) "
        "INCLUDE (location_id, location_dest_id, quantity, product_uom) "
        "WHERE state = 'done'"
    )
