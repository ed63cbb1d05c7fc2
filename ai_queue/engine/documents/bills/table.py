"""The lines of a bill: found by the header of their table, proven by arithmetic.

The header says what a column is; that quantity times price is the amount says that it
was understood. Rows without a header are taken only where the arithmetic holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations, product

from ..files.shapes import Word
from . import columns, labels
from .amounts import CENT, FOOT, Solution
from .currencies import CURRENCY
from .facts import by_of
from .invoice import Field, Line
from .money import Amount
from .segments import Text, box_of
from .text import fold, has_words

ZERO = Decimal(0)

_NUMERIC = ("quantity", "price", "amount", "tax", "discount", "base")
_PRODUCT = {"quantity", "price", "amount"}
#: Rows under the table that carry an amount over to the next page.
_CARRY = re.compile(r"ubertrag|carried|brought|report\b|transport\b|a reporter|riporto")
#: What is told after the total, and is no line: what was paid, older debts.
_AFTER_THE_END = ("paid", "prior", "due")
#: Words of a row that are no more than the label of its sums.
_SHORT = 16
#: How far apart the rows of one line may stand, in heights of a row.
_APART = 4.0


@dataclass(eq=False)
class _Item:
    """A line of the table while it is put together."""

    row: int
    cells: dict[str, Amount] = field(default_factory=dict)
    values: dict[str, Decimal] = field(default_factory=dict)
    words: list[list[Word]] = field(default_factory=list)
    page: int = 1
    bottom: float = 0.0
    ties: bool = False

    @property
    def amount(self):
        return self.values.get("amount")


@dataclass
class Table:
    """The lines that were found, and the text that they stand in."""

    items: list[_Item]
    text: Text


def find(text: Text, found: Sequence[Amount]) -> Table:
    """Find the lines of a bill.

    :param found: all numbers of the document, see `money.find`
    """
    by_row: dict[int, list[Amount]] = {}
    for amount in found:
        by_row.setdefault(amount.segment.row, []).append(amount)
    items = []
    at = 0
    while at < len(text.rows):
        header, after = columns.header(text, at, by_row)
        if not header:
            at += 1
            continue
        some, at = _body(text, header, after, by_row)
        items += some
    if not items:
        items = _bare(text, by_row)
    return Table(items, text)


# ------------------------------------------------------------
# BODY
# ------------------------------------------------------------


def _body(text, heads, start, by_row):
    """The lines under a header.

    :return: the lines, and the row after the last one
    """
    items, at, footed, ended, early = [], start, False, False, []
    page = text.rows[start].page if start < len(text.rows) else 0
    while at < len(text.rows):
        row = text.rows[at]
        if row.page != page:
            break
        if at > start and columns.header(text, at, by_row)[0]:
            break
        numbers = by_row.get(at, ())
        cells = _cells(heads, numbers)
        at += 1
        if _is_foot(row, heads, numbers, items):
            footed = True  # the subtotal of a section, or the end
            ended = ended or _kind_of(row) in ("total", "due")
        elif ended and _kind_of(row) in _AFTER_THE_END:
            continue
        elif items and _is_taken_off(row, cells):
            continue
        elif not items and not cells.keys() & _PRODUCT:
            early.append(_description_words(row, {}, heads, ()))
        elif not footed or _multiplies(cells):
            footed = not _take(items, row, cells, heads, numbers)
    if early := [words for words in early if words]:
        _move_up(items, early)
    found = [item for item in items if "amount" in item.cells]
    for item in found:
        _prove(item)
    return found, max(at, start)


def _cells(heads, amounts):
    """Column -> number of a row; ``base``: for how many units the price is."""
    cells = _placed(heads, amounts)
    price = cells.get("price")
    if price and "base" not in cells:
        units = max((one.per for one in heads if one.name == "price"), default=1)
        beside = columns.units_of(price.segment.folded[price.end :])
        base = Decimal(max(units, beside))
        if base > 1:
            cells["base"] = replace(price, text=str(base), values=(base,))
    return cells


def _placed(heads, amounts):
    """Column -> number of a row, by what is nearest to each header."""
    cells = _completed(_nearest(heads, amounts), amounts)
    if _multiplies(cells):
        return cells
    ordered = _in_order(heads, amounts)
    if _multiplies(ordered):
        return ordered
    return _any_product(heads, amounts) or cells


def _completed(cells, amounts):
    """Add, or change, the one cell that makes the product true.

    No header may name its column, two columns may have one name ("Amount", "Total
    with tax"), or the number of the line stands beside the quantity.
    """
    if _multiplies(cells) or len(cells.keys() & _PRODUCT) < 2:
        return cells
    known = {id(one) for name, one in cells.items() if name == "base"}
    odd = cells.get("discount")
    if odd and (odd.percent or not odd.money or odd.value <= 100):
        known.add(id(odd))
    missing = _PRODUCT - cells.keys()
    for name in missing or ("price", "quantity", "amount"):
        for one in amounts:
            if id(one) in known or one.percent:
                continue
            if one is not odd and one in cells.values():
                continue
            if name != "quantity" and not _has_decimals(one):
                continue
            if name == "amount" and cells["price"].box.x0 > one.box.x0:
                continue
            more = {key: value for key, value in cells.items() if value is not one}
            more[name] = one
            if _multiplies(more):
                return more
    return cells


def _has_decimals(amount):
    return amount.money or bool(re.search(r"\d[.,]\d", amount.text))


def _any_product(heads, amounts):
    """Three numbers of a row, left to right, that multiply, whatever stands between."""
    names = {one.name for one in heads}
    if not {"price", "amount"} <= names or not amounts or not amounts[-1].money:
        return {}
    *factors, amount = [one for one in amounts if not one.percent][-8:] or [None]
    for quantity, price in combinations(factors, 2):
        cells = {"quantity": quantity, "price": price, "amount": amount}
        if _has_decimals(price) and quantity.value > 1 and _multiplies(cells):
            return cells
    return {}


def _in_order(heads, amounts):
    """Column -> number, where there are as many numbers as heads for them."""
    numeric = [one for one in heads if one.name in _NUMERIC]
    numeric.sort(key=lambda one: one.x0)
    if len(amounts) != len(numeric):
        numeric = [one for one in numeric if one.name in _PRODUCT]
        if len(amounts) < len(numeric):
            return {}
    names = [one.name for one in numeric]
    return dict(zip(names, amounts[-len(names) :], strict=True)) if names else {}


def _multiplies(cells):
    """Whether quantity times price is the amount, discount taken off."""
    if not _PRODUCT <= cells.keys():
        return False
    discount = cells["discount"].value / 100 if "discount" in cells else ZERO
    shares = {1 - discount, Decimal(1)}
    if "base" in cells and cells["base"].value:
        shares |= {share / cells["base"].value for share in shares}
    return any(
        _close(quantity * price * share, amount)
        for amount in cells["amount"].values
        for price in cells["price"].values
        for quantity in cells["quantity"].values
        for share in shares
        if amount
    )


def _nearest(heads, amounts, labelled=False):
    """Column -> number of a row, by the header that is nearest to each.

    :param labelled: also numbers that have a label of their own, which no cell has
    """
    cells, fits = {}, {}
    numeric = [one for one in heads if one.name in _NUMERIC]
    for amount in amounts:
        box = amount.box
        before = amount.segment.text[: amount.start]
        if not labelled and re.search(r"[^\W\d_].*[:：]", before):
            continue
        near = sorted(numeric, key=lambda one: one.off(box))
        if not near or near[0].distance(box.x0, box.x1) > 40:
            continue
        others = [one for one in heads if one.name in ("text", "code", "date")]
        if (
            any(one.distance(box.x0, box.x1) == 0 for one in others)
            and near[0].distance(box.x0, box.x1) > 0
        ):
            continue
        name, off = near[0].name, near[0].off(box)
        if name == "tax" and name in cells and amount.money != cells[name].money:
            # beside its rate stands the tax itself
            if not amount.money:
                cells[name], fits[name] = amount, off
            continue
        if amount.percent and name in ("amount", "price", "quantity"):
            name = "discount" if "discount" in {one.name for one in numeric} else "tax"
        if name not in cells or off < fits[name]:
            cells[name], fits[name] = amount, off
    return cells


def _kind_of(row):
    """What the words of a row make the amounts in it."""
    words = " ".join(one.folded for one in row.segments if has_words(one.folded))
    return labels.amount_kind(words)


def _is_taken_off(row, cells):
    """A discount of the whole bill that is printed as a positive amount."""
    if cells.keys() & _PRODUCT != {"amount"} or cells["amount"].value <= 0:
        return False
    return _kind_of(row) == "discount"


def _is_foot(row, heads, numbers, items):
    """Whether a row is the first below the lines: a subtotal, a tax, a total."""
    if not items:
        return False
    words = " ".join(one.folded for one in row.segments if has_words(one.folded))
    if _CARRY.search(words) and not _multiplies(_cells(heads, numbers)):
        return True
    if not numbers:  # the headers of a table of totals
        kinds = [labels.amount_kind(one.folded) for one in row.segments]
        return sum(kind in FOOT for kind in kinds) > 2
    if labels.amount_kind(words) not in FOOT or len(words) > 60:
        return False
    cells = _nearest(heads, numbers, labelled=True)
    has_amount = "amount" in cells or any(one.money for one in numbers)
    # "Total 4,490.00 224.50 4,714.50" has sums under several columns.
    short = "quantity" not in cells and len(words) < _SHORT
    return has_amount and (short or len(cells.keys() & _PRODUCT) < 2)


def _take(items, row, cells, heads, numbers=()):
    """Add a row to the lines; ``False`` when it cannot belong to them."""
    last = items[-1] if items else None
    far = last and row.top - last.bottom > _APART * max(row.height, 1)
    has, had = cells.keys() & _PRODUCT, last.cells.keys() if last else set()
    if far and "amount" not in has and len(has) < 2:
        return False
    starts = bool(has) and (
        last is None
        or "amount" in has & had
        or len(has) > 1
        and bool(had & _PRODUCT)
        or bool(far)
    )
    if last is None and not starts:
        return True  # a line of text between the header and the first item
    if starts:
        last = _Item(row.index, page=row.page)
        items.append(last)
    for name, amount in cells.items():
        last.cells.setdefault(name, amount)
    words = _description_words(row, cells, heads, numbers)
    if words and (starts or not far):
        last.words.append(words)
    last.bottom = row.bottom
    return True


def _description_words(row, cells, heads, numbers):
    """The words of a row that are of the description, and no number of any column."""
    texts = [one for one in heads if one.name == "text"]
    taken = {id(word) for one in cells.values() for word in _words_of(one)}
    taken |= {
        id(word)
        for one in numbers
        if one.money and all(text.distance(one.box.x0, one.box.x1) for text in texts)
        for word in _words_of(one)
    }
    return [
        word
        for segment in row.segments
        for word in segment.words
        if id(word) not in taken and _is_description(word, segment, heads)
    ]


def _move_up(items, early):
    """Descriptions that end in the row of the numbers, and begin above it.

    Told by text over the first row of numbers, and none under the last.
    """
    if not items or len(items[-1].words) > 1:
        return
    if items[0].words and not any(len(item.words) > 1 for item in items):
        return
    for item in items:
        item.words, early = [*early, *item.words[:1]], item.words[1:]


def _words_of(amount):
    return amount.segment.words_of(amount.start, amount.end)


def _is_description(word, segment, heads):
    if not re.search(r"\w", word.text) or CURRENCY.fullmatch(word.text):
        return False
    texts = [one for one in heads if one.name == "text"]
    if any(one.distance(segment.x0, segment.x1) == 0 for one in texts):
        return True  # it reaches into other columns
    near = min(heads, key=lambda one: one.off(word))
    return near.name == "text" or near.distance(word.x0, word.x1) > 0


# ------------------------------------------------------------
# ARITHMETIC
# ------------------------------------------------------------


def _prove(item):
    """Choose the readings of quantity and price whose product is the amount."""
    cells = item.cells
    item.values = {name: amount.value for name, amount in cells.items()}
    if not {"quantity", "price", "amount"} <= cells.keys():
        return
    factor = Decimal(1)
    if "discount" in cells:
        factor = 1 - cells["discount"].value / 100
    bases = [cells["base"].value] if "base" in cells and cells["base"].value else []
    bases.append(Decimal(1))
    amounts = cells["amount"].values
    if cells["amount"].segment.confidence < 1 and not cells["amount"].money:
        amounts = (*amounts, amounts[0] / 100)  # a decimal mark that was not seen
    for amount in amounts:
        for price in cells["price"].values:
            for quantity, base in product(cells["quantity"].values, bases):
                for share in {factor, Decimal(1)}:
                    if _close(quantity * price * share / base, amount):
                        item.values |= {
                            "amount": amount,
                            "price": price,
                            "quantity": quantity,
                            "base": base,
                        }
                        item.ties = True
                        return
    _swap(item)


def _close(product, amount):
    return abs(abs(product) - abs(amount)) <= max(CENT, abs(amount) * Decimal("0.0005"))


def _swap(item):
    """Numbers that stand under the wrong header, where the arithmetic says so."""
    cells = item.cells
    quantity, price = cells["quantity"], cells["price"]
    amount = cells["amount"].value
    if not quantity.value or amount % quantity.value:
        return
    tax = cells.get("tax")
    if tax and _close(tax.value * quantity.value, amount) and not tax.percent:
        item.values |= {"price": tax.value, "quantity": quantity.value}
        item.ties = price is not None


def _bare(text, by_row):
    """Lines of a table whose header is not known: only rows that multiply."""
    found = []
    for row in text.rows:
        amounts = [one for one in by_row.get(row.index, ()) if not one.percent]
        if len(amounts) < 3:
            continue
        last = amounts[-1]
        item = _multiplied(row, amounts[:-1], last)
        if item:
            found.append(item)
    return found


def _multiplied(row, factors, amount):
    if not amount.money or not amount.value:
        return None
    for one in factors:
        for other in factors:
            if one is other or other.money < one.money or not other.money:
                continue
            for quantity in one.values:
                if quantity and _close(quantity * other.value, amount.value):
                    item = _Item(row.index, page=row.page, ties=True)
                    item.cells = {"quantity": one, "price": other, "amount": amount}
                    item.values = {
                        "quantity": quantity,
                        "price": other.value,
                        "amount": amount.value,
                    }
                    left = min(one.box.x0, other.box.x0)
                    words = [
                        word
                        for segment in row.segments
                        for word in segment.words
                        if word.x1 <= left and re.search("[^\\W\\d]", word.text)
                    ]
                    item.words = [words] if words else []
                    return item
    return None


def stacked(text: Text, found: Sequence[Amount], goals: Sequence[Decimal]) -> Table:
    """Lines that are only a text and an amount, above the amount that they come to.

    :param goals: what they may come to
    """
    lasts = {one.segment.row: one for one in found if one.money}
    for goal in (one for one in lasts.values() if one.value in goals and one.value):
        items, total = [], ZERO
        for at in range(goal.segment.row - 1, -1, -1):
            one = lasts.get(at)
            if one is None or not _stands_over(one, goal):
                continue
            words = text.rows[at].text[:60]
            if labels.amount_kind(fold(words)) in FOOT:
                break
            items.insert(0, _plain(text.rows[at], one))
            total += one.value
            if total == goal.value and len(items) > 1:
                return Table(items, text)
            if abs(total) > abs(goal.value):
                break
    return Table([], text)


def _stands_over(one, goal):
    edges = abs(one.box.x1 - goal.box.x1)
    return one.segment.page == goal.segment.page and edges < goal.segment.height


def _plain(row, amount):
    item = _Item(row.index, page=row.page, ties=True)
    item.cells, item.values = {"amount": amount}, {"amount": amount.value}
    taken = {id(word) for word in _words_of(amount)}
    words = [
        word
        for segment in row.segments
        for word in segment.words
        if id(word) not in taken and re.search(r"\w", word.text)
    ]
    item.words = [words] if words else []
    return item


# ------------------------------------------------------------
# RESULT
# ------------------------------------------------------------


def sums(table: Table) -> list[Decimal]:
    """What the lines may come to: all of them, and those that multiply."""
    found = [item for item in table.items if item.amount is not None]
    if not found:
        return []
    result = [sum((item.amount for item in found), ZERO)]
    proven = [item for item in found if item.ties]
    if proven and len(proven) < len(found):
        result.append(sum((item.amount for item in proven), ZERO))
    return result


def taxed(table: Table) -> tuple[Decimal, ...]:
    """What all lines come to without tax, and their tax, where each has a column."""
    items = table.items
    if not items or any(
        item.amount is None or "tax" not in item.values for item in items
    ):
        return ()
    untaxed = sum((item.amount for item in items), ZERO)
    return untaxed, sum((item.values["tax"] for item in items), ZERO)


def amounts(table: Table) -> list[Amount]:
    """The numbers that stand in the lines."""
    return [one for item in table.items for one in item.cells.values()]


def keep(table: Table, solution: Solution) -> list[Line]:
    """The lines as fields of an invoice.

    Where all of them do not come to the untaxed amount but those that multiply do,
    the others are discounts, charges or carried amounts, and no lines.
    """
    items = [item for item in table.items if item.amount is not None]
    goals = {one.value for one in (solution.untaxed, solution.total) if one is not None}
    proven = [item for item in items if item.ties]
    if goals and proven:
        everything = sum((item.amount for item in items), ZERO)
        some = sum((item.amount for item in proven), ZERO)
        if everything not in goals and some in goals:
            items = proven
    return [_line(item, table.text) for item in items]


def _line(item, text):
    cells, by = item.cells, by_of(text)
    certain = 0.95 if item.ties else 0.6

    def number(name):
        if name not in cells or name not in item.values:
            return None
        one = cells[name]
        return Field(item.values[name], one.text, one.box, by, certain)

    return Line(
        description=_description(item, by, certain),
        quantity=number("quantity"),
        unit_price=number("price"),
        price_base_quantity=number("base") if item.values.get("base", 1) > 1 else None,
        discount=number("discount"),
        tax_rate=_rate(item, by, certain),
        amount=number("amount"),
    )


def _rate(item, by, certain):
    """The tax of a line as a rate; an amount of tax says nothing here."""
    cell = item.cells.get("tax")
    words = " ".join(word.text for row in item.words for word in row)
    if (
        cell is None
        or labels.amount_kind(fold(words)) == "discount"
        or (cell.money and not cell.percent)
        or not 0 <= cell.value <= 40
    ):
        return None
    return Field(cell.value, cell.text, cell.box, by, certain)


def _description(item, by, certain):
    if not item.words:
        return None
    printed = "\n".join(" ".join(word.text for word in row) for row in item.words)
    words = [word for row in item.words for word in row]
    return Field(printed, printed, box_of(words, item.page), by, certain)
