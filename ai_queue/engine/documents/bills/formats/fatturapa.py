"""FatturaPA, the Italian e-invoice: ordinary and simplified."""

from __future__ import annotations

from decimal import Decimal

from ..invoice import Field, Invoice, Line, Party, TaxAmount, value_of
from . import terms
from .source import (
    HUNDRED,
    ZERO,
    Node,
    adjustment,
    doc_type,
    field,
    joined,
    nonzero,
    set_accounts,
    set_payee,
    solved,
    total,
)

#: Document types that give money back.
_CREDITS = {"TD04", "TD08"}
#: Why there is no tax (Natura, by its first figure) as a category of EN 16931.
_NATURES = {
    "N1": "O",
    "N2": "O",
    "N3": "G",
    "N4": "E",
    "N5": "E",
    "N6": "AE",
    "N7": "O",
}
#: Supplies to other countries of the EU are among N3.
_WITHIN_EU = "N3.2"
_CENT = Decimal("0.01")
_BODY = "FatturaElettronicaBody"


def read(root: Node) -> list[Invoice]:
    """The invoices of a file, which may hold several of one vendor."""
    header = root.first("FatturaElettronicaHeader")
    is_simple = root.name == "FatturaElettronicaSemplificata"
    body = _simplified if is_simple else _ordinary
    return [body(header, one) for one in root.all(_BODY)]


def _base(header, general):
    """An invoice with what both forms have in the same places."""
    code = general.text("TipoDocumento")
    stamp = general.amount("DatiBollo/ImportoBollo", "BolloVirtuale/ImportoBollo")
    return Invoice(
        doc_type=doc_type("credit_note" if code in _CREDITS else "invoice", code),
        vendor=_party(header.first("CedentePrestatore")),
        buyer=_party(header.first("CessionarioCommittente")),
        number=general.string("Numero"),
        date=general.date("Data"),
        currency=general.string("Divisa"),
        stamp=nonzero(stamp),
    )


def _party(party):
    """A party of the ordinary form, or of the simplified one, which nests less."""
    data = party.first("DatiAnagrafici", "IdentificativiFiscali") or party
    named = party.first("DatiAnagrafici/Anagrafica", "AltriDatiIdentificativi") or party
    seat = party.first("Sede", "AltriDatiIdentificativi/Sede")
    code = data.text("IdFiscaleIVA/IdCodice")
    return Party(
        name=named.string("Denominazione")
        or field(f"{named.text('Nome')} {named.text('Cognome')}".strip()),
        vat=field(data.text("IdFiscaleIVA/IdPaese") + code if code else ""),
        address=joined(
            f"{seat.text('Indirizzo')} {seat.text('NumeroCivico')}".strip(),
            f"{seat.text('CAP')} {seat.text('Comune')}".strip(),
        ),
        country=seat.string("Nazione"),
        email=party.string("Contatti/Email"),
    )


def _category(node):
    nature = node.text("Natura")
    if nature:
        return field(
            "K" if nature == _WITHIN_EU else _NATURES.get(nature[:2], "E"), nature
        )
    return (
        field("S")
        if node.number("AliquotaIVA", "Aliquota", "DatiIVA/Aliquota")
        else None
    )


# ------------------------------------------------------------
# ORDINARY
# ------------------------------------------------------------


def _ordinary(header, body):
    general = body.first("DatiGenerali/DatiGeneraliDocumento")
    goods = body.first("DatiBeniServizi")
    invoice = _base(header, general)
    invoice.po_number = body.string("DatiGenerali/DatiOrdineAcquisto/IdDocumento")
    invoice.taxes = [
        TaxAmount(
            tax.amount("AliquotaIVA"),
            tax.amount("ImponibileImporto"),
            tax.amount("Imposta"),
            _category(tax),
        )
        for tax in goods.all("DatiRiepilogo")
    ]
    invoice.lines = [_line(line) for line in goods.all("DettaglioLinee")]
    invoice.rounding = nonzero(general.amount("Arrotondamento"))
    withheld = total(
        one.number("ImportoRitenuta") for one in general.all("DatiRitenuta")
    )
    invoice.withheld = solved(withheld) if withheld else None
    _set_totals(general, invoice)
    invoice.adjustments = _adjustments(general, goods, invoice)
    _set_payment(body, invoice)
    _set_due(body, goods, invoice)
    return invoice


