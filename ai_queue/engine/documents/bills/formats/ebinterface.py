"""ebInterface, the Austrian e-invoice, 4.0 to 6.1.

Versions differ in names: a tax is a ``TaxItem`` with ``TaxPercent`` from 5.0 on, before
that an ``Item`` or ``VATItem`` with ``TaxRate`` or ``VATRate``.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ..invoice import Invoice, Line, Party, TaxAmount, value_of
from .source import (
    HUNDRED,
    Node,
    adjustment,
    compact,
    doc_type,
    field,
    joined,
    nonzero,
    set_accounts,
    solved,
    total,
)

_CREDITS = {"CreditMemo", "SubsequentCredit"}
_RATE = "TaxPercent|VATRate|TaxRate"
_CENT = Decimal("0.01")


def read(root: Node) -> list[Invoice]:
    """The one invoice of the file."""
    code = root.text("@DocumentType")
    recipient = root.first("InvoiceRecipient")
    invoice = Invoice(
        doc_type=doc_type("credit_note" if code in _CREDITS else "invoice", code),
        vendor=_party(root.first("Biller")),
        buyer=_party(recipient),
        number=root.string("InvoiceNumber"),
        date=root.date("InvoiceDate"),
        due_date=root.date("PaymentConditions/DueDate"),
        po_number=recipient.string("OrderReference/OrderID"),
        currency=root.string("@InvoiceCurrency"),
        amount_total=root.amount("TotalGrossAmount"),
        amount_due=root.amount("PayableAmount"),
    )
    invoice.rounding = nonzero(root.amount("RoundingAmount"))
    lines = root.all("Details/ItemList/ListLineItem")
    invoice.lines = [_line(one) for one in lines]
    _set_taxes(root, invoice)
    _set_untaxed(invoice)
    invoice.adjustments = _adjustments(root, invoice)
    _set_payment(root, invoice)
    return [invoice]


def _party(party):
    address = party.first("Address")
    country = address.first("Country")
    name = country.attribute("CountryCode") or country.text()
    vat = compact(party.string("VATIdentificationNumber"))
    return Party(
        name=address.string("Name"),
        # The schema wants a number: who has none writes zeros.
        vat=vat if vat and vat.value.strip("0") else None,
        address=joined(
            address.text("Street"),
            f"{address.text('ZIP')} {address.text('Town')}".strip(),
        ),
        country=field(name if re.fullmatch("[A-Z]{2}", name) else ""),
        email=address.string("Email") or party.string("Contact/Email"),
    )


def _category(node):
    code = node.first("TaxItem/TaxPercent", "TaxPercent").attribute("TaxCategoryCode")
    if code:
        # The lower rates (AA) are rates like the others.
        return field("S" if code == "AA" else code, code)
    return field("E") if node.first("TaxExemption") else None


def _rate(node):
    """The rate of a line or an adjustment."""
    return node.amount(f"TaxItem/{_RATE}", _RATE)


def _set_taxes(root, invoice):
    for item in root.all("Tax/TaxItem") + root.all("Tax/VAT/Item|VATItem"):
        rate, base = item.amount(_RATE), item.amount("TaxableAmount|TaxedAmount")
        amount = item.amount("TaxAmount|Amount")
        if amount is None and rate and base:
            amount = solved(round(base.value * rate.value / HUNDRED, 2))
        invoice.taxes.append(TaxAmount(rate, base, amount, _category(item)))
    invoice.amount_tax = solved(total(tax.amount for tax in invoice.taxes))


def _set_untaxed(invoice):
    """What is left of the total without the tax; no element says it."""
    gross = value_of(invoice.amount_total)
    if gross is not None:
        invoice.amount_untaxed = solved(gross - invoice.amount_tax.value)


def _adjustments(root, invoice):
    details = root.first("ReductionAndSurchargeDetails")
    found = [(-(_part(one) or 0), one) for one in details.all("Reduction")]
    found += [(_part(one), one) for one in details.all("Surcharge")]
    # Duties that are no VAT (on advertising, say), and bear none.
    found += [(one.number("TaxAmount|Amount"), one) for one in root.all("Tax/OtherTax")]
    # Duties that bear it are listed among the taxes as well, or not.
    others = details.all("OtherVATableTax")
    sums = total(line.amount for line in invoice.lines) + total(one for one, _ in found)
    if sums != value_of(invoice.amount_untaxed):
        found += [(one.number("TaxAmount"), one) for one in others]
    return [
        adjustment(amount, _rate(one), _category(one), one.string("Comment"))
        for amount, one in found
        if amount
    ]


def _part(node):
    """The amount of a reduction, computed where only its share is there."""
    amount = node.number("Amount")
    base, rate = node.number("BaseAmount"), node.number("Percentage")
    if amount is None and base is not None and rate is not None:
        return round(base * rate / HUNDRED, 2)
    return amount


def _line(line):
    price = line.first("UnitPrice")
    base = price.amount("@BaseQuantity")
    found = Line(
        description=field("\n".join(line.texts("Description"))),
        quantity=line.amount("Quantity"),
        unit=line.string("Quantity/@Unit"),
        unit_price=price.amount(""),
        price_base_quantity=base if base and base.value not in (0, 1) else None,
        tax_rate=_rate(line),
        amount=line.amount("LineItemAmount"),
        tax_category=_category(line),
    )
    found.discount = _discount(line, found)
    return found


def _discount(line, found):
    """The one reduction of a line in percent, where the price is reduced by it."""
    details = line.first("ReductionAndSurchargeListLineItemDetails")
    steps = details.all("ReductionListLineItem|SurchargeListLineItem")
    if len(steps) != 1 or None in (found.quantity, found.unit_price, found.amount):
        return None
    rate = steps[0].amount("Percentage")
    if not rate or not rate.value:
        return None
    sign = 1 if steps[0].name == "ReductionListLineItem" else -1
    gross = found.quantity.value * found.unit_price.value
    gross /= value_of(found.price_base_quantity) or 1
    if abs(gross * (1 - sign * rate.value / HUNDRED) - found.amount.value) > _CENT:
        return None
    return field(sign * rate.value, rate.text)


def _set_payment(root, invoice):
    places = ("PaymentMethod/UniversalBankTransaction", "UniversalBankTransaction")
    # Version 4.0 names the kind of payment by an attribute of PaymentMethod.
    banks = [one for path in (*places, "PaymentMethod") for one in root.all(path)]
    accounts = [
        text
        for bank in banks
        for name in ("IBAN", "BankAccountNr")
        for text in bank.texts(f"BeneficiaryAccount/{name}")
    ]
    set_accounts(invoice.vendor, accounts)
    references = (bank.string("PaymentReference") for bank in banks)
    invoice.payment_reference = next(filter(None, references), None)
