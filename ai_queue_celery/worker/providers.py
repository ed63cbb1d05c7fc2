"""The providers that a worker reaches, from its own environment.

    AI_QUEUE_BASE_URL_OPENAI=https://api.openai.com/v1
    AI_QUEUE_KEY_OPENAI=…
    AI_QUEUE_HEADERS_AZURE=api-key: {api_key}
    AI_QUEUE_QUERY_AZURE=api-version=2024-10-21

``OPENAI`` is the provider's name in Odoo. A message names a provider and can send no
key anywhere else than the environment says.
"""

import os
import re

from .packing import slug

_BASE_URL = "AI_QUEUE_BASE_URL_"
_PAIR = re.compile(r"\s*([^\s:=]+)\s*[:=]\s*(.*?)\s*")


def get_names(environment=None):
    """The slugs of the providers that this worker reaches."""
    environment = os.environ if environment is None else environment
    return sorted(
        slug(name.removeprefix(_BASE_URL))
        for name, value in environment.items()
        if name.startswith(_BASE_URL) and value
    )


def get_keyless(names, environment=None):
    """The variables that would have the keys of providers, and are not set: right for a
    model of one's own alone.

    :param names: as of `get_names`
    """
    environment = os.environ if environment is None else environment
    variables = [f"AI_QUEUE_KEY_{name.upper()}" for name in names]
    return [variable for variable in variables if not environment.get(variable)]


def make_endpoint(client, provider, limits, environment=None):
    """Where to ask.

    :param client: the module ``engine.client``
    :param str provider: its slug
    :param limits: as of `packing.unpack_question`
    :return: ``engine.client.Endpoint``; None for one that this worker does not reach
    """
    environment = os.environ if environment is None else environment

    def get(part):
        return environment.get(f"AI_QUEUE_{part}_{provider.upper()}") or None

    if not get("BASE_URL"):
        return None
    return client.Endpoint(
        get("BASE_URL"),
        api_key=get("KEY"),
        organization=get("ORGANIZATION"),
        headers=split(get("HEADERS")),
        query=split(get("QUERY")),
        **limits,
    )


def split(text):
    """Pairs of a variable, one a line or with semicolons between them."""
    pairs = {}
    for part in re.split(r"[;\n]", text or ""):
        if match := _PAIR.fullmatch(part):
            pairs[match[1]] = match[2]
    return pairs
