"""What is wrong with a bill that was read, looking at the bill alone.

A `Finding` is a code with values; the sentence comes from `FINDINGS`. Whoever speaks
another language translates the template of the code and fills in the same values.
What needs other records (duplicates, known bank accounts, usual amounts) is not here.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any

from ...terms import _
from . import identifiers
from .invoice import OTHERS, Invoice, header_fields, value_of

# There is no environment in here: whoever shows a finding translates it.
# pylint: disable=prefer-env-translation

#: Code -> English template: what happened, and what to do next.
FINDINGS = {
    "nothing_read": _(
        "Nothing could be read from the document. Type the bill in, or attach a "
        "clearer copy."
    ),
    "not_a_bill": _(
        "This is %(kind)s, not a bill: nothing was taken from it. Delete it, or choose "
        "another file."
    ),
    "vendor_missing": _("The vendor was not found on the document. Choose the vendor."),
    "number_missing": _("No bill number was found. Type in the reference of the bill."),
    "date_missing": _("No date was found. Type in the date of the bill."),
    "total_missing": _("No total was found. Type in the lines and compare the total."),
    "currency_missing": _(
        "The document does not say its currency. Check the currency of the bill."
    ),
    "lines_missing": _("No lines were found. Add the lines of the bill."),
    "lines_differ": _(
        "The lines add up to %(lines)s, but the document says %(printed)s. Compare the "
        "lines with the document."
    ),
    "totals_differ": _(
        "%(untaxed)s plus tax of %(tax)s is not the total of %(total)s. Compare the "
        "amounts with the document, and ask the vendor for a correct bill if it is "
        "wrong."
    ),
    "total_unproven": _(
        "A total of %(total)s was found, but nothing on the document that proves it. "
        "Compare it with the document."
    ),
    "tax_unproven": _(
        "A tax of %(tax)s is printed, but it could not be worked out how it belongs to "
        "the total of %(total)s. Set the taxes of the lines, and compare the amounts "
        "with the document."
    ),
    "taxes_differ": _(
        "The taxes per rate add up to %(taxes)s, but the document says %(tax)s. Check "
        "the taxes of the lines."
    ),
    "tax_rate": _(
        "A tax of %(rate)s %% is not usual in %(country)s. Check the taxes of the "
        "lines."
    ),
    "tax_rate_high": _(
        "The tax is %(rate)s %% of the untaxed amount, which no country asks for. "
        "Compare the amounts with the document."
    ),
    "due_before_date": _(
        "The due date %(due)s is before the date of the bill, %(date)s. Check both "
        "dates."
    ),
    "date_in_future": _("The date of the bill, %(date)s, is in the future. Check it."),
    "due_differs": _(
        "The document asks for %(due)s, but this bill alone comes to %(total)s. The "
        "rest may be an older debt or a payment. Check what to pay."
    ),
    "vat_invalid": _(
        "The VAT number %(vat)s has wrong check digits. Compare it with the document."
    ),
    "iban_invalid": _(
        "The bank account %(iban)s has wrong check digits. Do not pay to it before the "
        "vendor has confirmed it."
    ),
    "invented": _(
        "The model named %(fields)s in a way that does not stand on the document; that "
        "was left out. Compare the bill with the document."
    ),
    "value_unread": _(
        "The file gives %(names)s in a form that is no number. Ask the vendor for a "
        "correct file, or compare the bill with the document and type it in."
    ),
    "uncertain": _("Not read with certainty: %(fields)s. Compare with the document."),
}

#: What a document that is no bill is called in a sentence.
KIND_NAMES = {
    "proforma": _("a pro forma invoice"),
    "payment_request": _("a request for payment"),
    "statement": _("a statement of account"),
    "quotation": _("a quotation"),
    "order": _("an order"),
    "order_confirmation": _("an order confirmation"),
    "reminder": _("a reminder"),
    "delivery_note": _("a delivery note"),
    "other": _("another kind of document"),
}

#: What a field is called in a sentence.
FIELD_NAMES = {
    "doc_type": _("the kind of document"),
    "vendor_name": _("the vendor"),
    "vendor_vat": _("the VAT number"),
    "vendor_iban": _("the bank account"),
    "vendor_address": _("the address"),
    "buyer_name": _("the buyer"),
    "po_number": _("the purchase order"),
    "lines": _("the lines"),
    "invoice_number": _("the bill number"),
    "invoice_date": _("the date"),
    "due_date": _("the due date"),
    "currency": _("the currency"),
    "amount_untaxed": _("the untaxed amount"),
    "amount_tax": _("the tax"),
    "amount_total": _("the total"),
    "payee_name": _("who is to be paid"),
    "payee_iban": _("the bank account"),
    "payment_reference": _("the payment reference"),
    "rounding": _("the rounding"),
    "stamp": _("the stamp duty"),
    "amount_withheld": _("the tax withheld"),
}

#: Country -> rates of tax in percent that its bills may carry, now and in the last
#: years (European Commission, Taxes in Europe Database; national tax offices).
RATES = {
    "AT": (0, 5, 10, 13, 19, 20),
    "BE": (0, 6, 12, 21),
    "BG": (0, 9, 20),
    "CH": (0, "2.5", "2.6", "3.7", "3.8", "7.7", "8.1"),
    "CY": (0, 3, 5, 9, 19),
    "CZ": (0, 10, 12, 15, 21),
    "DE": (0, 5, 7, 16, 19),
    "DK": (0, 25),
    "EE": (0, 5, 9, 13, 20, 22, 24),
    # with the surcharges of retailers (recargo de equivalencia)
    "ES": (0, "0.5", "0.62", "1.4", 4, 5, "5.2", 10, 21),
    "FI": (0, 10, "13.5", 14, 24, "25.5"),
    "FR": (0, "2.1", "5.5", "8.5", 10, 20),
    "GB": (0, 5, "12.5", 20),
    "GR": (0, 4, 6, 9, 13, 17, 24),
    "HR": (0, 5, 13, 25),
    "HU": (0, 5, 18, 27),
    "IE": (0, "4.8", 5, 9, "13.5", 21, 23),
    "IT": (0, 4, 5, 10, 22),
    "LT": (0, 5, 9, 12, 21),
    "LU": (0, 3, 7, 8, 13, 14, 16, 17),
    "LV": (0, 5, 12, 21),
    "MT": (0, 5, 7, 12, 18),
    "NL": (0, 6, 9, 19, 21),
    "NO": (0, 6, 10, "11.11", 12, 15, 25),
    "PL": (0, 5, 8, 23),
    "PT": (0, 4, 5, 6, 9, 10, 12, 13, 16, 18, 22, 23),
    "RO": (0, 5, 9, 11, 19, 21),
    "SE": (0, 6, 12, 25),
    "SI": (0, 5, "9.5", 22),
    "SK": (0, 5, 10, 19, 20, 23),
}
RATES_OF = {
    country: {Decimal(str(rate)) for rate in rates} for country, rates in RATES.items()
}

#: Tax categories of the Canary Islands and of Ceuta and Melilla, with other rates.
_ISLANDS = ("L", "M")

CENT = Decimal("0.01")
#: No tax on sales is higher (Hungary has 27 percent).
HIGHEST_RATE = 30
#: Below this the reading of a field is doubted.
CERTAIN = 0.55
_DOUBTED = frozenset(
    "vendor_name invoice_number invoice_date due_date currency"
    " amount_untaxed amount_tax amount_total".split()
)
#: The same for what was read from a picture and proves nothing by itself: no sum ties a
#: misread date, no checksum a name.
SURE_OF_PICTURES = {"vendor_name": 0.8, "invoice_date": 0.85}
_NEEDED = ("vendor_name", "invoice_number", "invoice_date", "amount_total")


@dataclass(frozen=True)
class Finding:
    """A code of `FINDINGS`, the values of its template, and the fields it is about."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sentence in English."""
        values = dict(self.values)
        if "kind" in values:
            kind = values["kind"]
            values["kind"] = KIND_NAMES.get(kind, kind)
        if "fields" in values:
            names = [FIELD_NAMES[name] for name in values["fields"]]
            values["fields"] = ", ".join(names)
        return FINDINGS[self.code] % values


