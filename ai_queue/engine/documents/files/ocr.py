"""Words of a page that is a picture, by the readers of pictures that are installed."""

from __future__ import annotations

from PIL import Image

from .layout import reading_order
from .seen import OcrError
from .shapes import Page, Word

#: pixels of a page that is read: 216 dpi of an A4 page; more is slower, not better
PIXELS = 4_500_000
#: pixels of its shorter side below which a picture is enlarged
SHORTEST = 500
#: resolution that is assumed where none is known
DPI = 200
#: differences of grey on a page below which nothing is on it
BLANK = 12


def is_blank(picture) -> bool:
    """Whether there is nothing on a grey picture."""
    small = picture.resize(
        [max(1, side // 8) for side in picture.size], Image.Resampling.BOX
    )
    low, high = small.getextrema()
    return high - low < BLANK


def read_page(picture, page, dpi, names, deadline) -> Page:
    """The `Page` of a grey picture.

    :param page: the `Page` as it is known, of which only its size in points counts
    :param dpi: resolution of the picture, ``None`` when unknown
    :param names: the readers to use, as `readers.chosen` gives them
    :param deadline: `Deadline` by which it must be done
    :raise OcrError: it could not be read, or not in time
    """
    number, width, height = page.number, page.width, page.height
    picture, dpi = _sized(picture, dpi)
    if is_blank(picture):
        return Page(number, width, height, (), "none")
    reading = _reading(picture, dpi, names, deadline)
    if reading.turned % 180:
        width, height = height, width
    words = reading_order(_placed(reading, width, height))
    source = "ocr" if words else "none"
    return Page(number, width, height, tuple(words), source, reading.turned)


def _reading(picture, dpi, names, deadline):
    """The `Reading` of the first reader; of the second where the first fails."""
    if "ppocr" in names:
        from . import ppocr_page

        is_checked = "tesseract" in names
        try:
            return ppocr_page.read(picture, deadline, is_checked)
        except OcrError:
            if not is_checked or deadline.left() <= 0:
                raise
    from . import attempts

    return attempts.read(picture, dpi, deadline)


def _sized(picture, dpi):
    """The picture at the size at which it is read, and its resolution then."""
    wanted = (PIXELS / (picture.width * picture.height)) ** 0.5
    if wanted > 1:
        wanted = max(1.0, min(wanted, SHORTEST / min(picture.size)))
    if wanted != 1:
        size = [max(1, round(side * wanted)) for side in picture.size]
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    # what a page says of its size may be far off
    return picture, max(150, min(300, (dpi or DPI) * wanted))


def _placed(reading, width, height):
    """Words in pixels as words in points."""
    x, y = width / reading.size[0], height / reading.size[1]
    return [
        Word(
            word.text,
            round(word.x0 * x, 2),
            round(word.top * y, 2),
            round(word.x1 * x, 2),
            round(word.bottom * y, 2),
            round(word.confidence, 3),
            round(word.height * y, 2),
        )
        for word in reading.words
    ]
