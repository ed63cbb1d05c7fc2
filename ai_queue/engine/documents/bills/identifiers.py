"""VAT numbers and bank accounts: found where they stand, checked by their digits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10
from stdnum.util import get_cc_module

from .segments import Segment, Text
from .vocabulary import source

#: Country -> form of its VAT number, blanks and dots taken out.
VAT_FORMS = {
    "AT": r"ATU\d{8}",
    "BE": r"BE[01]\d{9}",
    "BG": r"BG\d{9,10}",
    "CH": r"CHE\d{9}(?:MWST|TVA|IVA)?",
    "CY": r"CY\d{8}[A-Z]",
    "CZ": r"CZ\d{8,10}",
    "DE": r"DE\d{9}",
    "DK": r"DK\d{8}",
    "EE": r"EE\d{9}",
    "EL": r"EL\d{9}",
    "ES": r"ES[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"FI\d{8}",
    "FR": r"FR[A-Z0-9]{2}\d{9}",
    "GB": r"GB(?:\d{9}(?:\d{3})?|(?:GD|HA)\d{3})",
    "HR": r"HR\d{11}",
    "HU": r"HU\d{8}",
    "IE": r"IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"IT\d{11}",
    "LT": r"LT(?:\d{9}|\d{12})",
    "LU": r"LU\d{8}",
    "LV": r"LV\d{11}",
    "MT": r"MT\d{8}",
    "NL": r"NL\d{9}B\d{2}",
    "NO": r"NO\d{9}(?:MVA)?",
    "PL": r"PL\d{10}",
    "PT": r"PT\d{9}",
    "RO": r"RO\d{2,10}",
    "SE": r"SE\d{12}",
    "SI": r"SI\d{8}",
    "SK": r"SK\d{10}",
}
#: Length of a bank account -> countries whose accounts have it (SWIFT, IBAN registry
#: of release 101). Not ``stdnum.iban``: it reads its registry by a way of the import
#: system that Odoo's own loader of ``stdnum`` does not offer.
_IBAN_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTHS = {
    country: length
    for length, countries in _IBAN_COUNTRIES.items()
    for country in countries.split()
}
_ANY_VAT = re.compile("|".join(f"(?P<{cc}>{form})" for cc, form in VAT_FORMS.items()))
_CODES = "|".join(VAT_FORMS)
#: A VAT number in text, with the blanks, dots and dashes that people put in.
_IN_TEXT = re.compile(
    rf"(?<![A-Z0-9])(?:{_CODES})[ .-]?[A-Z0-9](?:[ .-]?[A-Z0-9]){{5,15}}(?![A-Z0-9])"
)
#: What announces a tax number whose form is not of the list above.
VAT_LABEL = re.compile(
    r"(?<![^\W\d_])(?:vat|ust|mwst|tva|btw|iva|gst|abn|nif|nit|cif|nipc"
    r"|p\.? ?iva(?: ?[e/] ?c\.? ?f)?"
    r"|partita iva|tax|nip|dic|ic dph|adoszam|cui|oib|cvr|r\.?u\.?t\.?"
    r"|r\.?f\.?c\.?|cnpj|cuit|gstin|vergi|vkn|trn|npwp|α\.?φ\.?μ\.?|еик|id za ddv|alv"
    r"|moms|登録番号|纳税人识别号|统一社会信用代码|税号|統一編號|사업자등록번호)"
    r"[\s.-]*(?:id(?:ent)?\w*|reg\w*|no|nr|nro|n[°º]|num\w*|in|intra\w*|nummer|number)?"
    r"[\s.-]*(?:nr|no|number|nummer|id|identification)?\s*[.:：#]?\s*"
)
_NUMBER_OF = re.compile(
    r"id|reg|no|nr|num|n[°º]|abn|nif|cif|in\b|iva|nip|dic|szam|cui|oib|cvr|rut|r\.u|rfc"
    r"|cnpj|cuit|vkn|trn|μ|еик|[\u3400-\u9fff\uac00-\ud7af]"
)
#: "Faktura VAT nr 7": the number of a bill, and not of a tax.
_ENDS_A_TITLE = re.compile(rf"{source('invoice', 'credit_note')}\s*$")
_LOOSE = re.compile(r"\d{2,3}(?: \d{3}){2,3}(?!\d)|[A-Z0-9][A-Z0-9./-]{5,17}[A-Z0-9]")
_IBAN = re.compile(
    r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, eq=False)
class Found:
    """An identifier in a document.

    ``value`` without blanks; ``valid``: its check digits agree, ``None`` when it is
    not known how to tell.
    """

    value: str
    text: str
    segment: Segment
    start: int
    end: int
    valid: bool | None


def compact(value: str) -> str:
    """Letters and digits only, upper case."""
    return re.sub(r"[^A-Z0-9]", "", value.upper())


def vat_country(value: str) -> str:
    """The country of a VAT number, ``""`` when it has the form of none."""
    match = _ANY_VAT.fullmatch(compact(value))
    return (
        "GR" if match and match.lastgroup == "EL" else (match and match.lastgroup) or ""
    )


def is_valid_vat(value: str) -> bool | None:
    """Whether the check digits agree; ``None`` when the country is not known."""
    country = vat_country(value)
    # The Swiss number is that of the register, with or without a word behind it.
    kind = "uid" if country == "CH" else "vat"
    module = country and get_cc_module(country.lower(), kind)
    if not module:
        return None
    number = compact(value)
    try:
        module.validate(number[:12] if kind == "uid" else number)
    except ValidationError:
        return False
    return True


def is_iban(value: str) -> bool:
    """Whether an account has the form of an IBAN; many countries print others."""
    value = compact(value)
    return value[:2] in _IBAN_LENGTHS and bool(re.fullmatch(r"..\d\d\w{6,30}", value))


def is_valid_iban(value: str) -> bool:
    """Whether the check digits of a bank account agree, and its length."""
    value = compact(value)
    if _IBAN_LENGTHS.get(value[:2]) != len(value):
        return False
    try:
        mod_97_10.validate(value[4:] + value[:4])
    except ValidationError:
        return False
    return True


def find_vats(text: Text) -> list[Found]:
    """The VAT numbers of a document, in reading order."""
    accounts = find_ibans(text)
    found = []
    for segment in text.segments:
        some = list(_vats_in(segment)) or list(_labelled(text, segment))
        found += [one for one in some if not _overlaps(one, accounts)]
    return found


def _overlaps(one, others):
    return any(
        one.segment is other.segment and one.start < other.end and other.start < one.end
        for other in others
    )


def _vats_in(segment):
    for match in _IN_TEXT.finditer(segment.text):
        value, end = compact(match[0]), match.end()
        while value and not vat_country(value):  # words that follow look alike
            end -= 1
            value = compact(segment.text[match.start() : end])
        if value:
            printed = segment.text[match.start() : end].strip()
            yield Found(
                value, printed, segment, match.start(), end, is_valid_vat(value)
            )


def _labelled(text, segment):
    """A tax number of another form, told by its label."""
    label = VAT_LABEL.search(segment.folded)
    if not label or _ENDS_A_TITLE.search(segment.folded[: label.start()]):
        return
    rest = segment.text[label.end() :].strip()
    places = [(segment, label.end())] if rest else []
    if not rest:
        places = [(other, 0) for other in text.right_of(segment)[:1]]
    announced = bool(_NUMBER_OF.search(label[0])) or ":" in label[0]
    for place, start in places:
        match = _LOOSE.match(place.text, start)
        digits = sum(char.isdigit() for char in match[0]) if match else 0
        if digits >= (6 if announced else 8):
            value = compact(match[0])
            yield Found(value, match[0], place, match.start(), match.end(), None)


def find_ibans(text: Text) -> list[Found]:
    """The bank accounts of a document whose check digits agree, in reading order."""
    return [found for segment in text.segments for found in _ibans_in(segment)]


def _ibans_in(segment):
    match = _IBAN.search(segment.text)
    while match:
        start, after = match.start(), match.start() + 1
        for end in range(match.end(), start + 14, -1):
            printed = segment.text[start:end]
            if printed[-1:].isalnum() and is_valid_iban(printed):
                yield Found(compact(printed), printed, segment, start, end, True)
                after = end
                break
        # What follows looks like a part of it, and may be another one.
        match = _IBAN.search(segment.text, after)