def needs_review(invoice: Invoice, today: datetime.date | None = None) -> list[Finding]:
    """What a person should look at before this bill is booked; empty when nothing.

    :param today: for dates in the future, which are not looked for without it
    """
    header = header_fields(invoice)
    kind = value_of(invoice.doc_type)
    if kind in OTHERS:
        return [Finding("not_a_bill", {"kind": kind}, ("doc_type",))]
    if not any(header[name] for name in _NEEDED):
        return [Finding("nothing_read")]
    return [
        *_missing(invoice, header),
        *_totals(invoice),
        *_lines(invoice),
        *_taxes(invoice),
        *_dates(invoice, today),
        *_identifiers(invoice),
        *_invented(invoice),
        *_unread(invoice),
        *_uncertain(invoice, header),
    ]


def _missing(invoice, header):
    codes = {
        "vendor_name": "vendor_missing",
        "invoice_number": "number_missing",
        "invoice_date": "date_missing",
        "amount_total": "total_missing",
        "currency": "currency_missing",
    }
    is_receipt = value_of(invoice.doc_type) == "receipt"
    for name, code in codes.items():
        if name == "invoice_number" and is_receipt:
            continue
        if not header[name]:
            yield Finding(code, fields=(name,))
    if not invoice.lines and not is_receipt:
        yield Finding("lines_missing", fields=("lines",))


