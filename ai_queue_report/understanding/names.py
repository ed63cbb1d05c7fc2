# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Labels of fields and names of records in a question."""

from __future__ import annotations

import re

from ..specification import Filter, Measure
from ..specification.shape import MAX_GROUPS, MAX_MEASURES
from .points import is_month
from .text import TAKEN, fold, stems

#: Signs that names may end with.
_ENDS = (".", ")", "!")
#: So many words a name has at most, and so many letters the code of a country has.
MAX_WORDS, CODE = 6, 2
#: Between names of which the same is said.
_JOINS = re.compile(
    r"\W*(?:(?:and|or|und|oder|et|ou|(?:nor|noch|ni)(?:\W+(?:in|to|from|by|bei|an|von"
    r"|vom|en|a|au|aux|de|chez)(?!\w))?)\W+)?"
    r"(?:(?:the|der|die|das|dem|den|le|la|les|l)\W+)?"
)


#: Before what may be a name, and a time or a figure as well: "to Mars", "von Total".
_TO = re.compile(
    r"(?<!\w)(?:to|of|from|von|vom|an|a|de|d|bei|chez"
    r"|without|except|ohne|ausser|sans|sauf|hors)\s+(?=\w)"
)
#: What follows a time, and no name.
_TIME_AHEAD = re.compile(r"\s*-?\s*(?:\d|(?:to|until|till|bis|a|au|and|und|et)(?!\w))")
_CAPITALS = re.compile(r"[^\W_]+(?:(?: | ?& ?|-)[^\W\d_a-zà-ÿ][^\W_]*)*")
_WORD = re.compile(r"(?<!\w)[^\W\d_]")
_PEOPLE = ("customer", "vendor", "partner")
#: What customers do as well: "what has Acme bought".
_BUYS = re.compile(
    r"bought|purchased|buys?|gekauft\w*|eingekauft\w*|bezogen\w*|achetee?s?|acheter"
)
#: Before a name from which something is bought.
_FROM = re.compile(
    r"(?<!\w)(?:from|of|at|to|for|von|vom|bei|beim|fur|an|de|d|du|chez|aupres de|pour)"
    r"\s+(?:(?:the|der|dem|la|le|l)\s+)?$"
)


def keep_names(reader):
    """Keep what names somebody from being read as a time or a figure."""
    sentence = reader.sentence
    for match in [] if sentence.text.isupper() else _TO.finditer(sentence.folded):
        for text in _get_names(sentence, match.end()):
            end = match.end() + len(text)
            if _is_misread(reader, text, end) and _names_somebody(reader, text):
                sentence.keep(match.end(), end)
                break


def _get_names(sentence, start):
    """The words with capitals that begin at a place, the most of them first."""
    capitals = _CAPITALS.match(sentence.text, start)
    text = capitals[0] if capitals and capitals[0][0].isupper() else ""
    while text:
        yield text
        text = re.sub(r"(?:^|[ &-]+)[^\W_]+$", "", text)


def names_buyer(reader, verb) -> bool:
    """Whether somebody is named who buys, and from whom nothing is bought.

    :param verb: what was found of the verb
    """
    sentence = reader.sentence
    if not _BUYS.fullmatch(sentence.folded[verb.start : verb.end]):
        return False
    return any(
        not _FROM.search(sentence.folded[: match.start()])
        and any(
            _names_somebody(reader, text)
            for text in _get_names(sentence, match.start())
        )
        for match in _WORD.finditer(sentence.text)
    )


def _is_misread(reader, text, end):
    """Whether words of a text mean something else, too."""
    if is_month(fold(text)) and _TIME_AHEAD.match(reader.sentence.folded, end):
        return False
    return any(
        word in reader.lexicon.vocabulary or is_month(word)
        for word in (*stems(text), *fold(text).split())
    )


def _names_somebody(reader, text):
    for concept in _PEOPLE:
        for subject in reader.lexicon.subjects.values():
            if concept in subject.dimensions:
                found = reader.lexicon.resolve(subject, text)
                if found and found[0] == subject.dimensions[concept]:
                    return True
                break
    return False


