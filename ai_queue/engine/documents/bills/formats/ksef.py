"""FA(2) and FA(3), the Polish e-invoices of KSeF."""

from __future__ import annotations

from decimal import Decimal

from ..invoice import Field, Invoice, Line, Party, TaxAmount, value_of
from .source import (
    ZERO,
    Node,
    adjustment,
    doc_type,
    field,
    joined,
    percent,
    set_accounts,
    set_payee,
    solved,
    total,
)

#: Net amounts of the summary -> the tax beside them, the rates that they may be of (the
#: first where no line says), and the category.
_SUMMARY = {
    "P_13_1": ("P_14_1", ("23", "22"), "S"),
    "P_13_2": ("P_14_2", ("8", "7"), "S"),
    "P_13_3": ("P_14_3", ("5",), "S"),
    "P_13_4": ("P_14_4", ("4", "3"), "S"),
    "P_13_5": ("P_14_5", (), "S"),
    "P_13_6_1": ("", ("0",), "Z"),
    "P_13_6_2": ("", ("0",), "K"),
    "P_13_6_3": ("", ("0",), "G"),
    "P_13_7": ("", ("0",), "E"),
    "P_13_8": ("", ("0",), "O"),
    "P_13_9": ("", ("0",), "AE"),
    "P_13_10": ("", ("0",), "AE"),
    "P_13_11": ("", ("0",), "E"),
}
#: Rates that are words.
_WORDS = {
    "0 KR": "Z",
    "0": "Z",
    "0 WDT": "K",
    "0 EX": "G",
    "zw": "E",
    "oo": "AE",
    "np": "O",
    "np I": "O",
    "np II": "AE",
}
_FACTOR = "1"


def read(root: Node) -> list[Invoice]:
    """The one invoice of the file."""
    body = root.first("Fa")
    code = body.text("RodzajFaktury")
    invoice = Invoice(
        # Corrections state differences: their sign tells what they are.
        doc_type=doc_type("invoice", code),
        vendor=_party(root.first("Podmiot1")),
        buyer=_party(root.first("Podmiot2")),
        number=body.string("P_2"),
        date=body.date("P_1"),
        po_number=body.string("WarunkiTransakcji/Zamowienia/NrZamowienia"),
        currency=body.string("KodWaluty"),
        amount_total=body.amount("P_15"),
    )
    invoice.lines = [_line(one) for one in body.all("FaWiersz")]
    gross = [one for one in body.all("FaWiersz") if one.text("P_11A")]
    invoice.lines_tax_included = bool(gross) and not body.text("FaWiersz/P_11")
    _set_taxes(body, invoice)
    _set_payment(root, body, invoice)
    _set_due(body, invoice)
    if code.endswith("ROZ"):
        _take_off_advances(invoice)
    return [invoice]


def _party(party):
    data, address = party.first("DaneIdentyfikacyjne"), party.first("Adres")
    national = data.text("NIP")
    foreign = data.text("KodUE") + data.text("NrVatUE")
    return Party(
        name=data.string("Nazwa", "PelnaNazwa"),
        vat=field(f"PL{national}" if national else foreign),
        address=joined(address.text("AdresL1"), address.text("AdresL2")),
        country=address.string("KodKraju") or field("PL" if national else ""),
        email=party.string("DaneKontaktowe/Email"),
    )


def _rate(text: str) -> tuple[Field | None, Field | None]:
    """The rate and the category of what stands for a rate."""
    if text in _WORDS:
        return field(ZERO, text), field(_WORDS[text], text)
    if text.isdecimal() and len(text) <= 2:
        return field(Decimal(text), text), field("S")
    return None, None


def _line(line):
    rate, category = _rate(line.text("P_12"))
    sold_abroad = line.amount("P_12_XII")
    amount = line.amount("P_11", "P_11A")
    price = line.amount("P_9A", "P_9B")
    quantity = line.amount("P_8B")
    gross = value_of(price) and (value_of(quantity) or 1) * price.value
    found = Line(
        description=line.string("P_7"),
        quantity=quantity,
        unit=line.string("P_8A"),
        unit_price=price,
        discount=percent(line.number("P_10"), gross),
        tax_rate=rate or sold_abroad,
        amount=amount,
        tax_category=category,
    )
    if line.text("StanPrzed") == "1":
        # How it was before the correction: what is left is the difference.
        found.amount = amount and field(-amount.value, amount.text)
        found.quantity = quantity and field(-quantity.value, quantity.text)
    return found


def _set_taxes(body, invoice):
    rates = {value_of(line.tax_rate) for line in invoice.lines}
    for net, (tax, options, category) in _SUMMARY.items():
        base = body.amount(net)
        if base is None:
            continue
        options = [Decimal(one) for one in options]
        rate = next((one for one in options if one in rates), next(iter(options), None))
        amount = body.amount(tax) if tax else solved(ZERO)
        invoice.taxes.append(TaxAmount(solved(rate), base, amount, field(category)))
    if invoice.taxes:
        invoice.amount_untaxed = solved(total(tax.base for tax in invoice.taxes))
        invoice.amount_tax = solved(total(tax.amount for tax in invoice.taxes))


def _set_payment(root, body, invoice):
    payment = body.first("Platnosc")
    invoice.due_date = payment.date("TerminPlatnosci/Termin")
    accounts = [_account(text) for text in payment.texts("RachunekBankowy/NrRB")]
    factors = [_account(text) for text in payment.texts("RachunekBankowyFaktora/NrRB")]
    set_accounts(invoice.vendor, factors + accounts)
    others = root.all("Podmiot3")
    factor = next((one for one in others if one.text("Rola") == _FACTOR), Node())
    set_payee(invoice, _party(factor).name)


def _account(text):
    """A Polish account is an IBAN without its country."""
    digits = text.replace(" ", "")
    return f"PL{digits}" if digits.isdecimal() and len(digits) == 26 else text


def _set_due(body, invoice):
    gross = value_of(invoice.amount_total)
    settled = body.first("Rozliczenie")
    if settled:
        invoice.amount_due = settled.amount("DoZaplaty")
        over = settled.number("DoRozliczenia")
        if invoice.amount_due is None and over is not None:
            invoice.amount_due = solved(-over)
        return
    payment = body.first("Platnosc")
    if gross is None:
        return
    paid = total(
        one.number("KwotaZaplatyCzesciowej") for one in payment.all("ZaplataCzesciowa")
    )
    if payment.text("Zaplacono") == "1":
        invoice.amount_due = solved(ZERO)
    elif paid:
        invoice.amount_due = solved(gross - paid)


def _take_off_advances(invoice):
    """A final invoice lists all that was sold and asks for what is left of it."""
    if invoice.lines_tax_included:
        return
    for tax in invoice.taxes:
        rate, category = value_of(tax.rate), value_of(tax.tax_category)
        lines = total(
            line.amount
            for line in invoice.lines
            if (value_of(line.tax_rate), value_of(line.tax_category))
            == (rate, category)
        )
        rest = tax.base.value - lines
        if rest:
            reason = field("Faktury zaliczkowe")
            invoice.adjustments.append(
                adjustment(rest, tax.rate, tax.tax_category, reason)
            )
