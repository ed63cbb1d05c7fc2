"""How the names of companies end, or begin, and in which countries."""

from __future__ import annotations

import re

from .text import CJK

#: Countries -> forms, as in `_form`. The longest form that fits counts.
_FORMS = {
    "DE AT CH": "GmbH & Co. KG|GmbH|gGmbH|mbH|OHG|GbR|UG|e.K.|e.U.|e.V.|eG|KG",
    "DE AT CH BE": "AG|a.G.",
    "": "SE|Company|LLC|L.L.C.|ENTERPRISE|ENTERPRISES|TRADING|S.A.|SA|S.A.S.|SAS",
    "GB IE AU NZ IN HK": "Ltd.|Limited|LLP|L.L.P.|Co., Ltd.|Co. Ltd.|& Co.",
    "GB": "PLC|plc",
    "US CA": "Inc.|Incorporated|Corp.|Corporation",
    "FR BE LU CH": "S.A.R.L.|Sàrl|SASU|S.A.S.U.|EURL|SNC|SCI",
    "BE": "SPRL|BVBA|CVBA",
    "IT RO": "S.R.L.|SRL|S.r.l.|S.r.l.s.",
    "IT CL": "S.p.A.|SpA|S.n.c.|S.a.s.",
    "NL BE": "B.V.|N.V.|V.O.F.|BV|NV",
    "ES": "S.L.U.|S.L.|S.L.L.|SLU|SL|S.Coop.",
    "PT": "Lda.|Unipessoal",
    "BR CL CO": "Ltda.|EIRELI|E.I.R.L.",
    "MX": "S.A. de C.V.|S. de R.L. de C.V.|S.A.P.I. de C.V.|SA de CV",
    "DK": "ApS|A/S|I/S|K/S|P/S",
    "SE": "AB|HB",
    "NO": "AS|ASA|ANS",
    "FI": "Oy|OY|Oyj|Ky|Tmi|Ab",
    "PL": "Sp. z o.o.|Spółka z o.o.|Sp. j.|Sp. k.|S.K.A.|P.S.A.",
    "CZ SK": "s.r.o.|spol. s r.o.|a.s.|v.o.s.",
    "HU": "Kft.|Zrt.|Nyrt.|Bt.|Kkt.",
    "HR SI RS": "d.o.o.|j.d.o.o.|d.d.|s.p.",
    "BG": "ЕООД|ООД|ЕАД|АД|ЕТ|EOOD|OOD",
    "GR": "Α.Ε.|ΑΕ|Ε.Π.Ε.|ΕΠΕ|Ι.Κ.Ε.|ΙΚΕ|Ο.Ε.|ΟΕ|Ε.Ε.|Μ.ΙΚΕ",
    "TR": "A.Ş.|Ltd. Şti.|LTD. ŞTİ.|San. ve Tic. A.Ş.|Limited Şirketi",
    "KW BH QA OM": "W.L.L.|WLL",
    "AE": "FZE|FZ-LLC|FZCO",
    "LB EG": "S.A.L.|S.A.E.",
    "MY": "Sdn. Bhd.|Bhd.|S/B",
    "SG": "Pte. Ltd.|Pte.",
    "AU ZA": "Pty. Ltd.|Pty. Limited|(Pty) Ltd.|Pty.",
    "IN PK": "Pvt. Ltd.|Private Limited|Pvt.",
    "JP": "株式会社|有限会社|合同会社|合資会社|(株)|㈱",
    "CN HK TW": "股份有限公司|有限责任公司|有限公司|有限責任公司",
    "KR": "주식회사|유한회사|(주)",
    "RU UA": "ООО|ТОВ|ОАО|ЗАО|ПАО|ИП|ФОП|ПП",
    "EE": "OÜ",
    "LT": "UAB|MB|VšĮ",
    "LV": "SIA",
    "IS": "ehf.|hf.",
    "VN": "Công ty TNHH",
}
#: What text recognition makes of some.
_MISREAD = r"S[DO0]N\.? ?BHD\.?"


def _form(form):
    """A pattern: dots may be left out, blanks too, letters may be all upper case."""
    pieces = []
    for char in form:
        if char == ".":
            pieces.append(r"\.?")
        elif char == " ":
            pieces.append(" ?")
        elif char.islower() and len(form) > 2:
            pieces.append(f"[{char}{char.upper()}]")
        else:
            pieces.append(re.escape(char))
    return "".join(pieces)


def _pattern(forms):
    longest = sorted(forms, key=len, reverse=True)
    spaced = [_form(form) for form in longest if not CJK.search(form)]
    unspaced = [re.escape(form) for form in longest if CJK.search(form)]
    parts = list(unspaced)
    if spaced:
        # "1012 AB Amsterdam": letters of a postal code
        begin = r"(?<![^\W\d_])(?<!\d{4} )"
        parts.append(rf"{begin}(?:{'|'.join(spaced)})(?![^\W_])")
    return "|".join(parts)


#: The legal form in a name as printed; case counts.
LEGAL_FORM = re.compile(
    _pattern({form for forms in _FORMS.values() for form in forms.split("|")})
    + rf"|(?<![A-Za-z]){_MISREAD}(?![A-Za-z])"
)
_BY_COUNTRY = tuple(
    (countries.split(), re.compile(_pattern(forms.split("|"))))
    for countries, forms in _FORMS.items()
    if countries
)


def countries_of(name: str) -> list[str]:
    """The countries that a name's legal form is of; empty when it tells nothing."""
    found = LEGAL_FORM.search(name)
    if not found:
        return []
    best: list[str] = []
    for countries, pattern in _BY_COUNTRY:
        if pattern.fullmatch(found[0].strip()):
            best += countries
    return best
