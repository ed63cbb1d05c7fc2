# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import logging
import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from .grammar import JOIN_METHODS, NODES, PARTS, QUERIES, TYPES, UNITS
from .refused import Refused

# It warns of what it cannot read, with the statement itself, which no log shall have.
logging.getLogger("sqlglot").addFilter(lambda note: note.levelno >= logging.ERROR)

#: signs of a statement
MAX_LENGTH = 8000
#: brackets and queries in each other, and parts in all
MAX_DEPTH, MAX_NODES = 60, 1500
MAX_NAME = 120
#: in names and texts, whose meaning depends on the warehouse, or on how it is set up
ODD_IN_NAME = re.compile(r'["`\\\[\]\x00-\x1f\x7f]')
ODD_IN_TEXT = re.compile(r"[\\\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Guarded:
    """A statement that may be run.

    sql: written anew, with its limit
    tables: the names of the tables that it reads, as they were allowed
    limit: the most rows that it returns
    """

    sql: str
    tables: tuple
    limit: int


def guard(sql, dialect, tables, limit):
    """The statement, if it is one harmless SELECT over some of these tables.

    :param str sql: the statement of somebody else
    :param str dialect: a name of sqlglot's, one of the values of ``DIALECTS``
    :param dict tables: {"schema.table" or "project.dataset.table": names of columns}
    :param int limit: the most rows that may come back
    :rtype: Guarded
    :raise Refused: it is anything else
    """
    if not (sql or "").strip():
        raise Refused("empty")
    if len(sql) > MAX_LENGTH:
        raise Refused("long")
    try:
        query = _parse(sql, dialect)
        bound = _bind(query, limit)
        reader = _Reader(tables)
        reader.bind_names(query)
        written = _write(query, dialect)
        # What the warehouse will read is looked at as well as what was sent.
        _Reader(tables).bind_names(_parse(written, dialect))
    except RecursionError as error:
        raise Refused("deep") from error
    return Guarded(written, tuple(sorted(reader.used)), bound)


def _parse(sql, dialect):
    """The one query of the text."""
    try:
        found = sqlglot.parse(sql, read=dialect, error_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise Refused("unreadable", _say(error)) from error
    statements = [each for each in found if each and type(each) is not exp.Semicolon]
    if not statements:
        raise Refused("empty")
    if len(statements) > 1:
        raise Refused("many")
    (query,) = statements
    if type(query) not in QUERIES:
        raise Refused("kind", query.key.upper())
    return query


def _say(error):
    """What the parser found wrong, in a line."""
    details = getattr(error, "errors", None)
    text = details[0].get("description", "") if details else str(error)
    return " ".join(text.split())[:200]


def _bind(query, limit):
    """Let the query return at most so many rows.

    :return: how many that are now
    """
    given = query.args.get("limit")
    wanted = given and (given.args.get("expression") or given.args.get("count"))
    if isinstance(wanted, exp.Literal) and not wanted.is_string:
        with contextlib.suppress(ValueError):
            limit = min(limit, int(wanted.this))
    query.set("limit", exp.Limit(expression=exp.Literal.number(limit)))
    return limit


def _write(query, dialect):
    try:
        written = query.sql(
            dialect=dialect,
            identify=True,
            comments=False,
            unsupported_level=ErrorLevel.RAISE,
        )
    except UnsupportedError as error:
        raise Refused("dialect", _say(error)) from error
    # Whether a backslash means something may depend on how a warehouse is set up. There
    # is none but before a quote, which all but BigQuery read when it stands twice.
    return written if dialect == "bigquery" else written.replace("\\'", "''")


class _Reader:
    """Looks at every part of a query, and gives names the spelling of the warehouse."""

    def __init__(self, tables):
        self.tables = {name.lower(): name for name in tables}
        self.columns = {name: list(columns) for name, columns in tables.items()}
        #: the tables that were met
        self.used = set()

    def bind_names(self, query):
        """Refuse the query, or make its names those of the tables.

        :raise Refused: something in it is not allowed
        """
        nodes = self._all(query)
        for node in nodes:
            self._check(node)
        named = self._check_withs(query, nodes)
        for node in nodes:
            if type(node) is exp.Table:
                self._check_table(node, named)
        self._spell(nodes)

    def _all(self, query):
        """Every part, unless there are too many or too deep in each other."""
        nodes, level, depth = [], [query], 0
        while level:
            nodes += level
            depth += 1
            if depth > MAX_DEPTH:
                raise Refused("deep")
            if len(nodes) > MAX_NODES:
                raise Refused("large")
            level = [child for node in level for child in node.iter_expressions()]
        return nodes

    def _check(self, node):
        kind = type(node)
        if kind not in NODES:
            is_function = isinstance(node, exp.Func)
            raise Refused("function" if is_function else "part", _name_of(node))
        if kind in PARTS:
            for part, value in node.args.items():
                if value and part not in PARTS[kind]:
                    raise Refused("part", part.strip("_").upper())
        if check := CHECKS.get(kind):
            check(node)
        if unit := node.args.get("unit"):
            if unit.name.upper() not in UNITS:
                raise Refused("unit", unit.sql()[:60])

    def _check_withs(self, query, nodes):
        """What WITH names: only at the top, and each only after it is there.

        PostgreSQL finds a real table by the name of a query that comes later, or that
        is somewhere inside.

        :return: {id of a table node: whether it is such a query}
        """
        top = query.args.get("with_") or query.args.get("with")
        if any(type(node) is exp.With and node is not top for node in nodes):
            raise Refused("part", "WITH")
        known, found = set(), {}
        for each in top.expressions if top else ():
            _note(each.this, known, found)
            known.add(each.alias.lower())
        for node in nodes:
            if type(node) is exp.Table and id(node) not in found:
                found[id(node)] = _is_query(node, known)
        return found

    def _check_table(self, node, named):
        if named[id(node)]:
            return
        name = ".".join(part.name for part in node.parts)
        allowed = self.tables.get(name.lower())
        if not allowed:
            raise Refused("table", name[:MAX_NAME])
        self.used.add(allowed)
        if not node.alias:
            # Its columns may be called by its name.
            alias = exp.TableAlias(this=exp.to_identifier(node.name.lower()))
            node.set("alias", alias)
        # In BigQuery all parts of a name may be in one pair of quotes.
        node.meta.pop("quoted_table", None)
        for part, spelled in zip(
            ("this", "db", "catalog"), reversed(allowed.split(".")), strict=False
        ):
            node.set(part, exp.to_identifier(spelled, quoted=True))

    def _spell(self, nodes):
        """Columns and names of the query have one spelling each, whatever the case."""
        spelled = {}
        for table in sorted(self.used):
            for column in self.columns[table]:
                spelled.setdefault(column.lower(), column)
        columns = set(spelled)
        own = {each.alias.lower() for each in nodes if each.alias}
        for node in nodes:
            if type(node) is exp.TableAlias:
                own.update(column.name.lower() for column in node.columns)
        for node in nodes:
            if type(node) is exp.Column and type(node.this) is exp.Identifier:
                name = node.name.lower()
                if name not in columns and name not in own:
                    raise Refused("column", node.name)
                # The table goes by its alias.
                node.set("db", None)
                node.set("catalog", None)
            if type(node) is exp.Identifier and type(node.parent) is not exp.Table:
                name = node.this.lower()
                node.set("this", spelled.setdefault(name, _fold(node)))


def _fold(identifier):
    """A name that is no column's: as it was quoted, else in small letters."""
    return identifier.this if identifier.args.get("quoted") else identifier.this.lower()


def _note(query, known, found):
    for node in query.find_all(exp.Table):
        found[id(node)] = _is_query(node, known)


def _is_query(table, known):
    return len(table.parts) == 1 and table.name.lower() in known


def _name_of(node):
    """What a person calls a part of SQL."""
    if isinstance(node, exp.Anonymous):
        return node.name[:MAX_NAME]
    if isinstance(node, exp.Func):
        return node.sql_name()
    return node.key.upper()


# ---------------------------------------------------------------------- checks
#
# Each looks at one kind of node.


def _check_table_name(node):
    for part in node.parts:
        if type(part) is not exp.Identifier:
            raise Refused("table", part.sql()[:MAX_NAME])


def _check_identifier(node):
    if len(node.this) > MAX_NAME or ODD_IN_NAME.search(node.this):
        raise Refused("name", node.this[:MAX_NAME])


def _check_literal(node):
    if node.is_string and ODD_IN_TEXT.search(node.this):
        raise Refused("text", repr(node.this)[:MAX_NAME])


def _check_var(node):
    if node.name.upper() not in UNITS:
        raise Refused("part", node.name[:MAX_NAME])


def _check_type(node):
    if node.this not in TYPES:
        raise Refused("type", node.sql()[:MAX_NAME])


def _check_join(node):
    if (node.args.get("method") or "").upper() not in JOIN_METHODS:
        raise Refused("part", f"{node.args['method']} JOIN")


CHECKS = {
    exp.Table: _check_table_name,
    exp.Identifier: _check_identifier,
    exp.Literal: _check_literal,
    exp.Var: _check_var,
    exp.DataType: _check_type,
    exp.Join: _check_join,
}
