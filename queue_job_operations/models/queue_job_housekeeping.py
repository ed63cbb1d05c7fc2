# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..side_cursor import side_env
from .queue_job_housekeeping_rules import MAX_DAYS, RETENTIONS

# So many rows at most go in one transaction, which takes some tenths of a second.
BATCH = 2000


class QueueJobHousekeeping(models.AbstractModel):
    """Takes away what has been kept for long enough (see the table of the rules).

    In small transactions of their own, which wait for nobody: rows that somebody else
    has locked are left for the next night.
    """

    _name = "queue.job.housekeeping"
    _description = "Housekeeping of the Job Queue"

    @api.model
    def _get_retentions(self):
        """What is taken away, in this order: `Retention` each.

        Hook for addons that keep more.
        """
        return list(RETENTIONS)

    @api.model
    def _get_default_days(self):
        """How long things are kept by default: {system parameter: days}."""
        return {one.setting: one.days for one in self._get_retentions() if one.setting}

    @api.model
    def _get_days(self, setting):
        """How long something is kept; 0 for ever.

        :param str setting: a key of ``_get_default_days``
        """
        # Administrators decide how long records are kept, whoever deletes them.
        value = self.env["ir.config_parameter"].sudo().get_param(setting) or ""
        if not value.isdecimal():
            return self._get_default_days()[setting]
        return min(int(value), MAX_DAYS)

    @api.model
    def _prepare_sweep(self):
        """What has to be done before anything is taken away: hook for addons."""

    @api.model
    def _cron_tidy(self):
        """Take away what is old, until the time of the cron is over.

        Odoo calls it again, soon and after the other crons, until nothing is left.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        self._prepare_sweep()
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

    # ------------------------------------------------------------
    # BATCHES
    # ------------------------------------------------------------

    def _sweep_batches(self, model, condition, take):
        """Let ``take`` have all rows in batches, a transaction each; yield the counts.

        From the lowest to the highest id, so that all batches together read the table
        once, whether or not an index serves the condition.

        :param SQL condition: on a row called ``old``
        :param take: function of a recordset
        """
        last_id = 0
        while True:
            with side_env(self.env) as env:
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
