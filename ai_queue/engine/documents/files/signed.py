"""The file inside a signature: CMS, which files called ``.p7m`` are (RFC 5652).

The signature itself is not judged: who signed an invoice says nothing of whether it is
to be paid. What is walked is only the way to the content, in steps that are counted.
"""

from __future__ import annotations

import base64
import binascii
import re

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_SEQUENCE, _OCTETS, _CONTEXT_0 = 0x30, 0x04, 0xA0
_CONSTRUCTED = 0x20
#: Elements that are looked at, and how deep they may lie in each other.
_STEPS, _DEEPEST = 100_000, 16
#: Where in the file the object identifier must stand.
_WITHIN = 64
_PEM = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----(.*?)-----END", re.S)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")
#: Signatures within signatures that are taken off.
LAYERS = 3


def content(data: bytes) -> bytes | None:
    """What was signed; ``None`` when it is no signature that holds its content."""
    for _layer in range(LAYERS):
        inner = _content(data)
        if inner is None:
            return None
        if not _der(inner):
            return inner
        data = inner
    return None


def _content(data):
    der = _der(data)
    if der is None:
        return None
    try:
        return _Walk(der).content() or None
    except (IndexError, ValueError):
        return None


def _der(data):
    """The binary form of a signature, which comes as Base64 too, with marks or not."""
    if data[:1] == b"0":
        return data if _SIGNED_DATA in data[:_WITHIN] else None
    head = data[:_WITHIN].lstrip()
    if head.startswith(b"-----BEGIN"):
        match = _PEM.search(data)
        data = match[1] if match else b""
    elif not head.startswith(b"MI") or not _BASE64.fullmatch(data):
        return None
    try:
        found = base64.b64decode(data)
    except binascii.Error:
        return None
    return found if found[:1] == b"0" and _SIGNED_DATA in found[:_WITHIN] else None


class _Walk:
    """Reads the elements of BER one by one; an error when they do not add up."""

    def __init__(self, data):
        self.data = data
        self.steps = 0

    def content(self):
        # ContentInfo: what it is, and in [0] the SignedData
        start, end = self._enter(0, len(self.data), _SEQUENCE)
        start = self._skip(start, end)
        start, end = self._enter(start, end, _CONTEXT_0)
        start, end = self._enter(start, end, _SEQUENCE)
        # SignedData: version, algorithms, then what was signed
        start = self._skip(self._skip(start, end), end)
        start, end = self._enter(start, end, _SEQUENCE)
        start = self._skip(start, end)
        start, end = self._enter(start, end, _CONTEXT_0)
        parts = []
        self._gather(start, end, parts)
        return b"".join(parts)

    def _head(self, at, end):
        """``(tag, begin, end)`` of an element; ``None`` for an end that is marked."""
        self.steps += 1
        if self.steps > _STEPS or at + 2 > end:
            raise ValueError
        tag, length, at = self.data[at], self.data[at + 1], at + 2
        if length == 0x80:
            return tag, at, None
        if length > 0x80:
            size = length & 0x7F
            if size > 8 or at + size > end:
                raise ValueError
            length, at = int.from_bytes(self.data[at : at + size], "big"), at + size
        if at + length > end:
            raise ValueError
        return tag, at, at + length

    def _enter(self, at, end, wanted):
        tag, begin, stop = self._head(at, end)
        if tag != wanted:
            raise ValueError
        return begin, end if stop is None else stop

    def _skip(self, at, end, depth=0):
        _tag, begin, stop = self._head(at, end)
        if stop is not None:
            return stop
        if depth > _DEEPEST:
            raise ValueError
        while self.data[begin : begin + 2] != b"\0\0":
            begin = self._skip(begin, end, depth + 1)
        return begin + 2

    def _gather(self, at, end, parts, depth=0):
        """Add the bytes of an OCTET STRING, which may come in pieces; where it ends."""
        tag, begin, stop = self._head(at, end)
        if tag & ~_CONSTRUCTED != _OCTETS or depth > _DEEPEST:
            raise ValueError
        if not tag & _CONSTRUCTED:
            if stop is None:
                raise ValueError
            parts.append(self.data[begin:stop])
            return stop
        last = end if stop is None else stop
        while begin < last:
            if stop is None and self.data[begin : begin + 2] == b"\0\0":
                return begin + 2
            begin = self._gather(begin, last, parts, depth + 1)
        if stop is None:
            raise ValueError
        return stop
