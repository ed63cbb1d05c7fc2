# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""PostgreSQL as a warehouse, and Redshift, which speaks its protocol."""

import csv
import zlib
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_UNKNOWN
from psycopg2.extras import execute_values

from .base import Refused, RowError, Unreachable
from .sql import SqlTarget, quote

#: rows of one INSERT, where there is no COPY from here
PAGE = 1000
#: classes of errors: connection, resources, intervention, system, transaction
PASSING = {"08", "40", "53", "55", "57", "58"}
#: how Redshift says that two transactions were in each other's way
COLLISION = "Serializable isolation violation"
#: classes of errors that a row makes: data, constraints
OF_ROWS = {"22", "23"}


class PostgresTarget(SqlTarget):
    types = {
        "integer": "bigint",
        "float": "double precision",
        "decimal": "numeric",
        "text": "text",
        "boolean": "boolean",
        "date": "date",
        "datetime": "timestamp",
    }
    #: what tells the time
    clock = "clock_timestamp()"

    def __init__(self, settings):
        super().__init__(settings)
        with self._translated():
            self._connection = self._connect()
        # transactions are opened by statements, as with other targets
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()
        if settings["is_reader"]:
            # Of a transaction that has begun, a query cannot change that.
            self.execute("BEGIN READ ONLY")

    def _connect(self):
        settings = self.settings
        places = settings.get("addresses") or ()
        return psycopg2.connect(
            # A name for each address, as it stands in the certificate.
            host=",".join([settings["host"]] * len(places)) or settings["host"],
            hostaddr=",".join(places) or None,
            port=settings["port"],
            dbname=settings["database"],
            user=settings["user"],
            password=settings["password"],
            sslmode=settings["sslmode"],
            connect_timeout=settings["connect_timeout"],
            application_name="Odoo AI Queue",
            keepalives_idle=30,
            options=self._get_session(),
        )

    def _get_session(self):
        """What a session begins with."""
        milliseconds = self.settings["statement_timeout"] * 1000
        return f"-c statement_timeout={milliseconds} -c timezone=UTC"

    @contextmanager
    def _translated(self):
        try:
            yield
        except psycopg2.Error as error:
            raise _translate(error) from error

    def execute(self, statement, *parameters):
        with self._translated():
            self._cursor.execute(statement, parameters or None)
            return self._cursor.fetchall() if self._cursor.description else []

    def count(self, statement, *parameters):
        self.execute(statement, *parameters)
        return self._cursor.rowcount

    def fill(self, table, columns, path):
        names = ", ".join(map(quote, columns))
        with self._translated(), open(path, newline="") as file:
            self._cursor.copy_expert(
                f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)", file
            )
        return self._cursor.rowcount

    def lock(self, table):
        number = zlib.crc32(f"{table.schema}.{table.owner}".encode())
        self.execute("SELECT pg_advisory_xact_lock(%s)", number)

    def _make_own_tables(self, schema):
        # CREATE … IF NOT EXISTS fails where two do it at once.
        self.execute("SELECT pg_advisory_xact_lock(%s)", zlib.crc32(schema.encode()))
        return super()._make_own_tables(schema)

    def check(self):
        ((version, clock),) = self.execute(
            f"SELECT version(), extract(epoch FROM {self.clock})"
        )
        yield "reached", {"version": version.split(" on ")[0]}
        yield "clock", {"time": float(clock)}
        self.execute("BEGIN")
        schema = self.settings["schema"]
        self.make_schema(schema)
        name = self._own(schema, "ai_queue_check")
        self.execute(f"CREATE TABLE {name} (id bigint)")
        yield "may_create", {}
        numbers = ", ".join(f"({number})" for number in range(1000))
        rows = self.count(f"INSERT INTO {name} VALUES {numbers}")
        yield "loaded", {"rows": rows}
        self.execute("ROLLBACK")

    def commit(self):
        self.execute("COMMIT")

    def rollback(self):
        self.execute("ROLLBACK")

    def close(self):
        if self._connection.info.transaction_status != TRANSACTION_STATUS_UNKNOWN:
            self._connection.close()


class RedshiftTarget(PostgresTarget):
    """It takes files from S3 only, knows no advisory locks and other types."""

    types = {
        **PostgresTarget.types,
        "decimal": "numeric(38, 10)",
        "text": "varchar(65535)",
    }
    clock = "getdate()"

    def __init__(self, settings):
        super().__init__(settings)
        milliseconds = self.settings["statement_timeout"] * 1000
        self.execute(f"SET statement_timeout TO {milliseconds}")
        self.execute("SET timezone TO 'UTC'")

    def _get_session(self):
        # It takes no settings with the connection.
        return None

    def fill(self, table, columns, path):
        names = ", ".join(map(quote, columns))
        count = 0
        with self._translated(), open(path, newline="") as file:
            # Where Redshift is not told a time zone or a type, text is converted.
            rows = (
                [value if value != "" else None for value in row]
                for row in csv.reader(file)
            )
            while page := [row for row, _n in zip(rows, range(PAGE), strict=False)]:
                execute_values(
                    self._cursor, f"INSERT INTO {table} ({names}) VALUES %s", page
                )
                count += len(page)
        return count

    def lock(self, table):
        self.execute(f"LOCK {self._batches}")

    def _make_own_tables(self, schema):
        SqlTarget._make_own_tables(self, schema)


def _translate(error):
    code, text = error.pgcode or "", str(error).strip().split("\n", 1)[0][:500]
    kind = code[:2]
    if kind in OF_ROWS:
        return RowError(text)
    if kind in PASSING or (not code and _is_of_network(error)):
        return Unreachable(text)
    if COLLISION in text:
        return Unreachable(text)
    return Refused(text)


def _is_of_network(error):
    """Whether a connection failed for another reason than what was given to it.

    libpq tells what the server said in words only.
    """
    text = str(error)
    refused = ("password authentication", "no password supplied", "does not exist")
    refused += ("pg_hba.conf", "not permitted", "certificate", "support SSL")
    return not any(words in text for words in refused)
