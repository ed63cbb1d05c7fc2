"""Why a forecast is what it is, in words that a buyer understands.

A `Reason` is a code with values; the sentence comes from `REASONS`. Whoever
speaks another language translates the template of the code and fills in the same
values. Values named ``method`` are keys of `METHODS` (``methods``: a list of
them), those named ``cause`` of `client.causes.LABELS`, shares are percent, everything
else is a plain number or name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..client.causes import LABELS
from ..terms import _
from .catalogue import METHODS

# There is no environment in here: whoever shows a reason translates it.
# pylint: disable=prefer-env-translation

#: Reason code -> English template. Numbers stand apart from the words that they
#: count: so one sentence is right for one and for many, in every language.
REASONS = {
    "empty": _("No demand was ever observed, so there is nothing to forecast from."),
    "all_zero": _(
        "No known period has sales (known periods: %(periods)s): nothing is expected."
    ),
    "constant": _(
        "Demand was the same in every known period, so it is expected again."
    ),
    "short": _(
        "Too little is known to try methods against each other (known periods: "
        "%(periods)s), so a cautious mix is used: %(methods)s."
    ),
    "chosen": _(
        "%(method)s missed the total demand least when it was tried on the past "
        "(trial forecasts: %(origins)s, periods in each: %(horizon)s)."
    ),
    "mixed": _(
        "A mix of %(methods)s, weighted by how well each foresaw the total demand "
        "when it was tried on the past (trial forecasts: %(origins)s, periods in "
        "each: %(horizon)s)."
    ),
    "seasonal": _(
        "Demand repeats every %(season)s periods: the strongest is %(swing)s %% above "
        "the weakest."
    ),
    "trend_up": _("Demand is rising, by %(change)s %% over the forecast."),
    "trend_down": _("Demand is falling, by %(change)s %% over the forecast."),
    "intermittent": _("It sells in %(share)s %% of the periods only."),
    "regular": _(
        "It is ordered regularly (periods from one order to the next: %(periods)s)."
    ),
    "outliers": _(
        "Periods that stand out from those around them count as usual ones (their "
        "number: %(periods)s)."
    ),
    "unknown": _(
        "What sold in the latest periods is not known (their number: %(periods)s), so "
        "it is forecast from those before."
    ),
    "faded": _("It has not sold lately (periods since the last sale: %(periods)s)."),
    "new": _(
        "It is new (periods since the first sale: %(periods)s); zeros before do not "
        "count."
    ),
    "drivers": _("What is known ahead is taken into account: %(columns)s."),
    "learned": _(
        "What sold of all products has a say (share of what was learnt from them: "
        "%(share)s %%)."
    ),
    "similar": _(
        "It has not been sold yet, so it is expected to sell as similar products did "
        "at first (their number: %(count)s)."
    ),
    "similar_too": _(
        "Little is known of it yet, so what similar products sold at first has a say "
        "(their number: %(count)s, share: %(share)s %%)."
    ),
    "borrowed": _(
        "It is expected to sell like %(name)s, whose demand counts as its own before "
        "its first sale (periods: %(periods)s)."
    ),
    "exceptional": _(
        "Periods that are marked as exceptional do not count (their number: "
        "%(periods)s)."
    ),
    "returns": _("Returns above the sales of a period are taken off earlier sales."),
    # What a language model made of it, if it was asked.
    "assisted": _("Adjusted by the AI model: %(sentence)s"),
    "assisted_silently": _("Adjusted by the AI model, which did not say why."),
    "assisted_agrees": _("The AI model left it as it is: %(sentence)s"),
    "assisted_agrees_silently": _("The AI model left it as it is."),
    "kept_failed": _(
        "The AI model gave no answer that can be used, so the calculated quantities "
        "are kept."
    ),
    "kept_without": _(
        "The AI model gave no answer that can be used (%(cause)s), so the calculated "
        "quantities are kept."
    ),
    "kept_waiting": _(
        "The AI model has not answered yet, so the calculated quantities stand until "
        "it does."
    ),
    "kept_worse": _(
        "The AI model would have missed the total of the latest periods by "
        "%(assisted)s %% and the statistics by %(alone)s %%, so the calculated "
        "quantities are kept."
    ),
    "kept_missing": _(
        "The AI model left this product out of its answer, so the calculated "
        "quantities are kept."
    ),
    "kept_duplicate": _(
        "The AI model contradicts itself, with more than one answer for this product, "
        "so the calculated quantities are kept."
    ),
    "kept_horizon": _(
        "The AI model answered for another number of periods, so the calculated "
        "quantities are kept."
    ),
    "kept_not_number": _(
        "The AI model answered with something that is not a number, so the calculated "
        "quantities are kept."
    ),
    "kept_negative": _(
        "The AI model answered with a quantity below zero, so the calculated "
        "quantities are kept."
    ),
    "kept_too_high": _(
        "The AI model expects far more than was ever sold of late, so the calculated "
        "quantities are kept."
    ),
    "kept_too_low": _(
        "The AI model expects far less than was ever sold of late, so the calculated "
        "quantities are kept."
    ),
}


@dataclass(frozen=True)
class Reason:
    """A code of `REASONS`, the values of its template, and further reasons."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    notes: tuple[Reason, ...] = ()

    @property
    def text(self) -> str:
        """The reason in English, notes included."""
        values = {key: _say(key, value) for key, value in self.values.items()}
        own = REASONS[self.code] % values
        return " ".join([own, *(note.text for note in self.notes)])


def _say(key, value):
    if key == "method":
        return METHODS[value]
    if key == "cause":
        return LABELS[value]
    if key == "methods":
        return _join([METHODS[method] for method in value])
    if isinstance(value, (list, tuple)):
        return _join([str(item) for item in value])
    return value


def _join(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
