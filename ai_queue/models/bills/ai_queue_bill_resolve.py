# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import Any, NamedTuple

from odoo import api, fields, models

from ...engine.documents.bills.checks import HIGHEST_RATE
from .ai_queue_bill_usage import comes_to_nothing
from .ai_queue_bill_writer import KINDS
from .bill_reasons import make

#: Field of a document -> where it stands on the bill.
PLACES = {
    "doc_type": "move_type",
    "vendor_name": "partner_id",
    "vendor_vat": "partner_id",
    "vendor_address": "partner_id",
    "vendor_iban": "partner_bank_id",
    "payee_iban": "partner_bank_id",
    "invoice_number": "ref",
    "invoice_date": "invoice_date",
    "due_date": "invoice_date_due",
    "currency": "currency_id",
    "payment_reference": "payment_reference",
    "amount_untaxed": "lines",
    "amount_tax": "lines",
    "amount_total": "lines",
    "lines": "lines",
    "rounding": "lines",
    "stamp": "lines",
    "amount_withheld": "lines",
}


class _Draft(NamedTuple):
    """A bill as it is now, what was read, and what a person has changed since."""

    move: Any
    data: dict
    changed: set

    def has_new(self, name):
        """Whether a person has put something there, and not only emptied it."""
        is_there = self.move.invoice_line_ids if name == "lines" else self.move[name]
        return name in self.changed and bool(is_there)

    def comes_to_what_is_printed(self):
        """Whether lines that a person changed are those of the document."""
        lines = self.move.env["ai.queue.bill.lines"]
        return self.has_new("lines") and not lines._compare_totals(self.move, self.data)


def _is_due_later(draft, _values):
    due, day = draft.move.invoice_date_due, draft.move.invoice_date
    return not due or not day or due >= day


def _is_past(draft, _values):
    day = draft.move.invoice_date
    return bool(day) and day <= fields.Date.context_today(draft.move)


def _is_possible_tax(draft, _values):
    most = HIGHEST_RATE / 100 * abs(draft.move.amount_untaxed)
    return draft.has_new("lines") and abs(draft.move.amount_tax) <= most


def _is_other_rate(draft, values):
    amounts = draft.move.invoice_line_ids.tax_ids.mapped("amount")
    rate = float(values["rate"])
    return draft.has_new("lines") and all(abs(rate - one) > 0.001 for one in amounts)


def _is_shifted(draft, _values):
    return any(comes_to_nothing(tax) for tax in draft.move.invoice_line_ids.tax_ids)


def _is_withheld(draft, _values):
    return any(tax.amount < 0 for tax in draft.move.invoice_line_ids.tax_ids)


def _is_typed_in(draft, _values):
    return all(draft.has_new(name) for name in ("partner_id", "invoice_date", "lines"))


def _is_of_kind(draft, _values):
    return draft.move.move_type == KINDS.get(draft.data.get("doc_type"))


def _is_in_currency(draft, values):
    read = values.get("read") or values.get("currency")
    return draft.move.currency_id.name == read


def _is_active(draft, _values):
    return draft.move.currency_id.active


def _comes_to_it(draft, _values):
    return draft.comes_to_what_is_printed()


def _there(name):
    return lambda draft, _values: bool(draft.move[name])


def _new(name):
    return lambda draft, _values: draft.has_new(name)


#: Code of a reason -> whether the bill, as it is now, settles it.
SETTLED = {
    "nothing_read": _is_typed_in,
    "vendor_missing": _there("partner_id"),
    "vendor_unknown": _there("partner_id"),
    "vendor_vat": _there("partner_id"),
    "vendor_email": _new("partner_id"),
    "vendor_kept": _new("partner_id"),
    "number_missing": _there("ref"),
    "date_missing": _there("invoice_date"),
    "date_in_future": _is_past,
    "due_before_date": _is_due_later,
    "type_differs": _is_of_kind,
    "type_is_bill": _is_of_kind,
    "currency_missing": _new("currency_id"),
    "currency_unknown": _is_in_currency,
    "currency_kept": _is_in_currency,
    "currency_inactive": _is_active,
    "total_missing": _new("lines"),
    "lines_missing": _comes_to_it,
    "lines_differ": _comes_to_it,
    "lines_kept": _comes_to_it,
    "totals_differ": _comes_to_it,
    "total_unproven": _comes_to_it,
    "tax_unproven": _comes_to_it,
    "taxes_differ": _comes_to_it,
    "tax_unknown": _comes_to_it,
    "tax_rate": _is_other_rate,
    "tax_rate_high": _is_possible_tax,
    "tax_shifted": _is_shifted,
    "withheld": _is_withheld,
}


class AiQueueBillCheck(models.AbstractModel):
    """Which reasons to look at a bill a person has settled by changing it."""

    _inherit = "ai.queue.bill.check"

    @api.model
    def _get_open(self, move, data, reasons, written):
        """The reasons that still hold for a draft.

        :param move: ``account.move``, one
        :param data: the bill as ``engine.documents.bills.invoice.to_json`` gives it
        :param list reasons: why it was to be looked at
        :param dict written: the snapshot of the bill when a reading last wrote it
        """
        now = move._get_ai_queue_snapshot()
        changed = {name for name, one in now.items() if one != written.get(name, one)}
        data = self.env["ai.queue.bill.writer"]._turn_upright(move, data)
        draft = _Draft(move, data, changed)
        held = [self._check_again(draft, one) for one in reasons]
        codes = {one["code"] for one in reasons}
        return [*filter(None, held), *self._look_again(draft, codes)]

    def _check_again(self, draft, reason):
        """A reason, or what is left of it; None when the bill settles it."""
        code, values = reason["code"], reason["values"]
        if any(code in codes for codes in self._get_second_looks()):
            return None
        if code in ("uncertain", "invented"):
            names = values["fields"]
            left = [one for one in names if PLACES.get(one) not in draft.changed]
            return make(code, **{**values, "fields": left}) if left else None
        is_settled = SETTLED.get(code)
        return None if is_settled and is_settled(draft, values) else reason

    def _get_second_looks(self):
        """Codes that only the database tells -> how to find them, or another."""
        lines = self.env["ai.queue.bill.lines"]
        return {
            ("duplicate", "duplicate_amount"): lambda one: self._check_duplicates(
                one.move
            ),
            ("payee_differs",): lambda one: self._check_payee(one.move, one.data),
            ("iban_differs",): lambda one: self._check_bank(one.move, one.data),
            ("amount_unusual",): lambda one: self._check_amount(one.move),
            ("total_differs", "tax_differs", "tax_missing"): (
                lambda one: lines._compare_totals(one.move, one.data)
            ),
        }

    def _look_again(self, draft, codes):
        """What is found now of what was found before."""
        for some, look in self._get_second_looks().items():
            if codes.intersection(some):
                yield from look(draft)
