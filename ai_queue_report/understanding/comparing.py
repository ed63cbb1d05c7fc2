# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""With what a time is compared."""

from __future__ import annotations

import re

from ..specification import Period, compared, dates
from . import times
from .points import DAY_ALONE, POINT

#: What stands before it.
_COMPARES = (
    r"(?:(?:as |and |und |et )?(?:compared?|comparison|versus|vs\.?|against|relative"
    r"|(?:im )?vergleich|verglichen|vergleiche|gegenuber|comparer?|comparee?s?"
    r"|comparaison"
    r"|par rapport|contre|en comparaison|compare)"
    r"(?:\s+(?:to|with|mit|zu|zum|zur|a|au|aux|avec|de|dem|der|den|the|l|la|le))*\s*)"
)
_SAME = r"(?:(?:same|gleiche\w*|meme)\s+\w+\s+(?:(?:of|in|im|des|de|l|la|le|the)\s+)*)?"
_SAME_UNIT = re.compile(r"(?:same|gleiche\w*|meme)\s+(\w+)")
_YEAR_AGO = re.compile(
    rf"(?<!\w)(?:{_COMPARES}(?:the )?{_SAME}(?:the )?"
    r"(?:(?:last|previous|prior|preceding) years?"
    r"|a year ago|the year before|year before|vorjahr\w*"
    r"|(?:letzte\w*|vergangene\w*|vorige\w*) jahr\w*|n 1"
    r"|annee (?:derniere|precedente|passee)|an dernier|l an dernier|an passe"
    r"|(?:19|20)\d\d)|year over year|yoy|vs\.? ly)(?!\w)"
)
_BEFORE = re.compile(
    rf"(?<!\w){_COMPARES}(?:the )?(?:(?:last|previous|prior|preceding)"
    r" (?:period|month|quarter|week|day)|(?:period|month|quarter|week|day) before"
    r"|vorperiode|vormonat\w*|vorquartal\w*|vorwoche"
    r"|(?:letzte\w*|vorige\w*|vergangene\w*) (?:monat\w*|quartal\w*|woche|zeitraum)"
    r"|(?:periode|mois|trimestre|semaine) (?:precedente?|derniere?|passee?))(?!\w)"
)
_COMPARED_POINT = re.compile(
    rf"(?<!\w){_COMPARES}(?:the |dem |den |le |la |l )?"
    rf"(?P<point>{DAY_ALONE}|{POINT})(?!\w)"
)
_YEAR_ONLY = re.compile(r"(?:19|20)\d\d")
_COMPARE_VERB = re.compile(
    r"(?<!\w)(?:compare|comparez|comparer|comparaison|comparison)(?!\w)"
    r"|vergleich(?:en|e)?(?!\w)"
)
_JOIN = r"(?:to|with|and|mit|und|zu|zum|avec|et|a|,)"
_TWO_POINTS = re.compile(
    rf"(?<!\w){POINT}(?P<join>\s*{_JOIN}?\s+(?P<other>{POINT}))(?!\w)"
)
_JOINED_YEAR = re.compile(
    rf"(?<!\w){_JOIN}\s+(?:the |dem |den |l |le )?(?:last year|previous year"
    r"|year before|vorjahr\w*|letzte\w* jahr\w*|annee (?:derniere|precedente|passee)"
    r"|an dernier|an passe)(?!\w)"
)


def _find_unit(text):
    """The unit of time that words end with: "vs last month", "zum Vormonat"."""
    words = re.findall(r"\w+", text)
    found = (times.unit(re.sub("^vor(?!i)", "", word)) for word in words)
    return next(filter(None, found), None)


class Comparison:
    """The other time of a question."""

    def __init__(self, sentence):
        self.sentence = sentence
        #: last_year, previous, or None
        self.kind = None
        self.same_unit = "year"
        #: the unit by which the time before was named: "vs last month"
        self.before_unit = None
        #: the year by which the other time was named
        self.year = None
        #: the other time, in words
        self.point = ""
        #: all words that say so
        self.text = ""

    def find(self):
        """Take it out of the sentence, before the time itself is looked for."""
        if match := _COMPARED_POINT.search(self.sentence.folded):
            if not _YEAR_ONLY.fullmatch(match["point"]):
                self.point = match["point"]
                self._take_compared(match)
                return
        for pattern, kind in ((_YEAR_AGO, "last_year"), (_BEFORE, "previous")):
            if match := pattern.search(self.sentence.folded):
                self.kind = kind
                years = re.findall(r"(?:19|20)\d\d", match[0])
                self.year = int(years[-1]) if years else None
                if same := _SAME_UNIT.search(match[0]):
                    self.same_unit = times.unit(same[1]) or "year"
                elif kind == "previous":
                    self.before_unit = _find_unit(match[0])
                    self.same_unit = self.before_unit or "year"
                self.text = self.sentence.text[slice(*match.span())].strip(" ,.?!")
                self.sentence.take(match.start(), match.end(), kind)
                return
        self._find_apart()

    def _find_apart(self):
        """ "Compare revenue of 2025 with 2024": the words stand apart."""
        verb = _COMPARE_VERB.search(self.sentence.folded)
        match = verb and _TWO_POINTS.search(self.sentence.folded)
        if match:
            self.point = match["other"]
            self.sentence.take(*match.span("join"), "compare")
        elif verb and (match := _JOINED_YEAR.search(self.sentence.folded)):
            self.kind = "last_year"
            self.text = self.sentence.text[slice(*match.span())]
            self.sentence.take(*match.span(), "last_year")
        if match:
            self.sentence.take(*verb.span(), "compare")

    def _take_compared(self, match):
        self.sentence.take(*match.span(), f"compared with {match['point']}")

    def check(self, period, today):
        """Whether the time that is asked for can be compared with it.

        :param period: ``Period`` that is asked for, None for none
        :return: (``Period`` that is then meant, words that it cannot be compared with)
        """
        if self.point:
            return self._check_point(period, today)
        if self.kind and period:
            is_other = self.before_unit and period.unit not in (None, self.before_unit)
            if is_other or dates(period, today)[0] is None:
                # "This year vs last month"
                self.kind = None
                return period, [self.text]
        if self.year and period:
            return self._check_year(period, today)
        return period, []

    def _check_point(self, period, today):
        """Only the time before it, or a year before."""
        texts = times.with_year(self.point, self.point)
        other = times.point(texts[1], today)
        if period:
            first = dates(period, today)
            for since, until in ((first, other), (other, first)):
                later = times.between(*since)
                for kind in ("last_year", "previous"):
                    if compared(later, kind, today) == until:
                        self.kind = kind
                        return (later if since is other else period), []
        return period, [self.point]

    def _check_year(self, period, today):
        """Only the year before it."""
        since, until = dates(period, today)
        whole = since and until and (until - since).days > 363
        if whole and since.year + 1 == self.year:
            # "2024 against 2025" is 2025 against the year before.
            first, last = f"{self.year}-01-01", f"{self.year}-12-31"
            return Period("", "between", since=first, until=last), []
        if since is None or since.year - 1 != self.year:
            self.kind = None
            return period, [str(self.year)]
        return period, []
