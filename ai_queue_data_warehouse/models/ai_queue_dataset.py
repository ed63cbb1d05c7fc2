# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import ast
import uuid

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .. import capture
from ..extract import NAME as NAME_SUFFIX
from ..extract import Extraction
from ..targets import DATETIME, INTEGER, KEY, TIME
from ..targets.sql import BATCHES, NAME, TABLES

MIN_ROWS, MAX_ROWS = 100, 500_000
#: what decides which rows a table has, and what is in them
DEFINITION = (
    *("warehouse_id", "model_id", "field_ids", "domain", "company_id", "user_id"),
    *("lang", "schema", "table", "reader_group_ids", "detection"),
)
#: what the watching of changes depends on
WATCHED = {"active", "follow", "phase", "is_paused", "sources"}


class AiQueueDataset(models.Model):
    """What is kept in step with a warehouse: a model, its fields and its filter.

    How it gets there is in ``ai_queue_dataset_sync``. What jobs write of it, they
    write by side cursors.
    """

    _name = "ai.queue.dataset"
    _inherit = "ai.queue.guard"
    _description = "Dataset of a Warehouse"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    # Names it in the warehouse, where names may change.
    uuid = fields.Char(
        required=True, readonly=True, copy=False, default=lambda _self: uuid.uuid4().hex
    )
    warehouse_id = fields.Many2one(
        "ai.queue.warehouse", required=True, index=True, ondelete="restrict"
    )
    model_id = fields.Many2one(
        "ir.model",
        required=True,
        ondelete="cascade",
        domain=[("transient", "=", False), ("abstract", "=", False)],
    )
    model_name = fields.Char(related="model_id.model", string="Model Name")
    field_ids = fields.One2many(
        "ai.queue.dataset.field", "dataset_id", string="Columns", copy=True
    )
    domain = fields.Char(string="Filter", required=True, default="[]")
    company_id = fields.Many2one(
        "res.company",
        help="Only what the user may see as in this company. Without one: in all "
        "companies of the user. Values that each company has its own of are then those "
        "of the user's default company.",
    )
    user_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="The dataset holds no more than this user may read.",
    )
    reader_group_ids = fields.Many2many(
        "res.groups",
        string="Others Who May Ask",
        help="Members of these groups may ask for all of this table in reports, too, "
        "whatever they may read in Odoo itself. Others than the user above and "
        "administrators may not.",
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="Of translated values. By default that of the user.",
    )
    schema = fields.Char(
        compute="_compute_schema",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    table = fields.Char(
        compute="_compute_table",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    follow = fields.Selection(
        [
            ("change", "On change"),
            ("schedule", "On schedule"),
            ("manual", "By hand"),
        ],
        string="Brought Up to Date",
        required=True,
        default="change",
    )
    detection = fields.Selection(
        [("trigger", "By triggers"), ("compare", "By comparing both sides")],
        string="Changes Are Found",
        required=True,
        default="trigger",
        help="Triggers note each change in the database: nothing is missed, and it "
        "arrives at once. Where they are not wanted, both sides are compared each "
        "time by checksums, and what differs is loaded again: every row is looked at.",
    )
    interval_minutes = fields.Integer(string="Every (min)", required=True, default=60)
    gap_seconds = fields.Integer(
        string="Wait Between (s)",
        required=True,
        default=3,
        help="On change: so long after the last batch comes the next one at the "
        "earliest. Changes until then go together.",
    )
    batch_rows = fields.Integer(
        string="Rows a Batch",
        required=True,
        default=50_000,
        help="At most so many records, or changes, are loaded as a whole.",
    )
    skip_failed = fields.Boolean(
        string="Go On After a Failed Batch",
        help="The next batches do not wait until somebody has looked at it.",
    )
    phase = fields.Selection(
        [
            ("draft", "Not started"),
            ("loading", "First load"),
            ("rebuilding", "Rebuild"),
            ("live", "In step"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    is_paused = fields.Boolean(string="Paused", readonly=True, copy=False)
    is_held = fields.Boolean(
        string="Stopped", readonly=True, copy=False, help="Waits for somebody to look."
    )
    error = fields.Text(readonly=True, copy=False)
    error_kind = fields.Selection(
        [
            ("unreachable", "The warehouse does not answer"),
            ("drift", "A column or the table is not as expected"),
            ("changed", "A column has another type"),
            ("refused", "Refused"),
        ],
        readonly=True,
        copy=False,
    )
    # since it was made; the batches themselves are deleted after a while
    rows_total = fields.Float(readonly=True, copy=False)
    bytes_total = fields.Float(readonly=True, copy=False)
    batch_ids = fields.One2many("ai.queue.dataset.batch", "dataset_id", readonly=True)
    row_ids = fields.One2many("ai.queue.dataset.row", "dataset_id", readonly=True)
    # {table: columns that matter, or null for all}: what changes are noted of
    sources = fields.Json(readonly=True, copy=False)
    # what has been loaded, as ``_get_signature`` tells it
    signature = fields.Char(readonly=True, copy=False)
    # the table that a new one is made beside has been loaded by another definition
    is_table_older = fields.Boolean(readonly=True, copy=False)
    # up to where the change log is done; text, as a log outgrows integers
    mark = fields.Char(readonly=True, copy=False)
    # the last key loaded, the last to load, and how many rows there are about
    load_key = fields.Integer(readonly=True, copy=False)
    load_top = fields.Integer(readonly=True, copy=False)
    load_total = fields.Integer(readonly=True, copy=False)
    load_rows = fields.Integer(readonly=True, copy=False)
    load_started = fields.Datetime(readonly=True, copy=False)
    date_synced = fields.Datetime(string="Up to Date", readonly=True, copy=False)
    date_parquet = fields.Datetime(readonly=True, copy=False)
    compare_state = fields.Selection(
        [
            ("pending", "Comparing"),
            ("equal", "Both sides are equal"),
            ("different", "Different"),
            ("failed", "Could not be compared"),
        ],
        string="Comparison",
        readonly=True,
        copy=False,
    )
    compare_result = fields.Text(string="Result", readonly=True, copy=False)
    compare_date = fields.Datetime(string="Compared", readonly=True, copy=False)

    _table_uniq = models.Constraint(
        'UNIQUE(warehouse_id, "schema", "table")',
        "Another dataset has this table. Choose another name.",
    )

    def init(self):
        capture.make(self.env.cr)

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("warehouse_id")
    def _compute_schema(self):
        for dataset in self:
            dataset.schema = dataset.schema or dataset.warehouse_id.schema

    @api.depends("model_id")
    def _compute_table(self):
        for dataset in self:
            name = (dataset.model_id.model or "").replace(".", "_")
            dataset.table = dataset.table or name

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("schema", "table")
    def _check_names(self):
        for dataset in self:
            for name in (dataset.schema, dataset.table):
                # With what a table is called while it is rebuilt.
                if not NAME.fullmatch(name or "") or len(name) > 50:
                    raise ValidationError(
                        self.env._(
                            "“%s” cannot be the name of a schema or a table: use at "
                            "most 50 letters, digits and underscores, and no digit at "
                            "the beginning.",
                            name or "",
                        )
                    )
            if dataset.table in (TABLES, BATCHES):
                raise ValidationError(
                    self.env._("The table %s is for notes of its own.", dataset.table)
                )

    @api.constrains(
        "batch_rows", "interval_minutes", "gap_seconds", "detection", "follow"
    )
    def _check_sizes(self):
        for dataset in self:
            if not MIN_ROWS <= dataset.batch_rows <= MAX_ROWS:
                raise ValidationError(
                    self.env._(
                        "A batch has between %(least)s and %(most)s rows.",
                        least=MIN_ROWS,
                        most=MAX_ROWS,
                    )
                )
            if dataset.detection == "compare" and dataset.follow == "change":
                raise ValidationError(
                    self.env._(
                        "Without triggers nobody tells when something changes: have it "
                        "brought up to date on schedule or by hand."
                    )
                )
            if dataset.interval_minutes < 1 or not 1 <= dataset.gap_seconds <= 3600:
                raise ValidationError(
                    self.env._(
                        "A dataset is brought up to date once a minute at most, and "
                        "between batches are 1 to 3600 seconds."
                    )
                )

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for dataset in self:
            user = dataset.user_id.sudo()
            if user.id == SUPERUSER_ID or user.share or not user.active:
                raise ValidationError(
                    self.env._(
                        "Choose an internal user: the dataset holds what they may read."
                    )
                )
            if dataset.company_id and dataset.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s may not work in %(company)s.",
                        user=user.name,
                        company=dataset.company_id.name,
                    )
                )

    @api.constrains("domain", "model_id", "user_id", "company_id", "field_ids")
    def _check_readable(self):
        self._check_user()  # whose rights could not even be asked for otherwise
        for dataset in self:
            model = self.env.get(dataset.model_id.model)
            if model is None or not model._auto:
                raise ValidationError(
                    self.env._(
                        "%s has no table: it cannot be a dataset.",
                        dataset.model_id.name,
                    )
                )
            if not isinstance(dataset._parse_domain(), list):
                raise ValidationError(
                    self.env._("The filter is no list of conditions.")
                )
            try:
                # With the rights of its user, down to each field.
                dataset._get_extraction(self.env.cr).get_columns()
            except (ValueError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._("The filter does not fit the model: %s", error)
                ) from error

    def _parse_domain(self):
        try:
            return ast.literal_eval((self.domain or "[]").strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        datasets = super().create(vals_list)
        datasets._check_not_of_others()
        self.env.registry.clear_cache()
        return datasets

    def write(self, vals):
        if vals.keys() & set(DEFINITION):
            self._check_not_of_others()
            self._check_place(vals)
        result = super().write(vals)
        if "user_id" in vals:
            self._check_not_of_others()
        if vals.keys() & WATCHED:
            self.env.registry.clear_cache()
        return result

    def _check_not_of_others(self):
        """Nobody reads by a dataset what only its user may read."""
        if not self.env.su and self._are_of_others(self.env.user):
            raise AccessError(
                self.env._(
                    "Only an administrator of Odoo can set up datasets that hold what "
                    "somebody else may read."
                )
            )

    def _are_of_others(self, user):
        """Whether they hold what others than this user may read, which is for an
        administrator of Odoo alone."""
        return bool(self.user_id - user) and not user.has_group("base.group_system")

    def _check_place(self, vals):
        """What is loaded stays where it is: elsewhere nobody would keep it in step."""
        for dataset in self.filtered(lambda one: one.phase != "draft"):
            for name in ("warehouse_id", "model_id", "schema", "table", "detection"):
                old = dataset[name].id if name.endswith("_id") else dataset[name]
                if name in vals and vals[name] != old:
                    raise UserError(
                        self.env._(
                            "Stop %s first: its warehouse, model and table cannot "
                            "change while it is kept in step.",
                            dataset.name,
                        )
                    )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for dataset, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", dataset.name)
            if "table" not in (default or {}):
                vals["table"] = f"{dataset.table[:44]}_copy"
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(dataset.phase != "draft" for dataset in self):
            raise UserError(self.env._("Stop the dataset before you delete it."))

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.constrains("active")
    def _check_active(self):
        if any(not one.active and one.phase != "draft" for one in self):
            raise UserError(self.env._("Stop the dataset before you archive it."))

    # ------------------------------------------------------------
    # WHAT IT HOLDS
    # ------------------------------------------------------------

    def _get_extraction(self, cr):
        """What reads its rows, with the rights of its user: ``extract.Extraction``.

        :param cr: to read with
        """
        self.ensure_one()
        # Nobody gets at its user's rights in another way; who sets it up is checked.
        dataset = self.sudo()
        user = dataset.user_id
        context = {
            "lang": dataset.lang or user.lang or "en_US",
            "tz": "UTC",
            "active_test": False,
            "allowed_company_ids": dataset._get_companies().ids,
        }
        env = api.Environment(cr, user.id, context)
        return Extraction(
            env[dataset.model_name],
            dataset._parse_domain(),
            dataset.field_ids._get_data(),
            dataset.warehouse_id._get_salt(),
        )

    def _get_companies(self):
        """Whose rows it has; values that each has its own of are those of the first."""
        user = self.user_id
        return self.company_id or user.company_id | user.company_ids.sorted("id")

    def _may_be_queried(self, user):
        """Whether a user may ask for its table: see ``_select_tables``."""
        self.ensure_one()
        if self.company_id and self.company_id not in user.sudo().company_ids:
            return False
        return bool(
            self.user_id == user
            or user.has_group("base.group_system")
            or self.reader_group_ids & user.sudo().all_group_ids
        )

    def _describe_table(self):
        """What may be asked of its table: plain data."""
        labels = {}
        for line in self.field_ids:
            labels[line.column] = line.field_id.field_description
            labels[line.column + NAME_SUFFIX] = self.env._(
                "%s (name)", line.field_id.field_description
            )
        columns = [
            {"name": each.name, "type": each.kind, "label": labels.get(each.name)}
            for each in self._get_extraction(self.env.cr).get_columns()
        ]
        key = {"name": KEY, "type": INTEGER, "label": self.env._("ID")}
        read = self.env._("Read in Odoo (UTC)")
        columns += [{"name": TIME, "type": DATETIME, "label": read}]
        return {
            "dataset_id": self.id,
            "schema": self.schema,
            "table": self.table,
            "name": self.name,
            "model": self.model_name,
            "description": self.model_id.name,
            "columns": [key, *columns],
        }

    def _is_as_defined(self):
        """Whether its table holds what it is to hold by now: not a column that has been
        masked or left out since, and no row that has been filtered out."""
        return self.signature == self._get_signature() and not self.is_table_older

    def _is_older(self):
        """Whether its table was loaded by another definition, as far as it is known."""
        signature = self._get_signature()
        return self.is_table_older or (self.signature or signature) != signature

    def _get_signature(self):
        """Changes when all rows have to be loaded anew."""
        self.ensure_one()
        return repr(
            (
                self.model_name,
                self.domain,
                self.field_ids._get_data(),
                self.user_id.id,
                self._get_companies().ids,
                self.lang or self.user_id.lang,
            )
        )

    # ------------------------------------------------------------
    # WATCHING
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_watched(self):
        """{table: ids of the datasets that follow its changes at once}"""
        self.env.cr.execute(
            """
            SELECT id, sources FROM ai_queue_dataset
             WHERE active AND follow = 'change' AND phase <> 'draft'
               AND is_paused IS NOT TRUE AND sources IS NOT NULL
            """
        )
        watched = {}
        for dataset_id, sources in self.env.cr.fetchall():
            for table in sources:
                watched.setdefault(table, set()).add(dataset_id)
        return watched

    @api.model
    def _find_by_table(self, table):
        """The datasets that changes of a table matter to."""
        domain = Domain("phase", "!=", "draft")
        datasets = self.with_context(active_test=False).search(domain)
        return datasets.filtered(lambda one: table in (one.sources or {}))
