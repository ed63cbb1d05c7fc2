"""NF-e and NFC-e 4.0, the Brazilian invoices of goods.

ICMS, PIS and COFINS are inside the prices; only IPI and the substituted ICMS come on
top, and are what this calls the tax of the document.
"""

from __future__ import annotations

from ..invoice import Invoice, Line, Party, TaxAmount, value_of
from .source import (
    Node,
    adjustment,
    doc_type,
    field,
    joined,
    percent,
    solved,
    total,
)

_RETURN = "4"
#: Taxes that come on top of the prices.
_ADDED = ("vIPI", "vIPIDevol", "vST", "vFCPST", "vII")
#: Charges on the whole document.
_CHARGES = {"vFrete": "Frete", "vSeg": "Seguro", "vOutro": "Outras despesas"}
_WITHHELD = "vRetPIS|vRetCOFINS|vRetCSLL|vIRRF|vRetPrev"


def read(root: Node) -> list[Invoice]:
    """The invoices of a file: one, or a batch."""
    if root.name == "NFe":
        notes = root.all("infNFe")
    else:
        notes = root.all("NFe/infNFe")
    return [_invoice(one) for one in notes]


def _invoice(node):
    head, totals = node.first("ide"), node.first("total/ICMSTot")
    kind = "credit_note" if head.text("finNFe") == _RETURN else "invoice"
    invoice = Invoice(
        doc_type=doc_type(kind, head.text("finNFe")),
        vendor=_party(node.first("emit"), "enderEmit"),
        buyer=_party(node.first("dest"), "enderDest"),
        number=head.string("nNF"),
        date=head.date("dhEmi", "dEmi"),
        due_date=node.date("cobr/dup/dVenc"),
        po_number=node.string("compra/xPed", "det/prod/xPed"),
        currency=field("BRL"),
        amount_total=totals.amount("vNF"),
        payment_reference=node.string("cobr/fat/nFat"),
    )
    invoice.vendor.country = invoice.vendor.country or field("BR")
    _set_taxes(totals, invoice)
    invoice.lines = [_line(one) for one in node.all("det") if _counts(one)]
    invoice.adjustments = _adjustments(totals, invoice)
    withheld = total(one.number("") for one in node.all(f"total/retTrib/{_WITHHELD}"))
    invoice.withheld = solved(withheld) if withheld else None
    invoice.amount_due = node.amount("cobr/fat/vLiq")
    return invoice


def _party(party, place):
    address = party.first(place)
    return Party(
        name=party.string("xNome"),
        vat=party.string("CNPJ", "CPF"),
        address=joined(
            f"{address.text('xLgr')} {address.text('nro')}".strip(),
            address.text("xBairro"),
            " ".join(filter(None, map(address.text, ("CEP", "xMun", "UF")))),
        ),
        country=field(
            "BR" if address.text("cPais") in ("1058", "") and address else ""
        ),
        email=party.string("email"),
    )


def _set_taxes(totals, invoice):
    gross = value_of(invoice.amount_total)
    amounts = {name: totals.amount(name) for name in _ADDED}
    tax = total(amounts.values())
    invoice.amount_tax = solved(tax)
    if gross is not None:
        invoice.amount_untaxed = solved(gross - tax)
    invoice.taxes = [
        TaxAmount(amount=one) for one in amounts.values() if one and one.value
    ]


def _counts(item):
    """Whether an item is part of the total (indTot)."""
    return item.text("prod/indTot") != "0"


def _line(item):
    goods = item.first("prod")
    gross, less = goods.amount("vProd"), goods.number("vDesc")
    return Line(
        description=goods.string("xProd"),
        quantity=goods.amount("qCom"),
        unit=goods.string("uCom"),
        unit_price=goods.amount("vUnCom"),
        discount=percent(less, value_of(gross)),
        amount=solved(gross.value - less) if gross and less else gross,
    )


def _adjustments(totals, invoice):
    """Freight and the like, and a tax that is let off where the total is without it."""
    found = []
    for name, reason in _CHARGES.items():
        amount = totals.number(name)
        if amount:
            text = totals.text(name)
            found.append(adjustment(amount, reason=field(reason), text=text))
    lines = total(line.amount for line in invoice.lines)
    rest = (
        (value_of(invoice.amount_untaxed) or 0)
        - lines
        - total(one.amount for one in found)
    )
    relief = totals.number("vICMSDeson")
    if relief and rest == -relief:
        found.append(adjustment(-relief, reason=field("ICMS desonerado")))
    return found
