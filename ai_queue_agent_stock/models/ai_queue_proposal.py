# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.ai_queue_agent.findings import NOTE

#: What a model said, which no rule finds again.
OF_MODEL = ("model", "model_failed")


class AiQueueProposal(models.Model):
    """What can be done about a reordering rule: order at once."""

    _inherit = "ai.queue.proposal"

    effect = fields.Selection(
        selection_add=[("order_now", "Order now")],
        ondelete={"order_now": "cascade"},
    )

    # EXTENDS ai_queue_agent
    def _compute_record_name(self):
        """With the product: the number of a rule says nothing to people."""
        result = super()._compute_record_name()
        proposals = self._of_rules()
        # As it names other records: also where Odoo itself reads it for the reader.
        rules = self.env["stock.warehouse.orderpoint"].with_user(self.env.user)
        rules = rules.browse(proposals.mapped("res_id")).exists()
        names = {
            rule.id: f"{rule.product_id.display_name} ({rule.display_name})"
            for rule in rules._filtered_access("read")
        }
        for proposal in proposals:
            if name := names.get(proposal.res_id):
                proposal.record_name = name
        return result

    # EXTENDS ai_queue_agent
    def _compute_reason(self):
        """With the notes: the numbers that a planner decides by are among them."""
        result = super()._compute_reason()
        for proposal in self._of_rules():
            sentences = [row["sentence"] for row in proposal.finding_list]
            proposal.reason = "\n".join(sentences)
        return result

    def _of_rules(self):
        return self.filtered(lambda one: one.res_model == "stock.warehouse.orderpoint")

    def _check_effect_order_now(self):
        """Raise unless Odoo knows how to order it: it would do nothing, silently."""
        rule = self._get_record()
        if not rule.rule_ids:
            raise UserError(
                self.env._(
                    "No route brings %s here. Choose one on the product first.",
                    self.record_name,
                )
            )

    def _apply_effect_order_now(self):
        """Have Odoo order so much, with the rights of the current user."""
        rule = self._get_record().with_company(self.company_id)
        before = rule.qty_forecast
        rule.qty_to_order = self.values_after["qty_to_order"]
        rule.action_replenish()
        rule.invalidate_recordset(["qty_forecast"])
        if rule.product_uom.compare(rule.qty_forecast, before) <= 0:
            raise UserError(
                self.env._(
                    "Odoo ordered nothing for %s. Open the rule and press Order to see "
                    "why.",
                    self.record_name,
                )
            )

    # EXTENDS ai_queue_agent
    def _has_same_effect(self, handler, facts, findings):
        """Nor is anything done for a reason that is there no more."""
        same = super()._has_same_effect(handler, facts, findings)
        if self.res_model != "stock.warehouse.orderpoint":
            return same
        now = {one.code for one in findings if one.level != NOTE}
        known = {
            one["code"]
            for one in self.finding_data or []
            if one["level"] != NOTE and one["code"] not in OF_MODEL
        }
        return same and now == known

    # EXTENDS ai_queue_agent
    def _get_thread(self):
        """A message to a vendor belongs to what should have come."""
        thread = super()._get_thread()
        if self.res_model != "stock.warehouse.orderpoint":
            return thread
        late = [one for one in self.finding_data or [] if one["code"] == "late"]
        # The message is to the vendor of the first one.
        names = [one["values"]["receipt"] for one in late[:1]]
        receipt = self.env["stock.picking"].search(
            [("name", "in", names), ("company_id", "=", self.company_id.id)], limit=1
        )
        # Who plans need not be one who changes products.
        return receipt or thread.product_tmpl_id.sudo()
