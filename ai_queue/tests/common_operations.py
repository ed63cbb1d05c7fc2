# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The tests of operations, on a database with AI work."""

from odoo.addons.queue_job_operations.tests.common_alert import AlertMixin

from .common import AiQueueCommon

AI_RULES = ("breaker", "refusal", "budget_80", "budget_100")


class AiQueueAlertMixin(AlertMixin):
    """No provider is paused, and no company has a budget."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ai.queue.provider"].search([]).state_ids._reset()
        cls.env["res.company"].search([]).write(
            {"ai_queue_budget_cost": 0, "ai_queue_budget_tokens": 0}
        )

    # EXTENDS queue_job_operations
    def rule(self, name, module=None):
        module = module or ("ai_queue" if name in AI_RULES else "queue_job_operations")
        return super().rule(name, module)


class AiQueueAlertCommon(AiQueueAlertMixin, AiQueueCommon):
    """The base of the tests of alerts."""