class Names:
    """What the words say that are none of ours."""

    def __init__(self, draft):
        self.draft = draft
        self.reader = draft.reader
        #: (start, end) of labels that were found
        self._taken = []
        #: (start, end, text, field, value) of names that were found
        self._found = []

    def find(self):
        """Add to the draft what they say, and what is left of the words."""
        self._find_labels()
        runs, run = [], []
        free = [
            word for word in self.reader.sentence.words() if not self._is_taken(word[0])
        ]
        for word in free:
            if run and not self.reader.is_adjacent([run[-1], word]):
                runs.append(run)
                run = []
            if run and self._has_found_between(run[-1], word):
                runs.append(run)
                run = []
            run.append(word)
        for one in [*runs, run]:
            self._name_in(one)
        self._add_found()

    def _has_found_between(self, word, other):
        return any(word[1] <= one.start < other[0] for one in self.reader.found)

    def _is_taken(self, start):
        spans = [(one.start, one.end) for one in self.reader.found] + self._taken
        return any(s <= start < e for s, e in spans)

    def _find_labels(self):
        phrases = self.reader.lexicon.label_phrases(self.draft.subject.model)
        todo = [w for w in self.reader.sentence.words() if not self._is_taken(w[0])]
        place = 0
        while place < len(todo):
            for length in range(min(5, len(todo) - place), 0, -1):
                some = todo[place : place + length]
                part = phrases.get(tuple(word for _s, _e, word in some))
                is_filler = length == 1 and some[0][2] in self.reader.lexicon.fillers
                if part and not is_filler and self.reader.is_adjacent(some):
                    self._add_label(some, part)
                    place += length - 1
                    break
            place += 1

    def _add_label(self, some, part):
        start, end = some[0][0], some[-1][1]
        is_measure = isinstance(part, Measure)
        if is_measure and len(self.draft.measures) < MAX_MEASURES:
            if part not in self.draft.measures:
                named = any(
                    concept in self.draft.subject.measures
                    for concept in self.reader.concepts("measure")
                )
                self.draft.measures = [*(self.draft.measures if named else []), part]
        elif not is_measure and len(self.draft.groups) < MAX_GROUPS:
            if part not in self.draft.groups:
                self.draft.groups.append(part)
        else:
            return
        self._taken.append((start, end))
        text = self.reader.sentence.text[start:end]
        self.draft.named.append((start, text, part.field))

    def _name_in(self, run):
        """Look for names of records in a row of words, the longest first."""
        for length in range(min(len(run), MAX_WORDS), 0, -1):
            for place in range(len(run) - length + 1):
                some = run[place : place + length]
                if self._may_be_name(some) and (found := self._resolve(some)):
                    self._found.append(found)
                    self._name_in(run[:place])
                    self._name_in(run[place + length :])
                    return
        self.draft.left += [
            self._get_text(word)
            for word in run
            if not self._is_filler(word) or self._is_code_elsewhere(word)
        ]

    def _is_filler(self, word):
        fillers = self.reader.lexicon.fillers
        start, end, stem = word
        return stem in fillers or self.reader.sentence.folded[start:end] in fillers

    def _may_be_name(self, some):
        """Names begin and end with small words only where these have capitals: "The
        Jackson Group", and by themselves where they are codes: "US"."""
        edges = [word for word in (some[0], some[-1]) if self._is_filler(word)]
        if len(some) == 1 and edges:
            return self._is_code(some[0])
        return all(self._get_text(word)[:1].isupper() for word in edges)

    def _is_code(self, word):
        text = self._get_text(word)
        # Who writes all in capitals means nothing by them.
        is_loud = self.reader.sentence.text.isupper()
        return len(text) == CODE and text.isupper() and not is_loud

    def _is_code_elsewhere(self, word):
        """Whether it names what this subject is not split by, and another one is."""
        lexicon, text = self.reader.lexicon, self._get_text(word)
        return self._is_code(word) and any(
            lexicon.resolve(subject, text) for subject in lexicon.subjects.values()
        )

    def _get_text(self, word):
        return self.reader.sentence.text[word[0] : word[1]]

    def _resolve(self, some):
        """(start, end, text, field, value) of the record that words name, or None."""
        start, end = some[0][0], some[-1][1]
        sentence = self.reader.sentence
        # "Acme Inc." is called so.
        ends = [end, end + 1] if sentence.folded[end : end + 1] in _ENDS else [end]
        for stop in ends:
            text = sentence.text[start:stop]
            if resolved := self.reader.lexicon.resolve(self.draft.subject, text):
                return start, stop, text, *resolved
        return None

    def _add_found(self):
        """The names as conditions, in the order of the question."""
        last = None
        for start, end, text, name, value in sorted(self._found):
            mark = self._find_negation(start, last)
            if mark:
                self.draft.negations.add(mark.start)
            self._unname(start, name)
            self._count_units(start, name)
            operator = "!=" if mark else "="
            self.draft.name_filters.append(Filter(name, operator, value))
            self.draft.named.append((start, text, name))
            last = (end, mark)

    def _count_units(self, start, name):
        """ "How many Desk did we sell": of a product, units are counted."""
        draft, subject = self.draft, self.draft.subject
        if name != subject.dimensions.get("product") or not draft.measures:
            return
        for one in self.reader.found:
            between = self.reader.sentence.folded[one.end : start]
            is_count = one.value("measure") == "count" and one.end <= start
            if (
                is_count
                and "quantity" in subject.measures
                and not between.strip(" \"'")
            ):
                draft.count_units(one)

    def _unname(self, start, name):
        """ "For customer Acme" says whose name it is, and splits by nothing."""
        for end, (one, group) in self.draft.grouped_at.items():
            between = self.reader.sentence.folded[end:start]
            if group.field != name or end > start or between.strip(" :\"'"):
                continue
            before = [each for each in self.reader.found if each.end <= one.start]
            if before and before[-1].value("mark") == "by":
                continue
            self.draft.groups = [each for each in self.draft.groups if each != group]

    def _find_negation(self, start, last):
        """The "without" that takes a name away; None without.

        :param last: (where the name before it ends, the "without" of that)
        """
        marks = [
            one
            for one in self.reader.found
            if one.end <= start and one.value("mark") == "without"
        ]
        if not marks or self._is_used(marks[-1], start):
            return None
        mark, folded = marks[-1], self.reader.sentence.folded
        if last and last[0] > mark.end:
            # Of several names those are meant that are joined to the first.
            joins = last[1] and _JOINS.fullmatch(folded[last[0] : start])
            return mark if joins else None
        between = folded[mark.end : start]
        is_near = len(re.findall(r"\w+", between)) <= 3 and TAKEN not in between
        return mark if is_near else None

    def _is_used(self, mark, start):
        """Whether another word was negated by it, and not only said what a name is."""
        for one in self.reader.found:
            if self.reader.negated.get(one.start) is not mark:
                continue
            between = self.reader.sentence.folded[one.end : start]
            if _is_noun(self.reader, one) and not between.strip(" :\"'"):
                self.draft.meanings.setdefault(one.start, mark.value("mark"))
                return False
            return True
        return False


def _is_noun(reader, one):
    topic = one.value("topic") and reader.topic_of(one)
    return bool(one.value("dimension") or (topic and topic.noun))
