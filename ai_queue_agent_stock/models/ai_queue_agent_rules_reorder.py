# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools.misc import format_date, formatLang

from odoo.addons.ai_queue_agent.findings import NOTE

from ..exceptions import MESSAGE, ORDER, RULE, judge, plan


class AiQueueAgent(models.Model):
    _inherit = "ai.queue.agent"

    rules = fields.Selection(
        selection_add=[("reorder", "Reordering")],
        ondelete={"reorder": "cascade"},
    )


class AiQueueAgentRulesReorder(models.AbstractModel):
    """Reordering: what is out of the ordinary, and how it is said."""

    _name = "ai.queue.agent.rules.reorder"
    _inherit = "ai.queue.agent.rules"
    _description = "Rules for Reordering"

    _model = "stock.warehouse.orderpoint"

    # OVERRIDE ai.queue.agent.rules
    def _relevant(self, records):
        off = records.filtered(lambda one: not one.active or one.trigger != "auto")
        snoozed = (records - off).filtered(
            lambda one: (
                one.snoozed_until and one.snoozed_until > fields.Date.context_today(one)
            )
        )
        return records - off - snoozed, {
            self.env._("No rule that orders by itself"): off,
            self.env._("Snoozed"): snoozed,
        }

    # OVERRIDE ai.queue.agent.rules
    def _gather(self, records):
        return self.env["ai.queue.agent.reorder.facts"]._gather(records)

    # OVERRIDE ai.queue.agent.rules
    def _judge(self, facts):
        return judge(facts)

    # OVERRIDE ai.queue.agent.rules
    def _snapshot(self, records):
        return {
            rule.id: [rule.product_min_qty, rule.product_max_qty, rule.trigger]
            for rule in records
        }

    # EXTENDS ai.queue.agent.rules
    def _describe(self, record, facts, findings):
        sold = ", ".join(f"{quantity:g}" for quantity in facts.sold)
        return "\n".join(
            [
                f"Reordering rule of {facts.product}: {facts.minimum:g} to "
                f"{facts.maximum:g} {facts.unit}",
                f"Sold by week, oldest first: {sold}",
                super()._describe(record, facts, findings),
            ]
        )

    # OVERRIDE ai.queue.agent.rules
    def _prepare(self, record, facts, findings, verdict):
        what = plan(facts, findings)
        vals = {"effect": "none"}
        if what.action == RULE:
            vals["effect"] = "write"
            vals["values_before"] = {
                "product_min_qty": facts.minimum,
                "product_max_qty": facts.maximum,
            }
            vals["values_after"] = {
                "product_min_qty": what.minimum,
                "product_max_qty": what.maximum,
            }
        elif what.action == ORDER:
            vals["effect"] = "order_now"
            vals["values_before"] = {"qty_to_order": 0.0}
            vals["values_after"] = {"qty_to_order": what.quantity}
            vals["amount"] = what.quantity * facts.cost
            vals["currency_id"] = self.env.company.currency_id.id
        elif what.action == MESSAGE:
            vals |= self._draft_message(record, facts, findings, what.tell)
        late = facts.late[0].partner_id if facts.late else 0
        return {**vals, "partner_id": late or facts.vendor_id or False}

    # ------------------------------------------------------------
    # MESSAGE
    # ------------------------------------------------------------

    def _draft_message(self, rule, facts, findings, tell):
        buyer = rule.product_id.responsible_id or self.env.user
        partner = buyer.partner_id
        held = [one for one in findings if one.level != NOTE]
        is_vendor = tell == "vendor" and bool(facts.late[0].partner_id)
        if is_vendor:
            partner = partner.browse(facts.late[0].partner_id)
            # What another vendor owes is none of this one's business.
            own = [one.picking for one in facts.late if one.partner_id == partner.id]
            held = [one for one in held if one.values.get("receipt") in own]
        there = self.with_context(lang=partner.lang or self.env.lang)
        return there._write_message(partner, facts, held, is_vendor)

    def _write_message(self, partner, facts, held, is_vendor):
        values = {
            "name": partner.name,
            "product": facts.product,
            "sender": self.env.user.name,
            "company": self.env.company.name,
            "lines": "\n".join(f"- {self._say_any(one.to_json())}" for one in held),
        }
        if is_vendor:
            body = self.env._(
                "Dear %(name)s,\n\nwe are waiting for %(product)s:\n%(lines)s\n\n"
                "When will it come? Please tell us today, so that we can plan.\n\n"
                "Kind regards\n%(sender)s, %(company)s",
                **values,
            )
        else:
            body = self.env._(
                "Hello %(name)s,\n\n%(product)s needs you:\n%(lines)s\n\n%(sender)s",
                **values,
            )
        return {
            "message_partner_id": partner.id,
            "message_subject": self.env._("Delivery of %(product)s", **values),
            "message_body": body,
        }

    # ------------------------------------------------------------
    # SENTENCES
    # ------------------------------------------------------------

    # OVERRIDE ai.queue.agent.rules
    def _say(self, finding):
        say = getattr(self, f"_say_{finding['code']}", None)
        # One of another version of the addon has no sentence.
        return say(finding["values"]) if say else finding["code"]

    def _number(self, value):
        digits = 0 if value == round(value) or abs(value) >= 10 else 1
        return formatLang(self.env, value, digits=digits)

    def _say_ended(self, values):
        return self.env._(
            "It is no longer bought or made. Its rule would go on ordering it."
        )

    def _say_promised(self, values):
        return self.env._("More is promised to customers than there is and comes.")

    def _say_unsold(self, values):
        return self.env._(
            "Nothing was sold within %s weeks. Keep it in stock only if you must.",
            values["weeks"],
        )

    def _say_problem(self, values):
        if values["code"] == "vendor":
            return self.env._("It has no vendor. Add one, or it is never ordered.")
        if values["code"] == "bill":
            return self.env._(
                "It has no bill of materials. Add one, or it is never made."
            )
        return self.env._(
            "No route brings it here. Choose one on the product, or it is never "
            "ordered."
        )

    def _say_late(self, values):
        return self.env._(
            "%(quantity)s should have come on %(date)s (%(receipt)s).",
            quantity=self._number(values["quantity"]),
            date=format_date(self.env, values["date"]),
            receipt=values["receipt"],
        )

    def _say_one_off(self, values):
        return self.env._(
            "More was sold lately, but nearly all of it on one day. Leave the rule as "
            "it is."
        )

    def _say_sudden(self, values):
        return self.env._(
            "Much more is sold than before. Is it going to stay so? Then the rule has "
            "to rise."
        )

    def _say_short(self, values):
        return self.env._(
            "It is used up by %s, before an order of today would be there.",
            format_date(self.env, values["date"]),
        )

    def _say_enough_by_rule(self, values):
        return self.env._(
            "It runs out before an order of today would be there, but by its rule "
            "there is enough. Raise the rule, or have what is on its way come sooner."
        )

    def _say_elsewhere(self, values):
        return self.env._(
            "There is more than is needed in %s. Move it instead of ordering?",
            values["names"],
        )

    def _say_too_much_coming(self, values):
        return self.env._(
            "There is enough for more than half a year, and more is on its way. Can it "
            "be put off?"
        )

    def _say_too_much(self, values):
        return self.env._(
            "There is enough for more than half a year. Lower the rule, as the "
            "worklist proposes."
        )

    def _say_sells_off(self, values):
        return self.env._(
            "There is enough for more than half a year. Leave it: it sells off, and "
            "nothing is ordered meanwhile."
        )

    def _say_numbers(self, values):
        names = ("on_hand", "coming", "leaving", "weekly", "recent", "usual")
        numbers = {name: self._number(values[name]) for name in names}
        return self.env._(
            "%(on_hand)s on hand, %(coming)s on its way, %(leaving)s promised. "
            "%(weekly)s are expected a week; lately %(recent)s were sold a week, "
            "%(usual)s before.",
            **numbers,
        )

    def _say_vendor_takes(self, values):
        return self.env._(
            "The vendor takes %(days)s days by the last %(count)s receipts, and has "
            "promised %(promised)s.",
            days=self._number(values["days"]),
            promised=self._number(values["promised"]),
            count=values["count"],
        )

    def _list(self, rows):
        return ", ".join(
            f"{row['name']}: {self._number(row['number'])}" for row in rows
        )

    def _say_other_elsewhere(self, values):
        return self.env._("Free in other warehouses: %s", self._list(values["rows"]))

    def _say_other_substitutes(self, values):
        return self.env._("Other variants in stock: %s", self._list(values["rows"]))

    def _say_other_vendors(self, values):
        return self.env._(
            "Other vendors, and their days: %s", self._list(values["rows"])
        )

    def _say_worklist(self, values):
        return self.env._(
            "The worklist proposes %(minimum)s to %(maximum)s for the rule.",
            minimum=self._number(values["minimum"]),
            maximum=self._number(values["maximum"]),
        )
