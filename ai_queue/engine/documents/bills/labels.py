"""What the printed labels of a bill mean, in the languages of `labels.ini`.

All patterns are for folded text (lower case, no accents, see `text.fold`). They name
subjects, not vendors: what stands where on whose paper is not known here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .vocabulary import LETTER, pattern, source

# ------------------------------------------------------------
# AMOUNTS
# ------------------------------------------------------------

#: The kinds that `amount_kind` knows.
KINDS = (
    *("untaxed", "tax", "total", "due", "prior", "paid", "discount", "charge"),
    *("rounding", "stamp", "withheld", ""),
)
#: "tax ID", "Steuer-Nr.": the label of a number, and not of tax.
_TAX_NUMBER = re.compile(
    rf"{source('tax')}[\s.-]*(?:id\b|ident|reg|nr\b|no\b|num|n[°º]|№|{source('number')})"
)
#: What is taken off, at the beginning of a label.
_LESS = re.compile(
    r"(?:abzgl\.?|abzuglich|less|minus|moins|deduction|a deduire|meno|menos|dedotto"
    r"|af|reeds|bereits|already|deja|gia)(?![^\W\d_])"
)
#: A total with a sign of its currency grown onto it, as on till receipts.
_STRONG = re.compile("brutto|gross|ttc|tvac|endbetrag|合計|总计|總計")


@lru_cache(maxsize=4096)
def amount_kind(folded: str) -> str:
    """What the label of an amount makes it, one of `KINDS`; ``""`` when it is silent.

    The order matters: "total excluding tax" is untaxed, "tax total" is tax, "amount
    due" is due, "previous amount due" is an older debt.
    """

    def has(concept):
        return bool(pattern(concept).search(folded))

    if has("stamp"):
        return "stamp"
    if has("withheld"):
        return "withheld"
    if _TAX_NUMBER.search(folded) or has("tax_number"):
        return ""
    if has("count") and not has("due"):
        return ""
    if has("rounding"):
        return "total" if has("total") and "adj" not in folded else "rounding"
    if has("prior"):
        return "prior"
    if _is_paid(folded):
        return "paid"
    if has("discount") and not has("net"):
        return "discount"
    if has("gross") and (has("tax") or not has("net")):
        return "tax" if _only_tax(folded) else "total"
    for concept, kind in (
        *(("due", "due"), ("subtotal", "untaxed"), ("net", "untaxed")),
        *(("paid", "paid"), ("tax", "tax"), ("charge", "charge"), ("total", "total")),
    ):
        if has(concept) and not (concept == "paid" and has("tax")):
            return kind
    return ""


def _is_paid(folded):
    """ "Less deposit incl. VAT", "Abschlagszahlung": no tax, and no *Abschlag*."""
    paid, discount = pattern("paid").search(folded), pattern("discount").search(folded)
    if not paid:
        return False
    if discount and paid.start() <= discount.start() and discount.end() <= paid.end():
        return True
    return bool(_LESS.match(folded)) and not discount


def _only_tax(folded):
    """ "Included VAT": the tax that the total holds, and not the total."""
    tax = pattern("tax")
    if not tax.search(folded) or _STRONG.search(folded):
        return False
    if pattern("total", "due").search(tax.sub(" ", folded)):
        return False
    before = folded[: pattern("gross").search(folded).start()]
    return not re.search(rf"{LETTER}{{3}}", tax.sub("", before))


# ------------------------------------------------------------
# DATES
# ------------------------------------------------------------


@lru_cache(maxsize=4096)
def date_kind(folded: str) -> str:
    """What its label makes a date: ``due``, ``bill``, ``date``, ``paid``, ``other``.

    ``""`` when it says nothing of a date.
    """
    for concept, kind in (
        *(("due_date", "due"), ("bill_date", "bill"), ("paid_date", "paid")),
        ("other_date", "other"),
    ):
        if pattern(concept).search(folded):
            return kind
    if pattern("invoice", "credit_note", "receipt").search(folded):
        return "bill"
    return "date" if pattern("date").search(folded) else ""


# ------------------------------------------------------------
# NUMBERS
# ------------------------------------------------------------

_NO = rf"(?:{source('number')}|n[°º.]|№|#)"
_BILL = source("invoice", "credit_note", "receipt")
_OF = r"(?:de |d'|della |da |di |de la |of )?"
#: Some words more of what it calls itself.
_MORE = rf"(?:\s+(?!{source('other_number')}|{_NO}){LETTER}{{2,15}}){{1,3}}"
#: A bill with its number, right before its date.
NUMBERED_BILL = re.compile(
    rf"{_BILL}\s*(?:{_NO}[\s.:]*){{0,2}}(?P<code>[\w./-]*\d[\w./-]*)\W{{1,3}}"
    rf"(?:{source('date')}\W{{0,3}}){{0,2}}$"
)
#: A bill that the label of a number names beside the document: "credit to invoice".
OTHER_BILL = re.compile(
    rf"{source('credit_note')}\s+(?:{LETTER}{{1,15}}\s+){{0,3}}{source('invoice')}"
)
#: What a bill calls itself, at the beginning of a text.
BILL_TITLE = re.compile(_BILL)
#: Label of the number of the bill, at the beginning of a text; the value may follow.
NUMBER_LABELS = (
    (
        re.compile(
            rf"(?:{source('bill_number')}|{_BILL}[\s.–/-]*s?[\s-]*{_NO}"
            rf"|{_NO}\s*{_OF}{_BILL})"
        ),
        1.0,
    ),
    (re.compile(rf"{_BILL}\s*(?:\([^)]*\)\s*)?(?:{_NO})?\s*[:#]"), 0.9),
    (re.compile(rf"{_BILL}\s*(?:\([^)]*\)\s*)?(?:{_NO}[\s.]*){{1,3}}"), 0.9),
    # "Facture mobile n° 7", "Factura electrónica de venta FE-7"
    (re.compile(rf"{_BILL}{_MORE}\s+{_NO}[\s.:]*"), 0.85),
    (re.compile(rf"{_BILL}{_MORE}(?=\s+(?:[a-z]{{1,5}}[-/]?\d|\d{{5}}))"), 0.55),
    (re.compile(rf"{_BILL}(?=\s)"), 0.6),
    (re.compile(rf"{_BILL}$"), 0.5),
    (re.compile(rf"(?:document|doc|transaction|trans)[\s.]*{_NO}"), 0.7),
    (re.compile(rf"{_NO}\s*:"), 0.4),
    (
        re.compile(
            r"(?:ref(?:erence|erenz)?\.?(?: no\.?)?|#|no\.?|nr\.?|n[°º]|№)\s*[:.]?"
        ),
        0.3,
    ),
)
#: The word for a number alone, in one language or two: "Nummer", "No./Nr.".
BARE_NUMBER = re.compile(rf"{_NO}(?:\s?/\s?{_NO})?[\s.:]*")
#: The word for a date alone, or the label of the date of the bill.
PLAIN_DATE = re.compile(
    rf"{source('date', 'bill_date')}(?:\s?/\s?{source('date', 'bill_date')})?[\s.:]*"
)
#: What stands before a number, as "No." beside the title of a bill; the C of "C-100" is
#: part of it.
NUMBER_WORD = re.compile(rf"{_NO}(?:[\s.:#]+|(?<=[#°º№]))(?=\S)")
#: The series of a bill and its number in it: "Seria AM nr. 1001".
SERIES = re.compile(
    r"(?<![^\W\d_])(?:seri[ae]|serija|serie)[\s.:]{1,3}(?P<series>[a-z0-9]{1,8})[\s,]{1,3}"
    rf"(?:{_NO}[\s.:]{{0,3}})(?P<number>\d[\w./-]*)"
)
#: A number that belongs to something else than the bill.
OTHER_NUMBER = pattern("other_number")
ORDER_LABEL = re.compile(
    rf"{source('order_number')}(?!-?\d)\s*-?\s*(?:{_NO})?\s*[:.#]?"
)

# ------------------------------------------------------------
# PARTIES
# ------------------------------------------------------------

BUYER = re.compile(rf"{source('buyer')}\s*(?:name\b)?\s*[:.：]?")
SELLER = re.compile(rf"{source('seller')}\s*(?:name\b)?\s*[:.：]?")
#: The holder of the bank account, inside of a line.
HOLDER = re.compile(rf"{source('holder')}\s*[:.：]?\s*")
BANK = re.compile(
    r"(?<![a-z])(?:\w*bank\w*|\w*sparkasse|volksbank|banque|banca|banco|credit agricole"
    r"|bnp|ing(?!\.)|iban|bic|swift|blz|kto)(?![a-z])"
)
