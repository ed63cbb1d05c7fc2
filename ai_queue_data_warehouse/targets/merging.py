# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Warehouses of the cloud: no transaction over a load and its note, but MERGE.

A batch becomes one file with its rows, and a line with no more than the key for each
record that has no row any more. The file goes into a table of its own, where it turns
out whether every row fits, and from there by one MERGE into the table: all of it, or
nothing. Only then the batch is noted. Whatever is killed in between, the batch is
merged once more under its key, and each row is there once.

What a worker that was killed has sent may still be on its way and arrive late. So
whoever begins takes the table over first: a MERGE of anybody else does nothing.
"""

import os
import secrets
import shutil
import tempfile
from contextlib import suppress

from .base import HASH, KEY, Gone, Outcome, Table, Unreachable, read_keys
from .sql import BATCHES, TABLES, SqlTarget

#: rows of the batch that tests a connection
TEST_ROWS = 1000
#: so many bytes are written at a time
CHUNK = 1 << 20


class MergeTarget(SqlTarget):
    """What Snowflake and BigQuery have in common."""

    #: a killed worker may have come so far
    add_column = "ADD COLUMN IF NOT EXISTS"
    #: what lets people read a table that replaces another one as before
    keep_rights = ""
    #: the ending of a file that goes there, and how one is opened
    ending, open_file = ".csv", staticmethod(open)
    #: the time of now, and that before which notes are forgotten
    now = long_ago = None

    def __init__(self, settings):
        super().__init__(settings)
        self._token = self._staged = None

    # ------------------------------------------------------------
    # WHAT EACH DOES ITS OWN WAY
    # ------------------------------------------------------------

    def fill_stage(self, schema, name, columns, path):
        """Make a table beside, and put a file of rows into it.

        :param columns: ``Column`` each
        :param str path: its file is called after the batch
        :raise RowError: a row does not fit
        """
        raise NotImplementedError

    def get_version(self):
        """(what it calls itself, the time by its clock in seconds)"""
        raise NotImplementedError

    # ------------------------------------------------------------
    # BEGIN
    # ------------------------------------------------------------

    def begin(self, table, first_key=None, may_make=False):
        self._make_own_tables(table.schema)
        if first_key and not self.get_batch(first_key):
            self._drop(table)
        self._make(table, may_make)
        self._take_over(table)

    def _make_own_tables(self, schema):
        self.make_schema(schema)
        self._batches = self._own(schema, BATCHES)
        text, time = self.types["text"], self.types["datetime"]
        number = self.types["integer"]
        # Asked for first: it takes a second to make a table that is there.
        if not self._exists(Table(schema, BATCHES, "")):
            self.execute(
                f"CREATE TABLE IF NOT EXISTS {self._own(schema, TABLES)} "
                f"(name {text}, owner {text}, columns {text}, holder {text})"
            )
            self.execute(
                f"CREATE TABLE IF NOT EXISTS {self._batches} (key {text}, "
                f"owner {text}, row_count {number}, gone {number}, loaded {time})"
            )

    def _create(self, table, wanted):
        # The note first: a table without one would be somebody else's for ever.
        self._note_table(table, wanted)
        try:
            self._create_table(table.schema, table.name, wanted)
        except Exception:
            self._forget(table)
            raise

    def _create_table(self, schema, name, wanted):
        columns = ", ".join(
            f"{self.quote(column)} {self.types[kind]}"
            for column, kind in wanted.items()
        )
        self.execute(f"CREATE TABLE {self._own(schema, name)} ({columns})")

    def _take_over(self, table):
        """From here on nothing that somebody else has sent reaches the table."""
        where = f"name = {self.mark} AND owner = {self.mark}"
        tables = self._own(table.schema, TABLES)
        ((before,),) = self.execute(
            f"SELECT holder FROM {tables} WHERE {where}", table.name, table.owner
        )
        self._token = secrets.token_hex(8)
        self.execute(
            f"UPDATE {tables} SET holder = {self.mark} WHERE {where}",
            self._token,
            table.name,
            table.owner,
        )
        if before:
            self._drop_stage(table.schema, before)

    def _is_held(self, table):
        """A condition: that nobody else has taken the table over."""
        return (
            f"EXISTS (SELECT 1 FROM {self._own(table.schema, TABLES)} WHERE "
            f"name = '{table.name}' AND holder = '{self._token}')"
        )

    def _get_stage(self, token):
        return f"_ai_queue_stage_{token}"

    def _drop_stage(self, schema, token):
        name = self._own(schema, self._get_stage(token))
        self.execute(f"DROP TABLE IF EXISTS {name}")

    # ------------------------------------------------------------
    # LOAD
    # ------------------------------------------------------------

    def load(self, table, load):
        keys = set(read_keys(load.rows))
        if load.touched is None:
            about = self._get_keys(table, *load.between)
        else:
            about = set(read_keys(load.touched))
        gone = sorted(about - keys - set(load.spared))
        self._staged = (table, load.key, Outcome(len(keys), len(gone)))
        if keys or gone:
            directory = os.path.dirname(load.rows)
            path = os.path.join(directory, (load.key or "try") + self.ending)
            self._write(load.rows, gone, len(table.all_columns), path)
            stage = self._get_stage(self._token)
            self.fill_stage(table.schema, stage, table.all_columns, path)
        return self._staged[-1]

    def _write(self, rows, gone, width, path):
        """Write a file of rows, and a line for each key that is gone."""
        rest = "," * (width - 1)
        with self.open_file(path, "wb") as written:
            with open(rows, "rb") as file:
                shutil.copyfileobj(file, written, CHUNK)
            for key in gone:
                written.write(f"{key}{rest}\n".encode())

    def _get_keys(self, table, low, high):
        key = self.quote(KEY)
        rows = self.execute(
            f"SELECT {key} FROM {self.name(table)} "
            f"WHERE {key} BETWEEN {int(low)} AND {int(high)}"
        )
        return {key for (key,) in rows}

    def commit(self):
        table, key, outcome = self._staged
        if outcome.rows or outcome.gone:
            self._merge(table)
        self._note_batch(table, key, outcome)
        self.rollback()

    def rollback(self):
        """What was staged is of no more use."""
        if self._staged:
            table, self._staged = self._staged[0], None
            self._drop_stage(table.schema, self._token)

    def _merge(self, table):
        names = [self.quote(column.name) for column in table.all_columns]
        key, mark = self.quote(KEY), f"s.{self.quote(HASH)}"
        listed = ", ".join(names)
        changes = [f"{name} = s.{name}" for name in names if name != key]
        changes += [f"{self.quote(name)} = NULL" for name in self.former]
        values = ", ".join(f"s.{name}" for name in names)
        stage = self._own(table.schema, self._get_stage(self._token))
        self.execute(
            f"MERGE INTO {self.name(table)} AS t USING (SELECT {listed} FROM {stage} "
            f"WHERE {self._is_held(table)}) AS s ON t.{key} = s.{key} "
            f"WHEN MATCHED AND {mark} IS NULL THEN DELETE "
            f"WHEN MATCHED THEN UPDATE SET {', '.join(changes)} "
            f"WHEN NOT MATCHED AND {mark} IS NOT NULL THEN "
            f"INSERT ({listed}) VALUES ({values})"
        )

    def _note_batch(self, table, key, outcome):
        # BigQuery knows no WHERE without a FROM.
        noted = self.count(
            f"INSERT INTO {self._batches} (key, owner, row_count, gone, loaded) "
            f"SELECT {self.mark}, {self.mark}, {int(outcome.rows)}, "
            f"{int(outcome.gone)}, {self.now} FROM (SELECT 1 AS one) AS single "
            f"WHERE {self._is_held(table)}",
            key,
            table.owner,
        )
        if not noted:
            raise Unreachable(f"{table.schema}.{table.name}: another worker loads it")
        # now and then: each time it would be one more statement to wait for
        if key.startswith("00"):
            self.execute(f"DELETE FROM {self._batches} WHERE loaded < {self.long_ago}")

    def close(self):
        # Who takes over cleans up, too, should this not succeed.
        with suppress(Exception):
            self.rollback()
        self.close_connection()

    def close_connection(self):
        raise NotImplementedError

    # ------------------------------------------------------------
    # REBUILD, TEST
    # ------------------------------------------------------------

    def swap(self, table, name, key):
        """``table`` is the new one, ``name`` that of the old one. Every step may be
        done again, and those who query see the old table or the new one."""
        self._make_own_tables(table.schema)
        old = Table(table.schema, name, table.owner)
        if not self.get_batch(key):
            known = self._get_known(table)
            if known is None:
                raise Gone(f"{table.schema}.{table.name}")
            if self._get_known(old) is None:  # somebody else's is not touched
                # First, as in ``_create``; and it stays, whoever is killed.
                self._note_table(old, known)
            self.execute(
                f"CREATE OR REPLACE TABLE {self.name(old)} {self.keep_rights} AS "
                f"SELECT * FROM {self.name(table)}"
            )
            self._note_columns(old, known)
            self._take_over(old)
            self._note_batch(old, key, Outcome(0, 0))
        self._drop(table)

    def check(self):
        version, clock = self.get_version()
        yield "reached", {"version": version}
        yield "clock", {"time": clock}
        schema = self.settings["schema"]
        self.make_schema(schema)
        token = secrets.token_hex(8)
        table = Table(schema, f"_ai_queue_check_{token}", "")
        wanted = {column.name: column.kind for column in table.all_columns}
        self._create_table(schema, table.name, wanted)
        try:
            yield "may_create", {}
            with tempfile.TemporaryDirectory(prefix="ai_queue_") as directory:
                rows = os.path.join(directory, "rows.csv")
                with open(rows, "w") as file:
                    file.writelines(
                        f"{number},{number},2000-01-01 00:00:00\n"
                        for number in range(TEST_ROWS)
                    )
                path = os.path.join(directory, f"check-{token}{self.ending}")
                self._write(rows, (), len(wanted), path)
                stage = self._get_stage(token)
                self.fill_stage(schema, stage, table.all_columns, path)
            yield "loaded", {"rows": self._count(schema, stage)}
        finally:
            self._drop_stage(schema, token)
            self.execute(f"DROP TABLE IF EXISTS {self.name(table)}")

    def _count(self, schema, name):
        return self.execute(f"SELECT count(*) FROM {self._own(schema, name)}")[0][0]
