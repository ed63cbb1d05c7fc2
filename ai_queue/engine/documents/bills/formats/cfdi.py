"""CFDI 3.3 and 4.0, the Mexican e-invoice."""

from __future__ import annotations

from decimal import Decimal

from ..invoice import Invoice, Line, Party, TaxAmount, value_of
from . import terms
from .source import HUNDRED, Node, doc_type, field, percent, solved, total

#: TipoDeComprobante: income, refund, transport, payment of wages, receipt of payment.
_KINDS = {
    "I": "invoice",
    "E": "credit_note",
    "T": "delivery_note",
    "N": "other",
    "P": "other",
}
_VAT = "002"
_EXEMPT, _NO_TAX = "Exento", "01"


def read(root: Node) -> list[Invoice]:
    """The one invoice of the file."""
    code = root.text("@TipoDeComprobante")
    untaxed = root.amount("@SubTotal")
    discount = root.number("@Descuento")
    if untaxed and discount:
        untaxed = solved(untaxed.value - discount)
    date = root.date("@Fecha")
    invoice = Invoice(
        doc_type=doc_type(_KINDS.get(code, "other"), code),
        vendor=_party(root.first("Emisor")),
        buyer=_party(root.first("Receptor")),
        number=_number(root),
        date=date,
        due_date=terms.due_date([root.text("@CondicionesDePago")], date),
        currency=root.string("@Moneda"),
        amount_untaxed=untaxed,
        amount_total=root.amount("@Total"),
    )
    invoice.vendor.country = field("MX")
    _set_taxes(root, invoice)
    invoice.lines = [_line(one) for one in root.all("Conceptos/Concepto")]
    return [invoice]


def _party(party):
    return Party(name=party.string("@Nombre"), vat=party.string("@Rfc"))


def _number(root):
    """Series and folio as the vendor counts, else the number of the tax office."""
    series, folio = root.text("@Serie"), root.text("@Folio")
    if folio:
        return field(f"{series}{folio}")
    return root.string("Complemento/TimbreFiscalDigital/@UUID")


def _set_taxes(root, invoice):
    """Taxes of the federation and local ones; some are kept back by the buyer."""
    taxes, local = root.first("Impuestos"), root.first("Complemento/ImpuestosLocales")
    added = [
        taxes.amount("@TotalImpuestosTrasladados"),
        local.amount("@TotaldeTraslados"),
    ]
    kept = [
        taxes.amount("@TotalImpuestosRetenidos"),
        local.amount("@TotaldeRetenciones"),
    ]
    added, kept = ([one for one in some if one] for some in (added, kept))
    invoice.amount_tax = added[0] if len(added) == 1 else solved(total(added))
    withheld = total(kept)
    invoice.withheld = solved(withheld) if withheld else None
    invoice.taxes = [_tax(one) for one in taxes.all("Traslados/Traslado")]
    for one in local.all("TrasladosLocales"):
        rate, amount = one.amount("@TasadeTraslado"), one.amount("@Importe")
        invoice.taxes.append(TaxAmount(rate, None, amount))


def _tax(node):
    return TaxAmount(
        _rate(node),
        node.amount("@Base"),
        node.amount("@Importe") or solved(Decimal(0)),
        _category(node),
    )


def _rate(node):
    """The rate in percent; a fixed amount for each piece (Cuota) is none."""
    kind, rate = node.text("@TipoFactor"), node.number("@TasaOCuota")
    if kind == _EXEMPT:
        return solved(Decimal(0))
    if kind != "Tasa" or rate is None:
        return None
    return field(Decimal(f"{(HUNDRED * rate).normalize():f}"), node.text("@TasaOCuota"))


def _category(node):
    if node.text("@TipoFactor") == _EXEMPT:
        return field("E", _EXEMPT)
    rate = _rate(node)
    return field("S" if value_of(rate) else "Z") if rate else None


def _line(line):
    gross, less = line.amount("@Importe"), line.number("@Descuento")
    taxes = line.all("Impuestos/Traslados/Traslado")
    tax = next((one for one in taxes if one.text("@Impuesto") == _VAT), Node())
    is_untaxed = line.text("@ObjetoImp") == _NO_TAX
    return Line(
        description=line.string("@Descripcion"),
        quantity=line.amount("@Cantidad"),
        unit=line.string("@Unidad", "@ClaveUnidad"),
        unit_price=line.amount("@ValorUnitario"),
        discount=percent(less, value_of(gross)),
        tax_rate=solved(Decimal(0)) if is_untaxed else _rate(tax),
        amount=solved(gross.value - less) if gross and less else gross,
        tax_category=field("O", _NO_TAX) if is_untaxed else _category(tax),
    )