def _set_totals(general, invoice):
    """The sums of the tax summary; the file itself need not hold a total."""
    if any(tax.base for tax in invoice.taxes):
        untaxed = total(tax.base for tax in invoice.taxes)
        tax = total(tax.amount for tax in invoice.taxes)
        invoice.amount_untaxed, invoice.amount_tax = solved(untaxed), solved(tax)
        invoice.amount_total = solved(untaxed + tax + total([invoice.rounding]))
    printed = general.amount("ImportoTotaleDocumento")
    invoice.amount_total = printed or invoice.amount_total


def _line(line):
    price, quantity = line.amount("PrezzoUnitario"), line.amount("Quantita")
    return Line(
        description=line.string("Descrizione"),
        quantity=quantity,
        unit=line.string("UnitaMisura"),
        unit_price=price,
        discount=_discount(line, price, quantity),
        tax_rate=line.amount("AliquotaIVA"),
        amount=line.amount("PrezzoTotale"),
        tax_category=_category(line),
    )


def _discount(line, price, quantity):
    """Discounts on a line in percent, one upon the other; a surcharge is below zero."""
    steps = line.all("ScontoMaggiorazione")
    if len(steps) == 1 and steps[0].number("Percentuale"):
        percentage = steps[0].amount("Percentuale")
        return field(_signed(steps[0], percentage.value), percentage.text)
    rest = Decimal(1)
    for step in steps:
        rate, amount = step.number("Percentuale"), step.number("Importo")
        if rate:
            rest *= 1 - _signed(step, rate) / HUNDRED
        elif amount and price and price.value:
            rest -= _signed(step, amount) / price.value
    found = round(HUNDRED * (1 - rest), 4)
    gross = value_of(price) and price.value * (value_of(quantity) or 1)
    wanted = line.number("PrezzoTotale")
    if not found or not gross or wanted is None:
        return None
    is_exact = abs(gross * (1 - found / HUNDRED) - wanted) <= _CENT
    return solved(found) if is_exact else None


def _signed(step, value):
    return -value if step.text("Tipo") == "MG" else value


def _adjustments(general, goods, invoice):
    """Contributions to a pension fund, discounts, and roundings of the tax summary."""
    found = []
    for fund in general.all("DatiCassaPrevidenziale"):
        amount = fund.number("ImportoContributoCassa")
        if amount:
            reason = field(f"Cassa previdenziale {fund.text('TipoCassa')}".strip())
            rate = fund.amount("AliquotaIVA")
            found.append(adjustment(amount, rate, _category(fund), reason))
    for tax in goods.all("DatiRiepilogo"):
        amount = tax.number("Arrotondamento")
        if amount:
            rate, reason = tax.amount("AliquotaIVA"), field("Arrotondamento")
            found.append(adjustment(amount, rate, _category(tax), reason))
    found += _discounts(general, invoice, total(one.amount for one in found))
    return found


def _discounts(general, invoice, others: Decimal):
    """Discounts of the document, where the base of the tax is without them."""
    lines = total(line.amount for line in invoice.lines)
    steps = general.all("ScontoMaggiorazione")
    amounts = []
    for step in steps:
        amount, rate = step.number("Importo"), step.number("Percentuale")
        amount = amount or round(lines * (rate or ZERO) / HUNDRED, 2)
        amounts.append(-_signed(step, amount))
    goal = value_of(invoice.amount_untaxed)
    if goal is None or abs(lines + others + sum(amounts) - goal) > _CENT:
        return []
    rates = {value_of(tax.rate): tax for tax in invoice.taxes}
    tax = next(iter(rates.values())) if len(rates) == 1 else TaxAmount()
    return [
        adjustment(amount, tax.rate, tax.tax_category) for amount in amounts if amount
    ]