def _totals(invoice):
    untaxed, tax = value_of(invoice.amount_untaxed), value_of(invoice.amount_tax)
    total, due = value_of(invoice.amount_total), value_of(invoice.amount_due)
    if total is None:
        return
    if untaxed is None:
        if tax:
            values = {"tax": tax, "total": total}
            yield Finding("tax_unproven", values, ("amount_untaxed", "amount_tax"))
        elif _line_sum(invoice) != total:
            yield Finding("total_unproven", {"total": total}, ("amount_total",))
    elif not _ties(invoice, untaxed + (tax or 0), total):
        values = {"untaxed": untaxed, "tax": tax or 0, "total": total}
        yield Finding(
            "totals_differ", values, ("amount_untaxed", "amount_tax", "amount_total")
        )
    if due is not None and not _is_due(invoice, total, due):
        yield Finding("due_differs", {"due": due, "total": total}, ("amount_due",))


def _is_due(invoice, total, due):
    """Whether so much is due for a total; what an e-invoice withholds is told."""
    if invoice.doc_type and invoice.doc_type.by == "xml":
        return due in (total, total + (value_of(invoice.rounding) or 0))
    return _ties(invoice, total, due)


def _ties(invoice, amount, goal):
    """Whether an amount is another, or is with rounding, stamp duty, tax withheld.

    Bills print their total before them or after them.
    """
    parts = (value_of(invoice.rounding), value_of(invoice.stamp))
    parts = [one for one in (*parts, -(value_of(invoice.withheld) or 0)) if one]
    return any(
        abs(amount + sum(some) - goal) <= CENT / 2
        for count in range(len(parts) + 1)
        for some in combinations(parts, count)
    )


def _line_sum(invoice):
    amounts = [line.amount.value for line in invoice.lines if line.amount]
    return sum(amounts, Decimal(0))


