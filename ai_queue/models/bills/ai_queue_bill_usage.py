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
#: Where another addon keeps the category of a tax.
CATEGORY = "ubl_cii_tax_category_code"
#: Categories of tax that the buyer owes (UNTDID 5305) -> what names of taxes call it.
_SHIFTED = {
    "AE": re.compile(
        r"revers|13b|autoliq|verleg|invers|omvend|omvänd|odwrot|sujeto pasivo",
        re.IGNORECASE,
    ),
    "K": re.compile(
        r"intra|innergem|\be\.?u\b|\bu\.?e\b|communaut|comunit|wewnątrz",
        re.IGNORECASE,
    ),
}


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

        Earlier bills are the posted ones, and drafts that a person has changed. Before
        them all comes the bill of which a person says that it is the example.

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
            lines = self._get_example(move) | lines
        return Usage(lines)

    def _get_example(self, move):
        """The lines of the bill that the others of its vendor are to be like."""
        key = self.env.context.get("ai_queue__example")
        example = self.env["account.move"].browse(key or []).exists()
        example = example.filtered(
            lambda one: (
                one.commercial_partner_id == move.commercial_partner_id
                and one.company_id == move.company_id
                and one != move
            )
        )
        return example.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )

    @api.model
    def _get_taxes(self, move, rate, usage, line=None, category=None):
        """The taxes for a rate that is printed: as used before, then by rate.

        :param float rate: in percent; None when the document says none
        :param line: the earlier line that was about the same
        :param category: of the tax, a code of UNTDID 5305; None when the document says
            none
        :return: ``account.tax``; None when no tax of this rate is set up
        """
        taxes = self.env["account.tax"]
        if self._is_shifted(category) and not rate:
            return self._get_shifted(move, usage, line, category)
        if line and (rate is None or _is_rate(line, rate)):
            if all(tax.active for tax in line.tax_ids):
                return line.tax_ids
        if rate is None:
            return taxes
        known = usage.taxes(rate)
        if known is not None:
            return known
        return self._get_tax_of_rate(move, rate)

    @api.model
    def _is_shifted(self, category):
        """Whether the buyer owes the tax, so that Odoo books both sides of it."""
        return category in _SHIFTED

    def _get_shifted(self, move, usage, line, category):
        """The taxes for reverse charge; None when nothing tells which they are."""
        for earlier in [line, *usage.lines]:
            taxes = earlier.tax_ids if earlier else self.env["account.tax"]
            if taxes and all(tax.active and comes_to_nothing(tax) for tax in taxes):
                return taxes
        usual = move.company_id.account_purchase_tax_id
        mapped = move.fiscal_position_id.map_tax(usual).filtered(comes_to_nothing)
        if mapped:
            return mapped[:1]
        found = self.env["account.tax"].search(self._get_tax_domain(move))
        found = found.filtered(comes_to_nothing)
        by_code = found.filtered(lambda tax: _get_category(tax) == category)
        by_name = found.filtered(lambda tax: _SHIFTED[category].search(tax.name))
        some = by_code or by_name
        same = some.filtered(lambda tax: tax.amount == usual.amount)
        return (same or some)[:1] or None

    @api.model
    def _get_withholding(self, move, rate, within):
        """The one purchase tax that takes off a rate; empty for none, or several.

        :param float rate: in percent, below zero
        :param float within: how far its rate may be from that
        """
        found = self.env["account.tax"].search(
            [
                *self._get_tax_domain(move),
                ("amount_type", "=", "percent"),
                ("amount", "<", min(rate + within, 0)),
                ("amount", ">", rate - within),
            ]
        )
        return found if len(found) == 1 else found.browse()

    def _get_tax_domain(self, move):
        return [
            *self.env["account.tax"]._check_company_domain(move.company_id),
            ("type_tax_use", "=", "purchase"),
            ("country_id", "in", [move.tax_country_id.id, False]),
        ]

    def _get_tax_of_rate(self, move, rate):
        company = move.company_id
        usual = company.account_purchase_tax_id
        position = move.fiscal_position_id
        found = (
            self.env["account.tax"]
            .search(
                [
                    *self._get_tax_domain(move),
                    ("amount_type", "=", "percent"),
                    ("amount", "=", rate),
                    ("price_include", "=", False),
                ]
            )
            .filtered(lambda tax: not (rate and comes_to_nothing(tax)))
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


def comes_to_nothing(tax):
    """Whether a tax is booked on both sides, so that nothing is paid to the vendor."""
    parts = tax.invoice_repartition_line_ids.filtered(
        lambda part: part.repartition_type == "tax"
    )
    return bool(tax.amount and parts and not sum(parts.mapped("factor_percent")))


def _get_category(tax):
    """The code of a tax for e-invoices, which another addon keeps."""
    return tax[CATEGORY] if CATEGORY in tax._fields else False


def _has_rate(tax, rate):
    return tax.amount_type == "percent" and abs(tax.amount - rate) < 0.001
