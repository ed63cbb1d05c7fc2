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


class Batch(NamedTuple):
    """All changes, or all keys, in a range.

    key: names the batch; kind: "change" or another; low: the number or key before the
    first one; high: the last one; keys: those that it is about, if not all of the
    range; is_whole: whether its file may be as large as it gets; is_first: of a load,
    which makes the table where there is none; is_new: whether a table that is there is
    dropped; unfit: {key: why its row does not fit}, as it was noted before
    """

    key: str
    kind: str
    low: int
    high: int
    keys: list
    is_whole: bool
    is_first: bool
    is_new: bool
    unfit: dict


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
    :param note_unfit: function that keeps for good which rows do not fit, and why
    """

    def __init__(
        self, target, get_extraction, get_cursor, note_unfit, schema, name, owner
    ):
        self.target = target
        self.note_unfit = note_unfit
        self.get_extraction = get_extraction
        self.get_cursor = get_cursor
        with self._extraction() as extraction:
            columns = extraction.get_columns()
        self.table = Table(schema, name, owner, columns)

    @contextmanager
    def _extraction(self):
        with self.get_cursor() as cr:
            yield self.get_extraction(cr)

    def load(self, batch):
        """Load a ``Batch``.

        :raise targets.Gone: there is no table, and it is not the first one
        :raise Split: the file would get too large, or takes more memory than there is
        """
        with tempfile.TemporaryDirectory(prefix="ai_queue_") as directory:
            self._directory = directory
            self._max_bytes = None if batch.is_whole else MAX_BYTES
            self._may_make = batch.is_first
            aside = {}
            for _try in range(TRIES):
                # Its lock first, then the look at Odoo: what is loaded last was also
                # looked at last, whatever became of the worker before.
                first_key = batch.key if batch.is_new else None
                self.target.begin(self.table, first_key, batch.is_first)
                if done := self.target.get_batch(batch.key):
                    self.target.rollback()
                    return Result(
                        done.rows, done.gone, aside=batch.unfit, repeated=True
                    )
                load, size = self._extract(batch, aside)
                try:
                    outcome = self.target.load(self.table, load)
                except RowError as error:
                    self.target.rollback()
                    if isinstance(error, TooLarge) and not batch.is_whole:
                        raise Split() from error
                    aside.update(self._find_unfit(load.rows, len(aside)))
                    continue
                if aside != batch.unfit:
                    # Whoever is killed after this does not look for them again.
                    self.note_unfit(aside)
                self.target.commit()
                return Result(outcome.rows, outcome.gone, size, aside)
            raise TooManyAside()

    # ------------------------------------------------------------
    # FILE
    # ------------------------------------------------------------

    def _extract(self, batch, aside):
        rows = os.path.join(self._directory, "rows.csv")
        touched, between = None, ()
        with self._extraction() as extraction:
            table = extraction.model._table
            if batch.kind == "change":
                touched = os.path.join(self._directory, "touched.csv")
                changed = extraction.keep_keys(
                    _select_keys(extraction, batch.low, batch.high)
                )
                extraction.write_keys(touched, changed)
                condition = SQL("%s IN (%s)", SQL.identifier(table, "id"), changed)
            elif batch.keys:
                touched = os.path.join(self._directory, "touched.csv")
                _write_keys(touched, batch.keys)
                condition = SQL(
                    "%s = ANY(%s)", SQL.identifier(table, "id"), list(batch.keys)
                )
            else:
                between = (batch.low + 1, batch.high)
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
        return Load(batch.key, rows, touched, between, list(aside)), size

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


def get_keys(extraction, low, high=(1 << 63) - 1):
    """The keys of a dataset whose rows the changes of a range are about."""
    cr = extraction.model.env.cr
    cr.execute(_select_keys(extraction, low, high))
    return {key for (key,) in cr.fetchall()}


def _select_keys(extraction, low, high):
    sources = extraction.get_sources()
    changed_ones = capture.get_changed(
        extraction.model.env.cr, list(sources), low, high
    )
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


def _write_keys(path, keys):
    with open(path, "w") as file:
        file.writelines(f"{key}\n" for key in keys)
