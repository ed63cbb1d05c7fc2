"""UBL 2: invoices, credit and debit notes; Peppol, XRechnung, OIOUBL and others."""

from __future__ import annotations

import re
from decimal import Decimal

from ..invoice import Adjustment, Field, Invoice, Line, Party, TaxAmount, value_of
from . import codes, terms
from .source import (
    ZERO,
    Node,
    adjustment,
    compact,
    described,
    doc_type,
    field,
    joined,
    nonzero,
    set_accounts,
    set_payee,
    solved,
    total,
)

#: Documents that are no bills, by the name of their first element.
_OTHERS = {
    "Order": "order",
    "OrderResponse": "order_confirmation",
    "OrderResponseSimple": "order_confirmation",
    "Quotation": "quotation",
    "Reminder": "reminder",
    "Statement": "statement",
    "DespatchAdvice": "delivery_note",
}
#: Return invoices of Turkey (UBL-TR) are named by a word.
_RETURNS = {"IADE", "TEVKIFATIADE"}
#: Credit and refund notes of Malaysia (MyInvois), which name the version of their list.
_MALAYSIAN_CREDITS = {"02", "04", "12", "14"}
#: What the tax on sales is called as a tax scheme, in words and in national codes.
_TAX_SCHEMES = set(
    "VAT GST TVA IVA BTW MWST UST MOMS MVA DPH PVM KDV IGV VA 63 01 1000".split()
)
#: Schemes of numbers that are those of the tax on sales, though they stand elsewhere.
_TAX_NUMBERS = {"VKN", "TCKN", "TIN", "6"}
#: The tax categories of OIOUBL.
_CATEGORIES = {
    "StandardRated": "S",
    "ZeroRated": "Z",
    "ReverseCharge": "AE",
    "Excise": "S",
}
#: The payment slips of Denmark, whose number stands in another element.
_SLIPS = {"93", "50"}
_CENT = Decimal("0.01")


def read(root: Node) -> list[Invoice]:
    """The one invoice of a UBL document."""
    totals = root.first("LegalMonetaryTotal", "RequestedMonetaryTotal")
    invoice = Invoice(
        doc_type=_doc_type(root),
        vendor=_party(
            root.first("AccountingSupplierParty/Party", "SellerSupplierParty/Party")
        ),
        buyer=_party(
            root.first("AccountingCustomerParty/Party", "BuyerCustomerParty/Party")
        ),
        number=root.string("ID"),
        date=root.date("IssueDate"),
        po_number=root.string("OrderReference/ID"),
        currency=root.string("DocumentCurrencyCode"),
        amount_total=totals.amount("TaxInclusiveAmount", "PayableAmount"),
        amount_due=totals.amount("PayableAmount"),
        rounding=nonzero(totals.amount("PayableRoundingAmount")),
    )
    invoice.due_date = _due_date(root, invoice.date)
    _set_payment(root, invoice)
    lines = "InvoiceLine|CreditNoteLine|DebitNoteLine"
    invoice.lines = [_line(line) for line in root.all(lines)]
    _set_taxes(root, totals, invoice)
    invoice.adjustments = _adjustments(root, totals)
    _set_untaxed(totals, invoice)
    return [invoice]


def _doc_type(root):
    code = root.text("InvoiceTypeCode", "CreditNoteTypeCode")
    if root.name in _OTHERS:
        return doc_type(_OTHERS[root.name])
    credits = _RETURNS
    if root.text("InvoiceTypeCode/@listVersionID"):
        credits = _MALAYSIAN_CREDITS
    if root.name.endswith("CreditNote") or code in credits:
        return doc_type("credit_note", code)
    return doc_type(codes.kind(code), code)


# ------------------------------------------------------------
# PARTIES AND PAYMENT
# ------------------------------------------------------------


