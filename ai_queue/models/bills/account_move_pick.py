# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from ...engine.documents.bills import clicked, currencies
from .ai_queue_bill_alias import normalize

#: What people fill in by pointing at the page: field -> how its text is parsed.
PICKED = {
    "account.move": {
        "partner_id": "phrase",
        "ref": "code",
        "invoice_date": "date",
        "invoice_date_due": "date",
        "currency_id": "phrase",
        "invoice_payment_term_id": "phrase",
        "payment_reference": "code",
        "partner_bank_id": "phrase",
    },
    "account.move.line": {
        "product_id": "phrase",
        "name": "phrase",
        "account_id": "code",
        "quantity": "number",
        "price_unit": "number",
        "discount": "number",
        "tax_ids": "number",
    },
}
#: Of no document a page lies further from its corner, in points.
FARTHEST = 100_000


class AccountMove(models.Model):
    """What a click on a page of the document puts into a field of the bill."""

    _inherit = "account.move"

    def get_ai_review_page(self, number):
        """A page of the document: its size, and where its words stand.

        :param int number: of the page, from 1
        :return: dict with ``state``: ``ready`` with all of it, ``waiting`` while the
            words are being read, ``none`` where there are none to be had
        """
        self.ensure_one()
        self._check_may_review()
        reading = self.ai_reading_id
        if not reading.attachment_id or reading.state in ("pending", "started"):
            return {"state": "none"}
        words = reading._get_words()
        if words is None:
            if not self.env["ai.queue.kind.invoice"]._may_run():
                return {"state": "none"}
            return {"state": "waiting" if reading._queue_words() else "none"}
        page = clicked.page_of(words, number)
        if not page or not page.words:
            return {"state": "none", "turned": page.turned if page else 0}
        boxes = [[one.x0, one.top, one.x1, one.bottom] for one in page.words]
        return {
            "state": "ready",
            "width": page.width,
            "height": page.height,
            "turned": page.turned,
            "words": boxes,
        }

    def pick_ai_value(self, model, name, number, place):
        """What stands at a place of the document, as a field takes it.

        :param str model: of the field, of the bill or of its lines
        :param str name: of the field
        :param int number: of the page, from 1
        :param list place: left, upper, right and lower edge, in points
        :return: dict with ``text`` as printed and ``box``; with ``value`` where the
            text is one for this field; empty where nothing stands there
        """
        self.ensure_one()
        self._check_may_review("write")
        kind = PICKED.get(model, {}).get(name)
        if not kind:
            raise UserError(self.env._("This field is not filled in from a document."))
        page, hints = self._get_ai_page(number)
        place = tuple(min(max(float(one), -FARTHEST), FARTHEST) for one in place)
        found = page and clicked.pick(page, place, kind, hints)
        if not found:
            other = page and clicked.pick(page, place, "phrase", hints)
            return {"text": other.text} if other else {}
        box = found.box
        picked = {
            "text": found.text,
            "box": [box.x0, box.top, box.x1, box.bottom],
        }
        finder = self._get_ai_finders().get(name)
        if finder:
            code = clicked.pick(page, place, "code", hints)
            record = finder(found.value, code.value if code else "")
            if record:
                picked["value"] = {
                    "id": record.id,
                    "display_name": record.display_name,
                }
            return picked
        value = found.value
        picked["value"] = float(value) if kind == "number" else str(value)
        return picked

    def _get_ai_page(self, number):
        words = self.ai_reading_id and self.ai_reading_id._get_words()
        if not words:
            return None, None
        return clicked.page_of(words, number), clicked.hints_of(words)

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    def _get_ai_finders(self):
        """{field: what finds its record for (all words that stand together, one word)}.

        Each gives an empty recordset where none, or more than one, is meant.
        """
        return {
            "partner_id": self._find_ai_vendor,
            "currency_id": self._find_ai_currency,
            "invoice_payment_term_id": self._find_ai_terms,
            "partner_bank_id": self._find_ai_bank,
            "product_id": self._find_ai_product,
            "account_id": self._find_ai_account,
            "tax_ids": self._find_ai_tax,
        }

    def _only_ai(self, model, domain):
        records = self.env[model]
        domain = Domain(records._check_company_domain(self.company_id)) & domain
        found = records.search(domain, limit=2)
        return found if len(found) == 1 else found.browse()

    def _find_ai_vendor(self, phrase, word):
        data = {"vendor_name": phrase, "vendor_iban": phrase}
        if re.search(r"\d{4}", word):
            data["vendor_vat"] = word
        found = self.env["ai.queue.bill.vendor"]._find(self.company_id, data)
        return found.partner

    def _find_ai_currency(self, phrase, word):
        codes = [currencies.code(one) for one in (word, phrase)]
        domain = Domain("name", "in", [one for one in codes if one])
        found = self.env["res.currency"].search(domain, limit=2)
        return found if len(found) == 1 else found.browse()

    def _find_ai_terms(self, phrase, _word):
        """The terms that are one payment after as many days as are printed."""
        days = re.findall(r"\d+", phrase)
        if len(days) != 1 or len(days[0]) > 3:
            return self.env["account.payment.term"]
        terms = self.env["account.payment.term"]
        found = terms.search(
            Domain(terms._check_company_domain(self.company_id))
            & Domain("line_ids.nb_days", "=", int(days[0]))
            & Domain("early_discount", "=", False)
        )
        found = found.filtered(
            lambda one: (
                len(one.line_ids) == 1 and one.line_ids.delay_type == "days_after"
            )
        )
        return found if len(found) == 1 else found.browse()

    def _find_ai_bank(self, phrase, _word):
        printed = normalize(phrase).upper()
        found = self.bank_partner_id.bank_ids.filtered(
            lambda one: (
                one.company_id.id in (False, self.company_id.id)
                and one.sanitized_acc_number
                and one.sanitized_acc_number in printed
            )
        )
        # The number of an account is a part of its IBAN, and of others, too.
        longest = max(map(len, found.mapped("sanitized_acc_number")), default=0)
        found = found.filtered(lambda one: len(one.sanitized_acc_number) == longest)
        return found if len(found) == 1 else found.browse()

    def _find_ai_product(self, phrase, word):
        for_sale = Domain("purchase_ok", "=", True)
        by_code = Domain("default_code", "in", [one for one in (phrase, word) if one])
        by_name = Domain("name", "=ilike", escape_psql(phrase))
        return self._only_ai("product.product", for_sale & by_code) or self._only_ai(
            "product.product", for_sale & by_name
        )

    def _find_ai_account(self, _phrase, word):
        domain = Domain("code", "=", word) if word else Domain.FALSE
        return self._only_ai("account.account", domain)

    def _find_ai_tax(self, rate, _word):
        usages = self.env["ai.queue.bill.usage"]
        return usages._get_tax_of_rate(self, float(rate)) or self.env["account.tax"]
