# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the ledger is told of an answer or an error, whoever asked the provider."""

from ..engine.client.causes import outcome_of
from ..engine.errors import Failing, NotInstalled, Unreachable
from .questions import count_tokens
from .shapes import Paused, Settlement


def settle_answer(answer, rates, **values):
    """The `Settlement` of an answer.

    :param engine.client.Answer answer: what the provider said
    :param tuple rates: as of ``ai.queue.provider._get_rates``
    :param values: call_id, provider_id, company_id and breaker of the settlement
    """
    return Settlement(
        outcome="ok",
        latency=answer.latency,
        model=answer.model,
        data=answer.data,
        text=answer.text,
        **_count(answer, count_tokens(answer), rates),
        **values,
    )


def settle_error(error, rates, **values):
    """The `Settlement` of a question that was sent, and ended in an error.

    :param engine.errors.ModelError error: what went wrong
    :param tuple rates: as of ``ai.queue.provider._get_rates``
    :param values: call_id, provider_id, company_id, breaker and message
    """
    tokens = count_tokens(error)
    if tokens is None and not error.maybe_paid:
        tokens = 0
    return Settlement(
        outcome=outcome_of(error), **_count(error, tokens, rates), **values
    )


def breaker_outcome(error):
    """What an error, or None for an answer, says of the provider."""
    if isinstance(error, (Unreachable, Failing)):
        return "failed"
    if isinstance(error, (Paused, NotInstalled)):
        return None
    return "answered"


def _count(counted, tokens, rates):
    cost = None
    if tokens is not None:
        rate_in, rate_out, _reserved = rates
        cost = (counted.tokens_in or 0) * rate_in
        cost += (counted.tokens_out or 0) * rate_out
    return {
        "requests": counted.requests,
        "tokens_in": counted.tokens_in,
        "tokens_out": counted.tokens_out,
        "tokens": tokens,
        "cost": cost,
    }
