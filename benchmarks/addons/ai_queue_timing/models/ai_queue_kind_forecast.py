# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
from contextlib import contextmanager

from odoo import models

_logger = logging.getLogger(__name__)


@contextmanager
def timed(step):
    begun = time.perf_counter()
    yield
    _logger.info("%s took %.4f s", step, time.perf_counter() - begun)


class AiQueueKindForecast(models.AbstractModel):
    """Each hook of a forecast job, with a clock around it."""

    _inherit = "ai.queue.kind.forecast"

    # EXTENDS ai_queue
    def _perform(self, records):
        with timed("job"):
            return super()._perform(records)

    # EXTENDS ai_queue
    def _relevant(self, targets, run):
        with timed("relevant"):
            return super()._relevant(targets, run)

    # EXTENDS ai_queue
    def _gather(self, targets):
        with timed("gather"):
            return super()._gather(targets)

    # EXTENDS ai_queue
    def _ask(self, requests, progress):
        with timed("ask"):
            return super()._ask(requests, progress)

    # EXTENDS ai_queue
    def _apply(self, targets, answers, run):
        with timed("apply"):
            return super()._apply(targets, answers, run)
