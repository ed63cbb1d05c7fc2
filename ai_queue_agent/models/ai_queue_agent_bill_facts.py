# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from odoo.addons.ai_queue.models.bills import bill_reasons
from odoo.addons.ai_queue.models.bills.ai_queue_bill_alias import normalize
from odoo.addons.ai_queue.models.bills.ai_queue_bill_check import (
    KNOWN_BILLS,
    LATEST_BILLS,
    MAX_NAMES,
    UNUSUAL,
)
from odoo.addons.ai_queue.models.bills.ai_queue_bill_usage import Usage

from ..approval import Bank, Bill, Line, Usual

#: Reasons of a reading that the rules look at themselves, with more at hand.
OWN_REASONS = {"duplicate", "duplicate_amount", "amount_unusual"}
_LATEST = """
    SELECT id FROM (
        SELECT id, row_number() OVER (
                   PARTITION BY commercial_partner_id, move_type, currency_id
                   ORDER BY invoice_date DESC, id DESC) AS place
          FROM account_move
         WHERE company_id = %(company)s
           AND state = 'posted'
           AND move_type IN ('in_invoice', 'in_refund', 'in_receipt')
           AND commercial_partner_id = ANY(%(vendors)s)) AS earlier
     WHERE place <= %(most)s
"""


class AiQueueAgentBillFacts(models.AbstractModel):
    """What is known about vendor bills, by a few queries for all of them."""

    _name = "ai.queue.agent.bill.facts"
    _description = "Facts for the Approval of Vendor Bills"

    @api.model
    def _gather(self, moves):
        """What the rules go by.

        :param moves: ``account.move``, drafts of one company
        :return: {move id: ``approval.Bill``}
        """
        lines = moves.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        lines_of = lines.grouped("move_id")
        earlier = self._gather_earlier(moves)
        twins = self._gather_twins(moves)
        contracts = self._gather_contracts(lines)
        limits = self.env["ai.queue.approval.limit"]._of_company(self.env.company)
        bills = {}
        for move in moves:
            own = lines_of.get(move, lines.browse())
            past = earlier.get(_vendor_key(move), Past())
            bills[move.id] = Bill(
                id=move.id,
                vendor=move.commercial_partner_id.display_name or "",
                is_refund=move.move_type == "in_refund",
                has_date=bool(move.invoice_date),
                total=move.amount_total,
                total_words=self._words(move, move.amount_total),
                rounding=move.currency_id.rounding,
                lines=[self._line(one, past, contracts) for one in own],
                usual=past.usual,
                bank=self._bank(move),
                known_banks=past.banks[:MAX_NAMES],
                known_bills=KNOWN_BILLS,
                **twins[move.id],
                **self._reading(move),
                **self._amounts(move, past),
                **self._limit(move, limits),
            )
        return bills

    def _words(self, move, amount):
        return formatLang(self.env, amount, currency_obj=move.currency_id)

    def _line(self, line, past, contracts):
        last = past.find_price(line)
        return Line(
            id=line.id,
            name=(line.name or line.product_id.display_name or "").split("\n")[0],
            quantity=line.quantity,
            price=self._price(line),
            amount=line.price_subtotal,
            account=line.account_id.display_name or "",
            account_id=line.account_id.id or 0,
            product_id=line.product_id.id or 0,
            has_analytic=bool(line.analytic_distribution),
            contract_price=contracts.get(line.id, 0.0),
            last_price=last,
        )

    def _price(self, line):
        """What one unit costs, without discount and without the taxes in its price.

        :param line: of a bill or of an order
        """
        price = line.price_unit * (1 - line.discount / 100)
        return self._without_taxes(price, line.tax_ids, line)

    def _without_taxes(self, price, taxes, line):
        """A price as it is without those taxes that are included in it."""
        if not any(tax.price_include for tax in taxes.flatten_taxes_hierarchy()):
            return price
        computed = taxes.with_context(round_base=False).compute_all(
            price,
            currency=line.currency_id,
            product=line.product_id,
            partner=line.partner_id,
            rounding_method="round_globally",
        )
        return computed["total_excluded"]

    # ------------------------------------------------------------
    # EARLIER BILLS
    # ------------------------------------------------------------

    def _gather_earlier(self, moves):
        """The latest posted bills: {(vendor, type, currency): ``Past``}."""
        vendors = moves.commercial_partner_id
        if not vendors:
            return {}
        self.env["account.move"].flush_model()
        rows = self.env.execute_query(
            SQL(
                _LATEST,
                company=self.env.company.id,
                vendors=vendors.ids,
                most=LATEST_BILLS,
            )
        )
        earlier = self.env["account.move"].search(
            [("id", "in", [row[0] for row in rows])], order="invoice_date desc, id desc"
        )
        lines = self.env["account.move.line"].search(
            [("move_id", "in", earlier.ids), ("display_type", "=", "product")],
            order="date desc, move_id desc, id",
        )
        lines_of = lines.grouped(lambda line: _vendor_key(line.move_id))
        renumbered = self._find_renumbered(earlier.partner_bank_id)
        return {
            key: Past(some, lines_of.get(key, lines.browse()), renumbered)
            for key, some in earlier.grouped(_vendor_key).items()
        }

    def _find_renumbered(self, banks):
        """Which numbers accounts had before: {bank id: [(until when, number)]}.

        The oldest first. Odoo notes changes on the contact, without the account: the
        number that it has now leads to the one before.
        """
        number = self.env["ir.model.fields"]._get(banks._name, "acc_number")
        # Who approves bills need not read the chatter of contacts.
        changes = self.env["mail.tracking.value"].sudo()
        changes = changes.search(
            [
                ("field_id", "=", number.id),
                ("mail_message_id.model", "=", "res.partner"),
                ("mail_message_id.res_id", "in", banks.partner_id.ids),
            ],
            order="id desc",
        )
        of_partner = changes.grouped(lambda one: one.mail_message_id.res_id)
        renumbered = {}
        for bank in banks:
            current, before = bank.acc_number, []
            for one in of_partner.get(bank.partner_id.id, ()):
                if normalize(one.new_value_char) == normalize(current):
                    current = one.old_value_char
                    before.insert(0, (one.create_date, current))
            renumbered[bank.id] = before
        return renumbered

    def _gather_contracts(self, lines):
        """What was agreed with vendors about products: {line id: price of one}."""
        lines = lines.filtered("product_id")
        vendors = lines.move_id.commercial_partner_id
        today = fields.Date.context_today(self)
        # Who approves bills need not see prices of vendors: they are only compared.
        sellers = self.env["product.supplierinfo"].sudo()
        sellers = sellers.search(
            [
                ("product_tmpl_id", "in", lines.product_id.product_tmpl_id.ids),
                ("partner_id", "child_of", vendors.ids),
                ("company_id", "in", (False, self.env.company.id)),
                ("price", ">", 0),
            ]
        )
        by_product = defaultdict(list)
        for seller in sellers:
            key = seller.partner_id.commercial_partner_id.id, seller.product_tmpl_id.id
            by_product[key].append(seller)
        prices = {}
        for line in lines:
            move, product = line.move_id, line.product_id
            day = move.invoice_date or today
            fitting = [
                seller
                for seller in by_product[
                    (move.commercial_partner_id.id, product.product_tmpl_id.id)
                ]
                if seller.product_id.id in (False, product.id)
                and seller.currency_id == move.currency_id
                and (not seller.date_start or seller.date_start <= day)
                and (not seller.date_end or seller.date_end >= day)
                and seller.min_qty
                <= line.product_uom_id._compute_quantity(
                    line.quantity, seller.product_uom_id, round=False
                )
            ]
            if fitting:
                highest = max(seller.price_discounted for seller in fitting)
                # Agreed on as the taxes of the product say: with them, or without.
                taxes = product.supplier_taxes_id.sudo()
                taxes = taxes._filter_taxes_by_company(move.company_id)
                prices[line.id] = product.uom_id._compute_price(
                    self._without_taxes(highest, taxes, line), line.product_uom_id
                )
        return prices

    # ------------------------------------------------------------
    # THIS BILL
    # ------------------------------------------------------------

    def _reading(self, move):
        """What reading the document left open."""
        reasons = [
            one for one in move._get_ai_open_reasons() if one["code"] not in OWN_REASONS
        ]
        wrong = [one for one in reasons if one["code"] in bill_reasons.WRONG]
        return {
            "read_wrong": wrong,
            "read_doubts": [one for one in reasons if one not in wrong],
        }

    def _bank(self, move):
        bank = move.partner_bank_id
        if not bank:
            return None
        return Bank(
            id=bank.id,
            number=bank.acc_number,
            is_of_vendor=bank.partner_id.commercial_partner_id
            == move.commercial_partner_id,
            is_trusted=bank.allow_out_payment,
        )

    def _amounts(self, move, past):
        highest = max(past.usual.amounts, default=0.0)
        is_known = len(past.usual.amounts) >= KNOWN_BILLS
        # Odoo's own check knows the spread of many bills.
        watched = move.with_context(disable_abnormal_invoice_detection=False)
        is_unusual = not move.commercial_partner_id.ignore_abnormal_invoice_amount and (
            (is_known and move.amount_total > UNUSUAL * highest > 0)
            or bool(watched.abnormal_amount_warning)
        )
        return {"is_unusual": is_unusual, "usual_words": self._words(move, highest)}

    def _limit(self, move, limits):
        limit = limits._reached_by(move._get_ai_queue_amount())
        if not limit:
            return {}
        return {
            "limit_words": formatLang(
                self.env, limit.amount, currency_obj=limit.currency_id
            ),
            "approvers": limit.user_ids.mapped("name"),
        }


