# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from .ai_queue_run import ACTIVE_STATES, ENDED_STATES
from .run_log import log_after_commit


class AiQueueRun(models.Model):
    """What the log of the server says of a run; see ``run_log.py``."""

    _inherit = "ai.queue.run"

    def _log_changes(self, before, after):
        """Log which of these runs have begun and which have ended.

        :param before: states by id, as of ``_lock``
        :param after: the same, as of ``_aggregate``
        """
        lines = []
        for run in self:
            was, state = before.get(run.id), after.get(run.id)
            # A short one may have ended before anybody saw it at work.
            if was == "pending" and state not in (None, was) and run.date_started:
                lines.append(("run_started", run._get_log_of_start()))
            if was in ACTIVE_STATES and state in ENDED_STATES:
                lines.append(("run_ended", run._get_log_of_end()))
        log_after_commit(self.env, lines)

    def _get_log_of_start(self):
        waited = self.date_started - self.create_date
        return {
            "run": self.id,
            "kind": self.kind,
            "origin": self.origin,
            "user": self.user_id.id,
            "company": self.company_id.id,
            "jobs": len(self.job_ids),
            "records": self.total,
            "waited": max(0.0, waited.total_seconds()),
        }

    def _get_log_of_end(self):
        return {
            "run": self.id,
            "kind": self.kind,
            "outcome": self.state,
            "records": self.total,
            "finished": self.finished,
            "skipped": self.skipped,
            "failed": self.failed,
            "seconds": self.duration,
        }
