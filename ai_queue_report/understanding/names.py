# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Labels of fields and names of records in a question."""

from __future__ import annotations

import re

from ..specification import Filter, Group, Measure
from ..specification.shape import MAX_GROUPS, MAX_MEASURES

#: Signs that names may end with.
_ENDS = (".", ")", "!")


class Names:
    """What the words say that are none of ours."""

    def __init__(self, draft):
        self.draft = draft
        self.reader = draft.reader
        #: (start, end) of labels that were found
        self._taken = []

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
                tag = phrases.get(tuple(word for _s, _e, word in some))
                is_filler = length == 1 and some[0][2] in self.reader.lexicon.fillers
                if tag and not is_filler and self.reader.is_adjacent(some):
                    self._add_label(some, tag)
                    place += length - 1
                    break
            place += 1

    def _add_label(self, some, tag):
        start, end = some[0][0], some[-1][1]
        if tag.kind == "measure_field" and len(self.draft.measures) < MAX_MEASURES:
            measure = Measure(tag.value, "sum")
            if measure not in self.draft.measures:
                named = any(
                    concept in self.draft.subject.measures
                    for concept in self.reader.concepts("measure")
                )
                self.draft.measures = [*(self.draft.measures if named else []), measure]
        elif len(self.draft.groups) < MAX_GROUPS:
            group = Group(tag.value)
            if group not in self.draft.groups:
                self.draft.groups.append(group)
        else:
            return
        self._taken.append((start, end))
        text = self.reader.sentence.text[start:end]
        self.draft.named.append((start, text, tag.value))

    def _name_in(self, run):
        """Look for names of records in a row of words, the longest first."""
        fillers, folded = self.reader.lexicon.fillers, self.reader.sentence.folded

        def is_filler(word):
            return word[2] in fillers or folded[word[0] : word[1]] in fillers

        while run and is_filler(run[0]):
            run = run[1:]
        while run and is_filler(run[-1]):
            run = run[:-1]
        if not run:
            return
        for length in range(min(len(run), 6), 0, -1):
            for place in range(len(run) - length + 1):
                some = run[place : place + length]
                if is_filler(some[0]) or is_filler(some[-1]):
                    continue
                start, end = some[0][0], some[-1][1]
                text = self.reader.sentence.text[start:end]
                resolved = self.reader.lexicon.resolve(self.draft.subject, text)
                if not resolved and self.reader.sentence.folded[end : end + 1] in _ENDS:
                    # "Acme Inc." is called so.
                    text = self.reader.sentence.text[start : end + 1]
                    resolved = self.reader.lexicon.resolve(self.draft.subject, text)
                if resolved:
                    name, value = resolved
                    operator = "!=" if self._is_negated(start) else "="
                    self._unname(start, name)
                    self.draft.name_filters.append(Filter(name, operator, value))
                    self.draft.named.append((start, text, name))
                    self._name_in(run[:place])
                    self._name_in(run[place + length :])
                    return
        self.draft.left += [
            self.reader.sentence.text[word[0] : word[1]]
            for word in run
            if not is_filler(word)
        ]

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

    def _is_negated(self, start):
        marks = [
            one
            for one in self.reader.found
            if one.end <= start and one.value("mark") == "without"
        ]
        if not marks:
            return False
        between = self.reader.sentence.folded[marks[-1].end : start]
        is_negated = len(re.findall(r"\w+", between)) <= 3
        if is_negated:
            self.draft.negations.add(marks[-1].start)
        return is_negated
