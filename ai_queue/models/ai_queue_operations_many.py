# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from time import monotonic

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from odoo.addons.queue_job.job import PENDING

#: so many jobs are changed by one press, and no more are begun after so many seconds:
#: its request never runs out of time
AT_ONCE, SECONDS = 10_000, 20
BATCH = 1_000


class AiQueueOperationsMany(models.AbstractModel):
    """Retrying and cancelling, one job or many; who may is checked before."""

    _name = "ai.queue.operations.many"
    _description = "Retrying and Cancelling of Jobs"

    # ------------------------------------------------------------
    # RETRY
    # ------------------------------------------------------------

    def _retry_all(self, domain):
        """Queue the failed jobs of a domain again, the oldest first."""
        jobs = self.env["queue.job"].search(
            domain, order="ai_queue_since, id", limit=AT_ONCE
        )
        result = self._retry(jobs)
        left = 0
        if len(jobs) == AT_ONCE or result["retried"] + result["skipped"] < len(jobs):
            left = self.env["queue.job"].search_count(domain) - result["skipped"]
        return self._tell_retried(result, left)

    def _retry(self, jobs):
        """Queue failed jobs again, as many as there is time for; those of AI runs by
        their runs.

        A run whose work another run has taken up meanwhile is left as it is. Each run
        takes some transactions: ten thousand of one job take minutes.
        """
        until = monotonic() + SECONDS
        retried = skipped = 0
        for batch in split_every(BATCH, jobs.ids, jobs.browse):
            batch.fetch(["ai_queue_run_id", "graph_uuid", "state", "uuid"])
            of_runs = batch.filtered("ai_queue_run_id")
            (batch - of_runs)._requeue_at_once()
            retried += len(batch - of_runs)
            for run, run_jobs in of_runs.grouped("ai_queue_run_id").items():
                if self._retry_of_run(run, run_jobs):
                    retried += len(run_jobs)
                else:
                    skipped += len(run_jobs)
                if monotonic() >= until:
                    break
            self.env.flush_all()
            self.env.invalidate_all()
            if monotonic() >= until:
                break
        return {"retried": retried, "skipped": skipped}

    def _retry_of_run(self, run, jobs):
        """Returns whether these jobs were queued again, or left as they are."""
        # Whoever administers AI Queue may steer all runs, and was let through.
        rows = (
            self.env["ai.queue.run.job"]
            .sudo()
            .search([("queue_job_uuid", "in", jobs.mapped("uuid"))])
        )
        try:
            run.sudo()._retry_jobs(rows)
        except UserError:
            return False
        return True

    def _tell_retried(self, result, left):
        message = self.env._(
            "Jobs queued again: %s.", self._say_number(result["retried"])
        )
        if result["skipped"]:
            message += " " + self.env._(
                "Left as they are, since another run does the same work: %s.",
                self._say_number(result["skipped"]),
            )
        if left:
            message += " " + self.env._(
                "More have failed: %s. Press again for the next ones.",
                self._say_number(left),
            )
        return {**result, "left": left, "message": message}

    # ------------------------------------------------------------
    # CANCEL
    # ------------------------------------------------------------

    def _get_waiting_domain(self, channel_id):
        channel = self._get_channel(channel_id)
        return [("state", "=", PENDING), *channel._get_jobs_domain()]

    def _cancel_all(self, domain):
        """Cancel the waiting jobs of a domain, as many as there is time for."""
        until = monotonic() + SECONDS
        cancelled = left = 0
        while (count := self._cancel_some(domain)) == BATCH:
            cancelled += count
            if cancelled >= AT_ONCE or monotonic() >= until:
                with self.env["ai.queue.run"]._side_env() as env:
                    left = env["queue.job"].sudo(False).search_count(domain)
                break
        else:
            cancelled += count
        message = self.env._("Jobs cancelled: %s.", self._say_number(cancelled))
        if left:
            message += " " + self.env._(
                "More are waiting: %s. Press again for the next ones.",
                self._say_number(left),
            )
        return {"cancelled": cancelled, "left": left, "message": message}

    def _cancel_some(self, domain):
        """Cancel some jobs that nobody is at, in a transaction of their own.

        The job runner changes the same rows all the time.
        """
        with self.env["ai.queue.run"]._side_env() as env:
            # As the one who pressed: the rules of companies hold.
            query = env["queue.job"].sudo(False)._search(domain)
            env.cr.execute(
                SQL(
                    "SELECT id FROM queue_job WHERE id IN %s AND state = 'pending' "
                    "LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
                    query.subselect(),
                    BATCH,
                )
            )
            ids = [job_id for (job_id,) in env.cr.fetchall()]
            env["queue.job"].browse(ids)._cancel_at_once()
        return len(ids)
