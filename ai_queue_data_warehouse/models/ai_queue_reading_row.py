# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AiQueueReadingRow(models.Model):
    """A row of a warehouse. Written by side cursors only."""

    _name = "ai.queue.reading.row"
    _description = "Row Read from a Warehouse"
    _order = "date desc, id"
    _rec_name = "key"
    _log_access = False

    reading_id = fields.Many2one(
        "ai.queue.reading",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="reading_id.company_id")
    key = fields.Char(required=True, readonly=True)
    product = fields.Char(
        string="Product There", readonly=True, help="How the warehouse names it."
    )
    product_id = fields.Many2one(
        "product.product", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    date = fields.Date(readonly=True)
    value = fields.Float(readonly=True)
    number = fields.Integer(readonly=True)
    reason = fields.Char(
        readonly=True, help="Why the row is not used: it waits here until it fits."
    )

    _key_uniq = models.UniqueIndex("(reading_id, key)")
    _demand_idx = models.Index("(product_id, date) WHERE reason IS NULL")
