# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Logs what a call costs beside the model: admission, settlement, their cursors."""

import functools
import logging
import time

from odoo.addons.ai_queue.asking.ask import Asking

_logger = logging.getLogger(__name__)


def _clock(name):
    method = getattr(Asking, name)

    @functools.wraps(method)
    def timed(self, *arguments):
        begun = time.perf_counter()
        try:
            return method(self, *arguments)
        finally:
            _logger.info("%s took %.4f s", name, time.perf_counter() - begun)

    setattr(Asking, name, timed)


_clock("_admit")
_clock("_on_answer")
