# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .ai_queue_call import DEFAULT_FRESH_HOURS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ai_queue_forecast_granularity = fields.Selection(
        related="company_id.ai_queue_forecast_granularity",
        readonly=False,
        required=True,
    )
    ai_queue_forecast_horizon = fields.Integer(
        related="company_id.ai_queue_forecast_horizon", readonly=False
    )
    ai_queue_forecast_history = fields.Integer(
        related="company_id.ai_queue_forecast_history", readonly=False
    )
    ai_queue_forecast_nightly = fields.Boolean(
        related="company_id.ai_queue_forecast_nightly", readonly=False
    )
    ai_queue_forecast_provider_id = fields.Many2one(
        related="company_id.ai_queue_forecast_provider_id", readonly=False
    )
    ai_queue_forecast_compare = fields.Boolean(
        related="company_id.ai_queue_forecast_compare", readonly=False
    )
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
    ai_queue_budget_cost = fields.Monetary(
        related="company_id.ai_queue_budget_cost",
        readonly=False,
        currency_field="currency_id",
    )
    ai_queue_budget_tokens = fields.Integer(
        related="company_id.ai_queue_budget_tokens", readonly=False
    )
    ai_queue_answer_fresh_hours = fields.Integer(
        string="Use Answers Again For (hours)",
        config_parameter="ai_queue.answer_fresh_hours",
        default=DEFAULT_FRESH_HOURS,
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

    ai_queue_alert_targets = fields.Text(
        string="Alerts Go To", compute="_compute_ai_queue_alerts"
    )
    ai_queue_alert_count = fields.Integer(
        string="Alerts Now", compute="_compute_ai_queue_alerts"
    )

    @api.depends("company_id")
    def _compute_ai_queue_alerts(self):
        targets = self.env["ai.queue.alert.target"].search([("active", "=", True)])
        count = self.env["ai.queue.alert"].search_count([("state", "!=", "resolved")])
        for settings in self:
            settings.ai_queue_alert_targets = "\n".join(targets.mapped("display_name"))
            settings.ai_queue_alert_count = count
