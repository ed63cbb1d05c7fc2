# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from prometheus_client.core import GaugeMetricFamily

from odoo import api, models


class QueueJobMetrics(models.AbstractModel):
    _inherit = "queue.job.metrics"

    # EXTENDS queue_job_operations
    @api.private
    def collect(self):
        yield from super().collect()
        yield from self._collect_agents()

    def _collect_agents(self):
        active = GaugeMetricFamily(
            "ai_queue_agent_on",
            "1 for an agent that is at work, 0 for one that was switched off.",
            labels=["agent"],
        )
        cases = GaugeMetricFamily(
            "ai_queue_agent_cases",
            "Records on the desk of an agent that are kept, by state.",
            labels=["agent", "state"],
        )
        proposals = GaugeMetricFamily(
            "ai_queue_proposals",
            "Proposals of an agent that are kept, by state.",
            labels=["agent", "state"],
        )
        # there are a few
        # pylint: disable=no-search-all
        agents = self.env["ai.queue.agent"].search([("active", "in", (True, False))])
        # Two companies may have agents of one name.
        labels = {agent.id: f"{agent.id}/{agent.name}" for agent in agents}
        for agent in agents:
            active.add_metric([labels[agent.id]], int(agent.active))
        tables = (
            (cases, "ai.queue.agent.case", "ai_queue_agent_case"),
            (proposals, "ai.queue.proposal", "ai_queue_proposal"),
        )
        for family, model, table in tables:
            query = f"SELECT agent_id, state, count(*) FROM {table} GROUP BY 1, 2"
            for agent_id, state, count in self._query(model, query):
                family.add_metric([labels[agent_id], state], count)
        yield from (active, cases, proposals)
