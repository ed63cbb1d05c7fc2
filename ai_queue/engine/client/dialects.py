"""How a question is put to one server, and what is learned from its refusals.

Servers that call themselves OpenAI-compatible differ in how they can be held to JSON,
in the name and the size of the limit of tokens, and in whether they take a temperature
or a system message. A refusal costs nothing, so the best way is tried first and what
the server takes is remembered, per process.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace

from . import refusals, schemas
from .shapes import MODES, Image

# llama-cpp-python answers 500 where others answer 400
_CAN_MEAN_UNSUPPORTED = {400, 404, 415, 422, 500, 501}
#: Causes of refusals that may be about the way of asking, whatever they look like.
_MAY_BE_ABOUT_DIALECT = {"bad_request", "too_long", "server_error", "model_unknown"}
_MAY_BE_ABOUT_DIALECT |= {"address", "no_structure"}
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
    """One way of putting a question.

    ``mode``, ``strict`` and ``dropped`` (keywords of the schema that are not sent) are
    of one schema, the rest of the server and the model.

    ``tokens_name``: what the limit of tokens is called; empty to send none.
    ``most_tokens``: the highest limit that is taken.
    ``context``, ``overhead``: see `refusals.room`.
    ``streams``: it answers in a stream of events only.
    """

    mode: str = "json_schema"
    strict: bool = False
    dropped: frozenset = frozenset()
    tokens_name: str = "max_tokens"
    most_tokens: int | None = None
    context: int | None = None
    overhead: int = 0
    takes_temperature: bool = True
    takes_system: bool = True
    streams: bool = False

    def weaker(self):
        """The next way of asking for JSON, or None."""
        if self.mode == "json_schema" and self.strict:
            return replace(self, strict=False)
        rest = MODES[MODES.index(self.mode) + 1 :]
        return replace(self, mode=rest[0], strict=False) if rest else None

    def after_refusal(self, question, text):
        """The dialect that a refusal asks for, or None when it is not about that.

        :param text: what the server said
        """
        limit = self.limit(question)
        if limit is not None:
            name = refusals.of_tokens(text, self.tokens_name)
            if name is not None:
                return replace(self, tokens_name=name)
            if fits := refusals.of_room(text, limit, self._size(question)):
                return replace(self, **fits)
        sets_temperature = question.temperature is not None and self.takes_temperature
        if sets_temperature and refusals.is_about_temperature(text):
            return replace(self, takes_temperature=False)
        if self._is_held_to_json(question):
            drop = self._keywords_in(question, text)
            if drop:
                return replace(self, dropped=self.dropped | drop)
            if refusals.is_about_structure(text):
                return self._after_structure(text)
        if self.takes_system and self._system(question) is not None:
            if refusals.is_about_system(text):
                return replace(self, takes_system=False)
        if not self.streams and refusals.is_about_streams(text):
            return replace(self, streams=True)
        return None

    def _is_held_to_json(self, question):
        return question.schema is not None and self.mode != "text"

    def _keywords_in(self, question, text):
        """The keywords of the schema that a refusal is about."""
        if self.mode != "json_schema":
            return frozenset()
        used = schemas.optional_keywords(question.schema) - self.dropped
        return refusals.of_schema(text, used)

    def _after_structure(self, text):
        other = refusals.of_structure(text, self.mode, self.strict)
        if other:
            return replace(self, mode=other[0], strict=other[1])
        return self.weaker()

    def limit(self, question):
        """How many tokens the answer may take; None when nothing is said of it."""
        limit = question.max_tokens
        if limit is None or not self.tokens_name:
            return None
        if self.most_tokens is not None:
            limit = min(limit, self.most_tokens)
        if self.context is not None:
            size = self._size(question)
            limit = min(limit, refusals.room(self.context, self.overhead, size))
        return limit

    def _size(self, question):
        """The characters of the question."""
        parts = [part for part in question.parts if isinstance(part, str)]
        return sum(map(len, parts)) + len(self._system(question) or "")

    def _system(self, question):
        """What the system says; None for nothing."""
        system, schema = question.system, question.schema
        if schema is not None and (self.mode != "json_schema" or self.dropped):
            system = f"{system}\n\n{_ANSWER_IN_JSON % _dump(schema)}".strip()
        return system or None

    def body(self, question, repair=None):
        """The question as the body of a chat completion.

        :param repair: (the answer that did not fit, what is wrong), to ask once more;
            where text was asked for, there is nothing to correct: it is asked again
        :return: dict of plain data
        """
        messages = self._messages(question)
        if repair and question.schema is not None:
            answer, problem = repair
            advice = _ASK_AGAIN % (problem, _dump(question.schema))
            messages += [
                {"role": "assistant", "content": answer[:MAX_QUOTED] or "(nothing)"},
                {"role": "user", "content": advice},
            ]
        body = {"model": question.model, "messages": messages, "stream": self.streams}
        limit = self.limit(question)
        if limit is not None:
            body[self.tokens_name] = limit
        if question.temperature is not None and self.takes_temperature:
            body["temperature"] = question.temperature
        if self.streams:
            body["stream_options"] = {"include_usage": True}
        if self._is_held_to_json(question):
            body["response_format"] = self._response_format(question)
        return body

    def _messages(self, question):
        system = self._system(question)
        if system is None:
            return [{"role": "user", "content": _content(question.parts)}]
        if not self.takes_system:
            content = _content((system, *question.parts))
            return [{"role": "user", "content": content}]
        return [
            {"role": "system", "content": system},
            {"role": "user", "content": _content(question.parts)},
        ]

    def _response_format(self, question):
        if self.mode == "json_object":
            return {"type": "json_object"}
        form = {
            "name": question.schema_name,
            "schema": schemas.without(question.schema, self.dropped),
        }
        if self.strict:
            form["strict"] = True
        return {"type": "json_schema", "json_schema": form}

    def left_out(self, question):
        """What this server was not sent of a question, as (word, value) pairs."""
        limit, closed = self.limit(question), _is_closed(question)
        found = {
            "temperature": question.temperature is not None
            and not self.takes_temperature,
            "system": not self.takes_system,
            "tokens_name": self.tokens_name == "max_completion_tokens" and limit,
            "no_tokens": not self.tokens_name,
            "most_tokens": limit != question.max_tokens and limit,
            "strict": self.mode == "json_schema" and closed and not self.strict,
            "bounds": self.mode == "json_schema" and bool(self.dropped),
            "streams": self.streams,
        }
        return tuple((word, value) for word, value in found.items() if value)


def _is_closed(question):
    return question.schema is not None and schemas.is_closed(question.schema)


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


#: The fields of a dialect that hold for one schema.
_OF_SCHEMA = ("mode", "strict", "dropped")


class Dialects:
    """What is known about the servers that this process talked to.

    How JSON is got is known per endpoint, model and name of the schema, because a
    server may refuse one schema and take another; the rest per endpoint and model.
    """

    def __init__(self):
        self._known = {}
        self._structures = {}
        self._missed = {}

    def of(self, endpoint, question):
        """The dialect to use."""
        known = self._known.get(_server(endpoint, question.model), Dialect())
        return replace(known, **self._structure(endpoint, question))

    def _structure(self, endpoint, question):
        structure = self._structures.get(_key(endpoint, question))
        if structure:
            return structure
        mode = endpoint.supports if endpoint.supports != "auto" else MODES[0]
        if question.schema is None:
            mode = "text"
        return {"mode": mode, "strict": mode == "json_schema" and _is_closed(question)}

    def _learn(self, endpoint, question, dialect):
        self._structures[_key(endpoint, question)] = {
            name: getattr(dialect, name) for name in _OF_SCHEMA
        }
        self._known[_server(endpoint, question.model)] = dialect

    def forget(self, endpoint, model):
        """Begin anew with a server, which may be another one since."""
        server = _server(endpoint, model)
        self._known.pop(server, None)
        for key in [key for key in self._structures if key[:2] == server]:
            del self._structures[key]
            self._missed.pop(key, None)

    def refused(self, endpoint, question, used, response):
        """Learn from a refusal.

        :param Dialect used: what was refused
        :param response: `line.Response` with a fault
        :return: whether the question may be put again, in another dialect
        """
        if response.fault.cause not in _MAY_BE_ABOUT_DIALECT:
            return False
        if response.status not in _CAN_MEAN_UNSUPPORTED:
            return False
        if self.of(endpoint, question) != used:
            return True  # another question under way has learned it already
        better = used.after_refusal(question, response.words)
        if better is None or not self._may(endpoint, used, better):
            return False
        self._learn(endpoint, question, better)
        return True

    def answered(self, endpoint, question, used, fits):
        """Learn from an answer: who misses the schema again and again ignores it."""
        key = _key(endpoint, question)
        missed = 0 if fits else self._missed.get(key, 0) + 1
        if used == self.of(endpoint, question):
            # A server that ignores the schema ignores "strict" as well.
            weaker = replace(used, strict=False).weaker()
            enough = missed >= IGNORES_AFTER and used.mode == "json_schema"
            if enough and self._may(endpoint, used, weaker):
                self._learn(endpoint, question, weaker)
                missed = 0
        self._missed[key] = missed

    def _may(self, endpoint, used, other):
        return endpoint.supports == "auto" or other.mode == used.mode


def _server(endpoint, model):
    return (endpoint.base_url, model)


def _key(endpoint, question):
    schema = question.schema_name if question.schema is not None else None
    return (*_server(endpoint, question.model), endpoint.supports, schema)
