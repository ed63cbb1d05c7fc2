# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import functools
import logging
from datetime import timedelta

import psycopg2
from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from odoo.addons.ai_queue.asking.settling import (
    breaker_outcome,
    settle_answer,
    settle_error,
)
from odoo.addons.ai_queue.asking.words import say
from odoo.addons.ai_queue.engine.client import causes

from ..asking import say_where, withdrawn
from ..broker import get_call_id, name_question
from ..worker import packing

_logger = logging.getLogger(__name__)

#: So many times as many questions may be out as the provider takes at a time: they wait
#: in Redis, for a turn of a job costs more than a question. How many reach the provider
#: at a time is what its workers take together.
OUT_FACTOR = 8

#: What is raised where an answer is none, or an error lacks what its sentence names.
_STRANGE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)
_DATABASE_GONE = (psycopg2.OperationalError, psycopg2.InterfaceError)


class AiQueueCall(models.Model):
    """Calls that are with a worker elsewhere."""

    _inherit = "ai.queue.call"

    handed = fields.Selection(
        [("out", "With a worker"), ("back", "Came back with an error")],
        string="Worker",
        readonly=True,
        help="With a worker: the question was handed to the workers, and its job waits "
        "without holding anything.",
    )
    # As of ``worker.packing.pack_error``: for the job, which concludes from it.
    handed_error = fields.Json(
        readonly=True, prefetch=False, groups="base.group_system"
    )

    _handed_idx = models.Index("(run_job_id) WHERE handed IS NOT NULL")

    # ------------------------------------------------------------
    # OUT, by side cursors only
    # ------------------------------------------------------------

    # EXTENDS ai_queue
    def _set_lost(self, condition):
        """A job that waits for a worker is not dead, although nobody performs it."""
        return super()._set_lost(
            SQL(
                "(%s) AND (handed IS DISTINCT FROM 'out' "
                "OR lease_until < (clock_timestamp() AT TIME ZONE 'UTC'))",
                condition,
            )
        )

    # EXTENDS ai_queue
    def _get_places(self, provider):
        places = super()._get_places(provider)
        return places * OUT_FACTOR if self._is_for_workers() else places

    # EXTENDS ai_queue
    def _count_in_flight(self, provider):
        """Those with workers take no place of those that are asked from here."""
        if self._is_for_workers():
            return super()._count_in_flight(provider)
        self.env.cr.execute(
            SQL(
                "SELECT count(*) FROM ai_queue_call WHERE provider_id = %s "
                "AND state = 'asking' AND handed IS DISTINCT FROM 'out' "
                "AND lease_until >= (clock_timestamp() AT TIME ZONE 'UTC')",
                provider.id,
            )
        )
        return self.env.cr.fetchone()[0]

    def _for_workers(self):
        """The ledger as those see it who hand questions out."""
        return self.with_context(ai_queue__for_workers=True)

    def _is_for_workers(self):
        return bool(self.env.context.get("ai_queue__for_workers"))

    def _count_free(self, provider):
        """How many questions more may be with the workers of a provider."""
        calls = self._for_workers()
        return max(calls._get_places(provider) - calls._count_in_flight(provider), 0)

    def _note_handed(self, call_ids):
        """These calls are with the workers from now on."""
        if call_ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE ai_queue_call SET handed = 'out' WHERE id = ANY(%s)",
                    list(call_ids),
                )
            )

    def _renew_leases(self, call_ids, seconds):
        """These calls are given out once more."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_call
                   SET lease_until = (clock_timestamp() AT TIME ZONE 'UTC') + %s
                 WHERE id = ANY(%s) AND state = 'asking'
                """,
                timedelta(seconds=seconds),
                list(call_ids),
            )
        )

    def _get_out(self, run_job_id):
        """What a job has out.

        :return: {id of the call: (its key, for how many seconds)}
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT id, key, extract(epoch FROM
                       (clock_timestamp() AT TIME ZONE 'UTC') - date)
                  FROM ai_queue_call
                 WHERE run_job_id = %s AND handed = 'out' AND state = 'asking'
                """,
                run_job_id or None,
            )
        )
        return {call: (key, float(age)) for call, key, age in self.env.cr.fetchall()}

    def _get_name(self):
        """How this call is named in Redis."""
        return name_question(self.id, self.key)

    def _get_asking(self, names):
        """Those of these calls that are waited for.

        :param names: in Redis, also such as are of no call
        :return: {name: call}
        """
        ids = [get_call_id(name) for name in names]
        calls = self.browse(filter(None, ids)).exists()
        found = {call._get_name(): call for call in calls if call.state == "asking"}
        return {name: call for name, call in found.items() if name in names}

    def _is_any_out(self):
        """Whether any question is with the workers."""
        self.env.cr.execute(
            "SELECT FROM ai_queue_call WHERE handed = 'out' AND state = 'asking' "
            "LIMIT 1"
        )
        return bool(self.env.cr.rowcount)

    def _count_turns_without(self, asker):
        """How many turns in a row a job has had without an answer."""
        self.env.cr.execute(
            SQL(
                """
                SELECT count(DISTINCT attempt) FROM ai_queue_call
                 WHERE run_job_id = %(job)s AND state = 'failed' AND id > coalesce(
                       (SELECT max(id) FROM ai_queue_call
                         WHERE run_job_id = %(job)s AND state = 'answered'), 0)
                """,
                job=asker.run_job_id or None,
            )
        )
        return self.env.cr.fetchone()[0]

    # ------------------------------------------------------------
    # BACK, by side cursors only
    # ------------------------------------------------------------

    def _settle_handed(self, answers):
        """Note what came of calls that were out; again, it changes nothing.

        All in one transaction, and one that cannot be noted takes none of the others
        with it.

        :param dict answers: {name of a call: text, as a worker has left it}
        :return: the calls; those that nobody waits for are not among them
        """
        rows = self._lock_handed(answers)
        for row in rows:
            text = answers[row["name"]]
            try:
                # The text of the query would be logged, and the answer is in it.
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    self._settle_as(row, text)
            except _DATABASE_GONE:
                raise
            except (psycopg2.Error, *_STRANGE):
                _logger.error("The answer of call %s cannot be noted", row["id"])
                # Else it would be waited for, and asked, for ever.
                self._settle_as(row, "")
        return self.browse(row["id"] for row in rows)

    def _lock_handed(self, names):
        """What is to be known of those of these calls that are out.

        Their providers are locked first, as by who admits and settles from here.
        """
        ids = [get_call_id(name) for name in names]
        condition = SQL("id = ANY(%s) AND handed = 'out'", ids)
        self.env.cr.execute(
            SQL(
                "SELECT DISTINCT provider_id FROM ai_queue_call WHERE %s "
                "ORDER BY provider_id",
                condition,
            )
        )
        for (provider_id,) in self.env.cr.fetchall():
            self.env["ai.queue.provider.state"]._lock(provider_id)
        self.env.cr.execute(
            SQL(
                "SELECT id, key, state, provider_id, company_id, user_id, model "
                "FROM ai_queue_call WHERE %s ORDER BY id FOR NO KEY UPDATE",
                condition,
            )
        )
        rows, get_rates = [], functools.cache(self._get_handed_rates)
        for row in self.env.cr.dictfetchall():
            row["name"] = name_question(row["id"], row["key"])
            if row["name"] in names:
                parts = ("provider_id", "company_id", "model")
                row["rates"] = get_rates(*(row[part] for part in parts))
                rows.append(row)
        return rows

    def _get_handed_rates(self, provider_id, company_id, model):
        provider = self.env["ai.queue.provider"].browse(provider_id)
        company = self.env["res.company"].browse(company_id)
        return provider._get_rates(model, company)

    def _settle_as(self, row, text):
        answer, values = self._read(text)
        if row["state"] in ("asking", "lost"):
            if answer:
                self._settle(self._of_answer(row, answer))
            else:
                self._settle(self._of_error(row, values))
        self.env.cr.execute(
            SQL(
                "UPDATE ai_queue_call SET handed = %s, handed_error = %s WHERE id = %s",
                "back" if values else None,
                Json(values) if values else None,
                row["id"],
            )
        )

    def _read(self, text):
        """What a worker has left: (answer, None) or (None, values of the error)."""
        try:
            answer, values = packing.unpack_outcome(text)
            if values:
                packing.unpack_error(values, causes)
            return answer, values
        except (ValueError, KeyError, TypeError, RecursionError):
            # Of another version, or not of a worker at all.
            error = causes.fault("server_error", status=500)
            error.maybe_paid = True
            return packing.unpack_outcome(packing.pack_error(error))

    def _of_answer(self, row, answer):
        return settle_answer(answer, **self._of_row(row, None))

    def _of_error(self, row, values):
        error = packing.unpack_error(values, causes)
        provider = self.env["ai.queue.provider"].browse(row["provider_id"])
        user = self.env["res.users"].browse(row["user_id"])
        env = self.with_context(lang=user.lang).env
        message = say_where(env, error, say(env, error, provider.name), provider.name)
        return settle_error(error, message=message, **self._of_row(row, error))

    @staticmethod
    def _of_row(row, error):
        return {
            "rates": row["rates"],
            "call_id": row["id"],
            "provider_id": row["provider_id"],
            "company_id": row["company_id"],
            "breaker": breaker_outcome(error),
        }

    def _take_back(self, asker, keys):
        """The errors of a job that came back, each once.

        They count for the try that learns of them.

        :return: {key: values, as of ``worker.packing.unpack_outcome``}
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_call SET handed = NULL, attempt = %(attempt)s
                 WHERE run_job_id = %(job)s AND handed = 'back' AND key = ANY(%(keys)s)
             RETURNING key, handed_error, date_done >= %(queued)s
                """,
                attempt=asker.attempt,
                job=asker.run_job_id or None,
                keys=list(keys),
                queued=asker.date_queued,
            )
        )
        return {key: values for key, values, is_new in self.env.cr.fetchall() if is_new}

    def _settle_withdrawn(self, call_ids):
        """These questions were taken back before anybody asked them."""
        for call in self.browse(call_ids):
            self._settle(withdrawn(call.id, call.provider_id.id, call.company_id.id))
        self._forget_handed(call_ids)

    def _give_up_handed(self, call_ids):
        """Whether these questions are answered cannot be known any more.

        :return: ids of those that were still out
        """
        self.env.cr.execute(
            SQL(
                "UPDATE ai_queue_call SET handed = NULL WHERE id = ANY(%s) "
                "AND handed = 'out' AND state = 'asking' RETURNING id",
                list(call_ids),
            )
        )
        given_up = [call_id for (call_id,) in self.env.cr.fetchall()]
        self._set_lost(SQL("id = ANY(%s)", given_up))
        return given_up

    def _forget_handed(self, call_ids):
        self.env.cr.execute(
            SQL(
                "UPDATE ai_queue_call SET handed = NULL WHERE id = ANY(%s)",
                list(call_ids),
            )
        )

    @api.model
    def _count_handed(self):
        """How many questions are with workers that one may see, and for how long the
        oldest of them has been, in seconds."""
        [(count, oldest)] = self._read_group(
            [("handed", "=", "out"), ("state", "=", "asking")],
            [],
            ["__count", "date:min"],
        )
        age = (fields.Datetime.now() - oldest).total_seconds() if oldest else 0.0
        return count, max(age, 0.0)

    @api.model
    def _get_out_of_cancelled(self):
        """Calls that are out for runs that were cancelled."""
        return self.search(
            [
                ("handed", "=", "out"),
                ("state", "=", "asking"),
                ("run_id.cancel_requested", "=", True),
            ]
        )
