# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .housekeeping import BILL_DAYS, DEFAULT_DAYS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_invoice_provider_id = fields.Many2one(
        related="company_id.ai_queue_invoice_provider_id", readonly=False
    )
    ai_queue_bill_journal_ids = fields.Many2many(
        "account.journal",
        string="Read Bills Of",
        compute="_compute_ai_queue_bill_journal_ids",
        inverse="_inverse_ai_queue_bill_journal_ids",
        domain="[('type', '=', 'purchase'), ('company_id', '=', company_id)]",
        groups="account.group_account_manager",
    )
    ai_queue_bill_days = fields.Integer(
        string="Keep Readings of Bills (days)",
        config_parameter=BILL_DAYS,
        default=DEFAULT_DAYS[BILL_DAYS],
    )

    @api.depends("company_id")
    def _compute_ai_queue_bill_journal_ids(self):
        for settings in self:
            settings.ai_queue_bill_journal_ids = settings._get_bill_journals().filtered(
                "ai_queue_read_bills"
            )

    def _inverse_ai_queue_bill_journal_ids(self):
        for settings in self:
            chosen = settings.ai_queue_bill_journal_ids
            for journal in settings._get_bill_journals():
                if journal.ai_queue_read_bills != (journal in chosen):
                    journal.ai_queue_read_bills = journal in chosen

    def _get_bill_journals(self):
        return self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.company_id.id)]
        )
