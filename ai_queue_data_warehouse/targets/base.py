# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a warehouse has to be able to do, whoever makes it. Nothing here knows Odoo.

A batch goes into a target like this, and every step can be done again::

    with connect("duckdb", settings) as target:
        target.begin(table)             # from here on nobody else loads this table
        if not target.get_batch(key):   # loaded before, by a worker that was killed?
            target.load(table, load)    # the rows, and the note that they are there
            target.commit()             # … in one transaction
"""

import csv
import sys
from dataclasses import dataclass, field

#: kinds of columns, in the words of nobody's SQL
INTEGER, FLOAT, DECIMAL, TEXT = "integer", "float", "decimal", "text"
BOOLEAN, DATE, DATETIME = "boolean", "date", "datetime"

#: what every table has beside the columns of its dataset
KEY, HASH, TIME = "id", "_row_hash", "_synced_at"


# A text may be as long as it is: the module's own limit is 128 kB.
csv.field_size_limit(sys.maxsize)


def read_keys(path):
    """The keys of a CSV file of rows, which come first in each."""
    with open(path, newline="") as file:
        return [int(row[0]) for row in csv.reader(file)]


class TargetError(Exception):
    """Something is wrong with a warehouse; the text says what, without any secret."""


class Unreachable(TargetError):
    """Nothing is there, or it is busy: try again later."""


class Refused(TargetError):
    """It is there and says no: trying again does not help."""


class TooLong(Refused):
    """A question took longer than it may."""


class Unwritable(TargetError):
    """Its directory is not for us to write to.

    directory: where it should be
    """

    def __init__(self, directory, text):
        super().__init__(text)
        self.directory = directory


class Internal(TargetError):
    """It is at an address of the server's own network that nobody has allowed.

    where: the address, as the line that would allow it has it
    """

    def __init__(self, where):
        super().__init__(where)
        self.where = where


class BadKey(TargetError):
    """The key is missing, or none of this kind of warehouse.

    problem: "missing", "pem", "json"
    """

    def __init__(self, problem):
        super().__init__(problem)
        self.problem = problem


class RowError(TargetError):
    """Some row of the batch does not fit."""


class TooLarge(RowError):
    """The rows take more memory than there is for them: fewer may fit."""


class Missing(TargetError):
    """The driver is not installed."""

    def __init__(self, package):
        super().__init__(package)
        self.package = package


class Foreign(TargetError):
    """A table of this name is there, and it is not ours."""


class Gone(TargetError):
    """The table is not there any more, and what was loaded is gone with it."""


class Changed(TargetError):
    """A column of the table has another type than it should have.

    columns: [(name, type that it has, type that it should have)]
    """

    def __init__(self, columns):
        super().__init__(", ".join(name for name, _has, _wants in columns))
        self.columns = columns


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, and a kind of the above."""

    name: str
    kind: str


@dataclass(frozen=True)
class Table:
    """A table of a warehouse.

    owner: the dataset that it belongs to, so that no table of anybody else is touched
    """

    schema: str
    name: str
    owner: str
    columns: tuple = ()

    @property
    def all_columns(self):
        return (
            Column(KEY, INTEGER),
            *self.columns,
            Column(HASH, INTEGER),
            Column(TIME, DATETIME),
        )


@dataclass(frozen=True)
class Span:
    """Which rows of a table to look at: all of them, unless it says otherwise.

    keys: (lowest, highest) key
    column: of a date or of a time in UTC, which tells the day of a row
    days: (day,), for the rows of that day only; None is the day of rows that have none
    """

    keys: tuple = ()
    column: str | None = None
    days: tuple = ()


@dataclass
class Load:
    """What a batch brings.

    key: names the batch, and always this one
    rows: path of a CSV file with all columns of the table, in their order
    touched: path of a CSV file of the keys that the batch is about; those that have no
        row are gone. Or None, and the batch is about all keys in ``between``.
    between: (lowest, highest) key
    spared: keys that stay as they are
    """

    key: str
    rows: str
    touched: str | None = None
    between: tuple = ()
    spared: list = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What a batch did: rows written, keys removed that have no row any more."""

    rows: int
    gone: int


class Target:
    """A connection to a warehouse; a context manager that closes it."""

    #: what sqlglot calls its SQL
    dialect = None

    def __init__(self, settings):
        self.settings = settings

    def __enter__(self):
        return self

    def __exit__(self, *_raised):
        self.close()

    def close(self):
        """Give up what was not committed, and let go."""
        raise NotImplementedError

    def check(self):
        """Yield steps of a test of the connection: (code, figures) each.

        What goes wrong is raised.
        """
        raise NotImplementedError

    def begin(self, table, first_key=None, may_make=False):
        """Open a transaction in which nobody else loads this table; wait for others.

        Makes columns that it lacks.

        :param first_key: as long as this batch is not loaded, a table of this owner
            that is there is dropped
        :param may_make: make the table where there is none, for a load that begins
        :raise Gone: there is no table
        :raise Foreign: there is such a table, of somebody else
        :raise Changed: a column would have to change its type
        """
        raise NotImplementedError

    def get_batch(self, key):
        """The ``Outcome`` of a batch that has been loaded, else None."""
        raise NotImplementedError

    def load(self, table, load):
        """Put a batch into the table, and note that it is there: ``Outcome``."""
        raise NotImplementedError

    def commit(self):
        raise NotImplementedError

    def rollback(self):
        raise NotImplementedError

    def get_sums(self, table, size, span):
        """{number of the range: (rows, sum of the hashes)} of ranges of so many keys"""
        raise NotImplementedError

    def get_day_sums(self, table, span):
        """{day: (rows, sum of the hashes)}"""
        raise NotImplementedError

    def get_rows(self, table, span):
        """{key: (hash, day)}; every day is None where no column tells it."""
        raise NotImplementedError

    def count_keys(self, source, key):
        """(rows, keys that are there, different keys) of a table or a query"""
        raise NotImplementedError

    def read_page(self, source, columns, after, limit):
        """The next rows of a table or a query, by its first column, which is a key.

        :param after: the key before the first one; None for all
        """
        raise NotImplementedError

    def may_write(self, schema):
        """Whether who asks questions may do more than that, as far as it is told."""
        return False

    def explain(self, statement):
        """What a question would take, without asking it: ``asking.Estimate``.

        :raise Refused: it cannot be asked
        """
        raise NotImplementedError

    def select(self, statement, limit, max_bytes):
        """The answer to a question: ``asking.Selected``.

        By a connection that only reads, and that was opened with the time it may take.

        :raise TooLong: it took longer
        """
        raise NotImplementedError

    def swap(self, table, name, key):
        """Put a table into the place of another one of the same owner, and note it as
        a batch; commit."""
        raise NotImplementedError
