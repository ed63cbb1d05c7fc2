# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.ai_queue.models.bills.account_move import READERS

from ..findings import FOR, NOTE


class AiQueueProposal(models.Model):
    """What can be done about a vendor bill: post it, and take that back."""

    _inherit = "ai.queue.proposal"

    effect = fields.Selection(
        selection_add=[("post_bill", "Post the bill")],
        ondelete={"post_bill": "cascade"},
    )

    def _check_effect_post_bill(self):
        """Raise unless the current user may approve a bill of this amount."""
        self._get_record()._check_ai_queue_limit()

    def _apply_effect_post_bill(self):
        """Post the bill with the rights of the current user."""
        move = self._get_record()
        # As the button Confirm of Odoo does.
        move.with_context(validate_analytic=True).action_post()
        if move.state != "posted":
            raise UserError(
                self.env._(
                    "%s could not be posted. Open it and press Confirm to see why.",
                    move.display_name,
                )
            )

    def _undo_effect_post_bill(self):
        """Make a draft of the bill again, unless money has moved."""
        move = self._get_record()
        if move.state != "posted" or move.payment_state not in ("not_paid", False):
            raise UserError(
                self.env._(
                    "%s is paid, or no longer posted. Reverse it by a credit note.",
                    self.record_name,
                )
            )
        move.button_draft()

    def _passes_post_bill(self):
        """Whether the company lets the bill be posted without a person."""
        company = self.company_id
        move = self._get_record()
        return (
            company.ai_queue_approval_auto
            and bool(move)
            and move._get_ai_queue_amount() <= company.ai_queue_approval_auto_amount
            and move.has_access("write")
        )


class AccountMove(models.Model):
    _inherit = "account.move"

    ai_proposal_id = fields.Many2one(
        "ai.queue.proposal",
        string="AI Proposal",
        compute="_compute_ai_proposal",
        groups=READERS,
    )
    ai_verdict = fields.Selection(
        selection=lambda self: (
            self.env["ai.queue.proposal"]
            ._fields["verdict"]
            ._description_selection(self.env)
        ),
        string="AI Approval",
        compute="_compute_ai_proposal",
        search="_search_ai_verdict",
        groups=READERS,
    )
    ai_proposal_reason = fields.Text(
        string="Why", compute="_compute_ai_proposal_reason", groups=READERS
    )
    ai_is_proposal_outdated = fields.Boolean(
        string="Proposal Is Outdated",
        compute="_compute_ai_is_proposal_outdated",
        groups=READERS,
    )
    ai_is_checked = fields.Boolean(compute="_compute_ai_is_checked", groups=READERS)

    def _compute_ai_proposal(self):
        proposals = self.env["ai.queue.proposal"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "=", "open"),
            ],
            order="id",
        )
        of_move = {proposal.res_id: proposal for proposal in proposals}
        for move in self:
            proposal = of_move.get(move.id, proposals.browse())
            move.ai_proposal_id = proposal
            move.ai_verdict = proposal.verdict

    @api.depends("ai_proposal_id")
    @api.depends_context("lang")
    def _compute_ai_proposal_reason(self):
        """What the agent found, without what the box of the reading says as well."""
        for move in self:
            rows = [
                row
                for row in move.ai_proposal_id.finding_list or []
                if row["level"] != NOTE
            ]
            said = {one["code"] for one in move._get_ai_open_reasons()}
            if said:
                said.add("reading")
            left = [row for row in rows if row["code"] not in said]
            sentences = [row["sentence"] for row in left]
            if len(left) < len(rows) and all(row["level"] == FOR for row in left):
                sentences.insert(0, self.env._("See what is to be reviewed."))
            move.ai_proposal_reason = "\n".join(sentences)

    def _get_ai_open_reasons(self):
        """What reading the document left open, as the reading keeps it."""
        self.ensure_one()
        # Who may read the bill may see what was read of it.
        reading = self.sudo().ai_reading_id
        return reading.state == "review" and reading.reasons or []

    @api.depends("ai_proposal_id")
    def _compute_ai_is_proposal_outdated(self):
        for move in self:
            move.ai_is_proposal_outdated = move.ai_proposal_id.is_outdated

    @api.depends("state")
    def _compute_ai_is_checked(self):
        """Whether an agent is at it just now."""
        cases = self.env["ai.queue.agent.case"].sudo()
        cases = cases.search_fetch(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "in", ("pending", "started")),
            ],
            ["res_id"],
        )
        ids = set(cases.mapped("res_id"))
        for move in self:
            move.ai_is_checked = move.id in ids

    def _search_ai_verdict(self, operator, value):
        if operator != "in":
            return NotImplemented
        proposals = self.env["ai.queue.proposal"]
        base = [("res_model", "=", self._name), ("state", "=", "open")]
        verdicts = [one for one in value if one]
        found = proposals._search([*base, ("verdict", "in", verdicts)])
        domain = fields.Domain("id", "in", found.subselect("res_id"))
        if False in value:
            anything = proposals._search(base)
            domain |= fields.Domain("id", "not in", anything.subselect("res_id"))
        return domain

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_check_ai_approval(self):
        """Queue the check of these bills by the approval agent, and say where."""
        agent = self._get_ai_approval_agent()
        if not agent:
            raise UserError(
                self.env._(
                    "No agent approves vendor bills. Ask an administrator of AI "
                    "Agents to switch one on."
                )
            )
        bills = self.filtered(
            lambda one: one._is_ai_queue_bill() and one.state == "draft"
        )
        if not bills:
            raise UserError(
                self.env._("Only draft vendor bills and credit notes can be checked.")
            )
        runs = self.env["ai.queue.run"]
        # A run is of one company.
        for company, some in bills.grouped("company_id").items():
            runs += agent.with_company(company)._start(some.with_company(company))
        return runs._get_notification()

    def action_approve_ai_proposal(self):
        """Approve what the agent proposes for these bills."""
        self._check_ai_proposals()
        return self.ai_proposal_id.action_approve()

    def action_open_ai_proposal(self):
        """What the agent proposes, and why."""
        self.ensure_one()
        self._check_ai_proposals()
        return self.ai_proposal_id._get_records_action()

    def _check_ai_proposals(self):
        if not self.ai_proposal_id:
            raise UserError(
                self.env._(
                    "There is no open proposal for these bills. Press Check for "
                    "Approval first."
                )
            )

    def _get_ai_approval_agent(self):
        """The first agent that approves bills and that the current user may ask."""
        agents = self.env["ai.queue.agent"].search([("rules", "=", "bill")])
        mine = agents.filtered(
            lambda one: (
                not one.sudo().group_ids
                or one.sudo().group_ids & self.env.user.all_group_ids
            )
        )
        return mine[:1] or agents[:1]
