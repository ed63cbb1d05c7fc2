# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rows of a dataset as a CSV file, by COPY: fast, and no more than its user may read.

The ORM makes the query, with the domain, the record rules and the access to fields of
the user whose environment it is; PostgreSQL writes the file.
"""

from typing import NamedTuple

import psycopg2

from odoo.fields import Domain
from odoo.tools import SQL

from .targets import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    FLOAT,
    HASH,
    INTEGER,
    KEY,
    TEXT,
    TIME,
    Column,
)
from .targets.sql import FIRST_DAY, LAST_DAY

KINDS = {
    "integer": INTEGER,
    "many2one": INTEGER,
    "many2one_reference": INTEGER,
    "boolean": BOOLEAN,
    "char": TEXT,
    "text": TEXT,
    "html": TEXT,
    "selection": TEXT,
    "reference": TEXT,
    "json": TEXT,
    "monetary": DECIMAL,
    "date": DATE,
    "datetime": DATETIME,
}
NAME = "_name"


class TooMuch(Exception):
    """The file got larger than a batch may be."""


class Part(NamedTuple):
    """A column of the file.

    column: ``targets.Column``; sql: its value
    """

    column: Column
    sql: SQL


def get_kind(field):
    """The kind of column that fits a field; None if there is none."""
    if field.type == "float":
        return DECIMAL if _follow(field)._digits else FLOAT
    return KINDS.get(field.type)


def _follow(field):
    """The field that holds the value of a related one."""
    while field.related and not field.store and field.related_field is not None:
        field = field.related_field
    return field


def is_possible(field):
    """Whether the value of a field can be had from the database itself."""
    if get_kind(field) is None or field.groups == ".":
        return False
    field = _follow(field)
    return bool(field.store and (field.column_type or field.company_dependent))


class Extraction:
    """A query for rows of a model, in an environment of the one who may read them.

    :param model: empty recordset, in that environment
    :param lines: what ``ai.queue.dataset.field`` gives as plain data
    """

    def __init__(self, model, domain, lines, salt):
        self.model = model
        self.domain = Domain(domain or [])
        self.lines = lines
        self.salt = salt

    # ------------------------------------------------------------
    # QUERY
    # ------------------------------------------------------------

    def get_columns(self):
        """The columns, without asking for any row."""
        return tuple(part.column for part in self._get_parts(self._make_query(None)))

    def _make_query(self, condition):
        query = self.model.with_context(active_test=False)._search(self.domain)
        if condition is not None:
            query.add_where(condition)
        return query

    def _get_parts(self, query):
        parts = []
        for line in self.lines:
            parts += self._get_parts_of(query, line)
        return parts

    def _get_parts_of(self, query, line):
        field = self.model._fields[line["field"]]
        kind, value = get_kind(field), self._get_value(query, field)
        name = line["column"]
        if line["mask"] == "hash":
            return [Part(Column(name, TEXT), self._hide(value))]
        if line["mask"] == "year":
            year = SQL("extract(year FROM %s)::integer", value)
            return [Part(Column(name, INTEGER), year)]
        parts = [Part(Column(name, kind), value)]
        if field.type == "many2one" and line["with_name"]:
            named = self._join_name(query, field, value)
            if named is not None:
                parts.append(Part(Column(name + NAME, TEXT), named))
        return parts

    def _get_value(self, query, field):
        value = self.model._field_to_sql(self.model._table, field.name, query)
        if field.type == "json":
            return SQL("(%s)::text", value)
        if field.type == "boolean":
            return SQL("coalesce(%s, FALSE)", value)
        return value

    def _hide(self, value):
        """Equal values stay equal, and that is all; it cannot be tried out, since the
        salt is a secret of this database."""
        return SQL(
            "encode(sha256(convert_to(%s || (%s)::text, 'UTF8')), 'hex')",
            self.salt,
            value,
        )

    def _join_name(self, query, field, value):
        """The name of a related record, for those that the user may read."""
        comodel = self.model.env[field.comodel_name].with_context(active_test=False)
        name_field = comodel._fields.get(comodel._rec_name or "")
        if name_field is None or not is_possible(name_field):
            return None
        if not comodel.has_access("read"):
            return SQL("NULL::text")
        others = comodel._search([])
        key = SQL.identifier(comodel._table, "id")
        named = comodel._field_to_sql(comodel._table, name_field.name, others)
        alias = query.make_alias(self.model._table, f"{field.name}_name")
        query.add_join(
            "LEFT JOIN",
            alias,
            SQL("(%s)", others.select(SQL("%s AS id", key), SQL("%s AS name", named))),
            SQL("%s = %s", SQL.identifier(alias, "id"), value),
        )
        return SQL("(%s)::text", SQL.identifier(alias, "name"))

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    def get_sources(self):
        """The tables that the columns are from.

        :return: {table: (columns that matter, None for all; SQL that selects keys of
            the model by the ids of the table in a set called ``changed``)}
        """
        matter = {self.model._table: None}
        ways = {self.model._table: [SQL("SELECT id FROM changed")]}
        for line in self.lines:
            steps = self._walk(self.model, line["field"])
            if line["with_name"] and not line["mask"]:
                steps += self._walk_to_name(*steps[-1])
            for number, (model, field) in enumerate(steps):
                way = self._get_way(steps[:number])
                if way is None or not (model._auto and field.store):
                    break
                if matter.setdefault(model._table, set()) is not None:
                    matter[model._table].add(field.name)
                known = ways.setdefault(model._table, [])
                if way not in known:
                    known.append(way)
        return {
            table: (columns, SQL(" UNION ").join(ways[table]))
            for table, columns in matter.items()
        }

    def _walk(self, model, name):
        """The way to the value of a field: [(model, field)], links and at last the one
        that holds it."""
        field = model._fields[name]
        if field.store or not field.related:
            return [(model, field)]
        steps = []
        for each in field.related.split("."):
            steps += self._walk(model, each)
            if comodel := steps[-1][1].comodel_name:
                model = model.env[comodel]
        return steps

    def _walk_to_name(self, model, field):
        """The way on to the name of a related record, as ``_join_name`` takes it."""
        if field.type != "many2one":
            return []
        comodel = model.env[field.comodel_name]
        name_field = comodel._fields.get(comodel._rec_name or "")
        if name_field is None or not is_possible(name_field):
            return []
        return self._walk(comodel, name_field.name)

    def _get_way(self, links):
        """SQL that goes back along links, from ``changed`` to keys of the model; None
        if one of them is not in the database."""
        way = SQL("SELECT id FROM changed")
        for model, link in reversed(links):
            if link.type != "many2one" or not link.store:
                return None
            way = SQL(
                "SELECT id FROM %s WHERE %s IN (%s)",
                SQL.identifier(model._table),
                # Keys are no values: whether its user may read the link or not.
                model.sudo()._field_to_sql(model._table, link.name),
                way,
            )
        return way

    # ------------------------------------------------------------
    # FILE
    # ------------------------------------------------------------

    def write_rows(self, path, condition, max_bytes=None):
        """Write the rows of a condition into a file.

        :return: bytes of the file
        :raise TooMuch: it would get larger than allowed
        """
        query = self._make_query(condition)
        return self._copy(self._select(query, self._get_parts(query)), path, max_bytes)

    def _select(self, query, parts):
        key = SQL.identifier(self.model._table, "id")
        columns = [SQL("%s AS %s", key, SQL.identifier(KEY))]
        columns += [
            SQL("%s AS %s", part.sql, SQL.identifier(part.column.name))
            for part in parts
        ]
        return SQL(
            "SELECT found.*, %s AS %s, %s AS %s FROM (%s) AS found",
            _hash_row(),
            SQL.identifier(HASH),
            SQL("clock_timestamp() AT TIME ZONE 'UTC'"),
            SQL.identifier(TIME),
            query.select(*columns),
        )

    def keep_keys(self, keys):
        """Find keys once and for all, and know how many there are.

        :param keys: a query of one column
        :return: another one, for this transaction
        """
        cr = self.model.env.cr
        cr.execute("DROP TABLE IF EXISTS pg_temp.ai_queue_keys")
        cr.execute(SQL("CREATE TEMP TABLE ai_queue_keys ON COMMIT DROP AS (%s)", keys))
        cr.execute("ANALYZE pg_temp.ai_queue_keys")
        return SQL("SELECT id FROM pg_temp.ai_queue_keys")

    def write_keys(self, path, keys):
        """Write keys, a query of one column, into a file."""
        return self._copy(keys, path)

    def _copy(self, query, path, max_bytes=None):
        cr = self.model.env.cr
        with open(path, "wb") as file, cr.savepoint(flush=False):
            counter = _Counter(file, max_bytes)
            # One core is enough: people come first.
            cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            # Below Odoo's cursor: it would note the query, with the salt, if it fails.
            statement = cr._obj.mogrify(query.code, query.params).decode()
            try:
                cr._obj.copy_expert(
                    f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)", counter
                )
            except psycopg2.Error as error:
                if counter.is_full:  # what the driver makes of TooMuch
                    raise TooMuch() from error
                raise
        return counter.written

    def _execute(self, query):
        self.model.env.cr._obj.execute(query.code, query.params)

    # ------------------------------------------------------------
    # BOTH SIDES
    # ------------------------------------------------------------

    def get_sums(self, size, span):
        """All rows of a span summed up at once.

        :return: ({number of the range: (rows, sum of the hashes)}, {day: the same}),
            as a target gives them; without a column that tells it, no days
        """
        # Odoo reads a sum, which is a numeric, as a float: it would be rounded.
        sets = SQL("(number), (day)") if span.column else SQL("(number)")
        self._execute(
            SQL(
                "SELECT number, %s, grouping(number), count(*), sum(hash)::text FROM "
                "(SELECT key / %s AS number, hash, day FROM (%s) AS row) AS row "
                "GROUP BY GROUPING SETS (%s)",
                SQL("day") if span.column else SQL("NULL"),
                size,
                self._select_span(span),
                sets,
            )
        )
        ranges, days = {}, {}
        for number, day, is_day, count, total in self.model.env.cr.fetchall():
            if is_day:
                days[day] = (count, int(total))
            else:
                ranges[number] = (count, int(total))
        return ranges, days

    def get_rows(self, span):
        """{key: (hash, day)}"""
        self._execute(self._select_span(span))
        return {key: (mark, day) for key, mark, day in self.model.env.cr.fetchall()}

    def _select_span(self, span):
        """Key, hash and day of the rows of a span."""
        query = self._make_query(None)
        if span.keys:
            key = SQL.identifier(self.model._table, "id")
            query.add_where(SQL("%s BETWEEN %s AND %s", key, *span.keys))
        if span.days:
            # Here, before anything is hashed.
            fields = {line["column"]: line["field"] for line in self.lines}
            field = self.model._fields[fields[span.column]]
            day = _get_day(self._get_value(query, field))
            query.add_where(SQL("%s IS NOT DISTINCT FROM %s", day, *span.days))
        day = SQL("NULL::date")
        if span.column:
            day = _get_day(SQL.identifier("row", span.column))
        return SQL(
            "SELECT %s AS key, %s AS hash, %s AS day FROM (%s) AS row",
            SQL.identifier("row", KEY),
            SQL.identifier("row", HASH),
            day,
            self._select(query, self._get_parts(query)),
        )


def _get_day(value):
    """The day of a value; none of one that not every calendar has."""
    day = SQL("(%s)::date", value)
    return SQL(f"CASE WHEN %s BETWEEN {FIRST_DAY} AND {LAST_DAY} THEN %s END", day, day)


def _hash_row():
    """60 bits of a hash of all that a row holds: they fit any target's integers."""
    return SQL("('x' || left(md5(found::text), 15))::bit(60)::bigint")


class _Counter:
    """A file that takes so many bytes and no more."""

    def __init__(self, file, most):
        self.file, self.most, self.written = file, most, 0

    @property
    def is_full(self):
        return self.most is not None and self.written > self.most

    def write(self, data):  # pylint: disable=method-required-super
        self.written += len(data)
        if self.is_full:
            raise TooMuch()
        return self.file.write(data)
