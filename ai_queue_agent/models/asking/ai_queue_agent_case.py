# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AiQueueAgentCase(models.Model):
    """The steps that an agent takes to answer a question."""

    _inherit = "ai.queue.agent.case"

    # EXTENDS ai.queue.agent.case
    def _go_on(self):
        if self.res_model == "ai.queue.question":
            return self._get_records()._go_on()
        return super()._go_on()

    # EXTENDS ai.queue.agent.case
    def _get_subject(self):
        if self.res_model == "ai.queue.question":
            return self._get_records()._get_subject()
        return super()._get_subject()
