"""A page as PP-OCR reads it: turned upright, its lines level, its words in places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import agreement, letters, ppocr, tesseract
from .levels import Levels
from .seen import OcrError, Reading, Seen

#: confidence below which a page, or a line on its side, may be upside down
DOUBTED = 0.8
#: share of a photo below which its paper is looked at by itself, with so much around it
SMALL, AROUND = 0.4, 0.03
#: lines by which it is decided how a page must be turned
SAMPLE = 6
#: share of letters written without blanks from which a page is in such a language
WIDE = 0.04
#: Spots over letters are read as accents. So many words with accents that are as sure
#: as this show that the page is in a language that has some.
ENOUGH, ACCENTED = 2, 0.95
#: Nothing that was read from a picture is as sure as text that a file holds.
SUREST = 0.99
#: confidence below which what was read is dirt
DIRT = 0.3


def read(picture, deadline, is_checked=False) -> Reading:
    """Words of a grey picture that shows a page.

    :param is_checked: whether Tesseract is asked for the figures, too
    :param deadline: `Deadline` by which it must be done
    :return: `Reading`, its words level
    :raise OcrError: no time is left
    """
    networks = ppocr.networks()
    found = _find(networks, picture)
    turned = 0
    if _lies(found):
        turned = _side(networks, picture, found, deadline)
        picture = picture.rotate(-turned, expand=True)
        found = _find(networks, picture)
    lines = _lines(networks, picture, found, deadline)
    if _confidence(lines) < DOUBTED:
        flipped = [_flipped(region) for region in _longest(found)]
        sample = networks.read_regions(picture, flipped, deadline)
        if _confidence(sample) > max(DOUBTED, _confidence(lines)):
            turned = (turned + 180) % 360
            picture = picture.rotate(180)
            found = _find(networks, picture)
            lines = _lines(networks, picture, found, deadline)
    if is_checked and deadline.left() > 0:
        lines = _checked(lines, networks, deadline)
    words = _words(found, lines, Levels.of(found, picture.size))
    return Reading(words, turned, picture)


def _find(networks, picture):
    """The lines of a page; of a photo whose paper is a small part of it, too.

    Lines are looked for on a smaller copy: there those of a paper that was photographed
    from afar are too small to be found well.
    """
    found = networks.find(picture)
    pixels = picture.width * picture.height
    if not found or pixels <= ppocr.PIXELS:
        return found
    corners = np.array([corner for region in found for corner in region.corners()])
    low, high = corners.min(axis=0), corners.max(axis=0)
    around = AROUND * (high - low).max()
    low = np.maximum(low - around, 0).round()
    high = np.minimum(high + around, picture.size).round()
    if np.prod(high - low) > SMALL * pixels:
        return found
    paper = picture.crop(tuple(map(int, (*low, *high))))
    return [
        replace(one, x=one.x + low[0], y=one.y + low[1]) for one in networks.find(paper)
    ]


def _lies(found):
    """Whether most of the text is on its side."""
    lengths = [(one.length, one.lies) for one in found if one.tells]
    lying = sum(length for length, lies in lengths if lies)
    return lying > sum(length for length, _ in lengths) / 2


def _side(networks, picture, found, deadline):
    """By which degrees clockwise a page must be turned whose text is on its side."""
    sample = _longest([one for one in found if one.lies])
    upwards = networks.read_regions(picture, sample, deadline)
    downwards = networks.read_regions(picture, list(map(_flipped, sample)), deadline)
    return 90 if _confidence(upwards) >= _confidence(downwards) else 270


def _longest(found):
    return sorted(found, key=lambda one: -one.length)[:SAMPLE]


def _flipped(region):
    return replace(region, angle=region.angle + np.pi)


def _confidence(lines):
    """Mean of all letters of some lines."""
    count = sum(line.letters for line in lines)
    total = sum(line.letters * line.confidence for line in lines)
    return total / count if count else 0.0


def _lines(networks, picture, found, deadline):
    """What stands in all regions; those on their side are turned as they read best."""
    lines = networks.read_regions(picture, found, deadline)
    doubted = [
        at
        for at, (region, line) in enumerate(zip(found, lines, strict=True))
        if region.lies and line.confidence < DOUBTED
    ]
    flipped = [_flipped(found[at]) for at in doubted]
    again = networks.read_regions(picture, flipped, deadline)
    for at, region, line in zip(doubted, flipped, again, strict=True):
        if line.confidence > lines[at].confidence:
            found[at], lines[at] = region, line
    return lines


def _checked(lines, networks, deadline):
    try:
        return agreement.checked(lines, networks, tesseract.usual()[:1], deadline)
    except OcrError:
        # the page was read all the same
        return lines


def _words(found, lines, levels):
    """The words of all lines where they stand on the level page."""
    if _is_wide(lines):
        chosen = [line.any for line in lines]
    else:
        chosen = _without_dirt([line.western for line in lines])
    words = []
    for region, line, tokens in zip(found, lines, chosen, strict=True):
        across = region.length / line.strip.width, region.height / line.strip.height
        words += [
            _word(token, region, across, levels)
            for token in tokens
            if token.confidence >= DIRT
        ]
    return words


def _without_dirt(lines):
    """Tokens of lines without accents where the page has none but doubtful ones."""
    tokens = [token for line in lines for token in line]
    accented = [token for token in tokens if letters.plain(token.text) != token.text]
    if sum(token.confidence >= ACCENTED for token in accented) >= ENOUGH:
        return lines
    doubted = {id(token) for token in accented if token.confidence < ACCENTED}
    return [
        [
            replace(token, text=letters.plain(token.text))
            if id(token) in doubted
            else token
            for token in line
        ]
        for line in lines
    ]


def _is_wide(lines):
    text = "".join(token.text for line in lines for token in line.any)
    wide = sum(map(letters.is_wide, text))
    return wide > WIDE * len(text)


def _word(token, region, scale, levels):
    """A token of a line as a word of the page."""
    wide, tall = (token.x1 - token.x0) * scale[0], (token.bottom - token.top) * scale[1]
    x, y = region.point(
        (token.x0 + token.x1) / 2 * scale[0], (token.top + token.bottom) / 2 * scale[1]
    )
    x, y = levels.place(x, y)
    if region.lies:
        wide, tall = tall, wide
    return Seen(
        token.text,
        round(x - wide / 2),
        round(y - tall / 2),
        round(x + wide / 2),
        round(y + tall / 2),
        min(SUREST, token.confidence),
        round(region.height),
    )
