# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A question is taken apart, word by word, and put together as a specification."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from ..specification import Specification
from ..specification.shape import MAX_LIMIT
from . import times
from .amounts import AMOUNTS, bounds_of, is_counted_ahead
from .comparing import Comparison
from .draft import Draft
from .joined import find_joined
from .kin import find_kin, find_strange, move
from .lexicon import Tag
from .names import keep_names
from .narrowing import narrow
from .numbers import SINGULAR, is_singular
from .points import ends_in_day
from .spelling import correct
from .text import TAKEN, Sentence, fold, stem
from .topic_choice import TopicChoice
from .written import put_day_first, take_own_year

#: Words before a chart that is only one word.
_AS = {"as", "als", "en", "in", "comme", "forme", "a", "un", "une", "ein", "eine"}
#: How much is no number of things.
_HOW_MUCH = ("wie viel", "wieviel")
#: Charts by words that mean other things, too.
_RATHER_NOT = {"list", "liste", "line", "linie", "ligne"}
#: Between "without" and a time.
_SMALL = r"(?:the|in|on|of|im|am|den|dem|der|das|die|le|la|l|les|en|de|du)"
#: "my orders", and not "show me"
_OWN = re.compile(
    r"(?<!\w)(?:my|mine|mein(?:e[mnrs]?)?|mon|ma|mes|of mine|von mir)(?!\w)"
)
_TOP_N = re.compile(r"(?<!\w)top(\d{1,4})(?!\w)")
_RESETS = {
    "compare": re.compile(
        r"(?<!\w)(?:without|no|ohne|kein(?:en)?|sans)\s+(?:the\s+|den\s+|la\s+)?"
        r"(?:comparison|compare|vergleich|comparaison)(?!\w)"
    ),
    "period": re.compile(
        r"(?<!\w)(?:(?:of |for |over )?all time|whole time|any time|entire period"
        r"|(?:uber den |den )?ganzen? zeitraum|(?:uber den )?gesamten? zeitraum"
        r"|alle zeiten|toute la periode|sur toute la periode|depuis toujours)(?!\w)"
    ),
}
#: Stems that other words have as well, "größer" and "parts": these are as written.
_AS_WRITTEN = {"gros", "part"}
#: What the end of a compound may be.
_TAILS = ("topic", "measure", "dimension", "mark")
#: Beginnings of compounds that say nothing.
_EMPTY = {"gesamt", "haupt", "teil", "firmen"}
#: Records that may be the largest by themselves.
_DOCUMENTS = {
    *("customer_invoice", "vendor_bill", "sale_order", "purchase_order"),
    *("customer_credit_note", "vendor_credit_note", "quotation", "rfq", "expense"),
    *("customer_payment", "vendor_payment"),
}
_WHICH_ONE = re.compile(
    rf"(?<!\w)(?:(?:which|what) (?:single )?(?:{SINGULAR})"
    r"|welche(?:r|s|n|m) \w+|welche (?:kategorie|abteilung|region|stadt|firma)"
    r"|(?:quel|quelle) \w+|who (?:is|was|has|sold|bought|spent|ordered|owes)"
    r"|wer (?:ist|war|hat|schuldet)|qui (?:nous )?(?:est|a|etait|doit))(?!\w)"
)
_WHO = {
    concept: re.compile(
        rf"\W*(?P<who>who|wer|qui)(?!\w).*?(?<!\w)(?:{verbs})(?!\w)", re.DOTALL
    )
    for concept, verbs in (
        (
            "customer",
            "bought|ordered|spent|gekauft|bestellt|achete|commande|depense"
            "|owes?|schuldet|doit|nous doit|has not paid|hasn t paid|paid|bezahlt|paye",
        ),
        ("salesperson", "sold|sells|verkauft|vendu|vend"),
    )
}
_NUMBER = re.compile(rf"(?<![\w.,])(\d{{1,4}}|{times.NUMBER_WORDS})(?![\w.,]*\d)(?!\w)")


@dataclass
class Found:
    """Words that were recognised, and what they may mean."""

    start: int
    end: int
    tags: list[Tag]

    def value(self, kind):
        return next((tag.value for tag in self.tags if tag.kind == kind), None)


