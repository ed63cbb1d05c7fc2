# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models

from odoo.addons.queue_job_operations.models.queue_job_alert_rule import Finding


class QueueJobAlertRule(models.Model):
    _inherit = "queue.job.alert.rule"

    code = fields.Selection(
        selection_add=[("ai_workers", "AI workers are not reached")],
        ondelete={"ai_workers": "cascade"},
    )

    # EXTENDS queue_job_operations
    def _get_units(self):
        return {**super()._get_units(), "ai_workers": self.env._("minutes")}

    def _evaluate_ai_workers(self, now):
        """Redis, or the workers of a provider, that jobs have tried in vain."""
        bridge = self.env["ai.queue.bridge"]
        findings = []
        for what, known in bridge._get_lacking().items():
            since = fields.Datetime.to_datetime(known["since"])
            if now - since < timedelta(minutes=self.threshold):
                continue
            findings.append(
                Finding(
                    what,
                    (now - since).total_seconds() / 60,
                    {
                        "what": what,
                        "provider": bridge._find_provider(what).name or "",
                        "error": known["error"],
                    },
                )
            )
        return findings
