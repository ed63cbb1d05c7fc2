# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A vendor bill against its orders and receipts, line by line.

Plain Python, without a database.
"""

from dataclasses import dataclass, field

from odoo.addons.ai_queue_agent.findings import ASK, FOR, HOLD, NOTE, Finding

#: Less than any money: what is left of adding up fractions.
EPSILON = 1e-6
#: What the total of a bill may be rounded by, in the smallest units of its currency.
ROUNDING = 5


@dataclass(frozen=True)
class Tolerance:
    """How far a bill may be off: shares in percent, amounts in its currency."""

    price_share: float = 0.0
    price_amount: float = 0.0
    quantity_share: float = 0.0
    extra_amount: float = 0.0


@dataclass
class OrderLine:
    """A line of an order, in its unit and in the currency of the bill."""

    id: int
    order: str
    name: str
    unit: str = ""
    is_confirmed: bool = True
    is_of_vendor: bool = True
    is_same_currency: bool = True
    #: billed by what was received, else by what was ordered
    is_by_receipt: bool = True
    is_down_payment: bool = False
    ordered: float = 0.0
    received: float = 0.0
    price: float = 0.0
    #: by other bills, less credit notes: posted ones, and drafts that came before
    billed: float = 0.0
    bills: list[str] = field(default_factory=list)
    digits: float = 0.01


@dataclass
class Match:
    """A line of a bill and the order line that it bills."""

    line_id: int
    name: str
    order_line_id: int
    quantity: float  #: in the unit of the order line
    price: float  #: of one such unit, discounts taken off
    is_linked: bool = True


@dataclass
class Matching:
    """What is known about the orders of a bill."""

    tolerance: Tolerance = field(default_factory=Tolerance)
    matches: list[Match] = field(default_factory=list)
    order_lines: dict[int, OrderLine] = field(default_factory=dict)
    #: the vendor is one from whom is bought by order, sure or maybe
    is_order_vendor: bool = False
    has_open_orders: bool = False
    buyer_id: int = 0

    @property
    def line_ids(self):
        """The lines of the bill that an order vouches for."""
        return frozenset(match.line_id for match in self.matches)


def compare(bill, matching):
    """What order and receipts say about a bill.

    :param bill: ``ai_queue_agent.approval.Bill``
    :param matching: `Matching`
    :return: list of `Finding`
    """
    if not bill.lines:
        return []
    by_order_line = {}
    for match in matching.matches:
        by_order_line.setdefault(match.order_line_id, []).append(match)
    found = []
    for order_line_id, matches in by_order_line.items():
        order_line = matching.order_lines[order_line_id]
        found += _order(order_line)
        found += _prices(bill, order_line, matches, matching.tolerance)
        check = _credit if bill.is_refund else _quantity
        found += check(order_line, matches, matching.tolerance)
    found += _not_ordered(bill, matching)
    if by_order_line and not any(one.level in (HOLD, ASK) for one in found):
        orders = {matching.order_lines[i].order: None for i in by_order_line}
        found.append(Finding("matched", FOR, {"orders": ", ".join(orders)}))
    return _once(found)


def _order(line):
    values = {"order": line.order}
    if not line.is_confirmed:
        yield Finding("order_not_confirmed", HOLD, values, "buyer")
    if not line.is_of_vendor:
        yield Finding("order_of_other", HOLD, values, "buyer")
    if not line.is_same_currency:
        yield Finding("order_currency", HOLD, values, "vendor")


def _prices(bill, line, matches, tolerance):
    for match in matches:
        if not line.is_same_currency:
            continue
        more = (match.price - line.price) * match.quantity
        allowed = min(
            abs(line.price * match.quantity) * tolerance.price_share / 100,
            tolerance.price_amount,
        )
        values = {
            "line": match.name,
            "order": line.order,
            "price": match.price,
            "agreed": line.price,
            "difference": round(abs(more), 2),
        }
        if abs(more) <= max(allowed, bill.rounding) + EPSILON:
            continue
        if bill.is_refund:
            if more < 0:
                yield Finding("credit_price", ASK, values, "vendor")
        elif more > 0:
            yield Finding("price_up", HOLD, values, "vendor")
        else:
            yield Finding("price_down", NOTE, values)


def _quantity(line, matches, tolerance):
    quantity = sum(match.quantity for match in matches)
    ordered = line.ordered
    if line.is_down_payment:
        # Odoo orders nothing of it: its line is for what the first bill says.
        ordered = max(quantity, line.billed)
    share = 1 + tolerance.quantity_share / 100
    margin = line.digits / 2
    values = {
        "line": matches[0].name,
        "order": line.order,
        "billed": quantity,
        "ordered": ordered,
        "received": line.received,
        "before": line.billed,
        "bills": ", ".join(line.bills),
        "unit": line.unit,
    }
    if line.billed + quantity > ordered * share + margin:
        if line.billed > margin:
            return [Finding("billed_before", HOLD, values, "vendor")]
        return [Finding("over_ordered", HOLD, values, "vendor")]
    if not line.is_by_receipt:
        return []
    if line.billed + quantity > line.received * share + margin:
        # Where nothing came, the receipt may only not be booked yet.
        tell = "vendor" if line.received > line.billed + margin else "buyer"
        return [Finding("not_received", HOLD, values, tell)]
    return []


def _credit(line, matches, _tolerance):
    quantity = sum(match.quantity for match in matches)
    if quantity <= line.billed + line.digits / 2:
        return []
    values = {
        "line": matches[0].name,
        "order": line.order,
        "credited": quantity,
        "before": line.billed,
        "unit": line.unit,
    }
    return [Finding("credit_exceeds", HOLD, values, "vendor")]


def _not_ordered(bill, matching):
    """Lines that no order knows, as freight; or a bill without any order."""
    if not matching.matches:
        if matching.is_order_vendor:
            return [Finding("no_order", HOLD, {"vendor": bill.vendor}, "buyer")]
        if matching.has_open_orders:
            return [Finding("no_order", ASK, {"vendor": bill.vendor}, "buyer")]
        return []
    # What a discount takes off, or a credit note adds, is not to our disadvantage.
    sign = -1 if bill.is_refund else 1
    costs = [
        line
        for line in bill.lines
        if line.id not in matching.line_ids and sign * line.amount > 0
    ]
    if not costs:
        return []
    amount = sum(sign * line.amount for line in costs)
    values = {
        "lines": ", ".join(line.name for line in costs),
        "amount": round(amount, 2),
    }
    allowed = max(matching.tolerance.extra_amount, ROUNDING * bill.rounding)
    if amount <= allowed + EPSILON:
        return [Finding("extra_tolerated", NOTE, values)]
    return [Finding("not_ordered", HOLD, values, "vendor")]


def _once(findings):
    """Each once: several lines of one order say the same of it."""
    unique = {(one.code, str(one.values)): one for one in findings}
    return list(unique.values())
