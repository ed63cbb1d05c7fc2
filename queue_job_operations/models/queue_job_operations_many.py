# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from time import monotonic

from odoo import models
from odoo.tools import SQL, split_every

from odoo.addons.queue_job.job import FAILED, PENDING

from ..side_cursor import side_env

#: so many jobs are changed by one press, and no more are begun after so many seconds:
#: its request never runs out of time
AT_ONCE, SECONDS = 10_000, 20
BATCH = 1_000
#: of those that are queued again, in a transaction of their own: others may be made to
#: wait for as long as it takes
RETRIED = 200


class QueueJobOperations(models.AbstractModel):
    """Retrying and cancelling, one job or many; who may is checked before."""

    _inherit = "queue.job.operations"

    # ------------------------------------------------------------
    # RETRY
    # ------------------------------------------------------------

    def _retry_all(self, domain):
        """Queue the failed jobs of a domain again, the oldest first."""
        jobs = self.env["queue.job"].search(
            domain, order="date_state, id", limit=AT_ONCE
        )
        result = self._requeue_jobs(jobs)
        left = 0
        if len(jobs) == AT_ONCE or result["retried"] + result["skipped"] < len(jobs):
            left = self.env["queue.job"].search_count(domain) - result["skipped"]
        return self._tell_retried(result, left)

    def _requeue_jobs(self, jobs):
        """Queue failed jobs again, as many as there is time for.

        Some at a time, each in a transaction of their own: what is queued again runs
        while the rest is still at it, and stays when that fails.

        :param jobs: those that the current user may change
        :return: {"retried", "skipped": counts}
        """
        until = monotonic() + SECONDS
        retried = skipped = 0
        for ids in split_every(RETRIED, jobs.ids):
            with side_env(self.env) as env:
                # Somebody else may have retried or deleted them meanwhile.
                failed = [("id", "in", ids), ("state", "=", FAILED)]
                batch = env["queue.job"].search(failed, order="date_state, id")
                operations = self.with_env(env).sudo(self.env.su)
                counts = operations._retry_batch(batch.sudo(self.env.su), until)
            retried += counts[0]
            skipped += counts[1]
            if monotonic() >= until:
                break
        self.env.invalidate_all()
        return {"retried": retried, "skipped": skipped}

    def _retry_batch(self, jobs, until):
        """Queue these failed jobs again: hook for addons that have their own way.

        :param float until: when to stop, by ``time.monotonic``
        :return: (how many were queued again, how many were left as they are)
        """
        jobs.fetch(["graph_uuid", "state", "uuid"])
        jobs._requeue_at_once()
        return len(jobs), 0

    def _tell_retried(self, result, left):
        message = self.env._("Jobs requeued: %s.", self._say_number(result["retried"]))
        if result["skipped"]:
            message += " " + self.env._(
                "Left alone because the same work already waits or runs: %s.",
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
                with side_env(self.env) as env:
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
        with side_env(self.env) as env:
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
