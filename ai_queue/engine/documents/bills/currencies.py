"""Currencies as they are printed."""

from __future__ import annotations

import re
from collections import Counter

#: Codes that are common on bills; others count only beside an amount.
CODES = frozenset(
    "EUR USD GBP CHF CAD AUD NZD JPY CNY INR SEK NOK DKK ISK PLN CZK HUF RON BGN TRY"
    " BRL MXN ARS CLP COP PEN ZAR SGD HKD MYR THB IDR PHP VND KRW TWD AED SAR QAR ILS"
    " EGP MAD TND NGN KES UAH RSD KZT PKR BDT LKR".split()
)

_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "¥": "JPY",
    "₺": "TRY",
    "₪": "ILS",
    "₩": "KRW",
    "₫": "VND",
    "₴": "UAH",
    "฿": "THB",
    "zł": "PLN",
    "Kč": "CZK",
    "R$": "BRL",
    "US$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "Rs.": "INR",
    "RM": "MYR",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "Euro": "EUR",
    "Euros": "EUR",
    "EURO": "EUR",
    "EUROS": "EUR",
}

#: The plain dollar sign belongs to many; the country of the document decides.
_DOLLARS = {
    "US": "USD",
    "CA": "CAD",
    "AU": "AUD",
    "NZ": "NZD",
    "SG": "SGD",
    "HK": "HKD",
    "MX": "MXN",
}

_WORDS = sorted([*_SYMBOLS, *CODES], key=len, reverse=True)
#: A currency in text, as a symbol or a code.
CURRENCY = re.compile(
    "|".join(
        rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])"
        if word[-1].isalpha() or word[-1] == "."
        else re.escape(word)
        for word in _WORDS
    )
    + r"|\$"
)


def code(text: str, country: str = "") -> str | None:
    """The ISO 4217 code of a symbol or code as printed.

    :param country: of the vendor, for the plain dollar sign
    """
    text = text.strip()
    if text == "$":
        return _DOLLARS.get(country, "USD")
    return _SYMBOLS.get(text) or (text.upper() if text.upper() in CODES else None)


def find(texts, country: str = "") -> tuple[str, str] | None:
    """The currency that a document is in, and how it prints it.

    The one that is printed most often wins; a code counts twice as much as a symbol.
    """
    votes, printed = Counter(), {}
    for text in texts:
        for match in CURRENCY.finditer(text):
            found = code(match[0], country)
            votes[found] += 2 if match[0] in CODES else 1
            printed.setdefault(found, match[0])
    if not votes:
        return None
    [(best, _)] = votes.most_common(1)
    return best, printed[best]
