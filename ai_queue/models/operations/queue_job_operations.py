# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from time import monotonic

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount

from ..runs.ai_queue_run import ACTIVE_STATES

SHOWN = 10


class QueueJobOperations(models.AbstractModel):
    """What AI adds to the Operations screen: runs, and what was spent."""

    _inherit = "queue.job.operations"

    # ------------------------------------------------------------
    # TILE
    # ------------------------------------------------------------

    # EXTENDS queue_job_operations
    def _get_tiles(self, period, counts, active, runner):
        tiles = super()._get_tiles(period, counts, active, runner)
        if not self.env["ai.queue.budget"].has_access("read"):
            # Managers of the job queue may have no role in AI Queue.
            return tiles
        return [*tiles, self._get_tile_spent(self._get_judges(["budget"]))]

    def _get_tile_spent(self, rules):
        company = self.env.company
        spent = self.env["ai.queue.budget"]._get_spent_of(company)
        detail, state, sentence = self.env._("no budget is set"), "ok", ""
        if spent.limit or spent.token_limit:
            detail = self._describe_budget(company, spent)
            state = self._judge(rules, "budget", spent.share)
        if state != "ok":
            sentence = self.env._(
                "%(share)s of today's budget of %(company)s is used. Questions that "
                "cost more than what is left wait until tomorrow.",
                share=self._say_percent(spent.share),
                company=company.name,
            )
        domain = Domain("company_id", "=", company.id) & Domain(
            "budget_date", "=", spent.date.isoformat()
        )
        return self._make_tile(
            "spent",
            self.env._("Spent Today"),
            spent.cost,
            format_amount(self.env, spent.cost, company.currency_id),
            self._get_list_action(
                self.env._("AI Calls of Today"), "ai.queue.call", list(domain)
            ),
            format="money",
            detail=detail,
            state=state,
            sentence=sentence,
        )

    def _describe_budget(self, company, spent):
        parts = []
        if spent.limit:
            amount = format_amount(self.env, spent.limit, company.currency_id)
            parts.append(self.env._("of %s", amount))
        if spent.token_limit:
            parts.append(
                self.env._(
                    "%(tokens)s of %(limit)s tokens",
                    tokens=self._say_number(spent.tokens),
                    limit=self._say_number(spent.token_limit),
                )
            )
        return ", ".join(parts)

    # ------------------------------------------------------------
    # RUNS
    # ------------------------------------------------------------

    # EXTENDS queue_job_operations
    def _get_panels(self):
        figures = super()._get_panels()
        if self.env["ai.queue.run"].has_access("read"):
            figures.update(self._get_runs())
        return figures

    def _get_runs(self):
        domain = [("state", "in", ACTIVE_STATES)]
        # Those that have been started come first.
        runs = self.env["ai.queue.run"].search(
            domain, order="state desc, id desc", limit=SHOWN
        )
        count = len(runs)
        if count == SHOWN:
            count = runs.search_count(domain)
        return {
            "runs": [self._get_run(run) for run in runs],
            "runs_more": count - len(runs),
            "runs_action": self._get_list_action(
                self.env._("Runs in Progress"), "ai.queue.run", domain
            ),
        }

    def _get_run(self, run):
        labels = dict(run._fields["kind"]._description_selection(self.env))
        eta = None
        if run.date_expected:
            left = run.date_expected - fields.Datetime.now()
            eta = max(0, int(left.total_seconds()))
        message = run.hold_summary or run.waiting_summary or ""
        if run.cancel_requested:
            message = self.env._("It stops at its next step.")
        return {
            "id": run.id,
            "name": run.display_name,
            "kind": labels.get(run.kind, run.kind),
            "done": run.finished,
            "failed": run.failed,
            "total": run.total,
            "progress": round(run.progress, 1),
            "eta": eta,
            "state": run.state,
            "message": message,
            "can_cancel": run.can_steer and not run.cancel_requested,
        }

    # ------------------------------------------------------------
    # RETRY
    # ------------------------------------------------------------

    # EXTENDS queue_job_operations
    def _retry_batch(self, jobs, until):
        """Those of AI runs by their runs.

        A run whose work another run has taken up meanwhile is left as it is: where
        there is one among them, each run is tried by itself.
        """
        of_runs = jobs.filtered("ai_queue_run_id")
        retried, skipped = super()._retry_batch(jobs - of_runs, until)
        if not of_runs:
            return retried, skipped
        if self._retry_of_runs(of_runs.ai_queue_run_id, of_runs):
            return retried + len(of_runs), skipped
        for run, run_jobs in of_runs.grouped("ai_queue_run_id").items():
            if self._retry_of_runs(run, run_jobs):
                retried += len(run_jobs)
            else:
                skipped += len(run_jobs)
            if monotonic() >= until:
                break
        return retried, skipped

    def _retry_of_runs(self, runs, jobs):
        """Returns whether these jobs were queued again, or left as they are."""
        # The caller administers AI Queue, and so may steer all runs.
        rows = (
            self.env["ai.queue.run.job"]
            .sudo()
            .search([("queue_job_uuid", "in", jobs.mapped("uuid"))])
        )
        try:
            runs.sudo()._retry_jobs(rows)
        except UserError:
            return False
        return True
