"""The words of `labels.ini` as patterns for folded text (see `text.fold`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from configparser import RawConfigParser
from functools import cache, lru_cache
from pathlib import Path

from .text import CJK, fold

#: A letter of any alphabet.
LETTER = r"[^\W\d_]"
#: What a ``*`` stands for; bounded, so that no text makes it slow.
_ANY = rf"{LETTER}{{0,30}}"
_GAP = r"[\s.\-–—]{0,3}"
_FILE = Path(__file__).with_name("labels.ini")


@lru_cache(maxsize=1)
def languages() -> dict[str, dict[str, tuple[str, ...]]]:
    """Language -> concept -> its phrases, folded."""
    table = RawConfigParser(delimiters=("=",), comment_prefixes=(";",))
    table.read_string(_FILE.read_text(encoding="utf-8"))
    return {
        language: {name: _phrases(text) for name, text in table[language].items()}
        for language in table.sections()
    }


def _phrases(text):
    phrases = (fold(phrase).strip() for phrase in text.split("|"))
    return tuple(phrase for phrase in phrases if phrase)


@cache
def source(*concepts: str) -> str:
    """A regular expression for the phrases of concepts in all languages."""
    phrases = {
        phrase
        for table in languages().values()
        for concept in concepts
        for phrase in table.get(concept, ())
    }
    longest = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    spaced = [phrase for phrase in longest if not CJK.search(phrase)]
    unspaced = [phrase for phrase in longest if CJK.search(phrase)]
    parts = [_any(unspaced)] if unspaced else []
    if spaced:
        parts.insert(0, rf"(?<!{LETTER}){_any(spaced)}(?!{LETTER})")
    return f"(?:{'|'.join(parts)})"


def _any(phrases):
    return f"(?:{'|'.join(''.join(map(_piece, phrase)) for phrase in phrases)})"


@cache
def pattern(*concepts: str) -> re.Pattern[str]:
    """The same, compiled: of two phrases that begin together the longer one counts."""
    return re.compile(source(*concepts))


def _piece(char):
    if char == "*":
        return _ANY
    if char in " -":
        return _GAP
    if char == ".":
        return r"\.?\s?"
    return rf"\s?{char}\s?" if char == "/" else re.escape(char)


@lru_cache(maxsize=1)
def _languages_of():
    """Word -> the languages that use it in their phrases."""
    found: dict[str, set[str]] = {}
    for language, table in languages().items():
        for phrases in table.values():
            for word in words(" ".join(phrases)):
                found.setdefault(word, set()).add(language)
    return found


def words(folded: str) -> list[str]:
    """The words of a folded text that are long enough to tell a language."""
    spaced = re.findall(rf"{LETTER}{{3,}}", CJK.sub(" ", folded))
    return spaced + re.findall(rf"{CJK.pattern}{{2,}}", folded)


def language(spoken: Iterable[str]) -> str:
    """The language that folded words of a document speak for most; ``""`` if none."""
    votes: dict[str, float] = {}
    for word in set(spoken):
        some = _languages_of().get(word, ())
        for one in some:
            votes[one] = votes.get(one, 0) + 1 / len(some)
    return max(sorted(votes), key=votes.get, default="")