def _party(party):
    address = party.first("PostalAddress")
    street = f"{address.text('StreetName')} {address.text('BuildingNumber')}"
    town = f"{address.text('PostalZone')} {address.text('CityName')}"
    person = f"{party.text('Person/FirstName')} {party.text('Person/FamilyName')}"
    return Party(
        name=party.string("PartyLegalEntity/RegistrationName", "PartyName/Name")
        or field(person.strip()),
        vat=compact(_vat(party)),
        address=joined(
            street.strip(), address.text("AdditionalStreetName"), town.strip()
        ),
        country=address.string("Country/IdentificationCode"),
        email=party.string("Contact/ElectronicMail"),
    )


def _vat(party):
    for scheme in party.all("PartyTaxScheme"):
        name = scheme.text("TaxScheme/ID") or scheme.text("TaxScheme/Name")
        if not name or name.upper() in _TAX_SCHEMES:
            number = scheme.string("CompanyID")
            if number:
                return number
    for number in party.all("PartyIdentification/ID"):
        if number.attribute("schemeID") in _TAX_NUMBERS:
            return number.string()
    return None


def _due_date(root, date):
    """The due date; not the day until which a discount is given."""
    paid = [
        one
        for one in root.all("PaymentTerms")
        if not one.first("SettlementDiscountPercent|SettlementDiscountAmount")
    ]
    named = (one.date("PaymentDueDate", "InstallmentDueDate") for one in paid)
    return (
        root.date("DueDate", "PaymentMeans/PaymentDueDate")
        or next(filter(None, named), None)
        or terms.due_date([note for one in paid for note in _notes(one)], date)
    )


def _notes(node):
    """The notes of terms, with the line ends that part them."""
    return [one.element.text or "" for one in node.all("Note")]


def _set_payment(root, invoice):
    means = root.all("PaymentMeans")
    accounts = [
        account
        for one in means
        for path in ("PayeeFinancialAccount/ID", "CreditAccount/AccountID")
        for account in one.texts(path)
    ]
    set_accounts(invoice.vendor, accounts)
    references = (_reference(one) for one in means)
    invoice.payment_reference = next(filter(None, references), None)
    set_payee(
        invoice,
        root.string(
            "PayeeParty/PartyName/Name", "PayeeParty/PartyLegalEntity/RegistrationName"
        ),
    )


def _reference(means):
    if means.text("PaymentMeansCode") in _SLIPS and means.text("InstructionID"):
        return means.string("InstructionID")
    return means.string("PaymentID", "InstructionID")


# ------------------------------------------------------------
# AMOUNTS
# ------------------------------------------------------------


def _set_taxes(root, totals, invoice):
    """The tax in the currency of the document; it may be there in another one too."""
    invoice.withheld = nonzero(_sum(root.all("WithholdingTaxTotal")))
    found = _in_currency(root, invoice)
    if not found:
        return
    amounts = [one.number("TaxAmount") or ZERO for one in found]
    gross, net = (
        totals.number("TaxInclusiveAmount"),
        totals.number("TaxExclusiveAmount"),
    )
    goal = gross - net if None not in (gross, net) else None
    # Several taxes come in as many totals; but some repeat one in the currency of the
    # books, which may be the same.
    parted = [one for one in found if one.first("TaxSubtotal")] or found[:1]
    whole = total(one.number("TaxAmount") for one in parted)
    chosen = found[:1] if goal == amounts[0] != whole else parted
    first = chosen[0].amount("TaxAmount")
    invoice.amount_tax = first if len(chosen) == 1 else solved(whole)
    invoice.taxes = [_tax(part) for one in chosen for part in one.all("TaxSubtotal")]


def _in_currency(root, invoice):
    currency = value_of(invoice.currency) or ""
    found = [one for one in root.all("TaxTotal") if one.first("TaxAmount")]
    same = [
        one
        for one in found
        if (one.text("TaxAmount/@currencyID") or currency) == currency
    ]
    # Jordan names the country in the place of the currency.
    return same or [
        one for one in found if len(one.text("TaxAmount/@currencyID")) != len(currency)
    ]


def _sum(nodes):
    return solved(total(one.number("TaxAmount") for one in nodes)) if nodes else None


