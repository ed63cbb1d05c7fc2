# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One question to a warehouse: a SELECT with limits, and what it would cost."""

import math
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import NamedTuple

from .base import BOOLEAN, DATE, DATETIME, DECIMAL, FLOAT, INTEGER, TEXT

#: rows that are fetched at a time
PAGE = 500
#: what a value that is no text is counted as, in bytes
SIZE = 8
#: how a type begins, in the words of DuckDB, Snowflake and BigQuery: kind
KINDS = (
    (("INTERVAL",), TEXT),
    (("HUGEINT", "BIGINT", "INT", "UINT", "UBIGINT", "UHUGEINT"), INTEGER),
    (("SMALLINT", "TINYINT", "USMALLINT", "UTINYINT"), INTEGER),
    (("DOUBLE", "FLOAT", "REAL"), FLOAT),
    (("DECIMAL", "NUMERIC", "BIGNUMERIC"), DECIMAL),
    (("BOOL",), BOOLEAN),
    (("TIMESTAMP", "DATETIME"), DATETIME),
    (("DATE",), DATE),
)


class Selected(NamedTuple):
    """What came of a question.

    columns: [(name, one of the kinds of columns)]; rows: tuples of plain values, times
    in UTC without a time zone; is_cut: there are more rows than were allowed; billed:
    bytes that are paid for, None where a warehouse does not tell
    """

    columns: list
    rows: list
    is_cut: bool
    billed: int | None = None


class Estimate(NamedTuple):
    """What a question would take, None for what a warehouse does not tell.

    size: bytes that it reads; rows: how many come back, about; tables: {(schema,
    table)} that it looks at
    """

    size: int | None = None
    rows: int | None = None
    tables: frozenset | None = None


def get_kind(name):
    """The kind of column for the name of a type."""
    word = str(name).upper().partition("(")[0]
    for names, kind in KINDS:
        if word.startswith(names) and not word.endswith("[]"):
            return kind
    return TEXT


def gather(rows, limit, max_bytes):
    """([rows of plain values], whether some were left out)

    :param rows: an iterator, not read further than needed
    """
    kept, size = [], 0
    for row in rows:
        if len(kept) == limit:
            return kept, True
        row = tuple(map(plain, row))
        size += sum(len(each) if isinstance(each, str) else SIZE for each in row)
        if size > max_bytes:
            return kept, True
        kept.append(row)
    return kept, False


def read_pages(fetch):
    """The rows of a cursor, page by page.

    :param fetch: function of a number of rows
    """
    while page := fetch(PAGE):
        yield from page


def plain(value):
    """A value as one of the few types that everybody knows; what is no number is
    None."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, datetime):
        if value.tzinfo:
            value = value.astimezone(timezone.utc).replace(tzinfo=None)
        return value
    if value is None or isinstance(value, bool | int | date):
        return value
    if isinstance(value, float | Decimal):
        return value if math.isfinite(value) else None
    return str(value).replace("\0", "")
