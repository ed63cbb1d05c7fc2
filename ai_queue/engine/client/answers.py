"""From what a model sends to checked data.

Models wrap JSON in prose, fences and thoughts, add characters that no database takes,
and forget fields. Nothing here trusts them: what comes out fits the schema, holds
only finite numbers and storable text, or there is a `Misfit`.
"""

import json
import re

from ..terms import _
from . import thoughts
from .causes import fault

# There is no environment in here: the code that shows a sentence translates it.
# pylint: disable=prefer-env-translation

#: Longer answers are not read: no answer that is asked for comes near it.
MAX_CHARACTERS = 500_000
#: How many calls of tools are looked at.
MAX_CALLS = 8
#: How many misfits are told to the model and to people.
MAX_MISFITS = 5
#: Higher counts are not believed: no model reads or writes as much, and what some
#: requests add up to is to fit the integers of a database.
MAX_TOKENS = 100_000_000
# PostgreSQL stores neither, and JSON can spell both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_FIRST_NAME = re.compile(r'\{\s*"([^"\\]{1,100})"')


class Misfit(Exception):
    """An answer that is not what was asked for.

    :ivar cause: a word of `causes.CAUSES`
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
    """

    def __init__(self, body):
        choices = body["choices"]
        choice = _dict(choices[0]) if isinstance(choices, list) and choices else {}
        message = _dict(choice.get("message"))
        self.model = name(body.get("model"))
        self.finish_reason = name(choice.get("finish_reason"))
        self._content = clean(_join(message.get("content") or choice.get("text")))
        self._arguments = [clean(text) for text in _arguments(message)]
        self._thoughts = [clean(_join(message.get(key))) for key in _THOUGHTS]
        self.text = self._content
        self._refusal = message.get("refusal")

    def data(self, schema):
        """The data that was asked for, None when text was (``schema`` is None).

        :raise Misfit: it is worth to ask once more
        :raise InvalidAnswer: it is not
        """
        reason = self.finish_reason.lower()
        if reason in _FILTERED:
            raise fault("filtered")
        if self._refusal or reason == "refusal":
            raise fault("declined")
        if reason in _CUT_OFF:
            # What looks whole may be a draft; asked again, it would be cut off again.
            raise fault("cut_off")
        texts = (self._content, *self._arguments, *self._thoughts)
        if max(map(len, texts)) > MAX_CHARACTERS:
            raise fault("too_much")
        if schema is not None:
            return self._read(schema)
        self.text = thoughts.without_thoughts(self._content)
        if not self.text.strip():
            raise Misfit("empty", "The answer was empty.")
        return None

    def _read(self, schema):
        """From the content, or from where some servers put the answer in its place."""
        try:
            return read(self._content, schema)
        except Misfit as error:
            misfit = error
        others = [(text, False) for text in self._arguments]
        if not self._content.strip():
            # Thoughts that end with an answer; one in their midst is a draft.
            others += [(text, True) for text in self._thoughts]
        for text, is_thought in others:
            try:
                data = read(text, schema, at_the_end=is_thought)
            except Misfit as error:
                if misfit.cause == "empty":
                    misfit = error
                continue
            self.text = text
            return data
        raise misfit


#: Where servers put the thoughts of a model, and some the answer.
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
_THOUGHT_PARTS = ("thinking", "redacted_thinking", "reasoning", "thought")
#: Finish reasons, in lower case.
_FILTERED = {"content_filter", "safety", "prohibited_content", "recitation"}
_FILTERED |= {"blocklist", "spii", "sensitive"}
_CUT_OFF = {"length", "max_tokens", "max_output_tokens", "model_length", "incomplete"}
_CUT_OFF |= {"model_context_window_exceeded", "max_completion_tokens"}


def count_tokens(body):
    """What a chat completion, or an error with a ``usage``, took of tokens.

    Some providers leave the tokens of thoughts out of ``completion_tokens``. They are
    charged all the same, and stand in ``total_tokens`` or in the details.

    :return: (in, out), each None where it is not counted
    """
    usage = _usage(body)
    told, said, total = (_first_count(usage, names) for names in _COUNTS)
    if told is not None and "prompt_tokens" not in usage:
        # What was read from a cache, or kept in it, is beside the rest.
        told += sum(_count(usage.get(name)) or 0 for name in _CACHED)
    details = usage.get("completion_tokens_details", usage.get("output_tokens_details"))
    thought = _first_count(_dict(details), _REASONING)
    thought = thought or _first_count(usage, _REASONING) or 0
    if thought > (said or 0):
        said = (said or 0) + thought
    if told is None and None not in (total, said):
        told = max(total - said, 0)
    if not (told or said or total):
        return None, None  # nothing is for nothing: it does not count
    rest = (total or 0) - (told or 0)
    return told, max(said or 0, rest) if said is not None or rest > 0 else None


