# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A batch on its way: out of Odoo into a file, and from there into the warehouse."""

import os
import tempfile
from contextlib import contextmanager
from typing import NamedTuple

from odoo.tools import SQL

from . import capture
from .extract import TooMuch
from .targets import Load, RowError, Table, TooLarge, read_keys

#: how large the file of a batch gets at most
MAX_BYTES = 64_000_000
#: so many rows of a batch are set aside; more of them are no matter of rows
MAX_ASIDE = 100
#: how often a batch is extracted again for rows that turn out not to fit
TRIES = 3


class TooManyAside(RowError):
    """So many rows do not fit that something else is wrong."""


class Split(Exception):
    """The batch is too large and has to be halved."""


class Result(NamedTuple):
    """rows, gone: as of ``targets.Outcome``; bytes: of the file; aside: {key: why its
    row does not fit}; repeated: it had been loaded before"""

    rows: int
    gone: int
    bytes: int = 0
    aside: dict = {}
    repeated: bool = False


class Loader:
    """Loads batches of a dataset through an open target.

    :param target: ``targets.Target``
    :param get_extraction: function of a cursor: ``extract.Extraction``
    :param get_cursor: function: a new cursor
    """

    def __init__(self, target, get_extraction, get_cursor, schema, name, owner):
        self.target = target
        self.get_extraction = get_extraction
        self.get_cursor = get_cursor
        with self._extraction() as extraction:
            columns = extraction.get_columns()
        self.table = Table(schema, name, owner, columns)

    @contextmanager
    def _extraction(self):
        with self.get_cursor() as cr:
            yield self.get_extraction(cr)

    def load(
        self,
        key,
        kind,
        low,
        high,
        keys=(),
        is_whole=False,
        is_first=False,
        is_new=False,
    ):
        """Load a batch that is all changes, or all keys, in a range.

        :param str key: names the batch
        :param kind: "change" or another
        :param low: the number or key before the first one
        :param high: the last one
        :param keys: those that it is about, if not all of the range
        :param is_whole: whether its file may be as large as it gets
        :param is_first: of a load: makes the table where there is none
        :param is_new: whether a table that is there is dropped
        :raise targets.Gone: there is no table, and it is not the first one
        :raise Split: the file would get too large, or takes more memory than there is
        """
        with tempfile.TemporaryDirectory(prefix="ai_queue_") as directory:
            self._directory = directory
            self._max_bytes = None if is_whole else MAX_BYTES
            self._may_make = is_first
            aside = {}
            for _try in range(TRIES):
                # Its lock first, then the look at Odoo: what is loaded last was also
                # looked at last, whatever became of the worker before.
                self.target.begin(self.table, key if is_new else None, is_first)
                if done := self.target.get_batch(key):
                    self.target.rollback()
                    return Result(done.rows, done.gone, repeated=True)
                load, size = self._extract(key, kind, low, high, keys, aside)
                try:
                    outcome = self.target.load(self.table, load)
                except RowError as error:
                    self.target.rollback()
                    if isinstance(error, TooLarge) and not is_whole:
                        raise Split() from error
                    aside.update(self._find_unfit(load.rows, len(aside)))
                    continue
                self.target.commit()
                return Result(outcome.rows, outcome.gone, size, aside)
            raise TooManyAside()

    # ------------------------------------------------------------
    # FILE
    # ------------------------------------------------------------

    def _extract(self, key, kind, low, high, keys, aside):
        rows = os.path.join(self._directory, "rows.csv")
        touched, between = None, ()
        with self._extraction() as extraction:
            table = extraction.model._table
            if kind == "change":
                touched = os.path.join(self._directory, "touched.csv")
                changed = extraction.keep_keys(self._get_keys(extraction, low, high))
                extraction.write_keys(touched, changed)
                condition = SQL("%s IN (%s)", SQL.identifier(table, "id"), changed)
            elif keys:
                touched = os.path.join(self._directory, "touched.csv")
                _write_keys(touched, keys)
                condition = SQL("%s = ANY(%s)", SQL.identifier(table, "id"), list(keys))
            else:
                between = (low + 1, high)
                condition = SQL(
                    "%s BETWEEN %s AND %s", SQL.identifier(table, "id"), *between
                )
            if aside:
                condition = SQL(
                    "%s AND %s <> ALL(%s)",
                    condition,
                    SQL.identifier(table, "id"),
                    list(aside),
                )
            try:
                size = extraction.write_rows(rows, condition, self._max_bytes)
            except TooMuch as error:
                self.target.rollback()
                raise Split() from error
        return Load(key, rows, touched, between, list(aside)), size

    def _get_keys(self, extraction, low, high):
        """The keys of the dataset whose rows the changes of a range are about."""
        cr = extraction.model.env.cr
        sources = extraction.get_sources()
        changed_ones = capture.get_changed(cr, list(sources), low, high)
        # Each of them may take a look at every record.
        parts = [SQL("SELECT NULL::bigint AS id WHERE FALSE")]
        for source in changed_ones:
            _columns, keys = sources[source]
            changed = SQL(
                "SELECT DISTINCT res_id AS id FROM %s "
                "WHERE source = %s AND number > %s AND number <= %s",
                SQL.identifier(capture.LOG),
                source,
                low,
                high,
            )
            parts.append(SQL("(WITH changed AS (%s) %s)", changed, keys))
        return SQL(" UNION ").join(parts)

    def get_ids_since(self, extraction, low):
        """The keys whose rows all changes above a number are about."""
        keys = self._get_keys(extraction, low, (1 << 63) - 1)
        cr = extraction.model.env.cr
        cr.execute(keys)
        return {key for (key,) in cr.fetchall()}

    # ------------------------------------------------------------
    # ROWS THAT DO NOT FIT
    # ------------------------------------------------------------

    def _find_unfit(self, path, known):
        """{key: why its row does not fit}, by halves.

        :param known: how many are known already
        """
        unfit, waiting = {}, [read_keys(path)]
        while waiting:
            some = waiting.pop()
            reason = self._try(some)
            if reason is None:
                continue
            if len(some) == 1:
                unfit[some[0]] = reason
                if known + len(unfit) > MAX_ASIDE:
                    raise TooManyAside(reason)
            else:
                middle = len(some) // 2
                waiting += [some[:middle], some[middle:]]
        return unfit

    def _try(self, keys):
        """Why these rows do not fit, or None; nothing is loaded."""
        rows = os.path.join(self._directory, "some.csv")
        touched = os.path.join(self._directory, "some_keys.csv")
        _write_keys(touched, keys)
        with self._extraction() as extraction:
            column = SQL.identifier(extraction.model._table, "id")
            extraction.write_rows(rows, SQL("%s = ANY(%s)", column, keys))
        self.target.begin(self.table, may_make=self._may_make)
        try:
            self.target.load(self.table, Load("", rows, touched))
        except RowError as error:
            return str(error)
        finally:
            self.target.rollback()
        return None


def _write_keys(path, keys):
    with open(path, "w") as file:
        file.writelines(f"{key}\n" for key in keys)
