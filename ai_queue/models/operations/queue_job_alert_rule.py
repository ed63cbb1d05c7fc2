# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.queue_job_operations.models.queue_job_alert_rule import Finding


class QueueJobAlertRule(models.Model):
    _inherit = "queue.job.alert.rule"

    code = fields.Selection(
        selection_add=[
            ("breaker", "A provider is paused"),
            ("refusal", "A provider refuses the work"),
            ("budget", "A budget is used"),
        ],
        ondelete={"breaker": "cascade", "refusal": "cascade", "budget": "cascade"},
    )

    # EXTENDS queue_job_operations
    def _get_units(self):
        return {
            **super()._get_units(),
            "breaker": self.env._("pauses in a row"),
            "budget": self.env._("% of the budget"),
        }

    # EXTENDS queue_job_operations
    def _select_dead(self, since):
        """Also jobs that run again: their runs keep each try."""
        self.env["ai.queue.run.attempt"].flush_model()
        return SQL(
            """
            %s
             UNION
            SELECT queue.id, queue.state
              FROM ai_queue_run_attempt AS attempt
              JOIN ai_queue_run_job AS job ON job.id = attempt.run_job_id
              JOIN queue_job AS queue ON queue.uuid = job.queue_job_uuid
             WHERE attempt.outcome = 'killed' AND attempt.date_ended >= %s
            """,
            super()._select_dead(since),
            since,
        )

    def _evaluate_breaker(self, now):
        """Providers that are paused, as they did not answer.

        A pause ends with the next question. When it is past and no job waits for that,
        nobody asks any more, and it would be an alert for ever.
        """
        waited_for = self.env["ai.queue.run.job"]._get_waited_for("breaker")
        states = self.env["ai.queue.provider.state"].search(
            [
                ("breaker_state", "in", ("open", "probing")),
                ("pauses", ">=", self.threshold),
                ("provider_id.active", "=", True),
                *("|", ("breaker_until", ">", now)),
                ("provider_id", "in", list(waited_for)),
            ]
        )
        return [
            Finding(
                f"provider:{state.provider_id.id}",
                state.pauses,
                {
                    "provider_id": state.provider_id.id,
                    "provider": state.provider_id.name,
                    "failure": state.breaker_message or "",
                },
            )
            for state in states
        ]

    def _evaluate_refusal(self, _now):
        """Providers that refuse all that they are asked: until a person sees to it,
        the work is done without them."""
        states = self.env["ai.queue.provider.state"].search(
            [("refused_model", "!=", False), ("provider_id.active", "=", True)]
        )
        return [
            Finding(
                f"provider:{state.provider_id.id}",
                1,
                {
                    "provider_id": state.provider_id.id,
                    "provider": state.provider_id.name,
                    "refusal": state.refusal_message or "",
                },
            )
            for state in states
        ]

    def _evaluate_budget(self, _now):
        """Companies that have used so much of their budget of today.

        What is left may be too little for a question: as long as jobs wait for the next
        day it is used up, too. Of several rules the strictest one says it.
        """
        findings = []
        stricter = self.search(
            [("code", "=", "budget"), ("threshold", ">", self.threshold)]
        )
        waited_for = self.env["ai.queue.run.job"]._get_waited_for("budget")
        for budget in self.env["ai.queue.budget"]._get_todays():
            company = budget.company_id
            is_used_up = budget.is_used_up and company.id in waited_for
            share = max(budget.share, 100.0) if is_used_up else budget.share
            if any(share >= rule.threshold for rule in stricter):
                continue
            if share >= self.threshold:
                findings.append(
                    Finding(
                        f"company:{company.id}",
                        share,
                        {
                            "company": company.name,
                            "share": int(share),
                            "budget_id": budget.id,
                            "used_up": share >= 100.0,
                        },
                        company.id,
                    )
                )
        return findings
