"""The model as the helper of a command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...client import ask_many
from ...client.shapes import Endpoint
from ..series import Forecast, Series
from .backtest import backtest_questions, rehearse
from .collect import collect
from .prompt import questions, shift
from .shapes import FORECAST, Subject

#: Questions under way at a time.
IN_FLIGHT = 4


class Helper:
    """Adjusts forecasts with a model; a model that fails is complained about.

    :ivar has_failed: whether a question got no answer
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        backtest: bool,
        complain: Callable[[str], Any],
    ):
        self.endpoint = endpoint
        self.model = model
        self.backtest = backtest
        self.complain = complain
        self.has_failed = False

    def adjust(
        self,
        series: Sequence[Series],
        forecasts: Sequence[Forecast],
        descriptions: Iterable[Mapping[str, Any]],
    ) -> Iterator[tuple[Forecast, dict[str, Any]]]:
        """The forecasts, adjusted where the model does it well, and what to tell of it.

        :param descriptions: of each series, ``name``, ``category`` and ``start``, the
            first day of its history
        """
        subjects = {
            place: _subject(place, *parts)
            for place, parts in enumerate(
                zip(series, forecasts, descriptions, strict=True)
            )
        }
        rehearsals = {}
        if self.backtest:
            rehearsals = {one.id: one for one in rehearse(list(subjects.values()))}
        results, compared = self._ask(subjects, rehearsals)
        for place, result in results.items():
            more = {"assisted": result.is_assisted, "rejected": result.rejected}
            if self.backtest:
                comparison = compared.get(place)
                more["backtest_assisted"] = comparison and comparison.as_dict()
            yield result.forecast, more

    def _ask(self, subjects, rehearsals):
        asked = questions(list(subjects.values()), self.model)
        asked += backtest_questions(list(rehearsals.values()), self.model)
        batch = ask_many(self.endpoint, asked, in_flight=IN_FLIGHT)
        self._say(batch)
        causes = {key: error.cause for key, error in batch.errors.items()}
        return collect(subjects, rehearsals, asked, batch.answers, causes)

    def _say(self, batch):
        """Complain of what got no answer, each cause once."""
        silent = [*batch.errors, *batch.left]
        if not silent:
            return
        self.has_failed = True
        lost = sum(len(key.series_ids) for key in silent if key.purpose == FORECAST)
        causes = Counter(str(error) for error in batch.errors.values())
        causes.update([str(batch.halt)] if batch.halt else [])
        for sentence, _count in causes.most_common():
            self.complain(f"model: {sentence}")
        if lost:
            self.complain(f"model: {lost} series keep their statistical forecast")


def _subject(place, series, baseline, told):
    start = told["start"] and shift(told["start"], series.freq, len(series.history))
    # Ids of a file may be anything, and the same twice: its lines are told apart.
    return Subject(
        replace(series, id=place),
        baseline,
        start,
        name=told["name"],
        category=told["category"],
    )
