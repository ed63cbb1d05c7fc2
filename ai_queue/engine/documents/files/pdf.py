"""PDFs through PDFium: their words where they hold text, their pages as pictures."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as c

from ...errors import Unreadable
from . import glyphs
from .shapes import Limits, Page

#: pixels of a page as a picture, and its highest resolution
PIXELS = 4_500_000
DPI = 300
#: fewer characters beside a large picture, or many drawings, are a stamp or a watermark
FEW = 120
#: share of a page from which a picture is large
LARGE = 0.5
#: so many drawings may be letters without their meaning
MANY = 300
#: share of characters without a meaning from which a text is worthless
GARBAGE = 0.25
#: where in the file its end must be marked, counted from the end
_END_WITHIN = 64 * 1024
_IMAGE, _SHAPE = c.FPDF_PAGEOBJ_IMAGE, c.FPDF_PAGEOBJ_PATH
_DEPTH = 3
_OBJECTS = 2000


@contextmanager
def opened(data: bytes, limits: Limits):
    """A PDFium document, closed at the end. No script in it is run.

    :raise Unreadable: ``encrypted``, ``damaged``, ``too_many_pages``
    """
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        locked = c.FPDF_GetLastError() in (c.FPDF_ERR_PASSWORD, c.FPDF_ERR_SECURITY)
        raise Unreadable("encrypted" if locked else "damaged") from None
    try:
        if len(pdf) > limits.max_pages:
            raise Unreadable("too_many_pages")
        if not len(pdf):
            raise Unreadable("damaged")
        yield pdf
    finally:
        pdf.close()


def is_cut(data: bytes) -> bool:
    """Whether the end of a PDF is missing, so that something else may be as well."""
    return b"%%EOF" not in data[-_END_WITHIN:]


@contextmanager
def page(pdf, index):
    """A page of a PDFium document, with what was typed into its form; ``None`` if bad.

    The page is closed at the end.
    """
    try:
        loaded = _flat(pdf, index)
    except pdfium.PdfiumError:
        yield None
        return
    try:
        yield loaded
    finally:
        loaded.close()


def read_page(loaded, number) -> tuple[Page, bool, bool]:
    """``(page, usable, cut)`` of a loaded page, by the text that it holds.

    ``usable``: whether that text is what a person sees on the page; else the page is
    to be read as a picture. ``cut``: whether it had more text than is taken.
    """
    words, count, unknown, cut = glyphs.words(loaded)
    width, height = loaded.get_size()
    found = Page(number, width, height, words, "text" if words else "none")
    if not count or unknown > GARBAGE * count:
        return found, False, cut
    return found, count >= FEW or not _is_drawn(loaded), cut


def picture(loaded):
    """``(picture, dpi)``: a loaded page as it looks, in grey."""
    width, height = (max(side, 1.0) for side in loaded.get_size())
    scale = min(DPI / 72, (PIXELS / (width * height)) ** 0.5)
    bitmap = loaded.render(scale=scale, grayscale=True)
    try:
        return bitmap.to_pil().convert("L"), scale * 72
    finally:
        bitmap.close()


def _flat(pdf, index):
    loaded = pdf[index]
    if not c.FPDFPage_GetAnnotCount(loaded):
        return loaded
    # What a person typed into a form is beside the page; this makes it a part of it.
    c.FPDFPage_Flatten(loaded, c.FLAT_NORMALDISPLAY)
    loaded.close()
    return pdf[index]


def _is_drawn(loaded):
    """Whether most of a page may be a picture, or letters drawn as shapes."""
    width, height = loaded.get_size()
    shapes = 0
    found = loaded.get_objects(filter=(_IMAGE, _SHAPE), max_depth=_DEPTH)
    for thing in islice(found, _OBJECTS):
        shapes += thing.type == _SHAPE
        if shapes >= MANY:
            return True
        if thing.type == _IMAGE and _area(thing) > LARGE * width * height:
            return True
    return False


def _area(thing):
    """Square points of the upright box around a thing on a page."""
    box = c.FS_QUADPOINTSF()
    if not c.FPDFPageObj_GetRotatedBounds(thing, box):
        return 0.0
    xs, ys = (box.x1, box.x2, box.x3, box.x4), (box.y1, box.y2, box.y3, box.y4)
    return (max(xs) - min(xs)) * (max(ys) - min(ys))
