# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ai_queue_housekeeping_rules import DEFAULT_DAYS


class ResConfigSettings(models.TransientModel):
    """How long things are kept (see ``ai.queue.housekeeping``)."""

    _inherit = "res.config.settings"

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

    def set_values(self):
        """Keep a 0 as well: Odoo drops it, and the default would be back."""
        result = super().set_values()
        # As Odoo does: who may save settings may save all of them.
        parameters = self.env["ir.config_parameter"].sudo()
        for name, key in self._get_ai_queue_numbers().items():
            if not self[name]:
                parameters.set_param(key, "0")
        return result
