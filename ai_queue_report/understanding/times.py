# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Times in words: English, German and French side by side.

They are read from folded text, see ``text.fold``.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from ..specification import Period, dates
from ..specification.period import LENGTHS, start_of
from .points import DAY_ALONE, DAYS, MONTH, OF, POINT, YEAR, days_of

ONE_DAY = timedelta(days=1)
UNITS = {
    "day": r"days?|tag(?:e|en|es)?|jours?",
    "week": r"(?:calendar )?weeks?(?! ends?\b)|(?:kalender)?wochen?|kw|semaines?",
    "month": r"months?|monat(?:e|en|s)?|mois",
    "quarter": r"quarters?|quartal(?:e|en|s)?|trimestres?",
    "year": r"years?|jahr(?:e|en|es)?|annees?|ans?",
}
_UNIT = "(?P<unit>" + "|".join(UNITS.values()) + ")"
ADVERBS = {
    "day": r"daily|day by day|taglich\w*|tag fur tag|tageweise|quotidien\w*"
    r"|journali\w*|jour par jour",
    "week": r"weekly|week by week|wochentlich\w*|wochenweise|hebdomadaires?",
    "month": r"monthly|month by month|monatlich\w*|monat fur monat|monatsweise"
    r"|mensuel\w*|mois par mois",
    "quarter": r"quarterly|quarter by quarter|quartalsweise|vierteljahrlich\w*"
    r"|trimestriel\w*",
    "year": r"yearly|annual(?:ly)?|year by year|jahrlich\w*|jahresweise|annuel\w*"
    r"|annee par annee",
}
_THE = r"(?:(?:the|le|la|les|l|den|dem|der|das|die)\s+)?"
_SINCE = r"(?:since|starting|seit|ab|depuis|des|a partir (?:de|du))"
#: "from 1 March" begins there, "from March" is of that month.
_FROM = r"(?:from|von|vom)"
_UNTIL = (
    r"(?:until|till|up (?:to|until|till)|through|bis(?: zu[mr]?)?"
    r"|jusqu(?: (?:a|au|en))?|jusque)"
)
_BEFORE = r"(?:before|vor|avant)"
_AFTER = r"(?:after|nach|apres)"
_THIS = (
    r"(?:this|current|the current|diese[rnsm]?|aktuelle[rnsm]?|laufende[rnsm]?"
    r"|ce|cet|cette)"
)
_LAST = (
    r"(?:last|past|previous|preceding|prior|rolling|trailing|latest|letzte[rnsm]?"
    r"|vergangene[rnsm]?|vorige[rnsm]?|vorherige[rnsm]?|vorangegangene[rnsm]?"
    r"|abgelaufene[rnsm]?|derniere?s?|precedente?s?)"
)
_NEXT = r"(?:next|coming|following|nachste[rnsm]?|kommende[rnsm]?|prochaine?s?)"
_ANY_UNIT = "(?:" + "|".join(UNITS.values()) + ")"
#: A day, week, month, quarter or year as it is seen from today.
_SEEN = (
    r"(?:today|heute|aujourd hui|yesterday|gestern|hier|tomorrow|morgen|demain"
    rf"|(?:{_THIS}|{_LAST}|{_NEXT})\s+{_ANY_UNIT}(?: ci)?"
    rf"|{_ANY_UNIT}\s+(?:derniere?|precedente?|passee?|prochaine?|suivante?)"
    r"|vor(?:jahr|monat|quartal|woche)(?:e?s)?)"
)
_END = rf"(?:{DAY_ALONE}|{POINT}|{_SEEN})"
_IN = (
    r"(?:(?:in|im|of|for|from|during|over|within|on|fur|des|von|vom|wahrend|en|de|du|au"
    r"|sur|am"
    r"|dans|pour|pendant|a)\s+)?"
)
_NUMBERS = {
    word: number
    for words, number in (
        ("two zwei deux", 2),
        ("three drei trois", 3),
        ("four vier quatre", 4),
        ("five funf fuenf cinq", 5),
        ("six sechs", 6),
        ("seven sieben sept", 7),
        ("eight acht huit", 8),
        ("nine neun neuf", 9),
        ("ten zehn dix", 10),
        ("twelve zwolf zwoelf douze", 12),
        ("fifteen funfzehn fuenfzehn quinze", 15),
        ("twenty zwanzig vingt", 20),
        ("thirty dreissig trente", 30),
        ("fifty funfzig fuenfzig cinquante", 50),
        ("ninety neunzig", 90),
        ("hundred hundert cent", 100),
    )
    for word in words.split()
}
NUMBER_WORDS = "|".join(_NUMBERS)
_N = rf"(?P<n>\d{{1,4}}|{NUMBER_WORDS})"
_SO_FAR = (
    r"(?:so far|to date|until now|up to now|bisher|bis jetzt|bis heute|jusqu ici"
    r"|jusqu a present|a ce jour)"
)
#: The same under another name: either is found.
_M, _UNIT_AHEAD = _N.replace("<n>", "<m>"), _UNIT.replace("<unit>", "<after>")
_UNIT_2, _UNIT_3 = (_UNIT.replace("unit>", f"unit{n}>") for n in (2, 3))
_B, _E = r"(?<![\w])", r"(?![\w])"


