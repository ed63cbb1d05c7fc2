# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .ai_queue_question import MAX_OPEN, OPEN_STATES


class AiQueueAgent(models.Model):
    _inherit = "ai.queue.agent"

    @api.model
    def _get_colleague(self):
        """The agent that answers the current user in chats: the first one that works on
        questions, and that the user may ask.

        :raise UserError: there is none
        """
        agents = self.search([("model", "=", "ai.queue.question")])
        for agent in agents:
            # Who may ask need not see groups.
            groups = agent.sudo().group_ids
            if not groups or groups & self.env.user.all_group_ids:
                return agent
        raise UserError(
            self.env._(
                "No agent answers your questions. Ask an administrator of AI Agents "
                "to switch one on, or to add one of your roles to it."
            )
        )

    # EXTENDS ai.queue.agent
    def _stop_work(self):
        """Who waits in a chat is told: what they write next is a new question."""
        self._find_questions("waiting")._call_off(self._say_off(), is_said=True)
        return super()._stop_work()

    # EXTENDS ai.queue.agent
    def unlink(self):
        # Its questions go with it, and what stands in chats of them would stay.
        for state in OPEN_STATES:
            self._find_questions(state)._call_off(
                self.env._("The agent was deleted"), is_said=state == "waiting"
            )
        return super().unlink()

    def _find_questions(self, *states):
        # Whoever may switch an agent off need not see what others asked.
        questions = self.env["ai.queue.question"].sudo()
        return questions.search([("agent_id", "in", self.ids), ("state", "in", states)])

    def _check_questions(self):
        """Raise a ``UserError`` unless the current user may ask one more question."""
        self.env["ai.queue.kind.ask"]._check_may_run()
        self._check_may_ask()
        # Whoever asked what, there shall not be too many.
        questions = self.env["ai.queue.question"].sudo()
        mine = [("user_id", "=", self.env.uid), ("state", "in", OPEN_STATES)]
        if questions.search_count(mine) >= MAX_OPEN:
            raise UserError(
                self.env._(
                    "I am still at %s questions of yours. Ask again when the first of "
                    "them are answered.",
                    MAX_OPEN,
                )
            )
        since = fields.Datetime.now() - timedelta(days=1)
        today = [("agent_id", "=", self.id), ("create_date", ">=", since)]
        most = self.max_records_per_day
        if most and questions.search_count(today) >= most:
            raise UserError(
                self.env._(
                    "I answer no more than %s questions a day. Ask again tomorrow, or "
                    "ask an administrator of AI Agents for a higher limit.",
                    most,
                )
            )
