# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A warehouse in a file: DuckDB, and Parquet files beside it. No server, no account."""

import os
from contextlib import contextmanager

from .base import Missing, Refused, RowError, Unreachable
from .sql import SqlTarget, quote

#: DuckDB alone may take so much; the worker has its own beside
MEMORY = "96MB"
#: the longest line of a CSV file, and twice that is read at a time
LINE = 4_000_000
#: rows that a Parquet file keeps together: as much is in memory when it is written
GROUP = 20_000


class DuckDbTarget(SqlTarget):
    """One process at a time may write the file, and no other may read it meanwhile."""

    types = {
        "integer": "BIGINT",
        "float": "DOUBLE",
        "decimal": "DECIMAL(38, 10)",
        "text": "VARCHAR",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "datetime": "TIMESTAMP",
    }
    mark = "?"

    def __init__(self, settings):
        super().__init__(settings)
        try:
            import duckdb
        except ImportError as error:
            raise Missing("duckdb") from error
        self._driver = duckdb
        directory = os.path.dirname(settings["path"])
        with self._translated():
            self._connection = duckdb.connect(
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
            if "CSV Error" in str(error):
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
        except (
            *(driver.SerializationException, driver.CatalogException),
            *(driver.BinderException, driver.ParserException),
            *(driver.PermissionException, driver.NotImplementedException),
        ) as error:
            raise Refused(_first_line(error)) from error

    def execute(self, statement, *parameters):
        with self._translated():
            return self._connection.execute(statement, parameters).fetchall()

    def count(self, statement, *parameters):
        return self.execute(statement, *parameters)[0][0]

    def fill(self, table, columns, path):
        kinds = self._get_types(table, columns)
        listed = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
        names = ", ".join(map(quote, columns))
        return self.count(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM read_csv(?, "
            f"columns = {{{listed}}}, header = false, auto_detect = false, "
            "delim = ',', quote = '\"', escape = '\"', nullstr = '', "
            "allow_quoted_nulls = false, new_line = '\\n', parallel = false, "
            f"max_line_size = {LINE}, buffer_size = {2 * LINE})",
            path,
        )

    def _get_types(self, table, columns):
        described = self.execute(f"DESCRIBE {table}")
        types = {name: kind for name, kind, *_rest in described}
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

    def commit(self):
        self.execute("COMMIT")

    def rollback(self):
        self.execute("ROLLBACK")

    def close(self):
        # gives up what was not committed
        self._connection.close()

    def export(self, table, path):
        """Write a table as a Parquet file; who reads the old one is not disturbed."""
        self.execute(f"SET temp_directory = '{os.path.dirname(path)}/.spill'")
        written = f"{path}.part"
        escaped = written.replace("'", "''")
        self.execute(
            f"COPY {self.name(table)} TO '{escaped}' "
            f"(FORMAT parquet, ROW_GROUP_SIZE {GROUP})"
        )
        os.replace(written, path)


def _first_line(error):
    """What happened, without the line of the file and without advice on files."""
    lines = str(error).strip().splitlines()
    told = [line for line in lines if line.startswith("Error when converting")]
    return (told or lines)[0][:500]
