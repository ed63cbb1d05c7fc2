"""The electronic invoice that a PDF carries (Factur-X, ZUGFeRD, XRechnung).

It should stand in the list of embedded files. Some programs name it in ``/AF`` only,
for which PDFium has no call, or hang it on a page as an annotation: so every embedded
file in the bytes is looked at as well.
"""

from __future__ import annotations

import binascii
import ctypes
import re
import zlib
from base64 import a85decode

import pypdfium2.raw as c

from ...errors import Unreadable
from . import einvoice

#: Attachments that are looked at, and annotations of a page.
_MOST = 50
#: The names that the standards give to the invoice, before all others.
_NAMES = re.compile(r"(factur-x|zugferd-invoice|xrechnung|cii|ubl)\.xml", re.I)
#: An embedded file: streams stand in the file itself, never in a packed object.
_OBJECT = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+obj\b")
_EMBEDDED = re.compile(
    rb"/EmbeddedFile\b|/Subtype\s*/(?:text|application)(?:#2[fF]|/)xml"
)
_STREAM = re.compile(rb"stream\r?\n")
_HEAD = 2000
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]{0,200}\]|/\w+)")
_FILTERS = re.compile(rb"/(\w+)")


def invoice(pdf, data: bytes, most: int) -> bytes | None:
    """The electronic invoice among the attachments of a PDFium document.

    :param data: the bytes of the document
    :param most: bytes beyond which an attachment is passed over
    :return: as `einvoice.extracted` gives it
    """
    for found in _files(pdf, data, most):
        try:
            return einvoice.extracted(found)
        except Unreadable:
            continue
    return None


def _files(pdf, data, most):
    """The embedded files that may be it, the likeliest first."""
    handles = list(_listed(pdf))
    if b"/Encrypt" in data:
        # Only PDFium knows what its bytes mean; else the search below finds these, too.
        handles += _annotated(pdf)
    handles.sort(key=lambda one: not _NAMES.fullmatch(_name(one)))
    for handle in handles:
        found = _data(handle, most)
        if found and _may_be_xml(found):
            yield found
    for found in _embedded(data, most):
        if _may_be_xml(found):
            yield found


def _may_be_xml(data):
    return data[:100].lstrip(b"\xef\xbb\xbf\xfe\xff\0 \t\r\n")[:1] == b"<"


def _listed(pdf):
    for index in range(min(c.FPDFDoc_GetAttachmentCount(pdf), _MOST)):
        attachment = c.FPDFDoc_GetAttachment(pdf, index)
        if attachment:
            yield attachment


def _annotated(pdf):
    """The files that hang on pages."""
    for index in range(len(pdf)):
        page = c.FPDF_LoadPage(pdf, index)
        if not page:
            continue
        for at in range(min(c.FPDFPage_GetAnnotCount(page), _MOST)):
            note = c.FPDFPage_GetAnnot(page, at)
            if c.FPDFAnnot_GetSubtype(note) == c.FPDF_ANNOT_FILEATTACHMENT:
                attachment = c.FPDFAnnot_GetFileAttachment(note)
                if attachment:
                    yield attachment
            c.FPDFPage_CloseAnnot(note)
        c.FPDF_ClosePage(page)


def _name(attachment):
    size = c.FPDFAttachment_GetName(attachment, None, 0)
    buffer = (c.FPDF_WCHAR * (size // 2 + 1))()
    c.FPDFAttachment_GetName(attachment, buffer, size)
    return bytes(buffer)[: max(0, size - 2)].decode("utf-16-le", "replace")


def _data(attachment, most):
    size = ctypes.c_ulong()
    known = c.FPDFAttachment_GetFile(attachment, None, 0, size)
    if not known or not 0 < size.value <= most:
        return None
    buffer = ctypes.create_string_buffer(size.value)
    c.FPDFAttachment_GetFile(attachment, buffer, size.value, size)
    return buffer.raw


def _embedded(data, most):
    """The embedded files of a PDF by its bytes, each in its last version."""
    places = {}
    for mark in _EMBEDDED.finditer(data):
        begin = max(0, mark.start() - _HEAD)
        numbers = list(_OBJECT.finditer(data, begin, mark.start()))
        stream = _STREAM.search(data, mark.end(), mark.end() + _HEAD)
        if numbers and stream:
            places[numbers[-1][1]] = (numbers[-1].end(), stream)
    for begin, stream in list(places.values())[-_MOST:]:
        found = _unpacked(data[begin : stream.start()], data, stream.end(), most)
        if found:
            yield found


def _unpacked(head, data, begin, most):
    """The bytes of a stream; ``None`` when they are packed in an unknown way."""
    named = _FILTER.search(head)
    filters = [one.decode() for one in _FILTERS.findall(named[1])] if named else []
    end = data.find(b"endstream", begin)
    found = data[begin : end if end >= 0 else len(data)]
    try:
        for name in filters:
            unpack = _UNPACK.get(name)
            if unpack is None:
                return None
            found = unpack(found, most)
    except (zlib.error, ValueError, binascii.Error):
        return None
    return found if len(found) <= most else None


def _inflate(data, most):
    return zlib.decompressobj().decompress(data, most + 1)


def _hex(data, _most):
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", data.split(b">")[0])
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _ascii85(data, _most):
    return a85decode(data.split(b"~>")[0])


_UNPACK = {
    "FlateDecode": _inflate,
    "Fl": _inflate,
    "ASCIIHexDecode": _hex,
    "AHx": _hex,
    "ASCII85Decode": _ascii85,
    "A85": _ascii85,
}
