"""From the text of a model to checked data.

Models wrap JSON in prose, fences and thoughts, add characters that no database takes,
and forget fields. Nothing here trusts them: what comes out fits the schema, holds
only finite numbers and storable text, or there is a `Misfit`.
"""

import json
import re

#: Longer answers are not read: no answer that is asked for comes near it.
MAX_CHARACTERS = 500_000
#: How many places of a text are tried for the start of a JSON value.
MAX_STARTS = 40
#: How many misfits are told to the model and to people.
MAX_MISFITS = 5
# PostgreSQL stores neither, and JSON can spell both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)(?:```|\Z)", re.S)
_THOUGHTS = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.S)


class Misfit(Exception):
    """An answer that is not what was asked for.

    :ivar cause: a word of `faults.CAUSES`
    :ivar where: for people, made of the schema alone
    :ivar advice: for the model, may quote its answer
    """

    def __init__(self, cause, advice, where=""):
        super().__init__(cause)
        self.cause = cause
        self.advice = advice
        self.where = where


def clean(value):
    """``value`` without NUL characters and lone surrogates, also in keys, also deep."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return value


def read(text, schema):
    """The first JSON value in ``text`` that fits ``schema``.

    :param dict schema: a JSON schema (draft 2020-12)
    :return: plain data
    :raise Misfit: where there is none
    """
    if not text.strip():
        raise Misfit("empty", "The answer was empty.")
    first = None
    for value in _values(text):
        try:
            value = clean(value)
            problems = misfits(value, schema)
        except RecursionError:
            continue  # nested deeper than any answer can be
        if not problems:
            return value
        first = first or problems
    if first is None:
        raise Misfit("not_json", "The answer was not JSON.")
    raise Misfit(
        "misfit",
        "\n".join(f"- {advice}" for _, advice in first),
        where="; ".join(dict.fromkeys(where for where, _ in first)),
    )


def _values(text):
    """Every JSON object or list in a text that mixes them with other things."""
    decoder = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)
    text = _THOUGHTS.sub("", text).strip().lstrip("\ufeff")
    try:
        yield decoder.decode(text)
        return
    except (ValueError, RecursionError):
        pass
    for block in [*_FENCE.findall(text)[:MAX_STARTS], text]:
        end = 0
        for start in [m.start() for m in _starts(block)]:
            if start < end:
                continue  # inside of a value that was read already
            try:
                value, end = decoder.raw_decode(block, start)
            except (ValueError, RecursionError):
                continue
            yield value


def _starts(text):
    for count, match in enumerate(re.finditer(r"[{\[]", text)):
        if count == MAX_STARTS:
            return
        yield match


def _no_number(name):
    raise ValueError(f"{name} is not JSON")


def _finite(digits):
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number without end")
    return number


def misfits(value, schema):
    """What about ``value`` does not fit ``schema``.

    :return: list of (where in the words of the schema, what is wrong in the words of
        the validator); empty when all fits
    """
    from jsonschema import Draft202012Validator

    found = []
    for error in Draft202012Validator(schema).iter_errors(value):
        found.append((_where(error), _shorten(f"{error.json_path}: {error.message}")))
        if len(found) == MAX_MISFITS:
            break
    return found


def _where(error):
    """``lines[].price (another kind of value)``, from the schema's own names."""
    name, steps = "", iter(error.absolute_schema_path)
    for step in steps:
        if step == "properties":
            step = next(steps, "")
            name += f".{step}" if name else str(step)
        elif step in ("items", "prefixItems"):
            name += "[]"
    return f"{name or 'the whole'} ({_IN_WORDS.get(error.validator, 'not allowed')})"


_IN_WORDS = {
    "additionalProperties": "something that was not asked for",
    "maxItems": "too many",
    "maxLength": "too long",
    "minItems": "too few",
    "minLength": "too short",
    "required": "something is missing",
    "type": "another kind of value",
}


def _shorten(text, size=300):
    return text if len(text) <= size else f"{text[: size // 2]} … {text[-size // 2 :]}"
