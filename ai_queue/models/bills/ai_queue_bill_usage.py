# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import difflib
import re
from collections import Counter

from odoo import api, models

#: How many lines of earlier bills are looked at, the latest first.
EARLIER_LINES = 200
#: How alike two descriptions must be to mean the same, 0 to 1.
ALIKE = 0.8


def line_key(name):
    """A description without what changes from bill to bill: numbers and signs."""
    return " ".join(re.sub(r"[\W\d_]+", " ", (name or "").casefold()).split())


class Usage:
    """What the earlier bills of one vendor used: products, accounts and taxes.

    People have corrected those bills, so what they last used is what they want.
    """

    def __init__(self, lines):
        """:param lines: ``account.move.line``, the latest bill first"""
        self.latest = lines[:1].move_id
        self.lines = lines
        self.by_key = {}
        for line in reversed(lines):
            key = line_key(line.name)
            if key:
                self.by_key[key] = line

    def find(self, description):
        """The last line that was about the same, or an empty recordset."""
        key = line_key(description)
        if key in self.by_key:
            return self.by_key[key]
        near = difflib.get_close_matches(key, self.by_key, 1, ALIKE) if key else []
        return self.by_key[near[0]] if near else self.lines.browse()

    def account(self):
        """The account of most lines of the last bill."""
        lines = self.lines.filtered(lambda line: line.move_id == self.latest)
        accounts = Counter(line.account_id.id for line in lines if line.account_id)
        best = accounts.most_common(1)
        account = self.lines.account_id.browse(best[0][0] if best else [])
        return account.filtered("active")

    def taxes(self, rate):
        """The taxes that last came to a rate, in percent; None when none did."""
        for line in self.lines:
            if line.price_subtotal and _is_rate(line, rate):
                if all(tax.active for tax in line.tax_ids):
                    return line.tax_ids
        return None


def _is_rate(line, rate):
    """Whether the tax of a line was of this rate, but for the rounding of cents."""
    tax = line.price_total - line.price_subtotal
    within = 1.1 * line.currency_id.rounding
    return abs(tax - line.price_subtotal * rate / 100) <= within


class AiQueueBillUsage(models.AbstractModel):
    """Products, accounts and taxes for the lines of a bill."""

    _name = "ai.queue.bill.usage"
    _description = "What Earlier Bills Used"

    @api.model
    def _of_vendor(self, move):
        """What the earlier bills of the vendor of a bill used.

        Earlier bills are the posted ones, and drafts that a person has changed.

        :return: `Usage`
        """
        lines = self.env["account.move.line"]
        vendor = move.commercial_partner_id
        if vendor:
            lines = lines.search(
                [
                    ("move_id.commercial_partner_id", "=", vendor.id),
                    ("move_id", "!=", move.id),
                    ("company_id", "=", move.company_id.id),
                    ("display_type", "=", "product"),
                    ("move_id.move_type", "in", move.get_purchase_types(True)),
                    "|",
                    ("parent_state", "=", "posted"),
                    "&",
                    ("parent_state", "=", "draft"),
                    ("move_id.is_manually_modified", "=", True),
                ],
                order="date desc, move_id desc, id",
                limit=EARLIER_LINES,
            )
        return Usage(lines)

    @api.model
    def _get_taxes(self, move, rate, usage, line=None):
        """The taxes for a rate that is printed: as used before, then by rate.

        :param float rate: in percent; None when the document says none
        :param line: the earlier line that was about the same
        :return: ``account.tax``; None when no tax of this rate is set up
        """
        taxes = self.env["account.tax"]
        if line and (rate is None or _is_rate(line, rate)):
            if all(tax.active for tax in line.tax_ids):
                return line.tax_ids
        if rate is None:
            return taxes
        known = usage.taxes(rate)
        if known is not None:
            return known
        return self._get_tax_of_rate(move, rate)

    def _get_tax_of_rate(self, move, rate):
        company = move.company_id
        usual = company.account_purchase_tax_id
        position = move.fiscal_position_id
        found = self.env["account.tax"].search(
            [
                *self.env["account.tax"]._check_company_domain(company),
                ("type_tax_use", "=", "purchase"),
                ("amount_type", "=", "percent"),
                ("amount", "=", rate),
                ("price_include", "=", False),
                ("country_id", "in", [move.tax_country_id.id, False]),
            ]
        )
        if position:
            mapped = position.map_tax(usual)
            mapped = mapped.filtered(lambda tax: _has_rate(tax, rate))
            if mapped:
                return mapped[:1]
        if usual in found:
            return usual
        if found:
            return found[:1]
        return self.env["account.tax"] if not rate else None


def _has_rate(tax, rate):
    return tax.amount_type == "percent" and abs(tax.amount - rate) < 0.001
