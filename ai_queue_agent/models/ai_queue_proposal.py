# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..findings import (
    APPROVE,
    ASK,
    FOR_PEOPLE,
    HOLD,
    LEVELS,
    NOTE,
    SETTLED_DAYS,
    objections,
)

#: So many records are named in a sentence.
SHOWN = 5
VERDICTS = [(HOLD, "Hold"), (ASK, "Ask"), (APPROVE, "Approve")]


class AiQueueProposal(models.Model):
    """A write that an agent would make, with its reasons, for a person to decide."""

    _name = "ai.queue.proposal"
    _inherit = ["ai.queue.decision", "ai.queue.agent.about"]
    _description = "AI Proposal"
    _order = "verdict desc, id desc"

    _editable_fields = frozenset({"message_subject", "message_body"})

    agent_id = fields.Many2one(
        "ai.queue.agent", required=True, readonly=True, index=True, ondelete="cascade"
    )
    case_id = fields.Many2one(
        "ai.queue.agent.case",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    requester_id = fields.Many2one(
        "res.users", string="Asked by", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    record_name = fields.Char(string="About", compute="_compute_record_name")
    partner_id = fields.Many2one(
        "res.partner",
        string="Vendor",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    amount = fields.Monetary(readonly=True)
    verdict = fields.Selection(
        VERDICTS,
        required=True,
        readonly=True,
        index=True,
        help="Hold: something is wrong or missing. Ask: a person has to judge. "
        "Approve: nothing speaks against it, and something for it.",
    )
    judged_by = fields.Selection(
        [("rules", "Rules"), ("model", "A model")],
        string="Judged by",
        required=True,
        readonly=True,
        default="rules",
    )
    state = fields.Selection(
        selection_add=[
            ("open",),
            ("applied", "Applied"),
            ("rejected",),
            ("outdated",),
            ("undone", "Undone"),
        ],
        ondelete={"applied": "cascade", "undone": "cascade"},
    )
    effect = fields.Selection(
        # Each set of rules adds what can be done about its records.
        [("none", "Nothing"), ("write", "Change the record")],
        string="When Approved",
        required=True,
        readonly=True,
        default="none",
    )
    values_before = fields.Json(readonly=True)
    values_after = fields.Json(readonly=True)
    change = fields.Char(compute="_compute_change", string="If Approved")
    # [{"code", "level", "values", "tell"}], see ``findings.Finding``
    finding_data = fields.Json(readonly=True)
    reason = fields.Text(string="Why", compute="_compute_reason")
    main_reason = fields.Char(compute="_compute_main_reason")
    finding_list = fields.Json(compute="_compute_reason")
    snapshot = fields.Char(readonly=True, groups="base.group_system")
    message_partner_id = fields.Many2one(
        "res.partner", string="Message to", readonly=True, ondelete="set null"
    )
    message_subject = fields.Char(string="Subject")
    message_body = fields.Text(string="Message")
    date_sent = fields.Datetime(string="Sent on", readonly=True)
    outdated_reason = fields.Char(string="Outdated Because", readonly=True)
    can_decide = fields.Boolean(compute="_compute_can_decide")

    # However often a job runs, and however many runs there are.
    _case_uniq = models.UniqueIndex("(case_id) WHERE case_id IS NOT NULL")
    _open_uniq = models.UniqueIndex(
        "(agent_id, company_id, res_model, res_id) WHERE state = 'open'"
    )
    _record_idx = models.Index("(res_model, res_id)")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_record_name(self):
        for model, proposals in self.grouped("res_model").items():
            names = {}
            if model in self.env:  # its addon may not be installed any more
                # Also where Odoo itself reads the name for the reader.
                records = self.env[model].with_user(self.env.user)
                records = records.browse(proposals.mapped("res_id")).exists()
                readable = records._filtered_access("read")
                names = {record.id: record.display_name for record in readable}
            for proposal in proposals:
                proposal.record_name = names.get(proposal.res_id) or self.env._(
                    "Record that you may not see, or that was deleted"
                )

    @api.depends("record_name", "verdict")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        verdicts = dict(self._fields["verdict"]._description_selection(self.env))
        for proposal in self:
            proposal.display_name = self.env._(
                "%(verdict)s: %(record)s",
                verdict=verdicts.get(proposal.verdict, ""),
                record=proposal.record_name,
            )

    @api.depends("values_before", "values_after", "res_model")
    @api.depends_context("lang")
    def _compute_change(self):
        for proposal in self:
            proposal.change = proposal._describe_change()

    def _describe_change(self):
        """Was → becomes, in the words of the fields."""
        parts = []
        fields_of = (
            self.env[self.res_model]._fields if self.res_model in self.env else {}
        )
        for name, after in (self.values_after or {}).items():
            if name not in fields_of:
                continue
            before = (self.values_before or {}).get(name)
            field = fields_of[name]
            words = {}
            if field.type == "selection":
                words = dict(field._description_selection(self.env))
            parts.append(
                self.env._(
                    "%(field)s: %(before)s → %(after)s",
                    field=field._description_string(self.env),
                    before=words.get(before, before),
                    after=words.get(after, after),
                )
            )
        return ", ".join(parts)

    @api.depends("finding_data")
    @api.depends_context("lang")
    def _compute_reason(self):
        for proposal in self:
            rows = proposal._get_sentences()
            proposal.finding_list = rows
            proposal.reason = "\n".join(
                row["sentence"] for row in rows if row["level"] != NOTE
            )

    @api.depends("finding_list", "is_outdated", "outdated_note")
    @api.depends_context("lang")
    def _compute_main_reason(self):
        for proposal in self:
            rows = proposal.finding_list
            reason = rows[0]["sentence"] if rows else False
            if reason and proposal.is_outdated:
                reason = self.env._(
                    "%(outdated)s Before: %(reason)s",
                    outdated=proposal.outdated_note,
                    reason=reason,
                )
            proposal.main_reason = reason

    def _get_sentences(self):
        """The findings in words, the most telling first."""
        rules = self.sudo().agent_id.rules
        handler = self.env["ai.queue.agent.rules"]
        if rules and f"ai.queue.agent.rules.{rules}" in self.env:
            handler = handler._of(rules)
        findings = sorted(
            self.finding_data or [], key=lambda one: LEVELS.index(one["level"])
        )
        return [
            {
                "code": one["code"],
                "level": one["level"],
                "sentence": handler._say_any(one),
            }
            for one in findings
        ]

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("state", "res_model", "res_id")
    def _compute_can_decide(self):
        for proposal in self:
            proposal.can_decide = proposal.state == "open" and proposal._may_decide()

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def _may_decide(self):
        """Whether the current user may change the record, and so decide."""
        record = self._get_record()
        return bool(record) and record.has_access("write")

    # OVERRIDE ai.queue.decision
    def _check_may_decide(self):
        self.check_access("read")
        for proposal in self:
            if not proposal._may_decide():
                raise AccessError(
                    self.env._(
                        "You may not decide on %s: to change it needs more rights than "
                        "you have.",
                        proposal.record_name,
                    )
                )

    # OVERRIDE ai.queue.decision
    def _say_guarded(self):
        return self.env._("Only the message of a proposal can be changed by hand.")

    # OVERRIDE ai.queue.decision
    def _explain_rejection(self):
        return (
            self.env._(
                "The reason stays with the proposal. It is not proposed again for %s "
                "days, unless the record is changed or something new is found.",
                SETTLED_DAYS,
            ),
            self.env._("e.g. We are in talks with the vendor"),
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_approve(self):
        """Do what is proposed, where nothing has changed since.

        What an agent found something against is left out: a person sees that first.
        """
        sure = self.filtered(lambda one: one._is_sure())
        if self and not sure:
            raise UserError(self._say_objected(self))
        return self._get_decision_toast(sure._approve(), left=self - sure)

    def _is_sure(self):
        """Whether nothing speaks against it but that not everybody may approve it."""
        codes = {code for code, _values in objections(self.finding_data or [])}
        if self.verdict == ASK and self.judged_by == "rules":
            return bool(codes) and codes <= FOR_PEOPLE
        return self.verdict == APPROVE

    def action_approve_anyway(self):
        """Do it although the agent found something against it."""
        return self._get_decision_toast(self._approve())

    def _say_objected(self, objected):
        return self.env._(
            "Something speaks against this, or has to be judged by a person: %s. "
            "Open it to see what, and approve it there.",
            ", ".join(objected[:SHOWN].mapped("record_name")),
        )

    def action_send(self):
        """Send the drafted message, and keep the record on hold."""
        return self._get_decision_toast(self._send())

    def action_undo(self):
        """Take back what was applied, as far as Odoo can."""
        return self._get_decision_toast(self._undo())

    def action_check_again(self):
        """Have the agent look at the same records once more.

        What is outdated by then no longer waits for a decision, whatever it finds.
        """
        run = self.env["ai.queue.run"]
        for agent, proposals in self.grouped("agent_id").items():
            records = self.env[agent.model].browse(proposals.mapped("res_id"))
            for company, some in proposals.grouped("company_id").items():
                own = records.browse(some.mapped("res_id")).exists()
                if own:
                    run += agent.with_company(company)._start(own.with_company(company))
        closed = self._outdate_changed()
        if run:
            return run._get_notification()
        if not closed:
            raise UserError(self._say_deleted())
        return self._get_toast(self._say_deleted(), is_warning=True)

    def _get_decision_toast(self, done, left=()):
        """What became of these: as asked for, or outdated and why.

        :param left: those that were left as they are, as something speaks against them
        """
        outdated = self.filtered(lambda one: one.state == "outdated")
        message = self.env._("%(done)s of %(all)s done.", done=len(done), all=len(self))
        if outdated:
            reasons = dict.fromkeys(outdated.mapped("outdated_reason"))
            message = "\n".join([message, *filter(None, reasons)])
        if left:
            message = f"{message}\n{self._say_objected(left)}"
        return self._get_toast(message, is_warning=bool(outdated or left))
