# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

import psycopg2
from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from odoo.addons.queue_job_operations.side_cursor import side_env

from ...asking import spool
from ...asking.ask import BUSY_SECONDS
from ...asking.check import KIND as CHECK
from ...asking.shapes import Paused, TakenElsewhere
from ...engine.client.causes import LABELS, UNTIL_CHANGED

DEFAULT_FRESH_HOURS = 24
# A job that was handed out before this has its lock, or is dead.
DEAD_AFTER = timedelta(seconds=10)


_SETTLE = """
    UPDATE ai_queue_call
       SET state = %(state)s,
           -- One that was taken for lost may have been asked again.
           is_current = %(answered)s AND NOT EXISTS (
               SELECT FROM ai_queue_call other
                WHERE other.key = ai_queue_call.key
                  AND other.is_current
                  AND other.id <> ai_queue_call.id),
           date_done = clock_timestamp() AT TIME ZONE 'UTC',
           lease_until = NULL,
           requests = %(requests)s,
           tokens_in = %(tokens_in)s,
           tokens_out = %(tokens_out)s,
           tokens = coalesce(%(tokens)s, tokens),
           cost = coalesce(%(cost)s, cost),
           is_estimated = %(is_estimated)s,
           latency = %(latency)s,
           model = coalesce(%(model)s, model),
           outcome = %(outcome)s,
           message = %(message)s,
           answer = %(answer)s,
           answer_text = %(answer_text)s
     WHERE id = %(id)s
"""


