# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Secrets from outside of the database: of the environment, or else of odoo.conf.

They are found by the name of a record, and who may name records may also say where they
send. So whoever puts a secret there says beside it for which addresses it is, and no
other gets it::

    SOME_ADDON_KEY_EXAMPLE=s3cret
    SOME_ADDON_URL_EXAMPLE=https://api.example.com
"""

import os
import re
from typing import NamedTuple

from . import addresses
from .conf import get_option

ENVIRONMENT, CONF = "environment", "conf"
_SEPARATOR = re.compile(r"[,\s]+")


class Found(NamedTuple):
    """What there is for a record.

    :ivar source: of the secret that is for its address; None without one
    :ivar elsewhere: the source of one that is for other addresses; None without one
    """

    source: str | None = None
    secret: str | None = None
    elsewhere: str | None = None


class Outside:
    """The secrets of a kind of record.

    :param str prefix: of the variables
    :param str word: what the secret is called
    :param str section: of odoo.conf
    """

    def __init__(self, prefix, word, section):
        self.prefix, self.word, self.section = prefix, word, section

    def variables(self, name):
        """The variables with the secret and the addresses of a record; False each where
        its name has no letter or digit that a variable may have."""
        word = _plain(name)
        if not word:
            return False, False
        return tuple(
            f"{self.prefix}_{part}_{word}".upper() for part in (self.word, "url")
        )

    def options(self, name):
        """As ``variables``, of the section of odoo.conf."""
        word = _plain(name)
        if not word:
            return False, False
        return tuple(f"{part}_{word}".lower() for part in (self.word, "url"))

    def find(self, name, url):
        """The secret of a record of this name for this address.

        :return: `Found`
        """
        elsewhere = None
        for source, names, get in (
            (ENVIRONMENT, self.variables(name), os.environ.get),
            (CONF, self.options(name), self._get_option),
        ):
            secret, urls = (get(each) if each else None for each in names)
            if secret and _is_for(url, urls):
                return Found(source, secret)
            if secret:
                elsewhere = elsewhere or source
        return Found(elsewhere=elsewhere)

    def describe_elsewhere(self, env, name, url, source):
        """What happened and what to do, for people.

        :param str source: `Found.elsewhere`
        """
        origin = get_origin(url)
        if source == ENVIRONMENT:
            return env._(
                "The environment has a value of %(secret)s, but not for %(origin)s: it "
                "is not used there. If it should be, have this line added to the "
                "environment (or the address appended to the line that is there): "
                "%(line)s. Otherwise choose another name.",
                secret=self.variables(name)[0],
                origin=origin,
                line=f"{self.variables(name)[1]}={origin}",
            )
        return env._(
            "odoo.conf has a value of %(secret)s, but not for %(origin)s: it is not "
            "used there. If it should be, have this line added to the section "
            "[%(section)s] of odoo.conf (or the address appended to the line that is "
            "there): %(line)s. Otherwise choose another name.",
            secret=self.options(name)[0],
            origin=origin,
            section=self.section,
            line=f"{self.options(name)[1]} = {origin}",
        )

    def _get_option(self, name):
        return get_option(self.section, name)


def find_namesake(record):
    """Another record of the model, archived or not, whose name gives the same words."""
    word = _plain(record.name)
    # Whoever sees it or not: the secret would be the same.
    others = record.sudo().with_context(active_test=False).search([])
    return (others - record).filtered(lambda other: word and _plain(other.name) == word)


def get_origin(url):
    """Scheme, host and port of an address; without the usual port."""
    host, port = addresses.split(url)
    scheme = url.partition("://")[0].lower()
    shown = f"[{host}]" if ":" in host else host
    usual = addresses.PORTS.get(scheme) == port
    return f"{scheme}://{shown}" if usual else f"{scheme}://{shown}:{port}"


def _is_for(url, urls):
    """Whether an address is one of those that stand beside a secret."""
    listed = [each for each in _SEPARATOR.split(urls or "") if each]
    # Without a scheme nothing may be sent that others could read on the way.
    full = [each if "://" in each else f"https://{each}" for each in listed]
    return bool(url) and get_origin(url) in map(get_origin, full)


def _plain(name):
    """Upper and lower case are the same, and all else is one underscore."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name or "").strip("_").lower()
