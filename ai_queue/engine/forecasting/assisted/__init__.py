"""Forecasts that a language model may adjust: ask, read, and try it on the past.

The statistics make the forecast, as always. A model is shown what they cannot read (the
name of a product, a calendar, a promotion) beside their result, and may change it
within guard rails; what fails them keeps the statistical forecast and says so. Nothing
in here talks to a model: questions come out, answers go in, and `engine.client` or
any other postman carries them.

    subjects = [Subject(one, baseline, start, name="Tulip bulbs, red"), …]
    rehearsals = rehearse(subjects)                       # optional, costs calls
    batch = ask_many(endpoint, [
        *questions(subjects, model),
        *backtest_questions(rehearsals, model),
    ], in_flight=8)
    for key, answer in batch.answers.items():
        if key.purpose == FORECAST:
            results = read(members(key, subjects), answer.data)
        else:
            comparisons = read_backtest(members(key, rehearsals), answer.data)

A subject that no question names was not worth one, and one whose question failed got no
answer: `keep` gives both of them their baseline in the same form.
"""

from .backtest import backtest_questions, read_backtest, rehearse
from .guards import Limits, keep, limits, read
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
    "is_worth_asking",
    "keep",
    "limits",
    "members",
    "questions",
    "read",
    "read_backtest",
    "rehearse",
]
