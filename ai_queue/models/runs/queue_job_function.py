# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models, tools


class QueueJobFunction(models.Model):
    _inherit = "queue.job.function"

    ai_queue_kind = fields.Selection(
        selection=lambda self: (
            self.env["ai.queue.run"]._fields["kind"]._description_selection(self.env)
        ),
        string="Kind of AI Work",
        help="Jobs of this function belong to an AI run of this kind.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A function of a kind has what every kind needs, unless it says otherwise."""
        return super().create([self._add_ai_queue_defaults(vals) for vals in vals_list])

    def _add_ai_queue_defaults(self, vals):
        kind = vals.get("ai_queue_kind")
        if not kind:
            return vals
        handler = self.env["ai.queue.kind"]._of(kind)
        return {**handler._get_job_function_defaults(), **vals}

    @api.model
    @tools.ormcache("function_id")
    def _get_ai_queue_kind(self, function_id):
        """The kind of AI work of a function; False without one.

        Asked for each job that anybody makes: remembered until a function changes, as
        the host does with its own configuration of them.
        """
        return self.browse(function_id).ai_queue_kind