def _set_payment(body, invoice):
    payments = body.all("DatiPagamento/DettaglioPagamento")
    set_accounts(
        invoice.vendor, [text for one in payments for text in one.texts("IBAN")]
    )
    dated = (_due_date(one, invoice.date) for one in payments)
    invoice.due_date = next(filter(None, dated), None)
    names = (one.string("CodicePagamento") for one in payments)
    invoice.payment_reference = next(filter(None, names), None)
    names = (one.string("Beneficiario") for one in payments)
    set_payee(invoice, next(filter(None, names), None))


def _due_date(payment, date):
    start = payment.date("DataRiferimentoTerminiPagamento") or date
    days = payment.number("GiorniTerminiPagamento")
    return payment.date("DataScadenzaPagamento") or terms.after(start, days)


def _set_due(body, goods, invoice):
    """What is to be paid: as the payments say, else without what is kept back."""
    gross = value_of(invoice.amount_total)
    if gross is None:
        return
    kept = total([invoice.withheld]) + _split(goods)
    payments = body.all("DatiPagamento/DettaglioPagamento")
    amounts = [one.amount("ImportoPagamento") for one in payments]
    amounts = [one for one in amounts if one]
    whole = total(amounts)
    # The same payment may be named once for each way to make it.
    for item in amounts[:1]:
        is_whole = item.value in (gross, gross - kept)
        invoice.amount_due = item if is_whole or len(amounts) == 1 else solved(whole)
    if not amounts and kept:
        invoice.amount_due = solved(gross - kept)


def _split(goods) -> Decimal:
    """The tax that a public body pays to the state itself (scissione dei pagamenti)."""
    return total(
        one.number("Imposta")
        for one in goods.all("DatiRiepilogo")
        if one.text("EsigibilitaIVA") == "S"
    )


# ------------------------------------------------------------
# SIMPLIFIED
# ------------------------------------------------------------


def _simplified(header, body):
    """The simplified form: amounts hold the tax, and there is no total."""
    invoice = _base(header, body.first("DatiGenerali/DatiGeneraliDocumento"))
    goods = body.all("DatiBeniServizi")
    sums: dict[tuple, list[Decimal]] = {}
    for one in goods:
        rate, category = one.amount("DatiIVA/Aliquota"), _category(one)
        amount = one.number("Importo")
        if amount is None:
            continue
        tax = _tax_inside(one, amount, rate)
        key = (value_of(rate), value_of(category))
        base, taxes, *fields = sums.get(key, (ZERO, ZERO, rate, category))
        sums[key] = [base + amount - tax, taxes + tax, *fields]
        invoice.lines.append(
            Line(
                description=one.string("Descrizione"),
                tax_rate=rate,
                amount=one.amount("Importo"),
                tax_category=category,
            )
        )
    invoice.taxes = [
        TaxAmount(rate, solved(base), solved(tax), category)
        for base, tax, rate, category in sums.values()
    ]
    invoice.lines_tax_included = True
    if sums:
        invoice.amount_untaxed = solved(total(tax.base for tax in invoice.taxes))
        invoice.amount_tax = solved(total(tax.amount for tax in invoice.taxes))
        invoice.amount_total = solved(total(line.amount for line in invoice.lines))
    return invoice


def _tax_inside(node, amount: Decimal, rate: Field | None) -> Decimal:
    printed = node.number("DatiIVA/Imposta")
    if printed is not None:
        return printed
    percentage = value_of(rate) or ZERO
    return round(amount * percentage / (HUNDRED + percentage), 2)
