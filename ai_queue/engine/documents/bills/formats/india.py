"""The Indian e-invoice (GST INV-01), as `files.gst` turns it into elements."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from ..invoice import Invoice, Line, Party, TaxAmount, value_of
from . import terms
from .source import (
    ZERO,
    Node,
    adjustment,
    doc_type,
    field,
    joined,
    nonzero,
    percent,
    set_accounts,
    solved,
    total,
)

_KINDS = {"CRN": "credit_note"}
#: Exports and supplies to special zones, with and without tax.
_SUPPLIES = {"EXPWP": "G", "EXPWOP": "G", "SEZWP": "Z", "SEZWOP": "Z"}
_GST = ("IgstAmt", "CgstAmt", "SgstAmt")
_CESS = ("CesAmt", "CesNonAdvlAmt", "StateCesAmt", "StateCesNonAdvlAmt")
_TAXES = ("IgstVal", "CgstVal", "SgstVal", "CesVal", "StCesVal")
_DAY = re.compile(r"(\d{2})[/-](\d{2})[/-](\d{4})", re.ASCII)


def read(root: Node) -> list[Invoice]:
    """The one invoice of the element."""
    document, values = root.first("DocDtls"), root.first("ValDtls")
    payment = root.first("PayDtls")
    code = document.text("Typ")
    date = _date(document.text("Dt"))
    invoice = Invoice(
        doc_type=doc_type(_KINDS.get(code, "invoice"), code),
        vendor=_party(root.first("SellerDtls")),
        buyer=_party(root.first("BuyerDtls")),
        number=document.string("No"),
        date=date,
        due_date=terms.after(date, payment.number("CrDay")),
        po_number=root.string("RefDtls/ContrDtls/PORefr"),
        currency=field("INR"),
        amount_total=values.amount("TotInvVal"),
    )
    invoice.amount_due = nonzero(payment.amount("PaymtDue"))
    invoice.rounding = nonzero(values.amount("RndOffAmt"))
    set_accounts(invoice.vendor, payment.texts("AccDet"))
    category = _category(root)
    items = root.all("ItemList")
    invoice.lines = [_line(one, category) for one in items]
    invoice.taxes = _taxes(items, category)
    _set_totals(values, invoice)
    return [invoice]


def _party(party):
    return Party(
        name=party.string("LglNm", "TrdNm"),
        vat=party.string("Gstin", "GSTIN"),
        address=joined(
            party.text("Addr1"),
            party.text("Addr2"),
            f"{party.text('Loc')} {party.text('Pin')}".strip(),
        ),
        country=field("IN" if party.text("Gstin", "GSTIN") not in ("", "URP") else ""),
        email=party.string("Em"),
    )


def _date(text):
    match = _DAY.fullmatch(text)
    if not match:
        return None
    day, month, year = map(int, match.groups())
    try:
        return field(datetime.date(year, month, day), text)
    except ValueError:
        return None


def _category(root):
    """Why there is no plain tax: the buyer owes it, or the goods leave the country."""
    head = root.first("TranDtls")
    if head.text("RegRev") == "Y":
        return "AE"
    return _SUPPLIES.get(head.text("SupTyp"), "")


def _line(item, category):
    gross, less = item.number("TotAmt"), item.number("Discount")
    return Line(
        description=item.string("PrdDesc"),
        quantity=item.amount("Qty"),
        unit=item.string("Unit"),
        unit_price=item.amount("UnitPrice"),
        discount=percent(less, gross),
        tax_rate=item.amount("GstRt"),
        amount=item.amount("AssAmt"),
        tax_category=field(category or ("S" if item.number("GstRt") else "")),
    )


def _taxes(items, category):
    """The tax by rate: of the states and the union together, and the cess."""
    sums: dict[Decimal, list[Decimal]] = {}
    cess = ZERO
    for item in items:
        rate = item.number("GstRt") or ZERO
        base, tax = sums.get(rate, (ZERO, ZERO))
        amounts = (item.number(name) for name in _GST)
        sums[rate] = [base + (item.number("AssAmt") or ZERO), tax + total(amounts)]
        cess += total(item.number(name) for name in _CESS)
    found = [
        TaxAmount(
            solved(rate),
            solved(base),
            solved(tax),
            field(category or ("S" if rate else "")),
        )
        for rate, (base, tax) in sums.items()
    ]
    return [*found, TaxAmount(amount=solved(cess))] if cess else found


def _set_totals(values, invoice):
    """Discounts and charges of the whole are outside of the tax."""
    less, more = values.number("Discount"), values.number("OthChrg")
    base = values.number("AssVal")
    for amount, reason in ((-(less or ZERO), "Discount"), (more, "Other charges")):
        if amount:
            invoice.adjustments.append(
                adjustment(amount, solved(ZERO), field("O"), field(reason))
            )
    if base is not None:
        invoice.amount_untaxed = solved(
            base + total(one.amount for one in invoice.adjustments)
        )
    invoice.amount_tax = solved(total(values.number(name) for name in _TAXES))
    gross = value_of(invoice.amount_total)
    if gross is None and invoice.amount_untaxed:
        sums = invoice.amount_untaxed.value + invoice.amount_tax.value
        invoice.amount_total = solved(sums + total([invoice.rounding]))