#: Words of times that people misspell, or write without their accents.
WORDS = (
    "january february march april june july august september october november december"
    " quarter month week year yesterday today tomorrow monthly quarterly weekly yearly"
    " januar februar marz juni juli oktober dezember quartal monat monate monaten woche"
    " wochen jahr jahre jahren gestern heute letzten letztes letzter letzte nachste"
    " nachsten nachster nachstes vergangenen taglich wochentlich monatlich jahrlich"
    " vierteljahrlich laufendes vorjahr vormonat"
    " janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre"
    " trimestre semestre semaine mois annee hier aujourd dernier derniere derniers"
    " dernieres prochain prochaine mensuel hebdomadaire trimestriel depuis"
)


def number(text: str) -> int:
    """A number in digits or, a few of them, in words."""
    return int(text) if text.isdigit() else _NUMBERS[text]


def is_unit_ahead(text: str) -> bool:
    """Whether a text begins with a unit of time: "over 30" was about days."""
    return bool(re.match(rf"\s*{_UNIT}{_E}", text))


def unit(text: str) -> str | None:
    """The unit of time that a word is; None for another word."""
    return next((one for one, some in UNITS.items() if re.fullmatch(some, text)), None)


def _unit(text):
    return next(unit for unit, words in UNITS.items() if re.fullmatch(words, text))


def _one(match):
    """The unit of time that one of several alternatives found."""
    found = match.groupdict()
    names = ("unit", "unit2", "unit3")
    return next(found[name] for name in names if found.get(name))


def _compile(pattern):
    return re.compile(_B + pattern + _E)


