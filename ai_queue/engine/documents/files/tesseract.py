"""The program that reads letters from pictures, run as a bounded subprocess.

It is looked up at run time: in the environment variable ``AI_QUEUE_TESSERACT``, then
on the path. Reading works without it for all that holds its text.
"""

from __future__ import annotations

import functools
import io
import os
import re
import shutil
import subprocess

from .seen import OcrError, Seen

VARIABLE = "AI_QUEUE_TESSERACT"
#: Read together, these know the letters of most of what comes; each more costs time.
USUAL = ("eng", "deu", "fra")
#: Read again with one of these when the text turns out to be in it.
OTHERS = ("spa", "ita", "nld", "por")
#: Lines of different heights in columns, where rows of tables stay whole; and one block
#: of lines, as on a till receipt.
PAGE, RECEIPT = "4", "6"
ORIENTATION = re.compile(rb"Rotate: (\d+)\s+Orientation confidence: ([\d.]+)")
#: Sureness of the orientation from which it is believed (it has no upper end).
SURE = 1.0
_COLUMNS = 12
_LINE, _WORD = "4", "5"
_NOISE = re.compile(r"^[^\w€$£¥%#]+$")


def program() -> str | None:
    """The path of the program, or ``None`` when there is none."""
    chosen = os.environ.get(VARIABLE)
    return shutil.which(chosen) if chosen else shutil.which("tesseract")


@functools.cache
def languages() -> frozenset[str]:
    """The languages that are installed, by Tesseract's names; none without it."""
    path = program()
    if not path:
        return frozenset()
    try:
        listed = subprocess.run(
            [path, "--list-langs"], capture_output=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    # the first line is a heading
    return frozenset(listed.stdout.decode(errors="replace").split("\n")[1:]) - {""}


def is_available() -> bool:
    """Whether pictures can be read at all."""
    return bool(languages() - {"osd"})


def usual() -> tuple[str, ...]:
    """The languages to begin with: those of `USUAL` that are there, else all."""
    found = tuple(name for name in USUAL if name in languages())
    return found or tuple(sorted(languages() - {"osd"}))[:3]


def words(picture, names, seconds, layout=PAGE) -> list[Seen]:
    """Read a grey picture.

    :param names: languages, the likeliest first
    :param seconds: time after which it is given up
    :param layout: `PAGE` or `RECEIPT`
    :raise OcrError: it failed, or took longer
    """
    options = ["-l", "+".join(names), "--psm", layout, "--dpi", "200", "tsv"]
    return list(_parse(_run(picture, options, seconds).decode("utf-8", "replace")))


def orientation(picture, seconds) -> int | None:
    """By how many degrees clockwise a picture must be turned to stand upright.

    ``None`` when it cannot tell.
    """
    if "osd" not in languages():
        return None
    try:
        output = _run(picture, ["--psm", "0", "--dpi", "200"], seconds)
    except OcrError:
        # too few letters
        return None
    found = ORIENTATION.search(output)
    return int(found[1]) if found and float(found[2]) >= SURE else None


def _run(picture, options, seconds):
    if seconds <= 0:
        raise OcrError("no time is left")
    stream = io.BytesIO()
    picture.save(stream, "PPM")
    try:
        done = subprocess.run(
            [program(), "stdin", "stdout", *options],
            input=stream.getvalue(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=True,
            # it would take all processors, to be hardly faster
            env=dict(os.environ, OMP_THREAD_LIMIT="1"),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise OcrError(type(error).__name__) from None
    return done.stdout


def _parse(table):
    height = 0
    for row in table.splitlines()[1:]:
        cells = row.split("\t", _COLUMNS - 1)
        if len(cells) < _COLUMNS:
            continue
        if cells[0] == _LINE:
            height = int(cells[9])
        if cells[0] != _WORD or not (text := "".join(cells[11].split())):
            continue
        confidence = max(0.0, min(1.0, float(cells[10]) / 100))
        if confidence < 0.6 and _NOISE.match(text):
            continue
        x, y, width, tall = map(int, cells[6:10])
        yield Seen(text, x, y, x + width, y + tall, confidence, height)
