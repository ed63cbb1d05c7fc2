"""Code lists that several formats share."""

from __future__ import annotations

#: Document types (UNTDID 1001) that give money back. Those of corrections (384) and of
#: invoices do so when their total is below zero.
_CREDITS = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
#: Those of documents from which nothing is booked.
_OTHERS = {
    "71": "payment_request",
    "220": "order",
    "231": "order_confirmation",
    "270": "delivery_note",
    "310": "quotation",
    "320": "order_confirmation",
    "325": "proforma",
    "351": "delivery_note",
}


def kind(code: str) -> str:
    """What a document of a type code is: `invoice.BILLS` or `invoice.OTHERS`."""
    return "credit_note" if code in _CREDITS else _OTHERS.get(code, "invoice")


#: Countries by their three letters (ISO 3166-1), as far as invoices name them so.
_THREE = (
    "AND AD|ARE AE|ARG AR|AUS AU|AUT AT|BEL BE|BGR BG|BOL BO|BRA BR|CAN CA|CHE CH"
    "|CHL CL|CHN CN|COL CO|CRI CR|CYP CY|CZE CZ|DEU DE|DNK DK|DOM DO|ECU EC|ESP ES"
    "|EST EE|FIN FI|FRA FR|GBR GB|GIB GI|GRC GR|GTM GT|HKG HK|HND HN|HRV HR|HUN HU"
    "|IND IN|IRL IE|ISL IS|ISR IL|ITA IT|JPN JP|KOR KR|LIE LI|LTU LT|LUX LU|LVA LV"
    "|MAR MA|MCO MC|MEX MX|MLT MT|MYS MY|NIC NI|NLD NL|NOR NO|NZL NZ|PAN PA|PER PE"
    "|POL PL|PRT PT|PRY PY|ROU RO|RUS RU|SAU SA|SGP SG|SLV SV|SMR SM|SRB RS|SVK SK"
    "|SVN SI|SWE SE|THA TH|TUN TN|TUR TR|TWN TW|UKR UA|URY UY|USA US|VEN VE|ZAF ZA"
)
COUNTRIES = dict(pair.split() for pair in _THREE.split("|"))