@dataclass
class Reading:
    """What became of a question.

    ``understood``: (words, what they were taken for); ``left``: words that were not
    understood; ``certainty``: 1 when all was.
    """

    specification: Specification | None = None
    understood: list[tuple[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    certainty: float = 0.0
    #: (word, what it was read as)
    corrected: list[tuple[str, str]] = field(default_factory=list)
    #: why there is none: nothing, missing (measure or dimension that it does not have)
    problem: str = ""


def understand(
    question, lexicon, today: date, previous=None, corrects=False
) -> Reading:
    """What a question means, by its words alone.

    :param question: text in one of the languages of the lexicon
    :param lexicon: ``lexicon.Lexicon``
    :param previous: ``Specification`` that the question may ask on about
    :param corrects: words that are not understood are looked for as they may have been
        meant: "revenu", "Verkaeufer"
    """
    reading = _Reader(question, lexicon, today, previous).understand()
    if not (corrects and reading.left):
        return reading
    corrected, replaced = correct(question, reading.left, lexicon.words)
    if not replaced:
        return reading
    other = _Reader(corrected, lexicon, today, previous).understand()
    if other.specification is None or len(other.left) >= len(reading.left):
        return reading
    # A letter that is missing is a guess, another way to write one is not.
    slips = [pair for pair in replaced if not pair[2]]
    other.corrected = [(word, meant) for word, meant, _is_spelling in slips]
    other.certainty = max(0.0, other.certainty - 0.1 * len(slips))
    return other


def topics_in(question, lexicon) -> list[str]:
    """The keys of the topics that a question names, in its order."""
    reader = _Reader(question, lexicon, None, None)
    return [one.value("topic") for one in reader._find_phrases() if one.value("topic")]


class _Reader:
    def __init__(self, question, lexicon, today, previous):
        self.sentence = Sentence(question)
        self.lexicon = lexicon
        self.today = today
        self.previous = previous
        self.units, self.period = [], None
        self.comparison = Comparison(self.sentence)
        self.limit = None
        #: where the number of "top 10" is
        self.limit_at = (0, 0)
        self.left = []
        #: places of the words that a "without" before them takes away
        self.negated = {}
        #: places of the words that something else is to stand for: "instead of month"
        self.replaced = set()
        #: (words, [(operator, amount)]) of "over 1,000"
        self.amounts = []
        #: (place, word) of "my"
        self.own = []
        #: parts of the last report that are not wanted any more
        self.resets = set()
        #: "the largest" right before what the records are called
        self.superlative = None
        #: place of a figure → what is found of those beside it
        self.joined = {}
        #: whether one is asked for: "which product", "the best customer"
        self.is_one = False
        self.topic_choice = TopicChoice(self)

    def understand(self):
        keep_names(self)
        put_day_first(self.sentence, self.lexicon.is_month_first)
        self._find_resets()
        self.comparison.find()
        self._find_amounts()
        self._find_times()
        self._find_shares()
        self._find_own()
        self.found = self._find_phrases()
        self._find_negated()
        self._find_replaced()
        self._find_limit()
        self._find_one()
        self._find_who()
        self.joined = find_joined(self)
        topic = self.topic_choice.choose()
        if topic is None and self.previous is not None:
            return self._ask_on(self.find_subject(self.previous), self.previous)
        if topic is None:
            return Reading(left=[w for w in self._left_words()], problem="nothing")
        return self._narrow(topic) or self._read_topic(topic)

    # ------------------------------------------------------------ what is there

    def _find_resets(self):
        """ "Without comparison", "of all time": only where there is a last report."""
        if self.previous is None:
            return
        for part, pattern in _RESETS.items():
            if match := pattern.search(self.sentence.folded):
                self.resets.add(part)
                self.sentence.take(match.start(), match.end(), f"no {part}")

    def _find_amounts(self):
        """Amounts that something is over or under; counts of things are left."""
        for match in list(AMOUNTS.finditer(self.sentence.folded)):
            text = self.sentence.text[match.start() : match.end()].strip()
            bounds = bounds_of(match)
            after = self.sentence.folded[match.end() :]
            is_time = times.is_unit_ahead(after) or ends_in_day(match[0], after)
            if bounds is None or is_time:
                continue
            if is_counted_ahead(match, after, self.lexicon):
                # "More than 5 orders" is about a count, which no filter can be about.
                self.left.append(text)
            else:
                self.amounts.append((text, bounds))
            self.sentence.take(match.start(), match.end(), text)

    def _find_times(self):
        if self.lexicon.has_own_year:
            # It begins when this does not know.
            self.left += filter(None, [take_own_year(self.sentence)])
        self.left += filter(None, [times.find_season(self.sentence)])
        self.units = times.find_granularity(self.sentence)
        self.period = times.find(self.sentence, self.today)
        if self.period:
            self.left += filter(None, [times.find_bound(self.sentence)])
        self.period, incomparable = self.comparison.check(self.period, self.today)
        self.left += incomparable

    def _find_shares(self):
        """A share of all is not in any report."""
        self.left += ["%"] if "%" in self.sentence.folded else []

    def _find_own(self):
        for match in list(_OWN.finditer(self.sentence.folded)):
            self.own.append((match.start(), self.sentence.text[slice(*match.span())]))
            self.sentence.take(match.start(), match.end(), "own")

    def _find_replaced(self):
        """What stands right after "instead of"."""
        for mark in self.found:
            if mark.value("mark") != "instead":
                continue
            ahead = [
                one
                for one in self.found
                if one.start >= mark.end and not _is_only(one, "mark")
            ]
            unit = next((start for start, _u in self.units if start >= mark.end), None)
            if unit is not None and (not ahead or unit < ahead[0].start):
                self.units = [one for one in self.units if one[0] != unit]
            elif ahead:
                self.replaced.add(ahead[0].start)

    def _find_one(self):
        """Whether one is asked for, and whether it is one of the records."""
        for mark in self.found:
            if mark.value("mark") not in ("top", "bottom"):
                continue
            ahead = [one for one in self.found if one.start >= mark.end]
            # "The 10 largest unpaid invoices" are invoices.
            ahead = [
                one for one in ahead if not (_is_only(one, "mark") or _is_state(one))
            ]
            if not ahead:
                continue
            between = self._between(mark, ahead[0])
            if re.search(rf"\w\W+\w|[,;{TAKEN}]", between):
                continue
            if ahead[0].value("topic") in _DOCUMENTS:
                self.superlative = ahead[0]
            if ahead[0].value("topic") or ahead[0].value("dimension"):
                name = self.sentence.folded[ahead[0].start : ahead[0].end]
                adjective = self.sentence.folded[mark.start : mark.end]
                self.is_one = self.is_one or is_singular(name, adjective)
        self.is_one = self.is_one or bool(_WHICH_ONE.search(fold(self.sentence.text)))

    def _between(self, mark, one):
        """What stands between words, without states and the number of "top 10"."""
        places = [(each.start, each.end) for each in self.found if _is_state(each)]
        folded = self.sentence.folded
        for start, end in (*places, self.limit_at):
            folded = folded[:start] + " " * (end - start) + folded[end:]
        return folded[mark.end : one.start]

    def _find_who(self):
        """ "Who sold the most" asks for salespeople, "who bought" for customers."""
        if {"salesperson", "customer", "employee", "vendor"} & {
            *self.concepts("dimension"),
            *(self.topic_of(one).noun for one in self.found if one.value("topic")),
        }:
            return
        for concept, pattern in _WHO.items():
            if match := pattern.match(fold(self.sentence.text)):
                who = Found(0, match.end("who"), [Tag("dimension", concept)])
                self.found = [one for one in self.found if one.start >= who.end]
                self.found.insert(0, who)
                return

    def _find_phrases(self):
        found, todo = [], self.sentence.words()
        place = 0
        while place < len(todo):
            for length in range(min(self.lexicon.longest, len(todo) - place), 0, -1):
                some = todo[place : place + length]
                tags = self.lexicon.phrases.get(tuple(word for _s, _e, word in some))
                if tags and self.is_adjacent(some):
                    one = Found(some[0][0], some[-1][1], list(tags))
                    if self._fits(one, length):
                        found.append(one)
                        place += length
                        break
            else:
                found += self._split_compound(todo[place])
                place += 1
        return found

    def _split_compound(self, word):
        """ "Bruttoumsatz" are two words, and "Monatsumsatz" is a time and a word."""
        start, end, _stem = word
        for place in range(end - 4, start + 3, -1):
            tail = self._tags_of(place, end)
            if not tail or not any(tag.kind in _TAILS for tag in tail):
                continue
            for length in _joints(self.sentence.folded[start:place]):
                head = self.sentence.folded[start : start + length]
                unit = times.unit(head)
                if unit or head in _EMPTY:
                    if unit and (unit != "year" or not self.period):
                        self.units.append((start, unit))
                    self.sentence.take(start, place, unit or "all")
                    return [Found(place, end, tail)]
                tags = self._tags_of(start, start + length)
                if tags and length > 2:
                    return [
                        Found(start, start + length, tags),
                        Found(place, end, tail),
                    ]
        return []

    def _tags_of(self, start, end):
        return list(
            self.lexicon.phrases.get((stem(self.sentence.folded[start:end]),), ())
        )

    def is_adjacent(self, some):
        """Whether nothing stands between words that divides them."""
        between = self.sentence.folded[some[0][0] : some[-1][1]]
        return not re.search(r"[\x01,;:]", between)

    def _fits(self, one, length):
        """A chart that may be another thing, too, needs an "as" before it."""
        folded = self.sentence.folded[one.start : one.end]
        # "Verkäufer" and "Verkäufe" have the same stem.
        exact = self.lexicon.exact.get(folded)
        if exact:
            one.tags = [tag for tag in one.tags if tag in exact or self._is_other(tag)]
        if length == 1 and stem(folded) in _AS_WRITTEN and not exact:
            one.tags = []
        if folded in _HOW_MUCH:  # its stem is that of "wie viele"
            one.tags = [tag for tag in one.tags if tag.value != "count"]
        if folded in _RATHER_NOT and length == 1:
            before = re.findall(r"\w+", self.sentence.folded[: one.start])
            if not before or before[-1] not in _AS:
                one.tags = [tag for tag in one.tags if tag.kind != "chart"]
        return bool(one.tags)

    def _find_negated(self):
        """What a "without" stands before, names aside: {place: the words for that}."""
        for mark in self.found:
            if mark.value("mark") != "without":
                continue
            after = self.sentence.folded[mark.end :]
            if self.period and re.match(rf"(?:\W*{_SMALL}\b)*\W*?{TAKEN}", after):
                self.period = None
                self.left.append(self._text(mark))
            ahead = [one for one in self.found if one.start >= mark.end]
            if ahead and ahead[0].value("mark") == "by":
                # "Without Germany by month"
                continue
            between = ahead and self.sentence.folded[mark.end : ahead[0].start]
            if between and not re.search(rf"\w\W+\w|[,;{TAKEN}]", between):
                self.negated[ahead[0].start] = mark

    def _text(self, one):
        return self.sentence.text[one.start : one.end]

    def _is_other(self, tag):
        """Whether a meaning is none of a subject against what it is split by."""
        if tag.kind == "topic":
            return bool(self.lexicon.topic(tag.value).noun)
        return tag.kind != "dimension"

    def _find_limit(self):
        for match in list(_TOP_N.finditer(self.sentence.folded)):
            limit = int(match[1])
            if 0 < limit <= MAX_LIMIT:
                self.limit, self.limit_at = limit, match.span()
                self.found.append(Found(*match.span(), [Tag("mark", "top")]))
                self.found.sort(key=lambda one: one.start)
                return
        marks = [one for one in self.found if one.value("mark") in ("top", "bottom")]
        if not marks:
            return
        taken = [(one.start, one.end) for one in self.found]
        for match in _NUMBER.finditer(self.sentence.folded):
            inside = any(start <= match.start() < end for start, end in taken)
            limit = times.number(match[1])
            if not inside and 0 < limit <= MAX_LIMIT:
                self.limit, self.limit_at = limit, match.span()
                self.sentence.take(match.start(), match.end(), "limit")
                return

    def has_mark(self, value):
        """Whether a word of ``words.MARKS`` is in the question."""
        return any(one.value("mark") == value for one in self.found)

    def concepts(self, kind):
        """All that is named of a kind of vocabulary, in the order of the question."""
        return [one.value(kind) for one in self.found if one.value(kind)]

    def topic_of(self, one):
        """The ``Topic`` that words name."""
        return self.lexicon.topic(one.value("topic"))

    # ------------------------------------------------------------ a question

    def _read_topic(self, topic):
        options = [
            self._try(topic, self.lexicon.subjects[key])
            for key in topic.subjects
            if key in self.lexicon.subjects
        ]
        if not options:
            return Reading(left=self._left_words(), problem="nothing")
        # The first that leaves the fewest words.
        best = min(options, key=lambda one: len(one.left))
        return best

    def _try(self, topic, subject):
        """What comes of the question when it is about a subject: ``Reading``."""
        draft = Draft(self, subject, topic)
        draft.fill()
        specification = draft.make()
        left = draft.left
        return Reading(
            specification=specification,
            understood=self._say_understood(draft),
            left=left,
            certainty=max(0.0, 1.0 - 0.25 * len(left)),
        )

    def _say_understood(self, draft):
        found = [
            (start, text, str(meaning)) for start, text, meaning in self.sentence.found
        ]
        for one in self.found:
            if one.start not in draft.dropped:
                text = self.sentence.text[one.start : one.end]
                meaning = draft.meanings.get(one.start) or one.tags[0].value
                found.append((one.start, text, meaning))
        found += draft.named
        return [(text, meaning) for _start, text, meaning in sorted(found)]

    def _left_words(self, taken=()):
        """Words that mean something and were not understood."""
        spans = [(one.start, one.end) for one in self.found] + list(taken)
        return [
            self.sentence.text[start:end]
            for start, end, word in self.sentence.words()
            if not any(s <= start < e for s, e in spans)
            and word not in self.lexicon.fillers
            and self.sentence.folded[start:end] not in self.lexicon.fillers
        ]

    # ------------------------------------------------------------ asked on

    def _narrow(self, topic):
        """What comes of "only sales of Acme"; None when it is no part of the last
        report, or not all of it is understood so."""
        narrowed = self.previous and narrow(self, topic)
        if not narrowed:
            return None
        reading = self._ask_on(*narrowed, topic)
        return reading if reading.specification and not reading.left else None

    def _ask_on(self, subject, before, topic=None):
        """What comes of a question about the last report, of it or of its kin."""
        readings = [self._try_on(subject, before, topic)]
        is_whole = not readings[0].left
        for other in () if is_whole else find_kin(self.lexicon, subject):
            if moved := move(before, subject, other):
                made = self._try_on(other, moved, topic)
                if made.specification and not find_strange(made.specification, other):
                    readings.append(made)
        # The first that leaves the fewest words.
        return min(readings, key=lambda one: (not one.specification, len(one.left)))

    def _try_on(self, subject, before, topic):
        draft = Draft(self, subject, topic, before)
        draft.fill()
        specification = draft.make_on(before)
        is_said_already = bool(self.found or self.units) and not draft.left
        if topic:
            # "And all invoices" says nothing about those of the last report.
            is_said_already = draft.says_more()
        if specification == self.previous and not is_said_already:
            return Reading(left=draft.left, problem="nothing")
        return Reading(
            specification=specification,
            understood=self._say_understood(draft),
            left=draft.left,
            certainty=max(0.0, 1.0 - 0.25 * len(draft.left)),
        )

    def find_subject(self, before):
        """The subject of a specification: that with most of its filters there."""
        known = {
            (one.field, one.operator, _hashable(one.value)) for one in before.filters
        }
        best, most = None, -1
        for subject in self.lexicon.subjects.values():
            wanted = {
                (f, o, _hashable(v)) for f, o, v in (*subject.filters, *subject.usual)
            }
            if subject.model == before.model and len(wanted & known) > most:
                best, most = subject, len(wanted & known)
        return best


def _hashable(value):
    return tuple(value) if isinstance(value, list) else value


def _is_only(one, kind):
    return all(tag.kind == kind for tag in one.tags)


def _is_state(one):
    return _is_only(one, "state")


def _joints(head):
    """How long the first part of a compound is: with and without what joins them."""
    yield len(head)
    for joint in ("es", "en", "s", "n"):
        if head.endswith(joint):
            yield len(head) - len(joint)
