"""Which readers of pictures are installed, and which are to be used.

Looks and loads nothing: whoever reads no picture pays nothing.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import resource
from pathlib import Path

from . import tesseract
from .shapes import READERS, Limits

#: names the reader to use where `Limits` leave it open: one of `shapes.READERS`
VARIABLE = "AI_QUEUE_OCR"
#: what PP-OCR consists of: the package with its networks, and what runs them
PACKAGE, RUNTIME = "rapidocr", "onnxruntime"
#: the files of the networks; newer ones have the same names with another number
FINDER, READER = "PP-OCRv*_det_small.onnx", "PP-OCRv*_rec_small.onnx"
_MB = 1024 * 1024


def engines() -> dict[str, bool]:
    """Every reader of pictures by its name, and whether it is installed.

    The one that is used first comes first.
    """
    return {"ppocr": networks() is not None, "tesseract": tesseract.is_available()}


def memory(limits: Limits) -> int:
    """The address space (MB) that a process must be allowed for the best reader."""
    if "ppocr" in _wanted(limits):
        return max(limits.memory_mb, limits.ocr_memory_mb)
    return limits.memory_mb


def chosen(limits: Limits) -> tuple[str, ...]:
    """The readers that pictures are read with, the one to begin with first.

    Empty when those that are wanted are not installed.
    """
    found = _wanted(limits)
    if "tesseract" in found and "ppocr" in found and not _has_room(limits):
        found.remove("ppocr")
    return tuple(found)


def _wanted(limits):
    """Those of the readers that are installed which may be used."""
    wanted = limits.ocr
    if wanted == "auto" and os.environ.get(VARIABLE) in READERS:
        wanted = os.environ[VARIABLE]
    found = [name for name, is_there in engines().items() if is_there]
    return [name for name in found if wanted in ("auto", name)]


@functools.cache
def networks() -> tuple[Path, Path] | None:
    """The files of PP-OCR's finder and reader; ``None`` when it is not installed."""
    if not importlib.util.find_spec(RUNTIME):
        return None
    package = importlib.util.find_spec(PACKAGE)
    if not package or not package.submodule_search_locations:
        return None
    folder = Path(package.submodule_search_locations[0], "models")
    found = [max(folder.glob(name), default=None) for name in (FINDER, READER)]
    return tuple(found) if all(found) else None


def make_room(limits: Limits):
    """Let this process have the memory that PP-OCR needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        wanted = limits.ocr_memory_mb * _MB
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_AS, (max(soft, wanted), hard))


def _has_room(limits):
    """Whether the server lets a process have what PP-OCR needs."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    return hard == resource.RLIM_INFINITY or hard >= limits.ocr_memory_mb * _MB
