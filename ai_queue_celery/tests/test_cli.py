# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import threading
from contextlib import contextmanager
from unittest.mock import MagicMock, patch

import psycopg2

from odoo.tests import BaseCase
from odoo.tools import mute_logger

from ..cli import ai_queue_bridge as cli

INSTALLED, MISSING = "installed", psycopg2.OperationalError("no such database")


class TestCli(BaseCase):
    """Which databases get a bridge. Each has what is found there, one look each."""

    def start(self, databases, broken=()):
        """The databases whose bridges were started."""
        ended, started = threading.Event(), []
        looks = {name: iter(found) for name, found in databases.items()}

        def get_state(name):
            found = next(looks[name])
            if isinstance(found, Exception):
                raise found
            return found

        def load(name):
            if name in broken:
                raise KeyError("addon")
            registry = MagicMock()
            make = registry.__getitem__.return_value._make_bridge
            make.return_value.start = lambda: started.append(name)
            return registry

        def wait(_seconds):
            if not any(look.__length_hint__() for look in looks.values()):
                ended.set()

        with (
            patch.object(cli.AiQueueBridge, "_get_state", side_effect=get_state),
            patch.object(cli, "Registry", load),
            patch.object(ended, "wait", wait),
            self.silent(),
        ):
            cli.AiQueueBridge()._start_all(list(databases), ended)
        return started

    @contextmanager
    def silent(self):
        with mute_logger(cli.__name__):
            yield

    def test_one_that_is_no_odoo_keeps_no_other_one_from_its_bridge(self):
        no_odoo = psycopg2.errors.UndefinedTable()
        databases = {"a": [no_odoo], "b": [INSTALLED], "c": [MISSING]}
        self.assertEqual(self.start(databases), ["b"])
        databases = {"a": [INSTALLED], "b": [INSTALLED]}
        self.assertEqual(self.start(databases, broken="a"), ["b"])

    def test_one_that_is_installed_later_gets_its_bridge(self):
        databases = {
            "a": [INSTALLED],
            "b": ["uninstalled", "to install", INSTALLED],
            "c": [MISSING, None, INSTALLED],
        }
        self.assertEqual(self.start(databases), ["a", "b", "c"])

    def test_it_ends_where_none_has_the_addon(self):
        with self.assertRaises(SystemExit) as raised:
            self.start({"a": [None], "b": ["uninstalled"]})
        self.assertIn("a, b", str(raised.exception))
        # This one may come.
        self.assertEqual(self.start({"a": [None], "b": [MISSING]}), [])
