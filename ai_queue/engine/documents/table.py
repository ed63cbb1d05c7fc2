"""The lines of a bill: found by the header of their table, proven by arithmetic.

The header says what a column is; that quantity times price is the amount says that it
was understood. Rows without a header are taken only where the arithmetic holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from . import labels
from .amounts import CENT, FOOT, Solution
from .facts import by_of
from .invoice import Field, Line
from .money import Amount
from .segments import Row, Text, box_of
from .shapes import Word
from .text import fold

ZERO = Decimal(0)

#: Column -> what its header says, for folded text. The first that matches counts.
_COLUMNS = (
    (
        "amount",
        r"gesamt\s?-?preis|total price|prix ?total|totaal\s?prijs|prezzo totale"
        r"|precio total|preco total|ext\w*\.? price|line (?:price|total|amount)"
        r"|(?:line |net |price )amount|positions?-?\s?betrag",
    ),
    ("base", r"(?:basis|base)menge|price per"),
    (
        "discount",
        r"(?:disc(?:ount)?|rabatt|nachlass|remise|korting|sconto|dto|descuento|desconto)"
        r"s?\b|%\s*(?:disc|rab)",
    ),
    (
        "price",
        r"(?:unit|each|list|net)\s*-?(?:price|cost|rate)|price(?:\s*/|\s*per)?|rate\b"
        r"|cost\b|\w*e\s?-?preis|\w*preis\w*|prix|p\.?\s?u\.?\b|\w*prijs|tarief|tarif"
        r"|prezzo|precio|preco|unit(?:aire|ario)\b|each\b|u/?price|e\.p\.",
    ),
    (
        "quantity",
        r"q(?:uanti)?ty|quantit\w*|qte|qta|menge|anzahl|stuck(?:zahl)?\b|anz\.?\b|aantal"
        r"|hoeveelheid|nombre|nbre?\b|cant(?:idad|\.)?\b|quantidade|qtd|hours|stunden|std\.|heures|uren"
        r"|ore\b|horas|shipped|q\.ta|units\b|pcs",
    ),
    (
        "tax",
        r"(?:sales )?tax\b|vat\b|mwst|m\.?w\.?st|u\.?st\.?\b|steuer\w*|tva|btw"
        r"|iva\b|gst|aliquota",
    ),
    (
        "amount",
        r"(?:line |net |ext(?:ended)?\.? |sub-?)?(?:amount|total)\b|\w*betrag|gesamt\w*"
        r"|summe|entgelt|montant|total|bedrag|totaal|importo|importe|valor|extended"
        r"|\w*wert\b|ext\.|value\b|netto\b|subtotal|totale|amt\b|wert\b|somme",
    ),
    ("unit", r"unit\b|einheit|uom\b|um\b|unite|eenheid|unita|unidad|u\.m\.|me\b|eh\b"),
    (
        "text",
        r"description|item|product|service|details|particulars|article\b|work\b"
        r"|\w*beschreibung|bezeichnung|artikel|produkt|leistung|position\b|designation"
        r"|libelle|prestation|intitule|omschrijving|dienst|descrizione|prodotto"
        r"|descripcion|concepto|producto|descricao|produto|artigo|articolo|charges?\b"
        r"|material",
    ),
    ("code", r"code|sku|ref\b|art\.?-?\s?nr|item\s?(?:no|#)|part|pos\.?\b|#|nr?o?\."),
    ("date", r"date|datum|data|fecha|period"),
)
_HEADERS = tuple(
    (name, re.compile(rf"(?<![a-z])(?:{text})")) for name, text in _COLUMNS
)
_NUMERIC = ("quantity", "price", "amount", "tax", "discount", "base")
_PRODUCT = {"quantity", "price", "amount"}
#: Rows under the table that carry an amount over to the next page.
_CARRY = re.compile(r"ubertrag|carried|brought|report\b|transport\b|a reporter|riporto")
#: How far apart the rows of one line may stand, in heights of a row.
_APART = 4.0


@dataclass(frozen=True, eq=False)
class _Column:
    name: str
    x0: float
    x1: float

    def distance(self, x0, x1):
        """How badly a thing fits under the header: 0 where they overlap."""
        if min(x1, self.x1) - max(x0, self.x0) > 0:
            return 0.0
        return max(x0 - self.x1, self.x0 - x1)


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
        header, after = _header(text, at, by_row)
        if not header:
            at += 1
            continue
        some, at = _body(text, header, after, by_row)
        items += some
    if not items:
        items = _bare(text, by_row)
    return Table(items, text)


# ------------------------------------------------------------
# HEADER
# ------------------------------------------------------------


def _header(text, at, by_row):
    """The columns of a header that begins in a row, and the row after it.

    A header may take several rows; none of them holds money.
    """
    first = text.rows[at]
    columns, widest, end = [], 0, at
    while end < len(text.rows) and end - at < 6:
        row = text.rows[end]
        above = text.rows[end - 1] if end > at else row
        if row.page != first.page or row.top - above.bottom > 1.5 * row.height:
            break
        if ":" in row.text:
            break  # a label with its value, and no header
        numbers = [one for one in by_row.get(end, ()) if not one.percent]
        if len(numbers) > 1 or any(one.money for one in numbers):
            break
        some = _columns(row)
        if end > at and not some:
            break
        columns += some
        widest = max(widest, len(some))
        end += 1
    columns = _merged(columns)
    names = {one.name for one in columns}
    numeric = names & {"quantity", "price", "amount"}
    enough = len(numeric) >= 2 or (numeric and "text" in names and "amount" in names)
    if not enough or widest < 2 or not columns:
        return None, at
    return columns, end


def is_header(row: Row) -> bool:
    """Whether a row looks like the header of a table."""
    return len(_columns(row)) > 2


def _columns(row: Row):
    """The headers of columns in a row, each with its place."""
    found = []
    for segment in row.segments:
        if len(segment.text) > 60:
            continue
        hits = []
        for name, pattern in _HEADERS:
            for match in pattern.finditer(segment.folded):
                start, end = match.span()
                if not any(start < other[1] and other[0] < end for other in hits):
                    hits.append((start, end, name))
        for start, end, name in _combined(segment, sorted(hits)):
            box = segment.box(start, end)
            found.append(_Column(name, box.x0, box.x1))
    return found


def _combined(segment, hits):
    """Hits of one segment: several headers that stand close, or one of many words.

    "Unit Price" is one header, "BTW Prijs incl. BTW" are two: blanks that are wider
    than the others of the segment separate them.
    """
    if not hits:
        return []
    if len(hits) == 1:
        return [(0, len(segment.text), hits[0][2])]
    words = segment.words
    gaps = [b.x0 - a.x1 for a, b in zip(words, words[1:], strict=False)]
    narrow = min(gaps, default=0)
    starts, at = [0], 0
    begins = {hit[0]: hit[2] for hit in hits}
    for word, gap in zip(words, gaps, strict=False):
        before, at = at, at + len(word.text) + 1
        percent = word.text.endswith("%") and begins.get(at) in _APART_NAMES
        pair = {begins.get(before), begins.get(at)}
        if percent or (len(pair) == 2 and pair <= _APART_NAMES):
            starts.append(at)
        elif gap > 1.6 * max(narrow, 0.1) and gap > 0.35 * segment.height:
            starts.append(at)
    result = []
    for start, end in zip(starts, [*starts[1:], len(segment.text)], strict=True):
        inside = [hit for hit in hits if start <= hit[0] < end]
        if inside:
            best = min(inside, key=lambda hit: _RANK[hit[2]])
            result.append((start, end, best[2]))
    return result


#: Which of two headers that stand above one another, or in one, tells more.
_TELLING = ("base", "discount", "price", "quantity", "amount", "tax", "unit")
_TELLING += ("text", "code", "date")
_RANK = {name: rank for rank, name in enumerate(_TELLING)}
#: Columns whose headers stand apart even where only a blank is between them.
_APART_NAMES = {"quantity", "price", "amount"}


def _merged(columns):
    """Headers above one another are one column; the more telling name wins."""
    merged = []
    for one in columns:
        for at, other in enumerate(merged):
            if other.distance(one.x0, one.x1) == 0:
                best = min(other, one, key=lambda column: _RANK[column.name])
                merged[at] = _Column(
                    best.name, min(one.x0, other.x0), max(one.x1, other.x1)
                )
                break
        else:
            merged.append(one)
    return _one_amount(merged)


def _one_amount(columns):
    """Of several amounts the last is the line's; one before the price is a quantity."""
    columns = sorted(columns, key=lambda one: one.x0)
    names = [one.name for one in columns]
    if names.count("amount") < 2:
        return columns
    last = len(names) - 1 - names[::-1].index("amount")
    if "quantity" not in names and "price" in names:
        first = names.index("amount")
        if first < names.index("price"):
            one = columns[first]
            columns[first] = _Column("quantity", one.x0, one.x1)
    return [one for at, one in enumerate(columns) if one.name != "amount" or at == last]


