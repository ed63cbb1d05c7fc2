# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time

from odoo import models

_logger = logging.getLogger(__name__)


class AiQueueKindInvoice(models.AbstractModel):
    """Each file that is really read leaves a line in the log."""

    _inherit = "ai.queue.kind.invoice"

    # EXTENDS ai_queue
    def _read(self, request, answers, end):
        begun = time.perf_counter()
        document = super()._read(request, answers, end)
        took = time.perf_counter() - begun
        _logger.info("reading %s took %.4f s", request.reading_id, took)
        return document
