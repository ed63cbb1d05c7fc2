# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..extract import NAME as NAME_SUFFIX
from ..extract import is_possible
from ..targets import HASH, KEY, TIME
from ..targets.sql import NAME


class AiQueueDatasetField(models.Model):
    """A field of a dataset, and the column that it becomes."""

    _name = "ai.queue.dataset.field"
    _description = "Field of a Dataset"
    _order = "sequence, id"

    dataset_id = fields.Many2one(
        "ai.queue.dataset", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    model_id = fields.Many2one(related="dataset_id.model_id")
    field_id = fields.Many2one(
        "ir.model.fields",
        required=True,
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('name', '!=', 'id')]",
    )
    field_type = fields.Selection(related="field_id.ttype", string="Type")
    column = fields.Char(
        compute="_compute_column",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Name of the column in the warehouse.",
    )
    with_name = fields.Boolean(
        default=True,
        help="For a relation: also a column with the name of the related record.",
    )
    mask = fields.Selection(
        [("hash", "Hash"), ("year", "Year only")],
        help="For personal data. Hash: equal values stay equal, but cannot be read. "
        "Year only: of a date, no more than its year.",
    )

    _field_uniq = models.Constraint(
        "UNIQUE(dataset_id, field_id)", "A field is in a dataset only once."
    )
    _column_uniq = models.Constraint(
        'UNIQUE(dataset_id, "column")', "Two columns have the same name."
    )

    @api.depends("field_id")
    def _compute_column(self):
        for line in self:
            line.column = line.column or line.field_id.name

    @api.constrains("column", "with_name", "field_id")
    def _check_column(self):
        for line in self:
            if not NAME.fullmatch(line.column or ""):
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be the name of a column: use letters, digits and "
                        "underscores, and no digit at the beginning.",
                        line.column or "",
                    )
                )
            if line.column.lower() in (KEY, HASH, TIME):
                raise ValidationError(
                    self.env._("Every table has a column %s already.", line.column)
                )
        for dataset in self.dataset_id:
            names = [name.lower() for name in dataset.field_ids._get_column_names()]
            if len(names) != len(set(names)):
                raise ValidationError(
                    self.env._("Two columns of %s have the same name.", dataset.name)
                )

    @api.constrains("field_id", "mask")
    def _check_field(self):
        for line in self:
            model = self.env.get(line.field_id.model)
            if line.field_id.model_id != line.dataset_id.model_id or model is None:
                raise ValidationError(
                    self.env._(
                        "%(field)s is no field of %(model)s.",
                        field=line.field_id.field_description,
                        model=line.dataset_id.model_id.name,
                    )
                )
            if not is_possible(model._fields[line.field_id.name]):
                raise ValidationError(
                    self.env._(
                        "%(field)s cannot be a column: it is not stored, or holds "
                        "several records or a file.",
                        field=line.field_id.field_description,
                    )
                )
            if line.mask == "year" and line.field_type not in ("date", "datetime"):
                raise ValidationError(
                    self.env._(
                        "%s is no date: it has no year.",
                        line.field_id.field_description,
                    )
                )

    # ------------------------------------------------------------
    # CRUD: what a dataset holds is also told by its lines
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_dataset()
        return lines

    def write(self, vals):
        self.dataset_id._check_not_of_others()
        result = super().write(vals)
        # A line that may no longer be read may be deleted beside it, after this.
        if not {"dataset_id", "field_id", "with_name"}.isdisjoint(vals):
            self._check_dataset()
        return result

    def unlink(self):
        self.dataset_id._check_not_of_others()
        return super().unlink()

    def _check_dataset(self):
        self.dataset_id._check_not_of_others()
        # By the rights of its user, whoever asks.
        self.dataset_id.sudo()._check_readable()

    def _get_column_names(self):
        names = self.mapped("column")
        for line in self:
            if line.field_type == "many2one" and line.with_name and not line.mask:
                names.append(line.column + NAME_SUFFIX)
        return names

    def _get_data(self):
        """As plain data, for ``extract.Extraction``; fields that are gone are not in
        it."""
        return [
            {
                "field": line.field_id.name,
                "column": line.column,
                "mask": line.mask or "",
                "with_name": line.with_name,
            }
            for line in self
            if line.field_id.name in self.env[line.field_id.model]._fields
        ]
