"""What a model says apart from its thoughts.

Models print their thoughts before the answer, between marks of their own making, of
which servers may swallow the first, and which never come when the limit of length is
reached before. A draft of the answer in them is no answer.
"""

import json
import math
import re

#: How many places of a text are tried for the start of a JSON value.
MAX_STARTS = 2_000
#: How many characters are read in all these tries.
MAX_READ = 1_500_000
#: Integers of more digits, and larger numbers, are no number of any answer.
MAX_DIGITS, MAX_NUMBER = 30, 1e30

_WORDS = (
    r"(?:\w{1,20}[:_])?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis"
    r"|scratch_?pad|monologue|chain_of_thought|cot|draft|deliberation|critique)"
    r"(?:_process)?"
)
_OPEN = rf"""
    <{_WORDS}(?:\s[^<>]{{0,80}})?>
    | \[THINK(?:ING)?\] | ◁think▷ | <unused94>
    | <\|(?:begin_of_thought|start_thinking|start_of_thinking|think|thinking
        |inner_prefix)\|>
    | <\|channel\|?>\s*(?:analysis|commentary|thought)
    | \Aanalysis(?=[A-Z])
"""
_CLOSE = rf"""
    </{_WORDS}\s*>
    | \[/THINK(?:ING)?\] | ◁/think▷ | <unused95> | <channel\|>
    | <\|(?:end_of_thought|end_thinking|end_of_thinking|/think|/thinking
        |inner_suffix)\|>
    | <\|channel\|>\s*final\b[^{{<]{{0,20}}
        (?:<\|constrain\|>\w{{1,10}})?(?:<\|message\|>)?
    | assistantfinal
"""
_CLOSING = re.compile(_CLOSE, re.I | re.X)
_MARK = re.compile(f"(?P<open>{_OPEN})|(?P<close>{_CLOSE})", re.I | re.X)
_NEXT = re.compile(
    rf"(?P<open>{_OPEN})|(?P<close>{_CLOSE})|(?P<value>[{{\[])", re.I | re.X
)
#: What some servers leave of the marks by which a model ends its answer.
_ENDING = re.compile(r"(?:<\|\w{1,20}\|>\s*)+\Z")
#: What is no part of the answer when it comes behind it.
_BEHIND = re.compile(r"(?:\s|```|</?\w{1,20}>|<\|\w{1,20}\|>)*")


def without_thoughts(text):
    """The text of an answer that is not asked for in JSON."""
    pieces, at = [], 0
    for opening, start, end in _marks(text):
        if opening:
            pieces.append(text[at:start])
        else:
            # Its beginning was swallowed: all before it was thought.
            pieces.clear()
        at = end
    return _ENDING.sub("", "".join([*pieces, text[at:]]))


def _marks(text):
    """(whether it opens, start, end) of each thought; of one without an opening mark,
    of its end alone."""
    at = 0
    while mark := _MARK.search(text, at):
        at = mark.end()
        if mark.lastgroup == "open":
            closing = _CLOSING.search(text, at)
            at = closing.end() if closing else len(text)
        yield mark.lastgroup == "open", mark.start(), at


class Found:
    """A JSON value in a text; ``is_whole`` is false for the beginning of one."""

    def __init__(self, start, end, value=None, is_whole=True):
        self.start = start
        self.end = end
        self.value = value
        self.is_whole = is_whole

    def ends(self, text):
        """Whether nothing comes behind it."""
        return _BEHIND.fullmatch(text, self.end) is not None


def values(text):
    """Every JSON object or list that stands outside of thoughts, in order.

    What stands in a string of such a value is data: a mark there means nothing.

    :return: list of `Found`
    """
    found = _scan(text, 0)
    if found is None:
        # More than can be tried: what comes behind the last thought is what counts.
        ends = [mark.end() for mark in _CLOSING.finditer(text)]
        found = _scan(text, ends[-1]) if ends else None
    return found or []


def _scan(text, at):
    """The values from a place on; None when there is too much to be tried."""
    found, starts, read = [], 0, 0
    while one := _NEXT.search(text, at):
        at = one.end()
        if one.lastgroup == "open":
            closing = _CLOSING.search(text, at)
            if not closing:
                break  # cut off in its thoughts
            at = closing.end()
        elif one.lastgroup == "close":
            found.clear()
        else:
            starts += 1
            if starts > MAX_STARTS or read > MAX_READ:
                return None
            value = _decode(text, one.start())
            read += value.end - value.start
            at = value.end if value.is_whole else at
            found.append(value)
    return found


def _decode(text, start):
    """What begins here, as far as it is JSON."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        return Found(start, error.pos, is_whole=False)
    except (ValueError, RecursionError):
        return Found(start, start + _UNKNOWN, is_whole=False)
    return Found(start, end, value)


#: How much is taken to have been read where the decoder does not say: what is nested
#: too deep takes it a millisecond.
_UNKNOWN = 25_000


def _no_number(name):
    raise ValueError(f"{name} is not JSON")


def _number(digits):
    number = float(digits)
    if not math.isfinite(number) or abs(number) > MAX_NUMBER:
        raise ValueError("a number without end")
    return number


def _integer(digits):
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number without end")
    return int(digits)


_DECODER = json.JSONDecoder(
    parse_constant=_no_number, parse_float=_number, parse_int=_integer
)
