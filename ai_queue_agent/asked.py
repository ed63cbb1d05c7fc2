# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which tool answers a question without a model: by the words in it.

Plain Python, without a database. A tool that can be asked says by which words, in each
language; a question is understood in all of them, whatever the person has set.
"""

import re
import unicodedata
from typing import NamedTuple

#: So a question goes on with the one before it.
GOES_ON = {
    "en": ("and", "what about", "how about"),
    "de": ("und",),
    "es": ("y", "que tal"),
    "fr": ("et",),
    "it": ("e",),
    "nl": ("en",),
}
#: So a person says that an answer is no longer wanted.
NEVER_MIND = {
    "en": ("never mind", "forget it", "cancel", "stop"),
    "de": ("vergiss es", "abbrechen", "egal", "stopp"),
    "es": ("olvidalo", "da igual", "cancelar", "para"),
    "fr": ("laisse tomber", "oublie", "annuler", "stop"),
    "it": ("lascia stare", "lascia perdere", "annulla", "basta"),
    "nl": ("laat maar", "vergeet het", "annuleren", "stop"),
}
#: A question that only goes on has no more words than this.
SHORT = 6
_WORD = re.compile(r"\w+")


class Reference(NamedTuple):
    """A record that something was said about."""

    model: str
    id: int
    name: str


def said(text, record=None):
    """A line of an answer, as a tool returns it: plain data.

    :param record: the record that it is about; who reads the line gets a link to it
    """
    line = {"text": text}
    if record:
        line["record"] = Reference(record._name, record.id, record.display_name)
    return line


def asked(**words):
    """Let a tool answer questions that have these words in them.

    The tool has one argument, ``about``: what was asked, in the person's own words. It
    returns lines, each made by `said`.

    :param words: by language code, patterns with ``;`` between them. A pattern is
        parts with blanks between them, all of which must be in the question; a part is
        words with ``|`` between them, one of which must be. ``bill*`` stands for all
        words that begin so, ``next_week`` for words that follow one another
    """

    def decorate(method):
        method._asked = {
            language: [pattern.split() for pattern in _plain(text).split(";")]
            for language, text in words.items()
        }
        return method

    return decorate


def understand(text, tools, language=""):
    """Which tool a question is for.

    :param text: the question
    :param dict tools: {name of a tool: its method}; those without words are left out
    :param language: of the person, as "de"; it decides where two are as likely
    :return: name of the tool, or None when that is not clear
    """
    words = _words(text)
    best, found = (0, 0), set()
    for name, method in tools.items():
        for code, patterns in getattr(method, "_asked", {}).items():
            for pattern in patterns:
                if not pattern or not all(_has(words, part) for part in pattern):
                    continue
                score = len(pattern), code == language
                if score > best:
                    best, found = score, set()
                if score == best:
                    found.add(name)
    return found.pop() if len(found) == 1 else None


def goes_on(text):
    """Whether a question is about the same as the one before it."""
    words = _words(text)
    return len(words) <= SHORT and _begins(words, GOES_ON)


def is_never_mind(text):
    """Whether a person says that no answer is needed any more."""
    words = _words(text)
    return len(words) <= SHORT and _begins(words, NEVER_MIND)


def _begins(words, phrases):
    return any(
        words[: len(phrase.split())] == phrase.split()
        for some in phrases.values()
        for phrase in some
    )


def _plain(text):
    """Without accents and capital letters."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in text if not unicodedata.combining(one))


def _words(text):
    return _WORD.findall(_plain(text).replace("_", " "))


def _has(words, part):
    return any(_has_one(words, one.split("_")) for one in part.split("|"))


def _has_one(words, phrase):
    places = range(len(words) - len(phrase) + 1)
    return any(
        all(
            word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted
            for word, wanted in zip(words[place:], phrase, strict=False)
        )
        for place in places
    )
