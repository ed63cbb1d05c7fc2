# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    ai_queue_archive_id = fields.Many2one(
        "ir.attachment",
        string="Unpacked From",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The ZIP that this file was in.",
    )

    # OVERRIDE base
    def _postprocess_contents(self, values):
        """Pictures of bills stay as they came in.

        Odoo makes large ones smaller, so that small print cannot be read any more.
        """
        if values.get("res_model") == "account.move" and values.get("res_id"):
            move = self.env["account.move"].browse(values["res_id"])
            if move._keeps_ai_queue_originals():
                return values
        return super()._postprocess_contents(values)