#: What servers call the tokens of the question, of the answer, and of both.
_COUNTS = (
    ("prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count"),
    ("completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count"),
    ("total_tokens", "totalTokenCount"),
)
_CACHED = ("cache_read_input_tokens", "cache_creation_input_tokens")
_REASONING = ("reasoning_tokens", "thoughts_token_count", "thoughtsTokenCount")


def _usage(body):
    """The count of tokens, wherever a server puts it."""
    choices = body.get("choices")
    choice = _dict(choices[0]) if isinstance(choices, list) and choices else {}
    for owner, name in (
        *((body, "usage"), (body, "usageMetadata"), (choice, "usage")),
        (_dict(body.get("x_groq")), "usage"),
    ):
        if owner.get(name):
            return _dict(owner[name])
    timings = _dict(body.get("timings"))  # llama.cpp
    if timings:
        names = {"prompt_tokens": "prompt_n", "completion_tokens": "predicted_n"}
        return {name: timings.get(its) for name, its in names.items()}
    return body


def _first_count(usage, names):
    return next((_count(usage[one]) for one in names if one in usage), None)


def _dict(value):
    return value if isinstance(value, dict) else {}


def _join(content):
    """The text of a message, which some servers send in parts, or read already."""
    if isinstance(content, list):
        return "".join(map(_text_of_part, content))
    if isinstance(content, dict):
        return _text_of_part(content) if "text" in content else json.dumps(content)
    return content if isinstance(content, str) else ""


def _text_of_part(part):
    """The text of a part, which is not a thought."""
    part = {"text": part} if isinstance(part, str) else _dict(part)
    text = "" if part.get("type") in _THOUGHT_PARTS else part.get("text")
    return text if isinstance(text, str) else ""


def _arguments(message):
    """What a model hands to tools: some servers hold it to a schema that way."""
    calls = message.get("tool_calls")
    calls = [_dict(call) for call in calls] if isinstance(calls, list) else []
    functions = [call.get("function") for call in calls[:MAX_CALLS]]
    found = [_dict(one).get("arguments") for one in functions]
    found.append(_dict(message.get("function_call")).get("arguments"))
    content = message.get("content")
    for part in content[:MAX_CALLS] if isinstance(content, list) else ():
        found.append(_dict(part).get("input"))
    return [_join(one) for one in found if one]


def _count(value):
    if type(value) is float and value.is_integer():
        value = int(value)
    elif isinstance(value, str) and re.fullmatch(r"\d{1,9}", value):
        value = int(value)
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


def read(text, schema, at_the_end=False):
    """The last answer in ``text``, which is to fit ``schema``.

    Models think aloud, draft and correct themselves: of several answers the last one
    counts, also when it is the one that does not fit.

    :param dict schema: a JSON schema (draft 2020-12)
    :param bool at_the_end: nothing else may come behind it
    :return: plain data
    :raise Misfit: where there is none
    """
    if not text.strip():
        raise Misfit("empty", "The answer was empty.")
    text = _unquote(text)
    found = thoughts.values(text)
    answers = [one for one in found if _is_answer(one, text, schema)]
    whole = [one for one in found if one.is_whole]
    last = (answers or whole or [None])[-1]
    if last is None or not last.is_whole or (at_the_end and not last.ends(text)):
        raise Misfit("not_json", "The answer was not JSON.")
    try:
        value = clean(_unwrap(last.value, schema))
        problems = misfits(value, schema)
    except RecursionError:
        # nested deeper than any answer can be
        raise Misfit("not_json", "The answer was not JSON.") from None
    if not problems:
        return value
    raise Misfit(
        "misfit",
        "\n".join(f"- {advice}" for _place, advice in problems),
        places=dict.fromkeys(place for place, _advice in problems),
    )


def _unquote(text):
    """The text that JSON is in when it was made to a JSON string once more."""
    if text.lstrip()[:1] != '"':
        return text
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return inner if isinstance(inner, str) else text


def _is_answer(found, text, schema):
    """Whether this is meant to be the answer: it has something that was asked for."""
    names = schema.get("properties")
    if not found.is_whole:
        first = _FIRST_NAME.match(text, found.start)
        return bool(names and first and first[1] in names)
    value = _unwrap(found.value, schema)
    if names:
        return isinstance(value, dict) and not names.keys().isdisjoint(value)
    return schema.get("type") != "array" or isinstance(value, list)


def _unwrap(value, schema):
    """The answer out of the call of a tool, or out of a list, that was made of it."""
    if "properties" not in schema:
        return value
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, dict) and schema["properties"].keys().isdisjoint(value):
        for key in ("arguments", "parameters"):
            if isinstance(value.get(key), dict):
                return value[key]
    return value


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
