# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Words as they may have been meant."""

from __future__ import annotations

import re

from .text import fold, stem

#: Shorter words are too like each other.
MIN_LETTERS = 5
_WORD = re.compile(r"[^\W\d_]+")
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


def correct(question, strange, known):
    """A question with words of it as they may have been meant.

    :param question: text
    :param strange: words of it that were not understood
    :param known: words that are understood, folded
    :return: (text, list of (word, what it became, whether it is only another way to
        write an umlaut))
    """
    strange = {word for text in strange for word in _WORD.findall(text)}
    stems = {stem(word) for word in known}
    replaced = []

    def replace(match):
        word = match[0]
        if word not in strange:
            return word
        folded = fold(word)
        if plain := _find_umlaut(folded, known, stems):
            replaced.append((word, plain, True))
            return plain
        if near := _find_near(folded, known):
            replaced.append((word, near, False))
            return near
        return word

    return _WORD.sub(replace, question), replaced


def without_digraphs(word):
    """ "verkaeufer" is "verkaufer", as "Verkäufer" is without its umlaut."""
    for digraph, letter in _DIGRAPHS:
        word = word.replace(digraph, letter)
    return word


def _find_umlaut(word, known, stems):
    plain = without_digraphs(word)
    if plain == word:
        return None
    return plain if plain in known or stem(plain) in stems else None


def _find_near(word, known):
    """The known word that is one slip away, when it is the only one."""
    if len(word) < MIN_LETTERS:
        return None
    near = {one for one in known if len(one) >= MIN_LETTERS and _is_slip(word, one)}
    # Forms of one word are one.
    return min(near) if len({stem(one) for one in near}) == 1 else None


def _is_slip(word, other):
    """Whether a letter is missing, too many, another one, or changed places."""
    if abs(len(word) - len(other)) > 1 or word == other or word[0] != other[0]:
        return False
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    rest, wanted = word[start:], other[start:]
    return (
        rest[1:] == wanted
        or rest == wanted[1:]
        or rest[1:] == wanted[1:]
        or (len(rest) > 1 and rest[1::-1] + rest[2:] == wanted)
    )
