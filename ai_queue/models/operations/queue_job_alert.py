# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class QueueJobAlert(models.Model):
    _inherit = "queue.job.alert"

    def _describe_breaker(self):
        details = self.details
        name = self.env._("The provider %s does not answer", details["provider"])
        return name, self.env._(
            "Its jobs wait and lose no try; now and then a single request tests "
            "whether it answers again. Last failure: %s",
            details["failure"] or "–",
        )

    def _describe_refusal(self):
        details = self.details
        name = self.env._("The provider %s refuses the work", details["provider"])
        return name, self.env._(
            "Forecasts and bills are made without a model meanwhile. What it says: "
            "%(refusal)s Then press Test Connection in the provider's form.",
            refusal=details["refusal"] or "–",
        )

    def _describe_budget(self):
        details = self.details
        if details["used_up"]:
            return (
                self.env._(
                    "AI budget of %(company)s is used up", company=details["company"]
                ),
                self.env._(
                    "Work that needs a model waits until tomorrow; raise the budget "
                    "in the settings to continue at once."
                ),
            )
        return (
            self.env._(
                "AI budget of %(company)s: %(share)s %% used",
                company=details["company"],
                share=details["share"],
            ),
            self.env._("At 100 %, work that needs a model waits until tomorrow."),
        )

    def _get_action_refusal(self):
        return self._get_action_breaker()

    def _get_action_breaker(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue.ai_queue_provider_action"
        )
        provider = self.env["ai.queue.provider"].browse(self.details["provider_id"])
        if not provider.exists():
            return False
        action.update(views=[(False, "form")], res_id=provider.id)
        return action

    def _get_action_budget(self):
        """The calls that the budget of the day was spent on."""
        budget = self.env["ai.queue.budget"].browse(self.details["budget_id"]).exists()
        if not budget:
            return False
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue.ai_queue_call_action"
        )
        action.update(
            domain=[
                ("company_id", "=", budget.company_id.id),
                ("budget_date", "=", budget.date),
            ],
            context={},
        )
        return action
