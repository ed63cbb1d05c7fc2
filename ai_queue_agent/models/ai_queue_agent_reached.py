# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

CRON = "ai_queue_agent.ir_cron_agent_reached"


class Start(NamedTuple):
    """An agent that starts on what a record reaches: a column, and values of it."""

    agent_id: int
    column: str
    values: tuple

    def is_reached(self):
        """The condition in SQL; an empty box is one that is not ticked."""
        column = SQL.identifier(self.column)
        if isinstance(self.values[0], bool):
            column = SQL("coalesce(%s, false)", column)
        return SQL("(%s = ANY(%s)) IS TRUE", column, list(self.values))


class AiQueueAgentReached(models.Model):
    """Records that have reached what an agent starts on, until it has started.

    Written in the transaction in which a record gets there: what is undone is not
    noted, and what is noted is not lost.
    """

    _name = "ai.queue.agent.reached"
    _description = "Record That an AI Agent Is to Look At"
    _log_access = False

    agent_id = fields.Many2one("ai.queue.agent", required=True, ondelete="cascade")
    res_id = fields.Integer(required=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now)

    # However often a record is written, in however many transactions.
    _record_uniq = models.UniqueIndex("(agent_id, res_id)")

    @api.model
    def _note(self, records, start, ids):
        """Note those of some records of a model that have reached it."""
        if not ids:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_queue_agent_reached (agent_id, res_id, date)
                SELECT %s, id, now() AT TIME ZONE 'UTC'
                  FROM %s
                 WHERE id = ANY(%s) AND %s
                    ON CONFLICT DO NOTHING
                """,
                start.agent_id,
                SQL.identifier(records._table),
                list(ids),
                start.is_reached(),
            )
        )
        if self.env.cr.rowcount:
            self._press_before_commit()

    @api.model
    def _find_elsewhere(self, records, start):
        """The ids of records that have not reached it, as the database knows them."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE id = ANY(%s) AND NOT %s",
                SQL.identifier(records._table),
                list(records._ids),
                start.is_reached(),
            )
        )
        return [row[0] for row in rows]

    def _press_before_commit(self):
        """Have the agents start soon; once however much is written."""
        precommit = self.env.cr.precommit
        if not precommit.data.get("ai_queue.reached"):
            precommit.data["ai_queue.reached"] = True
            precommit.add(self._press)

    def _press(self):
        self.env.cr.precommit.data.pop("ai_queue.reached", None)
        # Whoever writes the record need not see crons.
        self.env.ref(CRON).sudo()._trigger()
