# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AiQueueReportReady(models.Model):
    """A report that need not be asked for in words: press it, and correct it."""

    _name = "ai.queue.report.ready"
    _description = "Ready Report"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    subject = fields.Selection(
        [
            ("sales", "Sales"),
            ("purchases", "Purchases"),
            ("bills", "Bills and Invoices"),
            ("stock", "Stock"),
            ("forecasts", "Forecasts"),
            ("costs", "AI Costs"),
        ],
        required=True,
    )
    specification = fields.Json(required=True)

    @api.model
    def _get_offered(self):
        """Those that the current user can open.

        Their models are installed, and the user may read all that they show.
        """
        # there are some thirty
        # pylint: disable=no-search-all
        return self.search([]).filtered(lambda ready: ready._is_readable())

    def _is_readable(self):
        try:
            self.env["ai.queue.report.reader"]._check(self.specification)
        except (AccessError, UserError):
            return False
        return True
