"""Untaxed, tax and total: solved from all amounts of a document, not guessed.

Labels say what an amount may be; arithmetic says what it is. Of all pairs of amounts
whose sum is printed too, the one that labels, tax rates and lines speak for wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations, product

from . import labels, money, receipts, taxes, totals
from .invoice import Field, TaxAmount
from .money import Amount, field_of
from .segments import Text
from .vocabulary import pattern

CENT = Decimal("0.01")
ZERO = Decimal(0)

#: How well the kind of a label fits each place of the triple.
_FIT = {
    "untaxed": {
        "untaxed": 1.0,
        "total": 0.3,
        "": 0.1,
        "line": 0.1,
        "due": -0.3,
        "discount": -0.3,
    },
    "tax": {"tax": 1.0, "": -0.2, "total": -0.5, "charge": -0.5},
    "total": {"total": 1.0, "due": 0.7, "": 0.0, "paid": 0.1, "untaxed": 0.1},
}
_WORST = -1.0
#: The kinds of rows that stand at the foot of a bill.
FOOT = frozenset("untaxed tax total due prior paid rounding stamp withheld".split())
#: A label of this length is a sentence, and says nothing of what an amount is.
_SENTENCE = 60
#: More candidates than this are not paired: such a document is a list of numbers.
_MOST = 400
#: A triple that scores less ties by chance.
_ENOUGH = 0.85
_HELD = 0.9  # a tax that a total holds is as sure as this where its rate proves it
#: A total is rounded by no more than this, in smallest coins of small currencies.
_MOST_ROUNDED = Decimal(1)


@dataclass(frozen=True, eq=False)
class Candidate:
    """An amount of the document and what its label makes it."""

    amount: Amount
    kind: str
    label: str

    @property
    def value(self) -> Decimal:
        """Its likeliest value."""
        return self.amount.value

    @property
    def place(self) -> int:
        """The row it stands in, counted from the beginning of the document."""
        return self.amount.segment.row


@dataclass
class Solution:
    """The amounts of a document, as fields of an `invoice.Invoice`."""

    untaxed: Field | None = None
    tax: Field | None = None
    total: Field | None = None
    due: Field | None = None
    adjustments: Field | None = None
    rounding: Field | None = None
    stamp: Field | None = None
    withheld: Field | None = None
    taxes: list[TaxAmount] = field(default_factory=list)
    lines_tax_included: bool = False
    ties: bool = False


@dataclass(frozen=True)
class _Triple:
    untaxed: Candidate
    tax: Candidate | tuple[Candidate, ...] | Decimal
    total: Candidate
    score: float
    extra: _Extra | None = None


@dataclass(frozen=True)
class _Extra:
    """What stands between untaxed plus tax and the total, by its sign in that sum."""

    parts: tuple[tuple[Candidate, Decimal], ...] = ()

    @property
    def value(self):
        return sum((value for _one, value in self.parts), ZERO)


@dataclass
class _Page:
    """All that the amounts of a document are judged by.

    ``step``: the smallest coin of the currency.
    """

    text: Text
    found: Sequence[Amount]
    options: list[Candidate]
    line_sums: Sequence[Decimal]
    line_taxed: Sequence[Decimal]
    step: Decimal
    taxes: list[TaxAmount] = field(default_factory=list)
    rates: set[Decimal] = field(default_factory=set)


def candidates(
    text: Text, found: Sequence[Amount], in_lines: Sequence[Amount] = ()
) -> list[Candidate]:
    """The amounts that may be totals: money, or numbers that a label calls so.

    :param in_lines: the numbers of the lines of the table, which no label names
    """
    result = []
    known = set(map(id, in_lines))
    for amount in found:
        if id(amount) in known:
            if amount.money:
                result.append(Candidate(amount, "line", ""))
            continue
        if amount.percent:
            continue
        label = money.label_of(text, amount)
        kind = labels.amount_kind(label) if len(label) < _SENTENCE else ""
        if kind == "untaxed" and not amount.value and pattern("tax").search(label):
            kind = "tax"  # "Tax exempt 0.00"
        if not amount.money and pattern("terms").search(label):
            continue  # "Terms: net 30"
        if amount.money or (kind and _alone(text, amount)):
            result.append(Candidate(amount, kind, label))
    return result


def _bounded(options):
    """At most `_MOST` of them: those with a label of the foot, then the last ones."""
    if len(options) <= _MOST:
        return options
    ranked = sorted(options, key=lambda one: (one.kind in FOOT, one.place))
    return sorted(ranked[-_MOST:], key=lambda one: one.place)


def _alone(text, amount):
    """Whether a number ends its row, as the totals of a bill do."""
    segment = amount.segment
    return not text.right_of(segment) and not segment.text[amount.end :].strip()


def solve(
    text: Text,
    found: Sequence[Amount],
    line_sums: Sequence[Decimal] = (),
    in_lines: Sequence[Amount] = (),
    decimals: int = 2,
    line_taxed: Sequence[Decimal] = (),
) -> Solution:
    """Find untaxed, tax and total.

    :param found: all numbers of the document, see `money.find`
    :param line_sums: sums that the lines of the table may come to
    :param in_lines: those of ``found`` that stand in the lines of the table
    :param decimals: of the currency
    :param line_taxed: what the lines come to without tax, and their tax
    """
    options = receipts.with_held_tax(_bounded(candidates(text, found, in_lines)))
    if not options:
        return Solution()
    known = set(map(id, in_lines))
    step = Decimal(1).scaleb(-decimals)
    page = _Page(text, found, options, line_sums, line_taxed, step)
    outside = [one for one in found if id(one) not in known]
    page.taxes = taxes.rows(text, outside, page.step)
    page.rates = taxes.rates(found, page.taxes)
    triple = _best_triple(page)
    alone = totals.loudest(options, line_sums)
    if triple and alone and _ties_by_chance(page, triple, alone):
        triple = None
    paid = receipts.paid_total(text, options)
    if paid:
        alone = paid
        triple = triple if triple and triple.total.value == paid.value else None
    rounded = (
        totals.rounded(options, triple.total) if triple and not triple.extra else None
    )
    parts = taxes.sums(text, outside, page.step)
    whole = totals.labelled(options, sum(parts)) if parts else None
    if whole and (triple is None or abs(triple.total.value) < abs(whole.value)):
        result = _from_rates(page, whole, parts)
    elif rounded:
        result = _without_triple(page, rounded)
    elif triple and (alone is None or not _outranks(page, alone, triple)):
        result = _from_triple(page, triple)
    else:
        result = _without_triple(page, alone, is_proven=bool(paid))
    _set_extras(page, result)
    return result


# ------------------------------------------------------------
# THE TRIPLE THAT TIES
# ------------------------------------------------------------


def _best_triple(page):
    options = _distinct(page.options)
    largest = max((abs(one.value) for one in options if one.kind == "total"), default=0)
    by_value: dict[Decimal, list[Candidate]] = {}
    for one in options:
        by_value.setdefault(one.value, []).append(one)
    extras = list(_extras(options))
    best = None
    for untaxed in options:
        for tax, amount in _taxes_for(options, page.taxes):
            if untaxed is tax or not _plausible(untaxed.value, amount):
                continue
            for extra in extras if _is_named(tax) or not amount else (None,):
                goal = untaxed.value + amount + (extra.value if extra else ZERO)
                for total in by_value.get(goal, ()):
                    if not _may_be_total(total, untaxed, tax, amount):
                        continue
                    triple = _Triple(untaxed, tax, total, 0.0, extra)
                    score = _score(page, triple, amount)
                    if largest:  # not the row of a single rate
                        score += 0.3 * float(min(1, abs(total.value) / largest))
                    if best is None or score > best.score:
                        best = _Triple(untaxed, tax, total, score, extra)
    return best if best and best.score > _ENOUGH else None


def _may_be_total(total, untaxed, tax, amount):
    if total in (untaxed, tax) and amount:
        return False
    return bool(amount) or total.kind in ("total", "due")


def _is_named(tax):
    """Whether a label, or the rows of its rates, says that it is tax."""
    return not isinstance(tax, Candidate) or tax.kind == "tax"


def _extras(options):
    """Nothing, and every choice of rounding, stamp duty and tax withheld."""
    yield None
    choices = []
    for kind, signs in (("rounding", (1, -1)), ("stamp", (1,)), ("withheld", (-1,))):
        some = [one for one in options if one.kind == kind and one.value][:2]
        if kind == "rounding":
            some = [one for one in some if abs(one.value) <= _MOST_ROUNDED]
        choices.append(
            [()]
            + [
                ((one, sign * (one.value if len(signs) > 1 else abs(one.value))),)
                for one in some
                for sign in signs
            ]
        )
    for parts in product(*choices):
        if any(parts):
            yield _Extra(tuple(part for some in parts for part in some))


def _distinct(options):
    """One candidate per value and kind: the one that stands last."""
    found = {}
    for one in options:
        label = one.label if one.kind == "tax" else ""  # CGST and SGST are two
        found[(one.value, one.kind, label)] = one
    return list(found.values())


def _taxes_for(options, rows):
    """What may be the tax: one amount, the sum of the rows per rate, or of labels."""
    for one in options:
        if one.kind == "tax" or (one.value and one.kind in ("", "total", "untaxed")):
            yield one, one.value
    labelled = [one for one in options if one.kind == "tax"][:6]
    for count in range(2, len(labelled) + 1):
        for some in combinations(labelled, count):
            yield some, sum((one.value for one in some), ZERO)
    if len(rows) > 1:
        yield ZERO, sum((one.amount.value for one in rows), ZERO)


def _plausible(untaxed, tax):
    if not untaxed or (tax and (untaxed > 0) != (tax > 0)):
        return False
    return abs(tax) <= abs(untaxed) * taxes.HIGHEST_RATE


def _score(page, triple, amount):
    untaxed, tax, total = triple.untaxed, triple.tax, triple.total
    score = _fit("untaxed", untaxed) + _fit("total", total)
    if isinstance(tax, Candidate):
        score += _fit("tax", tax)
    elif isinstance(tax, tuple):
        score += sum(_fit("tax", one) for one in tax) / len(tax)
    else:
        score += 0.9
    if amount and _is_at_rate(page, untaxed.value, amount):
        score += 0.5
    elif amount and taxes.is_whole(untaxed.value, amount, page.step):
        score += 0.3
    bases = [one.base.value for one in page.taxes]
    if len(bases) > 1 and sum(bases, ZERO) == untaxed.value:
        score += 0.6  # all the rows per rate, and not one of them
    if untaxed.value in page.line_sums:
        score += 0.8
    elif total.value in page.line_sums:
        score += 0.3
    if untaxed.place <= total.place:
        score += 0.2
    if not amount:
        score -= 0.2
    return score + (0.1 if triple.extra else 0)


def _is_at_rate(page, untaxed, tax):
    """Whether a tax is that of a rate that the page prints."""
    return any(abs(untaxed * rate - tax) <= page.step for rate in page.rates)


def _fit(role, candidate):
    return _FIT[role].get(candidate.kind, _WORST)


def _falls_short(page, total, paid):
    """Whether what was paid, or a larger part, says that it cannot be the total."""
    if paid is not None and 0 < total.value < paid.value * Decimal("0.9"):
        return True
    return total.kind == "untaxed" and any(
        one.kind == "untaxed" and abs(one.value) > abs(total.value)
        for one in page.options
    )


def _outranks(page, alone, triple):
    """Whether a labelled total speaks against a triple that ties by chance."""
    if alone.value == triple.total.value:
        return False
    if alone.value == triple.untaxed.value and triple.total.place > alone.place:
        tax = triple.total.value - triple.untaxed.value
        if taxes.is_whole(triple.untaxed.value, tax, page.step):
            return False
    return triple.score < 1.6 and alone.kind == "total"


def _ties_by_chance(page, triple, total):
    """Whether two amounts come to a total that holds another as its tax.

    95.00 for a night and 12.00 for a breakfast are 107.00 "incl. 10 % VAT 9.73".
    """
    tax = triple.tax
    if not isinstance(tax, Candidate) or tax.kind == "tax":
        return False
    if total.value != triple.total.value or triple.untaxed.kind == "untaxed":
        return False
    some = [one for one in _distinct(page.options) if one.kind == "tax" and one.value]
    held = taxes.included(total.value, some, page.found, page.step, False)
    return held is not None and held[1] >= _HELD


# ------------------------------------------------------------
# FIELDS
# ------------------------------------------------------------


def _from_triple(page, triple):
    tax, amount = _tax_of(page, triple)
    certain = min(0.99, 0.6 + 0.12 * triple.score)
    if totals.is_contradicted(page.options, triple.total):
        certain = 0.5
    result = Solution(
        untaxed=field_of(triple.untaxed.amount, certain, page.text),
        tax=tax,
        total=field_of(triple.total.amount, certain, page.text),
        taxes=_kept(page.taxes, triple.untaxed.value, amount),
        ties=True,
    )
    _keep_extra(page, result, triple.extra)
    result.due = _due(page)
    _adjust(page, result)
    return result


def _signed(one, value):
    """Tax withheld is kept as a positive number, rounding with its sign."""
    return abs(value) if one.kind == "withheld" else value


def _tax_of(page, triple):
    tax = triple.tax
    if isinstance(tax, Candidate):
        return field_of(tax.amount, 0.9, page.text), tax.value
    extra = triple.extra.value if triple.extra else ZERO
    amount = triple.total.value - triple.untaxed.value - extra
    return Field(amount, by="solved", confidence=0.9), amount


def _kept(rows, untaxed, tax):
    """The rows per rate, where they come to the tax of the document."""
    if sum((one.amount.value for one in rows), ZERO) == tax:
        return rows
    for one in rows:
        if one.amount.value == tax and one.base.value == untaxed:
            return [one]
    return []


def _without_triple(page, total, is_proven=False):
    """Where nothing ties: what the labels say, completed where one is missing."""
    options = page.options
    paid = totals.by_change(options)
    if total is None or not total.amount.money or _falls_short(page, total, paid):
        only = totals.only(options, page.text) if total is None else None
        return Solution(total=paid or only)
    certain = 0.5 if totals.is_contradicted(options, total) else 0.6
    certain = 0.9 if is_proven else certain
    result = Solution(total=field_of(total.amount, certain, page.text))
    untaxed = _labelled(options, "untaxed", total)
    tax = _labelled(options, "tax", total)
    if tax and tax.value and not untaxed:
        _include(page, result, total)
    elif tax and untaxed:
        result.tax = field_of(tax.amount, 0.5, page.text)
        result.untaxed = field_of(untaxed.amount, 0.5, page.text)
        _explain(result, options, untaxed, total)
    elif untaxed:
        _complete(page, result, untaxed, total)
    elif not tax and total.value == sum(page.line_taxed, ZERO):
        _from_columns(result, page.line_taxed)
    elif total.value in page.line_sums and not tax:
        result.untaxed = Field(total.value, by="solved", confidence=0.7)
        result.ties = True
    elif (
        not tax
        and page.line_sums
        and total.value - page.line_sums[0] in totals.changes(options)
    ):
        result.untaxed = Field(total.value, by="solved", confidence=0.7)
        result.ties = True
    result.due = _due(page)
    _adjust(page, result)
    return result


def _from_rates(page, total, parts):
    """A labelled total that only the rows of all rates come to."""
    result = Solution(total=field_of(total.amount, 0.85, page.text))
    _from_columns(result, parts)
    result.due = _due(page)
    _adjust(page, result)
    return result


def _from_columns(result, line_taxed):
    """Set what the columns of the lines come to, where no row has their sums."""
    untaxed, tax = line_taxed
    result.untaxed = Field(untaxed, by="solved", confidence=0.8)
    result.tax = Field(tax, by="solved", confidence=0.8)
    result.ties = True


def _include(page, result, total):
    """Set the tax that a total holds, and what is left without it."""
    some = [one for one in _distinct(page.options) if one.kind == "tax"][:8]
    best, found = None, None
    for extra in _extras(page.options):
        goal = total.value - (extra.value if extra else ZERO)
        ties = goal in page.line_sums or total.value in page.line_sums
        for taxed in (some, some[-1:]):
            one = taxes.included(goal, taxed, page.found, page.step, ties)
            if one and (found is None or one[1] > found[1]):
                best, found = (extra, goal, taxed), one
    if not found:
        result.tax = field_of(some[-1].amount, 0.4, page.text)
        return
    tax, certain = found
    extra, goal, taxed = best
    if len(taxed) == 1:
        result.tax = field_of(taxed[0].amount, certain, page.text)
    else:
        result.tax = Field(tax, by="solved", confidence=certain)
    if certain >= 0.6:
        result.untaxed = Field(goal - tax, by="solved", confidence=certain)
        result.ties = True
        _keep_extra(page, result, extra)


def _keep_extra(page, result, extra):
    for one, value in extra.parts if extra else ():
        item = field_of(one.amount, 0.9, page.text)
        setattr(result, one.kind, replace(item, value=_signed(one, value)))


def _complete(page, result, untaxed, total):
    """Set the tax as what a total has beyond the untaxed amount."""
    rest = total.value - untaxed.value
    if rest and rest in totals.changes(page.options):
        # "Fuel surcharge 8 %" is no tax
        result.untaxed = Field(total.value, by="solved", confidence=0.7)
        result.ties = True
        return
    result.untaxed = field_of(untaxed.amount, 0.6, page.text)
    known = _is_at_rate(page, untaxed.value, rest)
    if known or (
        rest and taxes.are_named(page.text) and _plausible(untaxed.value, rest)
    ):
        result.tax = Field(rest, by="solved", confidence=0.8 if known else 0.5)
        result.ties = known
    elif not rest:
        result.tax, result.ties = taxes.none_printed(page.text), True


def _explain(result, options, untaxed, total):
    """Discounts and charges between the subtotal and the tax, or taxes."""
    changes = totals.changes(options)
    labelled = [one for one in _distinct(options) if one.kind == "tax"][-6:]
    for some in (labelled[-1:], labelled):
        tax = sum((one.value for one in some), ZERO)
        rest = total.value - tax
        if rest - untaxed.value not in changes:
            continue
        result.untaxed = Field(rest, by="solved", confidence=0.85)
        if len(some) > 1:
            result.tax = Field(tax, by="solved", confidence=0.85)
        result.ties = True
        return


def _labelled(options, kind, total):
    """The last amount of a kind that is not beyond the total."""
    for one in reversed(options):
        if one.kind == kind and abs(one.value) <= abs(total.value):
            return one
    return None


def _due(page):
    for one in reversed(page.options):
        if one.kind == "due":
            return field_of(one.amount, 0.8, page.text)
    return None


def _adjust(page, result):
    """Set what lies between the lines and the untaxed amount."""
    line_sums = page.line_sums
    if not line_sums or not result.untaxed or not result.total:
        return
    untaxed, total = result.untaxed.value, result.total.value
    if untaxed in line_sums:
        return
    if total in line_sums:
        result.lines_tax_included = True
        return
    changes = totals.changes(page.options) | totals.between(
        page.options, line_sums[0], untaxed
    )
    for goal in (untaxed, total):
        change = goal - line_sums[0]
        if change in changes:
            result.adjustments = Field(change, by="solved", confidence=0.85)
            result.lines_tax_included = goal != untaxed
            return


def _set_extras(page, result):
    """Rounding and tax withheld that lie between the total and what is to be paid."""
    if not result.total or not result.due:
        return
    rest = result.due.value - result.total.value
    for extra in _extras(page.options):
        if not extra or extra.value != rest:
            continue
        for one, value in extra.parts:
            if getattr(result, one.kind) is None:
                item = field_of(one.amount, 0.85, page.text)
                setattr(result, one.kind, replace(item, value=_signed(one, value)))
        return
