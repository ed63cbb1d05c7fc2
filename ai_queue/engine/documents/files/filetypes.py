"""What a file is, by its first bytes; its name may say anything."""

from __future__ import annotations

import re

from . import gst, signed

PDF, ZIP, XML = "application/pdf", "application/zip", "application/xml"
#: An Indian e-invoice, and any file with a signature around it.
JSON, SIGNED = "application/json", "application/pkcs7-mime"
#: What phones make of photos.
HEIC = "image/heic"
PICTURES = {"image/png", "image/jpeg", "image/tiff", "image/webp", HEIC}

#: How far behind other bytes (mail servers and scanners add some) a PDF may begin.
_PDF_WITHIN = 1024
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
)
#: A HEIC file names one of these kinds of itself, where others of its family (AVIF,
#: films) name others.
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
#: Office documents are ZIPs too, which begin with one of these files.
_OFFICE = (b"[Content_Types].xml", b"mimetype", b"_rels/.rels", b"docProps/")
_NAME_AT = 30
_XML = re.compile(r"\s*<(\?xml[\s?]|!--|[A-Za-z_])")
_HTML = re.compile(r"<(!doctype\s+html|html)\b", re.I)


def mimetype(data: bytes) -> str | None:
    """The type of what can be read, or of a ZIP; ``None`` for all else."""
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return None if data.startswith(_OFFICE, _NAME_AT) else kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return HEIC
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return PDF
    if signed.content(data) is not None:
        return SIGNED
    if gst.is_json(data):
        return JSON
    text = _text(data[:_PDF_WITHIN])
    if _XML.match(text) and not _HTML.search(text):
        return XML
    return None


def _text(start):
    """The beginning of a file as text, in the encodings that XML knows by itself."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return start[: len(start) // 2 * 2].decode("utf-16", "replace")
    return start.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
