# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError


class AiQueueAgentAbout(models.AbstractModel):
    """Finds and opens the record, of any model, that a case or a question is about.

    What inherits it has the fields ``res_model`` and ``res_id``.
    """

    _name = "ai.queue.agent.about"
    _description = "What Is About a Record of Any Model"

    def _get_records(self):
        """The records that these are about, as the current user.

        These are about one model. Records that are gone, and those of a model that is
        no longer installed, are left out.
        """
        model = self[:1].res_model
        if not model or model not in self.env:
            return self.browse()
        return self.env[model].browse(self.mapped("res_id")).exists()

    def _get_record(self):
        """The record that this one is about; empty when there is none any more."""
        self.ensure_one()
        return self._get_records()

    def action_open_record(self):
        """Open the record that it is about.

        :raise UserError: it was deleted
        """
        record = self._get_record()
        if not record:
            raise UserError(self.env._("The record was deleted."))
        return record._get_records_action()
