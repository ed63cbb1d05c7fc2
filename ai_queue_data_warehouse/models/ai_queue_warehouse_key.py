# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.queue_job_operations.outside import Found, Outside, find_namesake

KEYS = Outside("AI_QUEUE_WAREHOUSE", "key", "ai_queue_data_warehouse")


class AiQueueWarehouse(models.Model):
    """Where the key of a warehouse comes from: from outside, or it was entered."""

    _inherit = "ai.queue.warehouse"

    password = fields.Char(
        string="Key",
        compute="_compute_password",
        readonly=False,
        copy=False,
        help="Can be entered but never read again. A key in the environment or in "
        "odoo.conf takes precedence.",
    )
    key_variable = fields.Char(
        compute="_compute_key_names",
        help="Environment variable that holds the key of this warehouse.",
    )
    url_variable = fields.Char(
        compute="_compute_key_names",
        help="Environment variable that says to which addresses that key may be sent.",
    )
    key_option = fields.Char(
        compute="_compute_key_names",
        help="Option in the section [ai_queue_data_warehouse] of odoo.conf that holds "
        "the key.",
    )
    url_option = fields.Char(
        compute="_compute_key_names",
        help="Option in the same section that says to which addresses that key may be "
        "sent.",
    )
    key_source = fields.Selection(
        [
            ("environment", "Environment"),
            ("conf", "odoo.conf"),
            ("stored", "Entered here"),
            ("none", "No key"),
        ],
        compute="_compute_key_source",
        string="Key Comes From",
    )
    key_problem = fields.Text(
        compute="_compute_key_source",
        help="Why a key that goes by the name of this warehouse is not used.",
    )

    def _compute_password(self):
        self.password = False

    @api.depends("name")
    def _compute_key_names(self):
        for warehouse in self:
            name = warehouse.name
            warehouse.key_variable, warehouse.url_variable = KEYS.variables(name)
            warehouse.key_option, warehouse.url_option = KEYS.options(name)

    @api.depends("name", "type", "host", "port")
    @api.depends_context("lang")
    def _compute_key_source(self):
        for warehouse in self:
            found = warehouse._find_outside_key()
            is_stored = bool(warehouse._get_secret().password)
            warehouse.key_source = found.source or ("stored" if is_stored else "none")
            warehouse.key_problem = (
                found.elsewhere
                and not is_stored
                and KEYS.describe_elsewhere(
                    self.env, warehouse.name, warehouse._get_url(), found.elsewhere
                )
            )

    @api.constrains("name", "type")
    def _check_name(self):
        for warehouse in self.filtered(lambda one: one.type != "duckdb"):
            others = find_namesake(warehouse)
            others = others.filtered(lambda other: other.type != "duckdb")
            if others:
                raise ValidationError(
                    self.env._(
                        "The names %(name)s and %(other)s are too much alike: both "
                        "stand for the key %(variable)s. Choose another name.",
                        name=warehouse.name,
                        other=others[0].name,
                        variable=warehouse.key_variable,
                    )
                )

    def action_forget_key(self):
        """Delete the key that was entered."""
        self.check_access("write")
        for warehouse in self:
            warehouse._store_key(None)
        return True

    def _get_url(self):
        """What a key from outside has to be for; Redshift speaks PostgreSQL's words."""
        return f"postgresql://{self.host}:{self.port}"

    def _find_outside_key(self):
        """The key from outside of the database: ``Found``."""
        self.ensure_one()
        if self.type == "duckdb":
            return Found()
        return KEYS.find(self.name, self._get_url())

    def _get_key(self):
        """The key, from the first place that has one; None without."""
        return self._find_outside_key().secret or self._get_secret().password or None

    def _get_secret(self):
        # Nobody has rights on secrets. Whether there is one may be known.
        model = self.env["ai.queue.warehouse.secret"].sudo()
        return model.search([("warehouse_id", "=", self._origin.id)])

    def _get_salt(self):
        """What personal data are hashed with."""
        return self._get_secret().salt

    def _store_key(self, key):
        self.check_access("write")
        known = self._get_secret()
        password = key.strip() if key else False
        if known:
            known.password = password
        else:
            vals = {"warehouse_id": self.id, "password": password}
            known.create({**vals, "salt": secrets.token_hex(32)})
        self.invalidate_recordset(["key_source", "key_problem"])
