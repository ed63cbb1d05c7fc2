"""The one form of an invoice that every way of reading ends in.

What is not on the document stays ``None``: nothing is invented.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from ..files.shapes import Box

#: How a value came about: from the XML of an e-invoice, the text of the file, text
#: recognition, a model, or computed from the other amounts of the document.
SOURCES = ("xml", "text", "ocr", "model", "solved")

#: What a document is that asks for money or gives it back.
BILLS = ("invoice", "credit_note", "receipt")
#: What else arrives where bills do: nothing is booked from it.
OTHERS = (
    "proforma",
    "payment_request",
    "statement",
    "quotation",
    "order",
    "order_confirmation",
    "reminder",
    "delivery_note",
    "other",
)

#: Why a tax is what it is (UNTDID 5305, as EN 16931 uses it): standard, zero rated,
#: exempt, reverse charge, supply within the EU, export, outside the scope of the tax,
#: and the taxes of the Canary Islands (L) and of Ceuta and Melilla (M).
TAX_CATEGORIES = ("S", "Z", "E", "AE", "K", "G", "O", "L", "M")


@dataclass(frozen=True)
class Field:
    """A value, and where it comes from.

    ``value``: ``str``, ``datetime.date`` or ``Decimal``. ``text``: the same as printed.
    ``box``: where it stands, in the units of its page; ``None`` when it stands nowhere.
    ``by``: one of `SOURCES`. ``confidence``: 0 to 1.
    """

    value: Any
    text: str = ""
    box: Box | None = None
    by: str = "text"
    confidence: float = 1.0


@dataclass(frozen=True)
class Own:
    """Our own company, so that it is never taken for the vendor.

    ``names`` in any spelling, ``vats`` with or without the letters of the country,
    ``ibans``: our bank accounts, which bills that are paid by direct debit print.
    """

    names: tuple[str, ...] = ()
    vats: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()


@dataclass
class Party:
    """Who sells, or who buys. ``country`` is an ISO 3166 code.

    ``iban``: the account that is asked for, ``ibans``: all that the document prints,
    the first as often as not by no other reason than that it is the first.
    ``account``: the number of an account that is no IBAN, as an e-invoice names it.
    """

    name: Field | None = None
    vat: Field | None = None
    address: Field | None = None
    country: Field | None = None
    iban: Field | None = None
    email: Field | None = None
    ibans: tuple[str, ...] = ()
    account: Field | None = None


@dataclass
class Line:
    """A line of the table.

    ``unit_price`` is for ``price_base_quantity`` units, for one where that is ``None``.
    ``discount`` and ``tax_rate`` are in percent; a surcharge is a negative discount.
    ``tax_category``: one of `TAX_CATEGORIES`.
    """

    description: Field | None = None
    quantity: Field | None = None
    unit: Field | None = None
    unit_price: Field | None = None
    price_base_quantity: Field | None = None
    discount: Field | None = None
    tax_rate: Field | None = None
    amount: Field | None = None
    tax_category: Field | None = None


@dataclass
class TaxAmount:
    """The tax of one rate (percent), and the amount that it is computed from.

    ``tax_category``: one of `TAX_CATEGORIES`.
    """

    rate: Field | None = None
    base: Field | None = None
    amount: Field | None = None
    tax_category: Field | None = None


@dataclass
class Adjustment:
    """A discount or charge of the whole document.

    ``kind``: ``allowance`` or ``charge``. ``amount``: without tax, below zero for an
    allowance. ``tax_rate`` (percent) and ``tax_category``: of the tax that is on it,
    ``None`` when the document does not say.
    """

    kind: str
    amount: Field
    tax_rate: Field | None = None
    tax_category: Field | None = None
    reason: Field | None = None


@dataclass
class Invoice:
    """What stands on one bill.

    ``amount_total`` is the total of this document, tax included; ``amount_due`` what is
    to be paid, which may hold older debts or leave out what was paid before.
    ``adjustments``: discounts and charges of the whole document, which are part of
    ``amount_untaxed`` but of no line; they may add up to nothing.
    ``lines_tax_included``: the amounts of the lines hold the tax. ``pages``: first and
    last page in its file.

    ``payee``: who is to be paid where that is not the vendor (a factor, a head office);
    ``payment_reference``: what the transfer is to say. ``rounding``: what the total was
    rounded by, part of ``amount_due`` or of ``amount_total`` but of no line and no tax.
    ``stamp``: stamp duty (Italy's *bollo*), which may be beside the untaxed amount in
    the total, or in a line, or not charged at all. ``withheld``: what the buyer keeps
    back for the tax office (*ritenuta*, *IRPF*), as a positive number; some documents
    leave it out of the total already (Spain, Mexico), others only of what is due.
    """

    doc_type: Field | None = None
    vendor: Party = field(default_factory=Party)
    buyer: Party = field(default_factory=Party)
    number: Field | None = None
    date: Field | None = None
    due_date: Field | None = None
    po_number: Field | None = None
    currency: Field | None = None
    amount_untaxed: Field | None = None
    amount_tax: Field | None = None
    amount_total: Field | None = None
    amount_due: Field | None = None
    payee: Party = field(default_factory=Party)
    payment_reference: Field | None = None
    rounding: Field | None = None
    stamp: Field | None = None
    withheld: Field | None = None
    adjustments: list[Adjustment] = field(default_factory=list)
    taxes: list[TaxAmount] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    lines_tax_included: bool = False
    pages: tuple[int, int] = (1, 1)
    notes: tuple[str, ...] = ()

    @property
    def is_credit_note(self) -> bool:
        """Whether it gives money back."""
        return value_of(self.doc_type) == "credit_note"


#: Name in JSON -> path in `Invoice`.
HEADER = {
    "doc_type": "doc_type",
    "vendor_name": "vendor.name",
    "vendor_vat": "vendor.vat",
    "vendor_address": "vendor.address",
    "vendor_country": "vendor.country",
    "vendor_iban": "vendor.iban",
    "vendor_account": "vendor.account",
    "vendor_email": "vendor.email",
    "buyer_name": "buyer.name",
    "buyer_vat": "buyer.vat",
    "invoice_number": "number",
    "invoice_date": "date",
    "due_date": "due_date",
    "po_number": "po_number",
    "currency": "currency",
    "amount_untaxed": "amount_untaxed",
    "amount_tax": "amount_tax",
    "amount_total": "amount_total",
    "amount_due": "amount_due",
    "payee_name": "payee.name",
    "payee_iban": "payee.iban",
    "payment_reference": "payment_reference",
    "rounding": "rounding",
    "stamp": "stamp",
    "amount_withheld": "withheld",
}


def adjusted(item: Field | None) -> list[Adjustment]:
    """One adjustment of an amount of which only the sum is known; none for ``None``."""
    if item is None:
        return []
    return [Adjustment("allowance" if item.value < 0 else "charge", item)]


def value_of(item: Field | None) -> Any:
    """The value of a field, ``None`` where there is no field."""
    return item.value if item else None


def header_fields(invoice: Invoice) -> dict[str, Field | None]:
    """The fields of an invoice beside its lines and taxes, by their names in JSON."""
    found = {}
    for name, path in HEADER.items():
        item = invoice
        for step in path.split("."):
            item = getattr(item, step)
        found[name] = item
    return found


def to_json(invoice: Invoice) -> dict[str, Any]:
    """An invoice as plain data for JSON.

    Amounts are numbers, dates ISO strings. ``fields`` says of every value that was
    found how it is printed, where (page and box), by what, and the confidence.
    """
    header = header_fields(invoice)
    data = {name: _plain(value_of(item)) for name, item in header.items()}
    data["vendor_ibans"] = list(invoice.vendor.ibans)
    data["lines"] = [_columns(line) for line in invoice.lines]
    data["adjustments"] = [_columns(one) for one in invoice.adjustments]
    data["lines_tax_included"] = invoice.lines_tax_included
    data["taxes"] = [_columns(tax) for tax in invoice.taxes]
    data["pages"] = list(invoice.pages)
    data["notes"] = list(invoice.notes)
    data["fields"] = {name: _origin(item) for name, item in header.items() if item}
    return data


def _columns(item):
    return {
        column.name: _plain_of(getattr(item, column.name)) for column in fields(item)
    }


def _plain_of(item):
    return _plain(value_of(item)) if isinstance(item, Field) else item


def _plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def _origin(item):
    origin = {"text": item.text, "by": item.by, "confidence": round(item.confidence, 2)}
    if item.box:
        box = item.box
        edges = (box.x0, box.top, box.x1, box.bottom)
        origin["page"] = box.page
        origin["box"] = [round(edge, 1) for edge in edges]
    return origin
