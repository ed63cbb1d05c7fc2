# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The words that a question may have, and what each may mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..specification import Group, Measure
from . import times, words
from .fillers import FILLERS
from .subjects import SUBJECTS, Subject
from .text import fold, stem, stems
from .topics import TOPICS, Topic

ENGLISH = "en"
#: those that have words here
LANGUAGES = (ENGLISH, "de", "fr")
VOCABULARIES = {
    "measure": words.MEASURES,
    "dimension": words.DIMENSIONS,
    "state": words.STATES,
    "chart": words.CHARTS,
    "mark": words.MARKS,
    "date": words.DATES,
}


@dataclass(frozen=True)
class Tag:
    """A meaning that words may have: of which kind, and which."""

    kind: str
    value: str


@dataclass
class Lexicon:
    """What there is to ask about, in the languages of a person.

    ``languages``: of two letters; English is always understood as well.
    ``subjects``: those that the person may read. ``labels``: function of a model to
    {label of a field: ``Measure`` or ``Group``}. ``resolve``: function of a
    subject and some words; (field, value) when they name a record, else None.
    ``uid``: id of the person, for "my orders". ``is_month_first``: whether the person
    writes 12/15/2025. ``has_own_year``: whether the fiscal year is not the calendar's.
    """

    languages: tuple[str, ...] = (ENGLISH,)
    subjects: Mapping[str, Subject] = field(
        default_factory=lambda: {one.key: one for one in SUBJECTS}
    )
    topics: tuple[Topic, ...] = TOPICS
    labels: Callable = lambda model: {}
    resolve: Callable = lambda subject, text: None
    uid: int | None = None
    is_month_first: bool = False
    has_own_year: bool = False

    def __post_init__(self):
        self.languages = tuple(dict.fromkeys((*self.languages, ENGLISH)))
        self.phrases: dict[tuple[str, ...], list[Tag]] = {}
        #: what words mean that are written just so
        self.exact: dict[str, set[Tag]] = {}
        self.fillers = set()
        #: stems of the words of the first language alone
        self.own: set[str] = set()
        for language in self.languages:
            for kind, vocabulary in VOCABULARIES.items():
                for value, by_language in vocabulary.items():
                    self._add(by_language.get(language), Tag(kind, value))
            for topic in self.topics:
                if any(key in self.subjects for key in topic.subjects):
                    self._add(topic.words.get(language), Tag("topic", topic.key))
            fillers = FILLERS.get(language, "").split()
            self.fillers |= {*fillers, *map(stem, fillers)}
            self.own = self.own or self._get_stems()
        self.vocabulary = {word for phrase in self.phrases for word in phrase}
        self.longest = max(map(len, self.phrases), default=1)
        #: all words, as they are written, for what is misspelt
        self.words = {word for phrase in self.exact for word in phrase.split()}
        self.words |= set(times.WORDS.split())

    def _get_stems(self):
        return {word for phrase in self.phrases for word in phrase} | self.fillers

    def is_rather(self, question: str, other: Lexicon) -> bool:
        """Whether a question is in the language of this as much as of another one.

        "Summer" is a form of the German "Summe", and "sales during summer" is English.
        """
        words = stems(question)
        ours = [word for word in words if word in self.own - other.own]
        theirs = [word for word in words if word in other.own - self.own]
        return len(ours) >= len(theirs)

    def _add(self, phrases, tag):
        for phrase in filter(None, (phrases or "").split("|")):
            tags = self.phrases.setdefault(stems(phrase), [])
            if tag not in tags:
                tags.append(tag)
            self.exact.setdefault(fold(phrase), set()).add(tag)

    def topic(self, key: str) -> Topic:
        """The topic of a key."""
        return next(one for one in self.topics if one.key == key)

    def label_phrases(self, model: str) -> dict[tuple[str, ...], Measure | Group]:
        """The labels of the fields of a model as phrases."""
        found = {}
        for label, part in self.labels(model).items():
            if phrase := stems(label):
                found.setdefault(phrase, part)
        return found
