# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.queue_job_operations.models.queue_job_housekeeping import BATCH
from odoo.addons.queue_job_operations.models.queue_job_housekeeping_rules import (
    Retention,
)
from odoo.addons.queue_job_operations.side_cursor import side_env

from .ai_queue_run import ENDED_STATES

RUN_DAYS = "ai_queue.run_days"
DEFAULT_DAYS = {RUN_DAYS: 180}
# Runs are few, and have many parts.
RUN_BATCH = 100


class Part(NamedTuple):
    """What belongs, or refers, to a run, and has to go or let go before it goes.

    model: its name; column: the reference to the run; is_own: deleted with the run,
    else it stays without it; is_free: condition on such a row called ``old``: as long
    as there are others, the run stays.
    """

    model: str
    column: str
    is_own: bool
    is_free: str = "TRUE"


def runs(_env, before):
    """Runs that have ended, and so have all their queue jobs."""
    return SQL(
        """
        old.state IN %(ended)s
        AND coalesce(old.date_done, old.write_date) < %(before)s
        AND NOT EXISTS (
            SELECT FROM queue_job AS job
             WHERE job.ai_queue_run_id = old.id AND job.state NOT IN %(ended)s)
        """,
        ended=ENDED_STATES,
        before=before,
    )


class QueueJobHousekeeping(models.AbstractModel):
    _inherit = "queue.job.housekeeping"

    # EXTENDS queue_job_operations
    @api.model
    def _get_retentions(self):
        retention = Retention(
            "ai.queue.run", runs, RUN_DAYS, DEFAULT_DAYS[RUN_DAYS], "_sweep_runs"
        )
        return [retention, *super()._get_retentions()]

    @api.model
    def _get_run_parts(self):
        """What has to go before a run goes, in this order: `Part` each.

        Hook for the rooms and addons that keep something for a run.
        """
        return [
            Part("ai.queue.run.attempt", "run_id", True),
            Part(
                "queue.job",
                "ai_queue_run_id",
                True,
                "old.state IN ('done', 'failed', 'cancelled')",
            ),
        ]

    def _sweep_runs(self, model, outdated):
        """Delete runs, after all that belongs to them, so that no transaction is long.

        A run that somebody takes up again meanwhile stays; only the record of its old
        attempts may be gone.
        """
        parts, last_id = self._get_run_parts(), 0
        while run_ids := self._pick_runs(outdated, last_id):
            for part in parts:
                yield from self._sweep_part(part, run_ids)
            picked = SQL("old.id = ANY(%s) AND %s", run_ids, outdated)
            unused = SQL(" AND ").join(map(self._without_part, parts))
            yield from self._sweep_rows(model, SQL("%s AND %s", picked, unused))
            last_id = run_ids[-1]

    def _pick_runs(self, outdated, last_id):
        """The next old runs with not many more jobs together than go at once."""
        with side_env(self.env) as env:
            env.cr.execute(
                SQL(
                    """
                    SELECT id
                      FROM (SELECT run.id,
                                   sum(jobs) OVER (ORDER BY run.id) - jobs AS before
                              FROM (SELECT id FROM ai_queue_run AS old
                                     WHERE old.id > %(last_id)s AND %(outdated)s
                                     ORDER BY old.id LIMIT %(limit)s) AS run
                             CROSS JOIN LATERAL (
                                   SELECT count(*) AS jobs FROM ai_queue_run_job
                                    WHERE run_id = run.id) AS counted) AS run
                     WHERE before < %(batch)s
                     ORDER BY id
                    """,
                    last_id=last_id,
                    outdated=outdated,
                    limit=RUN_BATCH,
                    batch=BATCH,
                )
            )
            return [run_id for (run_id,) in env.cr.fetchall()]

    def _sweep_part(self, part, run_ids):
        column = SQL.identifier("old", part.column)
        is_free = SQL(part.is_free, today=fields.Date.today())
        condition = SQL("%s = ANY(%s) AND %s", column, run_ids, is_free)
        if part.is_own:
            yield from self._sweep_rows(part.model, condition)
            return

        def let_go(rows):
            # Not by ``write``, which means that a person changed it.
            rows.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = NULL WHERE id = ANY(%s)",
                    SQL.identifier(rows._table),
                    SQL.identifier(part.column),
                    rows.ids,
                )
            )

        yield from self._sweep_batches(part.model, condition, let_go)

    def _without_part(self, part):
        return SQL(
            "NOT EXISTS (SELECT FROM %s AS part WHERE %s = old.id)",
            SQL.identifier(self.env[part.model]._table),
            SQL.identifier("part", part.column),
        )
