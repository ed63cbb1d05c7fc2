# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``odoo ai_queue_bridge -d DB``: brings what workers answered.

Odoo loads this file by itself, without the addon: everything of that comes with the
registry of the database.
"""

import logging
import signal
import sys
import threading
from contextlib import closing

import psycopg2

from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.sql_db import db_connect
from odoo.tools import config

_logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
NOT_THERE = "No database %s yet"
NOT_READY = "The database %s is not ready for Odoo yet"
NOT_INSTALLED = "ai_queue_celery is not installed in %s"


class AiQueueBridge(Command):
    """Put what AI workers answered into the ledger, and wake the jobs that wait."""

    name = "ai_queue_bridge"
    epilog = """
        Runs until it is stopped. Several may run, on several machines: one works for a
        database at a time, another one takes over when it is gone.
    """

    def run(self, args):
        """Work until SIGTERM or SIGINT."""
        self._parse(args)
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        bridges = self._start_all(config["db_name"], ended)
        ended.wait()
        for bridge in bridges:
            bridge.ended.set()
        for bridge in bridges:
            bridge.join(30)

    def _parse(self, args):
        parser = self.parser
        parser.add_argument("-c", "--config", help="configuration file of the server")
        parser.add_argument(
            "-d", "--database", help="name of the database, or several with commas"
        )
        parser.add_argument("--logfile", help="where to log, in place of the terminal")
        parsed = parser.parse_args(args)
        options = ["--no-http"]
        if parsed.config:
            options += ["-c", parsed.config]
        if parsed.database:
            options += ["-d", parsed.database]
        # Else it would log into the file of the server, which that one rotates.
        options.append(f"--logfile={parsed.logfile or ''}")
        config.parse_config(options, setup_logging=True)
        if not config["db_name"]:
            parser.error("name a database: -d DB")

    def _start_all(self, databases, ended):
        """The bridges of all databases; one that is not ready keeps none waiting.

        What is wrong with one is told once, and looked at again as long as this runs.

        :raises SystemExit: where all of them are there, and none has the addon
        """
        bridges, waiting = [], dict.fromkeys(databases)
        while waiting and not ended.is_set():
            for database, told in list(waiting.items()):
                wrong = self._start(database, bridges)
                if not wrong:
                    del waiting[database]
                elif wrong != told:
                    waiting[database] = wrong
                    _logger.warning(wrong, database)
            if not bridges and set(waiting.values()) == {NOT_INSTALLED}:
                sys.exit(NOT_INSTALLED % ", ".join(databases))
            if waiting:
                ended.wait(CONNECT_SECONDS)
        return bridges

    def _start(self, database, bridges):
        """Add the bridge of a database; what is wrong with one that cannot have any."""
        try:
            state = self._get_state(database)
            if state in (None, "uninstalled", "uninstallable"):
                return NOT_INSTALLED
            if state not in ("installed", "to upgrade"):
                return NOT_READY
            bridge = Registry(database)["ai.queue.bridge"]._make_bridge(database)
        except psycopg2.OperationalError:
            return NOT_THERE
        except psycopg2.Error:
            return NOT_READY
        except Exception:
            # An addon of this database alone may be broken; the others go on.
            _logger.exception("The registry of %s cannot be loaded", database)
            return NOT_READY
        bridge.start()
        bridges.append(bridge)
        return None

    @staticmethod
    def _get_state(database):
        """That of the addon; loading all others only to see that takes long."""
        with closing(db_connect(database).cursor()) as cr:
            cr.execute(
                "SELECT state FROM ir_module_module WHERE name = 'ai_queue_celery'"
            )
            found = cr.fetchone()
            return found and found[0]
