# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.queue_job_operations.outside import Outside

KEYS = Outside("AI_QUEUE", "key", "ai_queue")


class AiQueueProvider(models.Model):
    """Where the key of a provider comes from: from outside, or it was entered."""

    _inherit = "ai.queue.provider"

    api_key = fields.Char(
        string="Key",
        compute="_compute_api_key",
        readonly=False,
        copy=False,
        help="Can be entered but never read again. A key in the environment or in "
        "odoo.conf takes precedence.",
    )

    def _compute_api_key(self):
        self.api_key = False

    # EXTENDS queue.job.outside.key
    @api.depends("name", "type", "base_url")
    @api.depends_context("lang")
    def _compute_key_source(self):
        return super()._compute_key_source()

    # EXTENDS queue.job.outside.key
    @api.constrains("name", "type")
    def _check_key_name(self):
        return super()._check_key_name()

    def _get_outside(self):
        return KEYS

    def _get_key_url(self):
        return self.base_url

    def _has_outside_key(self):
        return self.type != "local"

    def _has_stored_key(self):
        return bool(self._get_secret())

    def _get_secret(self):
        # Nobody has rights on secrets. Whether there is one may be known.
        secrets = self.env["ai.queue.provider.secret"].sudo()
        return secrets.search([("provider_id", "=", self._origin.id)])

    def _get_key(self):
        """The key, from the first place that has one; None without."""
        if not self._has_outside_key():
            return None
        return self._find_outside_key().secret or self._get_secret().api_key or None

    def _store_key(self, key):
        self.check_access("write")
        self._forget_key()
        # Who may change the provider may set its key.
        secrets = self.env["ai.queue.provider.secret"].sudo()
        secrets.create({"provider_id": self.id, "api_key": key.strip()})
        self.invalidate_recordset(["key_source", "key_problem"])

    def _forget_key(self):
        secrets = self.env["ai.queue.provider.secret"].sudo()
        secrets.search(Domain("provider_id", "in", self.ids)).unlink()
        self.invalidate_recordset(["key_source", "key_problem"])

    def action_forget_key(self):
        """Delete the key that was entered."""
        self.check_access("write")
        self._forget_key()
        return True
