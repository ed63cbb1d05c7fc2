"""What a model may change in a forecast, and how its answer becomes one.

An answer counts as a whole or not at all, product by product. What it may say is bound
by what was sold and by what the statistics expect:

* each period: 0 <= quantity <= max(hi95, `PEAK` x highest demand of the last year)
* total: at least `FLOOR` x min(total of lo80, lowest total over as many periods in the
  last year), at most max(`RISE` x total of the baseline, `CREST` x highest total over
  as many periods in the last year)

"The last year" is a natural season (365 days, 52 weeks, 12 months), or the season of
the series where that is longer; for totals, as many periods longer as are forecast, so
that every part of a year is the beginning of one. A total counts as lowest only when
all of its periods were observed. So a product that has not sold for a year stays within
what the statistics still give it, however much it sold once; one that only sells
at Christmas may be forecast at nothing; and a steady seller cannot be zeroed.

The interval follows the quantity as in `moving`: raised, it becomes wider; lowered, it
keeps its width. A model's word never makes a forecast look more certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..moving import move
from ..panel import absorb_returns
from ..reasons import Reason
from ..series import DAYS_OF_YEAR, NATURAL_SEASON, Forecast
from .shapes import Assisted, Subject
from .wording import numbers, opaque_id, plain_sentence

#: See above.
PEAK, CREST, RISE, FLOOR = 2.0, 1.5, 3.0, 0.5
#: Characters of the reason that are kept.
MAX_REASON = 240
#: The limits hold up to this share, as numbers are shown to the model rounded.
TOLERANCE = 0.001


@dataclass(frozen=True)
class Limits:
    """What an answer must lie within.

    highest: (horizon,) per period; lowest_total, highest_total: of all periods.
    """

    highest: np.ndarray
    lowest_total: float
    highest_total: float


def limits(subject: Subject) -> Limits:
    """The bounds of the module's docstring for one subject."""
    series, baseline = subject.series, subject.baseline
    history = np.array(series.history, dtype=float)
    seen = ~np.isnan(history)
    demand = absorb_returns(np.nan_to_num(history)[:, None])[:, 0]
    year = max(_YEAR[series.freq], series.season or 0)
    peak = demand[-year:].max(initial=0.0)
    lowest, highest = _totals(
        demand[-year - series.horizon + 1 :],
        seen[-year - series.horizon + 1 :],
        series.horizon,
    )
    return Limits(
        highest=np.maximum(baseline.hi95, PEAK * peak),
        lowest_total=FLOOR * min(float(baseline.lo80.sum()), lowest),
        highest_total=max(RISE * float(baseline.quantity.sum()), CREST * highest),
    )


_YEAR = {**NATURAL_SEASON, "D": DAYS_OF_YEAR}


def _totals(demand, seen, periods):
    """Lowest and highest total of so many consecutive periods."""
    if len(demand) < periods:
        # Too young to have had such a total: its best period, all the time.
        return 0.0, float(demand.max(initial=0.0)) * periods
    totals = _sums(demand, periods)
    whole = _sums(seen, periods) == periods
    lowest = totals[whole].min() if whole.any() else 0.0
    return float(lowest), float(totals.max())


def _sums(values, periods):
    sums = np.concatenate(([0.0], np.cumsum(values)))
    return sums[periods:] - sums[:-periods]


def read(subjects: Sequence[Subject], data: Any) -> list[Assisted]:
    """What an answer makes of the subjects of its question.

    :param subjects: those of the question, in its order (see `members`)
    :param data: the data of the answer; anything is taken, and nothing raised for what
        does not fit
    :return: one result a subject, in the same order
    """
    offers = {}
    products = data.get("products") if isinstance(data, dict) else None
    for offer in products if isinstance(products, list) else ():
        if isinstance(offer, dict):
            offers.setdefault(str(offer.get("id")), []).append(offer)
    return [
        _judge(subject, offers.get(opaque_id(place), ()))
        for place, subject in enumerate(subjects)
    ]


def keep(subject: Subject, code: str | None = None, **values) -> Assisted:
    """The subject with its baseline.

    :param code: why, of `REASONS`: "kept_failed" when the question got no answer;
        None when there was no question
    :param values: of the template of the code
    """
    forecast = subject.baseline
    if code:
        forecast = _note(forecast, Reason(code, values))
    return Assisted(subject.id, forecast, False, rejected=code)


def wait(baseline: Forecast) -> Forecast:
    """The statistics, as they stand until the model has answered."""
    return _note(baseline, Reason("kept_waiting"))


def _judge(subject, offers):
    if len(offers) != 1:
        return keep(subject, "kept_duplicate" if offers else "kept_missing")
    quantity = _to_floats(offers[0].get("quantities"))
    problem = _problem(subject, quantity)
    if problem:
        return keep(subject, problem)
    return _accept(subject, quantity, offers[0].get("reason"))


def _to_floats(values):
    """A list of numbers as an array, ``nan`` for what is no finite number."""
    if not isinstance(values, list):
        return np.zeros(0)
    return np.array([_to_float(value) for value in values], dtype=float)


def _to_float(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return np.nan
    try:
        value = float(value)
    except OverflowError:
        return np.nan
    return value if np.isfinite(value) else np.nan


def _problem(subject, quantity):
    """The code of the guard rail that these quantities fail, or None."""
    if len(quantity) != subject.series.horizon:
        return "kept_horizon"
    if np.isnan(quantity).any():
        return "kept_not_number"
    if (quantity < 0).any():
        return "kept_negative"
    bounds, total = limits(subject), quantity.sum()
    more = 1.0 + TOLERANCE
    if (quantity > more * bounds.highest).any() or total > more * bounds.highest_total:
        return "kept_too_high"
    if more * total < bounds.lowest_total:
        return "kept_too_low"
    return None


def _accept(subject, quantity, sentence):
    baseline = subject.baseline
    # What came back as it was shown was not meant to be rounded.
    as_shown = np.array(numbers(baseline.quantity), dtype=float)
    quantity = np.where(quantity == as_shown, baseline.quantity, quantity + 0.0)
    agrees = bool((quantity == baseline.quantity).all())
    told = sentence if isinstance(sentence, str) else ""
    sentence = plain_sentence(told, MAX_REASON)
    code = "assisted_agrees" if agrees else "assisted"
    if sentence:
        note = Reason(code, {"sentence": sentence})
    else:
        note = Reason(f"{code}_silently")
    forecast = baseline if agrees else move(baseline, quantity)
    return Assisted(subject.id, _note(forecast, note), True, reason=sentence)


def _note(forecast, note):
    """The forecast with one more note in its reason."""
    reason = forecast.reason
    return replace(forecast, reason=replace(reason, notes=(*reason.notes, note)))
