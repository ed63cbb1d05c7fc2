# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import difflib
import re
from collections import defaultdict
from datetime import timedelta
from functools import cached_property

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.ai_queue.models.bills.ai_queue_bill_check import MAX_NAMES
from odoo.addons.ai_queue.models.bills.ai_queue_bill_usage import ALIKE, line_key

from ..matching import Match, Matching, OrderLine, Tolerance

#: Orders that are older are only found by their number.
ORDER_DAYS = 400
#: From this share of its latest bills on, a vendor is one from whom is bought by order.
ORDER_SHARE = 0.5


class AiQueueAgentOrderFacts(models.AbstractModel):
    """What orders and receipts say, by a few queries for all bills.

    Who approves bills need not be a buyer: orders are only compared, so they are read
    with all rights, within the company.
    """

    _name = "ai.queue.agent.order.facts"
    _description = "Orders and Receipts for the Approval of Vendor Bills"

    @api.model
    def _gather(self, moves):
        """The orders of bills.

        :param moves: ``account.move``, drafts of one company
        :return: {move id: ``matching.Matching``}
        """
        moves = moves.sudo()
        candidates = self._find_candidates(moves)
        # What unlinked bills take already, of this very run or in open proposals: the
        # earlier one is heard.
        taken, proposed = defaultdict(list), self._find_proposed(moves)
        chosen = {}
        for move in moves.sorted("id"):
            while proposed and proposed[0][0].id < move.id:
                other, order_line_id, quantity = proposed.pop(0)
                _take(candidates, taken, other, order_line_id, quantity)
            chosen[move] = self._choose(move, candidates)
            sign = -1 if _is_refund(move) else 1
            for line, one in chosen[move]:
                if not line.purchase_line_id:
                    quantity = sign * _quantity(line, one)
                    _take(candidates, taken, move, one.id, quantity)
        order_lines = self.env["purchase.order.line"].sudo()
        order_lines = order_lines.union(
            *(one for pairs in chosen.values() for _line, one in pairs)
        )
        billed = self._find_billed(order_lines)
        by_order = self._find_order_vendors(moves)
        found = {}
        for move, pairs in chosen.items():
            own = candidates.get(move.commercial_partner_id.id)
            found[move.id] = Matching(
                tolerance=self._tolerance(move),
                matches=[self._match(line, one) for line, one in pairs],
                order_lines={
                    one.id: self._order_line(move, one, billed[one.id], taken[one.id])
                    for _line, one in pairs
                },
                is_order_vendor=move.commercial_partner_id.id in by_order,
                has_open_orders=bool(own) and own.has_open,
                buyer_id=self._find_buyer(pairs),
            )
        return found

    def _find_proposed(self, moves):
        """What open proposals for other bills of these vendors would take.

        :return: list of (``account.move``, order line id, quantity in its unit), the
            earliest bill first
        """
        # Whoever may see which: one order is billed once.
        proposals = self.env["ai.queue.proposal"].sudo()
        proposals = proposals.search(
            [
                ("state", "=", "open"),
                ("res_model", "=", moves._name),
                ("res_id", "not in", moves.ids),
                ("company_id", "=", self.env.company.id),
                ("partner_id", "in", moves.commercial_partner_id.ids),
            ]
        )
        links = {}
        for proposal in proposals:
            links |= (proposal.values_after or {}).get("order_lines") or {}
        lines = self.env["account.move.line"].sudo().browse(map(int, links)).exists()
        lines = lines.filtered(
            lambda line: line.parent_state == "draft" and not line.purchase_line_id
        )
        orders = self.env["purchase.order.line"].sudo()
        proposed = []
        for line in lines.sorted(lambda line: (line.move_id.id, line.id)):
            one = orders.browse(links[str(line.id)]).exists()
            if one and not _is_refund(line.move_id):
                proposed.append((line.move_id, one.id, _quantity(line, one)))
        return proposed

    @api.model
    def _lock(self, proposals):
        """Hold the order lines that proposals for bills would take or have.

        Where somebody else has just billed them, this raises a conflict, and the whole
        transaction runs again.
        """
        ids = set()
        for proposal in proposals:
            ids.update(
                ((proposal.values_after or {}).get("order_lines") or {}).values()
            )
        moves = self.env["account.move"].sudo().browse(proposals.mapped("res_id"))
        ids.update(moves.exists().invoice_line_ids.purchase_line_id.ids)
        if ids:
            self.env["purchase.order.line"].flush_model()
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM purchase_order_line WHERE id IN %s ORDER BY id "
                    "FOR NO KEY UPDATE",
                    tuple(ids),
                )
            )

    def _tolerance(self, move):
        company = move.company_id
        day = move.invoice_date or fields.Date.context_today(self)

        def convert(amount):
            return company.currency_id._convert(amount, move.currency_id, company, day)

        return Tolerance(
            price_share=company.ai_queue_price_tolerance,
            price_amount=convert(company.ai_queue_price_tolerance_amount),
            quantity_share=company.ai_queue_quantity_tolerance,
            extra_amount=convert(company.ai_queue_extra_tolerance),
        )

    def _find_buyer(self, pairs):
        for _line, one in pairs:
            if one.order_id.user_id:
                return one.order_id.user_id.partner_id.id
        return 0

    # ------------------------------------------------------------
    # WHICH ORDER LINE
    # ------------------------------------------------------------

    def _find_candidates(self, moves):
        """Order lines that unlinked lines may bill: {vendor id: `Candidates`}."""
        lines = moves.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.purchase_line_id
        )
        vendors = lines.move_id.commercial_partner_id
        if not vendors:
            return {}
        since = fields.Datetime.now() - timedelta(days=ORDER_DAYS)
        numbers = {word for move in lines.move_id for word in _words(move)}
        found = self.env["purchase.order.line"].sudo()
        found = found.search(
            [
                ("order_id.partner_id", "child_of", vendors.ids),
                ("company_id", "=", self.env.company.id),
                ("display_type", "=", False),
                ("order_id.state", "=", "purchase"),
                "|",
                ("order_id.date_order", ">=", since),
                ("order_id.name", "in", list(numbers)),
            ],
            order="id",
        )
        of_vendor = found.grouped(lambda one: one.partner_id.commercial_partner_id.id)
        return {vendor_id: Candidates(some) for vendor_id, some in of_vendor.items()}

    def _choose(self, move, candidates):
        """The order line of each line of a bill that has one.

        :return: list of (``account.move.line``, ``purchase.order.line``)
        """
        pairs, words = [], {word.casefold() for word in _words(move)}
        own = candidates.get(move.commercial_partner_id.id)
        # A line of this bill takes, too, before what it takes is known to others.
        left = dict(own.left) if own else {}
        for line in move.invoice_line_ids:
            if line.display_type != "product":
                continue
            one = line.purchase_line_id
            if not one and own:
                one = self._choose_one(move, line, own, words, left)
            if one:
                pairs.append((line, one))
        return pairs

    def _choose_one(self, move, line, candidates, words, left):
        """The best of the order lines about the same, or none.

        What the bill names as its order is taken even if it is billed already: that
        is then what is wrong with it.
        """
        same = candidates.find(line)
        named = same.filtered(lambda one: one.order_id.name.casefold() in words)
        if _is_refund(move):
            fitting = named or same.filtered("qty_invoiced")
        else:
            fitting = (
                named
                or same.filtered(lambda one: left.get(one.id, 0) > 0)
                # All of it is taken by earlier bills: that is what is to be said.
                or same.filtered(lambda one: candidates.open.get(one.id, 0) > 0)
            )
        price = self.env["ai.queue.agent.bill.facts"]._price(line)

        def rank(one):
            quantity = _quantity(line, one)
            is_enough = left.get(one.id, 0) >= quantity
            return (
                abs(self._order_price(one) - price) > 0.005,
                not is_enough,
                one.id,
            )

        best = min(fitting, key=rank, default=same.browse())
        if best:
            left[best.id] = left.get(best.id, 0) - _quantity(line, best)
        return best

    # ------------------------------------------------------------
    # WHAT THE ORDER SAYS
    # ------------------------------------------------------------

    def _find_billed(self, order_lines):
        """What bills say of order lines: {order line id: list of (move, quantity)}."""
        lines = self.env["account.move.line"].sudo()
        lines = lines.search(
            [
                ("purchase_line_id", "in", order_lines.ids),
                ("parent_state", "in", ("draft", "posted")),
                ("move_id.move_type", "in", ("in_invoice", "in_refund", "in_receipt")),
            ],
            order="move_id, id",
        )
        billed = defaultdict(list)
        for line in lines:
            sign = -1 if _is_refund(line.move_id) else 1
            quantity = sign * _quantity(line, line.purchase_line_id)
            billed[line.purchase_line_id.id].append((line.move_id, quantity))
        return billed

    def _order_line(self, move, one, billed, taken):
        before = _before(move, [*billed, *taken])
        order = one.order_id
        names = dict.fromkeys(
            other.ref or other.display_name
            for other, quantity in before.items()
            if quantity > 0
        )
        day = move.invoice_date or fields.Date.context_today(self)
        return OrderLine(
            id=one.id,
            order=order.name,
            name=one.name,
            unit=one.product_uom_id.name or "",
            is_confirmed=order.state == "purchase",
            is_of_vendor=order.partner_id.commercial_partner_id
            == move.commercial_partner_id,
            is_same_currency=one.currency_id == move.currency_id,
            is_by_receipt=one.product_id.purchase_method == "receive",
            is_down_payment=one.is_downpayment,
            ordered=one.product_qty,
            received=one.qty_received,
            price=one.currency_id._convert(
                self._order_price(one),
                move.currency_id,
                move.company_id,
                day,
                round=False,
            ),
            billed=sum(before.values()),
            bills=list(names)[:MAX_NAMES],
            digits=one.product_uom_id.rounding or 0.01,
        )

    def _order_price(self, one):
        return self.env["ai.queue.agent.bill.facts"]._price(one)

    def _match(self, line, one):
        quantity = _quantity(line, one)
        price = self.env["ai.queue.agent.bill.facts"]._price(line)
        return Match(
            line_id=line.id,
            name=(line.product_id.display_name or line.name or "").split("\n")[0],
            order_line_id=one.id,
            quantity=quantity,
            price=price * line.quantity / quantity if quantity else price,
            is_linked=bool(line.purchase_line_id),
        )

    def _find_order_vendors(self, moves):
        """The ids of vendors whose latest bills were mostly for orders."""
        vendors = moves.commercial_partner_id
        since = fields.Date.context_today(self) - timedelta(days=ORDER_DAYS)
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("move_id.commercial_partner_id", "in", vendors.ids),
                    ("company_id", "=", self.env.company.id),
                    ("move_id.move_type", "=", "in_invoice"),
                    ("parent_state", "=", "posted"),
                    ("display_type", "=", "product"),
                    ("date", ">=", since),
                ],
                ["move_id", "purchase_line_id"],
            )
        )
        bills, ordered = defaultdict(set), defaultdict(set)
        for move, order_line in groups:
            vendor = move.commercial_partner_id.id
            bills[vendor].add(move.id)
            if order_line:
                ordered[vendor].add(move.id)
        return {
            vendor
            for vendor, ids in bills.items()
            if len(ordered[vendor]) >= ORDER_SHARE * len(ids)
        }


