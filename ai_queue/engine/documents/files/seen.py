"""What a reader of pictures gives, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image


class OcrError(Exception):
    """A picture could not be read, or not in time."""


@dataclass(frozen=True)
class Seen:
    """A word in a picture; places in pixels, confidence 0..1, height of its line."""

    text: str
    x0: int
    top: int
    x1: int
    bottom: int
    confidence: float
    height: int


@dataclass(frozen=True)
class Reading:
    """The `Seen` of a picture that was turned clockwise by so many degrees.

    ``picture`` is what they stand on, or nearly: it may still bend.
    """

    words: list
    turned: int
    picture: Image.Image = field(repr=False, compare=False)

    @property
    def size(self):
        """Of the picture, pixels."""
        return self.picture.size
