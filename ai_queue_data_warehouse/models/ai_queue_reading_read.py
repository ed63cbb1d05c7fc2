# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import math
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from psycopg2.extras import execute_values

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.ai_queue.models.runs.queue_job import (
    CONNECTION_LOST,
    CONNECTION_LOST_DELAY,
)
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job_operations.models.queue_job import without_nul
from odoo.addons.queue_job_operations.side_cursor import side_env

from ..targets import Refused, TargetError, Unreachable
from ..words import say
from .ai_queue_dataset_sync import BUSY_SECONDS, LOCK_FILE

_logger = logging.getLogger(__name__)

LOCK_READING = 0x4154
#: larger numbers are no quantities
MAX_VALUE = 1e15
MAX_TEXT = 500
#: how a key is known again that was kept as a text: by the name of its type
KEYS = {
    "Decimal": Decimal,
    "float": float,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


class Held(UserError):
    """There are far fewer rows than before: somebody has to look."""


class AiQueueReading(models.Model):
    """The way of rows out of a warehouse: one job a batch, one at a time.

    A batch is the next rows by their key. They go in, and the mark goes forward, in one
    transaction: whatever is killed, the batch is read again, and each row is there
    once. Rows that are not there any more go when the last batch is in.
    """

    _inherit = "ai.queue.reading"

    def _queue_reading(self, eta=None):
        self.ensure_one()
        self.with_user(SUPERUSER_ID).with_delay(
            eta=eta,
            max_retries=0,
            identity_key=f"ai_queue_reading:{self.id}",
            description=self.env._("Read %s from its warehouse", self.name),
        )._read_next()

    @api.private
    def _read_next(self):
        """Read from a warehouse: the next batch"""
        self.ensure_one()
        if not self.exists():
            return self.env._("Paused or stopped meanwhile.")
        numbers = (LOCK_READING, self.id)
        if self.warehouse_id.type == "duckdb":
            numbers = (LOCK_FILE, self.warehouse_id.id)
        with self.env.registry.cursor() as cr:
            cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", numbers)
            if not cr.fetchone()[0]:
                raise RetryableJobError(
                    self.env._("Another batch is being loaded."),
                    seconds=BUSY_SECONDS,
                    ignore_retry=True,
                )
            said, has_more = self._read_batch()
        if has_more:
            self._queue_reading()
        return said

    def _read_batch(self):
        with side_env(self.env) as env:
            reading = env[self._name].browse(self.id).exists()
            if not reading or not reading._is_wanted():
                return self.env._("Paused or stopped meanwhile."), False
            plain, number = reading._get_plain(), reading.number
            definer = reading.user_id or reading.create_uid
        try:
            # What others may read may be in there only since then.
            self._check_not_of_others(definer.with_env(self.env))
            with self.warehouse_id._connect(is_reader=True) as target:
                if plain["after"] is None:
                    number = self._begin(target, plain)
                rows = target.read_page(**plain)
            _check_keys(self.env, rows, plain["columns"][0])
            return self._keep_page(rows, number, len(rows) == plain["limit"])
        except Held as error:
            return self._hold(error)
        except (TargetError, UserError) as error:
            return self._note_reading_failure(error)

    def _keep_page(self, rows, number, has_more):
        with side_env(self.env) as env:
            # Who changes meanwhile what is read waits for this, or this for them.
            env.cr.execute(
                "SELECT id FROM ai_queue_reading WHERE id = %s FOR UPDATE", [self.id]
            )
            reading = env[self._name].browse(self.id).exists()
            if not reading or reading.number != number:
                return self.env._("Paused or stopped meanwhile."), bool(reading)
            return reading._keep(rows, has_more)

    def _hold(self, error):
        """Leave all as it is until somebody has looked, or there are more rows."""
        sentence = str(error)
        with side_env(self.env) as env:
            env[self._name].browse(self.id).write(
                {
                    "state": "held",
                    "error": sentence,
                    "mark": False,
                    "date_held": fields.Datetime.now(),
                }
            )
        return sentence, False

    def _is_wanted(self):
        if self.is_paused or self.state == "draft":
            return False
        # Queued while another job was reading it: that one has come to the end.
        return self.state != "done" or self._is_due()

    def _on_reading_failed(self, exc_info=None, exc_name=None, exc_message=None):
        """Note that a job failed for a reason that nobody had thought of; one that lost
        Odoo's own database runs again.

        Whatever goes wrong in here would undo the failed state of the job, which would
        run again for ever: so it is logged and no more.
        """
        try:
            with side_env(self.env) as env:
                reading = env[self._name].browse(self.id).exists()
                if reading and exc_name in CONNECTION_LOST:
                    eta = fields.Datetime.now() + CONNECTION_LOST_DELAY
                    reading._queue_reading(eta)
                elif reading and not exc_name.startswith("odoo.exceptions."):
                    name = exc_name.rpartition(".")[2]
                    error = without_nul(f"{name}: {exc_message}")
                    reading.write({"error": error, "state": "failed"})
        except Exception:
            _logger.exception("The failure of a reading could not be noted")

    def _get_plain(self):
        """What ``Target.read_page`` needs."""
        return {
            "source": self.source.strip(),
            "columns": self._get_columns(),
            "after": _load_key(self.mark) if self.mark else None,
            "limit": self.page_rows,
        }

    def _begin(self, target, plain):
        """Look at all of it before the first batch; the number of this reading."""
        rows, keys, distinct = target.count_keys(plain["source"], plain["columns"][0])
        if rows > self.max_rows:
            raise Refused(
                self.env._(
                    "there are %(rows)s rows, more than the %(most)s that are allowed",
                    rows=rows,
                    most=self.max_rows,
                )
            )
        if keys < rows or distinct < rows:
            raise Refused(
                _say_no_key(self.env, plain["columns"][0], rows - keys, keys - distinct)
            )
        with side_env(self.env) as env:
            reading = env[self._name].browse(self.id)
            reading._check_shrink(rows, reading.row_count)
            reading.write(
                {
                    "number": reading.number + 1,
                    "expected": rows,
                    "rows_read": 0,
                    "state": "reading",
                    "date_held": False,
                }
            )
            return reading.number

    def _check_shrink(self, rows, known):
        """Whether so few rows may take the place of those that are known.

        :raise Held: not before somebody has looked
        """
        least = known * (100 - self.max_shrink) / 100
        # What has never been read to the end is no measure.
        if rows < least and self.date_read and not self.is_shrink_accepted:
            raise Held(
                self.env._(
                    "There are only %(rows)s rows now; %(known)s were read before, and "
                    "they stay. If the source is as it should be, press Accept Fewer "
                    "Rows; otherwise mend it: it is looked at again by itself.",
                    rows=rows,
                    known=known,
                )
            )

    # ------------------------------------------------------------
    # KEEP, in a transaction of its own
    # ------------------------------------------------------------

    def _keep(self, rows, has_more):
        if rows:
            self._upsert(rows)
            self.rows_read += len(rows)
            self.mark = _dump_key(rows[-1][0])
        if not has_more:
            if self.rows_read < self.expected:
                # Some went while it was being read.
                self._check_shrink(self.rows_read, self.expected)
            self.flush_recordset()
            self.env.cr.execute(
                "DELETE FROM ai_queue_reading_row "
                "WHERE reading_id = %s AND number <> %s",
                [self.id, self.number],
            )
            self.write(
                {
                    "mark": False,
                    "state": "done",
                    "date_read": fields.Datetime.now(),
                    "is_shrink_accepted": False,
                }
            )
        self.error = False
        self.invalidate_recordset(["row_ids"])
        return self.env._("%s rows read.", len(rows)), has_more

    def _upsert(self, rows):
        products = self._find_products(rows)
        values = [
            (self.id, self.number, *self._get_values(row, products)) for row in rows
        ]
        execute_values(
            self.env.cr._obj,
            """
            INSERT INTO ai_queue_reading_row
                   (reading_id, number, key, product, product_id, date, value, reason)
            VALUES %s
            ON CONFLICT (reading_id, key) DO UPDATE
               SET number = excluded.number, product = excluded.product,
                   product_id = excluded.product_id, date = excluded.date,
                   value = excluded.value, reason = excluded.reason
            """,
            values,
            page_size=1000,
        )

    def _get_named(self, row):
        """{what a column is for: its value}"""
        purposes = ("product_column", "date_column", "value_column")
        names = [name for name in purposes if self[name]]
        return dict(zip(names, row[1:], strict=True))

    def _find_products(self, rows):
        """{how the warehouse names a product: its id}, of the company."""
        named = {_plain(self._get_named(row).get("product_column")) for row in rows}
        named.discard(None)
        if self.match == "id":
            wanted = {int(name) for name in named if name.isdecimal()}
            wanted = {number for number in wanted if number < 1 << 31}
            found = self.env["product.product"].browse(wanted).exists()
            found = found.filtered_domain(
                [("company_id", "in", (False, self.company_id.id))]
            )
            return {str(product.id): product.id for product in found}
        products = (
            self.env["product.product"]
            .with_context(active_test=False)
            .search(
                [
                    (self.match, "in", list(named)),
                    ("company_id", "in", (False, self.company_id.id)),
                ],
                order="active, id DESC",
            )
        )
        # Of several that are called alike, an active one.
        return {product[self.match]: product.id for product in products}

    def _get_values(self, row, products):
        """(key, product, its id, date, value, why the row is not used)"""
        named = self._get_named(row)
        product = _plain(named.get("product_column"))
        day = _get_date(named.get("date_column"), ZoneInfo(self.tz))
        value = _get_number(named.get("value_column"))
        product_id = products.get(product)
        reason = None
        if self.purpose != "rows":
            reason = self._get_reason(named, product_id, day, value)
        return (_plain(row[0]), product, product_id, day, value, reason)

    def _get_reason(self, named, product_id, day, value):
        if product_id is None:
            return self.env._("There is no such product: %s", _show(named, "product"))
        if day is None:
            return self.env._("That is no date: %s", _show(named, "date"))
        if value is None:
            return self.env._("That is no number: %s", _show(named, "value"))
        return None

    def _note_reading_failure(self, error):
        sentence = without_nul(say(self.env, error))
        is_passing = isinstance(error, Unreachable)
        with side_env(self.env) as env:
            env[self._name].browse(self.id).write(
                {"error": sentence, "state": "waiting" if is_passing else "failed"}
            )
        if is_passing:
            raise RetryableJobError(sentence) from error
        raise UserError(sentence) from error


def _dump_key(key):
    """A key as it can be kept, whatever its type; see `_load_key`."""
    if isinstance(key, int | str):
        return {"key": key}
    return {"key": str(key), "type": type(key).__name__}


def _load_key(mark):
    """The key of its type: warehouses compare no number with a text."""
    return KEYS.get(mark.get("type"), lambda key: key)(mark["key"])


def _plain(value):
    """A key or a name as text; None where there is none."""
    if value is None:
        return None
    if isinstance(value, float | Decimal) and math.isfinite(value):
        value = int(value) if value == int(value) else value
    return without_nul(str(value)).strip()[:MAX_TEXT] or None


def _show(named, purpose):
    return without_nul(str(named.get(f"{purpose}_column")))[:80]


def _check_keys(env, rows, column):
    """What is different there has to be different, and something, here as well."""
    keys = [_plain(row[0]) for row in rows]
    known = [key for key in keys if key]
    missing, twice = len(keys) - len(known), len(known) - len(set(known))
    if missing or twice:
        raise Refused(_say_no_key(env, column, missing, twice))


def _say_no_key(env, column, missing, twice):
    return env._(
        "the column %(column)s is no key: %(missing)s rows have none, "
        "%(twice)s have one that another row has",
        column=column,
        missing=missing,
        twice=twice,
    )


def _get_date(value, zone):
    """A day; of texts only those in the form of ISO.

    :param zone: the time zone whose day it is, of times that have one
    """
    if isinstance(value, str) and len(value) > 10:
        try:
            value = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        except ValueError:
            value = value[:10]
    if isinstance(value, datetime):
        try:
            return (value.astimezone(zone) if value.tzinfo else value).date()
        except OverflowError:  # "for ever", which is no day elsewhere
            return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _get_number(value):
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < MAX_VALUE else None
