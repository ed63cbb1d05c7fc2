# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain


class AiQueueProposal(models.Model):
    """An open proposal says by itself that its record is no longer what was judged.

    Nothing is stored: whatever changes a record, on whichever way, is seen when the
    proposal is read. Nothing is judged again either, that is done when it is applied.
    """

    _inherit = "ai.queue.proposal"

    is_outdated = fields.Boolean(
        string="Outdated",
        compute="_compute_outdated",
        search="_search_is_outdated",
        help="Nobody has decided yet, and the record has changed since it was checked.",
    )
    outdated_note = fields.Char(
        string="Why It Is Outdated", compute="_compute_outdated"
    )

    @api.depends("state", "outdated_reason")
    @api.depends_context("lang")
    def _compute_outdated(self):
        reasons = self.filtered(lambda one: one.state == "open")._explain_changes()
        for proposal in self:
            reason = reasons.get(proposal.id)
            proposal.is_outdated = bool(reason)
            proposal.outdated_note = reason or proposal.outdated_reason

    def _search_is_outdated(self, operator, value):
        if operator != "in":
            return NotImplemented
        ids = list(self.search([("state", "=", "open")])._explain_changes())
        domain = Domain.FALSE
        if True in value:
            domain |= Domain("id", "in", ids)
        if False in value:
            domain |= Domain("id", "not in", ids)
        return domain

    def _explain_changes(self):
        """Which of these rest on what is no longer so.

        :return: {proposal id: why, in a sentence}, by a few queries for all of them
        """
        reasons = {}
        # Whoever reads a proposal need not see its record: it is only compared.
        for (agent, company, lang), some in self.sudo()._group_alike().items():
            for alike in some.grouped("res_model").values():
                records = alike._get_records().with_company(company)
                handler = self.env["ai.queue.kind.agent"]._rules_of(agent)
                if handler is None:
                    reasons |= alike._explain_values(records.with_context(lang=lang))
                else:
                    handler = handler.sudo().with_company(company)
                    reasons |= alike._explain_rules(handler, records, lang)
        return reasons

    def _explain_values(self, records):
        """Those of an agent without rules: what it would change has to be the same."""
        by_id = {record.id: record for record in records}
        reasons = {}
        for proposal in self:
            if proposal.res_id not in by_id:
                reasons[proposal.id] = proposal._say_deleted()
            elif not proposal._has_values(
                by_id[proposal.res_id], proposal.values_before
            ):
                reasons[proposal.id] = proposal._say_changed()
        return reasons

    def _explain_rules(self, handler, records, lang):
        _then, relevant, out, now = self._look_again(handler, lang, records)
        by_id = {record.id: record for record in relevant}
        reasons = {}
        for proposal in self:
            record = by_id.get(proposal.res_id)
            if record is None:
                reasons[proposal.id] = (
                    out.get(proposal.res_id) or proposal._say_deleted()
                )
            elif now[record.id] != proposal.snapshot or any(
                handler._is_settled(record, one) for one in proposal.finding_data or []
            ):
                reasons[proposal.id] = proposal._say_changed()
        return reasons

    def _outdate_changed(self):
        """Close those that are outdated: they wait for a new check, for no decision.

        :return: those that were closed
        """
        reasons = self.filtered(lambda one: one.state == "open")._explain_changes()
        for proposal_id, reason in reasons.items():
            self.browse(proposal_id)._outdate(reason)
        return self.browse(reasons)
