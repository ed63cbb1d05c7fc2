# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..comparing import RANGE
from .ai_queue_dataset_batch import MAX_INTEGER

#: digits of a checksum that are shown
CHECKSUM = "%016x"


class AiQueueDatasetPart(models.Model):
    """What the last comparison of a dataset found of one day, or of a range of keys.

    All days are kept, and the ranges that are not the same on both sides. Written by
    side cursors only.
    """

    _name = "ai.queue.dataset.part"
    _description = "Day or Key Range of a Comparison"
    _order = "differing desc, kind, day desc, low, id"

    dataset_id = fields.Many2one(
        "ai.queue.dataset", required=True, readonly=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        [("day", "Day"), ("keys", "Key range")], required=True, readonly=True
    )
    name = fields.Char(compute="_compute_name", string="Day or Keys")
    # Of rows that have none, it is empty.
    day = fields.Date(readonly=True)
    low = fields.Integer(string="First Key", readonly=True)
    high = fields.Integer(string="Last Key", readonly=True)
    rows_here = fields.Integer(string="Rows in Odoo", readonly=True)
    rows_there = fields.Integer(string="Rows in the Warehouse", readonly=True)
    sum_here = fields.Char(string="Checksum in Odoo", readonly=True)
    sum_there = fields.Char(string="Checksum in the Warehouse", readonly=True)
    missing = fields.Integer(
        readonly=True, help="Rows of Odoo that are not in the warehouse."
    )
    old = fields.Integer(
        string="Not As in Odoo",
        readonly=True,
        help="A row that has another day on the other side counts for both days.",
    )
    left = fields.Integer(
        string="Left Over", readonly=True, help="Rows that are only in the warehouse."
    )
    differing = fields.Integer(string="Rows That Differ", readonly=True)
    state = fields.Selection(
        [
            ("equal", "Equal"),
            ("late", "Changes on their way"),
            ("different", "Different"),
            ("repairing", "Being loaded again"),
        ],
        required=True,
        readonly=True,
    )

    @api.depends("kind", "day", "low", "high")
    def _compute_name(self):
        for part in self:
            if part.kind == "keys":
                part.name = self.env._(
                    "Keys %(low)s to %(high)s", low=part.low, high=part.high
                )
            elif part.day:
                part.name = format_date(self.env, part.day)
            else:
                part.name = self.env._("Without a day")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_repair(self):
        """Load the rows again that differ, of these days and ranges only."""
        parts = self.filtered(lambda part: part.state == "different")
        if not parts:
            raise UserError(self.env._("None of these differs: nothing is repaired."))
        for dataset, some in parts.grouped("dataset_id").items():
            dataset._check_comparable()
            dataset._begin_comparison()
            dataset._queue_compare(True, [part._get_span() for part in some])
        # Comparisons write it; who steers the dataset may have one repaired.
        parts.sudo().state = "repairing"
        return True

    def _get_span(self):
        """What of the dataset it is: plain data, for a job."""
        if self.kind == "keys":
            return {"keys": [self.low, self.high]}
        return {"day": [self.day and fields.Date.to_string(self.day) or None]}

    # ------------------------------------------------------------
    # BY A SIDE CURSOR
    # ------------------------------------------------------------

    def _replace(self, dataset, comparison):
        """Keep what a ``comparing.Comparison`` found, instead of the last one."""
        self.search([("dataset_id", "=", dataset.id)]).unlink()
        vals_list = [
            {"kind": "day", "day": day, **_get_vals(tally)}
            for day, tally in comparison.days.items()
        ]
        for number, tally in comparison.ranges.items():
            if not tally.is_equal:
                low = number * RANGE
                high = min(low + RANGE - 1, MAX_INTEGER)
                vals = {"kind": "keys", "low": low, "high": high, **_get_vals(tally)}
                vals_list.append(vals)
        self.create([{"dataset_id": dataset.id, **vals} for vals in vals_list])


def _get_vals(tally):
    state = "different" if tally.differing else "late"
    return {
        "rows_here": tally.here[0],
        "rows_there": tally.there[0],
        "sum_here": _shorten(tally.here[1]),
        "sum_there": _shorten(tally.there[1]),
        "missing": tally.missing,
        "old": tally.old,
        "left": tally.left,
        "differing": tally.differing,
        "state": "equal" if tally.is_equal else state,
    }


def _shorten(total):
    """As many digits of a sum as tell it from any other."""
    return CHECKSUM % (total & ((1 << 64) - 1))
