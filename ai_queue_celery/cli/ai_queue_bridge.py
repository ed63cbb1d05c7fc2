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
        bridges = [self._start(name, ended) for name in config["db_name"]]
        ended.wait()
        for bridge in filter(None, bridges):
            bridge.ended.set()
        for bridge in filter(None, bridges):
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

    def _start(self, database, ended):
        """The bridge of a database, which may still be starting; None at the end."""
        while not ended.is_set():
            try:
                registry = Registry(database)
            except psycopg2.OperationalError:
                logging.getLogger(__name__).warning("No database %s yet", database)
                ended.wait(CONNECT_SECONDS)
                continue
            if "ai.queue.bridge" not in registry:
                sys.exit(f"ai_queue_celery is not installed in {database}.")
            bridge = registry["ai.queue.bridge"]._make_bridge(database)
            bridge.start()
            return bridge
        return None
