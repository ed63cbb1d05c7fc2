# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError


class StockWarehouseOrderpoint(models.Model):
    _inherit = "stock.warehouse.orderpoint"

    def action_check_ai_reorder(self):
        """Queue a look of the agent for reordering at these rules, and say where."""
        agent = self.env["ai.queue.agent"].search([("rules", "=", "reorder")], limit=1)
        if not agent:
            raise UserError(
                self.env._(
                    "No agent looks after reordering. Ask an administrator of AI "
                    "Agents to switch one on."
                )
            )
        rules = self.filtered(lambda one: one.trigger == "auto")
        if not rules:
            raise UserError(
                self.env._("Select rules that order by themselves: trigger Auto.")
            )
        runs = self.env["ai.queue.run"]
        # A run is of one company.
        for company, some in rules.grouped("company_id").items():
            runs += agent.with_company(company)._start(some.with_company(company))
        return runs._get_notification()
