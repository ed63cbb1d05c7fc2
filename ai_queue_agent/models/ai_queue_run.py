# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

#: Steps that the form of a run shows.
SHOWN_STEPS = 60
#: Others who see a run see nothing of cases.
ASKERS = "ai_queue_agent.ai_queue_agent_group_user"


class AiQueueRun(models.Model):
    _inherit = "ai.queue.run"

    kind = fields.Selection(
        selection_add=[("agent", "Agents")], ondelete={"agent": "cascade"}
    )
    origin = fields.Selection(
        selection_add=[("change", "A change of a record")],
        ondelete={"change": lambda runs: runs.write({"origin": "code"})},
    )
    agent_step_ids = fields.One2many(
        "ai.queue.agent.step",
        compute="_compute_agent_step_ids",
        string="Transcript",
        groups=ASKERS,
    )
    agent_waiting_count = fields.Integer(
        compute="_compute_agent_waiting_count", string="Waits for You", groups=ASKERS
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_agent_step_ids(self):
        agents = self.filtered(lambda run: run.kind == "agent")
        (self - agents).agent_step_ids = False
        for run in agents:
            run.agent_step_ids = self.env["ai.queue.agent.step"].search(
                [("case_id.run_id", "=", run.id)], limit=SHOWN_STEPS
            )

    @api.depends_context("uid")
    def _compute_agent_waiting_count(self):
        groups = self.env["ai.queue.agent.case"]._read_group(
            [
                ("run_id", "in", self.ids),
                ("state", "=", "waiting"),
                ("user_id", "=", self.env.uid),
            ],
            ["run_id"],
            ["__count"],
        )
        counts = {run.id: count for run, count in groups}
        for run in self:
            run.agent_waiting_count = counts.get(run.id, 0)
