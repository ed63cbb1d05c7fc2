# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""PostgreSQL as a warehouse, and Redshift, which speaks its protocol."""

import csv
import zlib
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import DECIMAL as EXACT
from psycopg2.extensions import TRANSACTION_STATUS_UNKNOWN, register_type
from psycopg2.extras import execute_values

from .asking import Estimate, Selected, gather, read_pages
from .base import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    FLOAT,
    INTEGER,
    TEXT,
    Refused,
    RowError,
    TooLong,
    Unreachable,
)
from .sql import SqlTarget, quote

#: rows of one INSERT, where there is no COPY from here
PAGE = 1000
#: classes of errors: connection, resources, intervention, system, transaction
PASSING = {"08", "40", "53", "55", "57", "58"}
#: how Redshift says that two transactions were in each other's way
COLLISION = "Serializable isolation violation"
#: classes of errors that a row makes: data, constraints
OF_ROWS = {"22", "23"}
#: of a statement that took longer than it may
TOO_LONG = "57014"
#: number of a type: kind
KINDS = {20: INTEGER, 21: INTEGER, 23: INTEGER, 26: INTEGER, 700: FLOAT, 701: FLOAT}
KINDS |= {16: BOOLEAN, 1700: DECIMAL, 1082: DATE, 1114: DATETIME, 1184: DATETIME}
CURSOR = "ai_queue_select"


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
    dialect = "postgres"

    def __init__(self, settings):
        super().__init__(settings)
        with self._translated():
            self._connection = self._connect()
        # Elsewhere in Odoo such numbers are floats, which round more than 15 digits.
        register_type(EXACT, self._connection)
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

    # ------------------------------------------------------------
    # QUESTIONS
    # ------------------------------------------------------------

    def may_write(self, schema):
        ((is_super, may_create),) = self.execute(
            "SELECT usesuper, has_schema_privilege(current_user, %s, 'CREATE') "
            "FROM pg_user WHERE usename = current_user",
            schema,
        )
        return is_super or may_create

    def explain(self, statement):
        with self._within_time():
            ((plan,),) = self.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {statement}")
        (plan,) = plan
        found, waiting = set(), [plan["Plan"]]
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", ())
            if "Relation Name" in node:
                found.add((node["Schema"], node["Relation Name"]))
        return Estimate(rows=plan["Plan"]["Plan Rows"], tables=frozenset(found))

    def select(self, statement, limit, max_bytes):
        with self._within_time():
            self.execute(f"DECLARE {CURSOR} NO SCROLL CURSOR FOR {statement}")
            pages = read_pages(lambda n: self.execute(f"FETCH {n} FROM {CURSOR}"))
            # with the first page it is known what comes
            found = gather(pages, limit, max_bytes)
            described = self._cursor.description or ()
        columns = [(each.name, KINDS.get(each.type_code, TEXT)) for each in described]
        return Selected(columns, *found)

    @contextmanager
    def _within_time(self):
        try:
            yield
        except Unreachable as error:
            if getattr(error.__cause__, "pgcode", None) == TOO_LONG:
                raise TooLong(str(error)) from error
            raise

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
    dialect = "redshift"

    def __init__(self, settings):
        super().__init__(settings)
        milliseconds = self.settings["statement_timeout"] * 1000
        self.execute(f"SET statement_timeout TO {milliseconds}")
        self.execute("SET timezone TO 'UTC'")

    def explain(self, statement):
        # It tells a plan in words only.
        with self._within_time():
            self.execute(f"EXPLAIN {statement}")
        return Estimate()

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
