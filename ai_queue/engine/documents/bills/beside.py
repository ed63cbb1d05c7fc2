"""An electronic invoice without lines, completed from the page that shows it.

The small profiles of Factur-X (MINIMUM, BASIC WL) name the vendor, the number and the
totals; the lines, the due date and the account stand on the page beside them.
"""

from __future__ import annotations

from .invoice import Invoice, value_of

#: What is taken from the page where the file does not say it.
_PARTIES = ("vendor", "buyer", "payee")
_FIELDS = (
    *("due_date", "po_number", "amount_due", "payment_reference", "rounding"),
    *("stamp", "withheld"),
)


def complete(invoice: Invoice, page: Invoice) -> None:
    """Add to an invoice what only its page says; what the file says stays.

    :param page: the same bill, read from the words of the page. Where it comes to
        another total or bears another number it is of another bill, and nothing is
        taken.
    """
    if not _is_same(invoice, page):
        return
    for name in _PARTIES:
        one, other = getattr(invoice, name), getattr(page, name)
        for key, value in vars(other).items():
            if not getattr(one, key):
                setattr(one, key, value)
    for name in _FIELDS:
        setattr(invoice, name, getattr(invoice, name) or getattr(page, name))
    if not invoice.taxes:
        invoice.taxes = page.taxes
    invoice.lines, invoice.lines_tax_included = page.lines, page.lines_tax_included
    if not invoice.adjustments:
        invoice.adjustments = page.adjustments


def _is_same(invoice, page):
    if value_of(invoice.amount_total) != value_of(page.amount_total):
        return False
    number, printed = value_of(invoice.number), value_of(page.number)
    return not number or not printed or _plain(number) == _plain(printed)


def _plain(number):
    return "".join(char for char in number.upper() if char.isalnum())
