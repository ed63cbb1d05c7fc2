"""Pictures of paper made easy to read: upright, even, black on white, without rules.

Everything takes and gives a grey picture of the same size (but `straightened`).
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageFilter

#: skew beyond which a page is turned rather than straightened, degrees
SKEW = 6.0
#: skew that does no harm, degrees
LEVEL = 0.1
#: width in pixels of the small copy on which skew is measured
SMALL = 900
WHITE = 255


def skew(picture) -> float:
    """Degrees by which lines of text fall to the right, between -`SKEW` and `SKEW`.

    Turned the right way the sums of the rows differ most: full lines, empty gaps.
    """
    small = picture.copy()
    small.thumbnail((SMALL, SMALL * 2), Image.Resampling.BOX)
    ink = ImageChops.invert(even(small, small.width / 8.3))
    faint = ink.getextrema()[1] * 0.3
    ink = ink.point(lambda value: value if value > faint else 0)

    def contrast(angle):
        turned = ink.rotate(angle, Image.Resampling.NEAREST)
        rows = np.asarray(turned, dtype=np.float32).sum(axis=1)
        return float(((rows[1:] - rows[:-1]) ** 2).sum())

    best = max(np.arange(-SKEW, SKEW + 0.1, 0.5), key=contrast)
    best = max(np.arange(best - 0.4, best + 0.45, 0.1), key=contrast)
    return float(best)


def straightened(picture):
    """The picture with its lines level."""
    angle = skew(picture)
    if abs(angle) <= LEVEL:
        return picture
    return picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=_paper(picture))


def even(picture, dpi):
    """The picture with the same white everywhere, whatever the light was like."""
    step = max(4, round(dpi / 12))
    size = [max(1, side // step) for side in picture.size]
    # paper is the brightest of a neighbourhood that is wider than letters
    paper = picture.resize(size, Image.Resampling.BOX).filter(ImageFilter.MaxFilter(5))
    paper = paper.filter(ImageFilter.GaussianBlur(2))
    paper = paper.resize(picture.size, Image.Resampling.BILINEAR)
    shade = np.asarray(paper, dtype=np.float32)
    shade = np.asarray(picture, dtype=np.float32) / np.maximum(shade, 48) * 250
    return Image.fromarray(np.minimum(shade, WHITE).astype(np.uint8))


def positive(picture, dpi):
    """The picture with light letters on dark fields made dark on light."""
    dark = np.asarray(picture) < 140
    runs = _opened(dark, round(dpi * 0.4))
    if not _opened(runs.T, round(dpi * 0.04)).any():
        return picture
    # A field is dark above and below its letters, and for the most part between.
    field = _closed(runs.T, round(dpi * 0.25)).T & (_share(dark, dpi / 25) > 0.4)
    field = _opened(field.T, round(dpi * 0.1)).T
    light = np.asarray(even(ImageChops.invert(picture), dpi))
    return Image.fromarray(np.where(field, light, np.asarray(picture)))


def unruled(picture, dpi):
    """The picture without the lines of forms and tables, which touch the letters."""
    dark = np.asarray(picture) < 165
    long, thin = round(dpi / 3), max(3, round(dpi / 28))
    rules = _rules(dark, long, thin) | _rules(dark.T, long, thin).T
    if not rules.any():
        return picture
    grown = Image.fromarray(rules.astype(np.uint8) * WHITE)
    grown = np.asarray(grown.filter(ImageFilter.MaxFilter(3))) > 0
    result = np.asarray(picture).copy()
    result[grown] = WHITE
    return Image.fromarray(result)


def _rules(dark, long, thin):
    """Where horizontal runs of at least ``long`` are that are at most ``thin`` high."""
    runs = _opened(dark, long)
    if not runs.any():
        return runs
    return runs & ~_opened(runs.T, thin + 1).T


def _opened(mask, length):
    """What of a mask lies in horizontal runs of at least ``length``."""
    if mask.shape[1] < length:
        return np.zeros_like(mask)
    return _grown(_shrunk(mask, length), length)


def _closed(mask, length):
    """A mask with horizontal gaps shorter than ``length`` filled."""
    return _shrunk(_grown(mask, length), length)


# A run of 2n holds where two runs of n meet, so that few steps make a long one.
def _shrunk(mask, length):
    """Where runs of ``length`` begin; narrower than the mask by ``length - 1``."""
    span = 1
    while span < length:
        step = min(span, length - span)
        mask = mask[:, : mask.shape[1] - step] & mask[:, step:]
        span += step
    return mask


def _grown(mask, length):
    """Every place made a run of ``length``; wider than the mask by ``length - 1``."""
    span = 1
    while span < length:
        step = min(span, length - span)
        wider = np.zeros((mask.shape[0], mask.shape[1] + step), dtype=bool)
        wider[:, : mask.shape[1]] = mask
        wider[:, step:] |= mask
        mask = wider
        span += step
    return mask


def _share(mask, radius):
    """How much of the neighbourhood of each place a mask covers, 0..1."""
    picture = Image.fromarray(mask.astype(np.uint8) * WHITE)
    blurred = picture.filter(ImageFilter.BoxBlur(max(1, round(radius))))
    return np.asarray(blurred, dtype=np.float32) / WHITE


def _paper(picture):
    return int(np.percentile(np.asarray(picture)[::16, ::16], 90))