_TO_DATE = [
    # year to date
    (
        _compile(
            r"(?:ytd|year to date|seit jahresbeginn|seit jahresanfang"
            rf"|(?:{_THIS}\s+)?jahr bis heute)"
        ),
        lambda match: Period("", "to_date", "year", 1),
    ),
    (
        _compile(r"(?:mtd|month to date|seit monatsbeginn|seit monatsanfang)"),
        lambda match: Period("", "to_date", "month", 1),
    ),
    (
        _compile(r"(?:qtd|quarter to date|seit quartalsbeginn|seit quartalsanfang)"),
        lambda match: Period("", "to_date", "quarter", 1),
    ),
    # since the beginning of the year, this year so far
    (
        _compile(
            r"(?:since|from)\s+(?:the\s+)?(?:beginning|start)\s+of\s+"
            rf"(?:the\s+|this\s+)?{_UNIT}"
            rf"|seit\s+(?:anfang|beginn)\s+(?:des\s+|dieses\s+|dieser\s+)?{_UNIT_2}"
            r"|depuis\s+(?:le\s+)?debut\s+(?:du\s+|de\s+)?(?:l\s+|la\s+|cette\s+|ce\s+)?"
            rf"{_UNIT_3}"
        ),
        lambda match: Period("", "to_date", _unit(_one(match)), 1),
    ),
    (
        _compile(
            rf"(?:{_SO_FAR}\s+{_IN}{_THIS}\s+{_UNIT}"
            rf"|{_IN}{_THIS}\s+{_UNIT_2}\s+{_SO_FAR})"
        ),
        lambda match: Period("", "to_date", _unit(_one(match)), 1),
    ),
]
_BACK = re.compile(rf"{_B}(?:{_LAST}|vorletzte[rnsm]?)\s+$")
_RULES = [
    (
        _compile(_IN + r"(?:today|heute|aujourd hui)"),
        lambda match: Period("", "this", "day", 1),
    ),
    (
        _compile(_IN + r"(?:yesterday|gestern|hier)"),
        lambda match: Period("", "last", "day", 1),
    ),
    (
        _compile(_IN + r"(?:tomorrow|(?<!am )morgen|demain)"),
        lambda match: Period("", "next_n", "day", 1),
    ),
    # the last 12 months, les 12 derniers mois
    (
        _compile(rf"{_IN}{_THE}(?:{_LAST}\s+{_N}|{_M}\s+{_LAST})\s+{_UNIT}"),
        lambda match: _many("last_n", match),
    ),
    (
        _compile(rf"{_IN}{_THE}(?:{_NEXT}\s+{_N}|{_M}\s+{_NEXT})\s+{_UNIT}"),
        lambda match: _many("next_n", match),
    ),
    (
        _compile(rf"(?:over|sur)\s+(?:the\s+)?{_N}\s+{_UNIT}"),
        lambda match: Period("", "last_n", _unit(match["unit"]), number(match["n"])),
    ),
    # les 3 mois écoulés
    (
        _compile(rf"{_IN}{_THE}{_N}\s+{_UNIT}\s+(?:passee?s|precedente?s|ecoulee?s)"),
        lambda match: _many("last_n", match),
    ),
    # this month, ce mois-ci
    (
        _compile(rf"{_IN}{_THE}{_THIS}\s+{_UNIT}(?:\s+ci)?"),
        lambda match: Period("", "this", _unit(match["unit"]), 1),
    ),
    (
        _compile(rf"{_IN}{_THE}{_UNIT}\s+en cours"),
        lambda match: Period("", "this", _unit(match["unit"]), 1),
    ),
    (
        _compile(
            rf"{_IN}{_THE}(?:{_LAST}\s+{_UNIT}"
            rf"|{_UNIT_AHEAD}\s+(?:derniere?|precedente?|passee?))"
        ),
        lambda match: Period("", "last", _unit(match["unit"] or match["after"]), 1),
    ),
    (
        _compile(
            rf"{_IN}{_THE}(?:{_NEXT}\s+{_UNIT}"
            rf"|{_UNIT_AHEAD}\s+(?:prochaine?|suivante?))"
        ),
        lambda match: Period("", "next_n", _unit(match["unit"] or match["after"]), 1),
    ),
    (
        _compile(rf"{_IN}{_THE}vor(?P<unit>jahr|monat|quartal|woche)(?:e?s)?"),
        lambda match: Period("", "last", _unit(match["unit"]), 1),
    ),
    # the best of the month
    (
        _compile(
            rf"(?:of the\s+{_UNIT}|des\s+{_UNIT_2}"
            rf"|(?:du|de la|de l)\s+{_UNIT_3})(?!\s+(?:of|de|d|\d|{MONTH}))"
        ),
        lambda match: Period("", "this", _unit(_one(match)), 1),
    ),
]
#: "two months ago": the whole of that month
_AGO = [
    _compile(pattern)
    for pattern in (
        rf"{_IN}{_N}\s+{_UNIT}\s+ago",
        rf"vor\s+{_N}\s+{_UNIT}",
        rf"il y a\s+{_N}\s+{_UNIT}",
    )
]
_BEFORE_LAST = _compile(
    rf"{_IN}{_THE}(?:{_UNIT}\s+before\s+last|vorletzte[rnsm]?\s+{_UNIT_2}"
    rf"|avant derniere?\s+{_UNIT_3}"
    r"|(?P<day>day before yesterday|vorgestern|avant hier))"
)
_BETWEEN = [
    # "Jan-Mar 2025", "2024-2025": a hyphen between words is a blank, see ``text.fold``
    re.compile(
        rf"{_B}(?:(?P<since>{one})\s?[-\s/]\s?(?P<until>{one}(?:\s+{OF}{YEAR})?)){_E}"
    )
    for one in (MONTH, YEAR, "q[1-4]")
] + [
    re.compile(_B + pattern.format(p=_END, the=_THE) + _E)
    for pattern in (
        r"(?:between|zwischen|entre)\s+{the}(?P<since>{p})\s+(?:and|und|et)\s+{the}(?P<until>{p})",
        r"(?:from|von|vom|de|du|since|seit|ab|depuis)\s+{the}(?P<since>{p})\s+"
        r"(?:to|until|till|up to|through|bis(?: zu[mr]?)?|a|au|jusqu(?: (?:a|au))?)\s+"
        r"{the}(?P<until>{p})",
        r"(?P<since>{p})\s*(?:to|until|through|bis|–|—|a|au)\s*(?P<until>{p})",
        r"(?P<since>{p})\s+(?P<and>and|und|et)\s+{the}(?P<until>{p})",
    )
]
_BETWEEN += [re.compile(_B + pattern + _E) for pattern in DAYS]
_DAY = (
    r"\d{4}-\d\d?-\d\d?|\d\d?[./]\s?\d\d?[./]\s?(?:19|20)\d\d"
    rf"|\d\d?(?:st|nd|rd|th|er|\.)?\s+(?:of\s+)?{MONTH}\.?(?:\s+{YEAR})?"
    rf"|{MONTH}\s+\d\d?(?:st|nd|rd|th)?,?\s+{YEAR}"
)
#: A time may begin where another one does, and end where it ends.
_START_OF = (
    r"(?:(?:beginning|start)\s+of\s+(?:the\s+)?|(?:anfang|beginn)\s+(?:des\s+)?"
    r"|debut\s+(?:du\s+|de\s+|d\s+)?(?:la\s+|l\s+)?)?"
)
_END_OF = (
    r"(?:end\s+of\s+(?:the\s+)?|(?:zum\s+)?ende\s+(?:des\s+|der\s+)?"
    r"|fin\s+(?:du\s+|de\s+|d\s+)?(?:la\s+|l\s+)?)"
)
_OPEN = (
    [
        (
            re.compile(rf"{_B}{_UNTIL}\s+{_THE}{_END_OF}(?P<point>{_ANY_UNIT}){_E}"),
            "until",
        )
    ]
    + [
        (re.compile(rf"{_B}{_FROM}\s+{_THE}(?P<point>{points}){_E}"), "since")
        for points in (
            rf"{POINT}(?=\s+(?:on|onwards?|an)(?!\w))",
            f"{DAY_ALONE}|{_DAY}",
        )
    ]
    + [
        (re.compile(rf"{_B}{words}{_THE}(?P<point>{_END}){_E}"), kind)
        for kind, words in (
            ("since", rf"{_SINCE}\s+{_THE}{_START_OF}"),
            ("until", rf"{_UNTIL}\s+{_THE}(?:{_END_OF})?"),
            ("before", rf"{_BEFORE}\s+"),
            ("after", rf"{_AFTER}\s+"),
        )
    ]
)
#: "L'été dernier", and not "a été vendu".
_SUMMER = re.compile(
    rf"{_B}(?:(?<=\bl )|(?<=\bd )|(?<=\bcet )|(?<=\ben )|(?<=\bun )"
    rf"|(?=ete\s+(?:dernier|prochain|passe|{YEAR}){_E}))(?P<word>ete){_E}"
)
_BOUND = re.compile(
    rf"{_B}(?P<word>until|till|bis|jusqu|before|vor|avant|after|apres)"
    r"(?:\s+(?:zu[mr]?|a|au))?\s*$"
)
_AT = re.compile(
    rf"{_B}{_IN}{_THE}(?:(?:(?:fiscal |calendar )?year|fy|(?:geschafts|kalender)?jahre?"
    rf"|annee|exercice|month of|monat|mois de|mois d)\s+)?"
    rf"(?P<point>{DAY_ALONE}|{POINT}){_E}"
)
#: What is still to come when these are spoken of.
_AHEAD = re.compile(
    r"(?<!\w)(?:forecast|expected|predicted|planned|due|prognose|vorhersage|bedarf"
    r"|erwartet|geplant|fallig|prevision|prevu|echeance)"
)


