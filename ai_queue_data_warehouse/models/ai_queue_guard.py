# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import AccessError


class AiQueueGuard(models.AbstractModel):
    """Readonly fields are written by jobs and buttons, which have all rights.

    For Odoo itself, readonly is a matter of the screen: by RPC, or by a default in its
    context, who may write a record writes all of it.
    """

    _name = "ai.queue.guard"
    _description = "Readonly Fields That Nobody Writes by RPC"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_not_readonly({name for vals in vals_list for name in vals})
            # Each has its own: among them is what no two may share.
            vals_list = [{**vals, **self._get_readonly_vals()} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_not_readonly(vals)
        return super().write(vals)

    def _check_not_readonly(self, names):
        for field in self._get_readonly():
            if field.name in names:
                raise AccessError(
                    self.env._(
                        "%s is written by jobs and buttons alone.",
                        field._description_string(self.env),
                    )
                )

    def _get_readonly_vals(self):
        """What a new record begins with, whatever the context says."""
        return {
            field.name: field.default(self) if field.default else False
            for field in self._get_readonly()
            if field.column_type and not field.compute
        }

    def _get_readonly(self):
        return [
            field
            for name, field in self._fields.items()
            if field.store and field.readonly and name not in models.MAGIC_COLUMNS
        ]
