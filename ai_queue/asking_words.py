# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What went wrong with a question, said to people."""

from .asking_shapes import Paused
from .engine import faults


def say(env, error, provider_name):
    """The sentence of an error of the engine, in the language of the environment."""
    if isinstance(error, Paused):
        return _say_pause(env, error, provider_name)
    if error.cause in faults.CAUSES:
        template = faults.CAUSES[error.cause][1]
        return env._(template, **error.values)
    return str(error)


def _say_pause(env, error, provider_name):
    if error.cause == "breaker":
        return env._(
            "The provider %(provider)s is paused because it did not answer. The work "
            "goes on by itself when it does. Last failure: %(failure)s",
            provider=provider_name,
            failure=error.values["failure"],
        )
    if error.cause == "budget":
        return env._(
            "The AI budget of %(company)s for today is used up. The work goes on by "
            "itself when it is renewed or raised.",
            company=error.values["company"],
        )
    if error.cause == "provider":
        return env._(
            "The provider %(provider)s is archived. The work goes on when it is not.",
            provider=provider_name,
        )
    return env._("Goes on in a moment.")