# ------------------------------------------------------------
# BODY
# ------------------------------------------------------------


def _body(text, columns, start, by_row):
    """The lines under a header.

    :return: the lines, and the row after the last one
    """
    items, at, footed = [], start, False
    page = text.rows[start].page if start < len(text.rows) else 0
    while at < len(text.rows):
        row = text.rows[at]
        if row.page != page:
            break
        if at > start and _header(text, at, by_row)[0]:
            break
        numbers = by_row.get(at, ())
        cells = _cells(columns, numbers)
        at += 1
        if _is_foot(row, _nearest(columns, numbers, labelled=True), items):
            footed = True  # the subtotal of a section, or the end
        elif not footed or _multiplies(cells):
            footed = not _take(items, row, cells, columns)
    found = [item for item in items if "amount" in item.cells]
    for item in found:
        _prove(item)
    return found, max(at, start)


def _cells(columns, amounts):
    """Column -> number of a row, by what is nearest to each header."""
    cells = _nearest(columns, amounts)
    if _multiplies(cells):
        return cells
    ordered = _in_order(columns, amounts)
    if _multiplies(ordered):
        return ordered
    return _any_product(columns, amounts) or cells


def _any_product(columns, amounts):
    """Three numbers of a row, left to right, that multiply, whatever stands between."""
    names = {one.name for one in columns}
    if not {"price", "amount"} <= names or not amounts or not amounts[-1].money:
        return {}
    *factors, amount = [one for one in amounts if not one.percent][-8:] or [None]
    for quantity, price in combinations(factors, 2):
        cells = {"quantity": quantity, "price": price, "amount": amount}
        if price.money and quantity.value > 1 and _multiplies(cells):
            return cells
    return {}


