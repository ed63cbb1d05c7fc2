"""The model beside the statistics, on a part of the past that both are not shown.

The last periods are held back, the statistics forecast them from what was known
then, the model is asked about that forecast in the very words it is asked in today, and
both are compared with what was really sold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...client.shapes import Question
from ..backtest import LEAST_HISTORY
from ..core import forecast
from ..panel import absorb_returns, first_period, lead_of
from ..series import validate
from .guards import keep, read
from .prompt import PER_REQUEST, questions, shift
from .shapes import BACKTEST, Assisted, Comparison, Rehearsal, Subject


def rehearse(subjects: Sequence[Subject]) -> list[Rehearsal]:
    """The subjects as they were before their last periods, forecast from there.

    As many periods are held back as are to be forecast, fewer where the history is
    short (`panel.lead_of`, as in the back-test of the statistics). Subjects without
    enough history, or without anything observed in those periods, are left out.
    """
    pasts = [past for past in map(_hold_back, subjects) if past]
    baselines = forecast([past.subject.series for past in pasts])
    return [
        replace(past, subject=replace(past.subject, baseline=baseline))
        for past, baseline in zip(pasts, baselines, strict=True)
    ]


def _hold_back(subject):
    series = subject.series
    history, columns = validate(series)
    span = len(history) - first_period(history, series.sold_before)[0]
    lead = lead_of(series.horizon, span)
    rows = len(history) - lead
    seen = ~np.isnan(history[rows:])
    if span - lead < max(LEAST_HISTORY, lead // 2) or not seen.any():
        return None
    # As in the back-test of the statistics, what came back later was not sold.
    demand = absorb_returns(np.nan_to_num(history)[:, None])[:, 0]
    past = np.where(np.isnan(history), np.nan, demand)[:rows]
    start = subject.start and shift(subject.start, series.freq, -lead)
    then = replace(
        series,
        history=past,
        horizon=lead,
        columns={
            name: (values[:rows], values[rows : rows + lead])
            for name, values in columns.items()
        },
    )
    then = replace(subject, series=then, start=start)
    return Rehearsal(then, demand[rows:], seen.astype(float))


def backtest_questions(
    rehearsals: Sequence[Rehearsal],
    model: str,
    *,
    per_request: int = PER_REQUEST,
    language: str = "English",
) -> list[Question]:
    """What to ask a model about the past; see `questions`.

    They can be sent in one go with those of today: their keys say what they are for.
    """
    subjects = [rehearsal.subject for rehearsal in rehearsals]
    return questions(
        subjects,
        model,
        per_request=per_request,
        language=language,
        purpose=BACKTEST,
    )


def read_backtest(rehearsals: Sequence[Rehearsal], data: Any) -> list[Comparison]:
    """What an answer about the past is worth, product by product.

    :param rehearsals: those of the question, in its order (see `members`)
    :param data: the data of the answer; None for one that was not asked or got no
        answer, which compares the baseline with itself
    """
    subjects = [rehearsal.subject for rehearsal in rehearsals]
    results = [keep(one) for one in subjects] if data is None else read(subjects, data)
    return [
        _compare(rehearsal, result)
        for rehearsal, result in zip(rehearsals, results, strict=True)
    ]


def _compare(rehearsal, result: Assisted):
    alone = _bias(rehearsal, rehearsal.subject.baseline)
    assisted = _bias(rehearsal, result.forecast)
    return Comparison(
        series_id=rehearsal.id,
        error=None if alone is None else abs(alone),
        error_assisted=None if assisted is None else abs(assisted),
        bias_assisted=assisted,
        is_assisted=result.is_assisted,
        horizon=rehearsal.subject.series.horizon,
    )


def _bias(rehearsal, forecast):
    """Error of the total over total demand, as in `backtest.summarise`."""
    demand = float((rehearsal.actual * rehearsal.seen).sum())
    if demand <= 0:
        return None
    missed = ((forecast.quantity - rehearsal.actual) * rehearsal.seen).sum()
    return float(missed) / demand
