"""How a question is put to one server, and what is learned from its refusals.

Servers that call themselves OpenAI-compatible differ in how they can be held to JSON,
in the name of the limit of tokens, and in whether the temperature may be set. A refusal
costs nothing, so the best way is tried first and what the server takes is remembered,
per process.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, replace

from .shapes import MODES, Image

# llama-cpp-python answers 500 where others answer 400
_CAN_MEAN_UNSUPPORTED = {400, 404, 415, 422, 500, 501}
_ABOUT_STRUCTURE = re.compile(
    r"response[ _]?format|json[ _]?(schema|object|mode)|structured[ _]?output"
    r"|grammar|guided",
    re.I,
)
_ABOUT_TOKENS = re.compile(r"max_completion_tokens")
_ABOUT_TEMPERATURE = re.compile(
    r"temperature.{0,80}(not support|unsupported|only the default)"
    r"|(not support|unsupported).{0,80}temperature",
    re.I | re.S,
)
#: After so many answers in a row that miss the schema, a server is taken for one that
#: ignores it.
IGNORES_AFTER = 2

_ANSWER_IN_JSON = (
    "Answer with one JSON object and nothing else. It must fit this JSON schema:\n%s"
)
_ASK_AGAIN = (
    "That answer does not fit what was asked for:\n%s\n"
    "Answer again, with one corrected JSON object and nothing else. It must fit this "
    "JSON schema:\n%s"
)
#: How much of an answer that does not fit is shown to the model again, characters.
MAX_QUOTED = 8_000


@dataclass(frozen=True)
class Dialect:
    """One way of putting a question."""

    mode: str = "json_schema"
    strict: bool = False
    tokens_name: str = "max_tokens"
    takes_temperature: bool = True

    def weaker(self):
        """The next way of asking for JSON, or None."""
        if self.mode == "json_schema" and self.strict:
            return replace(self, strict=False)
        rest = MODES[MODES.index(self.mode) + 1 :]
        return replace(self, mode=rest[0], strict=False) if rest else None

    def after_refusal(self, status, text):
        """The dialect that this refusal asks for, or None when it is not about that."""
        if status not in _CAN_MEAN_UNSUPPORTED:
            return None
        if self.tokens_name == "max_tokens" and _ABOUT_TOKENS.search(text):
            return replace(self, tokens_name="max_completion_tokens")
        if self.takes_temperature and _ABOUT_TEMPERATURE.search(text):
            return replace(self, takes_temperature=False)
        if is_about_structure(text):
            return self.weaker()
        return None

    def body(self, question, repair=None):
        """The question as the body of a chat completion.

        :param repair: (the answer that did not fit, what is wrong), to ask once more;
            where text was asked for, there is nothing to correct: it is asked again
        :return: dict of plain data
        """
        schema = question.schema
        system = question.system
        if schema is not None and self.mode != "json_schema":
            system = f"{system}\n\n{_ANSWER_IN_JSON % _dump(schema)}".strip()
        messages = [{"role": "system", "content": system}] if system else []
        messages.append({"role": "user", "content": _content(question.parts)})
        if repair and schema is not None:
            answer, problem = repair
            messages += [
                {"role": "assistant", "content": answer[:MAX_QUOTED] or "(nothing)"},
                {"role": "user", "content": _ASK_AGAIN % (problem, _dump(schema))},
            ]
        body = {"model": question.model, "messages": messages}
        if question.max_tokens is not None:
            body[self.tokens_name] = question.max_tokens
        if question.temperature is not None and self.takes_temperature:
            body["temperature"] = question.temperature
        if schema is not None and self.mode == "json_schema":
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {
                    "name": question.schema_name,
                    "strict": self.strict,
                    "schema": schema,
                },
            }
        elif schema is not None and self.mode == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body


def is_about_structure(text):
    """Whether a refusal is about the way that JSON was asked for."""
    return bool(_ABOUT_STRUCTURE.search(text))


def _dump(schema):
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _content(parts):
    if all(isinstance(part, str) for part in parts):
        return "\n\n".join(parts)
    return [
        {"type": "image_url", "image_url": {"url": _data_url(part)}}
        if isinstance(part, Image)
        else {"type": "text", "text": part}
        for part in parts
    ]


def _data_url(image):
    return f"data:{image.mimetype};base64,{base64.b64encode(image.data).decode()}"


def _is_closed(schema):
    """Whether every object of the schema has all its properties and no others.

    That is what OpenAI's strict mode asks for.
    """
    if isinstance(schema, list):
        return all(_is_closed(item) for item in schema)
    if not isinstance(schema, dict):
        return True
    if "properties" in schema and (
        schema.get("additionalProperties") is not False
        or set(schema["properties"]) != set(schema.get("required", ()))
    ):
        return False
    return all(_is_closed(value) for value in schema.values())


class Dialects:
    """What is known about the servers that this process talked to.

    Per endpoint, model and name of the schema, because a server may refuse one schema
    and take another.
    """

    def __init__(self):
        self._known = {}
        self._missed = {}

    def of(self, endpoint, question):
        """The dialect to use."""
        known = self._known.get(self._key(endpoint, question))
        if known:
            return known
        mode = endpoint.supports if endpoint.supports != "auto" else MODES[0]
        if question.schema is None:
            mode = "text"
        strict = mode == "json_schema" and _is_closed(question.schema)
        return Dialect(mode=mode, strict=strict)

    def refused(self, endpoint, question, used, status, text):
        """Learn from a refusal.

        :param Dialect used: what was refused
        :return: whether the question may be put again, in another dialect
        """
        current = self.of(endpoint, question)
        if current != used:
            return True  # another question under way has learned it already
        better = used.after_refusal(status, text)
        if better is None or not self._may(endpoint, used, better):
            return False
        self._known[self._key(endpoint, question)] = better
        return True

    def answered(self, endpoint, question, used, fits):
        """Learn from an answer: who misses the schema again and again ignores it."""
        key = self._key(endpoint, question)
        missed = 0 if fits else self._missed.get(key, 0) + 1
        if used == self.of(endpoint, question):
            # A server that ignores the schema ignores "strict" as well.
            weaker = replace(used, strict=False).weaker()
            enough = missed >= IGNORES_AFTER and used.mode == "json_schema"
            if enough and self._may(endpoint, used, weaker):
                self._known[key] = weaker
                missed = 0
        self._missed[key] = missed

    def _may(self, endpoint, used, other):
        return endpoint.supports == "auto" or other.mode == used.mode

    def _key(self, endpoint, question):
        schema = question.schema_name if question.schema is not None else None
        return (endpoint.base_url, endpoint.supports, question.model, schema)
