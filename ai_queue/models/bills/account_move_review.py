# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools.misc import formatLang

from . import bill_reasons
from .account_move import READERS

#: What a bill cannot do without: it is as sure as the least sure of them.
DECISIVE = ("vendor_name", "invoice_number", "invoice_date", "amount_total")


class AccountMove(models.Model):
    """What tells bills apart in the list of those to review.

    As read and not as written: many of them have no vendor and no lines yet.
    """

    _inherit = "account.move"

    ai_review_file = fields.Char(
        string="File", compute="_compute_ai_review", groups=READERS
    )
    ai_review_vendor = fields.Char(
        string="Vendor as Read", compute="_compute_ai_review", groups=READERS
    )
    ai_review_number = fields.Char(
        string="Number as Read", compute="_compute_ai_review", groups=READERS
    )
    ai_review_reason = fields.Char(
        string="Main Reason", compute="_compute_ai_review", groups=READERS
    )
    ai_review_confidence = fields.Float(
        string="Confidence",
        compute="_compute_ai_review",
        groups=READERS,
        help="How certain the least certain of vendor, number, date and total is.",
    )
    ai_review_total = fields.Char(
        string="Total as Read", compute="_compute_ai_review", groups=READERS
    )

    @api.depends(
        "partner_id",
        "ref",
        "currency_id",
        "amount_total",
        "ai_reading_ids.is_current",
        "ai_reading_ids.extraction",
        "ai_reading_ids.reasons",
        "ai_reading_ids.message",
        "ai_reading_ids.attachment_id.name",
    )
    @api.depends_context("lang")
    def _compute_ai_review(self):
        readings = self.ai_reading_ids.filtered("is_current").grouped("move_id")
        currencies = self._find_ai_currencies(readings.values())
        none = self.env["ai.queue.bill.reading"]
        for move in self:
            reading = readings.get(move, none)
            data = reading.extraction or {}
            move.ai_review_file = reading.attachment_id.name
            partner = move.partner_id.display_name
            move.ai_review_vendor = data.get("vendor_name") or partner
            move.ai_review_number = data.get("invoice_number") or move.ref
            move.ai_review_reason = reading._get_main_reason()
            move.ai_review_confidence = _get_confidence(data)
            move.ai_review_total = move._say_ai_total(data, currencies)

    def _say_ai_total(self, data, currencies):
        """The total with its currency, which need be neither active nor set up."""
        total, code = data.get("amount_total"), data.get("currency")
        if total is None:
            total, code = self.amount_total, None
        currency = currencies.get(code)
        if code and not currency:
            return f"{code} {formatLang(self.env, total)}"
        currency = currency or self.currency_id
        return formatLang(self.env, total, currency_obj=currency) if total else False

    def _find_ai_currencies(self, readings):
        codes = {(one.extraction or {}).get("currency") for one in readings} - {None}
        currencies = self.env["res.currency"].with_context(active_test=False)
        found = currencies.search([("name", "in", list(codes))])
        return {one.name: one for one in found}


class AiQueueBillReading(models.Model):
    _inherit = "ai.queue.bill.reading"

    def _get_main_reason(self):
        """In a few words why a person should look at it; False for no reason."""
        if self.reason_code:
            return bill_reasons.label(self.env, self.reason_code)
        return (self.message or "").partition("\n")[0] or False


def _get_confidence(data):
    """0 to 1; nothing where a decisive value was not found."""
    origins = data.get("fields") or {}
    found = [
        (origins.get(name) or {}).get("confidence", 0.0)
        for name in DECISIVE
        if data.get(name) is not None
    ]
    return min(found) if len(found) == len(DECISIVE) else 0.0
