"""Forecasts that a language model may adjust: ask, read, and try it on the past.

The statistics make the forecast, as always. A model is shown what they cannot read (the
name of a product, a calendar, a promotion) beside their result, and may change it
within guard rails; what fails them keeps the statistical forecast and says so. Nothing
in here talks to a model: questions come out, answers go in, and `engine.client` or
any other postman carries them.

    subjects = [Subject(one, baseline, start, name="Tulip bulbs, red"), …]
    rehearsals = rehearse(subjects)                       # optional, costs calls
    asked = questions(subjects, model) + backtest_questions(rehearsals, model)
    batch = ask_many(endpoint, asked, in_flight=8)
    results, comparisons = collect(
        {one.id: one for one in subjects},
        {one.id: one for one in rehearsals},
        asked,
        batch.answers,
    )

A subject that no question names was not worth one, and one whose question failed got no
answer: both of them keep their baseline, in the same form.
"""

from .backtest import backtest_questions, read_backtest, rehearse
from .collect import collect
from .guards import Limits, keep, limits, read, wait
from .prompt import PER_REQUEST, PROMPT_VERSION, is_worth_asking, questions
from .shapes import (
    BACKTEST,
    FORECAST,
    Assisted,
    Comparison,
    Key,
    Rehearsal,
    Subject,
    members,
)

__all__ = [
    "BACKTEST",
    "FORECAST",
    "PER_REQUEST",
    "PROMPT_VERSION",
    "Assisted",
    "Comparison",
    "Key",
    "Limits",
    "Rehearsal",
    "Subject",
    "backtest_questions",
    "collect",
    "is_worth_asking",
    "keep",
    "limits",
    "members",
    "questions",
    "read",
    "read_backtest",
    "rehearse",
    "wait",
]
