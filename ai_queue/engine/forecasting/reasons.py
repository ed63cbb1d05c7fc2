"""Why a forecast is what it is, in words that a buyer understands.

A `Reason` is a code with values; the sentence comes from `REASONS`. Whoever
speaks another language translates the template of the code and fills in the same
values. Values named ``method`` are keys of `METHODS` (``methods``: a list of
them), shares are percent, everything else is a plain number or name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .catalogue import METHODS


def _(text):
    """Mark a template for the tools that collect what is to be translated."""
    return text


# There is no environment in here: whoever shows a reason translates it.
# pylint: disable=prefer-env-translation

#: Reason code -> English template.
REASONS = {
    "empty": _("No demand was ever observed, so there is nothing to forecast from."),
    "all_zero": _(
        "Nothing was sold in all %(periods)s known periods, so nothing is expected."
    ),
    "constant": _(
        "Demand was the same in every known period, so it is expected again."
    ),
    "short": _(
        "Only %(periods)s periods are known, too few to try methods against each "
        "other, so a cautious mix is used: %(methods)s."
    ),
    "chosen": _(
        "%(method)s missed the total of %(horizon)s periods least in %(origins)s "
        "trial forecasts of the past."
    ),
    "mixed": _(
        "A mix of %(methods)s, weighted by how well each foresaw the total of "
        "%(horizon)s periods in %(origins)s trial forecasts of the past."
    ),
    "seasonal": _(
        "Demand repeats every %(season)s periods: the strongest is %(swing)s %% above "
        "the weakest."
    ),
    "trend_up": _("Demand is rising, by %(change)s %% over the forecast."),
    "trend_down": _("Demand is falling, by %(change)s %% over the forecast."),
    "intermittent": _("It sells in %(share)s %% of the periods only."),
    "faded": _("The last sale was %(periods)s periods ago."),
    "new": _(
        "It has been sold for %(periods)s periods only; zeros before do not count."
    ),
    "drivers": _("What is known ahead is taken into account: %(columns)s."),
    "returns": _("Returns above the sales of a period are taken off earlier sales."),
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
    if key == "methods":
        return _join([METHODS[method] for method in value])
    if isinstance(value, (list, tuple)):
        return _join([str(item) for item in value])
    return value


def _join(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
