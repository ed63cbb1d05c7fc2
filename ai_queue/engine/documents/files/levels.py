"""How the lines of a page fall, and where its places are when they are level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: lines from which it is told how a page bends
ENOUGH = 4
#: radians off the others from which a line counts little, and not at all
STRAY, ASTRAY = 0.01, 0.2
#: so sure it is without any line that a page neither bends nor is seen from aside
PRIOR = 0.05


@dataclass(frozen=True)
class Levels:
    """A page turned by ``angle`` (radians) about ``middle``, and then bent.

    ``bend``: by how much lines fall on top of that: everywhere, from left to right and
    from the top down, in radians a side of the page.
    """

    angle: float
    bend: tuple
    middle: tuple
    size: tuple

    @classmethod
    def of(cls, regions, size):
        """Those of a picture of a ``size`` with `regions.Region` on it."""
        middle = size[0] / 2, size[1] / 2
        lines = [one for one in regions if one.tells and not one.lies]
        if not lines:
            return cls(0.0, (0.0, 0.0, 0.0), middle, size)
        angles = np.array([one.angle for one in lines])
        angles = (angles + np.pi / 2) % np.pi - np.pi / 2
        weights = np.array([one.length for one in lines])
        order = np.argsort(angles)
        half = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
        angle = float(angles[order][half])
        found = cls(angle, (0.0, 0.0, 0.0), middle, size)
        near = np.abs(angles - angle) < ASTRAY
        if near.sum() < ENOUGH:
            return found
        places = np.array([found.turned(one.x, one.y) for one in lines])[near]
        places = (places - middle) / size
        return cls(
            angle, _fitted(places, angles[near] - angle, weights[near]), middle, size
        )

    def turned(self, x, y):
        """A place of the picture on the page that was only turned."""
        x, y = x - self.middle[0], y - self.middle[1]
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return self.middle[0] + x * cos + y * sin, self.middle[1] - x * sin + y * cos

    def place(self, x, y):
        """A place of the picture on the level page."""
        x, y = self.turned(x, y)
        even, across, down = self.bend
        aside = x - self.middle[0]
        right, below = aside / self.size[0], (y - self.middle[1]) / self.size[1]
        return x, y - aside * (even + across * right / 2 + down * below)


def _fitted(places, falls, weights):
    """How lines fall by where they are, by least squares with a weak `PRIOR`."""
    terms = np.column_stack([np.ones(len(places)), places])
    weights = weights / weights.mean()
    believed = np.ones(len(places))
    for _again in range(4):
        weighted = terms * (weights * believed)[:, None]
        found = np.linalg.solve(
            terms.T @ weighted + PRIOR * np.eye(3), weighted.T @ falls
        )
        believed = 1 / (1 + ((falls - terms @ found) / STRAY) ** 2)
    return tuple(map(float, found))
