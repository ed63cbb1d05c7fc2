# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import json
import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, mute_logger, split_every

from odoo.addons.queue_job.job import PENDING
from odoo.addons.queue_job_operations.side_cursor import side_env

from .ir_websocket import RUNS

_logger = logging.getLogger(__name__)

STATES = [
    ("pending", "Waiting"),
    ("started", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
ACTIVE_STATES = ("pending", "started")
ENDED_STATES = ("done", "failed", "cancelled")

# How often a press looks again for the run that took its place: each further
# look needs yet another person to press, and that run to end, in between.
START_TRIES = 5
# What one press is for; a cron may have more to do.
MAX_RECORDS = 100_000


_AGGREGATE = """
       WITH job AS (
           SELECT run_id,
                  sum(total) AS total,
                  sum(coalesce(finished, 0)) AS finished,
                  sum(coalesce(skipped, 0)) AS skipped,
                  sum(CASE WHEN state = 'failed'
                           THEN total - coalesce(finished, 0)
                           ELSE 0 END) AS failed,
                  min(date_started) AS date_started,
                  max(date_done) AS date_done,
                  bool_or(state = 'started') AS any_started,
                  bool_or(state = 'pending') AS any_pending,
                  bool_or(state NOT IN ('pending')) AS any_begun,
                  bool_or(state = 'failed') AS any_failed,
                  bool_or(state = 'cancelled') AS any_cancelled
             FROM ai_queue_run_job
            WHERE run_id IN %(ids)s
            GROUP BY run_id
       ), outcome AS (
           SELECT *,
                  CASE WHEN any_started OR (any_pending AND any_begun)
                       THEN 'started'
                       WHEN any_pending THEN 'pending'
                       WHEN any_failed THEN 'failed'
                       WHEN any_cancelled THEN 'cancelled'
                       ELSE 'done' END AS state
             FROM job
       )
       UPDATE ai_queue_run run
          SET total = outcome.total,
              finished = outcome.finished,
              skipped = outcome.skipped,
              failed = outcome.failed,
              date_started = outcome.date_started,
              date_done = CASE WHEN outcome.state IN %(ended)s
                               THEN outcome.date_done END,
              state = outcome.state,
              identity_key = CASE WHEN outcome.state IN %(ended)s
                                  THEN NULL ELSE run.identity_key END,
              write_date = now() AT TIME ZONE 'UTC'
         FROM outcome
        WHERE run.id = outcome.run_id
    RETURNING run.id, run.state
"""


class AiQueueRun(models.Model):
    """One request of a person or a cron: what was asked for, and how far it is.

    The rows of runs and of their jobs are written by side cursors only (see
    ``side_env``), so that progress is seen while a job is still at work, and so that
    it can never make the transaction of a job fail.
    """

    _name = "ai.queue.run"
    _description = "AI Run"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        # Each kind adds its own.
        [],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="pending", index=True
    )
    origin = fields.Selection(
        [("button", "Button"), ("cron", "Schedule"), ("code", "Another addon")],
        required=True,
        readonly=True,
        default="button",
        string="Started by",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Requested by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    # What makes two presses the same request; empty once the run has ended.
    identity_key = fields.Char(readonly=True, groups="base.group_system")
    total = fields.Integer(string="Records", readonly=True)
    finished = fields.Integer(
        readonly=True, help="Finished records, including skipped ones."
    )
    skipped = fields.Integer(readonly=True, help="Finished, with nothing to do.")
    failed = fields.Integer(readonly=True, help="Records of failed jobs.")
    progress = fields.Float(compute="_compute_progress", string="Progress (%)")
    date_started = fields.Datetime(string="Started", readonly=True)
    date_done = fields.Datetime(string="Ended", readonly=True)
    date_expected = fields.Datetime(
        string="Expected End",
        compute="_compute_date_expected",
        help="When the run will end if the rest takes as long per record as what is "
        "finished.",
    )
    duration = fields.Float(
        string="Duration (s)", compute="_compute_duration", help="From start to end."
    )
    cancel_requested = fields.Boolean(readonly=True)
    date_announced = fields.Datetime(readonly=True, groups="base.group_system")
    job_ids = fields.One2many("ai.queue.run.job", "run_id", string="Jobs")
    attempt_ids = fields.One2many("ai.queue.run.attempt", "run_id", string="Attempts")
    waiting_summary = fields.Text(
        compute="_compute_waiting_summary",
        string="Postponed",
        help="What its postponed jobs wait for.",
    )
    date_next = fields.Datetime(
        string="Tried Next",
        compute="_compute_date_next",
        help="When the first postponed job is tried again.",
    )
    hold_summary = fields.Text(
        compute="_compute_hold_summary",
        string="Held Up",
        help="Why none of its waiting jobs starts: no job runner, or a paused channel.",
    )
    skip_summary = fields.Text(
        compute="_compute_skip_summary", string="Skipped Records"
    )
    failure_summary = fields.Text(compute="_compute_failure_summary", string="Failures")
    can_steer = fields.Boolean(compute="_compute_can_steer")

    _identity_uniq = models.UniqueIndex(
        "(identity_key) WHERE state IN ('pending', 'started')",
        "The same work is waiting or running already.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("total", "finished", "failed")
    def _compute_progress(self):
        for run in self:
            dealt_with = run.finished + run.failed
            run.progress = 100.0 * dealt_with / run.total if run.total else 0.0

    @api.depends("state", "progress", "date_started")
    def _compute_date_expected(self):
        now = fields.Datetime.now()
        for run in self:
            run.date_expected = False
            if run.state == "started" and run.progress and run.date_started:
                elapsed = (now - run.date_started).total_seconds()
                left = elapsed * (100.0 - run.progress) / run.progress
                run.date_expected = now + timedelta(seconds=left)

    @api.depends("date_started", "date_done")
    def _compute_duration(self):
        for run in self:
            end = run.date_done or fields.Datetime.now()
            start = run.date_started
            run.duration = (end - start).total_seconds() if start else 0.0

    @api.depends("job_ids.skip_data")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_skip_summary(self):
        for run in self:
            run.skip_summary = run.job_ids._describe_skipped()

    @api.depends("job_ids.message", "job_ids.waits_for")
    def _compute_waiting_summary(self):
        for run in self:
            # Most of them wait for the same.
            reasons = dict.fromkeys(run.job_ids._filter_put_off().mapped("message"))
            run.waiting_summary = "\n".join(reasons)

    @api.depends("job_ids.message", "job_ids.waits_for")
    def _compute_date_next(self):
        for run in self:
            # Who sees the run need not see queue jobs.
            jobs = run.sudo().job_ids._filter_put_off()._queue_jobs()
            run.date_next = min(filter(None, jobs.mapped("eta")), default=False)

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_hold_summary(self):
        active = self.filtered(lambda run: run.state in ACTIVE_STATES)
        groups = (
            active.env["queue.job"]
            .sudo()
            ._read_group(
                [("ai_queue_run_id", "in", active.ids), ("state", "=", PENDING)],
                ["ai_queue_run_id"],
                ["channel:array_agg_distinct"],
            )
        )
        names_of = {**dict.fromkeys(active.ids, ()), **{r.id: n for r, n in groups}}
        # Who waits for a run must know, whatever they may see of runner and channels.
        held = self.env["queue.job.runner"].sudo()._describe_held(names_of)
        for run in self:
            run.hold_summary = held.get(run.id, False)

    @api.depends("job_ids.message", "job_ids.state")
    def _compute_failure_summary(self):
        for run in self:
            failures = run.job_ids.filtered(lambda job: job.state == "failed")
            messages = dict.fromkeys(failures.mapped("message"))
            run.failure_summary = "\n".join(filter(None, messages))

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_can_steer(self):
        for run in self:
            run.can_steer = run._may_steer()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_active(self):
        if any(run.state in ACTIVE_STATES for run in self):
            raise UserError(self.env._("Cancel the run before you delete it."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_cancel(self):
        """Take back what has not run yet; what runs stops at its next step."""
        self._check_may_steer()
        active = self.filtered(lambda run: run.state in ACTIVE_STATES)
        with side_env(self.env) as env:
            # Who presses from now on gets a run of their own, not one that ends.
            env.cr.execute(
                SQL(
                    "UPDATE ai_queue_run SET cancel_requested = true, "
                    "identity_key = NULL WHERE id IN %s",
                    tuple(active.ids or [0]),
                )
            )
        # The rights were checked on the runs: their jobs follow them.
        with side_env(self.env) as env:
            env["ai.queue.run"].browse(active.ids).job_ids._cancel_waiting()
        active._sync_after_commit()
        return True

    def action_open_records(self):
        """The records that this run is about."""
        self.ensure_one()
        ids = [record_id for job in self.job_ids for record_id in job.res_ids or []]
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self.job_ids[:1].res_model,
            "view_mode": "list,form",
            "domain": [("id", "in", ids)],
            "context": {"active_test": False},
        }

    def _may_steer(self):
        """Whether the current user may cancel and retry this run."""
        return (
            self.env.su
            or self.user_id == self.env.user
            or self.env.user.has_group("ai_queue.ai_queue_group_manager")
        )

    def _check_may_steer(self):
        self.check_access("read")
        for run in self:
            if not run._may_steer():
                raise AccessError(
                    self.env._(
                        "Only %(user)s or an AI Queue administrator can cancel or "
                        "retry this run.",
                        user=run.user_id.sudo().name,
                    )
                )

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    @api.model
    def _start(self, kind, records, origin="button", **options):
        """Make a run for ``records`` and its jobs, or find the one that is at it.

        :param str kind: a value of the field ``kind``
        :param records: what to work on; the chunks are made in this order
        :param str origin: a value of the field ``origin``
        :param options: what ``with_delay`` takes (channel, priority, …)
        :return: the run; another person's, when the same work is under way
        """
        handler = self.env["ai.queue.kind"]._of(kind)
        handler._check_may_run()
        records.check_access("read")
        if not records:
            raise UserError(self.env._("Select at least one record."))
        if origin == "button":
            self._check_selection(records)
        vals = {
            "name": handler._run_name(records),
            "kind": kind,
            "origin": origin,
            "total": len(records),
            "identity_key": self._identity(kind, records),
        }
        for _try in range(START_TRIES):
            run = self._find_active(vals["identity_key"])
            if run:
                return run
            run = self._create_unless_active(vals)
            if run:
                handler._before_jobs(run, records, options)
                run._enqueue(handler, records, options)
                # In the transaction of the press: it leaves when that commits.
                run._bus_send_changed()
                return run
        raise UserError(self._say_being_started())

    def _check_selection(self, records):
        """What no screen asks for, but anybody may send."""
        if len(set(records.ids)) != len(records):
            raise UserError(
                self.env._("The same record is selected twice. Select each once.")
            )
        if len(records) > MAX_RECORDS:
            raise UserError(
                self.env._(
                    "Select at most %(most)s records at a time, not %(count)s.",
                    most=MAX_RECORDS,
                    count=len(records),
                )
            )

    def _identity(self, kind, records):
        """The same for the same work in the same company, and for that only."""
        parts = [kind, self.env.company.id, records._name, sorted(records.ids)]
        turn = self.env["ai.queue.kind"]._of(kind)._turn(records)
        if turn:
            parts.append(turn)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _create_unless_active(self, vals):
        """A new run, or None while a run with this identity is under way."""
        try:
            # Two people at once is no error: it need not stand in the log.
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                # Users have no right to create runs but by this way.
                return self.sudo().create(vals).sudo(self.env.su)
        except psycopg2.errors.UniqueViolation:
            return None

    def _find_active(self, identity_key):
        """The run under way; looked for from outside of this transaction, too, since
        another person's may be younger than it."""
        domain = [
            ("identity_key", "=", identity_key),
            ("state", "in", ACTIVE_STATES),
        ]
        own = self.sudo().search(domain, limit=1)
        with side_env(self.env) as env:
            run = env["ai.queue.run"].search(domain, limit=1)
            # What is known outside has ended since: else it would have been found.
            own -= own.with_env(env).exists().with_env(own.env)
        return self.browse(run.ids or own.ids)

    def _enqueue(self, handler, records, options):
        total = len(records)
        chunks = list(split_every(handler._chunk_size(), records.ids, records.browse))
        for number, chunk in enumerate(chunks, 1):
            description = self.name
            if len(chunks) > 1:
                description = self.env._(
                    "%(run)s (part %(number)s of %(count)s, %(records)s of %(total)s)",
                    run=self.name,
                    number=number,
                    count=len(chunks),
                    records=len(chunk),
                    total=total,
                )
            # The run travels as a recordset: nothing that comes in by RPC can
            # look like it. What may come in is the wish to do it all at once.
            chunk = chunk.with_context(ai_queue__run=self, queue_job__no_delay=False)
            job = chunk.with_delay(**{"description": description, **options})
            getattr(job, handler._job_method)()

    def _get_notification(self):
        """The toast that tells the person where to see the runs, mostly one."""
        with side_env(self.env) as env:
            # Another person's run may be younger than this transaction. It is about
            # the same records: who pressed may read them.
            known = env["ai.queue.run"].browse(self.ids).exists()
            names = {run.id: run.display_name for run in known}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Queued"),
                "message": self.env._(
                    "%s runs in the background.", ", ".join(["%s"] * len(self))
                ),
                "links": [
                    {
                        "label": names.get(run.id) or run.display_name,
                        "url": f"/odoo/action-ai_queue.ai_queue_run_action/{run.id}",
                    }
                    for run in self
                ],
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _say_being_started(self):
        return self.env._("The same work is being started right now. Please try again.")

    # ------------------------------------------------------------
    # STATE, by side cursors only
    # ------------------------------------------------------------

    def _sync_after_commit(self):
        """Bring these runs in line with their jobs once this transaction is through."""
        run_ids = tuple(self.ids)
        postcommit = self.env.cr.postcommit
        pending = postcommit.data.setdefault("ai_queue.sync", set())
        if not pending:
            postcommit.add(self._run_pending_sync)
        pending.update(run_ids)

    def _run_pending_sync(self):
        run_ids = self.env.cr.postcommit.data.pop("ai_queue.sync", ())
        if not run_ids:
            return
        try:
            self.browse(run_ids)._sync()
        except psycopg2.Error:
            # The work is committed, and an error from here would make it failed; only
            # its picture is late. The cron catches up.
            _logger.warning(
                "AI runs %s could not be brought up to date", run_ids, exc_info=True
            )

    def _sync(self):
        """Bring the rows of these runs in line with their jobs, and tell people."""
        if not self:
            return
        with side_env(self.env) as env:
            runs = env["ai.queue.run"].browse(self.ids)
            before = runs._lock()
            runs = runs.browse(before)
            runs.job_ids._sync_from_queue()
            env["ai.queue.run.job"]._cancel_put_off(runs)
            env["ai.queue.run.job"]._let_go_woken(runs)
            runs.invalidate_recordset()
            for kind, same in runs.grouped("kind").items():
                if f"ai.queue.kind.{kind}" in env:  # its addon may be gone
                    env["ai.queue.kind"]._of(kind)._follow_jobs(same.job_ids)
            after = runs._aggregate(list(before))
            runs._announce(before, after)

    def _lock(self):
        """Lock the rows in one order for all; returns their states by id."""
        self.env.cr.execute(
            SQL(
                "SELECT id, state FROM ai_queue_run WHERE id IN %s ORDER BY id "
                "FOR NO KEY UPDATE",
                tuple(self.ids),
            )
        )
        return dict(self.env.cr.fetchall())

    def _aggregate(self, run_ids):
        """Derive counts, dates and state of the runs from their jobs."""
        if not run_ids:
            return {}
        self.env.cr.execute(
            SQL(
                _AGGREGATE,
                ids=tuple(run_ids),
                ended=ENDED_STATES,
            )
        )
        return dict(self.env.cr.fetchall())

    # ------------------------------------------------------------
    # BUS
    # ------------------------------------------------------------

    def _announce(self, before, after):
        """Tell the screens; at most once a second while only progress changed."""
        self.invalidate_recordset()
        self._log_changes(before, after)
        now = fields.Datetime.now()
        for run in self:
            changed = before.get(run.id) != after.get(run.id)
            if not changed and run.date_announced == now.replace(microsecond=0):
                continue
            run.env.cr.execute(
                SQL(
                    "UPDATE ai_queue_run SET date_announced = %s WHERE id = %s",
                    now,
                    run.id,
                )
            )
            run._bus_send_changed()
            if changed and run.state in ENDED_STATES and run.origin == "button":
                run.user_id._bus_send("ai_queue/run_ended", run._get_bus_ended())

    def _bus_send_changed(self):
        """Tell those who look at runs.

        Only the id goes out: who may see the run reads it with their own rights.
        """
        group = self.env.ref("ai_queue.ai_queue_group_user").sudo()
        for run in self:
            group._bus_send("ai_queue/run_changed", {"id": run.id}, subchannel=RUNS)

    def _get_bus_ended(self):
        return {
            "id": self.id,
            "name": self._get_title_of_requester(),
            "state": self.state,
            "finished": self.finished,
            "skipped": self.skipped,
            "failed": self.failed,
            **self.env["ai.queue.kind"]._of(self.kind)._get_open_work(self),
        }

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_sync(self):
        """Catch up with what no one told: jobs that the job runner itself found dead,
        and jobs that were deleted."""
        self.sudo().search([("state", "in", ACTIVE_STATES)])._sync()
