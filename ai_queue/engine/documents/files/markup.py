"""XML from strangers: parsed within bounds, and written anew without its ballast."""

from __future__ import annotations

import io
import re

from lxml import etree

from ...errors import Unreadable

#: How much there may be of it. An invoice takes some thirty elements for a line.
ELEMENTS, DEEPEST = 300_000, 100
#: Characters of a text or attribute beyond which it is a picture or a PDF, and bytes
#: of all that is left.
LONGEST, LARGEST = 20_000, 16 * 1024 * 1024
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
#: What may stand before the first element, beside a document type.
_PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.S)
_BEGIN = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+([A-Za-z_:.-]{1,40})")


def parse(data: bytes):
    """The first element of an XML file, without comments and instructions.

    :raise Unreadable: ``damaged`` when it is no XML, ``not_a_document`` when it
        declares a document type, ``too_big`` when there is too much or too deep in it
    """
    data = _plain(data)
    start = _PROLOG.match(data).end()
    # A document type may name files to open and entities that grow: none is needed.
    if document_type(data):
        raise Unreadable("not_a_document")
    if not _BEGIN.match(data, start):
        raise Unreadable("damaged")
    # The limits of libxml2 refuse texts of ten megabytes, which a PDF in an invoice is.
    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )
    count = depth = 0
    try:
        for event, _element in events:
            count += event == "start"
            depth += 1 if event == "start" else -1
            if count > ELEMENTS or depth > DEEPEST:
                raise Unreadable("too_big")
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("damaged") from error
    return events.root


def document_type(data: bytes) -> str:
    """The name of the document type that an XML file declares; empty for none."""
    match = _DOCTYPE.match(data, _PROLOG.match(data).end())
    return match[1].decode() if match else ""


def _plain(data):
    """The bytes of an XML file in an encoding that is ASCII where it begins."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable("damaged") from None
        return _DECLARATION.sub("", text, count=1).encode()
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()


def clean(root) -> bytes:
    """An element as a file of its own, without signatures and files inside it."""
    for element in list(root.iter(f"{{{_SIGNATURE}}}Signature")):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for element in root.iter(etree.Element):
        if element.text and len(element.text) > LONGEST:
            element.text = None
        for name, value in element.items():
            if len(value) > LONGEST:
                del element.attrib[name]
    data = etree.tostring(root, encoding="UTF-8", with_tail=False)
    if len(data) > LARGEST:
        raise Unreadable("too_big")
    return data


def local_name(element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def namespace(element) -> str:
    """The namespace of an element, empty for none."""
    return etree.QName(element).namespace or ""
