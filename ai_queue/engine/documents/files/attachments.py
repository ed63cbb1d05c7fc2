"""The electronic invoice that a PDF carries (Factur-X, ZUGFeRD, XRechnung)."""

from __future__ import annotations

import ctypes

import pypdfium2.raw as c

from . import einvoice


def invoice(pdf, most: int) -> bytes | None:
    """The electronic invoice among the attachments of a PDFium document.

    :param most: bytes beyond which an attachment is passed over
    """
    for index in range(c.FPDFDoc_GetAttachmentCount(pdf)):
        attachment = c.FPDFDoc_GetAttachment(pdf, index)
        if not attachment or not _name(attachment).lower().endswith(".xml"):
            continue
        data = _data(attachment, most)
        if data and einvoice.is_invoice(data):
            return data
    return None


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
