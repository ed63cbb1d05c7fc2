"""The Indian e-invoice: JSON after the schema INV-01 of the GST network.

It comes bare, as the answer of the register (NIC) with the invoice in a signed token
(JWT), or as that token alone. It is turned into XML of the same names, so that it is
read as all other formats are.
"""

from __future__ import annotations

import base64
import binascii
import json
import re

from lxml import etree

from ...errors import Unreadable
from . import markup

NAMESPACE = "urn:ai_queue:gst-inv-01"
ROOT = "GstInvoice"
#: What every such invoice has.
_MARKS = ("DocDtls", "ValDtls")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w{0,60}", re.ASCII)
_BEGIN = re.compile(rb"\s*[{\[]|\s*eyJ[\w-]+\.eyJ")
_HINT = re.compile(rb"DocDtls|SignedInvoice|signedInvoice")
#: Brackets within brackets.
_DEEPEST = 40
_LAYERS = 4


def is_json(data: bytes) -> bool:
    """Whether the bytes are JSON, or a token, that may hold such an invoice."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    match = _BEGIN.match(data)
    if not match:
        return False
    return b"eyJ" in match[0] or bool(_HINT.search(data))


def roots(data: bytes) -> list:
    """The invoices in it, each as an element `ROOT`.

    :raise Unreadable: ``damaged``, ``too_big``
    """
    text = data.decode("utf-8-sig", "replace").strip()
    found = []
    if _TOKEN.fullmatch(text):
        _search(text, found, _LAYERS)
    else:
        _search(_loaded(text), found, _LAYERS)
    return found


def _loaded(text):
    if _depth(text) > _DEEPEST:
        raise Unreadable("too_big")
    try:
        # Numbers stay as they are written: they are bounded where they are read.
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError as error:
        raise Unreadable("damaged") from error


def _depth(text):
    """How deep brackets lie in each other at most, quoted ones included."""
    depth = most = 0
    for bracket in re.finditer(r"[\[{]|[\]}]", text):
        depth += 1 if bracket[0] in "[{" else -1
        most = max(most, depth)
    return most


def _search(value, found, layers):
    """Add the invoices in a value: dictionaries, lists, JSON in a text, tokens."""
    if isinstance(value, dict):
        if all(mark in value for mark in _MARKS):
            found.append(_element(ROOT, value))
            return
        for inner in value.values():
            _search(inner, found, layers)
    elif isinstance(value, list):
        for inner in value:
            _search(inner, found, layers)
    elif isinstance(value, str) and layers:
        text = value.strip()
        if _TOKEN.fullmatch(text):
            text = _payload(text)
        if text[:1] in ("{", "["):
            try:
                inner = _loaded(text)
            except Unreadable:
                return
            _search(inner, found, layers - 1)


def _payload(token):
    """What a token says; its signature is not judged."""
    middle = token.split(".")[1]
    try:
        data = base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))
    except (binascii.Error, ValueError):
        return ""
    return data.decode("utf-8", "replace")


def _element(name, value):
    element = etree.Element(f"{{{NAMESPACE}}}{name}")
    _fill(element, value)
    return element


def _fill(element, value):
    """Write a value into an element; each member of a list is an element of its own."""
    stack = [(element, value)]
    count = 0
    while stack:
        parent, members = stack.pop()
        count += 1
        if count > markup.ELEMENTS:
            raise Unreadable("too_big")
        if not isinstance(members, dict):
            parent.text = _printable("" if members is None else str(members))
            continue
        for name, inner in members.items():
            if not _NAME.fullmatch(name):
                continue
            for one in inner if isinstance(inner, list) else [inner]:
                child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
                stack.append((child, one))


def _printable(text):
    """A text without the characters that XML has not."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
