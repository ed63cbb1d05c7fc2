# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from odoo.addons.queue_job_operations.side_cursor import side_env


class AiQueueRun(models.Model):
    """What a run asked providers, and what that cost."""

    _inherit = "ai.queue.run"

    call_ids = fields.One2many(
        "ai.queue.call", "run_id", groups="ai_queue.ai_queue_group_manager"
    )
    cost = fields.Float(
        compute="_compute_cost",
        digits=(16, 4),
        groups="ai_queue.ai_queue_group_manager",
        help="Of all calls of this run, in the currency of the company.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")

    @api.depends("call_ids.cost")
    def _compute_cost(self):
        costs = self.env["ai.queue.call"]._read_group(
            [("run_id", "in", self.ids)], ["run_id"], ["cost:sum"]
        )
        cost_of = {run.id: cost for run, cost in costs}
        for run in self:
            run.cost = cost_of.get(run.id, 0.0)

    def action_open_calls(self):
        """What was asked for this run, and what it cost."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue.ai_queue_call_action"
        )
        action["domain"] = [("run_id", "=", self.id)]
        return action

    # EXTENDS ai_queue (runs)
    @api.model
    def _cron_sync(self):
        """Also what came back for calls whose job is gone."""
        result = super()._cron_sync()
        self.env["ai.queue.call"]._settle_kept()
        with side_env(self.env) as env:
            env["ai.queue.call"]._give_up_expired()
        self.env["ai.queue.call.total"]._add_up()
        return result
