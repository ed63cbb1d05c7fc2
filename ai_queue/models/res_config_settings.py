# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ..checkup import figures
from ..checkup.facts import OK
from .ai_queue_call import DEFAULT_FRESH_HOURS
from .ai_queue_housekeeping_rules import DEFAULT_DAYS


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
    # How long things are kept: see ``ai.queue.housekeeping``.
    ai_queue_run_days = fields.Integer(
        string="Keep Runs (days)",
        config_parameter="ai_queue.run_days",
        default=DEFAULT_DAYS["run"],
    )
    ai_queue_forecast_days = fields.Integer(
        string="Keep Forecasts (days)",
        config_parameter="ai_queue.forecast_days",
        default=DEFAULT_DAYS["forecast"],
    )
    ai_queue_bill_days = fields.Integer(
        string="Keep Readings of Bills (days)",
        config_parameter="ai_queue.bill_days",
        default=DEFAULT_DAYS["bill"],
    )
    ai_queue_call_text_days = fields.Integer(
        string="Keep Questions and Answers (days)",
        config_parameter="ai_queue.call_text_days",
        default=DEFAULT_DAYS["call_text"],
    )
    ai_queue_call_days = fields.Integer(
        string="Keep Calls and Their Costs (days)",
        config_parameter="ai_queue.call_days",
        default=DEFAULT_DAYS["call"],
    )
    ai_queue_alert_days = fields.Integer(
        string="Keep Alerts (days)",
        config_parameter="ai_queue.alert_days",
        default=DEFAULT_DAYS["alert"],
    )
    ai_queue_hour_days = fields.Integer(
        string="Keep Statistics of Jobs (days)",
        config_parameter="ai_queue.hour_days",
        default=DEFAULT_DAYS["hour"],
    )
    ai_queue_alert_targets = fields.Text(
        string="Alerts Go To", compute="_compute_ai_queue_alerts"
    )
    ai_queue_alert_count = fields.Integer(
        string="Alerts Now", compute="_compute_ai_queue_alerts"
    )
    # Channels and check-up are for those with the role alone.
    ai_queue_channel_ids = fields.One2many(
        "ai.queue.channel.setting",
        "settings_id",
        string="Channels",
        groups="ai_queue.ai_queue_group_manager",
    )
    ai_queue_runner_problem = fields.Text(compute="_compute_ai_queue_runner")
    ai_queue_finding_ids = fields.Many2many(
        "ai.queue.checkup.finding",
        compute="_compute_ai_queue_checkup",
        groups="ai_queue.ai_queue_group_manager",
    )
    ai_queue_figure_ids = fields.Many2many(
        "ai.queue.checkup.figure",
        compute="_compute_ai_queue_checkup",
        groups="ai_queue.ai_queue_group_manager",
    )
    ai_queue_checkup_fine = fields.Char(
        compute="_compute_ai_queue_checkup",
        groups="ai_queue.ai_queue_group_manager",
    )
    ai_queue_checkup_server = fields.Char(
        compute="_compute_ai_queue_checkup",
        groups="ai_queue.ai_queue_group_manager",
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

    @api.depends("company_id")
    def _compute_ai_queue_alerts(self):
        targets = self.env["ai.queue.alert.target"].search([("active", "=", True)])
        count = self.env["ai.queue.alert"].search_count([("state", "!=", "resolved")])
        for settings in self:
            settings.ai_queue_alert_targets = "\n".join(targets.mapped("display_name"))
            settings.ai_queue_alert_count = count

    def _compute_ai_queue_runner(self):
        # Settings open for administrators of other apps, too.
        problem = self.env["ai.queue.runner"].sudo()._describe_problem()
        self.ai_queue_runner_problem = problem

    def _compute_ai_queue_checkup(self):
        checkup = self.env["ai.queue.checkup"]
        checkup._note_apart()
        facts, verdicts = checkup._look()
        bad = [verdict for verdict in verdicts if verdict.severity != OK]
        fine = self.env._("%s other checks are fine.", len(verdicts) - len(bad))
        server = facts.server
        about = self.env._(
            "Server %(host)s: %(cpus)s processors, %(memory)s GB. People in the last "
            "week: %(people)s.",
            host=server.host,
            cpus=server.cpus,
            memory=round(server.memory / figures.GB, 1),
            people=facts.people,
        )
        findings = self.env["ai.queue.checkup.finding"]._make(bad)
        recommended = self.env["ai.queue.checkup.figure"]._make(
            figures.recommend(facts)
        )
        for settings in self:
            settings.ai_queue_finding_ids = findings
            settings.ai_queue_figure_ids = recommended
            settings.ai_queue_checkup_fine = fine
            settings.ai_queue_checkup_server = about

    def _get_ai_queue_numbers(self):
        """The whole numbers of this addon that are kept as parameters: {field: key}."""
        return {
            name: field.config_parameter
            for name, field in self._fields.items()
            if name.startswith("ai_queue_")
            and field.type == "integer"
            and getattr(field, "config_parameter", None)
        }

    @api.constrains(lambda self: list(self._get_ai_queue_numbers()))
    def _check_ai_queue_numbers(self):
        for name in self._get_ai_queue_numbers():
            if any(settings[name] < 0 for settings in self):
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be below zero. 0 days keep for ever.",
                        self._fields[name]._description_string(self.env),
                    )
                )

    @api.model
    def default_get(self, fields):
        """The channels as they work now."""
        values = super().default_get(fields)
        if "ai_queue_channel_ids" in fields and self.env.user.has_group(
            "ai_queue.ai_queue_group_manager"
        ):
            lines = self.env["ai.queue.channel.setting"]._prepare_lines()
            values["ai_queue_channel_ids"] = [Command.create(vals) for vals in lines]
        return values

    def set_values(self):
        """What was changed of the channels holds for the running job runner, too.

        And a 0 is kept: Odoo drops it, and the default would be back.
        """
        result = super().set_values()
        # As Odoo does: who may save settings may save all of them.
        parameters = self.env["ir.config_parameter"].sudo()
        for name, key in self._get_ai_queue_numbers().items():
            if not self[name]:
                parameters.set_param(key, "0")
        if self.env.user.has_group("ai_queue.ai_queue_group_manager"):
            self.ai_queue_channel_ids._apply()
        return result