def _in_order(columns, amounts):
    """Column -> number, where there are as many numbers as columns for them."""
    numeric = [one for one in columns if one.name in _NUMERIC]
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
    return any(
        _close(quantity * price * share, amount)
        for amount in cells["amount"].values
        for price in cells["price"].values
        for quantity in cells["quantity"].values
        for share in (1 - discount, 1)
        if amount
    )


def _nearest(columns, amounts, labelled=False):
    """Column -> number of a row, by the header that is nearest to each.

    :param labelled: also numbers that have a label of their own, which no cell has
    """
    cells, fits = {}, {}
    numeric = [one for one in columns if one.name in _NUMERIC]
    for amount in amounts:
        box = amount.box
        before = amount.segment.text[: amount.start]
        if not labelled and re.search(r"[A-Za-z].*:", before):
            continue
        near = sorted(numeric, key=lambda one: _off(one, box))
        if not near or near[0].distance(box.x0, box.x1) > 40:
            continue
        others = [one for one in columns if one.name in ("text", "code", "date")]
        if (
            any(one.distance(box.x0, box.x1) == 0 for one in others)
            and near[0].distance(box.x0, box.x1) > 0
        ):
            continue
        name, off = near[0].name, _off(near[0], box)
        if amount.percent and name in ("amount", "price", "quantity"):
            name = "discount" if "discount" in {one.name for one in numeric} else "tax"
        if name not in cells or off < fits[name]:
            cells[name], fits[name] = amount, off
    return cells


def _off(column, box):
    """How far a number is from a header: overlap first, then the nearer edges."""
    apart = column.distance(box.x0, box.x1)
    edges = min(
        abs(box.x1 - column.x1),
        abs(box.x0 - column.x0),
        abs((box.x0 + box.x1) - (column.x0 + column.x1)) / 2,
    )
    return (apart, edges)


def _is_foot(row, cells, items):
    """Whether a row is the first below the lines: a subtotal, a tax, a total."""
    if not items:
        return False
    words = " ".join(
        one.folded for one in row.segments if re.search("[a-z]{2}", one.folded)
    )
    if _CARRY.search(words):
        return True
    if not cells:  # the headers of a table of totals
        kinds = [labels.amount_kind(one.folded) for one in row.segments]
        return sum(kind in FOOT for kind in kinds) > 2
    if labels.amount_kind(words) not in FOOT or len(words) > 60:
        return False
    return "amount" in cells and not {"quantity", "price"} & cells.keys()


def _take(items, row, cells, columns):
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
    taken = {id(word) for one in cells.values() for word in _words_of(one)}
    words = [
        word
        for segment in row.segments
        for word in segment.words
        if id(word) not in taken and _is_description(word, columns)
    ]
    if words and (starts or not far):
        last.words.append(words)
    last.bottom = row.bottom
    return True


def _words_of(amount):
    return amount.segment.words_of(amount.start, amount.end)


def _is_description(word, columns):
    if not re.search(r"\w", word.text) or fold(word.text) in ("€", "$", "eur"):
        return False
    near = min(columns, key=lambda one: _off(one, word))
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
    amounts = cells["amount"].values
    if cells["amount"].segment.confidence < 1 and not cells["amount"].money:
        amounts = (*amounts, amounts[0] / 100)  # a decimal mark that was not seen
    for amount in amounts:
        for price in cells["price"].values:
            for quantity in cells["quantity"].values:
                for share in {factor, Decimal(1)}:
                    if _close(quantity * price * share, amount):
                        item.values |= {
                            "amount": amount,
                            "price": price,
                            "quantity": quantity,
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
