"""Whether a file is an electronic invoice, and of which format, before it is read.

`extracted` takes it out of what it came in (another XML, JSON, a signed token) and
writes it anew in one plain form, without the files and signatures that it carries. It
works in the process that reads one file; what it gives is small and safe to parse.
"""

from __future__ import annotations

import base64
import binascii
import re

from lxml import etree

from ...errors import Unreadable
from . import gst, markup
from .markup import local_name, namespace

#: The element around several invoices that came in one envelope.
SEVERAL = "{urn:ai_queue:several}Invoices"
#: Invoices in one file, and envelopes within envelopes.
MOST, LAYERS = 200, 3
#: Characters of a text in which another XML file is looked for.
_LONGEST_INSIDE = 24 * 1024 * 1024

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_UBL_BILLS = "Invoice|CreditNote|DebitNote|SelfBilledInvoice|SelfBilledCreditNote"
_UBL_OTHERS = "Order|OrderResponse|OrderResponseSimple|Quotation|Reminder|Statement"
_UBL_OTHERS += "|DespatchAdvice"

#: Format -> the names of its first element and its namespaces, as expressions. A name
#: that many formats use ("Invoice") is never enough.
FORMATS = {
    "ubl": (f"{_UBL_BILLS}|{_UBL_OTHERS}", rf"{_UBL}\w+-2"),
    "cii": ("CrossIndustryInvoice|CrossIndustryDocument", ".*"),
    "fatturapa": ("FatturaElettronica(Semplificata)?", ".*"),
    "facturae": ("Facturae", r"https?://www\.facturae\.(gob\.)?es/.*3[._]2.*"),
    "ksef": ("Faktura", r"http://crd\.gov\.pl/wzor/.*"),
    "cfdi": ("Comprobante", r"http://www\.sat\.gob\.mx/cfd/[34]"),
    "nfe": ("nfeProc|NFe|enviNFe", r"http://www\.portalfiscal\.inf\.br/nfe"),
    "nav": ("InvoiceData", r"http://schemas\.nav\.gov\.hu/OSA/[123]\.\d/data"),
    "ebinterface": ("Invoice", r"http://www\.ebinterface\.at/schema/[456]p\d/?"),
    "isdoc": ("Invoice", r"http://isdoc\.cz/namespace/(2013|invoice)"),
    "svefaktura": ("Invoices?", r"urn:sfti:documents:BasicInvoice:1:0"),
    "gst": (gst.ROOT, re.escape(gst.NAMESPACE)),
}

_ANY_NAME = re.compile("|".join(names for names, _spaces in FORMATS.values()))

#: Formats that are known by name and not read: what they are called in a sentence, the
#: names of the first element, and the namespaces.
UNREAD = (
    ("Finvoice invoice (Finland)", "Finvoice", ".*"),
    ("TEAPPSXML invoice (Finland)", "INVOICE_CENTER", ".*"),
    ("e-SLOG invoice (Slovenia)", "Invoice", r"urn:eslog:.*"),
    ("e-SLOG invoice (Slovenia)", "IzdaniRacunEnostavni|Racun", ".*"),
    ("Estonian e-invoice (E_Invoice)", "E_Invoice", ".*"),
    ("yellowbill invoice (Switzerland)", "Envelope", r".*(swisspost|ebill).*"),
    ("OIOXML invoice (Denmark)", "Invoice", r"http://rep\.oio\.dk/.*"),
    ("UBL 1.0 invoice", "Invoice|CreditNote", r"urn:oasis:names:(tc|.*):ubl:.*"),
    ("e2b invoice (Norway)", "interchange", r".*e2b.*"),
    (
        "ebInterface invoice of a version before 4.0 (Austria)",
        "Invoice",
        r".*ebinterf.*",
    ),
    ("Facturae invoice of a version before 3.2 (Spain)", "Facturae", ".*"),
    ("TicketBAI invoice (Spain)", "TicketBai", ".*"),
    ("myDATA invoice (Greece)", "InvoicesDoc", ".*"),
    ("electronic tax document (Chile, DTE)", "DTE|EnvioDTE|SetDTE", ".*"),
    ("electronic invoice (Ecuador, SRI)", "factura|notaCredito|notaDebito", ""),
    ("electronic invoice (Costa Rica)", r"\w+Electronica", r".*hacienda\.go\.cr.*"),
    ("electronic tax document (Guatemala, FEL)", "GTDocumento", ".*"),
    ("electronic invoice (Panama)", "rFE", ".*"),
    ("electronic invoice (Paraguay, SIFEN)", "rDE|rEnviDe", ".*"),
    ("electronic invoice (Uruguay, CFE)", "CFE|EnvioCFE", ".*"),
    ("withholding receipt (Mexico, Retenciones)", "Retenciones", ".*"),
    ("CFDI invoice of a version before 3.3 (Mexico)", "Comprobante", ".*"),
    ("transport document (Brazil, CT-e)", "cteProc|CTe", ".*"),
    ("service invoice (Brazil, NFS-e)", "(CompNfse|Nfse|NFSe|ConsultarNfse.*)", ".*"),
    ("communication invoice (Brazil, NFCom)", "NFCom|nfcomProc", ".*"),
    ("electronic tax invoice (Korea)", "TaxInvoice", ".*"),
    ("electronic invoice (Taiwan, MIG)", "Invoice", r"urn:GEINV:.*"),
    ("electronic invoice (Vietnam)", "HDon|TDiep", ".*"),
    ("electronic invoice (China, e-fapiao)", "EInvoice|eInvoice", ".*"),
    ("electronic invoice (Kazakhstan, ESF)", "invoiceContainer|invoice", r".*esf.*"),
    ("transfer document (Russia, UPD)", "Файл", ".*"),
    ("tax document (Ukraine)", "DECLAR|ZVIT", ".*"),
    ("GS1 XML invoice", "invoiceMessage", ".*"),
    ("openTRANS invoice", "INVOICE(_LIST)?", r".*opentrans.*"),
    ("xCBL invoice", "Invoice", r"rrn:org\.xcbl:.*"),
    ("OAGIS invoice", r"(Process|Sync|Show|Notify)?Invoice", r".*openapplications.*"),
    ("IDoc invoice (SAP)", r"INVOIC\d*", ".*"),
    ("Pohoda data package (Czechia)", "dataPack", ".*"),
    ("SAF-T audit file", "AuditFile", ".*"),
    ("KSeF document of another form (Poland)", "Faktura|FakturaRR", ".*"),
    ("NAV document of another version (Hungary)", "InvoiceData", ".*"),
)
_CXML = "cXML message"
#: The same for files that are no XML, or begin as none, by how they begin.
_UNREAD_TEXTS = (
    (_CXML, re.compile(rb"\s*<!DOCTYPE\s+cXML")),
    ("EDIFACT message", re.compile(rb"\s*UN[AB][:+]")),
    ("ANSI X12 message", re.compile(rb"\s*ISA.00.{10}")),
    ("UBL invoice in JSON (Malaysia)", re.compile(rb"\s*\{.{0,3000}?ubl:schema", re.S)),
    (
        "electronic invoice (Egypt, ETA)",
        re.compile(rb"\s*\{.{0,3000}?taxpayerActivityCode", re.S),
    ),
)
_XML_INSIDE = re.compile(r"\s*<(\?xml|[A-Za-z_])")
_BASE64_XML = re.compile(r"\s*(?:PD9|PE|PF|77u/PD)[A-Za-z0-9+/=\s]*\Z")


