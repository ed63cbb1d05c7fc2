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
) -> tuple[dict[Any, Assisted], dict[Any, Comparison]]:
    """What came of all questions, of today and of the past.

    :param subjects: by their ids, those too that no question names
    :param rehearsals: by their ids; may be empty
    :param asked: of `questions` and `backtest_questions`
    :param answers: key of a question -> what has the ``data`` of its answer; questions
        without an answer are missing
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
                found = [keep(subject, "kept_failed") for subject in found]
            results.update(zip(key.series_ids, found, strict=True))
        elif answer:
            found = read_backtest(members(key, rehearsals), answer.data)
            compared.update(zip(key.series_ids, found, strict=True))
    return results, compared
