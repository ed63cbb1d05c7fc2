"""UN/CEFACT CII: Factur-X, ZUGFeRD 1 and 2, XRechnung."""

from __future__ import annotations

import datetime

from ..invoice import Invoice, Line, Party, TaxAmount, value_of
from . import codes, terms
from .source import (
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
)

_AGREEMENT = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_SETTLEMENT = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_TOTALS = (
    "SpecifiedTradeSettlementHeaderMonetarySummation"
    "|SpecifiedTradeSettlementMonetarySummation"
)
_LINE_TOTALS = (
    "SpecifiedTradeSettlementLineMonetarySummation"
    "|SpecifiedTradeSettlementMonetarySummation"
)
_RATE = "RateApplicablePercent|ApplicablePercent"
#: Lines that only gather or explain others (Factur-X EXTENDED).
_NO_LINES = {"GROUP", "INFORMATION"}


def read(root: Node) -> list[Invoice]:
    """The one invoice of a CII document."""
    header = root.first("ExchangedDocument|HeaderExchangedDocument")
    trade = root.first(
        "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
    )
    agreement, settlement = trade.first(_AGREEMENT), trade.first(_SETTLEMENT)
    totals = settlement.first(_TOTALS)
    code = header.text("TypeCode")
    invoice = Invoice(
        doc_type=doc_type(codes.kind(code), code),
        vendor=_party(agreement.first("SellerTradeParty")),
        buyer=_party(agreement.first("BuyerTradeParty")),
        number=header.string("ID"),
        date=header.date("IssueDateTime/DateTimeString"),
        po_number=agreement.string("BuyerOrderReferencedDocument/IssuerAssignedID|ID"),
        currency=settlement.string("InvoiceCurrencyCode"),
        amount_untaxed=totals.amount("TaxBasisTotalAmount"),
        amount_total=totals.amount("GrandTotalAmount"),
        amount_due=totals.amount("DuePayableAmount"),
        payment_reference=settlement.string("PaymentReference"),
    )
    invoice.rounding = nonzero(totals.amount("RoundingAmount"))
    invoice.due_date = _due_date(settlement, invoice.date)
    _set_taxes(settlement, totals, invoice)
    _set_payment(settlement, invoice)
    invoice.adjustments = _adjustments(settlement)
    lines = trade.all("IncludedSupplyChainTradeLineItem")
    invoice.lines = [_line(line) for line in lines if _is_line(line)]
    return [invoice]


def _party(party):
    address = party.first("PostalTradeAddress")
    return Party(
        name=party.string("Name", "SpecifiedLegalOrganization/TradingBusinessName"),
        vat=compact(_vat(party)),
        address=joined(
            address.text("LineOne"),
            address.text("LineTwo"),
            f"{address.text('PostcodeCode')} {address.text('CityName')}".strip(),
        ),
        country=address.string("CountryID"),
        email=party.string("DefinedTradeContact/EmailURIUniversalCommunication/URIID"),
    )


def _vat(party):
    for number in party.all("SpecifiedTaxRegistration/ID"):
        if number.attribute("schemeID") in ("VA", "") and number.text():
            return number.string()
    return None


def _due_date(settlement, date):
    """The due date; not the day until which a discount is given."""
    found = settlement.all("SpecifiedTradePaymentTerms")
    plain = [one for one in found if not _is_discount(one)]
    for one in plain or found:
        due = one.date("DueDateDateTime/DateTimeString")
        if due and not (one not in plain and _is_discount_day(one, due, date)):
            return due
    return terms.due_date([text for one in found for text in _notes(one)], date)


def _is_discount(node):
    if node.first("ApplicableTradePaymentDiscountTerms"):
        return True
    return any(terms.is_discount(text) for text in node.texts("Description"))


def _is_discount_day(node, due, date):
    """Whether the discount is given until the due date that stands beside it."""
    days = node.number("ApplicableTradePaymentDiscountTerms/BasisPeriodMeasure")
    start = value_of(date)
    if days is None or start is None or not 0 <= days <= 366:
        return False
    return start + datetime.timedelta(days=int(days)) == due.value


def _notes(node):
    return [one.element.text or "" for one in node.all("Description")]


def _set_taxes(settlement, totals, invoice):
    currency = value_of(invoice.currency) or ""
    for amount in totals.all("TaxTotalAmount"):
        if (amount.attribute("currencyID") or currency) == currency:
            invoice.amount_tax = invoice.amount_tax or amount.amount("")
    invoice.taxes = [
        TaxAmount(
            tax.amount(_RATE),
            tax.amount("BasisAmount"),
            tax.amount("CalculatedAmount"),
            tax.string("CategoryCode"),
        )
        for tax in settlement.all("ApplicableTradeTax")
    ]


def _set_payment(settlement, invoice):
    account = "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount"
    found = settlement.all(f"{account}/IBANID|ProprietaryID")
    set_accounts(invoice.vendor, [one.text() for one in found if one.text()])
    set_payee(invoice, settlement.string("PayeeTradeParty/Name"))


def _adjustments(settlement):
    found = []
    for one in settlement.all("SpecifiedTradeAllowanceCharge"):
        amount, tax = one.number("ActualAmount"), one.first("CategoryTradeTax")
        is_charge = one.text("ChargeIndicator/Indicator").lower() in ("true", "1")
        reason = one.string("Reason")
        found.append((amount if is_charge else -(amount or 0), tax, reason))
    for one in settlement.all("SpecifiedLogisticsServiceCharge"):
        amount, tax = one.number("AppliedAmount"), one.first("AppliedTradeTax")
        found.append((amount, tax, one.string("Description")))
    return [
        adjustment(amount, tax.amount(_RATE), tax.string("CategoryCode"), reason)
        for amount, tax, reason in found
        if amount
    ]


def _is_line(line):
    status = "AssociatedDocumentLineDocument/LineStatusReasonCode"
    return line.text(status) not in _NO_LINES


def _line(line):
    product = line.first("SpecifiedTradeProduct")
    agreement = line.first(
        "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement"
    )
    delivery = line.first(
        "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery"
    )
    settlement = line.first(
        "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
    )
    price = agreement.first("NetPriceProductTradePrice", "GrossPriceProductTradePrice")
    base = price.amount("BasisQuantity")
    tax = settlement.first("ApplicableTradeTax")
    return Line(
        description=described(product.text("Name"), product.text("Description"))
        or line.string("AssociatedDocumentLineDocument/IncludedNote/Content"),
        quantity=delivery.amount("BilledQuantity"),
        unit=field(delivery.first("BilledQuantity").attribute("unitCode")),
        unit_price=price.amount("ChargeAmount"),
        price_base_quantity=base if base and base.value not in (0, 1) else None,
        tax_rate=tax.amount(_RATE),
        amount=settlement.amount(f"{_LINE_TOTALS}/LineTotalAmount"),
        tax_category=tax.string("CategoryCode"),
    )
