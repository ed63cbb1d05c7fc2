# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools.misc import formatLang

from odoo.addons.ai_queue_agent.findings import sort

from ..matching import compare
from ..order_sentences import SENTENCES


class AiQueueAgentRulesBill(models.AbstractModel):
    _inherit = "ai.queue.agent.rules.bill"

    # EXTENDS ai_queue_agent
    def _judge(self, facts):
        findings = super()._judge(facts)
        return sort([*findings, *compare(facts, facts.extra["orders"])])

    # EXTENDS ai_queue_agent
    def _get_explained(self, facts):
        return super()._get_explained(facts) | facts.extra["orders"].line_ids

    # EXTENDS ai_queue_agent
    def _say(self, finding):
        template = SENTENCES.get(finding["code"])
        if not template:
            return super()._say(finding)
        values = {
            name: _say_number(self.env, value) if isinstance(value, float) else value
            for name, value in finding["values"].items()
        }
        return self.env._(template, **values)

    # EXTENDS ai_queue_agent
    def _lock(self, proposals):
        """Two bills never take the same order."""
        result = super()._lock(proposals)
        self.env["ai.queue.agent.order.facts"]._lock(proposals)
        return result

    # EXTENDS ai_queue_agent
    def _prepare(self, record, facts, findings, verdict):
        vals = super()._prepare(record, facts, findings, verdict)
        links = {
            str(match.line_id): match.order_line_id
            for match in facts.extra["orders"].matches
            if not match.is_linked
        }
        if links:
            vals["values_after"] = {**vals["values_after"], "order_lines": links}
        return vals

    # EXTENDS ai_queue_agent
    def _get_buyer(self, move, facts):
        partner = self.env["res.partner"].browse(facts.extra["orders"].buyer_id)
        return partner.exists() or super()._get_buyer(move, facts)


def _say_number(env, value):
    """Quantities without needless zeros, prices with their cents."""
    if value == int(value):
        return formatLang(env, value, digits=0)
    return formatLang(env, value, digits=2)
