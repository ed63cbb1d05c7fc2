"""From what a model sends to checked data.

Models wrap JSON in prose, fences and thoughts, add characters that no database takes,
and forget fields. Nothing here trusts them: what comes out fits the schema, holds
only finite numbers and storable text, or there is a `Misfit`.
"""

import contextlib
import json
import re

from ..terms import _
from .faults import fault

# There is no environment in here: whoever shows a sentence translates it.
# pylint: disable=prefer-env-translation

#: Longer answers are not read: no answer that is asked for comes near it.
MAX_CHARACTERS = 500_000
#: How many places of a text are tried for the start of a JSON value.
MAX_STARTS = 40
#: How many misfits are told to the model and to people.
MAX_MISFITS = 5
#: Higher counts are not believed: no model reads or writes as much, and what some
#: requests add up to is to fit the integers of a database.
MAX_TOKENS = 100_000_000
# PostgreSQL stores neither, and JSON can spell both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)(?:```|\Z)", re.S)
_THOUGHTS = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.S)


class Misfit(Exception):
    """An answer that is not what was asked for.

    :ivar cause: a word of `faults.CAUSES`
    :ivar places: for people, made of the schema alone: see `describe`
    :ivar advice: for the model, may quote its answer
    """

    def __init__(self, cause, advice, places=()):
        super().__init__(cause)
        self.cause = cause
        self.advice = advice
        self.places = tuple(places)

    @property
    def where(self):
        """The places in words."""
        return describe(self.places)

    def fault(self):
        """The error of a question that ends with this."""
        return fault(self.cause, where=self.where, places=self.places)


class Reply:
    """What a model said, out of the body of a chat completion.

    :ivar text: what it wrote, without characters that cannot be stored
    :ivar tokens_in, tokens_out: what the provider counted, or None
    """

    def __init__(self, body):
        """:raise Refused: the body is of something else"""
        if "choices" not in body:
            raise fault("address", status=200)
        choices = body["choices"]
        choice = _dict(choices[0]) if isinstance(choices, list) and choices else {}
        message = _dict(choice.get("message"))
        usage = _dict(body.get("usage"))
        self.model = name(body.get("model"))
        self.tokens_in = _count(usage.get("prompt_tokens"))
        self.tokens_out = _count(usage.get("completion_tokens"))
        self.finish_reason = name(choice.get("finish_reason"))
        self.text = clean(_join(message.get("content")))
        self._refusal = message.get("refusal")

    def data(self, schema):
        """The data that was asked for, None when text was (``schema`` is None).

        :raise Misfit: it is worth to ask once more
        :raise InvalidAnswer: it is not
        """
        if self.finish_reason == "content_filter":
            raise fault("filtered")
        if self._refusal:
            raise fault("declined")
        if len(self.text) > MAX_CHARACTERS:
            raise fault("too_much")
        try:
            if schema is not None:
                return read(self.text, schema)
            if self.text.strip():
                return None
            misfit = Misfit("empty", "The answer was empty.")
        except Misfit as error:
            misfit = error
        if self.finish_reason == "length":
            # Asked again, it would be cut off again.
            raise fault("cut_off")
        raise misfit


def _dict(value):
    return value if isinstance(value, dict) else {}


def _join(content):
    """The text of a message, which some servers send in parts."""
    if isinstance(content, list):
        content = "".join(str(_dict(part).get("text") or "") for part in content)
    return content if isinstance(content, str) else ""


def _count(value):
    # True is an int, too.
    return value if type(value) is int and 0 <= value <= MAX_TOKENS else None


def name(value):
    """A short text that can be stored, empty when it is none."""
    return clean(value[:200]) if isinstance(value, str) else ""


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
        "\n".join(f"- {advice}" for _place, advice in first),
        places=dict.fromkeys(place for place, _advice in first),
    )


def _values(text):
    """Every JSON object or list in a text that mixes them with other things."""
    decoder = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)
    text = _THOUGHTS.sub("", text).strip().lstrip("\ufeff")
    with contextlib.suppress(ValueError, RecursionError):
        yield decoder.decode(text)
        return
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

    :return: list of (place as in `Misfit.places`, what is wrong in the words of the
        validator); empty when all fits
    """
    from jsonschema import Draft202012Validator

    found = []
    for error in Draft202012Validator(schema).iter_errors(value):
        found.append((_place(error), _shorten(f"{error.json_path}: {error.message}")))
        if len(found) == MAX_MISFITS:
            break
    return found


def _place(error):
    """("lines[].price", "another kind of value"), from the schema's own names."""
    place, steps = "", iter(error.absolute_schema_path)
    for step in steps:
        if step == "properties":
            step = next(steps, "")
            place += f".{step}" if place else str(step)
        elif step in ("items", "prefixItems"):
            place += "[]"
    return place, IN_WORDS.get(error.validator, NOT_ALLOWED)


def describe(places, translate=str):
    """Where an answer does not fit, for people: "lines[].price (too long)".

    :param places: (place, what is wrong) each; the place is empty for the whole answer
    :param translate: function from a term to the one of another language
    """
    return "; ".join(
        f"{place or translate(THE_WHOLE)} ({translate(problem)})"
        for place, problem in places
    )


THE_WHOLE = _("the whole")
NOT_ALLOWED = _("not allowed")
#: Rule of a schema -> what is wrong with a value that breaks it.
IN_WORDS = {
    "additionalProperties": _("something that was not asked for"),
    "maxItems": _("too many"),
    "maxLength": _("too long"),
    "minItems": _("too few"),
    "minLength": _("too short"),
    "required": _("something is missing"),
    "type": _("another kind of value"),
}


def _shorten(text, size=300):
    return text if len(text) <= size else f"{text[: size // 2]} … {text[-size // 2 :]}"
