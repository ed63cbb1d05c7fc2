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

import psycopg2

from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config

_logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0


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
        """The bridges of all databases; one that is not there yet keeps none waiting.

        :raises SystemExit: where none of them has the addon
        """
        bridges, waiting = [], databases
        while waiting and not ended.is_set():
            waiting = [name for name in waiting if not self._start(name, bridges)]
            if waiting:
                ended.wait(CONNECT_SECONDS)
        if not bridges and not ended.is_set():
            sys.exit(f"ai_queue_celery is not installed in {', '.join(databases)}.")
        return bridges

    def _start(self, database, bridges):
        """Add the bridge of a database; whether no more is to be done about it."""
        try:
            registry = Registry(database)
        except psycopg2.OperationalError:
            _logger.warning("No database %s yet", database)
            return False
        if "ai.queue.bridge" not in registry:
            _logger.error("ai_queue_celery is not installed in %s", database)
            return True
        bridge = registry["ai.queue.bridge"]._make_bridge(database)
        bridge.start()
        bridges.append(bridge)
        return True
