"""Electronic invoices: every value is taken from the element that its standard names.

A module for each family of formats, each with ``read(root) -> list[Invoice]`` of the
first element (a `source.Node`). Which format a file is of, and what of it gets here,
says `files.einvoice`.
"""

from __future__ import annotations

import dataclasses

from ....errors import Unreadable
from ...files import einvoice, markup
from ..invoice import Invoice, value_of
from . import (
    cfdi,
    cii,
    ebinterface,
    facturae,
    fatturapa,
    india,
    isdoc,
    ksef,
    nav,
    nfe,
    svefaktura,
    ubl,
)
from .source import Node

#: Format (`einvoice.FORMATS`) -> the module that reads it.
READERS = {
    "ubl": ubl,
    "cii": cii,
    "fatturapa": fatturapa,
    "facturae": facturae,
    "ksef": ksef,
    "cfdi": cfdi,
    "nfe": nfe,
    "nav": nav,
    "ebinterface": ebinterface,
    "isdoc": isdoc,
    "svefaktura": svefaktura,
    "gst": india,
}


def read(data: bytes) -> list[Invoice]:
    """Read an electronic invoice.

    :param data: as `einvoice.extracted` gives it
    :return: at least one invoice; some formats hold several
    :raise Unreadable: when it is no XML, or none that is read
    """
    root = markup.parse(data)
    roots = list(root) if root.tag == einvoice.SEVERAL else [root]
    invoices = [invoice for one in roots for invoice in _read(one)]
    if not invoices:
        raise Unreadable("not_a_document")
    return invoices


def _read(root):
    reader = READERS.get(einvoice.format_of(root))
    if reader is None:
        raise Unreadable("not_a_document")
    node = Node(root)
    invoices = reader.read(node)
    for invoice in invoices:
        invoice.lines = [line for line in invoice.lines if _is_charged(line)]
        _turn(invoice)
        if node.unread:
            names = dict.fromkeys(f"unread:{name}" for name in node.unread)
            invoice.notes = (*invoice.notes, *names)
    return invoices


def _is_charged(line):
    """Sections and notes that were exported as lines are none: nothing, for nothing."""
    return bool(value_of(line.amount) or value_of(line.quantity))


def _turn(invoice):
    """A total below zero gives money back, whatever the document calls itself."""
    total = value_of(invoice.amount_total)
    if total is not None and total < 0 and value_of(invoice.doc_type) == "invoice":
        invoice.doc_type = dataclasses.replace(invoice.doc_type, value="credit_note")
