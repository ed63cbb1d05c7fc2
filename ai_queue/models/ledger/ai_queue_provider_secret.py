# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AiQueueProviderSecret(models.Model):
    """The key of a provider."""

    _name = "ai.queue.provider.secret"
    _inherit = "queue.job.secret"
    _description = "Key of an AI Provider"
    _log_access = False
    _rec_name = "provider_id"

    provider_id = fields.Many2one(
        "ai.queue.provider", required=True, ondelete="cascade", index=True
    )
    api_key = fields.Char(required=True, exportable=False)

    _provider_uniq = models.Constraint("UNIQUE(provider_id)", "One key a provider.")
