# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..outside import Found, find_namesake


class QueueJobOutsideKey(models.AbstractModel):
    """Records with a key from outside of the database, or one that was entered.

    What comes from the environment or odoo.conf takes precedence, and goes to the
    addresses that stand beside it alone: see ``outside``. A model that inherits this
    has a ``name``; its methods below say where its keys are and what they are for.
    """

    _name = "queue.job.outside.key"
    _description = "Key From Outside of the Database"

    key_variable = fields.Char(
        compute="_compute_key_names",
        help="Environment variable that holds the key.",
    )
    url_variable = fields.Char(
        compute="_compute_key_names",
        help="Environment variable that says to which addresses the key may be sent.",
    )
    key_option = fields.Char(
        compute="_compute_key_names",
        help="Option of odoo.conf that holds the key.",
    )
    url_option = fields.Char(
        compute="_compute_key_names",
        help="Option of odoo.conf that says to which addresses the key may be sent.",
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
        help="Why a key that goes by this name is not used.",
    )

    # ------------------------------------------------------------
    # FOR THE MODELS THAT INHERIT IT
    # ------------------------------------------------------------

    def _get_outside(self):
        """The `Outside` with the keys of this model."""
        raise NotImplementedError

    def _get_key_url(self):
        """The address that the key of this record is sent to; False for none."""
        raise NotImplementedError

    def _has_outside_key(self):
        """Whether records like this one have a key at all."""
        return True

    def _has_stored_key(self):
        """Whether a key was entered, whoever asks."""
        raise NotImplementedError

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("name")
    def _compute_key_names(self):
        outside = self._get_outside()
        for record in self:
            record.key_variable, record.url_variable = outside.variables(record.name)
            record.key_option, record.url_option = outside.options(record.name)

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_key_source(self):
        for record in self:
            found, is_stored = record._find_outside_key(), record._has_stored_key()
            record.key_source = found.source or ("stored" if is_stored else "none")
            record.key_problem = (
                found.elsewhere
                and not is_stored
                and record._get_outside().describe_elsewhere(
                    self.env, record.name, record._get_key_url(), found.elsewhere
                )
            )

    @api.constrains("name")
    def _check_key_name(self):
        for record in self.filtered(lambda one: one._has_outside_key()):
            others = find_namesake(record)
            if others := others.filtered(lambda one: one._has_outside_key()):
                raise ValidationError(
                    self.env._(
                        "The names %(name)s and %(other)s are too much alike: both "
                        "stand for %(variable)s. Choose another name.",
                        name=record.name,
                        other=others[0].name,
                        variable=record.key_variable,
                    )
                )

    def _find_outside_key(self):
        """The key from outside of the database: `Found`."""
        self.ensure_one()
        if not self._has_outside_key():
            return Found()
        return self._get_outside().find(self.name, self._get_key_url())
