"""What goes into and comes out of a model-assisted forecast: plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from ..series import Forecast, Series

#: What a question is asked for.
FORECAST, BACKTEST = "forecast", "backtest"


@dataclass(frozen=True)
class Subject:
    """One product that a model is to look at.

    series: its history, and price or promotion as `Series.columns`; the id must be
        hashable and differ from that of all others.
    baseline: the statistical forecast of this very series.
    start: first day of the first period that is forecast, None where nobody knows.
    name, category: what people call it; any text, for it is shown to the model as
        data only.
    """

    series: Series
    baseline: Forecast
    start: date | None
    name: str = ""
    category: str = ""

    @property
    def id(self) -> Any:
        """The id of its series."""
        return self.series.id


@dataclass(frozen=True)
class Rehearsal:
    """A product as it was some periods ago, and what became of it.

    subject: with the history of then, forecast as it would have been then.
    actual: what was really sold in the periods of that forecast, returns absorbed;
        0.0 where it was not observed.
    seen: 1.0 where it was observed.
    """

    subject: Subject
    actual: np.ndarray
    seen: np.ndarray

    @property
    def id(self) -> Any:
        """The id of its series."""
        return self.subject.id


class Key(NamedTuple):
    """The key of a question: what for, and about which series, in their order."""

    purpose: str
    series_ids: tuple


@dataclass(frozen=True)
class Assisted:
    """What came of asking a model about one product.

    forecast: adjusted where ``is_assisted``, else the baseline as it was; its reason
        has a note that says which, so that whoever translates reasons needs no more.
    is_assisted: whether the answer of the model passed every guard rail. The model may
        well have left all numbers as they were.
    reason: the sentence of the model, plain text; None when it said nothing, or what
        it said does not count.
    rejected: code of `REASONS` that says why the answer does not count; None when it
        does, and when the model was not asked.
    """

    series_id: Any
    forecast: Forecast
    is_assisted: bool
    reason: str | None = None
    rejected: str | None = None


@dataclass(frozen=True)
class Comparison:
    """What statistics and model would have missed, from one same point of the past.

    error: absolute error of the total that the statistics forecast, as a ratio of the
        total demand: as "error" of `Forecast.backtest`, but of this point alone, so
        compare it with ``error_assisted`` and with nothing else. None without demand.
    error_assisted: the same for the forecast after the model, which is the baseline
        again where its answer failed a guard rail.
    bias_assisted: the same with its sign, above zero where it was too high.
    is_assisted: whether the answer of the model passed every guard rail.
    horizon: periods looked ahead; fewer than usual where the history is short.

    A model may have read about the past that it is tested on, so a small advantage
    of the model proves little.
    """

    series_id: Any
    error: float | None
    error_assisted: float | None
    bias_assisted: float | None
    is_assisted: bool
    horizon: int

    @property
    def is_worse(self) -> bool:
        """Whether the model missed more, by what can be seen in whole percents."""
        if self.error is None or self.error_assisted is None:
            return False
        return round(100 * self.error_assisted) > round(100 * self.error)

    def as_dict(self) -> dict[str, float | None]:
        """The two errors side by side."""
        return {"baseline": self.error, "assisted": self.error_assisted}


def members(key: Key, things: Sequence) -> list:
    """The subjects or rehearsals that a question is about, in its order.

    things: all that questions were made of, or more. For many questions, pass a dict
    of them by id: it is not built again each time.
    """
    by_id = things if isinstance(things, dict) else {one.id: one for one in things}
    return [by_id[series_id] for series_id in key.series_ids]
