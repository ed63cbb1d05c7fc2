# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Snowflake as a warehouse, by its own driver."""

import base64
import binascii
import gzip
import json
import re
from contextlib import contextmanager
from functools import partial

from .asking import Estimate, Selected, gather, read_pages
from .base import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    FLOAT,
    INTEGER,
    TEXT,
    BadKey,
    Missing,
    Refused,
    RowError,
    TooLong,
    Unreachable,
)
from .merging import MergeTarget
from .sql import quote

PACKAGE = "snowflake-connector-python"
#: where files go on their way, unless a stage is named
STAGE = "AI_QUEUE_STAGE"
FORMAT = (
    "TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '\"' ESCAPE_UNENCLOSED_FIELD = NONE "
    "EMPTY_FIELD_AS_NULL = TRUE NULL_IF = ()"
)
#: numbers of errors that pass: no connection, no answer, no session, a statement that
#: took too long or was cancelled, a virtual warehouse without credits
PASSING = {250001, 250002, 250003, 250005, 251001, 251011, 251012, 253003, 261000}
PASSING |= {604, 625, 630, 90073, 390112, 390114}
#: answers of the server that have gone wrong, such as 290503
OF_HTTP = range(290500, 290600)
#: of a login: name or password, token, account, role, database or virtual warehouse
LOGIN = range(390100, 390500)
#: classes of states that a row makes: data, constraints
OF_ROWS = {"22", "23"}
#: what its own statements are found by, and for how many days they are looked at
TAG, COST_DAYS = "Odoo AI Queue", 7
#: of a statement that took longer than it may
TOO_LONG = {604, 625, 630}
#: number of a type: kind; whole numbers are those without decimals
KINDS = {0: DECIMAL, 1: FLOAT, 2: TEXT, 3: DATE, 13: BOOLEAN}
KINDS |= dict.fromkeys((4, 6, 7, 8), DATETIME)
PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----(.+?)-----END \1-----", re.DOTALL)


