# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)

from ..runs.ai_queue_run import ACTIVE_STATES, ENDED_STATES
from ..runs.housekeeping import Part

TEXT_DAYS, CALL_DAYS = "ai_queue.call_text_days", "ai_queue.call_days"
DEFAULT_DAYS = {TEXT_DAYS: 30, CALL_DAYS: 730}


def calls_with_texts(env, before):
    """Calls whose question or answer is still there."""
    return SQL(
        "%s AND (old.question IS NOT NULL OR old.answer_text IS NOT NULL)",
        calls(env, before),
    )


def calls(env, before):
    """Calls that are over, and that nobody takes an answer from any more.

    They are in the totals already, which never go back. An answer is used again as long
    as the setting for that says, and by its own job, which may be tried again, however
    old it is.
    """
    return SQL(
        """
        old.date < %(before)s AND old.state <> 'asking'
        AND old.date < (SELECT max(date_until) FROM ai_queue_call_total)
        AND NOT (old.is_current AND old.state = 'answered'
                 AND old.date_done >= %(fresh)s)
        AND NOT EXISTS (
            SELECT FROM ai_queue_run AS run
             WHERE run.id = old.run_id AND run.state IN %(active)s)
        AND NOT EXISTS (
            SELECT FROM queue_job AS job
             WHERE job.uuid = old.job_uuid AND job.state NOT IN %(ended)s)
        """,
        before=before,
        fresh=env["ai.queue.call"]._get_fresh_since(),
        active=ACTIVE_STATES,
        ended=ENDED_STATES,
    )


def budgets(_env, before):
    """Days whose calls are gone: nothing is left to sum up."""
    return SQL("old.date < %s", before.date())


def requests(_env, before):
    """Requests that no limit per minute counts any more."""
    return SQL("old.date < %s", before)


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        days = DEFAULT_DAYS[CALL_DAYS]
        return [
            Retention(
                "ai.queue.call",
                calls_with_texts,
                TEXT_DAYS,
                DEFAULT_DAYS[TEXT_DAYS],
                "_sweep_call_texts",
            ),
            Retention("ai.queue.call", calls, CALL_DAYS, days),
            Retention("ai.queue.budget", budgets, CALL_DAYS, days),
            Retention("ai.queue.request", requests, days=1),
            *super()._get_retentions(),
        ]

    # EXTENDS queue_job_operations
    @api.model
    def _prepare_sweep(self):
        """Calls go only after they were counted."""
        result = super()._prepare_sweep()
        self.env["ai.queue.call.total"]._add_up()
        return result

    # EXTENDS ai_queue (runs)
    @api.model
    def _get_run_parts(self):
        part = Part("ai.queue.call", "run_id", False, "old.state <> 'asking'")
        return [*super()._get_run_parts(), part]

    def _sweep_call_texts(self, model, outdated):
        """Forget questions and answers; their costs stay."""

        def forget(calls):
            calls.write(
                {
                    "question": False,
                    "answer": False,
                    "answer_text": False,
                    "is_current": False,
                }
            )

        yield from self._sweep_batches(model, outdated, forget)
