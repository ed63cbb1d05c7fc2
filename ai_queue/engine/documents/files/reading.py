"""The bytes of a file → a `Document`: pages, words and where they stand.

Files come from strangers, and the libraries that open them are written in C. So the
work (`contents`) is done by a process of its own (`worker`), which has so much memory
and time and no more, and none of our secrets; when it hangs or crashes, the caller
gets an `Unreadable` and nothing else happens. It is started anew and not forked: a
server has threads, of which a fork would copy the locks and not the holders.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ...errors import Unreadable
from .shapes import Document, Limits, Page, Word

_logger = logging.getLogger(__name__)

#: What `Document.notes` may say, for whoever shows or translates it.
NOTES = {
    "ocr": "Some of it was read from a picture.",
    "ocr_missing": "Pages that are pictures were not read, for what reads them (PP-OCR "
    "or Tesseract) is not installed on the server.",
    "ocr_left": "There are more pages that are pictures than are read; the last ones "
    "were left out.",
    "ocr_failed": "A page that is a picture could not be read.",
    "timed_out": "Time ran out before all pages were read.",
    "damaged": "The file is damaged or was cut off; something may be missing.",
    "cut": "It holds more text than was taken.",
    "blank": "There is nothing on the pages.",
}

#: All that the process is told of its surroundings: how to find programs and libraries.
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
ENVIRONMENT += (
    "TESSDATA_PREFIX",
    "AI_QUEUE_TESSERACT",
    "AI_QUEUE_OCR",
    "TMPDIR",
    "SYSTEMROOT",
)
#: seconds beyond those of the limits: to start, and for an end in good order
GRACE = 4.0
#: bytes of its complaints that are looked at
_COMPLAINT = 100_000

# A module of the addon, imported without the addon, which would import all of Odoo.
_ENGINE = Path(__file__).resolve().parents[2]
_START = (
    "import json, sys; sys.path.insert(0, sys.argv[2]); "
    f"from {_ENGINE.name}.documents.files import worker; "
    "worker.main(json.loads(sys.argv[1]))"
)


def read(data: bytes, name: str = "", limits: Limits = Limits()) -> Document:  # noqa: B008
    """Read a file: PDF, PNG, JPEG, TIFF, WebP, HEIC, or an electronic invoice.

    :param data: the whole file; with a signature around it (``.p7m``) what was signed
    :param name: what it was called; the content decides what it is
    :raise Unreadable: with the ``cause``; whatever the file is, nothing else
    """
    found = _ask("read", data, limits)
    pages = tuple(
        Page(**{**page, "words": tuple(Word(*word) for word in page["words"])})
        for page in found["pages"]
    )
    xml = found["xml"]
    xml = base64.b64decode(xml) if xml is not None else None
    return Document(pages, found["mimetype"], xml, tuple(found["notes"]))


def render(
    data: bytes,
    numbers: Sequence[int] = (1,),
    side: int = 1600,
    limits: Limits = Limits(),  # noqa: B008
) -> list[bytes]:
    """Pages of a file as pictures, for models that see.

    :param numbers: which pages, from 1; those that are not there are left out
    :param side: the longer side of a picture, in pixels
    :return: grey PNGs, in the order of the pages
    :raise Unreadable: as `read`
    """
    found = _ask("render", data, limits, numbers=list(numbers), side=side)
    return [base64.b64decode(picture) for picture in found]


def _ask(task, data, limits, **options):
    """Have a process of its own do a task."""
    if not data:
        raise Unreadable("empty")
    if len(data) > limits.max_bytes:
        raise Unreadable("too_big")
    request = json.dumps({"task": task, "limits": asdict(limits), **options})
    # files, not pipes: nobody has to be there to fill or empty them
    seconds = limits.seconds * limits.patience + GRACE
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as output:
        with tempfile.TemporaryFile() as complaints:
            file.write(data)
            file.seek(0)
            code = _run(request, (file, output, complaints), seconds)
            if code:
                complaints.seek(0)
                _log_end(code, complaints.read(_COMPLAINT))
        output.seek(0)
        answer = output.read()
    if code in (-signal.SIGXCPU, -signal.SIGALRM):
        raise Unreadable("timed_out")
    if code:
        raise Unreadable("crashed")
    answer = json.loads(answer)
    if "cause" in answer:
        raise Unreadable(answer["cause"], **answer.get("values", {}))
    return answer["result"]


def _log_end(code, complaint):
    """Log where the process ended; nothing of the file, which a message may quote."""
    lines = complaint.decode(errors="replace").splitlines()
    places = [line.strip() for line in lines if line.startswith("  File ")]
    classes = [re.match(r"[A-Za-z_.]+", line) for line in lines[-1:]]
    what = " ".join([*places[-1:], *(found[0] for found in classes if found)])
    _logger.warning("The process that reads a file ended with code %s. %s", code, what)


def _run(request, streams, seconds):
    """The exit code of the process; `Unreadable` when it takes longer.

    ``streams``: files for its standard input, output and errors.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", _START, request, str(_ENGINE.parent)],
        **dict(zip(("stdin", "stdout", "stderr"), streams, strict=True)),
        env=_environment(),
        cwd="/",
        start_new_session=True,
    )
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Unreadable("timed_out") from None
    finally:
        # also what it started itself, should it be gone
        _end(child)


def _end(child):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        child.wait()


def _environment():
    env = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    # threads of number libraries cost address space, and a page is small
    env.update(LC_ALL="C.UTF-8", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    return env
