"""What goes from Odoo to a worker and back: JSON, of known names and bounded size.

No key of a provider is ever in it, nor where a provider is: the worker knows both from
its own environment.
"""

import base64
import functools
import hashlib
import importlib
import json
import re
import zlib
from dataclasses import asdict, astuple
from pathlib import Path
from types import SimpleNamespace

#: of what is sent and understood; another one is left alone
VERSION = 1
#: bytes of a question or an answer as JSON; larger ones are asked by Odoo itself
MAX_BYTES = 4 << 20
#: bytes of a file that is sent; larger ones are read by Odoo itself
MAX_FILE_BYTES = 8 << 20
#: bytes of what was packed, as the words of a document, when it is unpacked
MAX_UNPACKED = 64 << 20

_LIMITS = ("connect_timeout", "read_timeout", "request_timeout", "supports")
_QUESTION = ("model", "system", "schema", "schema_name", "max_tokens", "temperature")
_ANSWER = ("data", "text", "model", "tokens_in", "tokens_out", "latency", "requests")
_ERROR = ("cause", "retry_after", "everywhere", "maybe_paid", "values")
_USED = ("tokens_in", "tokens_out", "requests")
#: what a message may ask for at most, seconds
_MAX_SECONDS = 60 * 60
_MAX_COUNT = 2**31 - 1
#: and for how long a provider may be waited for, as in the engine
_MAX_WAIT = 24 * 60 * 60


def _is_text(value):
    return value is None or isinstance(value, str)


def _is_count(value):
    return value is None or (isinstance(value, int) and 0 <= value <= _MAX_COUNT)


def _is_seconds(value):
    return value is None or (isinstance(value, int | float) and 0 <= value < 1e9)


def _is_flag(value):
    return isinstance(value, bool)


#: of what is not of any JSON; Redis may hold what no worker has written
_CHECKS = {
    **dict.fromkeys(("text", "model"), _is_text),
    **dict.fromkeys(_USED, _is_count),
    **dict.fromkeys(("latency", "retry_after"), _is_seconds),
    **dict.fromkeys(("everywhere", "maybe_paid"), _is_flag),
    "cause": lambda value: isinstance(value, str),
    "values": lambda value: isinstance(value, dict),
}


class TooLarge(ValueError):
    """It does not fit in what may be sent."""


@functools.cache
def get_code():
    """A hash of the code of the engine and of the workers: whether two machines have
    the same."""
    worker = Path(__file__).parent
    roots = [worker, worker.parent.parent / "ai_queue/engine"]
    digest = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            if "tests" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def get_code_of(kind):
    """As `get_code`, of what a kind of work needs to come out the same elsewhere.

    Forecasts also need the same libraries, to the last digit.
    """
    if kind != "forecasts":
        return get_code()
    known = (get_code(), *map(_get_version, ("numpy", "lightgbm")))
    return hashlib.sha256(" ".join(known).encode()).hexdigest()[:12]


def _get_version(library):
    """That of a library that loads; lightgbm needs more than to be installed."""
    try:
        return importlib.import_module(library).__version__
    except (ImportError, OSError):
        return ""