class Candidates:
    """Order lines of a vendor, found by what they are about; sorted once."""

    def __init__(self, lines):
        self._none = lines.browse()
        self._lines = lines
        self._by_product = lines.grouped("product_id")
        self.has_open = any(one.qty_to_invoice for one in lines)
        #: what Odoo knows to be unbilled, and of it what no earlier bill takes
        self.open = {one.id: one.product_qty - one.qty_invoiced for one in lines}
        self.left = dict(self.open)

    def find(self, line):
        """Those about the same as a line of a bill."""
        if line.product_id:
            return self._by_product.get(line.product_id, self._none)
        key = line_key(line.name)
        if key and key not in self._by_key:
            key = next(
                iter(difflib.get_close_matches(key, self._by_key, 1, ALIKE)), None
            )
        return _same_numbers(line, self._by_key[key]) if key else self._none

    @cached_property
    def _by_key(self):
        ids = defaultdict(list)
        for one in self._lines:
            for name in {line_key(one.name), line_key(one.product_id.display_name)}:
                ids[name].append(one.id)
        return {name: self._none.browse(some) for name, some in ids.items()}


def _take(candidates, taken, move, order_line_id, quantity):
    """Note that a bill which is not linked yet takes some of an order line."""
    taken[order_line_id].append((move, quantity))
    own = candidates.get(move.commercial_partner_id.id)
    if own and order_line_id in own.left:
        # No draft of a credit note makes room for another bill.
        own.left[order_line_id] -= max(0, quantity)


