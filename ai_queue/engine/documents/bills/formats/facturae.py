"""Facturae 3.2, the Spanish e-invoice (3.2, 3.2.1, 3.2.2)."""

from __future__ import annotations

from ..invoice import Invoice, Line, Party, TaxAmount, value_of
from . import codes
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
    set_payee,
    solved,
    total,
)

#: Tax types: the taxes of the Canary Islands and of Ceuta and Melilla beside the VAT.
_TYPES = {"01": "S", "02": "M", "03": "L"}
#: Why a line bears no tax (SpecialTaxableEventCode).
_EVENTS = {"01": "E", "02": "O"}


def read(root: Node) -> list[Invoice]:
    """The invoices of a file, which may be a batch of one vendor."""
    return [_invoice(root, one) for one in root.all("Invoices/Invoice")]


def _invoice(root, node):
    header, issue = node.first("InvoiceHeader"), node.first("InvoiceIssueData")
    totals = node.first("InvoiceTotals")
    invoice = Invoice(
        doc_type=doc_type("invoice", header.text("InvoiceClass")),
        vendor=_party(root.first("Parties/SellerParty")),
        buyer=_party(root.first("Parties/BuyerParty")),
        number=_number(header),
        date=issue.date("IssueDate"),
        po_number=issue.string("ReceiverTransactionReference")
        or node.string("Items/InvoiceLine/ReceiverTransactionReference"),
        currency=issue.string("InvoiceCurrencyCode"),
        amount_untaxed=totals.amount("TotalGrossAmountBeforeTaxes"),
        amount_tax=totals.amount("TotalTaxOutputs"),
        amount_total=totals.amount("InvoiceTotal"),
        amount_due=totals.amount("TotalExecutableAmount", "TotalOutstandingAmount"),
    )
    invoice.withheld = nonzero(totals.amount("TotalTaxesWithheld"))
    taxes = node.all("TaxesOutputs/Tax")
    invoice.taxes = [amount for tax in taxes for amount in _taxes(tax)]
    invoice.adjustments = _adjustments(totals)
    invoice.lines = [_line(line) for line in node.all("Items/InvoiceLine")]
    _set_payment(root, node, invoice)
    return invoice


def _number(header):
    series, number = header.text("InvoiceSeriesCode"), header.text("InvoiceNumber")
    if not series or number.startswith(series):
        return field(number)
    return field(f"{series}/{number}")


def _party(party):
    body = party.first("LegalEntity", "Individual")
    address = body.first("AddressInSpain", "OverseasAddress")
    names = (body.text(name) for name in ("Name", "FirstSurname", "SecondSurname"))
    person = " ".join(name for name in names if name)
    country = address.text("CountryCode")
    town = f"{address.text('PostCode')} {address.text('Town')}".strip()
    return Party(
        name=body.string("CorporateName") or field(person),
        vat=compact(party.string("TaxIdentification/TaxIdentificationNumber")),
        address=joined(
            address.text("Address"), town or address.text("PostCodeAndTown")
        ),
        country=field(codes.COUNTRIES.get(country, ""), country),
        email=body.string("ContactDetails/ElectronicMail"),
    )


def _taxes(tax):
    category = field(_TYPES.get(tax.text("TaxTypeCode")))
    base = tax.amount("TaxableBase/TotalAmount")
    yield TaxAmount(
        tax.amount("TaxRate"), base, tax.amount("TaxAmount/TotalAmount"), category
    )
    surcharge = tax.amount("EquivalenceSurchargeAmount/TotalAmount")
    if surcharge and surcharge.value:
        yield TaxAmount(tax.amount("EquivalenceSurcharge"), base, surcharge, category)


def _adjustments(totals):
    discounts = totals.all("GeneralDiscounts/Discount")
    charges = totals.all("GeneralSurcharges/Charge")
    found = [(-(one.number("DiscountAmount") or 0), one) for one in discounts]
    found += [(one.number("ChargeAmount"), one) for one in charges]
    return [
        adjustment(amount, reason=one.string("DiscountReason", "ChargeReason"))
        for amount, one in found
        if amount
    ]


def _line(line):
    cost = line.number("TotalCost")
    less = total(
        one.number("DiscountAmount") for one in line.all("DiscountsAndRebates/Discount")
    )
    more = total(one.number("ChargeAmount") for one in line.all("Charges/Charge"))
    rates = line.all("DiscountsAndRebates/Discount/DiscountRate")
    is_one = len(rates) == 1 and less and not more
    tax = line.first("TaxesOutputs/Tax")
    event = line.text("SpecialTaxableEvent/SpecialTaxableEventCode")
    return Line(
        description=line.string("ItemDescription"),
        quantity=line.amount("Quantity"),
        unit=line.string("UnitOfMeasure"),
        unit_price=line.amount("UnitPriceWithoutTax"),
        discount=rates[0].amount("") if is_one else percent(less - more, cost),
        tax_rate=tax.amount("TaxRate"),
        amount=line.amount("GrossAmount"),
        tax_category=field(_EVENTS.get(event) or _TYPES.get(tax.text("TaxTypeCode"))),
    )


def _set_payment(root, node, invoice):
    parts = node.all("PaymentDetails/Installment")
    accounts = [
        text
        for one in parts
        for text in one.texts("AccountToBeCredited/IBAN|AccountNumber")
    ]
    set_accounts(invoice.vendor, accounts)
    dates = (one.date("InstallmentDueDate") for one in parts)
    invoice.due_date = next(filter(None, dates), None)
    names = (one.string("PaymentReconciliationReference") for one in parts)
    invoice.payment_reference = next(filter(None, names), None)
    factor = root.first("FileHeader/FactoringAssignmentData/Assignee")
    if factor:
        set_payee(invoice, _party(factor).name)
    # What is kept back beyond taxes (a guarantee) is not in the total either.
    kept = node.number("InvoiceTotals/AmountsWithheld/WithholdingAmount")
    total_amount = value_of(invoice.amount_total)
    if kept and invoice.amount_due is None and total_amount is not None:
        invoice.amount_due = solved(total_amount - kept)
