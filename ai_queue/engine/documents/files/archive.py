"""The files in a ZIP, one at a time and never more than the limits allow."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from ...errors import Unreadable
from .shapes import Limits

#: Every entry of a ZIP's directory begins with the first; the second ends the
#: directory. The third stands before it in a big ZIP (ZIP64), whose numbers are others.
_ENTRY, _END, _BIG = b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x07"
#: Bytes of what `_BIG` begins.
_BIG_SIZE = 20
#: Of the others some may ask for gigabytes before they give the first byte.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
#: What other programs put into a ZIP without being asked.
_LITTER = re.compile(r"(^|/)__MACOSX/|(^|/)(\.[^/]*|Thumbs\.db|desktop\.ini)$", re.I)
_CHUNK = 1 << 16


def unpack(
    data: bytes,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Iterator[tuple[str, bytes | Unreadable]]:
    """The files in a ZIP as ``(name, bytes)``, in its order.

    The name comes without its folders. Instead of the bytes of a file that cannot be
    taken out (a password, damage, its size) comes an `Unreadable`; the others are not
    held up by it. Folders and what operating systems leave behind are passed over.

    :raise Unreadable: for the ZIP as a whole: ``damaged``, ``too_big``,
        ``too_many_files``
    """
    if len(data) > limits.max_bytes:
        raise Unreadable("too_big")
    if _entries(data) > limits.max_files:
        raise Unreadable("too_many_files")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError):
        raise Unreadable("damaged") from None
    left = limits.max_unpacked
    with archive:
        entries = archive.infolist()
        if len(entries) > limits.max_files:
            raise Unreadable("too_many_files")
        for entry in entries:
            path = entry.filename.replace("\\", "/")
            if entry.is_dir() or _LITTER.search(path):
                continue
            content = _content(archive, entry, min(limits.max_bytes, left))
            left -= len(content) if isinstance(content, bytes) else 0
            if left <= 0 or (content is None and left < limits.max_bytes):
                raise Unreadable("too_many_files")
            name = re.sub(r"[\x00-\x1f\x7f]", "", PurePosixPath(path).name) or "file"
            yield name, Unreadable("too_big") if content is None else content


def _entries(data):
    """How many entries the directory of a ZIP has, whatever it says of itself.

    At most so many: of a big one it is not known where its directory begins.
    """
    end = data.rfind(_END)
    if end < 0 or len(data) < end + 22:
        raise Unreadable("damaged")
    if data.startswith(_BIG, max(0, end - _BIG_SIZE)):
        return data.count(_ENTRY)
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    return data.count(_ENTRY, max(0, end - size), end)


def _content(archive, entry, most):
    """The bytes of an entry, an `Unreadable`, or ``None`` when there are too many."""
    if entry.flag_bits & _ENCRYPTED:
        return Unreadable("encrypted")
    if entry.compress_type not in _COMPRESSIONS:
        return Unreadable("not_a_document")
    content = bytearray()
    try:
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                content += chunk
                if len(content) > most:
                    return None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
        return Unreadable("damaged")
    except (NotImplementedError, RuntimeError):
        # a feature that zipfile does not know
        return Unreadable("not_a_document")
    return bytes(content)
