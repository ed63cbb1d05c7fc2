# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ..checkup import figures
from ..checkup.facts import OK
from ..rights import MANAGER
from .queue_job_housekeeping_rules import (
    ALERT_DAYS,
    DEFAULT_DAYS,
    HOUR_DAYS,
    MAX_DAYS,
)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # How long things are kept: see ``queue.job.housekeeping``.
    queue_job_alert_days = fields.Integer(
        string="Keep Alerts (days)",
        config_parameter=ALERT_DAYS,
        default=DEFAULT_DAYS[ALERT_DAYS],
    )
    queue_job_hour_days = fields.Integer(
        string="Keep Statistics of Jobs (days)",
        config_parameter=HOUR_DAYS,
        default=DEFAULT_DAYS[HOUR_DAYS],
    )
    queue_job_alert_targets = fields.Text(
        string="Alerts Go To", compute="_compute_queue_job_alerts"
    )
    queue_job_alert_count = fields.Integer(
        string="Alerts Now", compute="_compute_queue_job_alerts"
    )
    # Channels and check-up are for those with the role alone.
    queue_job_channel_ids = fields.One2many(
        "queue.job.channel.setting",
        "settings_id",
        string="Channels",
        groups=MANAGER,
    )
    queue_job_runner_problem = fields.Text(compute="_compute_queue_job_runner")
    queue_job_finding_ids = fields.Many2many(
        "queue.job.checkup.finding",
        compute="_compute_queue_job_checkup",
        groups=MANAGER,
    )
    queue_job_figure_ids = fields.Many2many(
        "queue.job.checkup.figure",
        compute="_compute_queue_job_checkup",
        groups=MANAGER,
    )
    queue_job_checkup_fine = fields.Char(
        compute="_compute_queue_job_checkup",
        groups=MANAGER,
    )
    queue_job_checkup_server = fields.Char(
        compute="_compute_queue_job_checkup",
        groups=MANAGER,
    )

    @api.depends("company_id")
    def _compute_queue_job_alerts(self):
        targets = self.env["queue.job.alert.target"].search([("active", "=", True)])
        count = self.env["queue.job.alert"].search_count([("state", "!=", "resolved")])
        for settings in self:
            settings.queue_job_alert_targets = "\n".join(targets.mapped("display_name"))
            settings.queue_job_alert_count = count

    def _compute_queue_job_runner(self):
        # Settings open for administrators of other apps, too.
        problem = self.env["queue.job.runner"].sudo()._describe_problem()
        self.queue_job_runner_problem = problem

    def _compute_queue_job_checkup(self):
        checkup = self.env["queue.job.checkup"]
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
        # To look writes nothing: these lines are on no table.
        findings = self.env["queue.job.checkup.finding"]._show(bad)
        recommended = self.env["queue.job.checkup.figure"]._show(
            checkup._recommend(facts)
        )
        for settings in self:
            settings.queue_job_finding_ids = findings
            settings.queue_job_figure_ids = recommended
            settings.queue_job_checkup_fine = fine
            settings.queue_job_checkup_server = about

    def _get_number_prefixes(self):
        """Prefixes of settings that cannot be below zero: hook for addons."""
        return ("queue_job_",)

    def _get_queue_job_numbers(self):
        """The whole numbers that are kept as parameters: {field: key}."""
        prefixes = self._get_number_prefixes()
        return {
            name: field.config_parameter
            for name, field in self._fields.items()
            if name.startswith(prefixes)
            and field.type == "integer"
            and getattr(field, "config_parameter", None)
        }

    @api.constrains(lambda self: list(self._get_queue_job_numbers()))
    def _check_queue_job_numbers(self):
        for name in self._get_queue_job_numbers():
            label = self._fields[name]._description_string(self.env)
            if any(settings[name] < 0 for settings in self):
                raise ValidationError(
                    self.env._("“%s” cannot be negative. 0 days: keep forever.", label)
                )
            if any(settings[name] > MAX_DAYS for settings in self):
                raise ValidationError(
                    self.env._(
                        "“%(setting)s” is at most %(most)s days. 0 days: keep forever.",
                        setting=label,
                        most=MAX_DAYS,
                    )
                )

    @api.model
    def default_get(self, fields):
        """The channels as they work now."""
        values = super().default_get(fields)
        if "queue_job_channel_ids" in fields and self.env.user.has_group(MANAGER):
            lines = self.env["queue.job.channel.setting"]._prepare_lines()
            values["queue_job_channel_ids"] = [Command.create(vals) for vals in lines]
        return values

    def set_values(self):
        """What was changed of the channels holds for the running job runner, too.

        And a 0 is kept: Odoo drops it, and the default would be back.
        """
        result = super().set_values()
        # As Odoo does: who may save settings may save all of them.
        parameters = self.env["ir.config_parameter"].sudo()
        for name, key in self._get_queue_job_numbers().items():
            if not self[name]:
                parameters.set_param(key, "0")
        if self.env.user.has_group(MANAGER):
            self.queue_job_channel_ids._apply()
        return result
