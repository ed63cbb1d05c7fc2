"""What the refusal of a request asks for: which part of it a server does not take.

Each server says it in words of its own. What is understood here is only ever left out,
put otherwise, or made smaller, so a wrong guess costs a refused request and no more.
"""

import re

from .schemas import BOUNDS

#: An answer of fewer tokens is of no use.
LEAST_TOKENS = 256
#: What a count of tokens from characters may be wrong by.
MARGIN = 32

_STRUCTURE = re.compile(
    r"response[ _]?format|json[ _]?(schema|object|mode)|structured[ _]?output"
    r"|grammar|guided|too many states|\bschema\b|requested parameters",
    re.I,
)
_ALL_STRUCTURE = re.compile(
    r"response[ _]?format\W{0,3}(parameter )?(is )?(not supported|unsupported"
    r"|not permitted|not allowed|not available)"
    r"|(unsupported|unknown|unrecognized)[^.]{0,40}response[ _]?format\b(?!\.)"
    r"|does(n't| not) support response[ _]?format",
    re.I,
)
_ONLY_JSON_OBJECT = re.compile(
    r"(only|must be|supported|one of)[^.]{0,80}json_object", re.I | re.S
)
_NO_SCHEMA_TYPE = re.compile(
    r"json_schema\W{0,3}.{0,40}(not supported|unsupported|unavailable|invalid)"
    r"|(unsupported|invalid value|unknown)[^.]{0,60}json_schema\b(?!\.)"
    r"|response[ _]?format\W{0,3}type|not support[^.]{0,40}json_schema",
    re.I | re.S,
)
_STRICT = re.compile(r"\bstrict\b|invalid schema", re.I)
_TOO_COMPLEX = re.compile(
    r"too many states|too complex|schema.{0,30}too (large|big)|repetitions?\b"
    r"|not supported by (xgrammar|outlines|guidance|the grammar)|pars(e|ing) grammar"
    r"|grammar.{0,40}(fail|error|invalid)|schema conversion failed",
    re.I | re.S,
)
_OTHER_TOKENS_NAME = re.compile(
    r"\buse\b.{0,10}max_completion_tokens"
    r"|max_tokens\b.{0,60}(not supported|unsupported|not permitted|deprecated|unknown"
    r"|unrecognized|extra inputs)"
    r"|(unsupported|unrecognized|unknown|unexpected)[^.]{0,60}\bmax_tokens\b",
    re.I | re.S,
)
_NO_TOKENS_NAME = re.compile(
    r"max_completion_tokens\b.{0,60}(not supported|unsupported|not permitted|unknown"
    r"|unrecognized|extra inputs)"
    r"|(unsupported|unrecognized|unknown|unexpected)[^.]{0,60}\bmax_completion_tokens\b",
    re.I | re.S,
)
_TEMPERATURE = re.compile(r"\btemperature\b", re.I)
_SYSTEM = re.compile(
    r"\bsystem\b.{0,60}\b(role|message|prompt|instruction)s?\b"
    r"|\b(role|message|instruction)s?\b.{0,60}\bsystem\b|developer instruction"
    r"|roles? must alternate|only user.{0,20}\broles?\b",
    re.I | re.S,
)
_STREAM_ONLY = re.compile(
    r"only supports? (the )?stream|non-?stream\w*.{0,40}not (supported|allowed)"
    r"|for non-?streaming calls"
    r"|stream\w*\W{0,3}(is |must be |mode )?.{0,12}\b(required|set to true|true\b)"
    r"|enable.{0,20}stream",
    re.I | re.S,
)
_TOKENS = re.compile(
    r"max_(completion_|output_|new_)?tokens|(output|completion|requested) tokens"
    r"|in the (output|completion)|max(imum)? tokens",
    re.I,
)
_NUMBER = r"(\d{1,3}(?:[,_]\d{3})+|\d{1,9})"
_CONTEXT = re.compile(
    rf"context[ _](?:length|window|size|limit)\D{{0,40}}?{_NUMBER}"
    rf"|{_NUMBER}[^\d,.]{{0,20}}context[ _](?:length|window|size)"
    rf"|must be <= {_NUMBER}",
    re.I,
)
#: Anthropic: 190000 + 20000 > 200000
_SUM = re.compile(rf"{_NUMBER} \+ {_NUMBER} > {_NUMBER}")
_TOO_LARGE = re.compile(
    r"too (large|high|big|many)|exceed|greater|larger|less than|lower|at most|maximum"
    r"|range|between|up to|must be|<=|>|invalid|supports",
    re.I,
)
_PROMPT = re.compile(
    rf"{_NUMBER}(?: tokens)? (?:of |from )?(?:the )?`?(?:text )?(?:input|prompt)s?`?\b"
    rf"|{_NUMBER} in the (?:messages|prompt|input)"
    rf"|(?:prompt|input|messages)[^\d.]{{0,40}}?{_NUMBER}(?: \w+)? tokens",
    re.I,
)


