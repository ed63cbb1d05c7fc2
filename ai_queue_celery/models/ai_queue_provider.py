# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from .. import broker
from ..asking import HandedAsking


class AiQueueProvider(models.Model):
    _inherit = "ai.queue.provider"

    # EXTENDS ai_queue
    def _get_asking(self, asker, questions, prompt_version, can_do_without):
        """Questions of a run go to the workers, where that is switched on."""
        args = (asker, questions, prompt_version, can_do_without)
        # Outside of a run somebody waits for the answer.
        is_local = not asker.run_job_id or self.sudo().type == "local"
        if is_local or not self._is_handed(asker):
            return super()._get_asking(*args)
        found = broker.get()
        return HandedAsking(found, self, *args) if found else super()._get_asking(*args)

    def _is_handed(self, asker):
        """Switched on, or switched off while something was out."""
        # What is configured, and the calls of one's own job.
        bridge = self.env["ai.queue.bridge"].sudo()
        calls = self.env["ai.queue.call"].sudo()
        return bridge._is_on() or bool(calls._get_out(asker.run_job_id))
