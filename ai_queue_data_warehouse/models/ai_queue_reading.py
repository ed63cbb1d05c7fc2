# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..targets.sql import NAME

MAX_ROWS = 10_000_000
#: what a query consists of: anything that ends it would begin another statement
QUERY = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
FORBIDDEN = (";", "--", "/*")
TABLE = re.compile(rf"{NAME.pattern}(?:\.{NAME.pattern}){{0,2}}")
#: what decides which rows there are, and what is in them
DEFINITION = (
    *("warehouse_id", "purpose", "source", "company_id", "key_column"),
    *("product_column", "match", "date_column", "value_column", "tz"),
)


class AiQueueReading(models.Model):
    """A table or query of a warehouse whose rows are kept in Odoo.

    How they get here is in ``ai_queue_reading_read``.
    """

    _name = "ai.queue.reading"
    _inherit = "ai.queue.guard"
    _description = "Table Read from a Warehouse"
    _order = "name, id"
    _check_company_auto = True

    def _default_tz(self):
        return self.env.company.partner_id.tz or self.env.user.tz or "UTC"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    warehouse_id = fields.Many2one(
        "ai.queue.warehouse", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    purpose = fields.Selection(
        [
            ("demand", "Demand for the forecast"),
            ("column", "Known ahead: a price or a promotion"),
            ("rows", "Rows to report on"),
        ],
        required=True,
        default="demand",
        help="Demand is added to what is invoiced in Odoo: read only what is sold "
        "elsewhere, in a web shop or on a marketplace.",
    )
    source = fields.Text(
        string="Table or Query",
        required=True,
        help="A table such as shop.orders, or a query that begins with SELECT.",
    )
    key_column = fields.Char(
        required=True,
        help="A number or a text that is different in each row, and stays as it is.",
    )
    product_column = fields.Char()
    match = fields.Selection(
        [
            ("default_code", "Internal reference"),
            ("barcode", "Barcode"),
            ("id", "Id in Odoo"),
        ],
        string="Product Is Named by",
        required=True,
        default="default_code",
    )
    date_column = fields.Char()
    value_column = fields.Char(help="The quantity, or the price.")
    tz = fields.Selection(
        _tz_get,
        string="Days In",
        required=True,
        default=lambda self: self.env.company.partner_id.tz
        or self.env.user.tz
        or "UTC",
        help="Times with a time zone, or in UTC, belong to a day in this one. Times "
        "without a time zone are taken as they are.",
    )
    interval_minutes = fields.Integer(string="Every (min)", required=True, default=60)
    max_shrink = fields.Integer(
        string="Fewer Rows at Most (%)",
        required=True,
        default=50,
        help="With still fewer rows than the last time, nothing is taken over until "
        "somebody has looked: what was read before stays. 100: all rows may go.",
    )
    max_rows = fields.Integer(
        string="Rows at Most",
        required=True,
        default=1_000_000,
        help="With more of them nothing is read: something must be wrong.",
    )
    page_rows = fields.Integer(string="Rows a Batch", required=True, default=20_000)
    # who said what is read: no more than this user may see
    user_id = fields.Many2one(
        "res.users", readonly=True, copy=False, default=lambda self: self.env.uid
    )
    is_paused = fields.Boolean(string="Paused", readonly=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "Not started"),
            ("reading", "Reading"),
            ("done", "Read"),
            ("waiting", "Tries again"),
            ("held", "Held: far fewer rows"),
            ("failed", "Stopped by an error"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    error = fields.Text(readonly=True, copy=False)
    # which reading this is, and up to where it is done: a key, as JSON has it
    number = fields.Integer(readonly=True, copy=False)
    mark = fields.Json(readonly=True, copy=False)
    expected = fields.Integer(readonly=True, copy=False)
    rows_read = fields.Integer(readonly=True, copy=False)
    date_held = fields.Datetime(string="Held Since", readonly=True, copy=False)
    # somebody has looked: the next reading may have as few rows as it has
    is_shrink_accepted = fields.Boolean(readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    date_read = fields.Datetime(string="Last Read", readonly=True, copy=False)
    row_ids = fields.One2many("ai.queue.reading.row", "reading_id", readonly=True)
    row_count = fields.Integer(string="Rows", compute="_compute_row_count")
    unfit_count = fields.Integer(string="Set Aside", compute="_compute_row_count")

    @api.depends("expected", "rows_read", "state")
    def _compute_progress(self):
        for reading in self:
            share = reading.rows_read / reading.expected if reading.expected else 0.0
            is_done = reading.state == "done"
            reading.progress = 100.0 if is_done else min(100.0, 100.0 * share)

    @api.depends("row_ids")
    def _compute_row_count(self):
        groups = self.env["ai.queue.reading.row"]._read_group(
            [("reading_id", "in", self.ids)],
            ["reading_id"],
            ["__count", "reason:count"],
        )
        counts = {reading: rest for reading, *rest in groups}
        for reading in self:
            reading.row_count, reading.unfit_count = counts.get(reading, (0, 0))

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("source")
    def _check_source(self):
        for reading in self:
            source = reading.source.strip()
            if TABLE.fullmatch(source):
                continue
            if not QUERY.match(source) or any(sign in source for sign in FORBIDDEN):
                raise ValidationError(
                    self.env._(
                        "Enter the name of a table, or one query that begins with "
                        "SELECT, without semicolons and comments."
                    )
                )

    @api.constrains(
        "purpose", "key_column", "product_column", "date_column", "value_column"
    )
    def _check_columns(self):
        for reading in self:
            names = reading._get_columns()
            if not all(NAME.fullmatch(name or "") for name in names):
                raise ValidationError(
                    self.env._(
                        "Enter the names of the columns: letters, digits and "
                        "underscores. Demand and columns need all four; rows to "
                        "report on at least the key."
                    )
                )

    @api.constrains("interval_minutes", "max_rows", "page_rows", "max_shrink")
    def _check_sizes(self):
        for reading in self:
            if not 0 <= reading.max_shrink <= 100:
                raise ValidationError(
                    self.env._("Fewer rows are 0 to 100 % of what there was.")
                )
            if (
                reading.interval_minutes < 1
                or not 1 <= reading.max_rows <= MAX_ROWS
                or not 100 <= reading.page_rows <= 100_000
            ):
                raise ValidationError(
                    self.env._(
                        "It is read once a minute at most, up to %s rows, 100 to "
                        "100,000 in a batch.",
                        f"{MAX_ROWS:,}",
                    )
                )

    def _get_columns(self):
        """Names of the columns: of key, product, date and value."""
        names = (self.product_column, self.date_column, self.value_column)
        if self.purpose == "rows":
            names = [name for name in names if name]
        return [self.key_column, *names]

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        readings = super().create([_without_user(vals) for vals in vals_list])
        readings._check_may_define()
        return readings

    def write(self, vals):
        result = super().write(_without_user(vals))
        if vals.keys() & set(DEFINITION):
            self._check_may_define()
            self._forget_rows()
        return result

    def _forget_rows(self):
        """What was read before is of something else."""
        blank = {"mark": False, "number": 0, "date_read": False}
        blank |= {"date_held": False, "is_shrink_accepted": False}
        super(AiQueueReading, self.sudo()).write({**blank, "user_id": self.env.uid})
        self.flush_recordset()
        # There may be millions.
        self.env.cr.execute(
            "DELETE FROM ai_queue_reading_row WHERE reading_id = ANY(%s)", [self.ids]
        )
        self.invalidate_recordset(["row_ids", "row_count", "unfit_count"])
        self.env["ai.queue.reading.row"].invalidate_model()
        return True

    def _check_may_define(self):
        self.check_access("write")
        if not self.env.su:
            self._check_not_of_others(self.env.user)

    def _check_not_of_others(self, user):
        """Nobody reads in a warehouse what others sent there and only they may see."""
        if self.warehouse_id._holds_of_others(user):
            raise AccessError(
                self.env._(
                    "The warehouse also holds what others may read: only an "
                    "administrator of Odoo can read from it."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_read(self):
        """Read it now, in the background."""
        self.check_access("write")
        for reading in self:
            # Who may is checked; nobody writes these fields but by a button or a job.
            reading.sudo().write(
                {"is_paused": False, "error": False, "state": "reading"}
            )
            reading._queue_reading()
        return True

    def action_accept(self):
        """Take over what there is now, however few rows."""
        self.check_access("write")
        held = self.filtered(lambda one: one.state == "held")
        held.sudo().is_shrink_accepted = True  # as ``action_read``
        return held.action_read()

    def action_pause(self):
        """Read nothing more; a reading that has begun goes on where it was."""
        self.check_access("write")
        self.sudo().is_paused = True  # as ``action_read``
        return True

    def action_open_rows(self):
        """What was read."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_data_warehouse.ai_queue_reading_row_action"
        )
        action["domain"] = [("reading_id", "in", self.ids)]
        return action

    @api.model
    def _cron_read(self):
        """Queue what is due."""
        for reading in self.search(
            [("state", "not in", ("draft", "failed")), ("is_paused", "=", False)]
        ):
            if reading._is_due():
                reading._queue_reading()

    def _is_due(self):
        """Whether it has not come to its end yet, or that is too long ago."""
        every = timedelta(minutes=self.interval_minutes)
        if self.state == "held":
            return fields.Datetime.now() >= self.date_held + every
        is_done = self.state == "done" and self.date_read
        return not is_done or fields.Datetime.now() >= self.date_read + every

    def _get_late(self, now):
        """For how many minutes it should have been read again."""
        due = self.date_read + timedelta(minutes=self.interval_minutes)
        return max(0.0, (now - due).total_seconds() / 60)


def _without_user(vals):
    return {name: value for name, value in vals.items() if name != "user_id"}
