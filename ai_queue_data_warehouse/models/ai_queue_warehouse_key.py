# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import secrets

from odoo import api, fields, models

from odoo.addons.queue_job_operations.outside import Outside

KEYS = Outside("AI_QUEUE_WAREHOUSE", "key", "ai_queue_data_warehouse")
#: of those who ask questions; for the addresses that stand beside the other one
READER_KEYS = Outside("AI_QUEUE_WAREHOUSE", "reader", "ai_queue_data_warehouse")


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

    def _compute_password(self):
        self.password = False

    # EXTENDS queue.job.outside.key
    @api.depends("name", "type", "host", "port")
    @api.depends_context("lang")
    def _compute_key_source(self):
        return super()._compute_key_source()

    # EXTENDS queue.job.outside.key
    @api.constrains("name", "type")
    def _check_key_name(self):
        return super()._check_key_name()

    def action_forget_key(self):
        """Delete the key that was entered."""
        self.check_access("write")
        for warehouse in self:
            warehouse._store_key(None)
            warehouse._store_key(None, "reader_password")
        return True

    def _get_outside(self):
        return KEYS

    def _get_key_url(self):
        """Redshift speaks PostgreSQL's words."""
        return f"postgresql://{self.host}:{self.port}"

    def _has_outside_key(self):
        return self.type != "duckdb"

    def _has_stored_key(self):
        return bool(self._get_secret().password)

    def _get_key(self):
        """The key, from the first place that has one; None without."""
        return self._find_outside_key().secret or self._get_secret().password or None

    def _get_reader_key(self):
        """The key of the user for questions, from the first place that has one."""
        found = READER_KEYS.find(self.name, self._get_key_url())
        return found.secret or self._get_secret().reader_password or None

    def _get_secret(self):
        # Nobody has rights on secrets. Whether there is one may be known.
        model = self.env["ai.queue.warehouse.secret"].sudo()
        return model.search([("warehouse_id", "=", self._origin.id)])

    def _get_salt(self):
        """What personal data are hashed with."""
        return self._get_secret().salt

    def _store_key(self, key, name="password"):
        self.check_access("write")
        known = self._get_secret()
        password = key.strip() if key else False
        if known:
            known[name] = password
        else:
            vals = {"warehouse_id": self.id, name: password}
            known.create({**vals, "salt": secrets.token_hex(32)})
        self.invalidate_recordset(["key_source", "key_problem"])
