"""The work of reading: bytes → `Document`, and pages as pictures, by type of file.

It runs in the process that calls it, with all that libraries in C may do there to a
file that means harm. `reading` is the way in that runs it in a process of its own. As
that process is new for every file, what only pictures need is imported for them only:
numpy and Pillow take longer to load than most bills take to read.
"""

from __future__ import annotations

import io
from dataclasses import replace

from ...errors import Unreadable
from . import attachments, einvoice, filetypes, pdf, readers, signed
from .deadline import Deadline
from .shapes import Document, Limits, Page

#: share of the time after which no other page is begun
ENOUGH = 0.9
#: words of a document that are taken at most: some hundred pages full of them
MOST = 200_000


class _Pages:
    """The pages of one document, read by OCR within the limits where there is need."""

    def __init__(self, limits):
        self.limits = limits
        self.deadline = Deadline(limits.seconds * ENOUGH, limits.patience)
        self.readers = None
        self.pages = []
        self.notes = {}
        self.seen = 0
        self.left = MOST

    def note(self, code):
        self.notes[code] = True

    def add(self, page):
        if len(page.words) > self.left:
            self.note("cut")
            page = replace(page, words=page.words[: self.left])
        self.left -= len(page.words)
        self.pages.append(page)

    def is_late(self):
        if self.deadline.left() > 0:
            return False
        self.note("timed_out")
        return True

    def see(self, page, draw):
        """Read a page by OCR.

        :param page: the `Page` as it is known, returned when that gives nothing better
        :param draw: gives ``(picture, dpi)`` of the page
        """
        if self.readers is None:
            self.readers = readers.chosen(self.limits)
        if not self.readers:
            self.note("ocr_missing")
        elif self.seen >= self.limits.ocr_pages:
            self.note("ocr_left")
        elif not self.is_late():
            self.seen += 1
            self._read(page, *draw())
            return
        self.add(page)

    def _read(self, page, picture, dpi):
        from . import ocr
        from .seen import OcrError

        if "ppocr" in self.readers:
            readers.make_room(self.limits)
        try:
            found = ocr.read_page(picture, page, dpi, self.readers, self.deadline)
        except OcrError:
            self.note("timed_out" if self.is_late() else "ocr_failed")
            found = page
        if found.source == "ocr":
            self.note("ocr")
        self.add(found if found.words else page)

    def document(self, mimetype, data=None):
        """The `Document`; with nothing to go by in it for want of OCR, an error."""
        read = any(page.words for page in self.pages)
        if not read and not data:
            if "ocr_missing" in self.notes:
                raise Unreadable("ocr_missing")
            if "timed_out" in self.notes:
                raise Unreadable("timed_out")
            self.note("blank")
        return Document(tuple(self.pages), mimetype, data, tuple(self.notes))


def read(data: bytes, limits: Limits) -> Document:
    """Read a file in this very process; see `reading.read`."""
    data, mimetype = _opened(data, limits)
    if mimetype in (filetypes.XML, filetypes.JSON):
        return Document((), mimetype, einvoice.extracted(data))
    pages = _Pages(limits)
    if mimetype == filetypes.PDF:
        found = _read_pdf(data, pages)
        return pages.document(mimetype, found)
    _read_pictures(data, pages)
    return pages.document(mimetype)


def render(data: bytes, limits: Limits, numbers: list[int], side: int) -> list[bytes]:
    """Pages as grey PNG pictures; see `reading.render`."""
    data, mimetype = _opened(data, limits)
    wanted = set(numbers)
    if mimetype == filetypes.PDF:
        found = _drawn(data, limits, wanted)
    elif mimetype in filetypes.PICTURES:
        from . import pictures

        frames = enumerate(pictures.frames(data, limits), 1)
        found = (picture for number, (picture, _) in frames if number in wanted)
    else:
        raise Unreadable("not_a_document")
    return [_png(picture, side) for picture in found]


def _opened(data, limits):
    """``(data, type)`` of a file, or of the one that a signature is around."""
    mimetype = _mimetype(data, limits)
    if mimetype != filetypes.SIGNED:
        return data, mimetype
    data = signed.content(data)
    return data, _mimetype(data, limits)


def _mimetype(data, limits):
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("empty")
    if len(data) > limits.max_bytes:
        raise Unreadable("too_big")
    mimetype = filetypes.mimetype(data)
    if mimetype is None:
        raise einvoice.unread_text(data) or Unreadable("not_a_document")
    if mimetype == filetypes.ZIP:
        raise Unreadable("archive")
    return mimetype


def _read_pictures(data, pages):
    """Add the pictures of a file as pages."""
    from . import pictures

    for number, (picture, dpi) in enumerate(pictures.frames(data, pages.limits), 1):
        width, height = pictures.points(picture, dpi)
        page = Page(number, width, height, (), "none")
        pages.see(page, lambda found=(picture, dpi): found)


def _read_pdf(data, pages):
    """Add the pages of a PDF; return the electronic invoice in it."""
    if pdf.is_cut(data):
        pages.note("damaged")
    with pdf.opened(data, pages.limits) as opened:
        found = attachments.invoice(opened, data, pages.limits.max_bytes)
        # What the page shows is of no use where an invoice in XML says it exactly.
        is_told = bool(found) and einvoice.is_whole(found)
        for index in range(len(opened)):
            if pages.is_late():
                break
            with pdf.page(opened, index) as loaded:
                if loaded is None:
                    pages.note("damaged")
                    pages.add(Page(index + 1, 0.0, 0.0, (), "none"))
                    continue
                _read_pdf_page(loaded, index + 1, pages, is_told)
    return found


def _read_pdf_page(loaded, number, pages, is_told):
    page, usable, cut = pdf.read_page(loaded, number)
    if cut:
        pages.note("cut")
    if usable or is_told:
        pages.add(page)
        return
    if page.words and not _is_worth(page):
        page = replace(page, words=(), source="none")
    pages.see(page, lambda: pdf.picture(loaded))


def _is_worth(page):
    """Whether the words of a page are letters at all."""
    text = "".join(word.text for word in page.words)
    known = sum(char.isalnum() and char.isascii() or char.isalpha() for char in text)
    return known > len(text) / 2


def _drawn(data, limits, wanted):
    with pdf.opened(data, limits) as opened:
        for index in range(len(opened)):
            if index + 1 not in wanted:
                continue
            with pdf.page(opened, index) as loaded:
                if loaded is None:
                    raise Unreadable("damaged")
                yield pdf.picture(loaded)[0]


def _png(picture, side):
    picture.thumbnail((side, side))
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()
