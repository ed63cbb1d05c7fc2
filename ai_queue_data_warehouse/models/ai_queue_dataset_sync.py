# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.queue_job import (
    CONNECTION_LOST,
    CONNECTION_LOST_DELAY,
)
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.models.queue_job import without_nul
from odoo.addons.queue_job_operations.side_cursor import side_env

from .. import capture
from ..loading import Loader, Split
from ..targets import Changed, Foreign, Gone, Table, TargetError, Unreachable
from ..words import say
from .ai_queue_dataset_batch import OPEN_STATES

_logger = logging.getLogger(__name__)

#: first numbers of the advisory locks: of a dataset, of a warehouse that is one file
LOCK_DATASET, LOCK_FILE = 0x4152, 0x4153
#: so soon a job comes back that found another one at work
BUSY_SECONDS = 2
#: changes that come within so long after the first one go together with it
GATHER_SECONDS = 1
#: so long a job goes on with the batches of a load: to start a job takes its time, too
LOAD_SECONDS = 10
#: a batch that has killed so many workers in a row is halved, for they may have lacked
#: memory or time; after so many, somebody has to look
HALVING_DEATHS, MAX_DEATHS = 2, 5
#: how a table is called until it takes the place of another one
NEW = "__new"
#: no record has a higher key
MAX_KEY = (1 << 31) - 1


class Connection:
    """The connection of a job to a warehouse, from the first batch to the last one: to
    close a file of DuckDB takes as long as to load a batch into it."""

    def __init__(self, warehouse):
        self._warehouse, self._target = warehouse, None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def open(self):
        """The connection, made when it is needed: ``targets.Target``."""
        if self._target is None:
            self._target = self._warehouse._connect()
        return self._target

    def close(self):
        """Give up what was not committed; it may be opened again."""
        target, self._target = self._target, None
        if target is not None:
            target.close()


