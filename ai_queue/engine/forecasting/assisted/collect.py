"""From the answers of a model to a result for every product that it was asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...client.shapes import Question
from .backtest import read_backtest
from .guards import keep, read
from .shapes import FORECAST, Assisted, Comparison, Rehearsal, Subject, members


def collect(
    subjects: Mapping[Any, Subject],
    rehearsals: Mapping[Any, Rehearsal],
    asked: Sequence[Question],
    answers: Mapping[Any, Any],
    causes: Mapping[Any, str] | None = None,
) -> tuple[dict[Any, Assisted], dict[Any, Comparison]]:
    """What came of all questions, of today and of the past.

    Where the model misses the past by more than the statistics, these are kept.

    :param subjects: by their ids, those too that no question names
    :param rehearsals: by their ids; may be empty
    :param asked: of `questions` and `backtest_questions`
    :param answers: key of a question -> what has the ``data`` of its answer; questions
        without an answer are missing
    :param causes: key of a question -> why it got no answer, of `client.causes.LABELS`
    :return: results of all subjects, in their order, and the comparisons of those
        whose question about the past was answered; both by id
    """
    results = {one: keep(subject) for one, subject in subjects.items()}
    compared = {}
    for key in (question.key for question in asked):
        answer = answers.get(key)
        if key.purpose == FORECAST:
            found = members(key, subjects)
            if answer:
                found = read(found, answer.data)
            else:
                found = _without(found, (causes or {}).get(key))
            results.update(zip(key.series_ids, found, strict=True))
        elif answer:
            found = read_backtest(members(key, rehearsals), answer.data)
            compared.update(zip(key.series_ids, found, strict=True))
    for one, comparison in compared.items():
        if results[one].is_assisted and comparison.is_worse:
            results[one] = _outdone(subjects[one], comparison)
    return results, compared


def _without(subjects, cause):
    if cause:
        return [keep(subject, "kept_without", cause=cause) for subject in subjects]
    return [keep(subject, "kept_failed") for subject in subjects]


def _outdone(subject, comparison):
    """The statistics, as the model did worse where both were tried."""
    return keep(
        subject,
        "kept_worse",
        alone=round(100 * comparison.error),
        assisted=round(100 * comparison.error_assisted),
    )
