"""The Hungarian e-invoice: the data of NAV's *Online Számla*, 3.0 and before."""

from __future__ import annotations

from decimal import Decimal

from ..invoice import Field, Invoice, Line, Party, TaxAmount, value_of
from .source import (
    HUNDRED,
    ZERO,
    Node,
    doc_type,
    field,
    joined,
    set_accounts,
    solved,
    total,
)

#: Cases of exemption and of supplies outside the scope of the tax.
_CASES = {
    "KBAET": "K",
    "KBAUK": "K",
    "EAM": "G",
    "NAM": "G",
    "ATK": "O",
    "EUFAD37": "AE",
    "EUFADE": "AE",
    "EUE": "O",
    "HO": "O",
}
_UNITS_OWN = "OWN"


def read(root: Node) -> list[Invoice]:
    """The invoices of the file: one, or those of a batch of corrections."""
    main = root.first("invoiceMain")
    nodes = main.all("invoice") or main.all("batchInvoice/invoice")
    return [_invoice(root, one) for one in nodes]


def _invoice(root, node):
    head = node.first("invoiceHead")
    detail = head.first("invoiceDetail")
    supplier, customer = head.first("supplierInfo"), head.first("customerInfo")
    summary = node.first("invoiceSummary")
    invoice = Invoice(
        # Corrections state differences: their sign tells what they are.
        doc_type=doc_type("invoice", detail.text("invoiceCategory")),
        vendor=_party(supplier, "supplier"),
        buyer=_party(customer, "customer"),
        number=root.string("invoiceNumber"),
        date=root.date("invoiceIssueDate"),
        due_date=detail.date("paymentDate"),
        po_number=detail.string("conventionalInvoiceInfo/orderNumbers/orderNumber"),
        currency=detail.string("currencyCode"),
    )
    set_accounts(invoice.vendor, supplier.texts("supplierBankAccountNumber"))
    invoice.lines = [_line(one) for one in node.all("invoiceLines/line")]
    if summary.first("summarySimplified"):
        _set_simplified(summary, invoice)
    else:
        _set_totals(summary, invoice)
    gross = summary.amount("summaryGrossData/invoiceGrossAmount")
    invoice.amount_total = gross or invoice.amount_total
    return invoice


def _party(party, prefix):
    number = party.first(f"{prefix}VatData/{prefix}TaxNumber", f"{prefix}TaxNumber")
    domestic = number.text("taxpayerId")
    address = party.first(f"{prefix}Address/simpleAddress|detailedAddress")
    street = " ".join(
        text
        for name in ("streetName", "publicPlaceCategory", "number")
        for text in [address.text(name)]
        if text
    )
    return Party(
        name=party.string(f"{prefix}Name"),
        vat=field(f"HU{domestic}" if domestic else "")
        or party.string(f"{prefix}VatData/communityVatNumber|thirdStateTaxId"),
        address=joined(
            street or address.text("additionalAddressDetail"),
            f"{address.text('postalCode')} {address.text('city')}".strip(),
        ),
        country=address.string("countryCode"),
    )


def _rate(node) -> tuple[Field | None, Field | None]:
    """The rate in percent and the category of a vatRate."""
    share = node.number("vatPercentage", "vatAmountMismatch/vatRate")
    if share is not None:
        rate = Decimal(f"{(HUNDRED * share).normalize():f}")
        return field(rate, node.text("vatPercentage")), field("S" if rate else "Z")
    case = node.text("vatExemption/case", "vatOutOfScope/case")
    if node.text("vatDomesticReverseCharge") == "true":
        return solved(ZERO), field("AE")
    if case or node.text("noVatCharge") == "true" or node.text("marginSchemeIndicator"):
        return solved(ZERO), field(_CASES.get(case, "E"), case)
    return None, None


def _line(line):
    sums = line.first("lineAmountsNormal")
    simple = line.first("lineAmountsSimplified")
    rate, category = _rate((sums or simple).first("lineVatRate"))
    unit = line.text("unitOfMeasure")
    share = line.number("lineDiscountData/discountRate")
    return Line(
        description=line.string("lineDescription"),
        quantity=line.amount("quantity"),
        unit=line.string("unitOfMeasureOwn") if unit == _UNITS_OWN else field(unit),
        unit_price=line.amount("unitPrice"),
        discount=solved(Decimal(f"{(HUNDRED * share).normalize():f}"))
        if share
        else None,
        tax_rate=rate,
        amount=sums.amount("lineNetAmountData/lineNetAmount")
        or simple.amount("lineGrossAmountSimplified"),
        tax_category=category,
    )


def _set_totals(summary, invoice):
    normal = summary.first("summaryNormal")
    invoice.amount_untaxed = normal.amount("invoiceNetAmount")
    invoice.amount_tax = normal.amount("invoiceVatAmount")
    if invoice.amount_untaxed and invoice.amount_tax:
        sums = invoice.amount_untaxed.value + invoice.amount_tax.value
        invoice.amount_total = solved(sums)
    for one in normal.all("summaryByVatRate"):
        rate, category = _rate(one.first("vatRate"))
        net = one.amount("vatRateNetData/vatRateNetAmount")
        tax = one.amount("vatRateVatData/vatRateVatAmount")
        invoice.taxes.append(TaxAmount(rate, net, tax, category))


def _set_simplified(summary, invoice):
    """Simplified invoices say what share of the gross amount is tax."""
    invoice.lines_tax_included = True
    for one in summary.all("summarySimplified"):
        gross = one.number("vatContentGrossAmount") or ZERO
        share = one.number("vatRate/vatContent", "vatContent") or ZERO
        # The share is that of a whole rate, rounded: 0.2126 of 27 %.
        rate = round(HUNDRED * share / (1 - share), 0) if 0 <= share < 1 else ZERO
        tax = round(gross * rate / (HUNDRED + rate), 2)
        category = field("S" if share else "E")
        invoice.taxes.append(
            TaxAmount(solved(rate), solved(gross - tax), solved(tax), category)
        )
    invoice.amount_untaxed = solved(total(tax.base for tax in invoice.taxes))
    invoice.amount_tax = solved(total(tax.amount for tax in invoice.taxes))
    sums = value_of(invoice.amount_untaxed) + value_of(invoice.amount_tax)
    invoice.amount_total = solved(sums)
