# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.queue_job.job import CANCELLED, DONE, FAILED
from odoo.addons.queue_job_operations.side_cursor import side_env

from .ai_queue_run import ACTIVE_STATES, STATES

_logger = logging.getLogger(__name__)

# What stands in the place of what a job waited for, once that is there.
WOKEN = "woken"
# How many records a reason names before it only counts them.
MAX_NAMES = 20


_SYNC = """
    UPDATE ai_queue_run_job job
       SET state = CASE
               WHEN queue.state = 'done' AND job.is_stopped
               THEN 'cancelled'
               WHEN queue.state IN ('wait_dependencies', 'enqueued')
               THEN 'pending'
               ELSE queue.state END,
           is_stopped = job.is_stopped
               AND queue.state IN ('started', 'done'),
           attempt = greatest(queue.retry, job.attempt),
           date_started = coalesce(queue.date_started, job.date_started),
           date_done = CASE
               WHEN queue.state = 'done' THEN queue.date_done
               WHEN queue.state = 'cancelled' THEN queue.date_cancelled
               WHEN queue.state = 'failed'
               THEN coalesce(job.date_done, now() AT TIME ZONE 'UTC')
               END,
           -- What a try reported is counted anew by the next: only a job that
           -- came to its end has written anything.
           finished = CASE
               WHEN queue.state = 'started' THEN job.finished
               WHEN queue.state = 'done' AND job.is_stopped THEN job.finished
               WHEN queue.state = 'done' THEN job.total ELSE 0 END,
           message = CASE
               WHEN queue.state = 'failed'
               THEN coalesce(job.message, queue.exc_message,
                             queue.exc_info)
               WHEN queue.state <> 'started' THEN queue.result
               WHEN job.state = 'started' THEN job.message END,
           waits_for = CASE
               WHEN queue.state = 'pending' OR (
                    queue.state = 'started' AND job.state = 'started')
               THEN job.waits_for END
      FROM queue_job queue
     WHERE queue.uuid = job.queue_job_uuid AND job.id IN %s
"""


