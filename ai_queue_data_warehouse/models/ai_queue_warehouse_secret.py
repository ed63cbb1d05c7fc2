# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AiQueueWarehouseSecret(models.Model):
    """The key of a warehouse."""

    _name = "ai.queue.warehouse.secret"
    _inherit = "queue.job.secret"
    _description = "Key of a Data Warehouse"
    _log_access = False
    _rec_name = "warehouse_id"

    warehouse_id = fields.Many2one(
        "ai.queue.warehouse", required=True, ondelete="cascade", index=True
    )
    password = fields.Char(exportable=False)
    reader_password = fields.Char(exportable=False)
    # What hides personal data is hashed with it: else one could try out all values.
    salt = fields.Char(required=True, exportable=False)

    _warehouse_uniq = models.Constraint("UNIQUE(warehouse_id)", "One key a warehouse.")
