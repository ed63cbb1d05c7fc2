# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .ai_queue_housekeeping_rules import DEFAULT_DAYS, RETENTIONS, RUN_PARTS

# So many rows at most go in one transaction, which takes some tenths of a second.
BATCH = 2000
# Runs are few, and have many parts.
RUN_BATCH = 100


class AiQueueHousekeeping(models.AbstractModel):
    """Takes away what has been kept for long enough (see the table of the rules).

    In small transactions of their own, which wait for nobody: rows that somebody else
    has locked are left for the next night.
    """

    _name = "ai.queue.housekeeping"
    _description = "AI Queue Housekeeping"

    @api.model
    def _get_retentions(self):
        """What is taken away, in this order: `Retention` each.

        Hook for addons that keep more; a setting of their own needs a default in
        ``DEFAULT_DAYS``.
        """
        return RETENTIONS

    @api.model
    def _get_days(self, setting):
        """How long something is kept; 0 for ever.

        :param str setting: a key of ``DEFAULT_DAYS``
        """
        # Whoever tidies up: administrators decide how long things are kept.
        parameters = self.env["ir.config_parameter"].sudo()
        value = parameters.get_param(f"ai_queue.{setting}_days") or ""
        return int(value) if value.isdigit() else DEFAULT_DAYS[setting]

    @api.model
    def _cron_tidy(self):
        """Take away what is old, until the time of the cron is over.

        Odoo calls it again, soon and after the other crons, until nothing is left.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        # Calls go only after they were counted.
        self.env["ai.queue.call.total"]._add_up()
        commit_progress(remaining=1)
        for retention in self._get_retentions():
            for count in self._sweep(retention):
                if not commit_progress(count, remaining=1):
                    return
        commit_progress(remaining=0)

    def _sweep(self, retention):
        """Yield the size of each batch, once it is gone."""
        setting = retention.setting
        days = self._get_days(setting) if setting else retention.days
        if not days:
            return
        before = fields.Datetime.now() - timedelta(days=days)
        outdated = retention.outdated(self.env, before)
        yield from getattr(self, retention.sweep)(retention.model, outdated)

    # ------------------------------------------------------------
    # SWEEPS
    # ------------------------------------------------------------

    def _sweep_rows(self, model, outdated):
        """Delete the rows."""
        yield from self._sweep_batches(model, outdated, _delete)

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

    def _sweep_runs(self, model, outdated):
        """Delete runs, after all that belongs to them, so that no transaction is long.

        A run that somebody takes up again meanwhile stays; only the record of its old
        attempts may be gone.
        """
        last_id = 0
        while run_ids := self._pick_runs(outdated, last_id):
            for part in RUN_PARTS:
                yield from self._sweep_part(part, run_ids)
            picked = SQL("old.id = ANY(%s) AND %s", run_ids, outdated)
            unused = SQL(" AND ").join(map(self._without_part, RUN_PARTS))
            yield from self._sweep_rows(model, SQL("%s AND %s", picked, unused))
            last_id = run_ids[-1]

    def _pick_runs(self, outdated, last_id):
        """The next old runs with not many more jobs together than go at once."""
        with self._side_env() as env:
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

    # ------------------------------------------------------------
    # BATCHES
    # ------------------------------------------------------------

    def _side_env(self):
        # READ COMMITTED: a row that changed meanwhile is looked at again, and is no
        # reason to fail.
        return self.env["ai.queue.run"]._side_env()

    def _sweep_batches(self, model, condition, take):
        """Let ``take`` have all rows in batches, a transaction each; yield the counts.

        From the lowest to the highest id, so that all batches together read the table
        once, whether or not an index serves the condition.

        :param SQL condition: on a row called ``old``
        :param take: function of a recordset
        """
        last_id = 0
        while True:
            with self._side_env() as env:
                env.cr.execute(
                    SQL(
                        "SELECT old.id FROM %s AS old WHERE old.id > %s AND (%s) "
                        "ORDER BY old.id LIMIT %s FOR UPDATE OF old SKIP LOCKED",
                        SQL.identifier(self.env[model]._table),
                        last_id,
                        condition,
                        BATCH,
                    )
                )
                rows = env[model].browse(row_id for (row_id,) in env.cr.fetchall())
                if not rows:
                    return
                take(rows)
            yield len(rows)
            last_id = rows.ids[-1]


def _delete(rows):
    """Delete rows, and what refers to them.

    What has messages, and the jobs of the queue, whose end others follow, by the ORM;
    all else by SQL: the ORM would name every single row in the log.
    """
    if "message_ids" in rows._fields:
        rows.unlink()
        return
    rows.env.cr.execute(
        SQL("DELETE FROM %s WHERE id = ANY(%s)", SQL.identifier(rows._table), rows.ids)
    )
