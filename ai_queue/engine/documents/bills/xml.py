"""Electronic invoices: UBL 2, UN/CEFACT CII (Factur-X, ZUGFeRD 1 and 2), FatturaPA.

Exact: every value is taken from the element that the standard names for it. Elements
are found by their local names, so that versions of the namespaces do not matter.
"""

from __future__ import annotations

import datetime
from decimal import Decimal, InvalidOperation

from ...errors import Unreadable
from ..files.einvoice import local_name, root_of
from .invoice import Field, Invoice, Line, Party, TaxAmount, value_of

#: Type codes (UNTDID 1001) of documents that give money back.
_CREDIT_CODES = frozenset(("81", "83", "261", "262", "296", "308", "381", "396", "532"))
#: The same for FatturaPA.
_CREDIT_TYPES = frozenset(("TD04", "TD08"))


def read(data: bytes) -> list[Invoice]:
    """Read an electronic invoice.

    :return: one invoice; FatturaPA may hold several
    :raise Unreadable: when it is no XML, or none that is known
    """
    root = root_of(data)
    reader = _READERS.get(local_name(root))
    if reader is None:
        raise Unreadable("not_a_document")
    invoices = reader(root)
    for invoice in invoices:
        invoice.lines = [line for line in invoice.lines if _is_charged(line)]
    return invoices


def _is_charged(line):
    """Sections and notes that were exported as lines are none: nothing, for nothing."""
    return bool(value_of(line.amount) or value_of(line.quantity))


# ------------------------------------------------------------
# ELEMENTS
# ------------------------------------------------------------


def _all(element, path):
    """The elements at a path of local names, ``|`` between alternatives of a step."""
    found = [element] if element is not None else []
    for step in path.split("/"):
        names = step.split("|")
        found = [child for one in found for child in one if local_name(child) in names]
    return found


def _first(element, path):
    return next(iter(_all(element, path)), None)


def _text(element, *paths):
    """The text at the first path that has one, blanks squeezed."""
    for path in paths:
        for one in _all(element, path):
            text = " ".join((one.text or "").split())
            if text:
                return text
    return ""


def _field(value, text=None):
    return None if value in (None, "") else Field(value, text or str(value), by="xml")


def _string(element, *paths):
    return _field(_text(element, *paths))


def _amount(element, *paths):
    text = _text(element, *paths)
    value = _decimal(text)
    return None if value is None else _field(value, text)


def _decimal(text):
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _date(element, *paths):
    text = _text(element, *paths)
    plain = text[:10].replace("-", "")[:8]
    try:
        value = datetime.datetime.strptime(plain, "%Y%m%d").date()
    except ValueError:
        return None
    return _field(value, text)


def _joined(*texts):
    return _field("\n".join(text for text in texts if text))


def _compact(item):
    return _field(item.value.replace(" ", ""), item.text) if item else None


def _set_accounts(invoice, element, path):
    """The first account is the one to pay to; the others are offered as well."""
    # The process that reads files asks this module what they are, and no more.
    from .identifiers import compact, is_valid_iban

    invoice.vendor.iban = _compact(_string(element, path))
    values = [compact(one.text or "") for one in _all(element, path)]
    invoice.vendor.ibans = tuple(dict.fromkeys(filter(is_valid_iban, values)))


def _doc_type(credit, code):
    return _field("credit_note" if credit else "invoice", code)


# ------------------------------------------------------------
# UBL
# ------------------------------------------------------------


