"""Currencies as they are printed, and which one a document is in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .text import WORD_CHAR

#: Codes that are common on bills.
CODES = frozenset(
    "EUR USD GBP CHF CAD AUD NZD JPY CNY INR SEK NOK DKK ISK PLN CZK HUF RON BGN TRY"
    " BRL MXN ARS CLP COP PEN UYU PYG BOB CRC DOP GTQ ZAR SGD HKD TWD MYR THB IDR PHP"
    " VND KRW PKR BDT LKR NPR AED SAR QAR KWD BHD OMR JOD IQD LBP ILS EGP MAD TND LYD"
    " DZD NGN KES GHS UGX TZS XOF XAF UAH RUB RSD MKD MDL GEL KZT AZN UZS FJD MUR"
    " JMD TTD".split()
)
#: Currency -> digits after its decimal mark as bills print it, where that is not two
#: (ISO 4217; for the forint and the Icelandic króna what is in use).
_DECIMALS = {
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLP HUF ISK JPY KRW PYG UGX VND XAF XOF".split(), 0),
}

#: What only one currency is printed as.
_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₺": "TRY",
    "TL": "TRY",
    "₪": "ILS",
    "₩": "KRW",
    "원": "KRW",
    "₫": "VND",
    "₴": "UAH",
    "₽": "RUB",
    "฿": "THB",
    "₱": "PHP",
    "₦": "NGN",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "lv.": "BGN",
    "лв.": "BGN",
    "лв": "BGN",
    "円": "JPY",
    "人民币": "CNY",
    "RMB": "CNY",
    "NT$": "TWD",
    "R$": "BRL",
    "US$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "CAD$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "MX$": "MXN",
    "S/": "PEN",
    "RM": "MYR",
    "Rp": "IDR",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "KD": "KWD",
    "K.D.": "KWD",
    "B.D.": "BHD",
    "J.D.": "JOD",
    "R.O.": "OMR",
    "Dhs": "AED",
    "BD": "BHD",
    "SR": "SAR",
    "QR": "QAR",
    "L.E.": "EGP",
    "KSh": "KES",
    "Ksh": "KES",
    "USh": "UGX",
    "TSh": "TZS",
    "GH₵": "GHS",
    "₵": "GHS",
    "৳": "BDT",
    "Tk": "BDT",
    "₸": "KZT",
    "₼": "AZN",
    "₾": "GEL",
    "руб.": "RUB",
    "руб": "RUB",
    "грн.": "UAH",
    "грн": "UAH",
    "дин.": "RSD",
    "din.": "RSD",
    "ден.": "MKD",
    "đ": "VND",
    "đồng": "VND",
    "VNĐ": "VND",
    "Baht": "THB",
    "baht": "THB",
    "บาท": "THB",
    "₡": "CRC",
    "₲": "PYG",
    "RD$": "DOP",
    "J$": "JMD",
    "TT$": "TTD",
    "U$S": "USD",
    "USD$": "USD",
    "AUD$": "AUD",
    "NZD$": "NZD",
    "MXN$": "MXN",
    "M.N.": "MXN",
    "Bs.": "BOB",
    "zl": "PLN",
    "Kc": "CZK",
    "Eur": "EUR",
    "Euro": "EUR",
    "Euros": "EUR",
    "EURO": "EUR",
    "EUROS": "EUR",
}
#: What several are printed as, the likeliest first: the country decides.
_SHARED = {
    "$": "USD CAD AUD NZD SGD HKD TWD MXN CLP COP ARS UYU DOP JMD TTD FJD".split(),
    "¥": "JPY CNY".split(),
    "￥": "JPY CNY".split(),
    "元": "CNY TWD HKD".split(),
    "kr": "SEK NOK DKK ISK".split(),
    "kr.": "SEK NOK DKK ISK".split(),
    "Kr": "SEK NOK DKK ISK".split(),
    "Rs.": "INR PKR LKR NPR MUR".split(),
    "Rs": "INR PKR LKR NPR MUR".split(),
    "lei": "RON MDL".split(),
    "Lei": "RON MDL".split(),
    "LEI": "RON MDL".split(),
    "DT": ["TND"],
    "R": ["ZAR"],
    "DH": ["MAD", "AED"],
    "Dh": ["MAD", "AED"],
}
#: Language -> the currency of a shared symbol that it speaks for.
_SPOKEN = {"ja": "JPY", "zh": "CNY", "sv": "SEK", "nb": "NOK", "da": "DKK", "ro": "RON"}


def _word(word):
    before = rf"(?<!{WORD_CHAR})" if word[0].isalpha() else ""
    after = r"(?![^\W\d_])" if word[-1].isalpha() or word[-1] == "." else ""
    if not word.isascii() and len(word) == 1:
        before = after = ""
    elif re.fullmatch("[A-Z]{2}", word):
        after += r"(?!\d{1,2}[A-Z]?\s?\d[A-Z]{2}(?![^\W_]))"  # no postcode: BD23 1HJ
    elif word.isalpha() and len(word) == 1:
        before, after = rf"{before}(?<!\.)", r"(?=\s?\d)"  # no "I.R.P.F."
    return f"{before}{re.escape(word)}{after}"


_WORDS = sorted([*_SYMBOLS, *_SHARED, *CODES], key=len, reverse=True)
#: A currency in text, as a symbol or a code.
CURRENCY = re.compile("|".join(map(_word, _WORDS)))
#: Words that say only beside a number that they are a currency.
_ONLY_BESIDE = frozenset(
    "R Eur DT KD BD SR QR DH Dh TL Rp Tk Bs. zl Kc đ din. M.N. 元 円 원".split()
)


@dataclass(frozen=True)
class Place:
    """Where a currency is printed.

    ``beside``: touches a number. ``total``: on the row of a total, or after the word
    for currency.
    """

    printed: str
    beside: bool
    total: bool


@dataclass(frozen=True)
class Choice:
    """The currency of a document, how it is printed, and how sure that is (0 to 1)."""

    code: str
    printed: str
    certain: float


def decimals(code: str) -> int:
    """How many digits a currency has after its decimal mark."""
    return _DECIMALS.get(code, 2)


def code(text: str, local: str = "", language: str = "") -> str | None:
    """The ISO 4217 code of a symbol or code as printed.

    :param local: the currency of the vendor's country, for signs that many share
    :param language: of the document, for the same
    """
    text = text.strip()
    if text in _SHARED:
        family = _SHARED[text]
        for one in (local, _SPOKEN.get(language)):
            if one in family:
                return one
        return family[0]
    return _SYMBOLS.get(text) or (text.upper() if text.upper() in CODES else None)


def choose(places: Iterable[Place], local: str, language: str) -> Choice | None:
    """The currency that a document is in.

    Codes and signs of one currency come before signs that many share, those beside a
    total before others, and the same sign again and again proves nothing more.

    :param local: the currency of the vendor's country, ``""`` where that is unknown
    """
    votes: dict[str, float] = {}
    seen: dict[str, Place] = {}
    shared: dict[str, int] = {}
    for place in places:
        if place.printed in _SHARED and _counts(place):
            shared[place.printed] = shared.get(place.printed, 0) + 1
        elif _counts(place):
            found = code(place.printed)
            weight = 5 if place.total else 3 if place.beside else 0.5
            votes[found] = max(votes.get(found, 0), weight) + 0.1
            seen.setdefault(found, place)
    proven = max(votes, key=votes.get, default="")
    for printed, count in shared.items():
        family = _SHARED[printed]
        if proven in family:
            votes[proven] += 2
            continue
        found = code(printed, local, language)
        votes[found] = votes.get(found, 0) + 2 + min(count, 9) / 10
        seen.setdefault(found, Place(printed, True, False))
    if not votes:
        return None
    best = max(votes, key=votes.get)
    printed = seen[best].printed
    return Choice(best, printed, _certainty(printed, best, local, language))


def _counts(place):
    return place.beside or place.total or place.printed not in _ONLY_BESIDE


def _certainty(printed, best, local, language):
    if printed not in _SHARED:
        return 0.95
    if best == local:
        return 0.9
    if len(_SHARED[printed]) == 1 or _SPOKEN.get(language) == best:
        return 0.8
    return 0.5


def is_of_letters(printed: str) -> bool:
    """Whether it is two letters that mean many other things as well."""
    return len(printed) == 2 and printed.isupper() and printed in _ONLY_BESIDE


def is_shared(printed: str) -> bool:
    """Whether several currencies are printed like this."""
    return printed.strip() in _SHARED


def is_symbol(printed: str) -> bool:
    """Whether it is a sign, of which a picture may show another."""
    return printed.upper() not in CODES
