"""Answers that come as a stream of events although none was asked for.

Server-sent events (WHATWG HTML, 9.2): each holds a piece of a chat completion. What is
put together looks as if it had come at once.
"""

import json
import re

_STREAM = re.compile(rb"\s*(data|event|id|retry):|\s*:")
_DATA = re.compile(rb"^data:([^\r\n]+)", re.M)
#: Parts of a message that come in pieces of text.
_TEXTS = ("content", "reasoning_content", "reasoning", "thinking", "refusal")


def is_stream(content):
    """Whether the body of a response is a stream of events."""
    return bool(_STREAM.match(content))


def read(content):
    """The chat completion, or the error, that a stream holds.

    :param bytes content: the whole body
    :return: dict of plain data
    :raise ValueError: it is cut off, or is none
    """
    body, choice, message, ended = {}, {}, _Message(), False
    for event in _events(content):
        if event == b"[DONE]":
            ended = True
            continue
        piece = json.loads(event)
        if not isinstance(piece, dict) or piece.get("error") or not _is_piece(piece):
            return piece  # an error, or something else
        body.update(_named(piece, "model", "usage"))
        choices = piece.get("choices")
        for part in choices if isinstance(choices, list) else ():
            if isinstance(part, dict) and not part.get("index"):
                message.add(part.get("delta") or part.get("message"))
                choice.update(_named(part, "finish_reason", "error"))
    if not ended and not choice:
        raise ValueError("the stream is cut off")
    return {**body, "choices": [{**choice, "message": message.whole()}]}


def _is_piece(event):
    return "choices" in event or "usage" in event


def _named(piece, *names):
    return {name: piece[name] for name in names if piece.get(name)}


def _events(content):
    """The data of each event: a line, as JSON needs no more."""
    for line in _DATA.finditer(content):
        yield line[1].strip()


class _Message:
    """A message, as its pieces come."""

    def __init__(self):
        self.texts = {}
        self.arguments = {}

    def add(self, delta):
        """Add what one event brings."""
        if not isinstance(delta, dict):
            return
        for name in _TEXTS:
            piece = delta.get(name)
            if isinstance(piece, str):
                self.texts.setdefault(name, []).append(piece)
            elif isinstance(piece, list):
                self.texts.setdefault(name, []).extend(piece)
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            function = call.get("function") if isinstance(call, dict) else None
            if isinstance(function, dict):
                place = str(call.get("index"))
                self.arguments.setdefault(place, []).append(function.get("arguments"))

    def whole(self):
        """The message as it would have come at once, its texts in parts."""
        calls = [
            {"function": {"arguments": _join(pieces)}}
            for pieces in self.arguments.values()
        ]
        return {**self.texts, "tool_calls": calls}


def _join(pieces):
    if all(isinstance(piece, (str, type(None))) for piece in pieces):
        return "".join(piece or "" for piece in pieces)
    return next((piece for piece in pieces if isinstance(piece, dict)), "")
