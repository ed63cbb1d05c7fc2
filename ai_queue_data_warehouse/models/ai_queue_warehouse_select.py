# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
from contextlib import contextmanager
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError

from ..targets import (
    Refused,
    RowError,
    TargetError,
    TooLarge,
    Unreachable,
    connect,
    get_class,
)
from ..words import say
from .ai_queue_dataset_sync import LOCK_FILE
from .ai_queue_reading import FORBIDDEN, QUERY

_logger = logging.getLogger(__name__)

#: types of warehouses whose questions are asked as a user, or in a role, of their own
WITH_READER = ("postgresql", "redshift", "snowflake")
#: so long a question waits for a batch to leave the file alone
WAIT_SECONDS = 20
#: so soon a job comes back that found the warehouse busy
RETRY_SECONDS = 5


class Answer(NamedTuple):
    """What came of a question.

    columns: [(name, type)], a type being integer, float, decimal, text, boolean, date
    or datetime; rows: tuples of plain values, times in UTC without a time zone; is_cut:
    whether there are more rows than were allowed; seconds: what it took; billed: bytes
    that are paid for, None where the warehouse does not tell
    """

    columns: list
    rows: list
    is_cut: bool
    seconds: float
    billed: int | None


class Cost(NamedTuple):
    """What a question would take, None for what the warehouse does not tell.

    size: bytes that it reads; rows: how many come back, about; amount: in the currency
    that the price of the warehouse is in
    """

    size: int | None
    rows: int | None
    amount: float | None


