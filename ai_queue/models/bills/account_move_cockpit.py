# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.queue_job_operations.durations import describe_duration

from .account_move import READERS
from .ai_queue_bill_outcome import OPEN_STATES
from .ai_queue_bill_resolve import PLACES

#: How many bills one sitting takes at most.
MOST_BILLS = 1000
#: What the form shows of the amounts that are no fields of their own.
TOTALS = "tax_totals"


class AccountMove(models.Model):
    """What the review cockpit asks of bills: which, in which order, and how sure."""

    _inherit = "account.move"

    ai_review_marks = fields.Json(compute="_compute_ai_review_marks", groups=READERS)

    @api.depends("state", "ai_reading_ids.is_current", "ai_reading_ids.extraction")
    def _compute_ai_review_marks(self):
        for move in self:
            move.ai_review_marks = move._get_ai_review_marks()

    def _get_ai_review_marks(self):
        """How sure each field is that still holds what was read, and where that stands.

        :return: {field: what ``engine.documents.bills.invoice.to_json`` says of it}
        """
        reading = self.ai_reading_ids.filtered("is_current")[:1]
        if self.state != "draft" or not reading.written:
            return {}
        now, written = self._get_ai_queue_snapshot(), reading.written
        marks = {}
        for name, origin in ((reading.extraction or {}).get("fields") or {}).items():
            place = PLACES.get(name)
            if place in (None, "move_type") or now[place] != written.get(place):
                # Nowhere, or a person's by now.
                continue
            if place == "lines":
                place = TOTALS if name == "amount_total" else None
            if place:
                marks[place] = self._get_surer(marks.get(place), origin)
        return marks

    def _get_surer(self, known, origin):
        """Of two values for one field, how sure the surer is, and where one stands."""
        if known is None:
            return origin
        confidence = max(known["confidence"], origin["confidence"])
        shown = known if known.get("box") else origin
        return {**shown, "confidence": confidence}

    def _check_may_review(self, operation="read"):
        """Every entry of the cockpit: who may see, or change, these bills."""
        if not (self.env.su or self.env.user.has_groups(READERS)):
            raise AccessError(
                self.env._(
                    "You may not see vendor bills. Ask an administrator for the role "
                    "Invoicing."
                )
            )
        self.check_access(operation)

    # ------------------------------------------------------------
    # QUEUE
    # ------------------------------------------------------------

    @api.model
    def get_ai_review_queue(self, domain=None):
        """The ids of the bills that wait for a person, who waits longest first.

        :param list domain: which of them
        """
        self._check_may_review()
        waiting = Domain("state", "=", "draft")
        waiting &= Domain("ai_reading_state", "in", OPEN_STATES)
        waiting &= Domain("move_type", "in", self.get_purchase_types(True))
        found = self.search(
            waiting & Domain(domain or Domain.TRUE),
            order="create_date, id",
            limit=MOST_BILLS,
        )
        return found.ids

    def action_review_ai_bills(self):
        """Open the cockpit: for these bills; from one bill on; or for all that wait."""
        self._check_may_review()
        bills = self.filtered(lambda one: one._is_ai_queue_bill())
        if len(bills) > 1:
            ids = bills.sorted(lambda one: (one.create_date, one.id)).ids
        else:
            ids = self.get_ai_review_queue(self.env.context.get("active_domain"))
            ids = ids if bills.id in ids else bills.ids + ids
        if not ids:
            raise UserError(self.env._("No bill waits for a review."))
        action = self.env["ir.actions.client"]._for_xml_id(
            "ai_queue.account_move_action_cockpit"
        )
        action["params"] = {"ids": ids, "id": bills[:1].id or ids[0]}
        return action

    @api.model
    def get_ai_review_view(self):
        """The form of the cockpit, and whether the user may do more than look."""
        self._check_may_review()
        return {
            "view_id": self.env.ref("ai_queue.account_move_view_form_cockpit").id,
            "can_accept": self.has_access("write"),
            "can_read": self.env["ai.queue.kind.invoice"]._may_run(),
            "pace": self.get_ai_review_pace(),
        }

    # ------------------------------------------------------------
    # PACE
    # ------------------------------------------------------------

    def note_ai_review(self, seconds):
        """Keep how long somebody was at this bill; tell how it goes today.

        :param float seconds: since it was opened or this was told last
        :return: what ``get_ai_review_pace`` says
        """
        self.ensure_one()
        self._check_may_review("write")
        if self.ai_reading_id:
            self.ai_reading_id._note_review(seconds)
        return self.get_ai_review_pace()

    @api.model
    def get_ai_review_pace(self):
        """How many bills were reviewed today, and what half of them took at most."""
        self._check_may_review()
        pace = self.env["ai.queue.bill.reading"]._get_pace_of_today()
        return {
            "count": pace.count,
            "median": describe_duration(self.env, pace.median) if pace.count else "",
        }

    # ------------------------------------------------------------
    # DOCUMENT
    # ------------------------------------------------------------

    def get_ai_review_document(self):
        """The file that was read, for whoever may see the bill; {} for none."""
        self.ensure_one()
        self._check_may_review()
        file = self.ai_reading_id.attachment_id or self.message_main_attachment_id
        if not file or not file.has_access("read"):
            return {}
        first = (self.ai_reading_id.extraction or {}).get("pages") or [1]
        return {
            "id": file.id,
            "name": file.name,
            "mimetype": file.mimetype,
            "page": first[0],
        }
