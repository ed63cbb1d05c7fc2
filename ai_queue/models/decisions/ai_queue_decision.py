# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import AccessError, LockError, UserError

STATES = [
    ("open", "To Decide"),
    ("rejected", "Rejected"),
    ("outdated", "Outdated"),
]


class AiQueueDecision(models.AbstractModel):
    """What jobs propose and a person decides on, once.

    A model of proposals inherits it, adds the state in which what was proposed has been
    done, and its own columns. Nobody but jobs makes such records, and nothing of them
    changes by hand but ``_editable_fields`` while they are open.
    """

    _name = "ai.queue.decision"
    _description = "Decision on a Proposal"

    # The fields that a person may set; all others are results.
    _editable_fields = frozenset()

    run_id = fields.Many2one(
        "ai.queue.run", readonly=True, index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="open", index=True
    )
    rejection = fields.Char(string="Rejected Because", readonly=True)
    decided_by = fields.Selection(
        [("person", "A person"), ("rule", "The rule of the company")], readonly=True
    )
    user_id = fields.Many2one("res.users", string="Decided by User", readonly=True)
    date_decided = fields.Datetime(string="Decided on", readonly=True)

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def _check_may_decide(self):
        """Raise an ``AccessError`` unless the current user may decide on these."""
        self.check_access("write")

    def _say_guarded(self):
        """Why other fields than the editable ones are refused, in a sentence."""
        return self.env._("Proposals are not changed by hand.")

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """Only editable fields change by hand, and only while it is open."""
        if not self.env.su:
            if not self._editable_fields.issuperset(vals):
                raise AccessError(self._say_guarded())
            self._check_may_decide()
            self._check_open()
        return super().write(vals)

    def _check_open(self):
        if any(proposal.state != "open" for proposal in self):
            raise UserError(
                self.env._("Some of these proposals were decided already. Reload.")
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_reject(self):
        """Ask why, for it is remembered."""
        self._check_may_decide()
        self._check_open()
        return {
            "type": "ir.actions.act_window",
            "name": self._get_reject_title(),
            "res_model": "ai.queue.decision.reject",
            "view_mode": "form",
            "target": "new",
            "context": {"default_res_model": self._name, "default_res_ids": self.ids},
        }

    def _get_reject_title(self):
        """The title of the dialog that asks why."""
        return self.env._("Reject")

    def _explain_rejection(self):
        """What becomes of the reason: (a sentence or two, an example of a reason)."""
        return (
            self.env._("The reason stays with the proposal."),
            self.env._("e.g. We are in talks with the vendor"),
        )

    def _get_toast(self, message, is_warning=False):
        """What a button that decided answers with; the screen is read anew."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if is_warning else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------
    # DECIDED
    # ------------------------------------------------------------

    def _take(self):
        """Lock these proposals: of two people who decide at once, one does.

        :raise AccessError: the current user may not decide on them
        :raise UserError: they were decided already, or somebody is at it
        """
        self._check_may_decide()
        self._check_open()
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("Somebody is deciding on these just now. Reload.")
            ) from error
        self.invalidate_recordset(["state"])
        self._check_open()

    def _reject(self, reason):
        """Reject these for a reason, which is kept."""
        self._take()
        self._close("rejected", decided_by="person", rejection=reason)

    def _close(self, state, **vals):
        """The end of a proposal; whoever gets here may decide on it."""
        if state != "outdated":
            vals |= {"user_id": self.env.uid, "date_decided": fields.Datetime.now()}
        self.sudo().write({"state": state, **vals})
