# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What went wrong with a question, said to people."""

from odoo.addons.queue_job_operations.addresses import describe_refusal

from ..engine.client import answers, causes
from ..engine.errors import Unreachable
from .shapes import Paused


def say(env, error, provider_name):
    """The sentence of an error of the engine, in the language of the environment."""
    if isinstance(error, Paused):
        return _say_pause(env, error, provider_name)
    if error.cause in causes.CAUSES:
        return translate(env, causes.CAUSES[error.cause][1], error.values)
    return str(error)


def say_given_up(env, error, provider_name):
    """The sentence for work that was done without a model that did not answer."""
    if error.cause == "breaker":
        failure = error.values["failure"]
    elif isinstance(error, Unreachable):
        failure = say(env, error, provider_name)
    else:
        failure = f"{env._(causes.LABELS[error.cause])}."
    return env._(
        "The provider %(provider)s gave no answer for too long, so this was done "
        "without a model. Last failure: %(failure)s",
        provider=provider_name,
        failure=failure,
    )


def translate(env, template, values):
    """A sentence of the engine, with what it names, in the language of the environment.

    :param values: as of ``engine.errors.ModelError``
    """
    if template == causes.CAUSES["internal"][1]:
        # The engine does not know where it is allowed.
        return describe_refusal(env, values["host"])
    values = dict(values)
    places = values.pop("places", None)
    if places:
        values["where"] = answers.describe(places, env._)
    return env._(template, **values)


def _say_pause(env, error, provider_name):
    if error.cause == "breaker":
        return env._(
            "The provider %(provider)s is paused because it did not answer. The work "
            "continues by itself once it does. Last failure: %(failure)s",
            provider=provider_name,
            failure=error.values["failure"],
        )
    if error.cause == "budget":
        return env._(
            "Today's AI budget of %(company)s is used up. The work continues by "
            "itself once the budget is renewed or raised.",
            company=error.values["company"],
        )
    if error.cause == "provider":
        return env._(
            "The provider %(provider)s is archived. The work continues once it is "
            "unarchived.",
            provider=provider_name,
        )
    return env._("Continues in a moment.")
