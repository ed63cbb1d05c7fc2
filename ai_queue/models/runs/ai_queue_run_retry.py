# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import psycopg2

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

from odoo.addons.queue_job_operations.side_cursor import side_env

from .ai_queue_run import ENDED_STATES


class AiQueueRun(models.Model):
    """Trying again what failed or was cancelled."""

    _inherit = "ai.queue.run"

    def action_retry(self):
        """Run the failed and the cancelled jobs of these runs once more."""
        self._check_may_steer()
        # The rights were checked on the run: its jobs follow it.
        jobs = self.sudo().job_ids.filtered(
            lambda job: job.state in ("failed", "cancelled")
        )
        if not jobs:
            raise UserError(self.env._("Nothing in this run has failed."))
        self._retry_jobs(jobs)
        return True

    def _retry_jobs(self, jobs):
        """Run these jobs of these runs once more.

        :raise UserError: another run does the same work
        """
        self._take_up_again(jobs)
        jobs._queue_again()
        self._sync_after_commit()

    def _take_up_again(self, jobs):
        """Make these runs wait for ``jobs``, unless another run does the same work.

        The identity of a run that had ended becomes that of the records which are
        tried again: they are the work that is under way from now on. A press for all
        records of a run of which only a part is tried again is other work, a new run;
        of two results for one record the newer run's is kept.

        At once and outside of this transaction, so that a press meanwhile finds the
        run. Should this transaction fail, the cron brings the run back in line.

        :raise UserError: names the run that is at it
        """
        identities = {}
        for run, tried in jobs.grouped("run_id").items():
            ids = [record_id for job in tried for record_id in job.res_ids]
            records = self.env[tried[0].res_model].browse(ids)
            identity = run.with_company(run.company_id)._identity(run.kind, records)
            other = identities.get(identity) or self._find_active(identity)
            if other and other.id != run.id:
                raise UserError(other._say_under_way())
            identities[identity] = run
        try:
            # Two people at once is no error: it need not stand in the log.
            with mute_logger("odoo.sql_db"), side_env(self.env) as env:
                runs = env["ai.queue.run"].browse(r.id for r in identities.values())
                runs._set_waiting(list(identities))
        except psycopg2.errors.UniqueViolation as error:
            raise UserError(self._say_being_started()) from error

    def _set_waiting(self, identities):
        """Let these runs wait again; those under way keep their own identity."""
        self._lock()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_queue_run run
                   SET cancel_requested = false,
                       state = CASE WHEN state IN %(ended)s
                                    THEN 'pending' ELSE state END,
                       -- Those that ended or are cancelled have none.
                       identity_key = COALESCE(run.identity_key, tried.identity),
                       -- The jobs follow once they are committed: that is news.
                       date_announced = NULL
                  FROM unnest(%(ids)s, %(identities)s) AS tried(id, identity)
                 WHERE run.id = tried.id
                """,
                ended=ENDED_STATES,
                ids=self.ids,
                identities=identities,
            )
        )

    def _say_under_way(self):
        with side_env(self.env) as env:
            # Another person's run may be younger than this transaction.
            run = env["ai.queue.run"].browse(self.id).exists() or self.sudo()
            return self.env._(
                "The same work is already under way: “%(run)s”, requested by "
                "%(user)s. Wait until it ends, or cancel it.",
                run=run.name,
                user=run.user_id.name,
            )
