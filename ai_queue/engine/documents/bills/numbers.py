"""Amounts as they are printed.

1.234,56 · 1,234.56 · 1'234.56 · 1 234,56 · 12,34,567.00 (India) · (12.00) · 12.00-
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from .text import WORD_CHAR

#: Digits before and after the decimal mark: what has more is no amount of a bill.
MOST_DIGITS, MOST_DECIMALS = 15, 6
#: What separates thousands besides dot and comma: spaces of all widths, apostrophes.
_GAPS = " \u00a0\u2009\u202f'’`´"
_MINUS = r"\-−–▲△"

#: A number in running text. Spaces separate thousands only between groups of three.
NUMBER = re.compile(
    rf"""(?<![.,/:{_MINUS}])(?<!{WORD_CHAR})
    (?P<open>\()?
    (?P<sign>[{_MINUS}+])?\s?
    (?P<digits>
        \d{{1,3}}(?:[{_GAPS}]\d{{3}})+(?:[.,]\d{{1,6}})?(?![\d])   # 1 234,56
      | \d{{1,3}}(?:[.,]\d{{2,3}})*[.,]\d{{3}}(?:[.,]\d{{1,6}})?(?!\d)  # 12,34,567.89
      | \d+(?:[.,]\d{{1,6}})?                                       # 1234.56
      | [.,]\d{{2}}(?!\d)                                           # .50
    )
    (?P<dash>,[{_MINUS}]{{1,2}})?
    (?P<after>\s?[{_MINUS}](?!\w))?
    (?P<close>\))?
    (?!{WORD_CHAR}|[/:{_MINUS}]\d)""",
    re.VERBOSE,
)


def readings(
    text: str, decimal_mark: str = "", decimals: int = 2
) -> tuple[Decimal, ...]:
    """The numbers that ``text`` may mean, the likeliest first.

    There are two where a single separator stands before three digits ("1.234").

    :param text: one number as printed, signs and separators included, nothing else
    :param decimal_mark: ``"."`` or ``","`` where the document as a whole tells
    :param decimals: of the currency; with three, "1.234" is no thousand
    :return: empty when it is no number, or one that is too long for a bill
    """
    match = NUMBER.fullmatch(text.strip())
    if not match:
        return ()
    digits = match["digits"].translate(str.maketrans("", "", _GAPS))
    negative = (
        (match["sign"] or "+") in "-−–▲△"
        or bool(match["after"])
        or bool(match["open"] and match["close"])
    )
    found = []
    for one in _spellings(digits, decimal_mark, decimals):
        whole, _, part = one.partition(".")
        if len(whole) > MOST_DIGITS or len(part) > MOST_DECIMALS:
            continue
        try:
            value = Decimal(one)
        except InvalidOperation:
            continue
        value = -value if negative else value
        if value not in found:
            found.append(value)
    return tuple(found)


def parse(text: str, decimal_mark: str = "") -> Decimal | None:
    """The likeliest number that ``text`` means, ``None`` when it is none."""
    found = readings(text, decimal_mark)
    return found[0] if found else None


def _spellings(digits, decimal_mark, decimals):
    """``digits`` in Python's spelling, the likeliest reading first."""
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        last = max(digits.rfind("."), digits.rfind(","))
        yield _split(digits, last)
    elif dots + commas > 1:
        last = max(digits.rfind("."), digits.rfind(","))
        two = len(digits) - last == 3  # 2.978.666.00, as text recognition has it
        yield _split(digits, last) if two else re.sub("[.,]", "", digits)
    elif dots + commas == 1:
        at = max(digits.rfind("."), digits.rfind(","))
        after = len(digits) - at - 1
        could_be_thousands = after == 3 and 1 <= at <= 3 and digits[:at] != "0"
        if not could_be_thousands:
            yield _split(digits, at)
            return
        whole, part = digits.replace(digits[at], ""), _split(digits, at)
        if decimal_mark == digits[at] or (decimals == 3 and not decimal_mark):
            whole, part = part, whole
        yield from (whole, part)
    else:
        yield digits


def _split(digits, at):
    return re.sub(r"[.,]", "", digits[:at]) + "." + digits[at + 1 :]


def decimal_mark(texts: Iterable[str], decimals: int = 2) -> str:
    """The decimal mark that the numbers of a document agree on, or ``""``.

    Only numbers that can be read in one way are asked.

    :param decimals: of the currency
    """
    votes = {".": 0, ",": 0}
    for text in texts:
        for match in NUMBER.finditer(text):
            digits = match["digits"]
            end = re.search(r"([.,])(\d+)$", digits)
            if not end:
                continue
            other = "," if end[1] == "." else "."
            if len(end[2]) == 2 or (other in digits and len(end[2]) in (1, decimals)):
                votes[end[1]] += 1
            elif digits.count(end[1]) > 1:
                votes[other] += 1
    if votes["."] == votes[","]:
        return ""
    return max(votes, key=votes.get)


def has_cents(text: str, decimals: int = 2) -> bool:
    """Whether a number is printed as money mostly is: with cents.

    :param decimals: of the currency; one that has none groups its thousands
    """
    if re.search(r"[.,]\d{2}\D*$", text):
        return True
    if decimals == 2:
        return False
    sign = "[.,]" if decimals else rf"[.,{_GAPS}]"
    return bool(re.search(rf"\d{sign}\d{{3}}\D*$", text))


def cents(value: Decimal) -> Decimal:
    """``value`` rounded to cents, half away from zero as bills do."""
    return value.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
