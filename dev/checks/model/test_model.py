"""The engine's client against a real model: llama.cpp's server on this machine.

Only the form of what comes back is looked at, never its values: a model this small
knows next to nothing. What it proves is the wire, which a server of our own cannot: how
a real one enforces a schema, counts tokens, stops and refuses.
"""

import math
import sys
from datetime import date

import pytest

from dev import cache

from .llama import MODEL, running

sys.path.insert(0, str(cache.CHECKOUT / "ai_queue"))

from engine.client import Endpoint, Question, ask_many, connection
from engine.errors import InvalidAnswer, Refused  # noqa: E402
from engine.forecasting import Series, assisted, forecast  # noqa: E402

#: One thread beside other work takes its time.
SECONDS = 240
HORIZON = 4
BILL = """\
INVOICE No. 2026-0815            Date: 14 November 2026
Bulbs & Seeds Ltd, 1 Garden Lane, Dublin
To: Flower Shop, 7 High Street, Cork

Tulip bulbs, red     100 x 0.40         40.00
Total before tax                        40.00
VAT 23 %                                 9.20
Total EUR                               49.20
"""
EXTRACT = {
    "type": "object",
    "properties": {
        "invoice_number": {"type": "string", "maxLength": 20},
        "amount_total": {"type": "string", "maxLength": 12},
        "currency": {"type": "string", "maxLength": 4},
        "kind": {"type": "string", "enum": ["invoice", "credit_note"]},
    },
    "required": ["invoice_number", "amount_total", "currency", "kind"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """The started server."""
    with running(tmp_path_factory.mktemp("llama") / "server.log") as url:
        yield Endpoint(url, read_timeout=SECONDS, request_timeout=SECONDS)


def ask(endpoint, *questions):
    """All answers; a question that failed raises its error."""
    batch = ask_many(endpoint, questions, in_flight=2)
    for error in batch.errors.values():
        raise error
    return batch.answers


def test_the_connection_is_good(endpoint):
    verdict = connection.check(endpoint, MODEL)
    assert verdict.ok, verdict.text
    assert verdict.mode == "json_schema"
    assert [step.ok for step in verdict.steps] == [True] * len(verdict.steps)


def test_an_extraction_has_the_form_that_was_asked_for(endpoint):
    questions = [
        Question(
            number,
            MODEL,
            f"<document>\n{BILL}\n</document>",
            system=f"Copy what is printed on bill {number} as JSON, as it is printed.",
            schema=EXTRACT,
            max_tokens=200,
            temperature=0,
        )
        for number in range(2)
    ]
    answers = ask(endpoint, *questions)
    for answer in answers.values():
        assert list(answer.data) == EXTRACT["required"]
        assert all(isinstance(value, str) for value in answer.data.values())
        assert answer.data["kind"] in ("invoice", "credit_note")
        assert answer.mode == "json_schema"
        assert answer.tokens_in > 50 and answer.tokens_out > 10
        assert answer.latency > 0


def test_a_forecast_is_adjusted_within_its_bounds_or_kept(endpoint):
    histories = {1: [10, 12, 14, 12] * 15, 2: [5, 6, 5, 4] * 15}
    lot = [
        Series(id=key, freq="W", history=history, horizon=HORIZON)
        for key, history in histories.items()
    ]
    subjects = {
        one.id: assisted.Subject(one, baseline, date(2026, 11, 23), "Tulip bulbs")
        for one, baseline in zip(lot, forecast(lot), strict=True)
    }
    questions = assisted.questions(list(subjects.values()), MODEL)
    assert len(questions) == 1
    batch = ask_many(endpoint, questions, in_flight=1)
    # A model this small may well forget to stop.
    for error in batch.errors.values():
        assert isinstance(error, InvalidAnswer), error
    for key, answer in batch.answers.items():
        members = assisted.members(key, subjects)
        for result in assisted.read(members, answer.data):
            limits = assisted.limits(subjects[result.series_id])
            quantities = result.forecast.quantity
            assert len(quantities) == HORIZON
            assert all(math.isfinite(quantity) for quantity in quantities)
            assert all(quantities >= 0)
            if result.is_assisted:
                assert quantities.sum() <= 1.01 * limits.highest_total
            else:
                assert result.rejected
    assert len(batch.answers) + len(batch.errors) == 1


def test_an_answer_that_is_cut_off_is_none(endpoint):
    question = Question("A", MODEL, BILL, schema=EXTRACT, max_tokens=5)
    with pytest.raises(InvalidAnswer) as caught:
        ask(endpoint, question)
    assert caught.value.cause == "cut_off"


def test_a_question_that_is_too_long_is_refused_for_good(endpoint):
    question = Question("A", MODEL, BILL * 200, max_tokens=50)
    with pytest.raises(Refused) as caught:
        ask(endpoint, question)
    assert caught.value.cause == "too_long", caught.value
    # Only this question: others are still asked.
    assert not caught.value.everywhere
