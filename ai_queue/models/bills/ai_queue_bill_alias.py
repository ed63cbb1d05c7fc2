# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import api, fields, models

#: What on a document may stand for a vendor, the surest first. No bank account is
#: among them: a forger prints their own.
KINDS = [("vat", "VAT number"), ("name", "Name")]


def normalize(value):
    """A name or number without what is printed now like this and now like that."""
    return re.sub(r"[\W_]+", "", (value or "").casefold())


class AiQueueBillAlias(models.Model):
    """What a person has taught: this name or number on a document means that vendor."""

    _name = "ai.queue.bill.alias"
    _description = "How a Vendor Stands on Bills"
    _order = "partner_id, kind, id"
    _rec_name = "printed"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Vendor",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    printed = fields.Char(required=True, readonly=True, string="On the Document")
    value = fields.Char(required=True, readonly=True)

    _value_uniq = models.UniqueIndex("(company_id, kind, value)")

    @api.model
    def _find(self, company, kind, printed):
        """The vendor for what is printed, as somebody taught it.

        :param kind: which of `KINDS`
        :param printed: {kind: text}
        :return: ``res.partner``, empty when nothing was taught
        """
        value = normalize(printed.get(kind))
        if not value:
            return self.env["res.partner"]
        alias = self.search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", kind),
                ("value", "=", value),
            ]
        )
        return alias.partner_id.filtered("active")

    @api.model
    def _learn(self, company, printed, partner):
        """Remember that what is printed means this vendor; the last word counts.

        :param printed: {kind: text}
        """
        for kind, _label in KINDS:
            value = normalize(printed.get(kind))
            if not value:
                continue
            alias = self.search(
                [
                    ("company_id", "=", company.id),
                    ("kind", "=", kind),
                    ("value", "=", value),
                ]
            )
            if alias:
                alias.partner_id = partner
            else:
                self.create(
                    {
                        "company_id": company.id,
                        "partner_id": partner.id,
                        "kind": kind,
                        "printed": printed[kind],
                        "value": value,
                    }
                )
