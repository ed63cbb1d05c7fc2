"""ISDOC 5 and 6, the Czech e-invoice.

Amounts are in the local currency, and once more (names in ``Curr``) in the foreign one
where the document has one; then those are the ones that it asks for.
"""

from __future__ import annotations

from decimal import Decimal

from ..invoice import Invoice, Line, Party, TaxAmount, value_of
from .source import (
    Node,
    adjustment,
    compact,
    doc_type,
    field,
    joined,
    nonzero,
    percent,
    set_accounts,
    solved,
)

#: DocumentType: 4 asks for an advance and is no tax document.
_KINDS = {"2": "credit_note", "6": "credit_note", "4": "proforma"}


def read(root: Node) -> list[Invoice]:
    """The one invoice of the file."""
    code, foreign = root.text("DocumentType"), root.string("ForeignCurrencyCode")
    end = "Curr" if foreign else ""
    order = root.first("OrderReferences/OrderReference")
    invoice = Invoice(
        doc_type=doc_type(_KINDS.get(code, "invoice"), code),
        vendor=_party(root.first("AccountingSupplierParty/Party")),
        buyer=_party(
            root.first("AccountingCustomerParty/Party", "BuyerCustomerParty/Party")
        ),
        number=root.string("ID"),
        date=root.date("IssueDate"),
        po_number=order.string("ExternalOrderID", "SalesOrderID"),
        currency=foreign or root.string("LocalCurrencyCode"),
    )
    _set_totals(root, end, invoice)
    _set_payment(root, invoice)
    lines = root.all("InvoiceLines/InvoiceLine")
    invoice.lines = [_line(one, end) for one in lines]
    return [invoice]


def _party(party):
    address = party.first("PostalAddress")
    return Party(
        name=party.string("PartyName/Name"),
        vat=compact(_vat(party)),
        address=joined(
            f"{address.text('StreetName')} {address.text('BuildingNumber')}".strip(),
            f"{address.text('PostalZone')} {address.text('CityName')}".strip(),
        ),
        country=address.string("Country/IdentificationCode"),
        email=party.string("Contact/ElectronicMail"),
    )


def _vat(party):
    """The number for the VAT; the other one (TIN) is that of Slovak income tax."""
    for scheme in party.all("PartyTaxScheme"):
        if scheme.text("TaxScheme") in ("VAT", ""):
            return scheme.string("CompanyID")
    return None


def _set_totals(root, end, invoice):
    """The totals, without advances for which there was a tax document already."""
    totals = root.first("LegalMonetaryTotal")
    claimed = totals.number(f"AlreadyClaimedTaxInclusiveAmount{end}")
    begin = "Difference" if claimed else ""
    invoice.amount_untaxed = totals.amount(f"{begin}TaxExclusiveAmount{end}")
    invoice.amount_total = totals.amount(f"{begin}TaxInclusiveAmount{end}")
    invoice.amount_due = totals.amount(f"PayableAmount{end}")
    invoice.rounding = nonzero(totals.amount(f"PayableRoundingAmount{end}"))
    parts = root.all("TaxTotal/TaxSubTotal")
    invoice.taxes = [_tax(one, begin, end) for one in parts]
    if None not in (invoice.amount_untaxed, invoice.amount_total):
        tax = invoice.amount_total.value - invoice.amount_untaxed.value
        printed = root.amount(f"TaxTotal/TaxAmount{end}")
        is_printed = printed and printed.value == tax
        invoice.amount_tax = printed if is_printed else solved(tax)
    if claimed:
        invoice.adjustments = [
            _advance(one, end) for one in parts if _claimed(one, end)
        ]


def _tax(node, begin, end):
    category = node.first("TaxCategory")
    return TaxAmount(
        category.amount("Percent"),
        node.amount(f"{begin}TaxableAmount{end}"),
        node.amount(f"{begin}TaxAmount{end}"),
        _category(category),
    )


def _category(node):
    if node.text("LocalReverseChargeFlag") == "true" or node.first(
        "LocalReverseCharge"
    ):
        return field("AE")
    if node.text("VATApplicable") == "false":
        return field("O")
    return field("S") if node.number("Percent") else None


def _claimed(node, end):
    return node.number(f"AlreadyClaimedTaxableAmount{end}")


def _advance(node, end):
    tax = _tax(node, "", end)
    reason = field("Odpočet zálohy")
    return adjustment(-_claimed(node, end), tax.rate, tax.tax_category, reason)


def _set_payment(root, invoice):
    details = root.all("PaymentMeans/Payment/Details")
    others = root.all("PaymentMeans/AlternateBankAccounts/AlternateBankAccount")
    accounts = [one.text("IBAN") or _domestic(one) for one in details + others]
    set_accounts(invoice.vendor, filter(None, accounts))
    dates = (one.date("PaymentDueDate") for one in details)
    invoice.due_date = next(filter(None, dates), None)
    names = (one.string("VariableSymbol") for one in details)
    invoice.payment_reference = next(filter(None, names), None)


def _domestic(node):
    number, bank = node.text("ID"), node.text("BankCode")
    return f"{number}/{bank}" if number and bank else number


def _line(line, end):
    category = line.first("ClassifiedTaxCategory")
    amount = line.amount(f"LineExtensionAmount{end}", "LineExtensionAmount")
    before = line.number("LineExtensionAmountBeforeDiscount")
    local = line.number("LineExtensionAmount")
    less = before - local if before and local is not None else Decimal(0)
    quantity, price = line.amount("InvoicedQuantity"), line.amount("UnitPrice")
    if end and amount and value_of(quantity):
        # The price is in the local currency only.
        price = solved(round(amount.value / quantity.value, 6))
    return Line(
        description=line.string("Item/Description"),
        quantity=quantity,
        unit=line.string("InvoicedQuantity/@unitCode"),
        unit_price=price,
        discount=None if end else percent(less, before),
        tax_rate=category.amount("Percent"),
        amount=amount,
        tax_category=_category(category),
    )
