# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AiQueueDatasetRow(models.Model):
    """A record whose row did not fit into the warehouse: its batch went on without."""

    _name = "ai.queue.dataset.row"
    _description = "Row Set Aside"
    _order = "id desc"
    _rec_name = "res_id"

    dataset_id = fields.Many2one(
        "ai.queue.dataset", required=True, readonly=True, ondelete="cascade", index=True
    )
    res_id = fields.Many2oneReference(
        string="Record ID", model_field="res_model", required=True, readonly=True
    )
    res_model = fields.Char(related="dataset_id.model_name", string="Model")
    reason = fields.Text(required=True, readonly=True)

    _res_uniq = models.Constraint(
        "UNIQUE(dataset_id, res_id)", "This row is set aside already."
    )

    def action_open_record(self):
        """The record itself, for those who may see it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
