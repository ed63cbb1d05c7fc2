# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_BUDGET = 1e12


class ResCompany(models.Model):
    _inherit = "res.company"

    ai_queue_budget_cost = fields.Monetary(
        string="AI Budget per Day",
        currency_field="currency_id",
        help="What models may cost per day. 0: no limit.",
    )
    ai_queue_budget_tokens = fields.Integer(
        string="AI Tokens per Day", help="Sent and received together. 0: no limit."
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"ai_queue_budget_cost", "ai_queue_budget_tokens"}:
            self.env["ai.queue.run.job"]._wake("budget", self.ids)
        return result

    def _get_ai_queue_provider(self, kind):
        """The provider that does a kind of work for this company.

        A kind that people may choose a provider for has a field of its own,
        ``ai_queue_<kind>_provider_id``; of others it is the first provider with a
        model for that kind.

        :return: ``ai.queue.provider``; the built-in one by default
        """
        self.ensure_one()
        # Who starts work need not see how the provider is reached.
        company = self.sudo()
        field = f"ai_queue_{kind}_provider_id"
        if field in company._fields:
            chosen = company[field]
        else:
            providers = company.env["ai.queue.provider"]
            chosen = providers.search([("model_ids.kind", "=", kind)], limit=1)
        return chosen or company.env.ref("ai_queue.ai_queue_provider_local")

    @api.constrains("ai_queue_budget_cost", "ai_queue_budget_tokens")
    def _check_ai_queue_budgets(self):
        for company in self:
            if min(company.ai_queue_budget_cost, company.ai_queue_budget_tokens) < 0:
                raise ValidationError(self.env._("A budget cannot be negative."))
            if company.ai_queue_budget_cost > MAX_BUDGET:
                raise ValidationError(
                    self.env._("Such a budget limits nothing: enter 0 for no limit.")
                )