def _read_ubl(root):
    credit = local_name(root) == "CreditNote"
    code = _text(root, "InvoiceTypeCode", "CreditNoteTypeCode")
    totals = _first(root, "LegalMonetaryTotal")
    invoice = Invoice(
        doc_type=_doc_type(credit or code in _CREDIT_CODES, code),
        vendor=_ubl_party(root, "AccountingSupplierParty/Party"),
        buyer=_ubl_party(root, "AccountingCustomerParty/Party"),
        number=_string(root, "ID"),
        date=_date(root, "IssueDate"),
        due_date=_date(root, "DueDate", "PaymentMeans/PaymentDueDate"),
        po_number=_string(root, "OrderReference/ID"),
        currency=_string(root, "DocumentCurrencyCode"),
        amount_untaxed=_amount(totals, "TaxExclusiveAmount"),
        amount_total=_amount(totals, "TaxInclusiveAmount", "PayableAmount"),
        amount_due=_amount(totals, "PayableAmount"),
    )
    _set_accounts(invoice, root, "PaymentMeans/PayeeFinancialAccount/ID")
    _ubl_taxes(root, invoice)
    charges = "ChargeTotalAmount", "AllowanceTotalAmount"
    invoice.adjustments = _difference(totals, *charges)
    names = "InvoiceLine|CreditNoteLine"
    invoice.lines = [_ubl_line(line) for line in _all(root, names)]
    return [invoice]


def _ubl_party(root, path):
    party = _first(root, path)
    address = _first(party, "PostalAddress")
    return Party(
        name=_string(party, "PartyLegalEntity/RegistrationName", "PartyName/Name"),
        vat=_compact(_ubl_vat(party)),
        address=_joined(
            _text(address, "StreetName"),
            _text(address, "AdditionalStreetName"),
            f"{_text(address, 'PostalZone')} {_text(address, 'CityName')}".strip(),
        ),
        country=_string(address, "Country/IdentificationCode"),
        email=_string(party, "Contact/ElectronicMail"),
    )


def _ubl_vat(party):
    for scheme in _all(party, "PartyTaxScheme"):
        if _text(scheme, "TaxScheme/ID") in ("VAT", ""):
            return _string(scheme, "CompanyID")
    return None


def _ubl_taxes(root, invoice):
    """The tax in the currency of the document; it may be there in another one too."""
    currency = invoice.currency.value if invoice.currency else ""
    for total in _all(root, "TaxTotal"):
        amount = _first(total, "TaxAmount")
        if amount is None or amount.get("currencyID", currency) != currency:
            continue
        invoice.amount_tax = invoice.amount_tax or _amount(total, "TaxAmount")
        invoice.taxes += [
            TaxAmount(
                _amount(part, "TaxCategory/Percent", "Percent"),
                _amount(part, "TaxableAmount"),
                _amount(part, "TaxAmount"),
            )
            for part in _all(total, "TaxSubtotal")
        ]


def _ubl_line(line):
    quantity = _first(line, "InvoicedQuantity|CreditedQuantity")
    return Line(
        description=_described(
            _text(line, "Item/Name"), _text(line, "Item/Description")
        ),
        quantity=_amount(line, "InvoicedQuantity|CreditedQuantity"),
        unit=_field(quantity.get("unitCode", "") if quantity is not None else ""),
        unit_price=_amount(line, "Price/PriceAmount"),
        price_base_quantity=_base(_amount(line, "Price/BaseQuantity")),
        tax_rate=_amount(line, "Item/ClassifiedTaxCategory/Percent"),
        amount=_amount(line, "LineExtensionAmount"),
    )


def _described(name, description):
    if description and description != name:
        return _joined(name, description)
    return _field(name)


def _base(item):
    return item if item and item.value not in (0, 1) else None


def _difference(element, plus, minus):
    """Charges less allowances of the whole document, where there are some."""
    more, less = _amount(element, plus), _amount(element, minus)
    value = (more.value if more else 0) - (less.value if less else 0)
    return _field(Decimal(value)) if value else None


# ------------------------------------------------------------
# CII
# ------------------------------------------------------------