class Past:
    """The latest bills of a vendor, and what their lines used."""

    def __init__(self, moves=None, lines=None, renumbered=None):
        self.usual, self.banks, self.lines, self._usage = Usual(), [], lines, None
        if moves:
            banks = moves.partner_bank_id
            paid = {bank: self._get_number(bank, moves, renumbered) for bank in banks}
            self.banks = list(paid.values())
            other = banks.filtered(
                lambda bank: normalize(paid[bank]) != normalize(bank.acc_number)
            )
            self.usual = Usual(
                amounts=moves.mapped("amount_total"),
                account_ids=set(lines.account_id.ids),
                bank_ids=set((banks - other).ids),
                renumbered_ids=set(other.ids),
                analytic_share=len(lines.filtered("analytic_distribution"))
                / max(1, len(lines)),
            )

    @staticmethod
    def _get_number(bank, moves, renumbered):
        """The number of an account when a bill was to be paid to it the last time."""
        own = moves.filtered(lambda move: move.partner_bank_id == bank)
        last = max(own.mapped("create_date"))
        numbers = [old for until, old in renumbered[bank.id] if until > last]
        return numbers[0] if numbers else bank.acc_number

    def find_price(self, line):
        """What one unit of the same cost the last time; 0 where nobody knows."""
        if not self.lines:
            return 0.0
        facts = line.env["ai.queue.agent.bill.facts"]
        if line.product_id:
            same = self.lines.filtered(lambda one: one.product_id == line.product_id)
        else:
            self._usage = self._usage or Usage(self.lines)
            same = self._usage.find(line.name)
        last = same[:1]
        if not last:
            return 0.0
        price = facts._price(last)
        if last.product_uom_id and line.product_uom_id:
            return last.product_uom_id._compute_price(price, line.product_uom_id)
        return price


def _vendor_key(move):
    return move.commercial_partner_id.id, move.move_type, move.currency_id.id