def is_about_structure(text):
    """Whether a refusal is about the way that JSON was asked for."""
    return bool(_STRUCTURE.search(text))


def of_tokens(text, name):
    """What to call the limit of tokens instead of ``name``; None when it may stay.

    :return: a name, "" for no limit at all
    """
    if name == "max_tokens" and _OTHER_TOKENS_NAME.search(text):
        return "max_completion_tokens"
    if name == "max_completion_tokens" and _NO_TOKENS_NAME.search(text):
        return ""
    return None


def is_about_temperature(text):
    """Whether it takes no temperature, or not this one."""
    return bool(_TEMPERATURE.search(text))


def is_about_system(text):
    """Whether it takes no system message."""
    return bool(_SYSTEM.search(text))


def is_about_streams(text):
    """Whether it answers in a stream only."""
    return bool(_STREAM_ONLY.search(text))


def of_room(text, limit, size):
    """How the limit of tokens fits, where it is refused for being too large.

    :param int limit: what was asked for
    :param int size: characters of the question
    :return: dict with ``context`` (tokens of question and answer together) and
        ``overhead`` (see `room`), or with ``most_tokens``; None when it is not about
        that, or nothing of use would be left
    """
    context, prompt = _first(_CONTEXT, text), _first(_PROMPT, text)
    if found := _SUM.search(text):
        prompt, context = _integer(found[1]), _integer(found[3])
    if context and prompt:
        left = context - prompt - MARGIN
        if not LEAST_TOKENS <= left < limit:
            return None
        if re.search(r"at least", text, re.I):
            # It stopped counting where the question was too long.
            return {"most_tokens": min(left, max(limit // 2, LEAST_TOKENS))}
        return {"context": context, "overhead": prompt - _estimate(size)}
    if not (_TOKENS.search(text) and _TOO_LARGE.search(text)):
        return None
    numbers = [_integer(number) for number in re.findall(_NUMBER, text)]
    smaller = [number for number in numbers if LEAST_TOKENS <= number < limit]
    if context or not smaller:
        smaller = [limit // 2]
    return {"most_tokens": max(smaller)} if max(smaller) >= LEAST_TOKENS else None


def room(context, overhead, size):
    """How many tokens are left for the answer to a question of ``size`` characters.

    :param overhead: by how much the tokens of a question were more than what its
        characters let expect
    """
    return max(context - overhead - _estimate(size) - MARGIN, LEAST_TOKENS)


def _estimate(size):
    # Rather too many: a question that asks for too much is refused and sent again.
    return int(0.35 * size)


def _first(pattern, text):
    match = pattern.search(text)
    return _integer(match[match.lastindex]) if match else None


def _integer(digits):
    return int(re.sub(r"\D", "", digits))


def of_structure(text, mode, strict):
    """Which other way of asking for JSON it names: (mode, strict), or None."""
    if mode == "json_schema":
        if strict and _STRICT.search(text):
            return mode, False
        if _ALL_STRUCTURE.search(text) and "json_" not in text:
            return "text", False
        if _NO_SCHEMA_TYPE.search(text) or _ONLY_JSON_OBJECT.search(text):
            return "json_object", False
    return None


def of_schema(text, used):
    """The keywords of a schema that are to be left out; those of bounds all at once.

    :param used: set of the keywords that were sent
    """
    named = {word for word in used if _is_named(word, text)}
    if named & BOUNDS or _TOO_COMPLEX.search(text):
        named |= used & BOUNDS
    return named


def _is_named(word, text):
    if word == "additionalProperties" and re.search(r"\brequired\b", text):
        return False  # it wants more of it, not less
    if re.search(r"[a-z][A-Z]", word):
        return re.search(rf"\b{word}\b", text) is not None
    # Words of plain English are meant only in quotes.
    return re.search(rf"[\"'`‘“]{word}[\"'`’”]", text) is not None