def _read_cii(root):
    header = _first(root, "ExchangedDocument|HeaderExchangedDocument")
    trade = _first(
        root, "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
    )
    agreement = _first(
        trade, "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
    )
    settlement = _first(
        trade, "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
    )
    totals = _first(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation"
        "|SpecifiedTradeSettlementMonetarySummation",
    )
    code = _text(header, "TypeCode")
    invoice = Invoice(
        doc_type=_doc_type(code in _CREDIT_CODES, code),
        vendor=_cii_party(_first(agreement, "SellerTradeParty")),
        buyer=_cii_party(_first(agreement, "BuyerTradeParty")),
        number=_string(header, "ID"),
        date=_date(header, "IssueDateTime/DateTimeString"),
        due_date=_date(
            settlement, "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString"
        ),
        po_number=_string(
            agreement,
            "BuyerOrderReferencedDocument/IssuerAssignedID|ID",
        ),
        currency=_string(settlement, "InvoiceCurrencyCode"),
        amount_untaxed=_amount(totals, "TaxBasisTotalAmount"),
        amount_total=_amount(totals, "GrandTotalAmount"),
        amount_due=_amount(totals, "DuePayableAmount"),
    )
    _cii_taxes(settlement, totals, invoice)
    account = "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount"
    _set_accounts(invoice, settlement, f"{account}/IBANID")
    invoice.adjustments = _difference(
        totals, "ChargeTotalAmount", "AllowanceTotalAmount"
    )
    lines = _all(trade, "IncludedSupplyChainTradeLineItem")
    invoice.lines = [_cii_line(line) for line in lines]
    return [invoice]


def _cii_party(party):
    address = _first(party, "PostalTradeAddress")
    vat = None
    for registration in _all(party, "SpecifiedTaxRegistration"):
        number = _first(registration, "ID")
        if number is not None and number.get("schemeID", "VA") == "VA":
            vat = vat or _string(registration, "ID")
    return Party(
        name=_string(party, "Name"),
        vat=_compact(vat),
        address=_joined(
            _text(address, "LineOne"),
            _text(address, "LineTwo"),
            f"{_text(address, 'PostcodeCode')} {_text(address, 'CityName')}".strip(),
        ),
        country=_string(address, "CountryID"),
        email=_string(
            party, "DefinedTradeContact/EmailURIUniversalCommunication/URIID"
        ),
    )


def _cii_taxes(settlement, totals, invoice):
    currency = invoice.currency.value if invoice.currency else ""
    for amount in _all(totals, "TaxTotalAmount"):
        value = _decimal(" ".join((amount.text or "").split()))
        if value is not None and amount.get("currencyID", currency) == currency:
            invoice.amount_tax = invoice.amount_tax or _field(value, amount.text)
    invoice.taxes = [
        TaxAmount(
            _amount(tax, "RateApplicablePercent|ApplicablePercent"),
            _amount(tax, "BasisAmount"),
            _amount(tax, "CalculatedAmount"),
        )
        for tax in _all(settlement, "ApplicableTradeTax")
    ]


def _cii_line(line):
    product = _first(line, "SpecifiedTradeProduct")
    agreement = _first(
        line, "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement"
    )
    delivery = _first(
        line, "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery"
    )
    settlement = _first(
        line, "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
    )
    sums = (
        "SpecifiedTradeSettlementLineMonetarySummation"
        "|SpecifiedTradeSettlementMonetarySummation"
    )
    price = _first(agreement, "NetPriceProductTradePrice")
    if price is None:
        price = _first(agreement, "GrossPriceProductTradePrice")
    rate = "ApplicableTradeTax/RateApplicablePercent|ApplicablePercent"
    quantity = _first(delivery, "BilledQuantity")
    return Line(
        description=_described(_text(product, "Name"), _text(product, "Description"))
        or _string(line, "AssociatedDocumentLineDocument/IncludedNote/Content"),
        quantity=_amount(delivery, "BilledQuantity"),
        unit=_field(quantity.get("unitCode", "") if quantity is not None else ""),
        unit_price=_amount(price, "ChargeAmount"),
        price_base_quantity=_base(_amount(price, "BasisQuantity")),
        tax_rate=_amount(settlement, rate),
        amount=_amount(settlement, f"{sums}/LineTotalAmount"),
    )


