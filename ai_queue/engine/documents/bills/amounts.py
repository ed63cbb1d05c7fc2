"""Untaxed, tax and total: solved from all amounts of a document, not guessed.

Labels say what an amount may be; arithmetic says what it is. Of all pairs of amounts
whose sum is printed too, the one that labels, tax rates and lines speak for wins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from . import labels, money, receipts
from .invoice import Field, TaxAmount
from .money import Amount
from .numbers import cents
from .segments import Text

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
FOOT = frozenset(("untaxed", "tax", "total", "due", "prior", "paid", "rounding"))
#: A label of this length is a sentence, and says nothing of what an amount is.
_SENTENCE = 60
#: More candidates than this are not paired: such a document is a list of numbers.
_MOST = 400
#: A triple that scores less ties by chance.
_ENOUGH = 0.85
#: A tax beyond this share of the amount is no tax.
_HIGHEST_RATE = Decimal("0.35")


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
    taxes: list[TaxAmount] = field(default_factory=list)
    lines_tax_included: bool = False
    ties: bool = False


@dataclass(frozen=True)
class _Triple:
    untaxed: Candidate | Decimal
    tax: Candidate | tuple[Candidate, ...] | Decimal
    total: Candidate
    score: float


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
) -> Solution:
    """Find untaxed, tax and total.

    :param found: all numbers of the document, see `money.find`
    :param line_sums: sums that the lines of the table may come to
    :param in_lines: those of ``found`` that stand in the lines of the table
    """
    options = receipts.with_held_tax(_bounded(candidates(text, found, in_lines)))
    known = set(map(id, in_lines))
    taxes = tax_rows(text, [one for one in found if id(one) not in known])
    if not options:
        return Solution()
    rates = _rates(found, taxes)
    triple = _best_triple(options, taxes, rates, line_sums)
    alone = _best_total(options, line_sums)
    paid = receipts.paid_total(text, options)
    if paid:
        alone = paid
        triple = triple if triple and triple.total.value == paid.value else None
    rounded = _rounded(options, triple.total) if triple else None
    if rounded:
        return _without_triple(options, rounded, rates, line_sums, text)
    if triple and (alone is None or not _outranks(alone, triple)):
        return _from_triple(options, triple, taxes, line_sums, text)
    return _without_triple(options, alone, rates, line_sums, text, is_proven=bool(paid))


# ------------------------------------------------------------
# TAX PER RATE
# ------------------------------------------------------------


def tax_rows(text: Text, found: Sequence[Amount]) -> list[TaxAmount]:
    """Rows that print a rate, a base and the tax of that base.

    Told by arithmetic: base times rate is the tax, to the cent.
    """
    rows: dict[int, list[Amount]] = {}
    for amount in found:
        rows.setdefault(amount.segment.row, []).append(amount)
    result, seen = [], set()
    for amounts in rows.values():
        one = _tax_row(text, amounts)
        if not one:
            continue
        key = (one.rate.value, one.base.value)
        if key not in seen:
            seen.add(key)
            result.append(one)
    return result


def _tax_row(text, amounts):
    rates = [
        one
        for one in amounts
        if one.percent or (not one.currency and 0 < one.value <= 30)
    ]
    sums = [one for one in amounts if one.money]
    for rate in sorted(rates, key=lambda one: not one.percent):
        pairs = sorted(combinations(sums, 2), key=_gap)
        for base, tax in pairs:
            if rate in (base, tax) or not tax.value:
                continue
            for bigger, smaller in ((base, tax), (tax, base)):
                exact = cents(bigger.value * rate.value / 100)
                if abs(exact - smaller.value) <= CENT and abs(smaller.value) > 0:
                    return TaxAmount(
                        _field(rate, 0.9, text),
                        _field(bigger, 0.9, text),
                        _field(smaller, 0.9, text),
                    )
    return None


def _gap(pair):
    """How far apart two amounts stand: of several bases the nearest is the one."""
    one, other = pair
    return abs(one.box.x0 - other.box.x0)


def _rates(found, taxes):
    rates = {one.value / 100 for one in found if one.percent and 0 < one.value < 35}
    return rates | {one.rate.value / 100 for one in taxes}


# ------------------------------------------------------------
# THE TRIPLE THAT TIES
# ------------------------------------------------------------


def _best_triple(options, taxes, rates, line_sums):
    options = _distinct(options)
    largest = max((abs(one.value) for one in options if one.kind == "total"), default=0)
    totals: dict[Decimal, list[Candidate]] = {}
    for one in options:
        totals.setdefault(one.value, []).append(one)
    best = None
    for untaxed in options:
        for tax, amount in _taxes_for(options, taxes):
            if untaxed is tax or not _plausible(untaxed.value, amount):
                continue
            for total in totals.get(untaxed.value + amount, ()):
                if total in (untaxed, tax) and amount:
                    continue
                if not amount and total.kind not in ("total", "due"):
                    continue
                triple = _Triple(untaxed, tax, total, 0.0)
                score = _score(triple, amount, rates, taxes, line_sums)
                if largest:  # not the row of a single rate
                    score += 0.3 * float(min(1, abs(total.value) / largest))
                if best is None or score > best.score:
                    best = _Triple(untaxed, tax, total, score)
    return best if best and best.score > _ENOUGH else None


def _distinct(options):
    """One candidate per value and kind: the one that stands last."""
    found = {}
    for one in options:
        found[(one.value, one.kind)] = one
    return list(found.values())


def _taxes_for(options, taxes):
    """What may be the tax: one amount, the sum of the rows per rate, or of labels."""
    for one in options:
        if one.kind == "tax" or (one.value and one.kind in ("", "total", "untaxed")):
            yield one, one.value
    labelled = [one for one in options if one.kind == "tax"][:6]
    for count in range(2, len(labelled) + 1):
        for some in combinations(labelled, count):
            yield some, sum((one.value for one in some), ZERO)
    if len(taxes) > 1:
        yield ZERO, sum((one.amount.value for one in taxes), ZERO)


def _plausible(untaxed, tax):
    if not untaxed or (tax and (untaxed > 0) != (tax > 0)):
        return False
    return abs(tax) <= abs(untaxed) * _HIGHEST_RATE


def _score(triple, amount, rates, taxes, line_sums):
    untaxed, tax, total = triple.untaxed, triple.tax, triple.total
    score = _fit("untaxed", untaxed) + _fit("total", total)
    if isinstance(tax, Candidate):
        score += _fit("tax", tax)
    elif isinstance(tax, tuple):
        score += sum(_fit("tax", one) for one in tax) / len(tax)
    else:
        score += 0.9
    if amount and any(abs(untaxed.value * rate - amount) <= CENT for rate in rates):
        score += 0.5
    elif amount and _is_whole_rate(untaxed.value, amount):
        score += 0.3
    bases = [one.base.value for one in taxes]
    if len(bases) > 1 and sum(bases, ZERO) == untaxed.value:
        score += 0.6  # all the rows per rate, and not one of them
    if untaxed.value in line_sums:
        score += 0.8
    elif total.value in line_sums:
        score += 0.3
    if untaxed.place <= total.place:
        score += 0.2
    if not amount:
        score -= 0.2
    return score


def _fit(role, candidate):
    return _FIT[role].get(candidate.kind, _WORST)


def _best_total(options, line_sums):
    """The amount that calls itself the total the loudest."""
    best, best_score = None, 0.0
    for at, one in enumerate(options):
        score = {"total": 1.0, "due": 0.75, "untaxed": 0.3}.get(one.kind, 0.0)
        if not score or not one.value:
            continue
        rounds = _rounds(options, one)
        score = 1.0 if rounds else score
        score += 0.1 * at / len(options)
        if one.value in line_sums:
            score += 0.3
        if any(other is not one and other.value == one.value for other in options):
            score += 0.1
        if rounds or _is_paid_with(options, one):
            score += 0.4
        if not one.amount.money:
            score -= 0.5
        if score > best_score:
            best, best_score = one, score
    return best


def _is_paid_with(options, total):
    """Whether the change is what was given less this total, as on till receipts."""
    place = total.place
    later = [one for one in options if one.place > place]
    changes = [one for one in later if "change" in one.label or one.kind == "paid"]
    given = {one.value for one in later if one not in changes[-1:]}
    return bool(changes) and any(
        one.value and total.value + one.value in given for one in changes[-1:]
    )


def _falls_short(total, paid):
    """Whether what was paid says that this cannot be the total."""
    return paid is not None and 0 < total.value < paid.value * Decimal("0.9")


def _only(options, text):
    """The one amount of a document that prints no other."""
    some = [one for one in options if one.amount.money and one.value]
    if len({one.value for one in some}) != 1:
        return None
    return _field(some[0].amount, 0.45, text)


def _by_change(options):
    """The total of a till receipt: what was given, less the change."""
    paid = [one for one in options if one.kind == "paid"]
    changes = [one for one in paid if "change" in one.label]
    given = [one for one in paid if "change" not in one.label]
    if not changes or not given or given[-1].value <= changes[-1].value:
        return None
    total = given[-1].value - changes[-1].value
    return Field(total, by="solved", confidence=0.4)


def _rounds(options, total):
    """Whether it is an earlier total with the printed rounding."""
    steps = {one.value for one in options if one.kind == "rounding" and one.value}
    return any(
        other.value + step == total.value or other.value - step == total.value
        for other in options
        if other.place < total.place and other.kind in ("total", "untaxed", "due")
        for step in steps
        if abs(step) < Decimal("0.1")
    )


def _is_contradicted(options, total):
    """Whether a later total is nearly, and not quite, this one."""
    return any(
        one.kind == "total"
        and one.place > total.place
        and 0 < abs(one.value - total.value) < abs(total.value) / 100
        for one in options
    )


def _rounded(options, total):
    """The total after the printed rounding, where there is one."""
    for one in reversed(options):
        if one.kind in ("total", "due", "untaxed") and one.value != total.value:
            if abs(one.value - total.value) < Decimal("0.1") and _rounds(options, one):
                return one
    return None


def _outranks(alone, triple):
    """Whether a labelled total speaks against a triple that ties by chance."""
    if alone.value == triple.total.value:
        return False
    if alone.value == triple.untaxed.value and triple.total.place > alone.place:
        tax = triple.total.value - triple.untaxed.value
        if _is_whole_rate(triple.untaxed.value, tax):
            return False
    return triple.score < 1.6 and alone.kind == "total"


def _is_whole_rate(untaxed, tax):
    """Whether a tax is a whole number of percent, to the cent."""
    rate = (tax / untaxed * 100).quantize(Decimal(1))
    return 3 <= rate <= 27 and abs(untaxed * rate / 100 - tax) <= CENT


# ------------------------------------------------------------
# FIELDS
# ------------------------------------------------------------


def _from_triple(options, triple, taxes, line_sums, text):
    tax, amount = _tax_of(triple, text)
    certain = min(0.99, 0.6 + 0.12 * triple.score)
    if _is_contradicted(options, triple.total):
        certain = 0.5
    result = Solution(
        untaxed=_field(triple.untaxed.amount, certain, text),
        tax=tax,
        total=_field(triple.total.amount, certain, text),
        taxes=_kept(taxes, triple.untaxed.value, amount),
        ties=True,
    )
    result.due = _due(options, triple.total, text)
    _adjust(result, options, line_sums)
    return result


def _names_tax(text):
    """Whether there is a row for tax, even if its amount cannot be read."""
    return any(
        labels.amount_kind(segment.folded) == "tax" and len(segment.text) < 25
        for segment in text.segments
    )


def _no_tax(text):
    """The dash, or the word, that a bill prints in the place of tax."""
    for segment in text.segments:
        if labels.amount_kind(segment.folded) != "tax":
            continue
        for other in text.right_of(segment)[:1]:
            if re.fullmatch(r"[-–—]+|nil|none|n/?a", other.folded):
                by = "ocr" if text.source == "ocr" else "text"
                return Field(ZERO, other.text, other.box(), by, 0.8)
    return None


def _tax_of(triple, text):
    tax = triple.tax
    if isinstance(tax, Candidate):
        return _field(tax.amount, 0.9, text), tax.value
    amount = triple.total.value - triple.untaxed.value
    return Field(amount, by="solved", confidence=0.9), amount


def _kept(taxes, untaxed, tax):
    """The rows per rate, where they come to the tax of the document."""
    if sum((one.amount.value for one in taxes), ZERO) == tax:
        return taxes
    for one in taxes:
        if one.amount.value == tax and one.base.value == untaxed:
            return [one]
    return []


def _without_triple(options, total, rates, line_sums, text, is_proven=False):
    """Where nothing ties: what the labels say, completed where one is missing."""
    result = Solution()
    paid = _by_change(options)
    if total is None or not total.amount.money or _falls_short(total, paid):
        result.total = paid
        if result.total or total is None:
            result.total = result.total or _only(options, text)
            return result
    certain = 0.5 if _is_contradicted(options, total) else 0.6
    result.total = _field(total.amount, 0.9 if is_proven else certain, text)
    untaxed = _labelled(options, "untaxed", total)
    tax = _labelled(options, "tax", total)
    if tax and tax.value and not untaxed:
        rest = total.value - tax.value
        if any(abs(rest * rate - tax.value) <= CENT for rate in rates):
            result.untaxed = Field(rest, by="solved", confidence=0.8)
            result.tax, result.ties = _field(tax.amount, 0.8, text), True
    elif tax and untaxed:
        result.tax = _field(tax.amount, 0.5, text)
        result.untaxed = _field(untaxed.amount, 0.5, text)
        _explain(result, options, untaxed, tax, total)
    elif untaxed:
        rest = total.value - untaxed.value
        result.untaxed = _field(untaxed.amount, 0.6, text)
        known = any(abs(untaxed.value * rate - rest) <= CENT for rate in rates)
        if known or (rest and _names_tax(text) and _plausible(untaxed.value, rest)):
            certain = 0.8 if known else 0.5
            result.tax = Field(rest, by="solved", confidence=certain)
            result.ties = known
        elif not rest:
            result.tax, result.ties = _no_tax(text), True
    elif total.value in line_sums and not tax:
        result.untaxed = Field(total.value, by="solved", confidence=0.7)
        result.ties = True
    result.due = _due(options, total, text)
    _adjust(result, options, line_sums)
    return result


def _explain(result, options, untaxed, tax, total):
    """Discounts and charges between the subtotal and the tax."""
    rest = total.value - tax.value
    if rest - untaxed.value in _changes(options):
        result.untaxed = Field(rest, by="solved", confidence=0.85)
        result.ties = True


def _changes(options):
    """What the discounts and charges of a document, or some of them, come to."""
    steps = [
        -abs(one.value) if one.kind == "discount" else one.value
        for one in options
        if one.kind in ("discount", "charge") and one.value
    ][:6]
    return {
        sum(some, ZERO)
        for count in range(1, len(steps) + 1)
        for some in combinations(steps, count)
    }


def _labelled(options, kind, total):
    """The last amount of a kind that is not beyond the total."""
    for one in reversed(options):
        if one.kind == kind and abs(one.value) <= abs(total.value):
            return one
    return None


def _due(options, total, text):
    for one in reversed(options):
        if one.kind == "due":
            return _field(one.amount, 0.8, text)
    return None


def _adjust(result, options, line_sums):
    """Set what lies between the lines and the untaxed amount."""
    if not line_sums or not result.untaxed or not result.total:
        return
    untaxed, total = result.untaxed.value, result.total.value
    if untaxed in line_sums:
        return
    if total in line_sums:
        result.lines_tax_included = True
        return
    changes = _changes(options)
    for goal in (untaxed, total):
        change = goal - line_sums[0]
        if change in changes:
            result.adjustments = Field(change, by="solved", confidence=0.85)
            result.lines_tax_included = goal != untaxed
            return


def _field(amount, confidence, text):
    by = "ocr" if text.source == "ocr" else "text"
    confidence *= min(1.0, 0.3 + amount.segment.confidence)
    return Field(amount.value, amount.text, amount.box, by, confidence)