class SnowflakeTarget(MergeTarget):
    """Names are written as Snowflake does it, in capitals: people need no quotes."""

    types = {
        "integer": "BIGINT",
        "float": "FLOAT",
        "decimal": "NUMBER(38, 10)",
        "text": "VARCHAR",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "datetime": "TIMESTAMP_NTZ(6)",
    }
    keep_rights = "COPY GRANTS"
    dialect = "snowflake"
    ending, open_file = ".csv.gz", staticmethod(partial(gzip.open, compresslevel=1))
    now = "SYSDATE()"
    long_ago = "DATEADD(DAY, -90, SYSDATE())"

    def __init__(self, settings):
        super().__init__(settings)
        try:
            import snowflake.connector
        except ImportError as error:
            raise Missing(PACKAGE) from error
        self._driver = snowflake.connector
        with self._translated():
            self._connection = self._driver.connect(**self._get_options())
            self._cursor = self._connection.cursor()

    def _get_options(self):
        settings = self.settings
        seconds = settings["statement_timeout"]
        options = {
            "account": settings["account"],
            "host": settings["host"],
            "port": settings["port"],
            "protocol": "https" if settings["encrypted"] else "http",
            "user": settings["user"],
            "database": settings["database"],
            "role": settings["role"] or None,
            # else an account may have it otherwise, and nothing would be kept
            "autocommit": True,
            "warehouse": settings["warehouse"] or None,
            "login_timeout": settings["connect_timeout"],
            "socket_timeout": max(settings["connect_timeout"], 30),
            # It would try for ever what the server cannot do.
            "network_timeout": seconds + settings["connect_timeout"],
            # A role or a warehouse that is not there is said here, not later.
            "validate_default_parameters": True,
            "application": "Odoo_AI_Queue",
            "session_parameters": {
                "TIMEZONE": "UTC",
                "STATEMENT_TIMEOUT_IN_SECONDS": seconds,
                "QUERY_TAG": TAG,
            },
        }
        key = settings["password"]
        if not key:
            raise BadKey("missing")
        if "-----BEGIN" in key:
            return {**options, "private_key": _read_private_key(key)}
        return {**options, "password": key}

    @contextmanager
    def _translated(self):
        try:
            yield
        except self._driver.errors.Error as error:
            raise _translate(error) from error
        except OSError as error:  # that of the file transfer, too
            raise Unreachable(str(error)[:500]) from error

    def execute(self, statement, *parameters):
        with self._translated():
            self._cursor.execute(statement, parameters or None)
            return self._cursor.fetchall()

    def count(self, statement, *parameters):
        with self._translated():
            self._cursor.execute(statement, parameters or None)
            return self._cursor.rowcount or 0

    # ------------------------------------------------------------
    # QUESTIONS
    # ------------------------------------------------------------

    def explain(self, statement):
        ((text,),) = self.execute(f"EXPLAIN USING JSON {statement}")
        plan = json.loads(text)
        found = {
            tuple(name.lower().split(".")[-2:])
            for step in plan.get("Operations", ())
            for node in step
            for name in node.get("objects", ())
        }
        size = plan.get("GlobalStats", {}).get("bytesAssigned")
        return Estimate(size=size, tables=frozenset(found))

    def select(self, statement, limit, max_bytes):
        self._use_one_role()
        try:
            with self._translated():
                seconds = self.settings["statement_timeout"]
                self._cursor.execute(statement, timeout=seconds)
                columns = [_describe(each) for each in self._cursor.description]
                pages = read_pages(self._cursor.fetchmany)
                return Selected(columns, *gather(pages, limit, max_bytes))
        except Unreachable as error:
            if getattr(error.__cause__, "errno", None) in TOO_LONG:
                raise TooLong(str(error)) from error
            raise

    def _use_one_role(self):
        # Else the other roles of the user may do what this one may not.
        self.execute("USE SECONDARY ROLES NONE")

    def get_costs(self):
        """{day: credits} that its own statements took; known some hours later.

        For a role that may see them: of the database SNOWFLAKE.
        """
        rows = self.execute(
            "SELECT CAST(START_TIME AS DATE), SUM(CREDITS_ATTRIBUTED_COMPUTE) "
            "FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY "
            "WHERE QUERY_TAG = %s AND START_TIME >= DATEADD(DAY, %s, CURRENT_DATE()) "
            "GROUP BY 1",
            TAG,
            -COST_DAYS,
        )
        return {day: float(credits or 0) for day, credits in rows}

    def quote(self, name):
        return quote(name).upper()

    def make_schema(self, schema):
        # Who may not make any may still use one.
        if not self.execute(
            "SELECT 1 FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = %s",
            schema.upper(),
        ):
            self.execute(f"CREATE SCHEMA IF NOT EXISTS {self.quote(schema)}")
        self.execute(f"USE SCHEMA {self.quote(schema)}")

    def _exists(self, table):
        return bool(
            self.execute(
                "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = %s "
                "AND TABLE_NAME = %s",
                table.schema.upper(),
                table.name.upper(),
            )
        )

    def fill_stage(self, schema, name, columns, path):
        listed = ", ".join(
            f"{self.quote(column.name)} {self.types[column.kind]}" for column in columns
        )
        table = self._own(schema, name)
        self.execute(f"CREATE OR REPLACE TRANSIENT TABLE {table} ({listed})")
        stage = self._get_file_stage(schema)
        file_name = path.rpartition("/")[2]
        # Of the same name each time: what a killed worker has left is written over.
        self.execute(
            f"PUT 'file://{path}' @{stage} SOURCE_COMPRESSION = GZIP "
            "AUTO_COMPRESS = FALSE OVERWRITE = TRUE"
        )
        try:
            self.execute(
                f"COPY INTO {table} FROM @{stage}/{file_name} "
                f"FILE_FORMAT = ({FORMAT}) ON_ERROR = ABORT_STATEMENT "
                "FORCE = TRUE PURGE = TRUE"
            )
        except Refused as error:
            state = getattr(error.__cause__, "sqlstate", None) or ""
            if state[:2] in OF_ROWS or _is_of_row(str(error)):
                raise RowError(str(error)) from error
            raise

    def _get_file_stage(self, schema):
        if self.settings["stage"]:
            return self.settings["stage"]
        stage = f"{quote(schema)[1:-1]}.{STAGE}".upper()
        self.execute(f"CREATE STAGE IF NOT EXISTS {stage}")
        return stage

    def _divide(self, left, right):
        return f"FLOOR({left} / {right})"

    def _sum(self, column):
        return super()._sum(f"CAST({column} AS NUMBER(38, 0))")

    def get_version(self):
        ((version, clock),) = self.execute(
            "SELECT CURRENT_VERSION(), DATE_PART(EPOCH_SECOND, SYSDATE())"
        )
        return f"Snowflake {version}", float(clock)

    def close_connection(self):
        with self._translated():
            self._connection.close(retry=False)


def _describe(column):
    """(name, kind) of a column of an answer; names are ours where they are theirs."""
    name = column.name.lower() if column.name.isupper() else column.name
    kind = KINDS.get(column.type_code, TEXT)
    if kind == DECIMAL and not column.scale:
        kind = INTEGER
    return name, kind


def _read_private_key(text):
    """A private key in the form that the driver takes.

    Pasted into a field, or in a variable, it may have lost its lines.
    """
    found = PEM.search(text.replace("\\n", "\n"))
    if not found or "ENCRYPTED" in found[1]:
        raise BadKey("pem")
    from cryptography.hazmat.primitives import serialization

    try:
        der = base64.b64decode("".join(found[2].split()), validate=True)
        key = serialization.load_der_private_key(der, password=None)
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadKey("pem") from error
    return key.private_bytes(
        encoding=serialization.Encoding.DER,
        format=serialization.PrivateFormat.PKCS8,
        encryption_algorithm=serialization.NoEncryption(),
    )


def _translate(error):
    text = " ".join(str(error.msg or error).split())[:500]
    number = error.errno or 0
    if number in OF_HTTP or (number in PASSING and not _is_of_login(text)):
        return Unreachable(text)
    if number in LOGIN or (error.sqlstate or "") not in ("", "n/a"):
        return Refused(text)
    if type(error).__name__ in ("OperationalError", "InterfaceError"):
        return Unreachable(text)
    return Refused(text)


def _is_of_login(text):
    """Whether a connection failed for what was given to it.

    The driver tells both by the same number.
    """
    words = ("ncorrect username or password", "JWT token is invalid", "not granted")
    return any(word in text for word in words)


def _is_of_row(text):
    """Whether it says of a line of the file that it does not fit; not all such errors
    have a state of their own."""
    return bool(re.search(r"\bFile '|not recognized|is too long", text))
