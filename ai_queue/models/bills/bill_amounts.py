# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the amounts of a read bill come to: plain numbers, without an environment."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import NamedTuple

#: How many sums of lines are tried to tell which of them are of a rate.
MAX_SUMS = 20_000


class Extras(NamedTuple):
    """What a bill holds beside its lines and their taxes; zero where it does not.

    ``withheld``: what the buyer keeps back for the tax office. ``goal``: what the bill
    comes to before that is taken off; None when no total is printed.
    """

    rounding: Decimal
    stamp: Decimal
    withheld: Decimal
    goal: Decimal | None

    def totals(self, printed):
        """The totals that are right for a bill, with tax withheld in it or not."""
        return {printed, self.goal, self.goal - self.withheld}


def decimal(value):
    """A number of JSON as it was printed; None stays None."""
    return None if value is None else Decimal(str(value))


def unit(currency):
    """The smallest amount of a currency: a cent, a yen, a fils."""
    return Decimal(1).scaleb(-currency.decimal_places)


def round_to(amount, currency):
    """An amount as the currency has it."""
    return amount.quantize(unit(currency), ROUND_HALF_UP)


def find_sum(rows, goal):
    """Lines whose amounts add up to the goal; None when there are none."""
    reached = {Decimal(0): ()}
    for row in rows:
        for total, some in list(reached.items()):
            reached.setdefault(total + row["amount"], (*some, row))
        if goal in reached:
            return reached[goal]
        if len(reached) > MAX_SUMS:
            return None
    return reached.get(goal)


def adjustments(data):
    """Discounts and charges of the whole document: a list of dicts.

    Readings of the first versions hold no more than their sum.
    """
    found = data.get("adjustments")
    if isinstance(found, list):
        return found
    return [{"amount": found}] if found else []


def tax_amount(data):
    """The tax that is printed, else what the rates add up to; None for neither."""
    if data.get("amount_tax") is not None:
        return decimal(data["amount_tax"])
    amounts = [decimal(tax.get("amount")) for tax in data["taxes"]]
    return sum(amounts) if amounts and None not in amounts else None


def extras(data):
    """What ties the lines and taxes of a document to its total: `Extras`.

    Bills print their total before rounding, stamp duty and tax withheld, or after.
    """
    total = decimal(data.get("amount_total"))
    zero = Decimal(0)
    if total is None:
        return Extras(zero, zero, zero, None)
    names = ("rounding", "stamp", "amount_withheld")
    rounding, stamp, withheld = (decimal(data.get(name)) or zero for name in names)
    parts = {"rounding": rounding, "stamp": stamp, "withheld": -withheld}
    inside = _find_parts(data, total, {n: one for n, one in parts.items() if one})
    goal = total + (withheld if "withheld" in inside else 0)
    due = decimal(data.get("amount_due"))
    is_rounded = "rounding" in inside
    if rounding and not is_rounded and due in (total + rounding, goal + rounding):
        is_rounded, goal = True, goal + rounding
    return Extras(
        rounding if is_rounded else zero,
        stamp if "stamp" in inside else zero,
        withheld,
        goal,
    )


def _find_parts(data, total, parts):
    """The names of the parts that the total holds beside untaxed amount and tax."""
    untaxed = decimal(data.get("amount_untaxed"))
    if untaxed is not None:
        gross = untaxed + (tax_amount(data) or 0)
    elif data["lines_tax_included"]:
        gross = sum(decimal(line["amount"]) or 0 for line in data["lines"])
        gross += sum(decimal(one["amount"]) for one in adjustments(data))
    else:
        return ()
    for count in range(len(parts) + 1):
        for names in combinations(parts, count):
            if gross + sum(parts[name] for name in names) == total:
                return names
    return ()


def upright(data, is_credit):
    """Credit notes hold what is given back, whatever sign was printed."""
    total = data.get("amount_total")
    if not is_credit or total is None or total >= 0:
        return data
    amounts = ("amount_untaxed", "amount_tax", "amount_total", "amount_due")
    amounts += ("rounding", "stamp")
    lines = [
        _turn(line, ("quantity",) if line.get("quantity") else ("unit_price",))
        | {"amount": -line["amount"] if line.get("amount") is not None else None}
        for line in data["lines"]
    ]
    return {
        **_turn(data, amounts),
        "lines": lines,
        "taxes": [_turn(tax, ("base", "amount")) for tax in data["taxes"]],
        "adjustments": [_turn(one, ("amount",)) for one in adjustments(data)],
    }


def _turn(row, names):
    return {**row, **{n: -row[n] for n in names if row.get(n) is not None}}