class AiQueueRunJob(models.Model):
    """A job of a run: its chunk of records, and what became of them.

    Queue jobs are deleted after a while; this row stays as long as the run.
    """

    _name = "ai.queue.run.job"
    _description = "Job of an AI Run"
    _order = "id"
    _rec_name = "queue_job_uuid"

    run_id = fields.Many2one(
        "ai.queue.run", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    queue_job_uuid = fields.Char(string="Job UUID", required=True, readonly=True)
    res_model = fields.Char(string="Model", required=True, readonly=True)
    # Up to a thousand ids: not read along with the state, which is asked each second.
    res_ids = fields.Json(string="Record IDs", readonly=True, prefetch=False)
    # What with_delay needs to make the queue job anew, should it be deleted.
    options = fields.Json(readonly=True, prefetch=False)
    state = fields.Selection(STATES, required=True, readonly=True, default="pending")
    total = fields.Integer(string="Records", readonly=True)
    finished = fields.Integer(readonly=True)
    skipped = fields.Integer(readonly=True)
    # [{"reason": in words, "model": name, "ids": [ids]}]
    skip_data = fields.Json(readonly=True)
    skip_summary = fields.Text(compute="_compute_skip_summary", string="Left Out")
    # [{"sentence": in words, "count": of so many records}]
    remark_data = fields.Json(readonly=True)
    attempt = fields.Integer(string="Attempts", readonly=True)
    message = fields.Text(readonly=True)
    is_stopped = fields.Boolean(
        readonly=True, help="The job stopped because its run was cancelled."
    )
    # What it waits for, as "budget:<company>"; empty unless it was put off.
    waits_for = fields.Char(readonly=True, index="btree_not_null")
    # Since when it tries: what failed for good before is tried again after that.
    date_queued = fields.Datetime(readonly=True, default=fields.Datetime.now)
    attempt_ids = fields.One2many("ai.queue.run.attempt", "run_job_id")
    date_started = fields.Datetime(string="Started", readonly=True)
    date_done = fields.Datetime(string="Ended", readonly=True)

    _queue_job_uuid_uniq = models.UniqueIndex("(queue_job_uuid)")
    _record_idx = models.Index("USING gin (res_ids jsonb_path_ops)")

    @api.depends("skip_data")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_skip_summary(self):
        for job in self:
            job.skip_summary = job._describe_skipped()

    def _describe_skipped(self):
        """What these jobs left out: a line for each reason, in names that the reader
        may see."""
        ids = {}
        for job in self:
            for skip in job.skip_data or []:
                ids.setdefault((skip["reason"], skip["model"]), []).extend(skip["ids"])
        return "\n".join(
            self.env._(
                "%(reason)s: %(records)s",
                reason=reason,
                records=self._list_names(model, record_ids),
            )
            for (reason, model), record_ids in ids.items()
        )

    def _list_names(self, model, ids):
        """The first names, and how many more there are or must not be named."""
        known, visible = set(), set()
        if model in self.env:  # its addon may not be installed any more
            records = self.env[model].browse(ids).exists()
            known = set(records.ids)
            visible = set(records._filtered_access("read").ids)
        shown = [i for i in ids if i in visible or i not in known]
        hidden = len(ids) - len(shown)
        names = ", ".join(
            self.env[model].browse(i).display_name if i in visible else f"#{i}"
            for i in shown[:MAX_NAMES]
        )
        if len(shown) > MAX_NAMES:
            more = len(shown) - MAX_NAMES
            names = self.env._("%(names)s and %(more)s more", names=names, more=more)
        if hidden and names:
            return self.env._(
                "%(names)s, and %(count)s that you may not see",
                names=names,
                count=hidden,
            )
        if hidden:
            return self.env._("%(count)s that you may not see", count=hidden)
        return names

    def action_open_queue_job(self):
        """The queue job itself, for those who may see it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job.action_queue_job"
        )
        job = self.env["queue.job"].search([("uuid", "=", self.queue_job_uuid)])
        action.update(views=[(False, "form")], res_id=job.id, context={})
        return action

    @api.model
    def _last_by_record(self, records):
        """The last job of the current company with each record: {record id: job}."""
        if not records.ids:
            return {}
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT record.id, job.id
                  FROM unnest(%(ids)s) AS record(id)
                 CROSS JOIN LATERAL (
                       SELECT id
                         FROM ai_queue_run_job
                        WHERE res_ids @> to_jsonb(record.id)
                          AND res_model = %(model)s
                          AND company_id = %(company)s
                        ORDER BY id DESC
                        LIMIT 1) AS job
                """,
                ids=records.ids,
                model=records._name,
                company=self.env.company.id,
            )
        )
        last = dict(self.env.cr.fetchall())
        return {record_id: self.browse(job_id) for record_id, job_id in last.items()}

    # ------------------------------------------------------------
    # QUEUE JOBS
    # ------------------------------------------------------------

    def _queue_jobs(self):
        """The queue jobs that still exist."""
        uuids = self.mapped("queue_job_uuid")
        return self.env["queue.job"].search([("uuid", "in", uuids)])

    def _filter_put_off(self):
        """The jobs that wait for something, and can say for what."""
        return self.filtered(
            lambda job: job.state == "pending" and job.waits_for and job.message
        )

    def _cancel_waiting(self, result=None):
        """Cancel the queue jobs that no one is at just now.

        In a transaction of ``side_env``: the job runner changes the same rows all the
        time. What it takes first is left to it; the job sees by itself that its run was
        cancelled.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM queue_job
                 WHERE uuid IN %s
                   AND state IN ('wait_dependencies', 'pending', 'enqueued')
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                tuple(self.mapped("queue_job_uuid")) or ("",),
            )
        )
        ids = [job_id for (job_id,) in self.env.cr.fetchall()]
        self.env["queue.job"].browse(ids)._cancel_at_once(result)

    @api.model
    def _cancel_put_off(self, runs):
        """Cancel the jobs that were at work when their run was cancelled, and that have
        been put off since: they may be due in hours."""
        put_off = self.search(
            [
                ("run_id", "in", runs.ids),
                ("run_id.cancel_requested", "=", True),
                ("state", "=", "pending"),
            ]
        )
        if put_off:
            # By whom is not known here.
            put_off._cancel_waiting(self.env._("Stopped: the run was cancelled."))
            self.env.flush_all()
            put_off._sync_from_queue()

    def _queue_again(self):
        """Queue the jobs again; one that was deleted meanwhile is made anew."""
        with side_env(self.env) as env:
            env["ai.queue.run.job"].browse(self.ids).date_queued = fields.Datetime.now()
        queue_jobs = self._queue_jobs()
        # What someone has queued again by hand meanwhile is at it already.
        queue_jobs.filtered(
            lambda job: job.state in (FAILED, DONE, CANCELLED)
        )._requeue_at_once()
        existing = set(queue_jobs.mapped("uuid"))
        for job in self.filtered(lambda job: job.queue_job_uuid not in existing):
            run = job.run_id
            records = (
                self.env[job.res_model]
                .with_user(run.user_id)
                .with_company(run.company_id)
                .browse(job.res_ids)
            )
            handler = self.env["ai.queue.kind"]._of(run.kind)
            records = records.with_context(
                ai_queue__run_job=job, queue_job__no_delay=False
            )
            delayed = records.with_delay(**(job.options or {"description": run.name}))
            getattr(delayed, handler._job_method)()

    @api.model
    def _wake(self, what, ids):
        """Let the jobs run now that were put off until one of these is there.

        :param str what: "budget" or "learning" of companies, "breaker" or "provider" of
            providers
        """

        def wake():
            try:
                with side_env(self.env) as env:
                    env["ai.queue.run.job"]._wake_now(what, ids)
            except psycopg2.Error:
                # What they waited for is committed: who did that is told of no error.
                # They look by themselves when they are due.
                _logger.warning("Jobs were not woken for %s %s", what, ids, exc_info=1)

        # Once it is there for all to see, for a job that runs then will look.
        self.env.cr.postcommit.add(wake)

    @api.model
    def _wake_now(self, what, ids):
        """As ``_wake``, from a transaction of ``side_env``."""
        waits = [f"{what}:{record_id}" for record_id in ids]
        jobs = self.search([("waits_for", "in", waits), ("state", "in", ACTIVE_STATES)])
        if not jobs:
            return
        # In the order of all who write to rows of runs.
        jobs.run_id._lock()
        # Some have only noted what they are going to wait for: see ``_sync``.
        jobs.waits_for = WOKEN
        self._let_go_woken(jobs.run_id)

    @api.model
    def _let_go_woken(self, runs):
        """Woken jobs of these runs do not wait for their time any more."""
        woken = self.search([("waits_for", "=", WOKEN), ("run_id", "in", runs.ids)])
        queue_jobs = woken._queue_jobs()
        queue_jobs.filtered(lambda job: job.state == "pending" and job.eta).write(
            {"eta": False}
        )

    @api.model
    def _get_waited_for(self, what):
        """The ids of the companies or providers that jobs wait for.

        :param str what: as of ``_wake``
        """
        groups = self._read_group(
            [("waits_for", "=like", f"{what}:%"), ("state", "in", ACTIVE_STATES)],
            ["waits_for"],
        )
        return {int(waits_for.partition(":")[2]) for (waits_for,) in groups}

    def _get_waits(self):
        """The attempts in a row, the last ones first, that put the job off."""
        waits = self.attempt_ids.browse()
        for attempt in self.attempt_ids.sorted("id", reverse=True):
            if attempt.outcome == "waited":
                waits += attempt
            elif attempt.outcome != "started":
                break
        return waits

    def _get_waiting_since(self, longest):
        """When the first of them began; None when it was not put off.

        :param longest: between two of them (timedelta): after a longer wait, as one
            for the budget of another day, it counts anew
        """
        since, later = None, fields.Datetime.now()
        for attempt in self._get_waits():
            if later - (attempt.date_ended or later) > longest:
                break
            since = later = attempt.date_started
        return since

    def _is_last_try(self):
        """Whether the job fails if the try that is under way fails."""
        # queue_job counts the tries that are over, and has not stored this one. A test
        # of the connection is no job of a run.
        job = self and self._queue_jobs()
        return bool(job and job.max_retries and job.retry + 1 >= job.max_retries)

    # ------------------------------------------------------------
    # STATE, by side cursors only
    # ------------------------------------------------------------

    def _sync_from_queue(self):
        """Copy state, attempt, times and error from the queue jobs.

        The caller holds the lock of the runs. What a failing job itself left as
        message (see ``_report``) is better than the error of the queue, and kept.
        """
        if not self:
            return
        self.env.cr.execute(
            SQL(
                _SYNC,
                tuple(self.ids),
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_run_job job
                   SET state = 'cancelled',
                       date_done = now() AT TIME ZONE 'UTC',
                       message = %s
                 WHERE job.id IN %s
                   AND job.state IN ('pending', 'started')
                   AND NOT EXISTS (
                       SELECT FROM queue_job WHERE uuid = job.queue_job_uuid)
                """,
                self.env._("The job was deleted before it ran."),
                tuple(self.ids),
            )
        )
        self._note_stopped_attempts()

    def _pass_state_to(self, model, condition):
        """Bring the records that these jobs are about in line with them.

        For models of other addons whose records are work of their own, with run_id,
        state and message. What a job is done with and has not concluded was left out.

        :param model: of the records
        :param SQL condition: which of them still follow their job, on the tables
            ``record`` and ``job``
        """
        model.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s AS record
                   SET run_id = job.run_id,
                       state = CASE WHEN job.state = 'done' THEN 'cancelled'
                                    ELSE job.state END,
                       message = CASE WHEN job.state <> 'started' THEN job.message END
                  FROM ai_queue_run_job AS job
                 CROSS JOIN LATERAL
                       jsonb_array_elements_text(job.res_ids) AS listed(id)
                 WHERE job.id = ANY(%s)
                   AND record.id = listed.id::integer
                   AND coalesce(record.run_id, job.run_id) = job.run_id
                   AND %s
                """,
                SQL.identifier(model._table),
                self.ids,
                condition,
            )
        )
        model.invalidate_model()

    def _note_stopped_attempts(self):
        """A job that stopped because its run was cancelled was not done.

        Only known here: the transaction that noted the end of the attempt began
        before the job saw that it should stop.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_run_attempt attempt SET outcome = 'cancelled'
                  FROM ai_queue_run_job job
                 WHERE job.id IN %s AND job.is_stopped AND job.state = 'cancelled'
                   AND attempt.id = (
                       SELECT max(id) FROM ai_queue_run_attempt
                        WHERE run_job_id = job.id AND outcome = 'done')
                   AND attempt.date_started >= job.date_queued
                """,
                tuple(self.ids),
            )
        )

    def _report(self, **values):
        """Leave values of this row for people to see, at once, and tell them.

        For the job itself: ``total``, ``finished``, ``skipped``, ``skip_data``,
        ``is_stopped``, ``message``, ``remark_data``. Without a row (a call outside of a
        job) nothing happens.
        """
        if not self:
            return
        with side_env(self.env) as env:
            job = env["ai.queue.run.job"].browse(self.id)
            runs = job.run_id
            before = runs._lock()
            job.write(values)
            job.flush_recordset()
            runs._announce(before, runs._aggregate(list(before)))

    def _remark(self, counts):
        """Say what people should know about finished work, for the job itself.

        Added to what it has said already.

        :param counts: {sentence: of how many records it is true}
        """
        if not self or not counts:
            return
        with side_env(self.env) as env:
            said = env[self._name].browse(self.id).remark_data or []
        more = [{"sentence": text, "count": count} for text, count in counts.items()]
        self._report(remark_data=[*said, *more])

    def _is_cancel_requested(self):
        """Whether someone cancelled the run since this transaction began."""
        if not self:
            return False
        with side_env(self.env) as env:
            return env["ai.queue.run.job"].browse(self.id).run_id.cancel_requested

    @api.model
    def _of_current_job(self, records=None):
        """The row of the job that is being performed; empty outside of a job.

        Whoever gets it may write progress and end the transaction, so the context
        alone is not believed: this thread must be at that job. Nor does what a job
        calls in passing count as the job, although it inherits the context.

        :param records: what the job must be about
        """
        context = self.env.context
        uuid = context.get("job_uuid") or context.get("ai_queue__job_uuid")
        if not uuid or not self.env["queue.job"]._is_performing(uuid):
            return self.sudo().browse()
        # Progress is for everyone who may see the run; writing it is the job's.
        row = self.sudo().search([("queue_job_uuid", "=", uuid)])
        if records is not None and not row._is_about(records):
            return row.browse()
        return row

    def _is_about(self, records):
        same_model = self.res_model == records._name
        return same_model and set(self.res_ids or []) == set(records.ids)
