# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models

from odoo.addons.ai_queue.models.runs.ai_queue_run import ENDED_STATES
from odoo.addons.queue_job_operations.models.queue_job_alert_rule import Finding


class QueueJobAlertRule(models.Model):
    _inherit = "queue.job.alert.rule"

    code = fields.Selection(
        selection_add=[("agent_failures", "An agent fails")],
        ondelete={"agent_failures": "cascade"},
    )

    # EXTENDS queue_job_operations
    def _get_units(self):
        units = super()._get_units()
        return {**units, "agent_failures": self.env._("% of its records")}

    # EXTENDS queue_job_operations
    def _get_traits(self):
        return {**super()._get_traits(), "agent_failures": ("window", "cases")}

    def _evaluate_agent_failures(self, now):
        """Agents that fail often, which are switched off; and those that this rule has
        switched off before, until somebody switches them on again."""
        findings = []
        # there are a few
        # pylint: disable=no-search-all
        for agent in self.env["ai.queue.agent"].search([("active", "=", True)]):
            found = self._find_agent_failures(agent, now)
            if found:
                agent._switch_off(
                    self.env._(
                        "Switched off by the alert rule %(rule)s: %(failed)s of "
                        "%(count)s records failed. %(error)s",
                        rule=self.name,
                        **found,
                    )
                )
                agent.off_rule_id = self
                agent.off_data = found
        off = self.env["ai.queue.agent"].search(
            [("active", "=", False), ("off_rule_id", "=", self.id)]
        )
        for agent in off:
            details = {**agent.off_data, "agent_id": agent.id, "agent": agent.name}
            share = 100 * details["failed"] / details["count"]
            subject = f"agent:{agent.id}"
            findings.append(Finding(subject, share, details, agent.company_id.id))
        return findings

    def _find_agent_failures(self, agent, now):
        """How often an agent has failed; None while that is not too often."""
        since = now - timedelta(minutes=self.window)
        # Whoever has switched it on again gives it a new chance.
        since = max(since, agent.date_on or since)
        cases = self.env["ai.queue.agent.case"].search(
            [
                ("agent_id", "=", agent.id),
                ("create_date", ">", since),
                ("state", "in", ENDED_STATES),
            ]
        )
        failed = cases.filtered(lambda case: case.is_failure or case.state == "failed")
        if (
            not failed
            or len(cases) < self.min_count
            or 100 * len(failed) < self.threshold * len(cases)
        ):
            return None
        last = failed[:1].message or ""
        return {"failed": len(failed), "count": len(cases), "error": last}
