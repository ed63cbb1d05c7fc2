"""Vendor bills as PDF, whose every value the caller knows."""

from .document_samples import Pdf, content, text_pdf

VAT = "DE811907980"
IBAN = "DE89370400440532013000"
OTHER_IBAN = "DE02120300000000202051"
ROWS = (("Office chairs, black", 4, 100.0), ("Delivery", 1, 50.0))


def bill_words(
    number="INV-2026-0815",
    vendor="Example Supplies GmbH",
    vat=VAT,
    iban=IBAN,
    day="2026-03-10",
    due="2026-04-09",
    rows=ROWS,
    rate=19.0,
    currency="EUR",
    title="INVOICE",
    order=None,
    off=0.0,
    extra=(),
    address=("Industriestr. 5", "70173 Stuttgart", "Germany"),
    buyer="Trading Post",
    tax_name="VAT",
):
    """What is printed on a bill: (x, y, text) of each piece.

    :param rows: (description, quantity, unit price) of each line
    :param off: by how much the printed total is wrong
    :param address: the lines under the name of the vendor
    """
    untaxed = sum(quantity * price for _name, quantity, price in rows)
    tax = round(untaxed * rate / 100, 2)
    lines = [
        *((60, 60, vendor), (400, 60, title)),
        *((60, 76 + 16 * at, text) for at, text in enumerate(address)),
        *((330, 140, "Invoice number:"), (440, 140, number)),
        *((330, 156, "Invoice date:"), (440, 156, day)),
        *((330, 172, "Due date:"), (440, 172, due)),
        *((60, 140, "Bill to:"), (60, 156, buyer)),
        *((60, 240, "Description"), (300, 240, "Quantity")),
        *((380, 240, "Unit price"), (480, 240, "Amount")),
    ]
    if order:
        lines += [(330, 188, "Purchase order:"), (440, 188, order)]
    top = 260
    for name, quantity, price in rows:
        lines += [(60, top, name), (300, top, f"{quantity:g}")]
        lines += [(380, top, f"{price:,.2f}"), (480, top, f"{quantity * price:,.2f}")]
        top += 18
    total = untaxed + tax + off
    for label, amount in (
        ("Subtotal", f"{untaxed:,.2f}"),
        (f"{tax_name} {rate:g}%", f"{tax:,.2f}"),
        (f"Total {currency}", f"{total:,.2f}"),
    ):
        top += 18
        lines += [(380, top, label), (480, top, amount)]
    foot = [f"VAT ID: {vat}"] if vat else []
    foot += [f"IBAN: {iban}"] if iban else []
    lines += [(60, 760 + 16 * at, text) for at, text in enumerate([*foot, *extra])]
    return lines


def bill_pdf(*args, **values):
    """A bill as PDF with text; the same values as `bill_words`."""
    return text_pdf(bill_words(*args, **values))


def bills_pdf(*bills):
    """Several bills in one PDF, a page each: dicts of the values of `bill_words`."""
    pdf = Pdf()
    for values in bills:
        pdf.page(content(bill_words(**values)))
    return bytes(pdf)
