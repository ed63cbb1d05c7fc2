"""Whether a file is an electronic invoice, before anybody reads what it says."""

from __future__ import annotations

from lxml import etree

from ...errors import Unreadable

#: The local names of the elements with which an invoice of a known format begins.
ROOTS = frozenset(
    (
        "Invoice",
        "CreditNote",
        "CrossIndustryInvoice",
        "CrossIndustryDocument",
        "FatturaElettronica",
    )
)


def is_invoice(data: bytes) -> bool:
    """Whether the bytes are an XML invoice of a known format."""
    try:
        return local_name(root_of(data)) in ROOTS
    except Unreadable:
        return False


def root_of(data: bytes):
    """The first element of an XML file.

    :raise Unreadable: when it is no XML, or declares a document type
    """
    # No entities, no network, no document type of its own: what a document names is
    # never fetched or expanded.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("damaged") from error
    if root.getroottree().docinfo.doctype:
        raise Unreadable("not_a_document")
    return root


def local_name(element) -> str:
    """The name of an element without its namespace; empty for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