def slug(name):
    """A provider's name as variables have it: lower case, underscores."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name or "").strip("_").lower()


def pack_question(question, provider, endpoint):
    """A question as text.

    :param question: ``engine.client.Question``
    :param str provider: its name
    :param endpoint: ``engine.client.Endpoint``, of which only limits are sent
    :raise TooLarge: it has more than `MAX_BYTES`
    """
    parts = [
        part
        if isinstance(part, str)
        else [part.mimetype, base64.b64encode(part.data).decode()]
        for part in question.parts
    ]
    return _dump(
        {
            "version": VERSION,
            "provider": slug(provider),
            "limits": {name: getattr(endpoint, name) for name in _LIMITS},
            "parts": parts,
            **{name: getattr(question, name) for name in _QUESTION},
        }
    )


def unpack_question(text, client, key):
    """What `pack_question` made.

    :param client: the module ``engine.client``
    :param key: of the question
    :return: (question, the slug of its provider, limits of its endpoint)
    :raise ValueError: it is of another version
    """
    values = json.loads(text)
    if values["version"] != VERSION:
        raise ValueError("The question is of another version.")
    parts = [
        part
        if isinstance(part, str)
        else client.Image(base64.b64decode(part[1]), part[0])
        for part in values["parts"]
    ]
    question = client.Question(
        key, parts=parts, **{name: values[name] for name in _QUESTION}
    )
    limits = {name: values["limits"][name] for name in _LIMITS}
    for name in _LIMITS[:3]:
        limits[name] = min(float(limits[name]), _MAX_SECONDS)
    return question, values["provider"], limits


def pack_answer(answer):
    """An ``engine.client.Answer`` as text.

    :raise TooLarge: it has more than `MAX_BYTES`
    """
    return _dump({"answer": {name: getattr(answer, name) for name in _ANSWER}})


def pack_error(error, machine=""):
    """An ``engine.errors.ModelError`` as text: its cause, and nothing that was sent.

    :param str machine: who has asked
    """
    values = {name: getattr(error, name) for name in (*_ERROR, *_USED)}
    return _dump({"error": {**values, "text": str(error), "machine": machine}})


def get_digest(data, kind="documents"):
    """By what a piece is known: its bytes, and the code that works on it."""
    return hashlib.sha256(get_code_of(kind).encode() + data).hexdigest()


def pack_file(data):
    """The bytes of a file as text.

    :raise TooLarge: there are more than `MAX_FILE_BYTES`
    """
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"{len(data)} bytes; at most {MAX_FILE_BYTES} are sent.")
    return base64.b64encode(data).decode()


def unpack_file(text):
    """What `pack_file` made."""
    return base64.b64decode(text)


def pack_call(kind, digests):
    """What a call asks to be worked on: pieces, by whoever has the same code."""
    return json.dumps({"code": get_code_of(kind), "pieces": list(digests)})


def unpack_call(text, kind):
    """What `pack_call` made.

    :return: the hashes of its pieces; none where they are for another code, or where
        it is no such call: whoever gave it out does it himself
    """
    try:
        values = json.loads(text)
        if values["code"] != get_code_of(kind):
            return []
        return [str(digest) for digest in values["pieces"]]
    except (ValueError, KeyError, TypeError):
        return []


def pack_document(document):
    """An ``engine.documents.files.shapes.Document`` as text.

    :raise TooLarge: it has more than `MAX_BYTES`, packed
    """
    values = asdict(document)
    values["xml"] = document.xml and base64.b64encode(document.xml).decode()
    for page, made in zip(document.pages, values["pages"], strict=True):
        made["words"] = [astuple(word) for word in page.words]
    return squeeze({"document": values})


def pack_unreadable(error):
    """An ``engine.errors.Unreadable`` as text."""
    return squeeze({"unreadable": error.cause, "values": error.values})


def unpack_document(text, shapes, unreadable):
    """What `pack_document` or `pack_unreadable` made.

    :param shapes: the module ``engine.documents.files.shapes``
    :param unreadable: the class ``engine.errors.Unreadable``
    :raise Unreadable: the file could not be read
    :raise ValueError: it is neither
    """
    values = unsqueeze(text)
    if cause := values.get("unreadable"):
        if cause not in unreadable.CAUSES:
            raise ValueError("There is no such cause.")
        raise unreadable(cause, **values["values"])
    found = values["document"]
    pages = tuple(
        shapes.Page(
            **{**page, "words": tuple(shapes.Word(*word) for word in page["words"])}
        )
        for page in found["pages"]
    )
    xml = found["xml"] and base64.b64decode(found["xml"])
    return shapes.Document(pages, found["mimetype"], xml, tuple(found["notes"]))


def squeeze(values):
    """Plain values as text, packed: words of a page say much the same.

    :raise TooLarge: that has more than `MAX_BYTES`
    """
    return squeeze_bytes(json.dumps(values).encode())


def squeeze_bytes(data, level=6):
    """As `squeeze`, of bytes."""
    text = base64.b64encode(zlib.compress(data, level)).decode()
    if len(text) > MAX_BYTES:
        raise TooLarge(f"{len(text)} bytes; at most {MAX_BYTES} are sent.")
    return text


def unsqueeze(text):
    """What `squeeze` made.

    :raise ValueError: it is nothing of that, or larger than `MAX_UNPACKED`
    """
    values = json.loads(unsqueeze_bytes(text))
    if not isinstance(values, dict):
        raise ValueError("It was not packed like this.")
    return values


def unsqueeze_bytes(text):
    """As `unsqueeze`, of what `squeeze_bytes` made."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(base64.b64decode(text), MAX_UNPACKED)
    except zlib.error as error:
        raise ValueError("It was not packed like this.") from error
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("It is larger than anything that is packed, or not whole.")
    return data


def unpack_outcome(text):
    """What `pack_answer` or `pack_error` made.

    :return: (answer, None), with the attributes of ``engine.client.Answer``; or (None,
        the values of the error), for `unpack_error`
    :raise ValueError: it is neither
    """
    values = json.loads(text)
    if not isinstance(values, dict):
        raise ValueError("It is neither an answer nor an error.")
    if isinstance(answer := values.get("answer"), dict):
        _check(answer, _ANSWER)
        return SimpleNamespace(**{name: answer[name] for name in _ANSWER}), None
    if isinstance(error := values.get("error"), dict):
        _check(error, ("text", *_ERROR, *_USED))
        error["machine"] = str(error.get("machine") or "")[:64].replace("\0", "")
        if error["retry_after"] is not None:
            error["retry_after"] = min(error["retry_after"], _MAX_WAIT)
        return None, error
    raise ValueError("It is neither an answer nor an error.")


def _check(values, names):
    for name in names:
        if name in _CHECKS and not _CHECKS[name](values[name]):
            raise ValueError(f"{name} is not what it has to be.")


def unpack_error(values, causes):
    """The error as the engine had raised it.

    :param dict values: as of `unpack_outcome`
    :param causes: the module ``engine.client.causes``
    """
    kind = causes.CAUSES.get(values["cause"], causes.CAUSES["server_error"])[0]
    error = kind(values["text"], **{name: values[name] for name in _ERROR})
    error.machine = values.get("machine") or ""
    for name in _USED:
        setattr(error, name, values[name])
    return error


def _dump(values):
    text = json.dumps(values)
    if len(text) > MAX_BYTES:
        raise TooLarge(f"{len(text)} bytes; at most {MAX_BYTES} are sent.")
    return text
