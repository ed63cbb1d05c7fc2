# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from collections import defaultdict
from datetime import date

from odoo import models
from odoo.tools import SQL

from odoo.addons.ai_queue.models.bills.ai_queue_bill_check import MAX_NAMES

#: What a number consists of, whatever stands between.
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_REFUND = ("in_refund",)
_BILLS = ("in_invoice", "in_receipt")
_OTHERS = """
    SELECT id, commercial_partner_id, move_type, state, ref, invoice_date, amount_total
      FROM account_move
     WHERE company_id = %(company)s
       AND state IN ('draft', 'posted')
       AND move_type IN ('in_invoice', 'in_refund', 'in_receipt')
       AND commercial_partner_id = ANY(%(vendors)s)
       AND (invoice_date IS NULL OR invoice_date BETWEEN %(since)s AND %(until)s)
"""


class AiQueueAgentBillFacts(models.AbstractModel):
    """Which earlier bills look the same as a bill.

    Beside what Odoo finds: a number counts as the same however it is separated, and
    receipts count as bills.
    """

    _inherit = "ai.queue.agent.bill.facts"

    def _gather_twins(self, moves):
        """{move id: names of earlier bills, as ``approval.Bill`` takes them}"""
        others = Others(self._fetch_others(moves))
        twins = {}
        for move in moves:
            found = move.duplicated_ref_ids.filtered(
                lambda one, move=move: one.state == "posted" or one.id < move.id
            )
            same = found.filtered(
                lambda one, move=move: move.ref and one.ref == move.ref
            )
            number, amount = others.find(move)
            same += same.browse(number) - same
            found += found.browse(amount) - found
            # Who checks a bill may not see all that would be the same.
            same, found = same.sudo(), found.sudo()
            twins[move.id] = {
                "same_number": same[:MAX_NAMES].mapped("display_name"),
                "same_amount": (found - same)[:MAX_NAMES].mapped("display_name"),
            }
        return twins

    def _fetch_others(self, moves):
        """Rows of all bills of the same vendors in the same years."""
        days = [day for day in moves.mapped("invoice_date") if day]
        vendors = moves.commercial_partner_id
        if not days or not vendors:
            return []
        self.env["account.move"].flush_model()
        return self.env.execute_query(
            SQL(
                _OTHERS,
                company=self.env.company.id,
                vendors=vendors.ids,
                since=date(min(days).year, 1, 1),
                until=date(max(days).year, 12, 31),
            )
        )


class Others:
    """Bills by what two of them have in common.

    :param rows: as `_OTHERS` has them
    """

    def __init__(self, rows):
        self._by_number, self._by_joined = defaultdict(list), defaultdict(list)
        self._by_amount = defaultdict(list)
        for bill_id, vendor, kind, state, ref, day, amount in rows:
            group = (vendor, _side(kind))
            row = (bill_id, state, day)
            total = round(float(amount or 0), 6)
            if parts := _parts(ref):
                self._by_number[(group, parts)].append(row)
                key = (group, "".join(parts), total)
                self._by_joined[key].append((_is_one(parts), row))
            if total and day:
                self._by_amount[(group, total, day)].append(row)

    def find(self, move):
        """Ids of the earlier bills of that number, and of those of that amount."""
        group = (move.commercial_partner_id.id, _side(move.move_type))
        total, day = round(move.amount_total, 6), move.invoice_date
        number = []
        if parts := _parts(move.ref):
            number += self._by_number.get((group, parts), [])
            joined = self._by_joined.get((group, "".join(parts), total), [])
            number += [row for is_one, row in joined if is_one or _is_one(parts)]
        amount = self._by_amount.get((group, total, day), [])
        return [_earlier(move, rows) for rows in (number, amount)]


def _side(kind):
    return _REFUND if kind in _REFUND else _BILLS


def _parts(ref):
    """What a number consists of: "INV-77" and "inv 77" are the same, 1-12 and 11-2
    are not."""
    return tuple(part.casefold() for part in _PARTS.findall(ref or ""))


def _is_one(parts):
    """Whether its digits stand together: 20260077 may be 2026-0077, but 2025/1/11 is
    not 2025/11/1."""
    return sum(part.isdecimal() for part in parts) == 1


def _earlier(move, rows):
    """Ids, each once, of another bill of that year; of drafts only those before it."""
    day = move.invoice_date
    return list(
        dict.fromkeys(
            bill_id
            for bill_id, state, other_day in rows
            if bill_id != move.id
            and (state == "posted" or bill_id < move.id)
            and (not day or not other_day or day.year == other_day.year)
        )
    )