def _same_numbers(line, found):
    """Of order lines about the same words, those with the numbers of a line of a bill:
    M10 is not M8. None where several products differ by numbers that it does not have.
    """
    wanted = _numbers(line.name)

    def differs(one):
        known = _order_numbers(one)
        if known == wanted:
            return 0
        # One of them may also name an item, a code or a date.
        return 1 if known <= wanted or wanted and wanted <= known else 2

    alike = found.grouped(differs)
    same = alike[min(alike)]
    is_sure = len(same.product_id) <= 1 or len(set(map(_order_numbers, same))) == 1
    return same if is_sure else same.browse()


def _order_numbers(one):
    return _numbers(f"{one.name} {one.product_id.display_name}")


def _numbers(text):
    return frozenset(re.findall(r"\d+", text or ""))


def _before(move, billed):
    """What other bills take before a bill, less what posted ones give back.

    Of drafts the earlier one is heard, so that of two bills one is right; but no draft
    makes room for another bill, be it a credit note or a line below zero.

    :param billed: list of (``account.move``, quantity)
    :return: {``account.move``: quantity}
    """
    before = defaultdict(float)
    for other, quantity in billed:
        is_earlier = other.id < move.id and _is_refund(other) == _is_refund(move)
        if other != move and (other.state == "posted" or is_earlier):
            before[other] += quantity
    room = min if _is_refund(move) else max
    return {
        other: quantity if other.state == "posted" else room(0, quantity)
        for other, quantity in before.items()
    }


def _is_refund(move):
    return move.move_type == "in_refund"


def _words(move):
    """What may be the number of an order: words of the references of a bill."""
    data = move.ai_reading_id.extraction or {}
    texts = (
        move.invoice_origin,
        move.ref,
        move.payment_reference,
        data.get("po_number"),
    )
    for text in filter(None, texts):
        yield from re.split(r"[\s,;]+", str(text))


def _quantity(line, order_line):
    """The quantity of a line of a bill, in the unit of its order line."""
    if not line.product_uom_id or not order_line.product_uom_id:
        return line.quantity
    return line.product_uom_id._compute_quantity(
        line.quantity, order_line.product_uom_id, round=False
    )