def find(sentence, today: date) -> Period | None:
    """The time that a sentence speaks of, taken out of it; its field is left empty.

    :param sentence: ``text.Sentence``
    :param today: what relative times are relative to
    """
    ahead = bool(_AHEAD.search(sentence.folded))
    for pattern, make in _TO_DATE:
        match = pattern.search(sentence.folded)
        # "Since last year to date" begins with that year.
        if match and not _BACK.search(sentence.folded[: match.start()]):
            return _take(sentence, match, make(match))
    for pattern in _BETWEEN:
        if match := pattern.search(sentence.folded):
            texts = with_year(*_ends(match))
            since, until = (point(text, today, ahead) for text in texts)
            if since[0] > until[1]:
                # "From March to May": the March before that May.
                since = point(texts[0], until[0])
            if "and" in pattern.groupindex and since[1] + ONE_DAY != until[0]:
                # Two times that are not one after the other are none.
                if until[1] + ONE_DAY != since[0]:
                    continue
                since, until = until, since
            return _take(sentence, match, between(since[0], until[1]))
    if match := _BEFORE_LAST.search(sentence.folded):
        length = "day" if match["day"] else _unit(_one(match))
        return _take(sentence, match, _ago(2, length, today))
    for pattern, kind in _OPEN:
        if match := pattern.search(sentence.folded):
            first, last = point(match["point"], today, ahead)
            days = {
                "since": (first, None),
                "until": (None, last),
                "before": (None, first - ONE_DAY),
                "after": (last + ONE_DAY, None),
            }
            return _take(sentence, match, between(*days[kind]))
    for pattern in _AGO:
        if match := pattern.search(sentence.folded):
            made = _ago(number(match["n"]), _unit(match["unit"]), today)
            return _take(sentence, match, made)
    for pattern, make in _RULES:
        if match := pattern.search(sentence.folded):
            return _take(sentence, match, make(match))
    if match := _AT.search(sentence.folded):
        return _take(sentence, match, between(*point(match["point"], today, ahead)))
    return None


