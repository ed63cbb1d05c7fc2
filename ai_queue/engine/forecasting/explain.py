"""The reason of a forecast, in the codes of `reasons`."""

from __future__ import annotations

from .reasons import Reason

#: A method with this share of the weight is named alone.
MAJORITY = 0.6
#: A season or trend is mentioned from this relative swing on.
NOTABLE = 0.1
#: Demand is called intermittent from this share of empty periods on.
INTERMITTENT = 0.25


def name_method(weights: dict[str, float]) -> str:
    """The method that carries most of the weight, or "ensemble"."""
    key, share = next(iter(weights.items()))
    return key if share >= MAJORITY else "ensemble"
