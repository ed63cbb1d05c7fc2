# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ai_queue.models.runs.ai_queue_run import ACTIVE_STATES
from odoo.addons.ai_queue.models.runs.ai_queue_run_job import WOKEN


class AiQueueRunJob(models.Model):
    _inherit = "ai.queue.run.job"

    @api.model
    def _wake_handed(self, calls):
        """Let the jobs go on that have everything back, and as many others as there are
        places at the providers again.

        From a transaction of ``side_env``.

        :param calls: those that came back
        """
        calls.fetch(["run_job_id", "provider_id"])
        self.env.cr.execute(
            SQL(
                """
                SELECT job.id FROM ai_queue_run_job job
                 WHERE job.id = ANY(%s) AND NOT EXISTS (
                       SELECT FROM ai_queue_call
                        WHERE run_job_id = job.id AND handed = 'out'
                          AND state = 'asking')
                """,
                calls.run_job_id.ids,
            )
        )
        if whole := [row_id for (row_id,) in self.env.cr.fetchall()]:
            self._wake_now("elsewhere", whole)
        self._wake_places(calls.provider_id)

    @api.model
    def _get_ended(self, names):
        """Which of these jobs wait for nothing any more.

        :param names: numbers as texts, as Redis has them
        """
        ids = [int(name) for name in names if name.isdecimal() and len(name) < 10]
        active = self.search([("id", "in", ids), ("state", "in", ACTIVE_STATES)])
        return set(names) - set(map(str, active.ids))

    @api.model
    def _wake_places(self, providers):
        """Let jobs go on for which these providers have places, the oldest first.

        A turn of a job costs more than a question: it goes on when there is a place for
        each of its records, or when half of all are free. Meanwhile the workers have
        the other half.
        """
        calls = self.env["ai.queue.call"]._for_workers()
        for provider in providers:
            places, free = calls._get_places(provider), calls._count_free(provider)
            # Without any it would be no limit at all.
            waiting = free and self.search_fetch(
                [
                    ("waits_for", "=", f"place:{provider.id}"),
                    # Some have only noted what they are going to wait for.
                    ("state", "in", ACTIVE_STATES),
                ],
                ["run_id", "total"],
                order="id",
                limit=free,
            )
            woken = self.browse()
            for job in waiting or ():
                if free <= 0 or (job.total > free and 2 * free < places):
                    break
                woken += job
                free -= max(job.total, 1)
            if woken:
                woken.waits_for = WOKEN
                self._let_go_woken(woken.run_id)
