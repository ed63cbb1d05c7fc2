# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A warehouse in a file: DuckDB, and Parquet files beside it. No server, no account."""

import json
import os
import threading
from contextlib import contextmanager

from .asking import Estimate, Selected, gather, get_kind, read_pages
from .base import Gone, Missing, Refused, RowError, TooLarge, TooLong, Unreachable
from .sql import SqlTarget, quote

#: DuckDB alone may take so much, and so much to write a Parquet file, which takes it
#: for long rows only; the worker has its own beside
MEMORY, MEMORY_OF_FILE = "56MB", "96MB"
#: the longest line of a CSV file, and twice that is read at a time
LINE = 4_000_000
#: rows and bytes that a Parquet file keeps together: as much is in memory when it is
#: written
GROUP, GROUP_BYTES = 20_000, "8MB"
#: a number that is short enough for this, sign and point included, is read fast
SHORT, SHORT_SIGNS, SHORT_DECIMALS = "DECIMAL(18, 6)", 12, 6
WIDE = "DECIMAL(38, 10)"
#: how DuckDB says that it has committed, although something has failed
DURABLE = "COMMIT succeeded and is durable"
#: how DuckDB begins to say that a value does not fit
UNFIT = "Error when converting column"


class DuckDbTarget(SqlTarget):
    """One process at a time may write the file, and no other may read it meanwhile."""

    types = {
        "integer": "BIGINT",
        "float": "DOUBLE",
        "decimal": WIDE,
        "text": "VARCHAR",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "datetime": "TIMESTAMP",
    }
    mark = "?"
    dialect = "duckdb"

    def __init__(self, settings):
        super().__init__(settings)
        try:
            import duckdb
        except ImportError as error:
            raise Missing("duckdb") from error
        self._driver = duckdb
        self._open()

    def _open(self):
        settings = self.settings
        directory = os.path.dirname(settings["path"])
        with self._translated():
            self._connection = self._driver.connect(
                settings["path"],
                # A query reads tables, and no file of the server beside them.
                read_only=settings["is_reader"],
                config={
                    "enable_external_access": not settings["is_reader"],
                    "memory_limit": MEMORY,
                    "threads": 1,
                    "preserve_insertion_order": False,
                    "temp_directory": os.path.join(directory, ".spill"),
                    # nothing is installed or fetched behind one's back
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                },
            )
            self._connection.execute("SET TimeZone = 'UTC'")
            found = self._connection.execute("SELECT current_database()").fetchone()
        self._catalog = '"{}"'.format(found[0].replace('"', '""'))

    @contextmanager
    def _translated(self):
        driver = self._driver
        try:
            yield
        except (driver.ConversionException, driver.ConstraintException) as error:
            raise RowError(_first_line(error)) from error
        except driver.InvalidInputException as error:
            # a line of the file; what else may be invalid is ours
            if "CSV Error" in str(error) or UNFIT in str(error):
                raise RowError(_first_line(error)) from error
            raise
        except (driver.OutOfRangeException, driver.DataError) as error:
            raise RowError(_first_line(error)) from error
        except (driver.IOException, driver.TransactionException) as error:
            if "lock on file" in str(error) or "onflict" in str(error):
                raise Unreachable(_first_line(error)) from error
            raise Refused(_first_line(error)) from error
        except driver.ConnectionException as error:
            raise Unreachable(_first_line(error)) from error
        except driver.InterruptException as error:
            raise TooLong(_first_line(error)) from error
        except driver.OutOfMemoryException as error:
            raise TooLarge(_first_line(error)) from error
        except (
            *(driver.SyntaxException, driver.PermissionException),
            *(driver.SerializationException, driver.CatalogException),
            *(driver.BinderException, driver.ParserException),
            driver.NotImplementedException,
        ) as error:
            raise Refused(_first_line(error)) from error

    def execute(self, statement, *parameters):
        with self._translated():
            return self._connection.execute(statement, parameters).fetchall()

    def count(self, statement, *parameters):
        return self.execute(statement, *parameters)[0][0]

    def fill(self, table, columns, path):
        types = self._get_types(table, columns)
        decimals = {name for name, kind in types.items() if kind.startswith("DECIMAL")}
        listed = ", ".join(
            f"'{name}': '{'VARCHAR' if name in decimals else kind}'"
            for name, kind in types.items()
        )
        values = ", ".join(
            _read_decimal(quote(name)) if name in decimals else quote(name)
            for name in columns
        )
        names = ", ".join(map(quote, columns))
        return self.count(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM read_csv(?, "
            f"columns = {{{listed}}}, header = false, auto_detect = false, "
            "delim = ',', quote = '\"', escape = '\"', nullstr = '', "
            "allow_quoted_nulls = false, new_line = '\\n', parallel = false, "
            f"max_line_size = {LINE}, buffer_size = {2 * LINE})",
            path,
        )

    def _get_types(self, table, columns):
        described = self.execute(f"DESCRIBE {table}")
        types = {name: kind for name, kind, *_rest in described}
        if lost := [quote(name) for name in columns if name not in types]:
            # Somebody has taken it away; said as PostgreSQL says it.
            raise Refused(f"column {', '.join(lost)} of {table} does not exist")
        return {name: types[name] for name in columns}

    def _own(self, schema, name):
        # A schema may be called as the file is: "odoo" in odoo.duckdb.
        return f"{self._catalog}.{super()._own(schema, name)}"

    def _create_schema(self, schema):
        self.execute(f"CREATE SCHEMA {self._catalog}.{quote(schema)}")

    def _primary_key(self):
        # Its index would take memory for every row, and each batch deletes first.
        return ""

    def _divide(self, left, right):
        return f"{left} // {right}"

    def check(self):
        (version,) = self.execute("SELECT version()")[0]
        yield "reached", {"version": f"DuckDB {version}"}
        self.execute("BEGIN")
        self.execute("CREATE SCHEMA ai_queue_check")
        self.execute("CREATE TABLE ai_queue_check.rows (id BIGINT, seen TIMESTAMP)")
        yield "may_create", {}
        rows = self.count(
            "INSERT INTO ai_queue_check.rows SELECT range, now() FROM range(1000)"
        )
        yield "loaded", {"rows": rows}
        self.execute("ROLLBACK")

    # ------------------------------------------------------------
    # QUESTIONS
    # ------------------------------------------------------------

    def explain(self, statement):
        # A plan that is made shorter may not name all that it knows something of: the
        # number of rows of a table is known without a look at it.
        self.execute("PRAGMA disable_optimizer")
        with self._answering():
            found, waiting = set(), [self._get_plan(statement)]
        self.execute("PRAGMA enable_optimizer")
        while waiting:
            node = waiting.pop()
            waiting += node["children"]
            if name := node["extra_info"].get("Table"):
                found.add(tuple(name.split(".")[-2:]))
        rows = self._get_plan(statement)["extra_info"].get("Estimated Cardinality")
        return Estimate(rows=rows and int(rows), tables=frozenset(found))

    @contextmanager
    def _answering(self):
        """Whatever else goes wrong with a question, its words are to blame."""
        try:
            yield
        except self._driver.Error as error:
            raise Refused(_first_line(error)) from error

    def _get_plan(self, statement):
        ((_kind, text),) = self.execute(f"EXPLAIN (FORMAT json) {statement}")
        (plan,) = json.loads(text)
        return plan

    def select(self, statement, limit, max_bytes):
        # It has no time-out of its own.
        timer = threading.Timer(
            self.settings["statement_timeout"], self._connection.interrupt
        )
        timer.start()
        try:
            with self._answering(), self._translated():
                described = self.execute(f"DESCRIBE {statement}")
                cursor = self._connection.execute(statement)
                found = gather(read_pages(cursor.fetchmany), limit, max_bytes)
        finally:
            timer.cancel()
        columns = [(name, get_kind(kind)) for name, kind, *_rest in described]
        return Selected(columns, *found)

    def commit(self):
        try:
            self.execute("COMMIT")
        except self._driver.FatalException as error:
            if DURABLE not in str(error):
                raise
            # Only what was noted beside the file has not found its way into it, for
            # lack of memory. It does when the file is opened anew.
            self._connection.close()
            self._open()

    def rollback(self):
        self.execute("ROLLBACK")

    def close(self):
        # gives up what was not committed
        self._connection.close()

    def export(self, table, path):
        """Write a table as a Parquet file; who reads the old one is not disturbed.

        :raise Gone: there is no table
        """
        if not self._exists(table):
            raise Gone(f"{table.schema}.{table.name}")
        self.execute(f"SET memory_limit = '{MEMORY_OF_FILE}'")
        written = f"{path}.part"
        escaped = written.replace("'", "''")
        self.execute(
            f"COPY {self.name(table)} TO '{escaped}' "
            f"(FORMAT parquet, ROW_GROUP_SIZE {GROUP}, "
            f"ROW_GROUP_SIZE_BYTES '{GROUP_BYTES}')"
        )
        os.replace(written, path)


def _read_decimal(name):
    """SQL that reads a number from a text.

    Numbers of 128 bits take DuckDB several times as long as short ones, which most are;
    a short one that is made longer is the same.

    :param str name: of the column, in quotes
    """
    decimals = f"length({name}) - strpos({name}, '.')"
    is_short = (
        f"length({name}) <= {SHORT_SIGNS} AND "
        f"(strpos({name}, '.') = 0 OR {decimals} <= {SHORT_DECIMALS})"
    )
    # What DuckDB itself would say, and of which column.
    said = f"'{UNFIT} {name}. Could not convert \"' || {name} || '\" to {WIDE}'"
    return (
        f"CASE WHEN {name} IS NULL THEN NULL WHEN {is_short} "
        f"THEN coalesce(CAST(TRY_CAST({name} AS {SHORT}) AS {WIDE}), error({said})) "
        f"ELSE coalesce(TRY_CAST({name} AS {WIDE}), error({said})) END"
    )


def _first_line(error):
    """What happened, without the line of the file and without advice on files."""
    lines = str(error).strip().splitlines()
    told = [line[line.index(UNFIT) :] for line in lines if UNFIT in line]
    return (told or lines)[0][:500]
