# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools.misc import formatLang

from odoo.addons.ai_queue.models.bills import bill_reasons

from ..approval import judge
from ..bill_sentences import FOR_VENDOR, SENTENCES, SUBJECT, TO_BUYER, TO_VENDOR
from ..findings import HOLD, end_once


class AiQueueAgent(models.Model):
    _inherit = "ai.queue.agent"

    rules = fields.Selection(
        selection_add=[("bill", "Approval of vendor bills")],
        ondelete={"bill": "cascade"},
    )


class AiQueueAgentRulesBill(models.AbstractModel):
    """Approval of vendor bills: what the rules look at, and how they say it."""

    _name = "ai.queue.agent.rules.bill"
    _inherit = "ai.queue.agent.rules"
    _description = "Rules for the Approval of Vendor Bills"

    _model = "account.move"
    _effect = "post_bill"

    # OVERRIDE ai.queue.agent.rules
    def _relevant(self, records):
        others = records.filtered(lambda one: not one._is_ai_queue_bill())
        settled = (records - others).filtered(lambda one: one.state != "draft")
        rest = records - others - settled
        # What is still being read has nothing to be judged by.
        under_way = rest.filtered(
            lambda one: one.sudo().ai_reading_state in ("pending", "started")
        )
        return rest - under_way, {
            self.env._("No vendor bill"): others,
            self.env._("No longer a draft"): settled,
            self.env._("Still being read"): under_way,
        }

    # OVERRIDE ai.queue.agent.rules
    def _gather(self, records):
        return self.env["ai.queue.agent.bill.facts"]._gather(records)

    # OVERRIDE ai.queue.agent.rules
    def _judge(self, facts):
        return judge(facts, self._get_explained(facts))

    def _get_explained(self, facts):
        """Ids of lines that something else vouches for: hook for orders, contracts."""
        return frozenset()

    # OVERRIDE ai.queue.agent.rules
    def _say(self, finding):
        template = SENTENCES.get(finding["code"])
        if not template:
            # of another version of the addon
            return finding["code"]
        return self._fill(template, finding)

    def _fill(self, template, finding):
        values = dict(finding["values"])
        if finding["code"] == "reading":
            sentences = [bill_reasons.say(self.env, one) for one in values["reasons"]]
            values["reasons"] = " ".join(sentences)
        for name, value in values.items():
            if isinstance(value, float):
                values[name] = formatLang(self.env, value)
        return self.env._(template, **values)

    def _say_to_vendor(self, finding):
        """The sentence of a finding (as JSON) that a vendor reads."""
        template = FOR_VENDOR.get(finding["code"])
        if not template:
            return self._say_any(finding)
        return end_once(self._fill(template, finding))

    # EXTENDS ai.queue.agent.rules
    def _describe(self, record, facts, findings):
        lines = [
            f"- {line.name}: {line.quantity:g} at {line.price:.2f}, {line.amount:.2f}, "
            f"account {line.account}"
            for line in facts.lines
        ]
        return "\n".join(
            [
                f"Vendor bill {record.ref or ''} of {facts.vendor}, "
                f"{record.invoice_date or 'no date'}, total {facts.total_words}",
                "Lines:",
                *lines,
                super()._describe(record, facts, findings),
            ]
        )

    # OVERRIDE ai.queue.agent.rules
    def _snapshot(self, records):
        return {
            move.id: {
                **move._get_ai_queue_snapshot(),
                "state": move.state,
                "amount_total": round(move.amount_total, 6),
                "rate": round(move.invoice_currency_rate, 9),
                # The same account may get another number.
                "account": move.partner_bank_id.sanitized_acc_number or "",
                "analytic": [
                    line.analytic_distribution or {} for line in move.invoice_line_ids
                ],
            }
            for move in records
        }

    # EXTENDS ai.queue.agent.rules
    def _is_settled(self, record, finding):
        """Also once somebody has accepted what reading the document left open."""
        if finding["code"] != "reading":
            return super()._is_settled(record, finding)
        return any(
            reason not in record._get_ai_open_reasons()
            for reason in finding["values"]["reasons"]
        )

    # OVERRIDE ai.queue.agent.rules
    def _prepare(self, record, facts, findings, verdict):
        vals = {
            "partner_id": record.commercial_partner_id.id,
            "amount": record.amount_total,
            "currency_id": record.currency_id.id,
            "values_before": {"state": record.state},
            "values_after": {"state": "posted"},
        }
        if verdict == HOLD:
            vals |= self._draft_message(record, facts, findings)
        return vals

    # ------------------------------------------------------------
    # MESSAGE
    # ------------------------------------------------------------

    def _draft_message(self, move, facts, findings):
        """Who is told what is missing: the vendor where the vendor can put it right."""
        held = [one for one in findings if one.level == HOLD]
        to_vendor = [one for one in held if one.tell == "vendor"]
        # What is told to a vendor must be all that is wrong.
        is_vendor = to_vendor and len(to_vendor) == len(held) and move.partner_id
        partner = move.partner_id if is_vendor else self._get_buyer(move, facts)
        there = self.with_context(lang=partner.lang or self.env.lang)
        return there._write_message(move, partner, held, bool(is_vendor))

    def _write_message(self, move, partner, findings, is_vendor):
        say = self._say_to_vendor if is_vendor else self._say_any
        sentences = [f"- {say(one.to_json())}" for one in findings]
        values = {
            "bill": move.ref or move.name or move.display_name,
            "vendor": move.partner_id.display_name or self.env._("an unknown vendor"),
            "reasons": "\n".join(sentences),
            "name": partner.name,
            "sender": self.env.user.name if is_vendor else self.env.company.name,
        }
        template = TO_VENDOR if is_vendor else TO_BUYER
        return {
            "message_partner_id": partner.id,
            "message_subject": self.env._(SUBJECT, **values),
            "message_body": self.env._(template, **values),
        }

    def _get_buyer(self, move, facts):
        """Who bought what a bill is about, as a partner: here who looks after it."""
        user = move.invoice_user_id or self.env.user
        return user.partner_id
