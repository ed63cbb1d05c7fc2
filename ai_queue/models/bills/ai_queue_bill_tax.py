# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import itertools

from odoo import api, models
from odoo.fields import Command

from .ai_queue_bill_usage import CATEGORY, comes_to_nothing


class AiQueueBillTax(models.AbstractModel):
    """Sets up a purchase tax of which bills have shown that it is missing."""

    _name = "ai.queue.bill.tax"
    _description = "Missing Purchase Tax"

    @api.model
    def _get_missing(self, data, reasons):
        """{rate in percent, as its reason says it: category of the tax or None}"""
        rates = [
            one["values"]["rate"] for one in reasons if one["code"] == "tax_unknown"
        ]
        parts = [*data.get("taxes", []), *data.get("lines", [])]
        return {rate: _get_category(parts, float(rate)) for rate in rates}

    @api.model
    def _create_like_usual(self, move, rate, category=None):
        """A purchase tax of this rate, with the accounts of the one that is usual.

        It has no tags: to which box of a tax report it belongs, only people know.

        :param move: ``account.move``, a bill that needs it
        :param float rate: in percent
        :param category: of the tax, a code of UNTDID 5305
        """
        usual = self._get_usual(move)
        account = usual.invoice_repartition_line_ids.account_id[:1]
        parts = [
            Command.create({"repartition_type": "base", "factor_percent": 100}),
            Command.create({"repartition_type": "tax", "account_id": account.id}),
        ]
        vals = {
            "name": self._get_free_name(move, rate),
            "invoice_label": f"{rate:g}%",
            "amount": rate,
            "amount_type": "percent",
            "type_tax_use": "purchase",
            # Prices are written without it, whatever is usual in the company.
            "price_include_override": "tax_excluded",
            "company_id": move.company_id.id,
            "country_id": move.tax_country_id.id,
            "tax_group_id": self._get_group(move, usual, rate).id,
            "invoice_repartition_line_ids": parts,
            "refund_repartition_line_ids": parts,
        }
        field = self.env["account.tax"]._fields.get(CATEGORY)
        if field and category in field.get_values(self.env):
            vals[CATEGORY] = category
        return self.env["account.tax"].create(vals)

    def _get_usual(self, move):
        """The purchase tax that others are like: that of the company, else any."""
        domain = self.env["ai.queue.bill.usage"]._get_tax_domain(move)
        found = self.env["account.tax"].search(
            [*domain, ("amount_type", "=", "percent"), ("amount", ">", 0)]
        )
        found = found.filtered(lambda tax: not comes_to_nothing(tax))
        usual = found & move.company_id.account_purchase_tax_id
        return usual or found[:1]

    def _get_group(self, move, usual, rate):
        """The tax group: one of that name, else one with the accounts of the usual."""
        name, country = self.env._("Tax %s%%", f"{rate:g}"), move.tax_country_id
        groups = self.env["account.tax.group"]
        known = groups.search(
            [
                *groups._check_company_domain(move.company_id),
                ("country_id", "in", [country.id, False]),
                ("name", "=", name),
            ],
            limit=1,
        )
        if known:
            return known
        vals = {
            "name": name,
            "country_id": country.id,
            "company_id": move.company_id.id,
        }
        group = usual.tax_group_id
        return group.copy(vals) if group else groups.create(vals)

    def _get_free_name(self, move, rate):
        """Names of taxes are unique, also beside those that are archived."""
        taxes = self.env["account.tax"].with_context(active_test=False).sudo()
        known = taxes.search(
            [
                ("company_id", "child_of", move.company_id.root_id.id),
                ("type_tax_use", "=", "purchase"),
                ("country_id", "=", move.tax_country_id.id),
            ]
        )
        names = set(known.mapped("name"))
        for number in itertools.count(1):
            name = f"{rate:g}%" + (f" ({number})" if number > 1 else "")
            if name not in names:
                return name


def _get_category(parts, rate):
    """The one category that a document gives for a rate; None for none, or several."""
    rates = {"tax_rate", "rate"}
    found = {
        one.get("tax_category")
        for one in parts
        if rate in [one.get(name) for name in rates]
    } - {None}
    return found.pop() if len(found) == 1 else None