def _lines(invoice):
    goal = (
        invoice.amount_total if invoice.lines_tax_included else invoice.amount_untaxed
    )
    if not invoice.lines or goal is None:
        return
    lines = _line_sum(invoice)
    lines += sum(one.amount.value for one in invoice.adjustments)
    # A total that was rounded is so beside its lines.
    roundings = [0, value_of(invoice.rounding) or 0][: 1 + invoice.lines_tax_included]
    # Some vendors round each line to print, and the sum to ask for.
    if all(abs(lines + one - goal.value) > CENT / 2 for one in roundings):
        yield Finding(
            "lines_differ", {"lines": lines, "printed": goal.value}, ("lines",)
        )


def _taxes(invoice):
    untaxed, tax = value_of(invoice.amount_untaxed), value_of(invoice.amount_tax)
    per_rate = [one.amount.value for one in invoice.taxes if one.amount]
    if per_rate and tax is not None and abs(sum(per_rate) - tax) > CENT:
        values = {"taxes": sum(per_rate), "tax": tax}
        yield Finding("taxes_differ", values, ("amount_tax",))
    if untaxed and tax and abs(tax / untaxed * 100) > HIGHEST_RATE:
        rate = round(abs(tax / untaxed * 100), 1)
        yield Finding("tax_rate_high", {"rate": rate}, ("amount_tax",))
    country = value_of(invoice.vendor.country)
    usual = RATES_OF.get(country)
    parts = [(one.rate, one.tax_category) for one in invoice.taxes]
    rows = [*invoice.lines, *invoice.adjustments]
    parts += [(row.tax_rate, row.tax_category) for row in rows]
    rates = {
        rate.value
        for rate, category in parts
        if rate and value_of(category) not in _ISLANDS
    }
    for rate in sorted(rates):
        if usual and rate not in usual:
            values = {"rate": f"{rate.normalize():f}", "country": country}
            yield Finding("tax_rate", values, ("amount_tax",))


def _dates(invoice, today):
    bill, due = value_of(invoice.date), value_of(invoice.due_date)
    if bill and due and due < bill:
        values = {"due": due.isoformat(), "date": bill.isoformat()}
        yield Finding("due_before_date", values, ("due_date", "invoice_date"))
    if bill and today and bill > today:
        values = {"date": bill.isoformat()}
        yield Finding("date_in_future", values, ("invoice_date",))


def _identifiers(invoice):
    vat, iban = value_of(invoice.vendor.vat), value_of(invoice.vendor.iban)
    if vat and identifiers.is_valid_vat(vat) is False:
        yield Finding("vat_invalid", {"vat": vat}, ("vendor_vat",))
    if iban and identifiers.is_iban(iban) and not identifiers.is_valid_iban(iban):
        yield Finding("iban_invalid", {"iban": iban}, ("vendor_iban",))


def _invented(invoice):
    names = tuple(
        note.removeprefix("invented:")
        for note in invoice.notes
        if note.startswith("invented:")
    )
    if names:
        yield Finding("invented", {"fields": names}, names)


def _unread(invoice):
    names = [
        note.removeprefix("unread:")
        for note in invoice.notes
        if note.startswith("unread:")
    ]
    if names:
        yield Finding("value_unread", {"names": ", ".join(names)})


def _uncertain(invoice, header):
    certain = dict.fromkeys(_DOUBTED, CERTAIN)
    pictured = {
        name: limit
        for name, limit in SURE_OF_PICTURES.items()
        if header[name] and header[name].by == "ocr"
    }
    if _is_vendor_proven(invoice):
        pictured.pop("vendor_name", None)
    certain.update(pictured)
    names = tuple(
        name
        for name in FIELD_NAMES
        if name in certain and header[name] and header[name].confidence < certain[name]
    )
    if names:
        yield Finding("uncertain", {"fields": names}, names)


def _is_vendor_proven(invoice):
    """Whether a number that carries its own check tells who sent the bill."""
    vat, iban = value_of(invoice.vendor.vat), value_of(invoice.vendor.iban)
    return bool(vat and identifiers.is_valid_vat(vat)) or bool(
        iban and identifiers.is_valid_iban(iban)
    )