def _tax(part):
    return TaxAmount(
        part.amount("TaxCategory/Percent", "Percent"),
        part.amount("TaxableAmount"),
        part.amount("TaxAmount"),
        _category(part.first("TaxCategory")),
    )


def _category(node):
    code = node.text("ID")
    return field(_CATEGORIES.get(code, code), code)


def _adjustments(root, totals) -> list[Adjustment]:
    found = [_adjustment(one) for one in root.all("AllowanceCharge")]
    found = [one for one in found if one]
    charges = totals.number("ChargeTotalAmount") or 0
    allowances = totals.number("AllowanceTotalAmount") or 0
    rest = charges - allowances - total(one.amount for one in found)
    # Some give the totals only.
    return [*found, adjustment(rest)] if rest and not found else found


def _adjustment(node):
    amount = node.number("Amount")
    if not amount:
        return None
    is_charge = node.text("ChargeIndicator").lower() in ("true", "1")
    return adjustment(
        amount if is_charge else -amount,
        node.amount("TaxCategory/Percent"),
        _category(node.first("TaxCategory")),
        node.string("AllowanceChargeReason"),
        node.text("Amount"),
    )


def _set_untaxed(totals, invoice):
    """The untaxed amount; in OIOUBL the tax stands in its place."""
    untaxed = totals.amount("TaxExclusiveAmount")
    gross = totals.number("TaxInclusiveAmount")
    tax, rounding = value_of(invoice.amount_tax) or ZERO, total([invoice.rounding])
    lines = total(line.amount for line in invoice.lines)
    if untaxed is None or (gross is not None and untaxed.value + tax != gross):
        changes = [one.amount for one in invoice.adjustments]
        computed = total([totals.number("LineExtensionAmount"), *changes])
        if gross is None or computed + tax in (gross, gross - rounding):
            untaxed = solved(computed)
        elif untaxed is None or untaxed.value == tax or lines + tax == gross:
            untaxed = solved(gross - tax)
    invoice.amount_untaxed = untaxed
    if untaxed and untaxed.value == lines and _is_doubled(invoice):
        invoice.adjustments = []
    if gross is None and untaxed and invoice.amount_tax:
        invoice.amount_total = solved(untaxed.value + tax)


def _is_doubled(invoice):
    """Whether discounts of the document are those of lines (Turkey, Jordan)."""
    return bool(total(one.amount for one in invoice.adjustments))


# ------------------------------------------------------------
# LINES
# ------------------------------------------------------------


def _line(line):
    quantity = line.first("InvoicedQuantity|CreditedQuantity|DebitedQuantity")
    category = line.first(
        "Item/ClassifiedTaxCategory", "TaxTotal/TaxSubtotal/TaxCategory"
    )
    found = Line(
        description=described(line.text("Item/Name"), line.text("Item/Description")),
        quantity=line.amount("InvoicedQuantity|CreditedQuantity|DebitedQuantity"),
        unit=field(quantity.attribute("unitCode")),
        unit_price=line.amount("Price/PriceAmount"),
        price_base_quantity=_base(line.amount("Price/BaseQuantity")),
        tax_rate=category.amount("Percent"),
        amount=line.amount("LineExtensionAmount"),
        tax_category=_category(category),
    )
    found.discount = _discount(line, found)
    return found


def _base(item):
    return item if item and item.value not in (0, 1) else None


def _discount(line, found: Line) -> Field | None:
    """The discount in percent, where it is what the price is reduced by."""
    for one in line.all("AllowanceCharge"):
        rate = one.amount("MultiplierFactorNumeric")
        if not rate or None in (found.quantity, found.unit_price, found.amount):
            return None
        sign = -1 if re.fullmatch("true|1", one.text("ChargeIndicator"), re.I) else 1
        base = value_of(found.price_base_quantity) or 1
        gross = found.quantity.value * found.unit_price.value / base
        for value in (rate.value, 100 * rate.value):
            if abs(gross * (1 - sign * value / 100) - found.amount.value) <= _CENT:
                return field(sign * value, rate.text)
    return None
