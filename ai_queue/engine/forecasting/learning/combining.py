"""Forecasts of the statistics together with what was learnt from all series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..moving import move
from ..panel import panels
from ..reasons import Reason
from ..series import Forecast, Series
from .model import Learned, is_available, kind_of
from .starts import begin

#: Known periods from which on what was learnt has a say in a forecast.
LEAST_KNOWN = 6


def combine(
    series: Sequence[Series], forecasts: Sequence[Forecast], learned: Learned | None
) -> list[Forecast]:
    """The forecasts of the statistics, moved towards what was learnt.

    By the share that its back-test gave it; the reason names it. Series of a kind that
    was not learnt, without demand, or with hardly any history stay as they are, and all
    do where `learned` is None or `lightgbm` is not installed; only new products start
    as similar ones did there, too. A forecast does not depend on the other series of
    the call. Raises `InvalidModel`.
    """
    results = list(forecasts)
    if learned is None:
        return results
    if learned.parts and is_available():
        _add_learned(series, results, learned)
    return [
        begin(one, result, learned.starts)
        for one, result in zip(series, results, strict=True)
    ]


def _add_learned(series, results, learned):
    """Move the results, in place."""
    for panel in panels(series):
        part = learned.parts.get(kind_of(panel))
        if part is None or len(panel.y) < LEAST_KNOWN:
            continue
        found = part.predict(panel)
        for place, index in enumerate(panel.index):
            if panel.count[place] >= LEAST_KNOWN and panel.mean[place] > 0:
                results[index] = _blend(results[index], found[:, place], part.share)


def _blend(forecast, found, share):
    quantity = (1.0 - share) * forecast.quantity + share * found
    reason = forecast.reason
    note = Reason("learned", {"share": round(100 * share)})
    return replace(
        move(forecast, quantity), reason=replace(reason, notes=(*reason.notes, note))
    )
