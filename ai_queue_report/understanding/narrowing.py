# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What goes on about the last report: "only sales of Acme", "and sales by month"."""

from __future__ import annotations

import re
from dataclasses import replace

from .conditions import make

#: A question that begins so is about the last report, as long as its topic is.
_GOES_ON = re.compile(
    r"\W*(?:(?:(?:and|but|und|aber|et|mais)\W+)?"
    r"(?P<only>only|just|nur|bloss|seulement|uniquement)|and|but|und|aber|et|mais)(?!\w)"
)
#: Whoever asks for all of them does not mean those of the last report.
_ALL = re.compile(r"(?<!\w)(?:all|every|alle[nrs]?|samtliche[nrs]?|tous|toutes)(?!\w)")
#: Topics of which every word is an amount: margins are none.
_AMOUNTS = ("revenue",)


def goes_on(sentence) -> re.Match | None:
    """How a question begins that is about the last report; None for another one."""
    return _GOES_ON.match(sentence.folded)


def narrow(reader, topic):
    """What a question with a topic goes on about; None for a question of its own.

    :return: (subject, ``Specification`` that it asks on about)
    """
    begins = goes_on(reader.sentence)
    if not (begins and reader.topic_choice.is_clear()) or reader.joined:
        return None
    if _ALL.search(reader.sentence.folded):
        return None
    before, subject = reader.previous, reader.find_subject(reader.previous)
    own = subject and _topic_of(reader.lexicon, subject)
    if own is None:
        return None
    if own.key == topic.key:
        usual = next(iter(subject.measures.values()), None)
        if topic.key in _AMOUNTS and usual not in [m.field for m in before.measures]:
            return None
        return subject, before
    if begins["only"] and reader.topic_choice.is_same(own.key, topic):
        return _narrow_to(reader.lexicon, topic, subject, before)
    return None


def _topic_of(lexicon, subject):
    """The topic that a subject answers first."""
    topics = [one for one in lexicon.topics if subject.key in one.subjects]
    return min(topics, key=lambda one: one.subjects.index(subject.key), default=None)


def _narrow_to(lexicon, topic, subject, before):
    """ "Only invoices" of revenue: some of the same records, and none of others."""
    for key in (topic.key, f"{topic.key}_line"):
        other = lexicon.subjects.get(key)
        if other is None or other.model != subject.model:
            continue
        values = {name: _values(value) for name, _operator, value in subject.filters}
        if all(_values(v) <= values.get(name, set()) for name, _o, v in other.filters):
            names = {name for name, _operator, _value in other.filters}
            made = [one for one in before.filters if one.field not in names]
            return other, replace(before, filters=(*make(other.filters), *made))
    return None


def _values(value):
    return set(value) if isinstance(value, tuple | list) else {value}