class AiQueueCall(models.Model):
    """One question to a provider and what became of it: the ledger.

    Rows are written by side cursors only, the moment something happens, so that no
    rollback of a job takes back that something was paid. What may be sent, what was
    answered already and what is spent is all decided from these rows.
    """

    _name = "ai.queue.call"
    _description = "AI Call"
    _order = "id desc"
    _rec_name = "model"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        selection=lambda self: self._get_kinds(),
        string="Kind of Work",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("asking", "Asking"),
            ("answered", "Answered"),
            ("failed", "Failed"),
            ("lost", "Lost"),
        ],
        required=True,
        readonly=True,
        help="Lost: the process that asked was killed. Whether the provider answered "
        "and charged is unknown.",
    )
    # An answer that may be used again, or a question that is being asked.
    is_current = fields.Boolean(readonly=True)
    run_id = fields.Many2one(
        "ai.queue.run", readonly=True, index="btree_not_null", ondelete="set null"
    )
    run_job_id = fields.Many2one(
        "ai.queue.run.job", readonly=True, index="btree_not_null", ondelete="set null"
    )
    job_uuid = fields.Char(string="Job", readonly=True)
    attempt = fields.Integer(readonly=True, aggregator=None)
    provider_id = fields.Many2one(
        "ai.queue.provider", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="restrict"
    )
    model = fields.Char(required=True, readonly=True)
    prompt_version = fields.Char(readonly=True)
    date = fields.Datetime(string="Asked", required=True, readonly=True, index=True)
    # The day of the budget it counts for: in the time zone of the company.
    budget_date = fields.Date(string="Budget Day", required=True, readonly=True)
    date_done = fields.Datetime(string="Answered On", readonly=True)
    lease_until = fields.Datetime(readonly=True)
    requests = fields.Integer(
        readonly=True, help="Sent for this question, including repeated ones."
    )
    reused = fields.Integer(
        string="Used Again",
        readonly=True,
        help="How often the answer was reused without asking and paying again.",
    )
    tokens_in = fields.Integer(readonly=True)
    tokens_out = fields.Integer(readonly=True)
    tokens = fields.Integer(
        readonly=True,
        help="Sent and received; while the question is open, the reserved number.",
    )
    cost = fields.Float(
        digits=(16, 6),
        readonly=True,
        help="In the currency of the company; while the question is open, the reserved "
        "amount.",
    )
    is_estimated = fields.Boolean(
        string="Estimated",
        readonly=True,
        help="The provider did not report its token count.",
    )
    latency = fields.Float(
        string="Latency (s)", digits=(16, 3), readonly=True, aggregator="avg"
    )
    outcome = fields.Selection(
        list(LABELS.items()), readonly=True, help="Answered, or what went wrong."
    )
    message = fields.Text(readonly=True)
    question = fields.Text(readonly=True)
    answer = fields.Json(string="Data of the Answer", readonly=True)
    answer_text = fields.Text(string="Answer", readonly=True)

    _current_uniq = models.UniqueIndex("(key) WHERE is_current")
    _asking_idx = models.Index("(provider_id, lease_until) WHERE state = 'asking'")
    _budget_idx = models.Index("(company_id, budget_date) INCLUDE (tokens, cost)")
    _key_job_idx = models.Index("(run_job_id, key)")

    @api.model
    def _get_kinds(self):
        """What is asked for: the kinds of work, and tests of the connection."""
        kinds = self.env["ai.queue.run"]._fields["kind"]
        return [
            *kinds._description_selection(self.env),
            (CHECK, self.env._("Connection test")),
        ]

    def action_open_job(self):
        """The queue job that asked."""
        self.ensure_one()
        return self.run_job_id.action_open_queue_job()

    # ------------------------------------------------------------
    # LOOK-UP, by side cursors only
    # ------------------------------------------------------------

    @api.model
    def _find(self, keys, asker):
        """What is known of these questions.

        :param asker: `asking.shapes.Asker`
        :return: {key: call}, answered ones and, of this job since it was queued, those
            that failed for good
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_call SET reused = coalesce(reused, 0) + 1
                 WHERE key = ANY(%(keys)s)
                   AND is_current AND state = 'answered'
                   AND (date_done >= %(since)s OR run_job_id = %(job)s)
             RETURNING id, key
                """,
                keys=list(keys),
                since=self._get_fresh_since(),
                job=asker.run_job_id or None,
            )
        )
        found = {key: call_id for call_id, key in self.env.cr.fetchall()}
        if asker.run_job_id:
            self.env.cr.execute(
                SQL(
                    """
                    SELECT max(id), key FROM ai_queue_call
                     WHERE run_job_id = %(job)s AND key = ANY(%(keys)s)
                       AND state = 'failed' AND outcome = ANY(%(final)s)
                       AND date_done >= %(queued)s
                     GROUP BY key
                    """,
                    job=asker.run_job_id,
                    keys=list(keys),
                    final=list(asker.final_causes),
                    queued=asker.date_queued,
                )
            )
            for call_id, key in self.env.cr.fetchall():
                found.setdefault(key, call_id)
        return {key: self.browse(call_id) for key, call_id in found.items()}

    @api.model
    def _find_refusal(self, asker):
        """What the provider refused this try of a job, as it would all questions.

        :return: (cause, sentence), or None
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT outcome, message FROM ai_queue_call
                 WHERE run_job_id = %(job)s AND attempt = %(attempt)s
                   AND state = 'failed' AND outcome = ANY(%(causes)s)
                 ORDER BY id LIMIT 1
                """,
                job=asker.run_job_id or None,
                attempt=asker.attempt,
                causes=list(UNTIL_CHANGED),
            )
        )
        return self.env.cr.fetchone()

    @api.model
    def _give_up_leases_of(self, asker):
        """An earlier try of this job is dead, or this one would not run."""
        if asker.job_uuid:
            self._set_lost(SQL("job_uuid = %s", asker.job_uuid))

    @api.model
    def _give_up_expired(self):
        """Who asked these was killed, and nobody has asked the same since."""
        self._set_lost(SQL("lease_until < (clock_timestamp() AT TIME ZONE 'UTC')"))

    def _give_up_dead(self, provider):
        """Questions of jobs that were killed take no place of others.

        A job at work holds the lock of its row in ``queue_job_lock``. As the runner
        does, one that began just now is left alone: it may not have it yet.
        """
        self._set_lost(
            SQL(
                """
                provider_id = %(provider)s AND job_uuid IN (
                    SELECT job.uuid
                      FROM queue_job job
                      JOIN queue_job_lock lock ON lock.queue_job_id = job.id
                     WHERE job.uuid IN (
                           SELECT job_uuid FROM ai_queue_call
                            WHERE provider_id = %(provider)s AND state = 'asking')
                       AND job.date_enqueued
                           < (now() AT TIME ZONE 'UTC') - %(buffer)s
                       FOR NO KEY UPDATE OF lock SKIP LOCKED)
                """,
                provider=provider.id,
                buffer=DEAD_AFTER,
            )
        )

    def _set_lost(self, condition):
        # What was reserved stays counted: the provider may have charged it.
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_call
                   SET state = 'lost', is_current = false, outcome = 'lost',
                       is_estimated = true, lease_until = NULL
                 WHERE state = 'asking' AND %s
                """,
                condition,
            )
        )

    # ------------------------------------------------------------
    # ADMISSION, by side cursors only
    # ------------------------------------------------------------

    @api.model
    def _admit(self, claim):
        """Let a request go, and note that it goes; or say how long to wait.

        All workers agree under the lock of the provider. Nothing is noted unless the
        request may go.

        :param claim: `asking.shapes.Claim`; it gets the id of its call
        :return: seconds to wait before asking again, 0 when it may go
        :raise TakenElsewhere: another job has the answer, or is asking
        :raise Paused: all questions to this provider, or of this company, have to wait
        """
        state = self.env["ai.queue.provider.state"]._lock(claim.provider_id)
        provider = state.provider_id
        if not provider.active:
            raise Paused("provider", BUSY_SECONDS)
        if not claim.call_id:
            self._check_taken(claim)
        if not state._may_go(claim.key):
            raise state._get_pause()
        if not claim.call_id:
            if self._count_in_flight(provider) >= self._get_places(provider):
                self._give_up_dead(provider)
                return 0.25
            wait = self._check_budget(claim)
            if wait:
                return wait
        wait = self.env["ai.queue.request"]._seconds_to_wait(provider, claim)
        if wait:
            return wait
        # Last, for a probe that is not sent would keep the others waiting.
        state._begin_probe(claim.key)
        if not claim.call_id:
            self._insert(claim)
        self.env["ai.queue.request"]._note(provider, claim)
        return 0.0

    @api.model
    def _begin_check(self, claim):
        """Note that the connection is being tested, which nothing holds up.

        :param claim: `asking.shapes.Claim`; it gets the id of its call
        """
        self.env["ai.queue.provider.state"]._lock(claim.provider_id)
        company = self.env["res.company"].browse(claim.company_id)
        claim.budget_date = self.env["ai.queue.budget"]._lock_today(company).date
        self._insert(claim)

    def _check_taken(self, claim):
        self._set_lost(
            SQL(
                "key = %s AND lease_until < (clock_timestamp() AT TIME ZONE 'UTC')",
                claim.key,
            )
        )
        self.env.cr.execute(
            SQL(
                "SELECT id, state, date_done FROM ai_queue_call "
                "WHERE key = %s AND is_current",
                claim.key,
            )
        )
        for call_id, state, date_done in self.env.cr.fetchall():
            if state == "asking" or date_done >= self._get_fresh_since():
                raise TakenElsewhere
            self.env.cr.execute(
                SQL(
                    "UPDATE ai_queue_call SET is_current = false WHERE id = %s", call_id
                )
            )

    @api.model
    def _get_pause(self, claim):
        """Why a request would not be let go for long: `asking.shapes.Paused`, or None.

        Breaker and budget are looked at, not what is over in seconds.

        :param claim: `asking.shapes.Claim`
        """
        state = self.env["ai.queue.provider.state"]._lock(claim.provider_id)
        pause = state._get_pause()
        if pause:
            return pause
        try:
            self._check_budget(claim)
        except Paused as pause:
            return pause
        return None

    @api.model
    def _seconds_without_answer(self, provider_id, since):
        """How long the provider has answered nobody, of the time since then."""
        self.env.cr.execute(
            SQL(
                """
                SELECT extract(epoch FROM (clock_timestamp() AT TIME ZONE 'UTC')
                       - greatest(%(since)s::timestamp, max(date_done)))
                  FROM ai_queue_call
                 WHERE provider_id = %(provider)s AND state = 'answered'
                   AND kind <> %(check)s AND date >= %(begun)s
                """,
                since=since,
                begun=since - timedelta(hours=1),
                provider=provider_id,
                check=CHECK,
            )
        )
        return float(self.env.cr.fetchone()[0])

    def _get_places(self, provider):
        """How many questions to a provider may be under way at a time: hook for who has
        some wait elsewhere."""
        return provider.max_in_flight

    def _count_in_flight(self, provider):
        self.env.cr.execute(
            SQL(
                "SELECT count(*) FROM ai_queue_call WHERE provider_id = %s "
                "AND state = 'asking' "
                "AND lease_until >= (clock_timestamp() AT TIME ZONE 'UTC')",
                provider.id,
            )
        )
        return self.env.cr.fetchone()[0]

    def _check_budget(self, claim):
        company = self.env["res.company"].browse(claim.company_id)
        budgets = self.env["ai.queue.budget"]
        budgets._has(company)
        budget = budgets._lock_today(company)
        claim.budget_date = budget.date
        return budget._get_wait(claim)

    def _insert(self, claim):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_queue_call (
                    key, kind, state, is_current, run_id, run_job_id, job_uuid, attempt,
                    provider_id, company_id, user_id, model, prompt_version,
                    date, budget_date, lease_until, tokens, cost, is_estimated,
                    question)
                VALUES (%(key)s, %(kind)s, 'asking', true, %(run)s, %(run_job)s,
                        %(job)s, %(attempt)s, %(provider)s, %(company)s, %(user)s,
                        %(model)s, %(prompt_version)s,
                        clock_timestamp() AT TIME ZONE 'UTC', %(budget_date)s,
                        (clock_timestamp() AT TIME ZONE 'UTC') + %(lease)s,
                        %(tokens)s, %(cost)s, true, %(question)s)
                RETURNING id
                """,
                key=claim.key,
                kind=claim.kind,
                run=claim.run_id or None,
                run_job=claim.run_job_id or None,
                job=claim.job_uuid or None,
                attempt=claim.attempt,
                provider=claim.provider_id,
                company=claim.company_id,
                user=claim.user_id,
                model=claim.model,
                prompt_version=claim.prompt_version,
                budget_date=claim.budget_date,
                lease=timedelta(seconds=claim.lease),
                tokens=claim.tokens,
                cost=claim.cost,
                question=claim.question,
            )
        )
        claim.call_id = self.env.cr.fetchone()[0]

    # ------------------------------------------------------------
    # SETTLEMENT, by side cursors only
    # ------------------------------------------------------------

    @api.model
    def _settle(self, settlement):
        """Note what became of a question that was sent.

        :param settlement: `asking.shapes.Settlement`
        """
        state = self.env["ai.queue.provider.state"]._lock(settlement.provider_id)
        if settlement.breaker == "answered":
            state._note_answered()
        elif settlement.breaker == "failed":
            state._note_failed(settlement.message, settlement.outcome)
        # A test says how it went itself.
        if settlement.breaker and settlement.outcome in UNTIL_CHANGED:
            state._note_refused(self._get_asked_model(settlement), settlement.message)
        elif settlement.outcome == "ok" and state.refused_model:
            state._note_taken(self._get_asked_model(settlement))
        self.env.cr.execute(
            SQL(
                _SETTLE,
                state="answered" if settlement.outcome == "ok" else "failed",
                answered=settlement.outcome == "ok",
                requests=settlement.requests,
                tokens_in=settlement.tokens_in,
                tokens_out=settlement.tokens_out,
                tokens=settlement.tokens,
                cost=settlement.cost,
                is_estimated=settlement.tokens is None,
                latency=settlement.latency,
                model=settlement.model,
                outcome=settlement.outcome,
                message=settlement.message,
                answer=Json(settlement.data),
                answer_text=settlement.text,
                id=settlement.call_id,
            )
        )
        self.env["ai.queue.request"]._settle(state.provider_id, settlement)

    def _get_asked_model(self, settlement):
        # By SQL, for it is written by SQL; an answer may name another version.
        self.env.cr.execute(
            SQL("SELECT model FROM ai_queue_call WHERE id = %s", settlement.call_id)
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _settle_kept(self):
        """Note what the database did not take when it was there to be noted."""
        database = self.env.cr.dbname
        for key, settlement in spool.waiting(database):
            try:
                # The text of the query would be logged, and the answer is in it.
                with (
                    mute_logger("odoo.sql_db"),
                    side_env(self.env) as env,
                ):
                    env["ai.queue.call"]._settle_late(key, settlement)
            except (ValueError, TypeError, psycopg2.DataError):
                spool.set_aside(database, settlement.call_id)
            else:
                spool.forget(database, settlement.call_id)

    def _settle_late(self, key, settlement):
        self.env.cr.execute(
            SQL(
                "SELECT FROM ai_queue_call WHERE id = %s AND key = %s "
                "AND state IN ('asking', 'lost')",
                settlement.call_id,
                key,
            )
        )
        # Not of another database that had this name.
        if self.env.cr.rowcount:
            self._settle(settlement)

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    @api.model
    def _get_fresh_since(self):
        """How old an answer may be that is used again for another job."""
        hours = self._get_number("answer_fresh_hours", DEFAULT_FRESH_HOURS)
        return fields.Datetime.now() - timedelta(hours=hours)

    @api.model
    def _get_number(self, name, default):
        value = self.env["ir.config_parameter"].sudo().get_param(f"ai_queue.{name}")
        return int(value) if (value or "").isdecimal() else default