def extracted(data: bytes) -> bytes:
    """The electronic invoice in an XML or JSON file, as a small XML file of its own.

    Invoices that came in one envelope come in one (`SEVERAL`).

    :raise Unreadable: ``einvoice_unread`` for a known format that is not read, or as
        `markup.parse`; ``not_a_document`` when it is none at all
    """
    if gst.is_json(data):
        roots = gst.roots(data)
    else:
        if markup.document_type(data) == "cXML":
            raise _unread(_CXML)
        root = markup.parse(data)
        roots = _invoices(root, LAYERS) if not format_of(root) else [root]
        if not roots:
            raise _unread(_unread_name(root))
    if not roots:
        raise Unreadable("not_a_document")
    if len(roots) > MOST:
        raise Unreadable("too_big")
    if len(roots) == 1:
        return markup.clean(roots[0])
    several = etree.Element(SEVERAL)
    several.extend(roots)
    return markup.clean(several)


def unread_text(data: bytes) -> Unreadable | None:
    """The refusal of an invoice in a format of text that is known by name."""
    for name, pattern in _UNREAD_TEXTS:
        if pattern.match(data):
            return _unread(name)
    return None


def format_of(root) -> str:
    """The format of an invoice by its first element; empty for none that is read."""
    name = local_name(root)
    if not _ANY_NAME.fullmatch(name):
        return ""
    space = namespace(root)
    for key, (names, spaces) in FORMATS.items():
        if re.fullmatch(names, name) and re.fullmatch(spaces, space):
            return key
    return ""


def is_whole(data: bytes) -> bool:
    """Whether an invoice as `extracted` gives it has lines.

    The small profiles of Factur-X (MINIMUM, BASIC WL) have none: those are on the page.
    """
    return b"CrossIndustry" not in data[:2000] or b"TradeLineItem" in data


def _unread_name(root):
    name, space = local_name(root), namespace(root)
    for label, names, spaces in UNREAD:
        if re.fullmatch(names, name) and re.fullmatch(spaces, space):
            return label
    return ""


def _unread(name):
    if not name:
        return Unreadable("not_a_document")
    return Unreadable("einvoice_unread", format=name)


def _invoices(root, layers):
    """The invoices in an envelope: as elements of it, or as a file in a text of it."""
    found = [one for one in root.iter(etree.Element) if format_of(one)]
    # One that holds another of the same format (nfeProc and NFe) counts once.
    found = [one for one in found if not _is_inside(one, found)]
    if found or not layers:
        return found
    for element in root.iter(etree.Element):
        inner = _inner(element.text)
        if inner is None:
            continue
        try:
            other = markup.parse(inner)
        except Unreadable:
            continue
        more = [other] if format_of(other) else _invoices(other, layers - 1)
        found += more
        if len(found) > MOST:
            break
    return found


def _is_inside(element, others):
    above = set(map(id, element.iterancestors()))
    return any(id(one) in above for one in others)


def _inner(text):
    """An XML file in a text, plain or in Base64."""
    if not text or not 20 < len(text) <= _LONGEST_INSIDE:
        return None
    if _XML_INSIDE.match(text):
        # It is text by now, whatever encoding it says.
        return re.sub(r"\A\s*<\?xml[^>]*\?>", "", text, count=1).encode()
    if not _BASE64_XML.match(text):
        return None
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return None
