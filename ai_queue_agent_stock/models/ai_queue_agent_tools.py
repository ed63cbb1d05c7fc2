# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models
from odoo.tools.misc import format_date, formatLang

from odoo.addons.ai_queue_agent.asked import asked, said
from odoo.addons.ai_queue_agent.models.asking.ai_queue_agent_tools import (
    ABOUT,
    MAX_LINES,
)
from odoo.addons.ai_queue_agent.tools import agent_tool

#: Days ahead by words in a question, the first that fits; as far as nothing is said.
PERIODS = (
    (
        1,
        (
            *("today", "tomorrow", "heute", "morgen", "vandaag", "hoy", "manana"),
            *("oggi", "domani", "aujourd'hui", "demain"),
        ),
    ),
    (31, ("month", "monat", "mes", "mois", "mese", "maand")),
)
USUAL_DAYS = 14


class AiQueueAgentTools(models.AbstractModel):
    _inherit = "ai.queue.agent.tools"

    @asked(
        en="short; run out; out_of stock; shortage*; stockout*; running out",
        de="knapp; was fehlt|fehlen nachste*|diese*|woche|monat; geht|gehen aus; "
        "engpass*; ausverkauft",
        es="que falta|faltara|faltaran semana|mes|manana; agot*; escas*; rotura*",
        fr="que|qui|qu|va manque|manquer|manquera|manqueront semaine|mois|demain; "
        "rupture*; penurie*",
        it="cosa manca|manchera|mancheranno settimana|mese|domani; esaur*; "
        "scarsegg*; carenz*",
        nl="tekort*; raakt|raken op; krap; uitverkocht",
    )
    @agent_tool(about=ABOUT)
    def _tool_short_soon(self, agent, record, about):
        """Reads which products run out soon: those of the worklist that are short, and
        rules whose order is due. Name the period, as "next week"."""
        days = _days_in(about)
        until = fields.Date.context_today(self) + timedelta(days=days)
        lines = [*self._say_short_proposals(until), *self._say_due_rules(until)]
        values = {"date": format_date(self.env, until)}
        if not lines:
            return [
                said(
                    self.env._("Nothing that I can see runs out by %(date)s.", **values)
                )
            ]
        return [said(self.env._("Short by %(date)s:", **values)), *lines]

    def _example_short_soon(self):
        return self.env._("What is short next week?")

    def _say_short_proposals(self, until):
        proposals = self.env["ai.queue.reorder.proposal"]
        if not proposals.has_access("read"):
            return
        short = proposals.search(
            [("state", "=", "open"), ("date_short", "<=", until)], order="date_short"
        )
        for one in short[:MAX_LINES]:
            text = self.env._(
                "%(date)s: %(quantity)s on hand, %(coming)s on its way.",
                date=format_date(self.env, one.date_short),
                quantity=formatLang(self.env, one.qty_on_hand, digits=0),
                coming=formatLang(self.env, one.qty_coming, digits=0),
            )
            yield said(text, one)
        yield from self._say_rest(short)

    def _say_due_rules(self, until):
        """Rules by which Odoo would have to order until then, without a proposal."""
        rules = self.env["stock.warehouse.orderpoint"]
        if not rules.has_access("read"):
            return
        due = rules.search([("deadline_date", "<=", until)], order="deadline_date")
        known = self.env["ai.queue.reorder.proposal"].sudo()
        due -= known.search(
            [("orderpoint_id", "in", due.ids), ("state", "=", "open")]
        ).orderpoint_id
        for rule in due[:MAX_LINES]:
            text = self.env._(
                "%(product)s: to be ordered by %(date)s.",
                product=rule.product_id.display_name,
                date=format_date(self.env, rule.deadline_date),
            )
            yield said(text, rule)
        yield from self._say_rest(due)


def _days_in(text):
    """How many days ahead a question asks for."""
    words = text.casefold().replace("ñ", "n").split()
    for days, names in PERIODS:
        if any(word.strip("?!.,") in names for word in words):
            return days
    return USUAL_DAYS
