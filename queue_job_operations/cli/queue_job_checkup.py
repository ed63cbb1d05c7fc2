# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``odoo queue_job_checkup -d DB``: what stands in the way of the jobs.

Odoo loads this file by itself, without the addon: everything of that comes with the
registry of the database.
"""

import json
import sys
import textwrap
import traceback

import psycopg2

from odoo.api import SUPERUSER_ID, Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config

EXIT_CODES = {"ok": 0, "advice": 0, "warning": 1, "danger": 2}
FAILED = 2
WIDTH = 88
INDENT = 10


class QueueJobCheckup(Command):
    """Check whether a database and its servers are set up to run jobs."""

    name = "queue_job_checkup"
    epilog = """
        Looks at the server whose job runner works for the database; when there is none,
        at the configuration of this command. Ends with 0 when all is well, 1 with
        warnings, 2 with dangers or when it could not look.
    """

    def run(self, args):
        """Print what was found, and exit."""
        parsed = self._parse(args)
        try:
            found = self._look(config["db_name"][0])
        except psycopg2.OperationalError as error:
            sys.exit(self._fail(f"The database cannot be reached: {error}"))
        except Exception:
            # Whatever it is: Python's own exit code would say "warnings".
            sys.exit(self._fail(traceback.format_exc()))
        if found is None:
            sys.exit(
                self._fail("queue_job_operations is not installed in this database.")
            )
        sys.stdout.write(_to_json(found) if parsed.json else _to_text(found))
        sys.stdout.flush()
        sys.exit(EXIT_CODES[found["severity"]])

    def _parse(self, args):
        parser = self.parser
        parser.add_argument("-c", "--config", help="configuration file of the server")
        parser.add_argument("-d", "--database", help="name of the database")
        parser.add_argument("--json", action="store_true", help="for machines")
        parsed = parser.parse_args(args)
        options = ["--no-http", "--log-level=error"]
        if parsed.config:
            options += ["-c", parsed.config]
        if parsed.database:
            options += ["-d", parsed.database]
        config.parse_config(options, setup_logging=True)
        if len(config["db_name"]) != 1:
            parser.error("name one database: -d DB")
        return parsed

    def _look(self, database):
        """What the check-up of a database found; None where the addon is missing."""
        with Registry(database).cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            if "queue.job.checkup" not in env:
                return None
            return env["queue.job.checkup"]._report()

    def _fail(self, message):
        sys.stderr.write(f"{message.strip()}\n")
        return FAILED


def _to_json(found):
    return json.dumps(found, indent=2) + "\n"


def _to_text(found):
    parts = [_write_finding(finding) for finding in found["findings"]]
    parts.append("\nRecommended for this server:\n")
    for figure in found["recommended"]:
        now = "unknown" if figure["now"] is None else figure["now"]
        parts.append(
            f"  {figure['key']:<22}{figure['recommended']:>8}   (now: {now})\n"
        )
    return "".join(parts)


def _write_finding(finding):
    indent = " " * INDENT
    head = finding["severity"].upper().ljust(INDENT)
    lines = _wrap(finding["what"], head)
    if finding["why"]:
        lines += _wrap(finding["why"], indent)
    for line in finding["line"].splitlines():
        lines.append(f"{indent}    {line}")
    return "\n".join(lines) + "\n"


def _wrap(text, head):
    return textwrap.wrap(
        text, WIDTH, initial_indent=head, subsequent_indent=" " * INDENT
    )
