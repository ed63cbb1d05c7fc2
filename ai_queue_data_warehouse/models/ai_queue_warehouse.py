# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import errno
import os
import re
import time

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import config

from odoo.addons.queue_job_operations import addresses, conf
from odoo.addons.queue_job_operations.side_cursor import side_env

from ..targets import Internal, TargetError, Unreachable, Unwritable, connect
from ..targets.sql import NAME
from ..words import say

HOST = re.compile(r"[A-Za-z0-9_.:-]+")
FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.duckdb")
MAX_TIMEOUT = 3600
#: where a type of warehouse usually listens; those of the cloud by HTTPS
PORTS, HTTPS_PORT = {"duckdb": 0, "postgresql": 5432, "redshift": 5439}, 443
#: a clock that is further off than this is said
CLOCK_SECONDS = 30
#: where tables are
PLACE = ("type", "file_name", "host", "port", "database", "account", "project")
CONNECTION = (*PLACE, "login", "sslmode", "stage")
#: what is never read again: of the warehouse, and of who asks it questions
KEYS = ("password", "reader_password")


class AiQueueWarehouse(models.Model):
    """Where datasets are kept in step: a file, or a database elsewhere."""

    _name = "ai.queue.warehouse"
    _inherit = ["queue.job.outside.key", "ai.queue.guard"]
    _description = "Data Warehouse"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    type = fields.Selection(
        [
            ("duckdb", "DuckDB / Parquet Files"),
            ("postgresql", "PostgreSQL"),
            ("redshift", "Redshift"),
        ],
        required=True,
        default="duckdb",
        help="DuckDB: a file on this server, without an account.",
    )
    schema = fields.Char(
        required=True,
        default="odoo",
        help="Where the tables of new datasets are made, unless they say otherwise.",
    )
    file_name = fields.Char(
        string="File",
        help="A name that ends in .duckdb. The directory is set in odoo.conf "
        "(warehouse_path in the section [ai_queue]).",
    )
    file_path = fields.Char(compute="_compute_file_path", string="Path")
    parquet = fields.Boolean(
        string="Parquet Files",
        help="Also write each table as a Parquet file beside it, once it is up to "
        "date. Those who read the file are never in the way.",
    )
    parquet_minutes = fields.Integer(
        string="Parquet Every (min)",
        default=60,
        help="At most so often: the whole file is written each time.",
    )
    host = fields.Char()
    port = fields.Integer(
        compute="_compute_port", store=True, precompute=True, readonly=False
    )
    database = fields.Char()
    login = fields.Char(string="User Name")
    sslmode = fields.Selection(
        [
            ("require", "Encrypted"),
            ("verify-full", "Encrypted, certificate verified"),
            ("prefer", "Encrypted if possible"),
            ("disable", "Not encrypted"),
        ],
        string="Encryption",
        required=True,
        default="require",
    )
    connect_timeout = fields.Integer(string="Connecting (s)", required=True, default=10)
    statement_timeout = fields.Integer(
        string="Statement (s)",
        required=True,
        default=300,
        help="How long one statement may take in the warehouse.",
    )
    dataset_ids = fields.One2many("ai.queue.dataset", "warehouse_id")
    dataset_count = fields.Integer(compute="_compute_dataset_count", string="Datasets")
    check_state = fields.Selection(
        [("pending", "Testing"), ("ok", "Works"), ("failed", "Does not work")],
        string="Last Test",
        readonly=True,
        copy=False,
    )
    check_result = fields.Text(readonly=True, copy=False)
    check_date = fields.Datetime(string="Tested", readonly=True, copy=False)

    _name_uniq = models.Constraint(
        "UNIQUE(name)", "There is a warehouse of this name already."
    )
    _file_uniq = models.UniqueIndex(
        "(file_name) WHERE type = 'duckdb'",
        "Another warehouse has this file. Choose another name.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("file_name", "type")
    def _compute_file_path(self):
        for warehouse in self:
            is_file = warehouse.type == "duckdb" and warehouse.file_name
            path = os.path.join(self._get_directory(), warehouse.file_name or "")
            warehouse.file_path = path if is_file else False

    @api.depends("type")
    def _compute_port(self):
        for warehouse in self:
            warehouse.port = PORTS.get(warehouse.type, HTTPS_PORT)

    @api.depends("dataset_ids")
    def _compute_dataset_count(self):
        for warehouse in self:
            warehouse.dataset_count = len(warehouse.dataset_ids)

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("type", "file_name", "host", "database", "login")
    def _check_connection(self):
        for warehouse in self:
            if warehouse.host and not HOST.fullmatch(warehouse.host):
                # libpq takes a path for a socket, too
                raise ValidationError(
                    self.env._(
                        "Enter the name or the address of the host, and no more."
                    )
                )
            warehouse._check_place()

    def _check_place(self):
        """Whether it is said where the warehouse is."""
        if self.type == "duckdb":
            # A name and no path: the directory is not for managers to choose.
            if not FILE.fullmatch(self.file_name or ""):
                raise ValidationError(
                    self.env._(
                        "Enter a file name such as warehouse.duckdb: letters, "
                        "digits, dots, hyphens and underscores, without a "
                        "directory."
                    )
                )
        elif not (self.host and self.database and self.login):
            raise ValidationError(
                self.env._("Enter the host, the database and the user name.")
            )

    @api.constrains("schema")
    def _check_schema(self):
        for warehouse in self:
            if not NAME.fullmatch(warehouse.schema):
                raise ValidationError(
                    self.env._(
                        "The name of a schema consists of letters, digits and "
                        "underscores, and does not begin with a digit."
                    )
                )

    @api.constrains("connect_timeout", "statement_timeout", "parquet_minutes")
    def _check_timeouts(self):
        for warehouse in self:
            times = (warehouse.connect_timeout, warehouse.statement_timeout)
            if not all(1 <= each <= MAX_TIMEOUT for each in times):
                raise ValidationError(
                    self.env._(
                        "Timeouts must be between 1 and %s seconds.", MAX_TIMEOUT
                    )
                )
            if warehouse.parquet_minutes < 1:
                raise ValidationError(
                    self.env._("Parquet files can be written once a minute at most.")
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Never into the cache of a field: it could be read from there.
        warehouses = super().create([_without_key(vals) for vals in vals_list])
        for warehouse, vals in zip(warehouses, vals_list, strict=True):
            warehouse._store_key(vals.get("password"))
            warehouse._store_key(vals.get("reader_password"), "reader_password")
        return warehouses

    def copy_data(self, default=None):
        """The copy has no key, and another name."""
        vals_list = super().copy_data(default)
        for warehouse, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", warehouse.name)
            if warehouse.file_name and "file_name" not in (default or {}):
                vals["file_name"] = f"{warehouse.file_name[:-7][:90]}-copy.duckdb"
        return vals_list

    def write(self, vals):
        moved = self.filtered(lambda one: one._would_change(CONNECTION, vals))
        moved._check_others()
        elsewhere = moved.filtered(lambda one: one._would_change(PLACE, vals))
        result = super().write(_without_key(vals))
        # The key was meant for the old place: it must not go to another.
        for warehouse in moved:
            for name in KEYS:
                warehouse._store_key(None, name)
        elsewhere._get_all_datasets()._load_elsewhere()
        if moved:
            vals_of_check = {"check_state": False, "check_result": False}
            super(AiQueueWarehouse, moved.sudo()).write(vals_of_check)
        for name in KEYS:
            for warehouse in self if vals.get(name) else ():
                warehouse._store_key(vals[name], name)
        return result

    def _would_change(self, names, vals):
        return any(vals[name] != self[name] for name in names if name in vals)

    def _check_others(self):
        """Data that somebody else may read must not go where one sends them."""
        datasets = self._get_all_datasets()
        if not self.env.su and datasets._are_of_others(self.env.user):
            raise AccessError(
                self.env._(
                    "Datasets of this warehouse hold what others may read: only an "
                    "administrator of Odoo can send them elsewhere."
                )
            )

    def _holds_of_others(self, user):
        """Whether one gets at what others than this user may read by it: of all
        companies, and archived, too."""
        return self._get_alike()._get_all_datasets()._are_of_others(user)

    def _get_all_datasets(self):
        """The datasets, whoever asks."""
        datasets = self.env["ai.queue.dataset"].sudo().with_context(active_test=False)
        return datasets.search([("warehouse_id", "in", self.ids)])

    def _get_alike(self):
        """These warehouses, and all at the same place of those whose key was not
        entered: one may make a second record for what the server has a key for."""
        shared = self.filtered(lambda one: one._has_shared_key())
        if not shared:
            return self
        places = {one._get_place() for one in shared}
        # A file has no key.
        known = self.sudo().with_context(active_test=False)
        known = known.search([("type", "!=", "duckdb")])
        return self | known.filtered(lambda one: one._get_place() in places)

    def _has_shared_key(self):
        """Whether the server has the key, and nobody has to know it."""
        return bool(self._find_outside_key().secret)

    def _get_place(self):
        """What tells whether two records with keys stand for one warehouse: of Google's
        projects, one may ask for tables of another."""
        return ((self._get_host() or "").lower().rstrip("."), self.port)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self._get_all_datasets():
            raise UserError(
                self.env._("This warehouse has datasets. Archive it, or delete them.")
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_check(self):
        """Test the connection in a job: the verdict appears on the form."""
        self.ensure_one()
        self.check_access("write")
        # Only tests and jobs write what came of them.
        self.sudo().write({"check_state": "pending", "check_result": False})
        self.with_user(SUPERUSER_ID).with_context(lang=self.env.lang).with_delay(
            priority=1,
            max_retries=1,
            description=self.env._("Test the connection to %s", self.name),
        )._run_check(self.env.lang)
        return True

    def action_open_datasets(self):
        """The datasets of this warehouse."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue_data_warehouse.ai_queue_dataset_action"
        )
        action["domain"] = [("warehouse_id", "in", self.ids)]
        action["context"] = {"default_warehouse_id": self.id}
        return action

    @api.private
    def _run_check(self, lang=None):
        """Test the connection"""
        self.ensure_one()
        warehouse = self.with_context(lang=lang)
        lines, ok = [], True
        try:
            with warehouse._connect() as target:
                for code, figures in target.check():
                    lines.append(f"✓ {warehouse._say_step(code, figures)}")
            if said := warehouse._check_reader():
                lines.append(f"✓ {said}")
        except (TargetError, UserError) as error:
            ok = False
            lines.append(f"✗ {say(warehouse.env, error)}")
        with side_env(self.env) as env:
            env[self._name].browse(self.id).write(
                {
                    "check_state": "ok" if ok else "failed",
                    "check_result": "\n".join(lines),
                    "check_date": fields.Datetime.now(),
                }
            )
        return lines[-1]

    def _say_step(self, code, figures):
        if code == "reached":
            return self.env._("Reached, key accepted: %s", figures["version"])
        if code == "may_create":
            return self.env._("May create schemas and tables")
        if code == "loaded":
            return self.env._(
                "A test batch of %s rows went in; it was taken back", figures["rows"]
            )
        if code == "clock":
            off = abs(time.time() - figures["time"])
            if off > CLOCK_SECONDS:
                return self.env._("Its clock is %s seconds off", int(off))
            return self.env._("Its clock is right")
        return code

    # ------------------------------------------------------------
    # CONNECTION
    # ------------------------------------------------------------

    @api.model
    def _get_directory(self):
        """Where the files of warehouses are: the choice of who runs the server."""
        chosen = conf.get_option("ai_queue", "warehouse_path") or os.path.join(
            config["data_dir"], "ai_queue_warehouse"
        )
        return os.path.join(chosen, self.env.cr.dbname)

    def _connect(self, is_reader=False):
        """An open connection: ``targets.Target``.

        :param bool is_reader: nothing is to be changed with it
        :raise TargetError: it cannot be had
        """
        self.ensure_one()
        settings = {**self._get_settings(), "is_reader": is_reader}
        return connect(self.type, settings)

    def _resolve(self):
        """The addresses to connect to: those that were looked at, and no others."""
        try:
            return addresses.resolve(self._get_host(), self.port)
        except addresses.Refused as error:
            raise Internal(error.where) from error
        except (OSError, UnicodeError) as error:
            raise Unreachable(str(error)) from error

    def _get_host(self):
        return self.host

    def _get_settings(self):
        """What the target needs to know: plain data."""
        if self.type == "duckdb":
            _make_directory(self._get_directory())
            if os.path.islink(self.file_path):
                raise UserError(
                    self.env._("%s is a link, and is not written to.", self.file_path)
                )
            return {"path": self.file_path}
        return {
            "host": self.host,
            "addresses": self._resolve(),
            "port": self.port,
            "database": self.database,
            "user": self.login,
            "password": self._get_key(),
            "sslmode": self.sslmode,
            "schema": self.schema,
            "connect_timeout": self.connect_timeout,
            "statement_timeout": self.statement_timeout,
        }


def _make_directory(directory):
    try:
        os.makedirs(directory, mode=0o750, exist_ok=True)
    except OSError as error:
        raise Unwritable(directory, error.strerror) from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise Unwritable(directory, os.strerror(errno.EACCES))


def _without_key(vals):
    return {name: value for name, value in vals.items() if name not in KEYS}
