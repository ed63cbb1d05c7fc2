"""Svefaktura 1.0 (SFTI Basic Invoice), the Swedish e-invoice before Peppol."""

from __future__ import annotations

from ..invoice import Invoice, Line, Party, TaxAmount, value_of
from . import codes, terms
from .source import (
    Node,
    adjustment,
    compact,
    doc_type,
    field,
    joined,
    nonzero,
    set_accounts,
    solved,
)


def read(root: Node) -> list[Invoice]:
    """The invoices of a file: one, or a list of them."""
    nodes = root.all("Invoice") if root.name == "Invoices" else [root]
    return [_invoice(one) for one in nodes]


def _invoice(root):
    code, totals = root.text("InvoiceTypeCode"), root.first("LegalTotal")
    date = root.date("IssueDate")
    invoice = Invoice(
        doc_type=doc_type(codes.kind(code), code),
        vendor=_party(root.first("SellerParty")),
        buyer=_party(root.first("BuyerParty")),
        number=root.string("ID"),
        date=date,
        due_date=root.date("PaymentMeans/DuePaymentDate"),
        po_number=root.string(
            "OrderReference/BuyersID",
            "RequisitionistDocumentReference/ID",
            "InvoiceLine/OrderLineReference/OrderReference/BuyersID",
        ),
        currency=root.string("InvoiceCurrencyCode"),
        amount_untaxed=totals.amount("TaxExclusiveTotalAmount"),
        amount_tax=root.amount("TaxTotal/TotalTaxAmount"),
        amount_total=totals.amount("TaxInclusiveTotalAmount"),
    )
    invoice.rounding = nonzero(totals.amount("RoundOffAmount"))
    invoice.due_date = invoice.due_date or terms.due_date(
        root.texts("PaymentTerms/Note"), date
    )
    invoice.taxes = [_tax(one) for one in root.all("TaxTotal/TaxSubTotal")]
    invoice.adjustments = [
        one for node in root.all("AllowanceCharge") for one in _adjustment(node)
    ]
    invoice.lines = [_line(one) for one in root.all("InvoiceLine")]
    _set_totals(totals, invoice)
    _set_payment(root, invoice)
    return invoice


def _set_totals(totals, invoice):
    """Some leave out the untaxed amount: it is what is left without the tax."""
    gross, tax = value_of(invoice.amount_total), value_of(invoice.amount_tax)
    if invoice.amount_untaxed is None and None not in (gross, tax):
        rounding = value_of(invoice.rounding) or 0
        invoice.amount_untaxed = solved(gross - tax - rounding)


def _party(node):
    party = node.first("Party")
    address = party.first("Address")
    street = " ".join(
        filter(None, (address.text("StreetName"), address.text("BuildingNumber")))
    )
    return Party(
        name=party.string("PartyName/Name"),
        vat=compact(_vat(party)),
        address=joined(
            street or address.text("Postbox"),
            f"{address.text('PostalZone')} {address.text('CityName')}".strip(),
        ),
        country=address.string("Country/IdentificationCode"),
        email=node.string("AccountsContact/ElectronicMail")
        or party.string("Contact/ElectronicMail"),
    )


def _vat(party):
    """The number for the VAT; the other one (SWT) is that of the company."""
    for scheme in party.all("PartyTaxScheme"):
        if scheme.text("TaxScheme/ID") == "VAT":
            return scheme.string("CompanyID")
    return None


def _tax(node):
    category = node.first("TaxCategory")
    return TaxAmount(
        category.amount("Percent"),
        node.amount("TaxableAmount"),
        node.amount("TaxAmount"),
        category.string("ID"),
    )


def _adjustment(node):
    amount, category = node.number("Amount"), node.first("TaxCategory")
    if amount:
        is_charge = node.text("ChargeIndicator").lower() in ("true", "1")
        yield adjustment(
            amount if is_charge else -amount,
            category.amount("Percent"),
            category.string("ID"),
            node.string("ReasonCode/@name", "AllowanceChargeReason"),
            node.text("Amount"),
        )


def _line(line):
    item = line.first("Item")
    category = item.first("TaxCategory")
    return Line(
        description=item.string("Description") or line.string("Note"),
        quantity=line.amount("InvoicedQuantity"),
        unit=field(line.first("InvoicedQuantity").attribute("quantityUnitCode")),
        unit_price=item.amount("BasePrice/PriceAmount"),
        tax_rate=category.amount("Percent"),
        amount=line.amount("LineExtensionAmount"),
        tax_category=category.string("ID"),
    )


def _set_payment(root, invoice):
    means = root.all("PaymentMeans")
    accounts = [text for one in means for text in one.texts("PayeeFinancialAccount/ID")]
    set_accounts(invoice.vendor, accounts)
    names = (
        one.string("PayeeFinancialAccount/PaymentInstructionID", "PaymentInstructionID")
        for one in means
    )
    invoice.payment_reference = next(filter(None, names), None)
