"""What can go wrong with a question: the causes, what they are called, what to do.

Each cause has one class of `errors`, a short label for lists, and a sentence that says
what happened and what to do next.
"""

from ..errors import (
    Busy,
    Declined,
    Failing,
    InvalidAnswer,
    NotInstalled,
    OutOfCredit,
    Refused,
    Unreachable,
)
from ..terms import _

# There is no environment in here: the code that shows a sentence translates it.
# pylint: disable=prefer-env-translation

#: Cause -> class, sentence (English template).
CAUSES = {
    # Busy: the job waits, no try is lost
    "rate_limit": (
        Busy,
        _(
            "The provider takes no more requests at the moment (429). The work goes "
            "on by itself when it does."
        ),
    ),
    "overloaded": (
        Busy,
        _(
            "The model is overloaded or still being loaded (%(status)s). The work goes "
            "on by itself when it is ready."
        ),
    ),
    "no_credit": (
        OutOfCredit,
        _(
            "The account at the provider has no credit left. Top it up or raise its "
            "limit there; the work then goes on by itself."
        ),
    ),
    # Unreachable: no answer came
    "no_connection": (
        Unreachable,
        _(
            "There is no connection to %(host)s. Check that the server runs and that "
            "the base URL of the provider is right."
        ),
    ),
    "name_unknown": (
        Unreachable,
        _(
            "The host name %(host)s is not known. Check the base URL of the provider "
            "and the name service of this server."
        ),
    ),
    "connect_timeout": (
        Unreachable,
        _(
            "%(host)s did not take the connection in time. Check the base URL of the "
            "provider, and any firewall on the way."
        ),
    ),
    "read_timeout": (
        Unreachable,
        _(
            "%(host)s said nothing for %(seconds)g seconds. If the model is only "
            "slow, raise the time-out of the provider or ask for less at a time."
        ),
    ),
    "whole_timeout": (
        Unreachable,
        _(
            "%(host)s did not answer within %(seconds)g seconds. If the model is "
            "only slow, raise the time-out of the provider or ask for less at a time."
        ),
    ),
    "gateway_timeout": (
        Unreachable,
        _(
            "A gateway on the way to the model stopped waiting for it (%(status)s). "
            "Raise the time-out of the gateway, or ask for less at a time."
        ),
    ),
    "connection_lost": (
        Unreachable,
        _("The connection to %(host)s broke off before the answer was complete."),
    ),
    # Failing: an error of the provider
    "server_error": (
        Failing,
        _(
            "The provider has a problem of its own (%(status)s). It is asked again "
            "later."
        ),
    ),
    "conflict": (
        Failing,
        _(
            "The provider could not take the request just now (%(status)s). It is "
            "asked again later."
        ),
    ),
    "broken_body": (
        Failing,
        _(
            "The provider sent an answer that is cut off or is not JSON. It is asked "
            "again later."
        ),
    ),
    # Refused: asking again cannot help
    "bad_url": (
        Refused,
        _(
            "The base URL of the provider is not an address. It starts with http:// "
            "or https:// and a host, like https://api.openai.com/v1, and has no user "
            "name, password or question mark in it."
        ),
    ),
    "internal": (
        Refused,
        _(
            "%(host)s is an address of an internal network, to which nothing may be "
            "sent from here."
        ),
    ),
    "bad_key": (
        Refused,
        _(
            "The key of the provider, or one of its headers, has a character that "
            "cannot be sent. Enter it again."
        ),
    ),
    "key": (
        Refused,
        _(
            "The provider does not accept the key (%(status)s). Enter a valid key in "
            "the provider's form."
        ),
    ),
    "forbidden": (
        Refused,
        _(
            "The key of the provider may not do this (%(status)s). Give it access to "
            "the model %(model)s, or enter another key."
        ),
    ),
    "model_unknown": (
        Refused,
        _(
            "The provider does not know the model %(model)s. Choose another one in "
            "the provider's form."
        ),
    ),
    "address": (
        Refused,
        _(
            "No model answers at the base URL of the provider (%(status)s). Check "
            "it; it often ends in /v1."
        ),
    ),
    "api_version": (
        Refused,
        _(
            "The provider does not offer the version of its API that is asked for "
            "(%(status)s). Correct api-version in the query of the provider's form."
        ),
    ),
    "web_page": (
        Refused,
        _(
            "What answers at the base URL of the provider is a web page and not a "
            "model (%(status)s). Check it, and any proxy on the way."
        ),
    ),
    "redirect": (
        Refused,
        _(
            "The base URL of the provider has moved (%(status)s). Enter the new one; "
            "the key is not sent on to another address."
        ),
    ),
    "certificate": (
        Refused,
        _(
            "The certificate of %(host)s is not trusted. Check the base URL of the "
            "provider, or install its certificate authority on this server."
        ),
    ),
    "tls": (
        Refused,
        _(
            "%(host)s does not speak TLS as this server does. Check whether the base "
            "URL of the provider must start with http:// or https://"
        ),
    ),
    "too_long": (
        Refused,
        _(
            "The request is too long for the model %(model)s. Ask for less at a "
            "time, or choose a model that takes more."
        ),
    ),
    "no_structure": (
        Refused,
        _(
            "The provider does not offer the structured output that is set in its "
            "form. Set it to automatic."
        ),
    ),
    "bad_request": (
        Refused,
        _(
            "The provider does not take the request (%(status)s%(code)s). Check the "
            "model and the settings in the provider's form; the log of the provider "
            "says more."
        ),
    ),
    "not_installed": (
        NotInstalled,
        _(
            "The Python package %(package)s is missing on this server. Install it "
            "with: pip install openai tenacity jsonschema"
        ),
    ),
    # InvalidAnswer: paid for and of no use
    "empty": (
        InvalidAnswer,
        _(
            "The model gave an empty answer, also when asked again. Another model may "
            "do better."
        ),
    ),
    "not_json": (
        InvalidAnswer,
        _(
            "The model did not answer in the form that was asked for, also when "
            "asked again. A larger model may do better."
        ),
    ),
    "misfit": (
        InvalidAnswer,
        _(
            "The answer of the model does not fit what was asked for, also when "
            "asked again: %(where)s. A larger model may do better."
        ),
    ),
    "cut_off": (
        InvalidAnswer,
        _(
            "The model stopped before its answer was complete, because it reached "
            "its limit of length. Ask for less at a time, or allow longer answers."
        ),
    ),
    "too_much": (
        InvalidAnswer,
        _(
            "The answer of the model is far longer than any answer can be, and was "
            "not read. Another model may do better."
        ),
    ),
    "declined": (
        Declined,
        _("The model declined to answer this question. Another model may answer it."),
    ),
    "filtered": (
        Declined,
        _(
            "The content filter of the provider withheld this question or its answer. "
            "Another model may answer it, or a filter that is set more mildly there."
        ),
    ),
}
#: Causes that every other question to the same endpoint and model would meet.
EVERYWHERE = {
    *("rate_limit", "no_credit", "bad_url", "bad_key", "key", "forbidden"),
    *("model_unknown", "address", "api_version", "web_page", "redirect", "certificate"),
    *("tls", "no_structure", "not_installed", "internal"),
}
#: Those of them that pass only when a person changes something.
UNTIL_CHANGED = EVERYWHERE - {"rate_limit", "no_credit"}
#: Causes that say that the address is wrong rather than that its server is down, as
#: long as nobody ever answered there.
NOBODY_THERE = {"no_connection", "name_unknown"}
MAYBE_PAID = {"read_timeout", "whole_timeout", "gateway_timeout"}
MAYBE_PAID |= {"connection_lost", "broken_body", "too_much"}
#: Cause -> what lists call it.
LABELS = {
    "rate_limit": _("Too many requests"),
    "overloaded": _("Model overloaded"),
    "no_credit": _("No credit left"),
    "no_connection": _("No connection"),
    "name_unknown": _("Unknown host"),
    "connect_timeout": _("Not reachable in time"),
    "read_timeout": _("Timed out"),
    "whole_timeout": _("Timed out"),
    "gateway_timeout": _("Timed out at a gateway"),
    "connection_lost": _("Connection lost"),
    "server_error": _("Error at the provider"),
    "conflict": _("Not taken just now"),
    "broken_body": _("Broken answer"),
    "bad_url": _("Base URL is not valid"),
    "internal": _("Internal address"),
    "bad_key": _("Key cannot be sent"),
    "key": _("Key not accepted"),
    "forbidden": _("Not allowed with this key"),
    "model_unknown": _("Unknown model"),
    "address": _("No model at this address"),
    "api_version": _("Unknown API version"),
    "web_page": _("Web page instead of a model"),
    "redirect": _("Address has moved"),
    "certificate": _("Certificate not trusted"),
    "tls": _("No secure connection"),
    "too_long": _("Request too long"),
    "no_structure": _("No structured output"),
    "bad_request": _("Request not accepted"),
    "not_installed": _("Package missing"),
    "empty": _("Empty answer"),
    "not_json": _("Answer not in the form asked for"),
    "misfit": _("Answer does not fit"),
    "cut_off": _("Answer cut off"),
    "too_much": _("Answer too long"),
    "declined": _("Declined by the model"),
    "filtered": _("Withheld by a content filter"),
    # of the ledger, not of a provider
    "ok": _("Answered"),
    "lost": _("Lost"),
    "stopped": _("Stopped"),
    "other": _("Failed"),
    "breaker": _("Provider paused"),
    "budget": _("Budget used up"),
    "provider": _("Provider archived"),
}


def outcome_of(error):
    """The word of ``LABELS`` for an error; "other" for what has none."""
    return error.cause if error.cause in LABELS else "other"


def fault(cause, *, retry_after=None, **values):
    """The error of a cause, ready to be raised.

    :param values: what its sentence names; settings and numbers, nothing that was
        sent or received
    """
    kind, sentence = CAUSES[cause]
    return kind(
        sentence % values,
        cause=cause,
        retry_after=retry_after,
        everywhere=cause in EVERYWHERE,
        maybe_paid=cause in MAYBE_PAID,
        values=values,
    )