def find_season(sentence) -> str:
    """The word for the summer in French, which else would be taken for another one."""
    match = _SUMMER.search(sentence.folded)
    if match is None:
        return ""
    sentence.take(*match.span("word"), "season")
    return sentence.found.pop()[1]


def find_bound(sentence) -> str:
    """The word right before the time that was found last, where that is one of those
    with which a time only ends, or begins after it, and it was not read so: "bis"."""
    match = _BOUND.search(sentence.folded[: sentence.found[-1][0]])
    if match is None:
        return ""
    # It is said once, and not as a name that was not found.
    sentence.take(*match.span("word"), "bound")
    return sentence.found.pop()[1]


def _ends(match):
    """What it is between, in words: of "1 to 15 March", both are days of March."""
    ends = match["since"], match["until"]
    if "month" not in match.re.groupindex:
        return ends
    return tuple(f"{match['month']} {end}" for end in ends)


def with_year(since, until):
    """ "January to March 2025": both are of the year that only the last one has."""
    year = re.compile(rf"(?<!\d){YEAR}(?!\d)")
    if (found := year.findall(until)) and not year.search(since):
        since = f"{since} {found[-1]}"
    return since, until


def _ago(count, unit, today):
    start = start_of(unit, today) - LENGTHS[unit] * count
    return between(start, start + LENGTHS[unit] - ONE_DAY)


def find_granularity(sentence) -> list[tuple[int, str]]:
    """By what times it is split, taken out of it: (place, unit)."""
    found = []
    by = r"(?:by|per|each|every|a|nach|pro|je|jede[nrsm]?|par|chaque)\s+"
    for unit, words in UNITS.items():
        adverb = ADVERBS[unit]
        pattern = _compile(rf"(?:{adverb}|(?:{by})(?:{words}))")
        for match in list(pattern.finditer(sentence.folded)):
            found.append((match.start(), unit))
            _take(sentence, match, unit)
    # "by month and category", "nach Land und Monat"
    for unit, words in UNITS.items():
        pattern = re.compile(
            rf"(?:and|und|et|,)\s+(?:by |per |nach |je |par )?(?P<u>{words}){_E}"
        )
        for match in list(pattern.finditer(sentence.folded)):
            found.append((match.start("u"), unit))
            sentence.take(match.start("u"), match.end("u"), unit)
    return sorted(found)


def point(text: str, today: date, ahead: bool = False) -> tuple[date, date]:
    """The first and the last day of what a time begins or ends with, in words.

    :param today: what has no year is the last one of its kind that has begun
    :param ahead: or else the next one that has not ended
    """
    if re.fullmatch(_ANY_UNIT, text):
        # "Until the end of the year"
        text = f"this {text}"
    if re.fullmatch(_SEEN, text):
        rules = ((pattern.fullmatch(text), make) for pattern, make in _RULES)
        return dates(next(make(match) for match, make in rules if match), today)
    return days_of(text, today, ahead)


def between(since: date | None, until: date | None) -> Period:
    """The period from one day to another, both in it."""
    if since and until and since > until:
        since, until = until, since
    return Period(
        "",
        "between",
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
    )


def _many(kind, match):
    return Period("", kind, _unit(match["unit"]), number(match["n"] or match["m"]))


def _take(sentence, match, meaning):
    sentence.take(match.start(), match.end(), meaning)
    return meaning
