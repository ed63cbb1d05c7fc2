"""Reading a bill with no model: words and where they stand → an `Invoice`."""

from __future__ import annotations

from ..files.shapes import Document
from . import amounts, facts, money, parties, table
from .invoice import Invoice, Own, adjusted
from .segments import Text, text_of


def read_words(
    document: Document, own: Own, pages: tuple[int, int] | None = None
) -> Invoice:
    """Read the words of a document.

    :param pages: the first and the last page of this bill in the document
    :return: what was found; an empty invoice when there are no words
    """
    text = text_of(document, pages)
    first = pages or (1, max(len(document.pages), 1))
    if not text.rows:
        return Invoice(pages=first, notes=document.notes)
    invoice = Invoice(pages=first, notes=document.notes)
    invoice.doc_type = facts.doc_type(text)
    invoice.vendor, invoice.buyer = parties.find(text, own)
    place = country(text, invoice)
    invoice.currency = facts.currency(text, place)
    code = invoice.currency.value if invoice.currency else ""
    invoice.date, invoice.due_date = facts.bill_dates(text, place, code)
    invoice.number = facts.number(text)
    invoice.po_number = facts.po_number(text)
    _read_amounts(invoice, text)
    return invoice


def country(text: Text, invoice: Invoice) -> str:
    """Where the vendor is, as far as his VAT number or address tell; else ``""``."""
    if invoice.vendor.country:
        return invoice.vendor.country.value
    return "US" if facts.is_american(text) else ""


def _read_amounts(invoice: Invoice, text: Text):
    found = money.find(text)
    rows = table.find(text, found)
    solution = amounts.solve(text, found, table.sums(rows), table.amounts(rows))
    if not rows.items:
        taxed = solution.tax and solution.tax.value
        goal = solution.untaxed if taxed else solution.total
        rows = table.stacked(text, found, [goal.value] if goal else [])
        if rows.items:
            sums, inside = table.sums(rows), table.amounts(rows)
            solution = amounts.solve(text, found, sums, inside)
    invoice.amount_untaxed = solution.untaxed
    invoice.amount_tax = solution.tax
    invoice.amount_total = solution.total
    invoice.amount_due = solution.due
    invoice.adjustments = adjusted(solution.adjustments)
    invoice.taxes = solution.taxes
    invoice.lines_tax_included = solution.lines_tax_included
    invoice.lines = table.keep(rows, solution)