class AiQueueDataset(models.Model):
    """The way of a dataset into its warehouse: one job a batch, one at a time. Only a
    load may have several batches in a job, one after another.

    A batch is a range of changes, or of keys, that is written down before it is loaded
    and never changes. Its rows, and the note in the warehouse that they are there, go
    in together; the mark that tells up to where the log is done goes forward in the
    transaction that marks the batch as done. Whatever is killed in between: the batch
    is tried again under its name, and the warehouse knows whether it has it.
    """

    _inherit = "ai.queue.dataset"

    # ------------------------------------------------------------
    # PRESS
    # ------------------------------------------------------------

    @api.model
    def _press_after_commit(self, dataset_ids):
        """Let these datasets look at the log once this transaction is through."""
        postcommit = self.env.cr.postcommit
        pressed = postcommit.data.setdefault("ai_queue.datasets", set())
        if not pressed:
            postcommit.add(self._run_presses)
        pressed.update(dataset_ids)

    def _run_presses(self):
        pressed = self.env.cr.postcommit.data.pop("ai_queue.datasets", ())
        try:
            with side_env(self.env) as env:
                datasets = env["ai.queue.dataset"].browse(pressed).exists()
                for dataset in datasets.filtered(lambda one: one._is_running()):
                    dataset._queue()
        except psycopg2.Error:
            # What people did is committed, and must not fail for this. The log has
            # it, and the cron looks at the log.
            _logger.warning("Datasets %s were not queued", pressed, exc_info=True)

    def _is_running(self):
        return self.phase != "draft" and not (self.is_paused or self.is_held)

    def _queue(self):
        """One job for the next batch, unless one is waiting."""
        self.ensure_one()
        eta = fields.Datetime.now() + timedelta(seconds=GATHER_SECONDS)
        if self.date_synced and self.phase == "live" and self.follow == "change":
            eta = max(eta, self.date_synced + timedelta(seconds=self.gap_seconds))
        self._queue_at(eta)

    def _queue_at(self, eta=None):
        # What it may read, the dataset says; the job itself is nobody's.
        self.with_user(SUPERUSER_ID).with_context(queue_job__no_delay=False).with_delay(
            eta=eta,
            max_retries=0,
            identity_key=f"ai_queue_dataset:{self.id}",
            description=self.env._("Bring %s up to date", self.name),
        )._sync()

    @api.model
    def _cron_follow(self):
        """Queue what is due: by schedule, or changed behind the back of the ORM."""
        datasets = self.search([("phase", "!=", "draft")])
        for dataset in datasets.filtered(lambda one: one._is_running()):
            if dataset.phase != "live" or dataset._is_due():
                dataset._queue_next()
            elif dataset._lacks_parquet():
                dataset._queue_at()
        # Of its own time: what datasets began to use meanwhile is seen there.
        with side_env(self.env) as env:
            env[self._name]._uninstall_unused()

    def _queue_next(self):
        """One job for the next batch, or one that finds out what it has to bring."""
        if self.phase == "live" and self.detection == "compare":
            if not self._has_open_batch():
                return self._queue_comparison(True)
        return self._queue()

    def _is_due(self):
        if self._has_open_batch():
            return True
        if self.follow != "manual" and self.signature != self._get_signature():
            return True
        if self.follow == "schedule":
            every = timedelta(minutes=self.interval_minutes)
            return (
                fields.Datetime.now() >= (self.date_synced or self.create_date) + every
            )
        waiting, _oldest = capture.count_waiting(
            self.env.cr, list(self.sources or ()), int(self.mark or 0)
        )
        return self.follow == "change" and bool(waiting)

    def _has_open_batch(self):
        domain = [("dataset_id", "=", self.id), ("state", "in", OPEN_STATES)]
        return bool(self.env["ai.queue.dataset.batch"].search_count(domain, limit=1))

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.private
    def _sync(self):
        """Bring a dataset up to date: its next batch"""
        self.ensure_one()
        with self._alone() as is_alone:
            if not is_alone:
                raise RetryableJobError(
                    self.env._("Another batch is being loaded."),
                    seconds=BUSY_SECONDS,
                    ignore_retry=True,
                )
            with Connection(self.warehouse_id) as connection:
                said, has_more = self._sync_next(connection)
                end = time.monotonic() + LOAD_SECONDS
                while has_more and time.monotonic() < end and self._is_loading():
                    said, has_more = self._sync_next(connection)
        if has_more:
            self._queue_at()
        return said

    def _is_loading(self):
        """Whether the next batch is one of the load, and may come in the same job."""
        with side_env(self.env) as env:
            dataset = env[self._name].browse(self.id).exists()
            is_loading = dataset.phase in ("loading", "rebuilding")
            return is_loading and dataset._is_running() and dataset.load_key < MAX_KEY

    @contextmanager
    def _alone(self):
        """Whether nobody else loads this dataset, or its file, as long as this lasts.

        The lock is gone with its connection, should the worker be killed.
        """
        warehouse = self.warehouse_id
        numbers = (LOCK_DATASET, self.id)
        if warehouse.type == "duckdb":
            numbers = (LOCK_FILE, warehouse.id)
        with self.env.registry.cursor() as cr:
            cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", numbers)
            yield cr.fetchone()[0]

    def _sync_next(self, connection):
        """Load the next batch: (what came of it, whether there is more to do).

        :param connection: ``Connection``
        """
        batch_id = None
        try:
            with side_env(self.env) as env:
                dataset = env[self._name].browse(self.id).exists()
                if not dataset or not dataset._is_running():
                    return self.env._("Paused or stopped meanwhile."), False
                batch_id = dataset._plan().id
            if not batch_id:
                connection.close()
                return self._finish_up()
            return self._load(batch_id, connection)
        except Gone as error:
            connection.close()
            return self._load_anew(error), True
        except (TargetError, AccessError, UserError) as error:
            return self._note_failure(batch_id, error)
        except psycopg2.Error as error:
            if not capture.is_busy(error):
                raise
            raise RetryableJobError(
                self.env._("People are writing to the table all the time."),
                seconds=BUSY_SECONDS,
                ignore_retry=True,
            ) from error

    def _load_anew(self, error):
        """All that was loaded is gone: the next batch is the first one of a load."""
        with side_env(self.env) as env:
            env[self._name].browse(self.id).signature = False
        return say(self.env, error)

    def _load(self, batch_id, connection):
        with side_env(self.env) as env:
            batch = env["ai.queue.dataset.batch"].browse(batch_id)
            batch._start()
            if HALVING_DEATHS <= batch.deaths < MAX_DEATHS:
                batch._halve()
                batch.state = "started"
            deaths, plain = batch.deaths, batch._get_plain()
        if deaths >= MAX_DEATHS:
            raise UserError(self._say_deadly(deaths))
        try:
            note_unfit = partial(self._note_unfit, batch_id)
            result = self._get_loader(connection.open(), note_unfit).load(plain)
        except Split:
            connection.close()  # with the memory that was not enough
            with side_env(self.env) as env:
                said = env["ai.queue.dataset.batch"].browse(batch_id)._halve()
            return said, True
        except Exception:
            with side_env(self.env) as env:
                env["ai.queue.dataset.batch"].browse(batch_id)._note_end()
            raise
        with side_env(self.env) as env:
            batch = env["ai.queue.dataset.batch"].browse(batch_id)
            batch._finish(result)
            has_more = batch.dataset_id._has_more()
        said = self.env._(
            "%(rows)s rows written, %(gone)s removed, %(aside)s set aside.",
            rows=result.rows,
            gone=result.gone,
            aside=len(result.aside),
        )
        return said, has_more

    def _note_unfit(self, batch_id, unfit):
        """Keep which rows do not fit: once the others are in, nothing else tells."""
        with side_env(self.env) as env:
            env["ai.queue.dataset.batch"].browse(batch_id).unfit = unfit

    def _say_deadly(self, deaths):
        return self.env._(
            "The worker that loads this batch was killed %s times in a row, most "
            "likely for lack of memory or time. See the log of the server "
            "(limit_memory_hard, limit_time_real, or the system's out-of-memory "
            "killer), enter fewer rows a batch, then press Resume.",
            deaths,
        )

    def _has_more(self):
        """Whether there is something to do at once, but wait for changes."""
        if self.phase != "live" or self._has_open_batch() or self._is_parquet_due():
            return True
        return bool(self._find_changes())

    def _get_loader(self, target, note_unfit=None):
        return Loader(
            target,
            self._read_anew,
            self.env.registry.cursor,
            note_unfit,
            self.schema,
            self._get_table_name(),
            self.uuid,
        )

    def _read_anew(self, cr):
        """What reads its rows, as the dataset is now and not when the job began."""
        env = api.Environment(cr, SUPERUSER_ID, {})
        dataset = env[self._name].browse(self.id)
        if not dataset.user_id.active:
            # Somebody who has left may read nothing any more.
            raise UserError(
                self.env._(
                    "%s is archived, and may read nothing any more: choose another "
                    "user for the dataset, then press Resume.",
                    dataset.user_id.name,
                )
            )
        return dataset._get_extraction(cr)

    def _get_table_name(self):
        return self.table + (NEW if self.phase == "rebuilding" else "")

    def _note_failure(self, batch_id, error):
        """Leave on the dataset what happened; raise what the job has to end with."""
        sentence = without_nul(say(self.env, error))
        is_passing = isinstance(error, Unreachable)
        with side_env(self.env) as env:
            dataset = env[self._name].browse(self.id)
            batch = env["ai.queue.dataset.batch"].browse(batch_id or ())
            if batch and not is_passing:
                batch._fail(sentence)
            elif batch:
                batch.message = sentence
            goes_on = bool(batch) and dataset.skip_failed and batch.kind != "load"
            if not is_passing and goes_on:
                batch._leave_behind()
            dataset.write(
                {
                    "error": sentence,
                    "error_kind": _get_kind(error),
                    "is_held": not (is_passing or goes_on),
                }
            )
        if is_passing:
            raise RetryableJobError(sentence) from error
        raise UserError(sentence) from error

    @api.private
    def _on_sync_failed(self, exc_info=None, exc_name=None, exc_message=None):
        """Note that a job failed for a reason that nobody had thought of; one that lost
        Odoo's own database runs again.

        Whatever goes wrong in here would undo the failed state of the job, which would
        run again for ever: so it is logged and no more.
        """
        try:
            with side_env(self.env) as env:
                dataset = env[self._name].browse(self.id).exists()
                if dataset and exc_name in CONNECTION_LOST:
                    dataset._queue_at(fields.Datetime.now() + CONNECTION_LOST_DELAY)
                elif dataset and not exc_name.startswith("odoo.exceptions."):
                    name = exc_name.rpartition(".")[2]
                    message = without_nul(f"{name}: {exc_message}")
                    dataset.write(
                        {"is_held": True, "error": message, "error_kind": "refused"}
                    )
        except Exception:
            _logger.exception("The failure of a dataset could not be noted")

    # ------------------------------------------------------------
    # PLAN, in a transaction of its own
    # ------------------------------------------------------------

    def _plan(self):
        """The next batch, written down; empty when there is nothing to do."""
        batches = self.env["ai.queue.dataset.batch"]
        is_noted = (self.sources or {}) == self._get_sources()
        if self.signature != self._get_signature() or not is_noted:
            self._begin_load(self.phase)
        domain = [("dataset_id", "=", self.id), ("state", "in", OPEN_STATES)]
        if waiting := batches.search(domain, order="id", limit=1):
            return waiting
        if self.load_key < MAX_KEY:
            return self._make_batch("load", self.load_key, self._find_load_end())
        if self.phase == "loading":
            self.write({"phase": "live", "is_table_older": False})
        high = self._find_changes()
        return self._make_batch("change", self.mark, high) if high else batches

    def _make_batch(self, kind, low, high):
        return self.env["ai.queue.dataset.batch"].create(
            {"dataset_id": self.id, "kind": kind, "low": str(low), "high": str(high)}
        )

    def _begin_load(self, phase):
        """Note all changes from now on, then begin with the first key."""
        domain = [("dataset_id", "=", self.id), ("state", "in", OPEN_STATES)]
        self.env["ai.queue.dataset.batch"].search(domain).write({"state": "cancelled"})
        sources = self._get_sources()
        self._install(sources)
        model = self.env[self.model_name]
        key = SQL.identifier(model._table, "id")
        self.env.cr.execute(
            SQL(
                "SELECT coalesce(max(%s), 0) FROM %s", key, SQL.identifier(model._table)
            )
        )
        (top,) = self.env.cr.fetchone()
        self.env.cr.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class "
            "WHERE oid = %s::regclass",
            (f'"{model._table}"',),
        )
        (about,) = self.env.cr.fetchone()
        self.write(
            {
                "phase": "loading" if phase == "live" else phase,
                "signature": self._get_signature(),
                "is_table_older": self._is_older(),
                "sources": sources,
                # Whoever was writing when the triggers came has ended since: the table
                # was locked. What changes from now on is above it.
                "mark": str(capture.get_frontier(self.env.cr)),
                "load_key": 0,
                "load_top": top,
                "load_total": min(top, about or top),
                "load_rows": 0,
                "load_started": fields.Datetime.now(),
            }
        )

    def _load_elsewhere(self):
        """The warehouse has moved: what is there may be nothing, or of long ago."""
        running = self.filtered(lambda one: one.phase != "draft")
        running.write({"signature": False, "is_table_older": True})

    def _find_load_end(self):
        """The last key of the next batch of the load.

        The last batch has no end, so that nothing is left over in the warehouse.
        """
        table = SQL.identifier(self.env[self.model_name]._table)
        self.env.cr.execute(
            SQL(
                """
                SELECT max(id), count(*) FROM (
                    SELECT id FROM %s WHERE id > %s ORDER BY id LIMIT %s) AS next
                """,
                table,
                self.load_key,
                self.batch_rows,
            )
        )
        last, count = self.env.cr.fetchone()
        return last if count == self.batch_rows else MAX_KEY

    def _find_middle(self, low, high):
        """A key that halves those of a range; None if they are too few."""
        self.env.cr.execute(
            SQL(
                """
                SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id), count(*)
                  FROM %s WHERE id > %s AND id <= %s
                """,
                SQL.identifier(self.env[self.model_name]._table),
                low,
                high,
            )
        )
        middle, count = self.env.cr.fetchone()
        return middle if count > 1 else None

    # ------------------------------------------------------------
    # NOTHING LEFT TO LOAD
    # ------------------------------------------------------------

    def _finish_up(self):
        """Everything that was final is in the warehouse: put the new table in its
        place, write the Parquet file."""
        with side_env(self.env) as env:
            dataset = env[self._name].browse(self.id)
            started = dataset.phase == "rebuilding" and dataset.load_started
        if started:
            with self.warehouse_id._connect() as target:
                new = Table(self.schema, self.table + NEW, self.uuid)
                target.swap(new, self.table, f"{self.uuid}:{started}")
            self._go_live(started)
        self._write_parquet()
        with side_env(self.env) as env:
            env[self._name].browse(self.id).write(
                {"date_synced": fields.Datetime.now(), "error": False}
            )
        return self.env._("Everything is up to date."), bool(started)

    def _go_live(self, started):
        """The new table is in its place; unless somebody has pressed Stop or Rebuild
        while it was put there, it is kept in step from now on."""
        with side_env(self.env) as env:
            env.cr.execute(
                "SELECT id FROM ai_queue_dataset WHERE id = %s FOR UPDATE", [self.id]
            )
            dataset = env[self._name].browse(self.id).exists()
            is_same = dataset.load_started == started and dataset.signature
            if dataset.phase == "rebuilding" and is_same:
                dataset.write({"phase": "live", "is_table_older": False})

    def _is_parquet_due(self):
        warehouse = self.warehouse_id
        if warehouse.type != "duckdb" or not warehouse.parquet:
            return False
        every = timedelta(minutes=warehouse.parquet_minutes)
        return (
            not self.date_parquet or fields.Datetime.now() >= self.date_parquet + every
        )

    def _lacks_parquet(self):
        """Whether a file that may be written now lacks what was loaded since."""
        if not self._is_parquet_due():
            return False
        # A batch of the same second came before or after it: nobody knows.
        since = self.date_parquet or self.create_date
        domain = [("dataset_id", "=", self.id), ("date_done", ">=", since)]
        batches = self.env["ai.queue.dataset.batch"]
        return bool(batches.search_count([*domain, ("state", "=", "done")], limit=1))

    def _write_parquet(self):
        with side_env(self.env) as env:
            dataset = env[self._name].browse(self.id)
            if not dataset._is_parquet_due():
                return
        path = f"{self.warehouse_id.file_path[:-7]}.{self.schema}.{self.table}.parquet"
        with self.warehouse_id._connect() as target:
            target.export(Table(self.schema, self.table, self.uuid), path)
        with side_env(self.env) as env:
            env[self._name].browse(self.id).date_parquet = fields.Datetime.now()


def _get_kind(error):
    """What alerts tell apart."""
    if isinstance(error, Unreachable):
        return "unreachable"
    if isinstance(error, Changed):
        return "changed"
    return "drift" if isinstance(error, Foreign) else "refused"
