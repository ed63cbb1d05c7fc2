"""A product that is expected to sell like another one, which a person has named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .reasons import Reason
from .series import Series, seasons_of

#: Periods of the other one's latest demand that say how much it sells.
RECENT = 13
#: Periods of its demand that weigh against the product's own when the two are compared,
#: and how far apart they may be.
PRIOR, FARTHEST = 4.0, 10.0
#: From so many seasons of its own on a product needs no other one.
OWN_SEASONS = 2


def follow(one: Series, name: str, history: Sequence[float | None]) -> Series:
    """The series with the demand of another product before its own first period.

    That is scaled to what the product has sold itself, as far as it tells. The series
    comes back as it is where it has seasons enough of its own, or where the other one
    knows of no period before.

    history: demand of the other one, which ends with the same period.
    """
    own = np.array(one.history, dtype=float)
    before = np.array(history, dtype=float)
    before = before[: len(before) - len(own)] if len(own) < len(before) else before[:0]
    usual = _recent_mean(before)
    if len(own) >= OWN_SEASONS * seasons_of(one)[-1] or not usual:
        return one
    known = own[~np.isnan(own)]
    times = (PRIOR * usual + known.sum()) / ((PRIOR + len(known)) * usual)
    times = min(max(times, 1.0 / FARTHEST), FARTHEST)
    values = {"name": name, "periods": len(before)}
    return replace(
        one,
        history=np.concatenate((times * before, own)),
        columns={
            key: ([None] * len(before) + list(past), coming)
            for key, (past, coming) in one.columns.items()
        },
        begins=False,
        notes=(*one.notes, Reason("borrowed", values)),
    )


def _recent_mean(demand):
    """Mean of the latest known periods, None where nothing was sold."""
    known = demand[~np.isnan(demand)][-RECENT:]
    return float(known.mean()) if known.sum() > 0 else None
