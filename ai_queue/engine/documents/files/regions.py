"""Where lines of text are: a map of probabilities → rectangles at any angle.

The map is that of a network for differentiable binarization (Liao et al., "Real-time
Scene Text Detection with Differentiable Binarization", AAAI 2020): how likely each
place belongs to the core of a line. Each connected core is surrounded by its smallest
rectangle, which is then grown to the size of the letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

#: probability from which a place belongs to a line, and mean of a line that is believed
INSIDE, BELIEVED = 0.3, 0.55
#: by how much cores are smaller than lines: area over perimeter, times this
GROWTH = 1.6
#: side of a core in places of the map below which it is dirt, and lines taken at most
SMALLEST, MOST = 3, 2000
#: how many times as high as wide a rectangle is from which its text is on its side
LYING = 1.5
#: how many times as long as high a line is whose own angle tells something of the page,
#: and one whose own angle is better than that of the others
TELLING, STEADY = 3.0, 5.0


@dataclass(frozen=True)
class Region:
    """A line of text: a rectangle around ``x``, ``y``.

    ``angle``: by how much it falls to the right, radians; that of text on its side is
    near a right angle. ``length`` and ``height`` are along and across the text.
    """

    x: float
    y: float
    length: float
    height: float
    angle: float

    @cached_property
    def along(self):
        """The direction of reading, as a vector of length 1."""
        return np.array((np.cos(self.angle), np.sin(self.angle)))

    @property
    def across(self):
        """The direction from the upper edge to the lower, as a vector of length 1."""
        x, y = self.along
        return np.array((-y, x))

    @property
    def lies(self):
        """Whether its text is on its side."""
        return abs(self.angle) > np.pi / 4

    @property
    def tells(self):
        """Whether it is long enough for its angle to say how the page lies."""
        return self.length > TELLING * self.height

    def point(self, along, across):
        """A place by its distances from the upper left corner."""
        return (
            (self.x, self.y)
            + self.along * (along - self.length / 2)
            + self.across * (across - self.height / 2)
        )

    def corners(self):
        """Upper left, lower left, lower right, upper right: as Pillow wants them."""
        sides = ((0, 0), (0, self.height), (self.length, self.height), (self.length, 0))
        return [self.point(*side) for side in sides]

    def scaled(self, x, y):
        """The region in a picture that is so many times as large."""
        tall, wide = (y, x) if not self.lies else (x, y)
        return Region(
            self.x * x, self.y * y, self.length * wide, self.height * tall, self.angle
        )


def find(chances) -> list[Region]:
    """The lines of a map, from the top down.

    :param chances: array of rows of probabilities
    """
    starts, ends, rows, labels = _cores(chances > INSIDE)
    sums = np.concatenate([[0.0], np.cumsum(chances, dtype=np.float64)])
    width = chances.shape[1]
    totals = sums[rows * width + ends] - sums[rows * width + starts]
    order = np.argsort(labels, kind="stable")
    edges = np.flatnonzero(np.diff(labels[order], prepend=-1, append=-2))
    cores = []
    for first, last in zip(edges[:-1], edges[1:], strict=True):
        mine = order[first:last]
        size = (ends[mine] - starts[mine]).sum()
        if totals[mine].sum() >= BELIEVED * size and size >= SMALLEST**2:
            cores.append(_Core.of(starts[mine], ends[mine], rows[mine]))
    usual = _usual(cores)
    found = [one for core in cores if (one := core.region(usual))]
    found.sort(key=lambda one: -one.length)
    return sorted(found[:MOST], key=lambda one: (one.y, one.x))


def _usual(cores):
    """The angle at which most of the text runs, 0 where no line is long enough."""
    long = [core for core in cores if core.wide > STEADY * core.tall]
    long = [core for core in long if abs(core.angle) < np.pi / 4]
    long.sort(key=lambda core: core.angle)
    reach = np.cumsum([core.wide for core in long])
    return long[int(np.searchsorted(reach, reach[-1] / 2))].angle if long else 0.0


def _cores(mask):
    """Runs of a mask, row by row: their starts, ends, rows, and which belong together.

    Runs that touch, also over a corner, have the same label.
    """
    padded = np.pad(mask, 1).astype(np.int8)
    width = padded.shape[1]
    steps = np.diff(padded.ravel())
    starts = np.flatnonzero(steps == 1) + 1
    ends = np.flatnonzero(steps == -1) + 1
    # those of the row below: a run ends at the first place that is not its own
    first = np.searchsorted(ends, starts + width, "left")
    last = np.searchsorted(starts, ends + width, "right")
    counts = np.maximum(last - first, 0)
    one = np.repeat(np.arange(len(starts)), counts)
    skipped = np.repeat(np.cumsum(counts) - counts, counts)
    other = np.arange(len(one)) - skipped + np.repeat(first, counts)
    labels = _joined(len(starts), one, other)
    rows = starts // width - 1
    begin = (rows + 1) * width + 1
    return starts - begin, ends - begin, rows, labels


def _joined(count, one, other):
    """Labels of ``count`` things, the same for all that pairs connect."""
    labels = np.arange(count)
    while True:
        before = labels.copy()
        low = np.minimum(labels[one], labels[other])
        np.minimum.at(labels, one, low)
        np.minimum.at(labels, other, low)
        labels = labels[labels]
        if (labels == before).all():
            return labels


@dataclass(frozen=True)
class _Core:
    """The places that are surely of one line; ``points`` are their corners.

    ``angle``: where they are spread most; ``wide`` and ``tall``: how far, and across.
    """

    points: tuple
    angle: float
    wide: float
    tall: float

    @classmethod
    def of(cls, starts, ends, rows):
        """That of runs."""
        xs = np.concatenate([starts, ends, starts, ends]).astype(float)
        ys = np.concatenate([rows, rows, rows + 1, rows + 1]).astype(float)
        angle = _direction(starts, ends, rows)
        return cls((xs, ys), angle, *_extent(xs, ys, angle)[1])

    def region(self, usual):
        """The rectangle around them, grown; ``None`` for dirt.

        :param usual: the angle that a few letters have most likely, as they have no
            direction of their own
        """
        angle = self.angle
        if self.wide < TELLING * self.tall:
            angle = usual
        elif self.wide < STEADY * self.tall:
            lies = abs(angle - usual) > np.pi / 4
            angle = usual - np.pi / 2 if lies else usual
        (x, y), (wide, tall) = _extent(*self.points, angle)
        if min(wide, tall) < SMALLEST:
            return None
        grown = GROWTH * wide * tall / (wide + tall)
        wide, tall = wide + grown, tall + grown
        if angle == usual and tall > LYING * wide:
            return Region(x, y, tall, wide, usual - np.pi / 2)
        return Region(x, y, wide, tall, angle)


def _direction(starts, ends, rows):
    """The direction in which the places of runs are spread most, radians.

    It is told better by all places than by the edges, which are stairs.
    """
    count = ends - starts
    xs, ys = (starts + ends) / 2, rows + 0.5
    total = count.sum()
    x, y = xs - (count * xs).sum() / total, ys - (count * ys).sum() / total
    across = (count * (x**2 + (count**2 - 1) / 12)).sum()
    down, both = (count * y**2).sum() + total / 12, (count * x * y).sum()
    angle = 0.5 * np.arctan2(2 * both, across - down)
    # text on its side is read upwards
    return float(angle - np.pi if angle > np.pi / 4 else angle)


def _extent(xs, ys, angle):
    """``(middle, size)`` of the rectangle at an angle around points."""
    cos, sin = np.cos(angle), np.sin(angle)
    u, v = xs * cos + ys * sin, ys * cos - xs * sin
    across, down = (u.min() + u.max()) / 2, (v.min() + v.max()) / 2
    middle = across * cos - down * sin, across * sin + down * cos
    return tuple(map(float, middle)), (float(np.ptp(u)), float(np.ptp(v)))