class AiQueueWarehouse(models.Model):
    """Questions of other addons: one SELECT, of tables that the user may read.

    Nothing here is for RPC, and nothing asks in a request of the web: a warehouse may
    take its time. Call it in a job, as the user who asks.
    """

    _inherit = "ai.queue.warehouse"

    reader_login = fields.Char(
        string="User for Questions",
        help="Reports ask as this user of the warehouse, who may read and no more.",
    )
    reader_role = fields.Char(
        string="Role for Questions",
        help="Reports ask in this role, which may read and no more.",
    )
    reader_password = fields.Char(
        string="Key for Questions",
        compute="_compute_reader_password",
        readonly=False,
        copy=False,
        help="Of the user for questions. Can be entered but never read again.",
    )

    def _compute_reader_password(self):
        self.reader_password = False

    # ------------------------------------------------------------
    # WHAT MAY BE ASKED
    # ------------------------------------------------------------

    def _select_dialect(self):
        """What sqlglot calls the SQL of this warehouse: duckdb, postgres, redshift,
        snowflake, bigquery."""
        self.ensure_one()
        return get_class(self.sudo().type).dialect

    def _select_tables(self, user=None):
        """The tables that a user may ask for.

        A dataset holds what its own user may read. So it is for that user, for an
        administrator of Odoo, and for the groups that one of these has named; and for
        those who may work in its company.

        :param user: by default the one of the environment
        :return: [{dataset_id, schema, table, name, description, model, columns: [{name,
            type, label}]}], only of those that are loaded as they are defined now. A
            relation is a column with the id, and one that ends in ``_name``
        """
        self.ensure_one()
        # They are looked through for what this user may see.
        datasets = (
            self.env["ai.queue.dataset"]
            .sudo()
            .search(
                [
                    ("warehouse_id", "=", self.id),
                    ("phase", "in", ("live", "rebuilding")),
                ]
            )
        )
        user = user or self.env.user
        found = []
        for dataset in datasets:
            try:
                if dataset._may_be_queried(user) and dataset._is_as_defined():
                    found.append(dataset._describe_table())
            except (UserError, ValueError, KeyError, TypeError) as error:
                # Its next batch says on its own screen what is wrong with it, such as
                # a right that its user has lost. All others can be asked.
                _logger.info("Dataset %s cannot be asked: %s", dataset.id, error)
        return found

    def _check_question(self, statement):
        """A question as it is sent.

        :raise UserError: it is not one SELECT
        """
        statement = statement.strip().rstrip(";").rstrip()
        if not QUERY.match(statement) or any(sign in statement for sign in FORBIDDEN):
            raise UserError(
                self.env._(
                    "A question to a warehouse is one query that begins with SELECT, "
                    "without semicolons and comments."
                )
            )
        return statement

    def _check_tables(self, estimate, allowed):
        """Whether it looks at no other tables, where the warehouse tells."""
        others = sorted(
            f"{schema}.{table}"
            for schema, table in estimate.tables or ()
            if (schema.lower(), table.lower()) not in allowed
        )
        if others:
            raise UserError(
                self.env._(
                    "The question looks at tables that you may not read: %s",
                    ", ".join(others),
                )
            )

    # ------------------------------------------------------------
    # ASK
    # ------------------------------------------------------------

    def _select(self, sql, *, limit, seconds, max_bytes):
        """Ask one question, in a job; the caller has checked it.

        It goes by a connection that only reads, as the user or in the role for
        questions, and looks at the tables of ``_select_tables`` alone.

        :param str sql: a SELECT in the words of ``_select_dialect``
        :param int limit: rows at most; the answer says whether there were more
        :param int seconds: how long it may take in the warehouse
        :param int max_bytes: how large the answer may get, about
        :return: ``Answer``
        :raise UserError: it cannot be asked, or took too long; says why
        :raise RetryableJobError: the warehouse is busy or does not answer: try later
        """
        statement, allowed = self._check_question(sql), self._get_allowed()
        begun = time.monotonic()
        with self._asking(seconds) as target:
            self._check_tables(target.explain(statement), allowed)
            found = target.select(statement, limit, max_bytes)
        return Answer(*found[:3], time.monotonic() - begun, found.billed)

    def _select_cost(self, sql, *, seconds=30):
        """What a question would take, without asking it; also whether it can be asked.

        :param str sql: as of ``_select``, which raises the same
        :return: ``Cost``
        """
        statement, allowed = self._check_question(sql), self._get_allowed()
        with self._asking(seconds) as target:
            estimate = target.explain(statement)
        self._check_tables(estimate, allowed)
        return Cost(estimate.size, estimate.rows, self._get_price(estimate.size))

    def _get_allowed(self):
        return {
            (table["schema"].lower(), table["table"].lower())
            for table in self._select_tables()
        }

    def _get_price(self, _size):
        """What it costs to read so many bytes; None where nobody knows."""
        return None

    @contextmanager
    def _asking(self, seconds):
        """A connection for a question: ``targets.Target``."""
        self.ensure_one()
        # Rights on the warehouse are those on its tables: see ``_select_tables``.
        warehouse = self.sudo()
        try:
            with (
                warehouse._sharing_file(),
                warehouse._connect_to_ask(seconds) as target,
            ):
                yield target
        except Unreachable as error:
            raise RetryableJobError(
                say(self.env, error), seconds=RETRY_SECONDS
            ) from error
        except TooLarge as error:
            raise UserError(say(self.env, error)) from error
        except RowError as error:
            # No row is written: it is the question that is wrong with a value.
            raise UserError(say(self.env, Refused(str(error)))) from error
        except TargetError as error:
            raise UserError(say(self.env, error)) from error

    @contextmanager
    def _sharing_file(self):
        """A file that no batch is written to meanwhile."""
        if self.type != "duckdb":
            yield
            return
        with self.env.registry.cursor() as cr:
            end = time.monotonic() + WAIT_SECONDS
            while True:
                cr.execute(
                    "SELECT pg_try_advisory_xact_lock_shared(%s, %s)",
                    (LOCK_FILE, self.id),
                )
                if cr.fetchone()[0]:
                    break
                if time.monotonic() > end:
                    raise Unreachable(self.env._("a batch is being loaded"))
                time.sleep(0.1)
            yield

    def _connect_to_ask(self, seconds):
        if self.type in WITH_READER and not self._has_reader():
            raise UserError(
                self.env._(
                    "%s has no user or role for questions. Make one there that may "
                    "read and no more, and enter it on the warehouse.",
                    self.name,
                )
            )
        settings = {
            **self._get_settings(),
            **self._get_reader_settings(),
            "is_reader": True,
            "statement_timeout": max(1, int(seconds)),
        }
        return connect(self.type, settings)

    def _has_reader(self):
        if self.type == "snowflake":
            return bool(self.reader_role)
        return bool(self.reader_login)

    def _check_reader(self):
        """What to say of the user or role for questions; False without one.

        :raise TargetError: it cannot be reached by it
        :raise UserError: it may do more than read
        """
        if self.type not in WITH_READER or not self._has_reader():
            return False
        with self._connect_to_ask(self.statement_timeout) as target:
            may_write = target.may_write(self.schema)
        if may_write:
            raise UserError(
                self.env._(
                    "The user for questions may do more than read: take the other "
                    "rights from it, or enter another one. All else works."
                )
            )
        return self.env._("Questions are asked as a user or in a role of their own")

    def _get_reader_settings(self):
        """What is different for questions."""
        if self.type == "snowflake":
            return {"role": self.reader_role}
        if self.type in WITH_READER:
            return {"user": self.reader_login, "password": self._get_reader_key()}
        return {}
