# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_normalize

from odoo.addons.base.models.res_bank import sanitize_account_number

from . import bill_amounts
from .bill_reasons import make

_logger = logging.getLogger(__name__)

#: How long Odoo may look for purchase orders, seconds.
ORDER_SECONDS = 4
KINDS = {"credit_note": "in_refund", "invoice": "in_invoice"}
#: What is filled in while nobody has typed it.
FREE_FIELDS = (
    *("partner_id", "ref", "invoice_date", "invoice_date_due", "currency_id"),
    *("invoice_payment_term_id", "partner_bank_id", "payment_reference"),
)


class AiQueueBillWriter(models.AbstractModel):
    """Writes what was read into a draft bill.

    What a person typed stays: a field is written only while it is empty, or while it
    still holds what Odoo or an earlier reading put there.
    """

    _name = "ai.queue.bill.writer"
    _description = "Writing of a Read Bill"

    @api.model
    def _fill_in(self, move, data, former):
        """Fill in a draft bill; again with the same data it changes nothing.

        :param move: ``account.move``, one
        :param data: the bill as ``engine.documents.bills.invoice.to_json`` gives it
        :param former: the snapshot of the bill when a reading last wrote it; {}
        :return: list of reasons to look at it
        """
        before = move._get_ai_queue_snapshot()
        # First of all: one field that is written makes Odoo compute others.
        free = self._get_free(move, before, former)
        reasons = self._write_kind(move, data, before, former)
        data = self._turn_upright(move, data)
        reasons += self._write_vendor(move, data, before, free)
        is_currency_right = self._write_currency(move, data, free, reasons)
        self._write_header(move, data, free)
        if not is_currency_right:
            return reasons
        lines = self.env["ai.queue.bill.lines"]
        if before["lines"] and before["lines"] != former.get("lines"):
            reasons.append(make("lines_kept"))
        else:
            reasons += lines._write_into(move, data)
            self._match_orders(move, data)
        return reasons + lines._compare_totals(move, data, reasons)

    @api.model
    def _turn_upright(self, move, data):
        """What was read, with what is given back as amounts above zero."""
        is_credit = "in_refund" in (move.move_type, KINDS.get(data.get("doc_type")))
        return bill_amounts.upright(data, is_credit)

    @api.model
    def _take_back(self, move, former):
        """Empty what an earlier reading wrote, but for what a person has changed."""
        before = move._get_ai_queue_snapshot()
        names = ("partner_id", "ref", "invoice_date", "payment_reference")
        vals = {
            name: False
            for name in names
            if before.get(name) and before[name] == former.get(name)
        }
        if before["lines"] and before["lines"] == former.get("lines"):
            vals["invoice_line_ids"] = [Command.clear()]
        if vals:
            move.write(vals)

    # ------------------------------------------------------------
    # HEADER
    # ------------------------------------------------------------

    def _get_free(self, move, before, former):
        """The names of the fields that nobody has typed."""
        usual = self._get_usual(move)
        free = {
            name
            for name in FREE_FIELDS
            if not before[name]
            or (name in former and before[name] == former[name])
            or self._is_computed(move, name, before, former, usual)
        }
        if "invoice_payment_term_id" not in free:
            # Whoever chose the terms, chose what they come to.
            free.discard("invoice_date_due")
        return free

    def _get_usual(self, move):
        """The bill as Odoo makes one for this vendor, with its terms and account."""
        names = ("move_type", "journal_id", "partner_id", "currency_id")
        vals = {name: move[name] for name in names}
        return move.new(move._convert_to_write(vals))

    def _is_computed(self, move, name, before, former, usual):
        """Whether a field holds what Odoo put there by itself."""
        if name == "partner_id":
            # By the sender of the mail, who may have forwarded it.
            sender = email_normalize(move.invoice_source_email or "")
            return bool(sender) and move.partner_id.email_normalized == sender
        if name == "currency_id":
            journal = move.journal_id.currency_id or move.company_id.currency_id
            return move.currency_id == journal
        if name in ("invoice_payment_term_id", "partner_bank_id"):
            # With the vendor; what was chosen since a reading, was chosen by a person.
            is_new = before["partner_id"] != former.get("partner_id")
            return is_new and before[name] == usual[name]._origin.id
        if name != "invoice_date_due":
            return False
        days = {move.create_date.date(), fields.Date.context_today(move)}
        if move.invoice_payment_term_id:
            days |= {key["date_maturity"] for key in move.needed_terms or {}}
        # Odoo sets it to the day on which the bill is made, and to what terms say.
        return move.invoice_date_due in days

    def _write_kind(self, move, data, before, former):
        """Make a bill a credit note, or back; the reasons why it is not.

        Only for what the document says itself, and never against what a person chose:
        a bill that is a credit note from the start was made one on purpose.
        """
        kind = KINDS.get(data.get("doc_type"))
        origin = (data.get("fields") or {}).get("doc_type") or {}
        if not kind or origin.get("by") == "solved" or move.move_type == kind:
            return []
        if move.move_type not in KINDS.values():
            return []
        is_chosen = before["move_type"] != former.get("move_type", "in_invoice")
        if kind == "in_invoice":
            is_chosen = is_chosen or not former.get("is_switched")
        is_untouched = not before["lines"] or before["lines"] == former.get("lines")
        if is_chosen or move.posted_before or not is_untouched:
            return [make("type_differs" if kind == "in_refund" else "type_is_bill")]
        move.action_switch_move_type()
        return []

    def _write_vendor(self, move, data, before, free):
        found = self.env["ai.queue.bill.vendor"]._find(move.company_id, data)
        if not found.partner:
            # Who is there already was chosen: nothing to say about the name.
            return found.reasons if not move.partner_id else []
        if found.partner == move.commercial_partner_id:
            return found.reasons
        if "partner_id" in free:
            terms = self._get_kept_terms(before, free)
            move.write({"partner_id": found.partner.id, **terms})
            return found.reasons
        kept, read = move.partner_id.display_name, found.partner.display_name
        return [make("vendor_kept", kept=kept, read=read)]

    def _get_kept_terms(self, before, free):
        """What a person has typed, and the terms of another vendor would replace."""
        names = {"invoice_payment_term_id", "invoice_date_due"} - free
        kept = {name: before[name] or False for name in names}
        if kept:
            kept.setdefault("invoice_payment_term_id", False)
        return kept

    def _write_currency(self, move, data, free, reasons):
        """Whether amounts may be written, for the currency is that of the document."""
        code = data.get("currency")
        if not code or move.currency_id.name == code:
            return True
        currencies = self.env["res.currency"].with_context(active_test=False)
        currency = currencies.search([("name", "=", code)], limit=1)
        if not currency:
            reasons.append(make("currency_unknown", currency=code))
            return False
        if "currency_id" not in free:
            kept = move.currency_id.name
            reasons.append(make("currency_kept", read=code, kept=kept))
            return False
        if not currency.active:
            # Odoo posts nothing in it; the amounts are right already.
            reasons.append(make("currency_inactive", currency=code))
        move.currency_id = currency
        return True

    def _write_header(self, move, data, free):
        vals = {}
        for name, key in (
            ("ref", "invoice_number"),
            ("invoice_date", "invoice_date"),
            ("invoice_date_due", "due_date"),
            ("payment_reference", "payment_reference"),
        ):
            value = data.get(key)
            if value and name in free:
                vals[name] = value
        if vals.get("invoice_date_due"):
            # The terms of the vendor would compute another one.
            vals["invoice_payment_term_id"] = False
        if data.get("po_number") and not move.invoice_origin:
            vals["invoice_origin"] = data["po_number"]
        if vals:
            move.write(vals)
        if "partner_bank_id" in free:
            self._write_bank(move, data)

    def _write_bank(self, move, data):
        """The printed account, if it is a known one of the vendor; none is made."""
        known = move.bank_partner_id.bank_ids.filtered(
            lambda one: one.company_id.id in (False, move.company_id.id)
        ).grouped("sanitized_acc_number")
        for name in ("payee_iban", "vendor_iban", "vendor_account"):
            bank = known.get(sanitize_account_number(data.get(name) or ""))
            if bank:
                move.partner_bank_id = bank[:1]
                return

    # ------------------------------------------------------------
    # ORDERS
    # ------------------------------------------------------------

    def _match_orders(self, move, data):
        """Purchase orders, by Odoo's own hook; without ``purchase`` it does nothing."""
        if not move.partner_id:
            return
        references = [data["po_number"]] if data.get("po_number") else []
        try:
            with self.env.cr.savepoint():
                move._find_and_set_purchase_orders(
                    references,
                    move.partner_id.id,
                    move.amount_total,
                    from_ocr=True,
                    timeout=ORDER_SECONDS,
                )
        except (UserError, ValueError):
            # As Odoo's own import: the bill stays as it was read.
            _logger.warning("No purchase orders for bill %s", move.id, exc_info=True)
