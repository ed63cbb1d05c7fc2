# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What warehouses that speak SQL have in common."""

import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from .base import HASH, KEY, Changed, Foreign, Gone, Outcome, Table, Target

TABLES, BATCHES = "_ai_queue_table", "_ai_queue_batch"
#: how long the note of a batch is kept; a batch is not tried for so long
KEEP_DAYS = 90
#: what every warehouse, and Python, has a day for
FIRST_DAY, LAST_DAY = "DATE '0001-01-01'", "DATE '9999-12-31'"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def quote(name):
    """A name in SQL; only names that need no more than quotes are allowed."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not a name: {name!r}")
    return f'"{name}"'


class SqlTarget(Target):
    """A warehouse with transactions: rows and the note of their batch go together.

    Two tables in the schema of the datasets: whose table is whose, with the types of
    the columns as they were made, and the batches that have been loaded.
    """

    #: kind of a column: its type
    types = {}
    #: how a parameter is written
    mark = "%s"
    #: in words of its SQL
    add_column = "ADD COLUMN"
    #: columns of the table that has been begun which the dataset has no more
    former = ()

    def execute(self, statement, *parameters):
        """Execute a statement; returns all rows, or none.

        What the driver raises is translated into errors of this package.
        """
        raise NotImplementedError

    def quote(self, name):
        """A name as this warehouse writes it."""
        return quote(name)

    def count(self, statement, *parameters):
        """Execute a statement that changes rows; returns how many."""
        raise NotImplementedError

    def fill(self, table, columns, path):
        """Put a CSV file into a table, and return how many rows.

        :param str table: in quotes
        """
        raise NotImplementedError

    def lock(self, table):
        """Wait until nobody else loads this table."""

    # ------------------------------------------------------------
    # TABLES
    # ------------------------------------------------------------

    def begin(self, table, first_key=None, may_make=False):
        self.execute("BEGIN")
        self._make_own_tables(table.schema)
        self.lock(table)
        if first_key and not self.get_batch(first_key):
            self._drop(table)
        self._make(table, may_make)

    def _make_own_tables(self, schema):
        self.make_schema(schema)
        text, time = self.types["text"], self.types["datetime"]
        self.execute(
            f"CREATE TABLE IF NOT EXISTS {self._own(schema, TABLES)} "
            f"(name {text}, owner {text}, columns {text})"
        )
        self.execute(
            f"CREATE TABLE IF NOT EXISTS {self._own(schema, BATCHES)} "
            f"(key {text}, owner {text}, row_count bigint, gone bigint, loaded {time})"
        )
        self._batches = self._own(schema, BATCHES)

    def make_schema(self, schema):
        # Who may not make any may still use one.
        if not self.execute(
            f"SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {self.mark}", schema
        ):
            self._create_schema(schema)

    def _create_schema(self, schema):
        self.execute(f"CREATE SCHEMA {self.quote(schema)}")

    def _own(self, schema, name):
        return f"{self.quote(schema)}.{self.quote(name)}"

    def name(self, table):
        return self._own(table.schema, table.name)

    def _make(self, table, may_make):
        wanted = {column.name: column.kind for column in table.all_columns}
        known = self._get_known(table)
        # columns of ours that the dataset has no more: their values go with each row
        self.former = [name for name in known or () if name not in wanted]
        if known is None:
            if not may_make:
                raise Gone(f"{table.schema}.{table.name}")
            self._create(table, wanted)
            return
        if changed := [
            (name, known[name], kind)
            for name, kind in wanted.items()
            if known.get(name, kind) != kind
        ]:
            raise Changed(changed)
        new = [name for name in wanted if name not in known]
        for name in new:
            kind = self.types[wanted[name]]
            self.execute(
                f"ALTER TABLE {self.name(table)} {self.add_column} "
                f"{self.quote(name)} {kind}"
            )
        if new:
            self._note_columns(table, {**known, **wanted})

    def _get_known(self, table):
        """{name: kind} of the columns of a table of ours; None without the table."""
        noted = self.execute(
            f"SELECT owner, columns FROM {self._own(table.schema, TABLES)} "
            f"WHERE name = {self.mark}",
            table.name,
        )
        if not self._exists(table):
            if noted:  # somebody has dropped it: made anew
                self._forget(table)
            return None
        if not noted or noted[0][0] != table.owner:
            raise Foreign(f"{table.schema}.{table.name}")
        return dict(pair.split("=") for pair in noted[0][1].split(","))

    def _drop(self, table):
        if self._get_known(table) is not None:
            self.execute(f"DROP TABLE {self.name(table)}")
            self._forget(table)

    def _exists(self, table):
        return bool(
            self.execute(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = "
                f"{self.mark} AND table_name = {self.mark}",
                table.schema,
                table.name,
            )
        )

    def _create(self, table, wanted):
        columns = ", ".join(
            f"{self.quote(name)} {self.types[kind]}" for name, kind in wanted.items()
        )
        self.execute(
            f"CREATE TABLE {self.name(table)} ({columns}{self._primary_key()})"
        )
        self._note_table(table, wanted)

    def _note_table(self, table, columns):
        self.execute(
            f"INSERT INTO {self._own(table.schema, TABLES)} (name, owner, columns) "
            f"VALUES ({self.mark}, {self.mark}, {self.mark})",
            table.name,
            table.owner,
            _join(columns),
        )

    def _primary_key(self):
        return f", PRIMARY KEY ({self.quote(KEY)})"

    def _note_columns(self, table, columns):
        self.execute(
            f"UPDATE {self._own(table.schema, TABLES)} SET columns = {self.mark} "
            f"WHERE name = {self.mark}",
            _join(columns),
            table.name,
        )

    def _forget(self, table):
        self.execute(
            f"DELETE FROM {self._own(table.schema, TABLES)} WHERE name = {self.mark}",
            table.name,
        )

    # ------------------------------------------------------------
    # BATCHES
    # ------------------------------------------------------------

    def get_batch(self, key):
        rows = self.execute(
            f"SELECT row_count, gone FROM {self._batches} WHERE key = {self.mark}", key
        )
        return Outcome(*rows[0]) if rows else None

    def load(self, table, load):
        name, columns = self.name(table), [c.name for c in table.all_columns]
        before = self._clear(name, load)
        rows = self.fill(name, columns, load.rows)
        outcome = Outcome(rows, max(0, before - rows))
        self._note_batch(table, load.key, outcome)
        return outcome

    def _clear(self, name, load):
        """Delete what the batch is about; its rows come in the place of it.

        :return: how many rows were there in the range, or how many keys it is about
        """
        key = self.quote(KEY)
        if load.touched is None:
            return self.count(
                f"DELETE FROM {name} WHERE {key} BETWEEN {self.mark} AND {self.mark}"
                f"{self._except(load.spared)}",
                *load.between,
            )
        self.execute("CREATE TEMP TABLE ai_queue_touched (id bigint)")
        count = self.fill("ai_queue_touched", ["id"], load.touched)
        self.count(
            f"DELETE FROM {name} WHERE {key} IN (SELECT id FROM ai_queue_touched)"
            f"{self._except(load.spared)}"
        )
        self.execute("DROP TABLE ai_queue_touched")
        return count - len(load.spared)

    def _except(self, spared):
        listed = ", ".join(str(int(each)) for each in spared)
        return f" AND {self.quote(KEY)} NOT IN ({listed})" if spared else ""

    def _note_batch(self, table, key, outcome):
        marks = ", ".join([self.mark] * 5)
        # The time from here: not all of them say theirs in the same words.
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        self.execute(
            f"INSERT INTO {self._batches} (key, owner, row_count, gone, loaded) "
            f"VALUES ({marks})",
            key,
            table.owner,
            outcome.rows,
            outcome.gone,
            now,
        )
        self.execute(
            f"DELETE FROM {self._batches} WHERE loaded < {self.mark}",
            now - timedelta(days=KEEP_DAYS),
        )

    # ------------------------------------------------------------
    # BOTH SIDES
    # ------------------------------------------------------------

    def get_sums(self, table, size, span):
        number = self._divide(self.quote(KEY), int(size))
        sums = self._sum_up(number, table, span)
        return {int(number): figures for number, figures in sums.items()}

    def get_day_sums(self, table, span):
        return self._sum_up(self._get_day(span), table, span)

    def _sum_up(self, value, table, span):
        rows = self.execute(
            f"SELECT {value}, count(*), {self._sum(self.quote(HASH))} "
            f"FROM {self.name(table)}{self._where(span)} GROUP BY 1"
        )
        # Rows that somebody put there by hand have no hash.
        return {
            value: (count, int(Decimal(total or 0))) for value, count, total in rows
        }

    def _sum(self, column):
        # Drivers may read a number of so many digits as a float, which is rounded.
        return f"CAST(sum({column}) AS varchar)"

    def _divide(self, left, right):
        return f"{left} / {right}"

    def get_rows(self, table, span):
        rows = self.execute(
            f"SELECT {self.quote(KEY)}, {self.quote(HASH)}, {self._get_day(span)} "
            f"FROM {self.name(table)}{self._where(span)}"
        )
        return {key: (mark, day) for key, mark, day in rows}

    def _get_day(self, span):
        """The day of a row, in SQL; none of a day that not every calendar has."""
        if span.column is None:
            return "NULL"
        day = f"CAST({self.quote(span.column)} AS DATE)"
        return f"CASE WHEN {day} BETWEEN {FIRST_DAY} AND {LAST_DAY} THEN {day} END"

    def _where(self, span):
        conditions = []
        if span.keys:
            low, high = map(int, span.keys)
            conditions.append(f"{self.quote(KEY)} BETWEEN {low} AND {high}")
        for day in span.days:
            is_it = "IS NULL" if day is None else f"= DATE '{day.isoformat()}'"
            conditions.append(f"({self._get_day(span)}) {is_it}")
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    def _get_source(self, source):
        parts = source.split(".")
        if all(NAME.fullmatch(part) for part in parts):
            return ".".join(map(self.quote, parts))
        return f"({source})"

    def count_keys(self, source, key):
        name = self.quote(key)
        (counts,) = self.execute(
            f"SELECT count(*), count({name}), count(DISTINCT {name}) "
            f"FROM {self._get_source(source)} AS q"
        )
        return counts

    def read_page(self, source, columns, after, limit):
        key, names = self.quote(columns[0]), ", ".join(map(self.quote, columns))
        later, of = "", self._get_source(source)
        if after is not None:
            later = f" WHERE {key} > {self.mark}"
            # Beside a parameter, a sign of the query itself is written twice.
            of = of.replace("%", "%%") if self.mark == "%s" else of
        return self.execute(
            f"SELECT {names} FROM {of} AS q{later} ORDER BY {key} LIMIT {int(limit)}",
            *(() if after is None else (after,)),
        )

    # ------------------------------------------------------------
    # REBUILD
    # ------------------------------------------------------------

    def swap(self, table, name, key):
        """``table`` is the new one, ``name`` that of the old one."""
        self.execute("BEGIN")
        self._make_own_tables(table.schema)
        self.lock(table)
        new, old = self.name(table), self._own(table.schema, name)
        owners = self._own(table.schema, TABLES)
        if not self.get_batch(key):
            # somebody else's is not touched
            self._get_known(Table(table.schema, name, table.owner))
            if self._get_known(table) is None:
                raise Gone(f"{table.schema}.{table.name}")
            self.execute(f"DROP TABLE IF EXISTS {old}")
            self.execute(f"ALTER TABLE {new} RENAME TO {self.quote(name)}")
            self.execute(f"DELETE FROM {owners} WHERE name = {self.mark}", name)
            self.execute(
                f"UPDATE {owners} SET name = {self.mark} WHERE name = {self.mark}",
                name,
                table.name,
            )
            self._note_batch(table, key, Outcome(0, 0))
        self.commit()


def _join(columns):
    return ",".join(f"{name}={kind}" for name, kind in columns.items())
