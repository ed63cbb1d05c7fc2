"""Picture files as grey, upright pictures of pages."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator

from PIL import Image, ImageOps

from ...errors import Unreadable
from . import filetypes
from .shapes import Limits

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "HEIF")
#: The longer side of an A4 page in points, taken for that of a picture of unknown size.
LONG_SIDE = 842.0
#: Resolutions below are what programs write when they know none.
LOWEST_DPI, HIGHEST_DPI = 100, 1200
#: Decoding a JPEG at a half, a quarter … costs as much less; no need of more than this.
ENOUGH = (3000, 3000)
#: What Pillow raises over files that are not as they should be.
_MALFORMED = (OSError, ValueError, SyntaxError, TypeError, LookupError, EOFError)
_MALFORMED += (ArithmeticError, struct.error)


def frames(data: bytes, limits: Limits) -> Iterator[tuple[Image.Image, float | None]]:
    """The pictures in a file, each with its resolution (``None`` when unknown).

    Only a TIFF has several: elsewhere these are previews or films.

    :raise Unreadable: ``damaged``, ``too_big``, ``too_many_pages``, ``heic``
    """
    if filetypes.mimetype(data) == filetypes.HEIC:
        _know_heic()
    # The limit is ours, and is looked at before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            index = 0
            while True:
                if index >= limits.max_pages:
                    raise Unreadable("too_many_pages")
                yield _frame(image, limits)
                index += 1
                if image.format != "TIFF" or not _seek(image, index):
                    return
    except _MALFORMED:
        raise Unreadable("damaged") from None


def _know_heic():
    """Let Pillow open HEIC, by a library that only decodes.

    The other one, pillow-heif, brings an encoder under the GPL.
    """
    try:
        import pi_heif
    except ImportError:
        raise Unreadable("heic") from None
    pi_heif.register_heif_opener(thumbnails=False)


def points(picture, dpi) -> tuple[float, float]:
    """Width and height of a picture as a page, in points."""
    scale = 72 / dpi if dpi else LONG_SIDE / max(picture.size)
    return picture.width * scale, picture.height * scale


def _seek(image, index):
    try:
        image.seek(index)
    except EOFError:
        return False
    return True


def _frame(image, limits):
    width, height = image.size
    if width * height > limits.max_pixels:
        raise Unreadable("too_big")
    dpi = _dpi(image)
    image.draft("L", ENOUGH)
    image.load()
    if dpi:
        dpi *= image.width / width
    return grey(_upright(image)), dpi


def _upright(image):
    """The picture as the camera says that it was held."""
    try:
        return ImageOps.exif_transpose(image)
    except _MALFORMED:
        # what a camera writes beside the picture is often broken
        return image


def _dpi(image):
    try:
        across, down = image.info.get("dpi", (0, 0))
        across, down = float(across), float(down)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not LOWEST_DPI <= across <= HIGHEST_DPI or abs(across - down) > 1:
        return None
    return across


def grey(image):
    """A grey copy; what is transparent becomes white."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        # 16 bits a pixel, which a conversion would cut off at 255
        return image.convert("F").point(lambda value: value / 256).convert("L")
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image).convert("L")
    return image.convert("L")
