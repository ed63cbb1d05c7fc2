# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from odoo.addons.ai_queue.asking.shapes import Known, Outcome
from odoo.addons.ai_queue.engine.client import ask_many

PARAMETER = "ai_queue_plain.one_at_a_time"


class AiQueueProvider(models.Model):
    _inherit = "ai.queue.provider"

    # OVERRIDE ai_queue
    def _ask(self, questions, *, kind, prompt_version, progress=None):
        """One question after the other, without a ledger: as a loop in a job does."""
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(PARAMETER):
            return super()._ask(
                questions, kind=kind, prompt_version=prompt_version, progress=progress
            )
        outcome = Outcome()
        batch = ask_many(self._get_endpoint(), questions, in_flight=1)
        for key, answer in batch.answers.items():
            outcome.answers[key] = Known(answer.data, answer.text, answer.model)
        outcome.errors = batch.errors
        return outcome
