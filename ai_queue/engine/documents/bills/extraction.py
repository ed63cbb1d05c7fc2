"""A read file → the bills in it, without a model."""

from __future__ import annotations

from ..files.shapes import Document
from . import beside, formats, local, split
from .invoice import Invoice, Own


def extract(document: Document, own: Own = Own()) -> Invoice:  # noqa: B008
    """Read the one bill of a document: from its XML where it holds one, else by words.

    :param own: our company, so that it is not taken for the vendor
    :return: what is on the document; fields that are not there are ``None``
    """
    if document.xml:
        return _of_xml(document, own)[0]
    return local.read_words(document, own)


def extract_all(document: Document, own: Own = Own()) -> list[Invoice]:  # noqa: B008
    """Read every bill of a document that may hold several, in their order.

    :return: at least one invoice; ``pages`` says which pages each was read from
    """
    if document.xml:
        return _of_xml(document, own)
    parts = split.page_ranges(document, own)
    return [local.read_words(document, own, pages) for pages in parts]


def _of_xml(document, own):
    invoices = formats.read(document.xml)
    if document.pages and len(invoices) == 1 and not invoices[0].lines:
        beside.complete(invoices[0], local.read_words(document, own))
    return invoices
