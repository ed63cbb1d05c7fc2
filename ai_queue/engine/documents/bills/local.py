"""Reading a bill with no model: words and where they stand → an `Invoice`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from ..files.shapes import Document
from . import (
    amounts,
    currencies,
    facts,
    identifiers,
    kinds,
    labels,
    money,
    parties,
    places,
    references,
    slips,
    table,
    terms,
    vocabulary,
)
from .facts import by_of, field_at
from .invoice import Field, Invoice, Own, adjusted, value_of
from .segments import Text, text_of
from .text import squeeze

#: How sure a total is where tax is told and not found: a person looks at it.
_TAX_NOT_FOUND = 0.5


def read_words(
    document: Document, own: Own, pages: tuple[int, int] | None = None
) -> Invoice:
    """Read the words of a document.

    :param pages: the first and the last page of this bill in the document
    :return: what was found; an empty invoice when there are no words
    """
    whole = text_of(document, pages)
    cut = slips.top_of(whole)
    text = text_of(document, pages, cut) if cut else whole
    first = pages or (1, max(len(document.pages), 1))
    invoice = Invoice(pages=first, notes=document.notes)
    if not text.rows:
        return invoice
    language = language_of(text)
    invoice.doc_type = kinds.doc_type(text)
    invoice.vendor, invoice.buyer = parties.find(text, own, whole)
    place = country(text, invoice, language)
    local = places.currency_of(place)
    invoice.currency = facts.currency(whole, local, language)
    invoice.number = facts.number(text)
    number = invoice.number
    invoice.date, invoice.due_date = terms.bill_dates(text, place, language, number)
    invoice.po_number = facts.po_number(text)
    invoice.payment_reference = references.payment_reference(whole)
    digits = currencies.decimals(value_of(invoice.currency) or local)
    _read_amounts(invoice, text, digits, value_of(invoice.currency) or "")
    _read_payee(invoice, whole if cut else text)
    _settle_kind(invoice, text)
    on_page(invoice, whole)
    return invoice


def language_of(text: Text) -> str:
    """The language of a document, by the words that labels are made of."""
    words = (word for one in text.segments for word in vocabulary.words(one.folded))
    return vocabulary.language(words)


def country(text: Text, invoice: Invoice, language: str = "") -> str:
    """Where the vendor is; ``""`` where the document does not tell.

    Sets it as the vendor's country where that is certain.
    """
    vendor = invoice.vendor
    vat = value_of(vendor.country) or ""
    iban = value_of(vendor.iban) or ""
    votes = places.evidence(
        text,
        parties.of_buyer(text),
        vat=vat,
        name=value_of(vendor.name) or "",
        iban=iban if identifiers.is_valid_iban(iban) else "",
        language=language,
    )
    found = vat or places.country_of(votes)
    if found and not vat and votes[found] >= 3:
        vendor.country = Field(found, by="solved", confidence=0.7)
    return found


def _read_amounts(invoice, text, digits, currency):
    found = money.find(text, digits)
    found = [one for one in found if not money.is_foreign(one, currency)]
    rows = table.find(text, found)
    sums, inside = table.sums(rows), table.amounts(rows)
    solution = amounts.solve(text, found, sums, inside, digits, table.taxed(rows))
    if not rows.items:
        taxed = solution.tax and solution.tax.value
        goal = solution.untaxed if taxed else solution.total
        rows = table.stacked(text, found, [goal.value] if goal else [])
        if rows.items:
            sums, inside = table.sums(rows), table.amounts(rows)
            solution = amounts.solve(text, found, sums, inside, digits)
    invoice.amount_untaxed = solution.untaxed
    invoice.amount_tax = solution.tax
    invoice.amount_total = solution.total
    invoice.amount_due = solution.due
    invoice.adjustments = adjusted(solution.adjustments)
    invoice.rounding = solution.rounding
    invoice.stamp = solution.stamp
    invoice.withheld = solution.withheld
    invoice.taxes = solution.taxes
    invoice.lines_tax_included = solution.lines_tax_included
    invoice.lines = table.keep(rows, solution)
    total = invoice.amount_total
    if total and not value_of(invoice.amount_tax) and _tells_tax(text, found, invoice):
        certain = min(total.confidence, _TAX_NOT_FOUND)
        invoice.amount_total = replace(total, confidence=certain)


def _tells_tax(text, found, invoice):
    """Whether a rate of tax is printed where no tax was found."""
    if any(line.tax_rate and line.tax_rate.value for line in invoice.lines):
        return True
    return any(
        one.percent
        and 0 < one.value < 35
        and labels.amount_kind(money.label_of(text, one)) == "tax"
        for one in found
    )


def _read_payee(invoice, text):
    """Who the payment slip names, where that is not the vendor."""
    line = slips.payee(text)
    name = squeeze(line.text) if line else ""
    if not name or name == squeeze(value_of(invoice.vendor.name) or ""):
        return
    invoice.payee.name = field_at(text, line, 0, len(line.text), line.text, 0.8)
    invoice.payee.iban = invoice.vendor.iban


def _settle_kind(invoice, text):
    """What the amounts say of the kind of the document."""
    total = value_of(invoice.amount_total)
    kind = invoice.doc_type
    if kind.value in ("invoice", "receipt") and total is not None and total < 0:
        box = invoice.amount_total.box
        printed = invoice.amount_total.text
        invoice.doc_type = Field("credit_note", printed, box, by_of(text), 0.9)
    elif total is None and not invoice.number and kinds.is_letter(text, kind):
        invoice.doc_type = Field("other", by="solved", confidence=0.8)


def on_page(invoice: Invoice, text: Text) -> None:
    """Set the places of what was found to those of the pages as they are shown."""
    if not text.turns:
        return
    for owner, name, item in _fields(invoice):
        if item.box:
            setattr(owner, name, replace(item, box=text.on_page(item.box)))


def _fields(item) -> Iterator[tuple]:
    """(owner, attribute, field) of all that was found."""
    for each in fields(item):
        value = getattr(item, each.name)
        if isinstance(value, Field):
            yield item, each.name, value
        elif isinstance(value, list):
            for one in value:
                yield from _fields(one)
        elif is_dataclass(value):
            yield from _fields(value)
