# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.queue_job_operations.outside import Found, Outside, find_namesake

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
    key_variable = fields.Char(
        compute="_compute_key_names",
        help="Environment variable that holds the key of this provider.",
    )
    url_variable = fields.Char(
        compute="_compute_key_names",
        help="Environment variable that says to which addresses that key may be sent.",
    )
    key_option = fields.Char(
        compute="_compute_key_names",
        help="Option in the section [ai_queue] of odoo.conf that holds the key.",
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
        help="Why a key that goes by the name of this provider is not used.",
    )

    def _compute_api_key(self):
        self.api_key = False

    @api.depends("name")
    def _compute_key_names(self):
        for provider in self:
            name = provider.name
            provider.key_variable, provider.url_variable = KEYS.variables(name)
            provider.key_option, provider.url_option = KEYS.options(name)

    @api.depends("name", "type", "base_url")
    @api.depends_context("lang")
    def _compute_key_source(self):
        # Whether there is one may be known to who may read the provider.
        stored = self.env["ai.queue.provider.secret"].sudo()
        stored = stored.search([("provider_id", "in", self.ids)]).provider_id.ids
        for provider in self:
            found = provider._find_outside_key()
            is_stored = provider._origin.id in stored
            provider.key_source = found.source or ("stored" if is_stored else "none")
            provider.key_problem = (
                found.elsewhere
                and not is_stored
                and KEYS.describe_elsewhere(
                    self.env, provider.name, provider.base_url, found.elsewhere
                )
            )

    @api.constrains("name", "type")
    def _check_name(self):
        for provider in self:
            others = find_namesake(provider)
            others = others.filtered(lambda other: other.type == "openai")
            if provider.type == "openai" and others:
                raise ValidationError(
                    self.env._(
                        "The names %(name)s and %(other)s are too much alike: both "
                        "stand for the key %(variable)s. Choose another name.",
                        name=provider.name,
                        other=others[0].name,
                        variable=provider.key_variable,
                    )
                )

    def _find_outside_key(self):
        """The key from outside of the database: ``Found``."""
        self.ensure_one()
        if self.type == "local":
            return Found()
        return KEYS.find(self.name, self.base_url)

    def _get_key(self):
        """The key, from the first place that has one; None without."""
        if key := self._find_outside_key().secret:
            return key
        if self.type == "local":
            return None
        secrets = self.env["ai.queue.provider.secret"].sudo()
        return secrets.search([("provider_id", "=", self.id)]).api_key or None

    def _store_key(self, key):
        self.check_access("write")
        self._forget_key()
        # Nobody has rights on secrets; who may change the provider may set its key.
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
