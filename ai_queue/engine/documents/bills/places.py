"""Which country a vendor is in, by what his paper prints: numbers of registers,
addresses, phones, web addresses, bank accounts, legal forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from .dates import LANGUAGES
from .legal_forms import countries_of
from .segments import Text
from .text import fold

#: Country -> labels that only its papers print, folded: registers, taxes, accounts.
_REGISTERS = {
    "AU": r"a\.?b\.?n|a\.?c\.?n|bsb",
    "NZ": r"nzbn|ird(?: no| number)?",
    "CA": r"hst|gst/hst|qst|tvq|tps|business number|neq",
    "US": r"ein|e\.i\.n|federal tax id|sales tax|routing number",
    "IN": r"gstin|ifsc|cgst|sgst|igst|hsn|udyam|pan no|place of supply",
    "SG": r"uen|gst reg(?:istration)? no|co\.? reg\.? no",
    "HK": r"br no|business registration no|fps id",
    "MY": r"sst(?: no| reg| id)?|ssm|tin no",
    "AE": r"trn|emirates id",
    "CL": r"r\.?u\.?t|giro|sii",
    "MX": r"r\.?f\.?c|cfdi|clabe|folio fiscal|regimen fiscal",
    "BR": r"cnpj|cpf|inscricao estadual|nota fiscal|icms",
    "AR": r"c\.?u\.?i\.?t|ingresos brutos|c\.?a\.?e",
    "CO": r"nit|dian",
    "PE": r"r\.?u\.?c|igv|sunat",
    "UY": r"dgi",
    "ZA": r"sars",
    "KE": r"kra pin|etims",
    "NG": r"rc no|firs",
    "JP": r"登録番号|適格請求書",
    "CN": r"纳税人识别号|统一社会信用代码|增值税",
    "TW": r"統一編號|統編",
    "KR": r"사업자 ?등록 ?번호|등록번호|부가세|세금계산서",
    "LT": r"pvm(?: kodas)?|imones kodas",
    "LV": r"pvn|reg\. ?nr\.? lv",
    "EE": r"kmkr(?: nr)?|km ?kood|registrikood",
    "RU": r"инн|кпп|огрн",
    "UA": r"єдрпоу|іпн|пдв",
    "ID": r"npwp|ppn",
    "VN": r"mst|ma so thue",
    "DE": r"hrb|ust-? ?id\w*|steuernummer|amtsgericht",
    "AT": r"firmenbuch\w*|fn \d{4,}",
    "CH": r"mwst-?nr|uid-?nr|che-\d",
    "FR": r"siret|siren|r\.?c\.?s|ape|naf|tva intra\w*",
    "BE": r"ondernemingsnummer|rpr|rpm|btw be",
    "NL": r"kvk|k\.v\.k|btw-?(?:nr|nummer|id)",
    "IT": r"p\.? ?iva|partita iva|codice fiscale|rea|cod\.? ?fisc\w*",
    "ES": r"c\.?i\.?f|n\.?i\.?f|irpf|registro mercantil",
    "PT": r"nipc|contribuinte|atcud|nif pt",
    "GB": r"sort code|company no|registered in england\w*|utr",
    "IE": r"cro no|eircode",
    "SE": r"bankgiro|plusgiro|momsreg\w*|f-?skatt|org\.?-? ?nr",
    "NO": r"foretaksregisteret|mva|kid",
    "DK": r"cvr[\w-]*|se-?nr|fik",
    "FI": r"y-?tunnus|alv[\w-]*|viitenumero",
    "IS": r"kennitala|vsk",
    "PL": r"nip|regon|krs|bdo",
    "CZ": r"dic|dph",
    "SK": r"ic dph",
    "HU": r"adoszam|afa|cegjegyzekszam",
    "RO": r"cui|reg\.? ?com\.?|nr\.? ?reg\.? ?com\.?",
    "BG": r"еик|булстат|ддс",
    "GR": r"α\.?φ\.?μ|δ\.?ο\.?υ|γεμη",
    "TR": r"vergi\w*|vkn|mersis\w*|kdv",
    "HR": r"oib|pdv",
    "SI": r"id za ddv|trr|ddv",
}
_REGISTER_OF = {
    country: re.compile(rf"(?<![^\W\d_])(?:{labels})(?![^\W\d_])")
    for country, labels in _REGISTERS.items()
}
#: Country -> how a town with its postal code is printed there.
_POSTAL = {
    "AU": re.compile(r"\b(?:NSW|VIC|QLD|TAS|ACT|[SW]A|NT) +\d{4}\b"),
    "CA": re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d\b"),
    "US": re.compile(r"\b[A-Z]{2},? +\d{5}(?:-\d{4})?\b"),
    "GB": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),
    "JP": re.compile(r"〒 ?\d{3}-\d{4}|[都道府県].{0,8}[市区町村]"),
    "BR": re.compile(r"\b\d{5}-\d{3}\b"),
    "MX": re.compile(r"\bC\.?P\.? ?\d{5}\b"),
    "NL": re.compile(r"\b\d{4} ?[A-Z]{2} +[A-Z][a-z]"),
}
#: Calling code -> country; +1 is asked of the address.
_CALLING = {
    code: country
    for country, code in (
        one.split(":")
        for one in (
            "AU:61 NZ:64 MX:52 CL:56 CO:57 PE:51 AR:54 UY:598 BR:55 SG:65 HK:852 CN:86"
            " TW:886 JP:81 KR:82 IN:91 PK:92 LK:94 MY:60 TH:66 ID:62 PH:63 VN:84 KW:965"
            " BH:973 OM:968 JO:962 IQ:964 LY:218 TN:216 AE:971 SA:966 QA:974 IL:972"
            " EG:20 MA:212 ZA:27 KE:254 NG:234 GB:44 IE:353 DE:49 AT:43 CH:41 FR:33"
            " BE:32 NL:31 LU:352 IT:39 ES:34 PT:351 SE:46 NO:47 DK:45 FI:358 IS:354"
            " PL:48 CZ:420 SK:421 HU:36 RO:40 BG:359 GR:30 TR:90 HR:385 SI:386 RS:381"
            " UA:380 EE:372 LV:371 LT:370"
        ).split()
    )
}
_PHONE = re.compile(r"(?:\+|(?<!\d)00) ?\(?(\d{1,3})\)?[\d ().\-/]{6,}")
_DOMAIN = re.compile(r"(?:@|www\.|https?://)[\w.-]+\.([a-z]{2})\b")
#: Endings that are sold to everybody.
_SOLD = frozenset("io co ai me tv eu cc ws fm ly to gg".split())
#: Names of countries that the lists of CLDR do not spell so.
_ALIASES = {
    "usa": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "uk": "GB",
    "u.k.": "GB",
    "england": "GB",
    "scotland": "GB",
    "great britain": "GB",
    "u.a.e.": "AE",
    "uae": "AE",
    "dubai": "AE",
    "hong kong": "HK",
    "hongkong": "HK",
    "kowloon": "HK",
    "p.r. china": "CN",
    "pr china": "CN",
    "cdmx": "MX",
    "ciudad de mexico": "MX",
    "holland": "NL",
    "korea": "KR",
    "republic of korea": "KR",
}
_REALM = re.compile(r"^(?:the )?(?:kingdom|republic|state|sultanate) of (?=\w{4})")
#: Languages that are spoken in one country above all.
_HOME = {
    **{"sv": "SE", "da": "DK", "nb": "NO", "fi": "FI", "pl": "PL", "cs": "CZ"},
    **{"sk": "SK", "hu": "HU", "ro": "RO", "bg": "BG", "el": "GR", "tr": "TR"},
    **{"hr": "HR", "sl": "SI", "ja": "JP", "zh": "CN", "it": "IT", "ko": "KR"},
    **{"lt": "LT", "lv": "LV", "et": "EE", "ru": "RU", "uk": "UA", "is": "IS"},
}
#: How much each kind of evidence weighs.
_WEIGHTS = {"vat": 4.0, "name": 3.0, "register": 2.5, "postal": 2.0, "phone": 2.0}
_WEIGHTS |= {"domain": 1.5, "iban": 1.5, "form": 1.0, "language": 1.0}
_WEIGHTS["other"] = 1.0


def evidence(
    text: Text,
    others: Collection[int],
    *,
    vat: str = "",
    name: str = "",
    iban: str = "",
    language: str = "",
) -> Counter:
    """Country -> how much speaks for it being the vendor's.

    :param others: ``id`` of the segments that belong to somebody else
    :param vat: country of the vendor's VAT number
    :param name: the vendor's name
    :param iban: the account that is asked for
    """
    seen, theirs = set(), set()
    for segment in text.segments:
        (theirs if id(segment) in others else seen).update(_of_segment(segment))
    votes: Counter = Counter()
    for kind, country in seen:
        votes[country] += _WEIGHTS[kind]
    for country in {country for _kind, country in theirs}:
        votes[country] += _WEIGHTS["other"]  # most buy where they are
    forms = countries_of(name)
    for country in forms:
        votes[country] += _WEIGHTS["form"] / (1 if len(forms) == 1 else 2)
    if vat:
        votes[vat] += _WEIGHTS["vat"]
    if iban:
        votes[iban[:2]] += _WEIGHTS["iban"]
    if language in _HOME:
        votes[_HOME[language]] += _WEIGHTS["language"]
    return votes


def country_of(votes: Counter) -> str:
    """The country that most speaks for; ``""`` where none does, or two as much."""
    ranked = votes.most_common(2)
    if not ranked or ranked[0][1] < 1:
        return ""
    if len(ranked) > 1 and ranked[1][1] > ranked[0][1] - 0.5:
        return ""
    return ranked[0][0]


def currency_of(country: str) -> str:
    """The currency of a country today; ``""`` where it is not known."""
    listed = get_global("territory_currencies").get(country, ())
    today = date.today()
    for code, start, end, tender in listed:
        begun = not start or date(*start) <= today
        if tender and begun and not end:
            return code
    return ""


def _of_segment(segment):
    for country, pattern in _REGISTER_OF.items():
        if pattern.search(segment.folded):
            yield "register", country
    for country, pattern in _POSTAL.items():
        if pattern.search(segment.text):
            yield "postal", country
    for match in _PHONE.finditer(segment.text):
        for length in (3, 2):
            if match[1][:length] in _CALLING:
                yield "phone", _CALLING[match[1][:length]]
                break
    for match in _DOMAIN.finditer(segment.text.lower()):
        ending = match[1].upper()
        if match[1] not in _SOLD:
            yield "domain", "GB" if ending == "UK" else ending
    named = _named(segment.folded)
    if named:
        yield "name", named


def _named(folded):
    """The country that an address ends with, or that stands alone."""
    last = re.split(r"[,;·|–]| - ", folded)[-1]
    last = re.sub(r"[^\w. ]|\d", " ", last).strip()
    last = re.sub(r"\s+", " ", last).removesuffix(" city")
    last = _REALM.sub("", last)
    return _countries().get(last, "") if len(last) < 40 else ""


@lru_cache(maxsize=1)
def _countries():
    """Folded name of a country, in any of the languages -> its code."""
    found = dict(_ALIASES)
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "UN", "ZZ"):
                found.setdefault(fold(name), code)
    return found
