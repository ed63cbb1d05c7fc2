# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import json
import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import split_every

from ..findings import APPROVE, ASK, objections

_logger = logging.getLogger(__name__)

#: Proposals of a job that are written in one query.
BATCH = 200


def fingerprint(data):
    """The same for the same plain data, in every process."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class AiQueueProposal(models.Model):
    """How a proposal is made, applied once, and taken back."""

    _inherit = "ai.queue.proposal"

    # ------------------------------------------------------------
    # MADE
    # ------------------------------------------------------------

    @api.model
    def _store(self, vals_list):
        """Write the proposals of a run in the place of those that nobody decided on.

        A case that has one already gets no second one.

        :return: the new ones
        """
        stored = self.browse()
        for some in split_every(BATCH, vals_list):
            case_ids = [vals["case_id"] for vals in some]
            # Whoever may see which: there shall be no second one.
            known = self.sudo().search([("case_id", "in", case_ids)]).case_id
            new = [vals for vals in some if vals["case_id"] not in known.ids]
            self._outdate_older(new)
            # Users have no right to make proposals but by this way.
            stored += self.sudo().create(new).sudo(self.env.su)
        return stored

    def _outdate_older(self, vals_list):
        by_agent = {}
        for vals in vals_list:
            key = (vals["agent_id"], vals["company_id"], vals["res_model"])
            by_agent.setdefault(key, []).append(vals["res_id"])
        for (agent_id, company_id, model), ids in by_agent.items():
            older = self.sudo().search(
                [
                    ("agent_id", "=", agent_id),
                    ("company_id", "=", company_id),
                    ("res_model", "=", model),
                    ("res_id", "in", ids),
                    ("state", "=", "open"),
                ]
            )
            older._outdate(self.env._("A newer run looked at it."))
        self.flush_model(["state"])

    # ------------------------------------------------------------
    # CHECKED AGAIN
    # ------------------------------------------------------------

    def _filter_fresh(self):
        """Those that still rest on what they rested on; the others are outdated.

        Asked when it is applied: the same rules look at the same record again, and
        find nothing against it that they had not found before.
        """
        fresh = self.browse()
        for (agent, company, lang), some in self._group_alike().items():
            if not agent.rules:
                fresh += some._filter_unchanged()
                continue
            handler = self.env["ai.queue.agent.rules"]._of(agent.rules)
            handler = handler.with_company(company)
            fresh += some._filter_judged_the_same(handler, lang)
        return fresh

    def _group_alike(self):
        """Those whose records are looked at together: {key: proposals}."""
        return self.grouped(
            lambda one: (
                one.sudo().agent_id,
                one.company_id,
                one.sudo().requester_id.lang,
            )
        )

    def _filter_unchanged(self):
        """Those whose records still have the values that they had."""
        fresh = self.browse()
        for proposal in self:
            record = proposal._get_record_as_made()
            if not record:
                proposal._outdate(self._say_deleted())
            elif not self._has_values(record, proposal.values_before):
                proposal._outdate(self._say_changed())
            else:
                fresh += proposal
        return fresh

    def _get_record_as_made(self):
        """The record in the company and in the language in which this was made: what
        is another one's there is neither compared nor written."""
        # Whoever decides need not see who asked.
        lang = self.sudo().requester_id.lang
        return self._get_record().with_company(self.company_id).with_context(lang=lang)

    def _say_deleted(self):
        return self.env._("The record was deleted.")

    def _say_changed(self):
        return self.env._("It was changed since. Have the agent check it again.")

    def _has_values(self, record, values):
        """Whether a record has these values now."""
        # A field that is gone has no value any more.
        return all(
            name in record._fields and fingerprint(record[name]) == fingerprint(value)
            for name, value in (values or {}).items()
        )

    def _check_effect_write(self):
        """Nothing more than the right to write, which Odoo checks."""

    def _apply_effect_write(self):
        """Write what is proposed with the rights of the current user."""
        self._get_record_as_made().write(self.values_after)

    def _undo_effect_write(self):
        """Write what was there before, unless somebody has changed it since."""
        record = self._get_record_as_made()
        if not self._has_values(record, self.values_after):
            raise UserError(
                self.env._("%s was changed since: change it by hand.", self.record_name)
            )
        record.write(self.values_before)

    def _filter_judged_the_same(self, handler, lang):
        records = self.env[handler._model].browse(self.mapped("res_id")).exists()
        handler._lock(self)
        then, relevant, out, now = self._look_again(handler, lang, records)
        facts = then._gather(relevant)
        fresh = self.browse()
        for proposal in self:
            # Whoever decides may not read it; it is only compared.
            changed = now.get(proposal.res_id) != proposal.sudo().snapshot
            if proposal.res_id not in facts:
                proposal._outdate(out.get(proposal.res_id) or self._say_deleted())
            elif changed:
                proposal._outdate(self._say_changed())
            else:
                found = then._judge(facts[proposal.res_id])
                new = proposal._find_new_objections(handler, found)
                if not new and not proposal._has_same_effect(then, facts, found):
                    new = self._say_changed()
                if new:
                    proposal._outdate(new)
                else:
                    fresh += proposal
        return fresh

    def _look_again(self, handler, lang, records):
        """What the rules have to compare of records as they are now.

        Compared in the language in which it was made, told in that of who decides.

        :return: (rules in that language, the relevant records, {id: why it is none of
            them}, {id of a relevant one: its fingerprint})
        """
        relevant, reasons = handler._relevant(records.with_env(handler.env))
        out = {one.id: why for why, some in reasons.items() for one in some}
        then = handler.with_context(lang=lang)
        relevant = relevant.with_env(then.env)
        now = {i: fingerprint(d) for i, d in then._snapshot(relevant).items()}
        return then, relevant, out, now

    def _has_same_effect(self, handler, facts, findings):
        """Whether what would be done now is what was proposed, and was judged."""
        record = self._get_record().with_env(handler.env)
        now = handler._prepare(record, facts[self.res_id], findings, ASK)
        return (now.get("values_after") or {}) == (self.values_after or {})

    def _find_new_objections(self, handler, findings):
        """What speaks against it now and did not when it was made, in words."""
        now = [finding.to_json() for finding in findings]
        known = objections(self.finding_data or [])
        return " ".join(
            handler._say_any(one) for one in now if objections([one]) - known
        )

    # ------------------------------------------------------------
    # DECIDED
    # ------------------------------------------------------------

    def _approve(self, decided_by="person"):
        """Do what these propose, where nothing has changed since.

        With the rights of the current user, in the transaction of the decision.

        :return: those that were applied
        """
        if any(one.effect == "none" for one in self):
            raise UserError(
                self.env._("There is nothing to do for some of these. Reject them.")
            )
        self._take()
        done = self.browse()
        # One group after the other: the next one sees what was done for the last.
        for some in self._group_alike().values():
            fresh = some._filter_fresh()
            for proposal in fresh:
                getattr(proposal, f"_check_effect_{proposal.effect}")()
            for proposal in fresh:
                getattr(proposal, f"_apply_effect_{proposal.effect}")()
            done += fresh
        done._close("applied", decided_by=decided_by)
        return done

    def _approve_by_rule(self):
        """Apply what the company lets pass without a person, within its limits.

        Only with the rights of the one who started the run. One that cannot be applied
        stays for a person, and does not keep its neighbours.

        :return: those that were applied
        """
        done = self.browse()
        # What a model has judged is for a person to decide.
        sure = self.filtered(
            lambda one: one.verdict == APPROVE and one.judged_by == "rules"
        )
        for proposal in sure:
            is_let_pass = getattr(proposal, f"_passes_{proposal.effect}", None)
            if not is_let_pass or not is_let_pass():
                continue
            try:
                with self.env.cr.savepoint():
                    done += proposal._approve(decided_by="rule")
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                # The whole job runs again, and finds what it has found.
                raise
            except (UserError, AccessError):
                # A person who approves it gets the same sentence.
                proposal.invalidate_recordset()
            except Exception:
                # Whatever the code of another addon does wrong when this one is
                # posted: its neighbours are, and it waits for a person.
                _logger.exception("Proposal %s was not applied by rule", proposal.id)
                proposal.invalidate_recordset()
        return done

    def _send(self):
        """Send the message that was drafted; the record stays as it is."""
        self._take()
        unaddressed = self.filtered(
            lambda one: not one.message_body or not one.message_partner_id
        )
        if unaddressed:
            raise UserError(
                self.env._(
                    "There is no message, or nobody to send it to: %s",
                    ", ".join(unaddressed.mapped("record_name")),
                )
            )
        fresh = self._filter_fresh()
        for proposal in fresh:
            proposal._get_thread().message_post(
                body=Markup("<br/>").join(proposal.message_body.splitlines()),
                subject=proposal.message_subject,
                partner_ids=proposal.message_partner_id.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        fresh.sudo().date_sent = fields.Datetime.now()
        fresh._close("applied", decided_by="person", effect="none")
        return fresh

    def _get_thread(self):
        """Where its message is posted: on the record that it is about."""
        return self._get_record()

    def _undo(self):
        """Take back what was applied; Odoo says where it cannot.

        :return: those that were taken back
        """
        self._check_may_decide()
        for proposal in self:
            undo = getattr(proposal, f"_undo_effect_{proposal.effect}", None)
            if proposal.state != "applied" or undo is None:
                raise UserError(
                    self.env._("%s cannot be undone here.", proposal.record_name)
                )
            undo()
        self._close("undone")
        return self

    def _outdate(self, reason):
        self._close("outdated", outdated_reason=reason)
