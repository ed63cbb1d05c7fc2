# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ai_queue_report_provider_id = fields.Many2one(
        "ai.queue.provider",
        string="Provider for Reports",
        help="Empty: questions are understood without a model.",
    )
    ai_queue_report_summary = fields.Boolean(
        string="Summaries by the Model",
        help="The figures of a report are sent to the model, which says in words what "
        "is in them. Otherwise nothing but the question and the names of fields is "
        "sent.",
    )
