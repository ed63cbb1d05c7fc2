"""What reading a file gives: plain data, the same for every kind of file.

Places are in points (1/72 inch) with the origin at the top left of the upright page,
x to the right and y downwards. A picture that says nothing of its resolution is taken
to be as long as an A4 page. A page that was read by OCR is also level: words that were
printed in a line stand in one, though the page was laid askew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: Where the words of a page came from.
SOURCES = ("text", "ocr", "none")
#: Readers of pictures to choose from; ``auto`` is all that are installed.
READERS = ("auto", "ppocr", "tesseract")


@dataclass(frozen=True)
class Word:
    """A run of characters without a blank in it, and the box around it.

    ``confidence``: 0..1, how sure it is that the characters are these; 1 for text that
    the file itself holds. ``size``: the height of the font in points, 0 when unknown.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    confidence: float = 1.0
    size: float = 0.0
    turn: int = 0


@dataclass(frozen=True)
class Page:
    """A page, upright, with its words in reading order: line by line, left to right.

    ``number`` counts from 1. ``source``: one of `SOURCES`; ``none`` when there was
    nothing to read, or it could not be read. ``turned``: by how many degrees clockwise
    the page of the file was turned to be upright.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = field(repr=False)
    source: str
    turned: int = 0


@dataclass(frozen=True)
class Document:
    """A file that was read.

    ``mimetype`` is what the content is, whatever the file was called. ``xml``: the
    electronic invoice that the file is or carries, as XML of bounded size without the
    files inside it (see `einvoice.extracted`). ``notes``: codes
    of what should be known of the reading, see `reading.NOTES`.
    """

    pages: tuple[Page, ...]
    mimetype: str
    xml: bytes | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Box:
    """A place on a page, which counts from 1; in points as everywhere."""

    page: int
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True)
class Limits:
    """How much a file may ask of the machine.

    ``max_bytes``: size of the file, and of any file inside it once unpacked.
    ``max_files``, ``max_unpacked``: files in one ZIP, and all their bytes together.
    ``max_pages``: pages of one document. ``max_pixels``: width times height of a
    picture. ``ocr_pages``: pages of one document that are read by OCR; the others stay
    empty. ``seconds``: time of the processor for all of it; ``patience``: how many
    times as long it may take by the clock, where others have the processor.
    ``memory_mb``: address space of each process that reads; ``ocr_memory_mb``: that of
    one that reads pictures with PP-OCR. ``ocr``: one of `READERS`.
    """

    max_bytes: int = 32 * 1024 * 1024
    max_files: int = 500
    max_unpacked: int = 512 * 1024 * 1024
    max_pages: int = 300
    max_pixels: int = 100_000_000
    ocr_pages: int = 20
    seconds: float = 90.0
    patience: float = 1.0
    memory_mb: int = 1024
    ocr_memory_mb: int = 2048
    ocr: str = "auto"