# ------------------------------------------------------------
# FATTURAPA
# ------------------------------------------------------------


def _read_fatturapa(root):
    header = _first(root, "FatturaElettronicaHeader")
    bodies = _all(root, "FatturaElettronicaBody")
    return [_fatturapa_body(header, body) for body in bodies]


def _fatturapa_body(header, body):
    general = _first(body, "DatiGenerali/DatiGeneraliDocumento")
    code = _text(general, "TipoDocumento")
    payment = _first(body, "DatiPagamento/DettaglioPagamento")
    invoice = Invoice(
        doc_type=_doc_type(code in _CREDIT_TYPES, code),
        vendor=_fatturapa_party(_first(header, "CedentePrestatore")),
        buyer=_fatturapa_party(_first(header, "CessionarioCommittente")),
        number=_string(general, "Numero"),
        date=_date(general, "Data"),
        due_date=_date(payment, "DataScadenzaPagamento"),
        po_number=_string(body, "DatiGenerali/DatiOrdineAcquisto/IdDocumento"),
        currency=_string(general, "Divisa"),
    )
    _set_accounts(invoice, body, "DatiPagamento/DettaglioPagamento/IBAN")
    goods = _first(body, "DatiBeniServizi")
    invoice.taxes = [
        TaxAmount(
            _amount(tax, "AliquotaIVA"),
            _amount(tax, "ImponibileImporto"),
            _amount(tax, "Imposta"),
        )
        for tax in _all(goods, "DatiRiepilogo")
    ]
    _fatturapa_totals(general, invoice)
    invoice.lines = [_fatturapa_line(line) for line in _all(goods, "DettaglioLinee")]
    return invoice


def _fatturapa_totals(general, invoice):
    """The sums of the tax summary; the file itself need not hold a total."""
    bases = [tax.base.value for tax in invoice.taxes if tax.base]
    amounts = [tax.amount.value for tax in invoice.taxes if tax.amount]
    if bases:
        untaxed, tax = sum(bases, Decimal(0)), sum(amounts, Decimal(0))
        invoice.amount_untaxed = _solved(untaxed)
        invoice.amount_tax = _solved(tax)
        invoice.amount_total = _solved(untaxed + tax)
    printed = _amount(general, "ImportoTotaleDocumento")
    invoice.amount_total = printed or invoice.amount_total


def _solved(value):
    return Field(value, by="solved")


def _fatturapa_party(party):
    data = _first(party, "DatiAnagrafici")
    person = " ".join(
        text
        for text in (_text(data, "Anagrafica/Nome"), _text(data, "Anagrafica/Cognome"))
        if text
    )
    country = _text(data, "IdFiscaleIVA/IdPaese")
    code = _text(data, "IdFiscaleIVA/IdCodice")
    seat = _first(party, "Sede")
    return Party(
        name=_string(data, "Anagrafica/Denominazione") or _field(person),
        vat=_field(country + code if code else ""),
        address=_joined(
            f"{_text(seat, 'Indirizzo')} {_text(seat, 'NumeroCivico')}".strip(),
            f"{_text(seat, 'CAP')} {_text(seat, 'Comune')}".strip(),
        ),
        country=_string(seat, "Nazione"),
        email=_string(party, "Contatti/Email"),
    )


def _fatturapa_line(line):
    return Line(
        description=_string(line, "Descrizione"),
        quantity=_amount(line, "Quantita"),
        unit=_string(line, "UnitaMisura"),
        unit_price=_amount(line, "PrezzoUnitario"),
        discount=_amount(line, "ScontoMaggiorazione/Percentuale"),
        tax_rate=_amount(line, "AliquotaIVA"),
        amount=_amount(line, "PrezzoTotale"),
    )


_READERS = {
    "Invoice": _read_ubl,
    "CreditNote": _read_ubl,
    "CrossIndustryInvoice": _read_cii,
    "CrossIndustryDocument": _read_cii,
    "FatturaElettronica": _read_fatturapa,
}
