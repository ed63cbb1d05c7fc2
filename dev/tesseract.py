"""Tesseract, which reads pictures, with the languages that the product reads."""

import functools
import os
import shutil
import subprocess
from pathlib import Path

from . import cache, debian

LANGUAGES = ("eng", "deu", "fra", "spa", "ita", "nld", "por")
BUNDLE = debian.Bundle(
    "tesseract",
    "Tesseract",
    ("tesseract-ocr", *(f"tesseract-ocr-{name}" for name in LANGUAGES)),
)
#: where the product looks for the program before it looks on the path
VARIABLE = "AI_QUEUE_TESSERACT"


@functools.cache
def program():
    """The path of the machine's own, if it knows the languages; or Debian's, unpacked.

    What is unpacked finds its libraries and languages by a script around it: they are
    nothing for the programs that call it.
    """
    found = shutil.which("tesseract")
    if found and _knows_all(found):
        return Path(found)
    root = BUNDLE.root()

    def make(path):
        data = next(root.glob("usr/share/tesseract-ocr/*/tessdata"))
        script = path / "tesseract"
        script.write_text(
            "#!/bin/sh\n"
            f"export LD_LIBRARY_PATH={_libraries(root)}\n"
            f"export TESSDATA_PREFIX={data}\n"
            f'exec {root / "usr/bin/tesseract"} "$@"\n'
        )
        script.chmod(0o755)

    return cache.part("tesseract", cache.digest(root), make) / "tesseract"


def environment(base=None):
    """Environment variables with which the product finds the program.

    One that is named there already stays.
    """
    env = dict(os.environ if base is None else base)
    if not env.get(VARIABLE):
        env[VARIABLE] = str(program())
    return env


def _libraries(root):
    return ":".join(map(str, debian.library_directories(root)))


def _knows_all(path):
    command = [path, "--list-langs"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    return {*LANGUAGES, "osd"} <= set(listed.stdout.split())
